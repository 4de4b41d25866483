"""A client process: takes one job from stdin, prepares, waits for the word, and prints what came.

Started by the driver as `python -m tests.bench.client`. Whatever can be made before the clock
starts is made before the process says that it is ready.
"""

import uvloop

from .gate import Gate
from .jobs import (
    JOB,
    BatchJob,
    EchoJob,
    LoadResult,
    RestJob,
    SdkJob,
    SwapJob,
    TransferJob,
    WatchJob,
    WatchResult,
)
from .senders import send_batches, send_by_sdk, send_echoes, send_rest_transfers, send_transfers
from .swapping import send_swaps
from .watchers import watch_streams


async def main() -> None:
    """Do the job that stdin tells."""
    gate = Gate()
    job = JOB.validate_json(await gate.read())
    result: LoadResult | WatchResult
    match job:
        case EchoJob():
            result = await send_echoes(job, gate)
        case TransferJob():
            result = await send_transfers(job, gate)
        case RestJob():
            result = await send_rest_transfers(job, gate)
        case BatchJob():
            result = await send_batches(job, gate)
        case SwapJob():
            result = await send_swaps(job, gate)
        case SdkJob():
            result = await send_by_sdk(job, gate)
        case WatchJob():
            result = await watch_streams(job, gate)
    print(result.model_dump_json(), flush=True)


if __name__ == "__main__":
    # uvloop in every process of the benchmark, see `bare_server`.
    uvloop.run(main())
