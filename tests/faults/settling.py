"""After a round: everything stands still, unanswered requests are sent again, answered ones too."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from time import monotonic_ns

from .calling import Caller, fence_draft
from .checks import PASSING
from .ledger import Ledger
from .records import Attempt, Draft, Verdict

_SERVE_AGAIN_SECONDS = 20.0
_BATCH = 500
_REPLAYS = 1_500


@dataclass(slots=True, frozen=True)
class Settlement:
    """What came out when everything stood still.

    Attributes:
        before: Transactions that were in the ledger before anything was sent again.
        from_ns: When that was.
        unknown: How many requests nobody had answered, and how many of them had happened.
    """

    before: frozenset[str]
    from_ns: int
    unknown: int
    happened: int


async def settle(
    caller: Caller, ledger: Ledger, attempts: Sequence[Attempt], random: Random
) -> Settlement:
    """Finds out what became of every request; what it is told is in the caller's report.

    Raises:
        TimeoutError: A server does not serve again.
    """
    await fence(caller)
    before, from_ns = await ledger.peek(), monotonic_ns()
    unanswered, answered = _unanswered(attempts)
    for number, part in enumerate(_batches(unanswered)):
        await _send_until_settled(caller, number % 2, part)
    again = random.sample(answered, min(_REPLAYS, len(answered)))
    for number, part in enumerate(_batches(again)):
        await _send_until_settled(caller, number % 2, part)
    # One single replay of each server's, for it answers from the journal.
    for server, draft in enumerate(d for d in again[:20] if len(d.movements) == 1):
        await caller.insist(server % 2, draft, patience_seconds=_SERVE_AGAIN_SECONDS)
    await fence(caller)
    happened = sum(draft.transaction_id in before for draft in unanswered)
    return Settlement(before, from_ns, len(unanswered), happened)


async def fence(caller: Caller) -> None:
    """Passes a transaction through each server's queue: what was before it is over."""
    for server in (0, 1):
        await caller.insist(server, fence_draft(), patience_seconds=_SERVE_AGAIN_SECONDS)


async def _send_until_settled(caller: Caller, server: int, drafts: Sequence[Draft]) -> None:
    left = drafts
    async with asyncio.timeout(_SERVE_AGAIN_SECONDS):
        while left:
            attempts = await caller.send_batch(server, left)
            left = [attempt.draft for attempt in attempts if not _is_settled(attempt)]
            server = 1 - server


def _is_settled(attempt: Attempt) -> bool:
    return attempt.verdict is not Verdict.UNKNOWN and attempt.reason not in PASSING


def _batches(drafts: Sequence[Draft]) -> Iterator[Sequence[Draft]]:
    for start in range(0, len(drafts), _BATCH):
        yield drafts[start : start + _BATCH]


def _unanswered(attempts: Sequence[Attempt]) -> tuple[list[Draft], list[Draft]]:
    """Parts drafts into those that nobody answered for good, and those that were acknowledged."""
    accepted = {a.draft.transaction_id: a.draft for a in attempts if a.accepted}
    unknown = {a.draft.transaction_id: a.draft for a in attempts if a.verdict is Verdict.UNKNOWN}
    unanswered = [draft for id_, draft in unknown.items() if id_ not in accepted]
    return unanswered, list(accepted.values())
