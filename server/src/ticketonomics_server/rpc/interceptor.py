"""What happens around every call, in one place: admission, the method, observing, errors told."""

from collections.abc import AsyncIterator, Callable
from inspect import isasyncgen
from time import perf_counter
from typing import Any

import grpc
from grpc_interceptor.server import AsyncServerInterceptor

from ticketonomics_server import metrics
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.rpc.admission import Admission
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.errors import abort
from ticketonomics_server.rpc.observing import observe


class CallInterceptor(AsyncServerInterceptor):
    """The only interceptor: each one more is two coroutines more for every call.

    Args:
        last_sequence: The newest entry of an economy that this server knows of.
        max_streams: Streams that may be open at once.

    Attributes:
        open_streams: Streams that are open now.
    """

    def __init__(
        self, admission: Admission, *, last_sequence: Callable[[int], int], max_streams: int
    ) -> None:
        self.open_streams = 0
        self._admission = admission
        self._last_sequence = last_sequence
        self._max_streams = max_streams
        self._handlers: dict[str, Any] = {}

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Wraps a method's handler once: it is the same for every call."""
        method_name = handler_call_details.method
        handler = self._handlers.get(method_name)
        if handler is None:
            wrap: Any = super().intercept_service
            handler = await wrap(continuation, handler_call_details)
            if handler is not None:
                self._handlers[method_name] = handler
        return handler

    async def intercept(
        self,
        method: Callable[[Any, Context], Any],
        request: Any,
        context: Context,
        method_name: str,
    ) -> Any:
        """Returns a unary method's answer, or the generator of a stream's."""
        began = perf_counter()
        try:
            await self._admission.admit(request, context, method_name)
            answer = method(request, context)
            if isasyncgen(answer):
                return self._stream(answer, request, context, method_name)
            answer = await answer
        except BaseException as error:  # noqa: BLE001 - this is where all of them end.
            observe(method_name, request, context, began, error)
            await self._tell(error, context, method_name)
        else:
            observe(method_name, request, context, began)
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
        except Exception as error:  # noqa: BLE001 - as above.
            observe(method_name, request, context, perf_counter(), error)
            await self._tell(error, context, method_name)
        finally:
            self.open_streams -= 1
            metrics.open_streams.set(self.open_streams)

    async def _tell(self, error: BaseException, context: Context, method_name: str) -> None:
        """Ends the call with a status: the last thing that happens to it."""
        if not isinstance(error, Exception) or isinstance(error, grpc.aio.AbortError):
            raise error
        if not isinstance(error, Rejection):
            error = report_incident(error, "a call failed", method=method_name)
        call = current_call(None)
        if call is not None:
            error.metadata.setdefault("last_sequence", str(self._last_sequence(call.economy_id)))
        await abort(context, error)
