"""What happens around every call: errors told, calls observed, callers known, rates held."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import isasyncgen, iscoroutine
from time import perf_counter
from typing import Any

import grpc
import structlog
from grpc_interceptor.server import AsyncServerInterceptor

from ticketonomics_server import metrics
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.rpc.call import ANYBODY, Call, Context, current_call, set_call
from ticketonomics_server.rpc.errors import STATUS_OF_REASON, abort
from ticketonomics_server.rpc.handlers import UNREADABLE
from ticketonomics_server.rpc.limits import RateLimits
from ticketonomics_server.rpc.permissions import PERMISSIONS, Permission

log = structlog.get_logger(__name__)

SLOW_SECONDS = 1.0

AUTHORIZATION = "authorization"
ACTING_FOR = "ticketonomics-acting-for"
ECONOMY = "ticketonomics-economy"

# These tell nothing about any economy.
_OPEN_SERVICES = ("/grpc.health.", "/grpc.reflection.")

Handler = Callable[[Any, Context], Any]


async def _proceed(method: Handler, request: Any, context: Context) -> Any:
    """Calls what is inside: the answer of a unary method, the generator of a stream."""
    answer = method(request, context)
    return await answer if iscoroutine(answer) else answer


class ErrorInterceptor(AsyncServerInterceptor):
    """Tells refusals and faults as statuses. The outermost, for the abort is the last thing done.

    Args:
        last_sequence: The newest entry of an economy that this server knows of.
    """

    def __init__(self, last_sequence: Callable[[int], int]) -> None:
        self._last_sequence = last_sequence
        self._handlers: dict[str, Any] = {}

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Builds a method's chain of interceptors once: it is the same for every call."""
        method_name = handler_call_details.method
        handler = self._handlers.get(method_name)
        if handler is None:
            build: Any = super().intercept_service
            handler = await build(continuation, handler_call_details)
            if handler is not None:
                self._handlers[method_name] = handler
        return handler

    async def intercept(
        self, method: Handler, request: Any, context: Context, method_name: str
    ) -> Any:
        try:
            answer = await _proceed(method, request, context)
        except Exception as error:  # noqa: BLE001 - this is where all of them end.
            await self._tell(error, context, method_name)
        else:
            return self._stream(answer, context, method_name) if isasyncgen(answer) else answer

    async def _stream(
        self, answers: AsyncIterator[Any], context: Context, method_name: str
    ) -> AsyncIterator[Any]:
        try:
            async for answer in answers:
                yield answer
        except Exception as error:  # noqa: BLE001 - as above.
            await self._tell(error, context, method_name)

    async def _tell(self, error: Exception, context: Context, method_name: str) -> None:
        if isinstance(error, grpc.aio.AbortError):
            raise error
        if not isinstance(error, Rejection):
            error = report_incident(error, "a call failed", method=method_name)
        call = current_call(None)
        if call is not None:
            error.metadata.setdefault("last_sequence", str(self._last_sequence(call.economy_id)))
        await abort(context, error)


class ObservingInterceptor(AsyncServerInterceptor):
    """Counts and times calls, and logs those that are slow, refused or failed.

    Attributes:
        open_streams: Streams that are open now, held below `max_streams`.
    """

    def __init__(self, max_streams: int) -> None:
        self.open_streams = 0
        self._max_streams = max_streams
        self._seconds: dict[tuple[str, str], Callable[[float], None]] = {}

    async def intercept(
        self, method: Handler, request: Any, context: Context, method_name: str
    ) -> Any:
        began = perf_counter()
        try:
            answer = await _proceed(method, request, context)
        except BaseException as error:
            self._observe(method_name, request, context, began, error)
            raise
        if isasyncgen(answer):
            return self._stream(answer, request, context, method_name)
        self._observe(method_name, request, context, began, None)
        return answer

    async def _stream(
        self, answers: AsyncIterator[Any], request: Any, context: Context, method_name: str
    ) -> AsyncIterator[Any]:
        self.open_streams += 1
        metrics.open_streams.set(self.open_streams)
        try:
            if self.open_streams > self._max_streams:
                raise Rejection(
                    Reason.RATE_LIMITED, "this server has no stream to spare", retry_seconds=5.0
                )
            async for answer in answers:
                yield answer
        except Exception as error:
            self._observe(method_name, request, context, perf_counter(), error)
            raise
        finally:
            self.open_streams -= 1
            metrics.open_streams.set(self.open_streams)

    def _observe(
        self,
        method_name: str,
        request: Any,
        context: Context,
        began: float,
        error: BaseException | None,
    ) -> None:
        seconds = perf_counter() - began
        code = _code_of(error)
        observe = self._seconds.get((method_name, code))
        if observe is None:
            observe = metrics.rpc_seconds.labels(method_name, code).observe
            self._seconds[method_name, code] = observe
        observe(seconds)
        if error is None and seconds < SLOW_SECONDS:
            return
        facts = {"method": method_name, "code": code, "seconds": round(seconds, 4)}
        if request_id := _request_id(request):
            facts["request_id"] = request_id
        call = current_call(None)
        if call is not None:
            facts |= {"economy": call.economy, "application": call.caller.application_id}
        if isinstance(error, Rejection):
            metrics.refusals.labels(error.reason).inc()
            log.info("refused", reason=error.reason.value, peer=context.peer(), **facts)
        elif isinstance(error, asyncio.CancelledError):
            log.debug("the caller went away", **facts)
        elif error is None:
            log.warning("slow", **facts)


def _request_id(request: Any) -> str:
    found = getattr(request, "request_id", "") or getattr(request, "transaction_id", "")
    return found if isinstance(found, str) else ""


def _code_of(error: BaseException | None) -> str:
    if error is None:
        return "OK"
    if isinstance(error, Rejection):
        return STATUS_OF_REASON[error.reason].name
    return "CANCELLED" if isinstance(error, asyncio.CancelledError) else "INTERNAL"


class AuthenticationInterceptor(AsyncServerInterceptor):
    """Finds out who calls, and whether it may call this method at all.

    Args:
        identify: From a call's `authorization` and person acted for; refuses bad ones.
        find_economy: The economy of this name, for public reads without a key.
    """

    def __init__(
        self,
        *,
        identify: Callable[[str, str], Awaitable[Call]],
        find_economy: Callable[[str], Awaitable[Call]],
        default_economy: str,
        limits: RateLimits,
    ) -> None:
        self._limits = limits
        self._identify = identify
        self._find_economy = find_economy
        self._default_economy = default_economy

    async def intercept(
        self, method: Handler, request: Any, context: Context, method_name: str
    ) -> Any:
        permission = PERMISSIONS.get(method_name)
        if permission is None:
            raise Rejection(
                Reason.SCOPE_MISSING, f"{method_name} is not open to anybody", scope="none"
            )
        if not method_name.startswith(_OPEN_SERVICES):
            call = await self._authenticate(context)
            set_call(call)
            _guard_scope(permission, call, method_name)
        return await _proceed(method, request, context)

    async def _authenticate(self, context: Context) -> Call:
        authorization = acting_for = economy = ""
        for name, value in context.invocation_metadata() or ():
            if name == AUTHORIZATION:
                authorization = str(value)
            elif name == ACTING_FOR:
                acting_for = str(value)
            elif name == ECONOMY:
                economy = str(value)
        if authorization:
            try:
                return await self._identify(authorization, acting_for)
            except Rejection:
                # Guessing keys costs what calling without one does.
                self._limits.spend_anonymously(context.peer(), 1)
                raise
        return await self._find_economy(economy or self._default_economy)


def _guard_scope(permission: Permission, call: Call, method_name: str) -> None:
    if permission.public:
        return
    if call.caller is ANYBODY:
        raise Rejection(
            Reason.CREDENTIALS_MISSING, f"{method_name} needs `authorization: Bearer {{API key}}`"
        )
    if permission.scope and permission.scope not in call.caller.scopes:
        raise Rejection(
            Reason.SCOPE_MISSING,
            f"{method_name} needs the scope {permission.scope}",
            scope=permission.scope,
        )


class RateLimitInterceptor(AsyncServerInterceptor):
    """Holds each application to its calls a second, and each address that calls without a key."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits

    async def intercept(
        self, method: Handler, request: Any, context: Context, method_name: str
    ) -> Any:
        call = current_call(None)
        if call is not None:
            calls = 1 + len(getattr(request, "transactions", ())) // 101
            if call.caller is ANYBODY:
                self._limits.spend_anonymously(context.peer(), calls)
            else:
                self._limits.spend(call.caller.application_id, call.rate_limit_rps, calls)
        if request is UNREADABLE:
            raise Rejection(Reason.INVALID_FIELD, "the request is no message of its type", field="")
        return await _proceed(method, request, context)
