"""What is counted, timed and logged of calls."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Any

import structlog

from ticketonomics_server import metrics
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.errors import STATUS_OF_REASON

SLOW_SECONDS = 1.0

log = structlog.get_logger(__name__)

_observers: dict[tuple[str, str], Callable[[float], None]] = {}


def observe(
    method_name: str,
    request: Any,
    context: Context,
    began: float,
    error: BaseException | None = None,
) -> None:
    """Counts and times a call that has ended, and logs it if it was slow, refused or failed.

    Args:
        began: By `perf_counter`.
        error: What it ended with; None where all went well.
    """
    seconds = perf_counter() - began
    code = "OK" if error is None else _code_of(error)
    observer = _observers.get((method_name, code))
    if observer is None:
        observer = metrics.rpc_seconds.labels(method_name, code).observe
        _observers[method_name, code] = observer
    observer(seconds)
    if error is not None or seconds >= SLOW_SECONDS:
        facts = {"method": method_name, "code": code, "seconds": round(seconds, 4)}
        _log(request, context, error, facts)


def _code_of(error: BaseException) -> str:
    if isinstance(error, Rejection):
        return STATUS_OF_REASON[error.reason].name
    return "CANCELLED" if isinstance(error, asyncio.CancelledError) else "INTERNAL"


def _log(
    request: Any, context: Context, error: BaseException | None, facts: dict[str, Any]
) -> None:
    if request_id := _request_id(request):
        facts["request_id"] = request_id
    call = current_call(None)
    if call is not None:
        facts |= {"economy": call.economy, "application": call.caller.application_id}
    if isinstance(error, Rejection):
        if not error.counted:
            metrics.refusals.labels(error.reason).inc()
        log.info("refused", reason=error.reason.value, peer=context.peer(), **facts)
    elif isinstance(error, asyncio.CancelledError):
        log.debug("the caller went away", **facts)
    elif error is None:
        log.warning("slow", **facts)


def _request_id(request: Any) -> str:
    found = getattr(request, "request_id", "") or getattr(request, "transaction_id", "")
    return found if isinstance(found, str) else ""
