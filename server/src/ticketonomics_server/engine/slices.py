"""Slices of submissions: which are wanted, how they are answered, cut into turns and halved."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from ticketonomics_server.engine.command import Outcome, Slice
from ticketonomics_server.engine.rejection import Reason, Rejection

# The event loop gets its turn after this many decisions, one or two milliseconds: the block before
# is being written meanwhile, and each of its steps waits for a turn.
_DECISIONS_A_TURN = 128


def is_wanted(part: Slice) -> bool:
    """Tells whether anybody still waits; answers commands whose deadline has passed."""
    submission = part.submission
    if submission.abandoned:
        return False
    late = (
        submission.deadline is not None and asyncio.get_running_loop().time() >= submission.deadline
    )
    if late:
        answer_all(
            [part], Rejection(Reason.DEADLINE_PASSED, "the deadline passed before it was started")
        )
    return not late


def answer_all(parts: Sequence[Slice], outcome: Outcome) -> None:
    """Gives commands that have no outcome yet this one."""
    for part in parts:
        for index in range(part.start, part.stop):
            part.submission.answer(index, outcome)


def halves(slices: list[Slice]) -> tuple[list[Slice], list[Slice]]:
    """Divides slices in the middle, or a single one in two."""
    if len(slices) == 1:
        first, second = slices[0].split()
        return [first], [second]
    middle = len(slices) // 2
    return slices[:middle], slices[middle:]


async def turns(slices: Sequence[Slice]) -> AsyncIterator[Slice]:
    """Cuts slices into pieces, and lets the event loop turn now and then."""
    decided = 0
    for part in slices:
        for start in range(part.start, part.stop, _DECISIONS_A_TURN):
            piece = Slice(part.submission, start, min(start + _DECISIONS_A_TURN, part.stop))
            yield piece
            decided += piece.size
            if decided >= _DECISIONS_A_TURN:
                decided = 0
                await asyncio.sleep(0)
