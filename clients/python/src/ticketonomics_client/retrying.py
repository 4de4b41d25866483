"""When a call is tried again, after which pause, and what to make of its last error."""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_before_delay

from ticketonomics_client.errors import RefusedError, TicketonomicsError, UnavailableError
from ticketonomics_client.policies import DEFAULT_POLICY, Policy

Answer = TypeVar("Answer")


def pause_seconds(
    attempt: int, error: BaseException | None, policy: Policy = DEFAULT_POLICY
) -> float:
    """Returns the pause after a failed attempt, counted from 1.

    Full jitter on top of what the server asked for, so that callers who were refused together do
    not come back together.
    """
    asked = error.retry_delay_seconds if isinstance(error, TicketonomicsError) else 0.0
    return asked + random.uniform(0, policy.pause_ceiling_seconds(attempt))


def conclude(error: TicketonomicsError, *, in_doubt: bool) -> TicketonomicsError:
    """Returns the error to raise when no attempt is left.

    After an attempt that nobody answered, "the queue is full" would tell the caller that nothing
    happened, although that earlier attempt may have been accepted.

    Args:
        error: What the last attempt raised.
        in_doubt: Whether an earlier attempt of a mutating request was not answered.
    """
    if not in_doubt or not isinstance(error, RefusedError) or error.settles:
        return error
    return UnavailableError(
        f"not answered at first, then refused: {error.message}",
        reason_name=error.reason_name,
        metadata=error.metadata,
        code=error.code,
        retry_delay_seconds=error.retry_delay_seconds,
        request_id=error.request_id,
    )


async def with_retries(
    attempt: Callable[[], Awaitable[Answer]],
    *,
    timeout_seconds: float,
    mutating: bool,
    policy: Policy = DEFAULT_POLICY,
) -> Answer:
    """Runs attempts until one is answered for good, the time is over, or it may not be tried again.

    Raises:
        TicketonomicsError: The last attempt's, as `conclude` puts it.
    """
    in_doubt = False

    async def once() -> Answer:
        nonlocal in_doubt
        try:
            return await attempt()
        except UnavailableError:
            in_doubt = mutating
            raise

    retrying = AsyncRetrying(
        retry=retry_if_exception(
            lambda error: (
                policy.retried and isinstance(error, TicketonomicsError) and error.retryable
            )
        ),
        wait=lambda state: pause_seconds(state.attempt_number, _error(state), policy),
        stop=stop_before_delay(timeout_seconds),
        reraise=True,
    )
    try:
        return await retrying(once)
    except TicketonomicsError as error:
        raise conclude(error, in_doubt=in_doubt) from error.__cause__


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
