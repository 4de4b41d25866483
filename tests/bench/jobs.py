"""What the driver tells a client process to do, and what it gets back: one line of JSON each."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter


class _Job(BaseModel, frozen=True):
    target: str
    seconds: float
    # Calls in flight, or streams open, in this process.
    concurrency: int
    # Makes the processes of one phase, and the phases of one run, choose different transfers.
    seed: int = 0
    # Of the operator's application; the bare echo asks for none.
    api_key: str = ""
    accounts: int = 10_000


class EchoJob(_Job, frozen=True):
    """Unary calls to the bare server."""

    kind: Literal["echo"] = "echo"


class TransferJob(_Job, frozen=True):
    """Unary transfers, as fast as the answers come or, unless it is 0, `paced_tps` a second."""

    kind: Literal["transfer"] = "transfer"
    paced_tps: float = 0.0


class RestJob(_Job, frozen=True):
    """Unary transfers by REST: `target` is a gateway's."""

    kind: Literal["rest"] = "rest"


class BatchJob(_Job, frozen=True):
    """Batches of transfers: uniform, or all to one account."""

    kind: Literal["batch"] = "batch"
    batch_size: int
    hot: bool


class SwapJob(_Job, frozen=True):
    """Swaps with one hot pool, in batches or, with 0, each in a call of its own."""

    kind: Literal["swap"] = "swap"
    batch_size: int = 0


class SdkJob(_Job, frozen=True):
    """Concurrent callers of the SDK's `transfer`."""

    kind: Literal["sdk"] = "sdk"


class WatchJob(_Job, frozen=True):
    """Open streams of the bare server, or of ours.

    `seconds` is how long the bare streams are counted, and how long ours may lag at the end.
    """

    kind: Literal["watch"] = "watch"
    bare: bool
    delays: bool = False


Job = EchoJob | TransferJob | RestJob | BatchJob | SwapJob | SdkJob | WatchJob
JOB: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="kind")])


class LoadResult(BaseModel):
    """What one client process sent."""

    acknowledged: int
    # Of those, the ones that were acknowledged the first time; only they count for the rate.
    at_once: int
    # Calls that had to be repeated, with the same ids, until they were answered.
    repeated: int
    # From the first call to the last answer.
    seconds: float
    latencies_us: list[int] = []
    # What the acknowledged transfers did to each account, by its number.
    net: list[int] = []
    last_sequence: int = 0
    # Ids with the sequence numbers that they were acknowledged with, to be read back.
    samples: dict[str, int] = {}


class WatchResult(BaseModel):
    """What the streams of one client process received."""

    # Transactions, over all streams.
    delivered: int
    messages: int
    # From the first to the last transaction.
    seconds: float
    # Whether all streams had seen the last entry when the time was up.
    caught_up: bool
    # Transactions of the stream that got fewest and of the one that got most.
    fewest: int
    most: int
    # Whether each stream's sequence numbers only rose.
    ordered: bool
    delays_us: list[int] = []
