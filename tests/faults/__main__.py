"""`python -m tests.faults --rounds 30 [--seed 7]`: a line a round, and a line at the end."""

import argparse
import asyncio
import secrets
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

from .campaign import RoundResult, campaign_in

_SHOWN_VIOLATIONS = 10


def main() -> int:
    arguments = _parse()
    seed = secrets.randbelow(10**6) if arguments.seed is None else arguments.seed
    # As root, Postgres runs as another user, who has to get through.
    folder = Path(tempfile.mkdtemp(prefix="ticketonomics-faults-"))
    folder.chmod(0o755)
    print(f"{arguments.rounds} rounds, seed {seed}", flush=True)
    try:
        failed = asyncio.run(_run(arguments.rounds, seed, folder))
    except (KeyboardInterrupt, asyncio.CancelledError):
        shutil.rmtree(folder, ignore_errors=True)
        print("stopped", file=sys.stderr)
        return 130
    if failed:
        print(f"the data folder and the servers' logs are kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{arguments.rounds - failed} passed, {failed} failed")
    return 1 if failed else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="how many faults")
    parser.add_argument("--seed", type=int, help="of which faults, when, and what is sent")
    return parser.parse_args()


async def _run(rounds: int, seed: int, folder: Path) -> int:
    """Runs the rounds, and returns how many failed or could not be run."""
    # Somebody who ends us wants our processes ended too.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    passed = 0
    try:
        async with campaign_in(folder, seed) as campaign:
            async for result in campaign.run(rounds):
                _tell(result, rounds)
                passed += not result.violations
    except Exception:  # noqa: BLE001 - whatever it is, the rounds that are left were not passed.
        print("the campaign cannot go on:")
        traceback.print_exc(file=sys.stdout)
    return rounds - passed


def _tell(result: RoundResult, rounds: int) -> None:
    print(
        f"{result.number:>3}/{rounds}  {result.fault:<26}"
        f"acknowledged {result.acknowledged:<8}"
        f"unknown {result.unknown:>4} ({result.happened:>3} had happened)  "
        f"refused {result.refused:>4}  blocks {result.blocks:>4}  "
        f"stories {result.stories:>3}  {result.seconds:4.1f} s"
        f"{'  ' + result.note if result.note else ''}",
        flush=True,
    )
    for violation in result.violations[:_SHOWN_VIOLATIONS]:
        print(f"         FAILED: {violation}", flush=True)
    hidden = len(result.violations) - _SHOWN_VIOLATIONS
    if hidden > 0:
        print(f"         and {hidden} more", flush=True)


if __name__ == "__main__":
    sys.exit(main())
