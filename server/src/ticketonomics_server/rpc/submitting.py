"""Hands commands to the economy's sequencer, as a servicer does."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ticketonomics_server.engine.command import Accepted, Command, NothingToDo, Submission
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.rpc.call import Call, Context


class Done(NamedTuple):
    """What became of one accepted command.

    Attributes:
        sequence: Its entry; 0 where it changed nothing and made none.
        value: What its decision gave, None in a replay.
        last_sequence: Newest entry that the decision saw.
    """

    sequence: int
    replayed: bool
    value: Any
    last_sequence: int
    submission: Submission


async def submit_one(
    economies: Economies, call: Call, context: Context, command: Command, *, weight: int = 1
) -> Done:
    """Submits a command and returns what became of it.

    Args:
        weight: Its postings, for the limits of queue and block.

    Raises:
        Rejection: It was refused.
    """
    submission = await submit_all(economies, call, context, [command], weight=weight)
    outcome = submission.outcomes[0]
    last_sequence = submission.last_sequence
    if isinstance(outcome, Accepted):
        return Done(outcome.sequence, outcome.replayed, outcome.value, last_sequence, submission)
    if isinstance(outcome, NothingToDo):
        return Done(0, False, outcome.value, last_sequence, submission)
    assert isinstance(outcome, Rejection), "a finished submission has an outcome"
    raise _as_seen(outcome, last_sequence)


def _as_seen(refusal: Rejection, last_sequence: int) -> Rejection:
    """Tells with a refusal the newest entry that it saw; many callers may share one refusal."""
    if not last_sequence:
        return refusal
    facts = {"last_sequence": str(last_sequence), **refusal.metadata}
    seen = Rejection(refusal.reason, refusal.message, retry_seconds=refusal.retry_seconds, **facts)
    seen.counted = refusal.counted
    return seen


async def submit_all(
    economies: Economies,
    call: Call,
    context: Context,
    commands: Sequence[Command],
    *,
    weight: int,
) -> Submission:
    """Submits commands that are decided one after the other, and waits for all outcomes."""
    if call.suspended:
        raise Rejection(
            Reason.ECONOMY_SUSPENDED, f"{call.economy} accepts no changes", economy=call.economy
        )
    economy = await economies.get(call.economy_id)
    return await economy.sequencer.submit(
        call.caller, commands, weight=weight, timeout_seconds=context.time_remaining()
    )
