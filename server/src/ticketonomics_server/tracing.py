"""OpenTelemetry spans of calls and blocks. Only imported where an endpoint is set."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from inspect import isasyncgen
from threading import Thread
from time import perf_counter_ns, time_ns
from typing import Any

import grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import (
    SERVICE_NAME,
    SERVICE_VERSION,
    OTELResourceDetector,
    Resource,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ticketonomics_server import __version__
from ticketonomics_server.engine.pace import MadeBlock
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.errors import STATUS_OF_REASON
from ticketonomics_server.rpc.interceptor import CallInterceptor

EXPORT_SECONDS = 5
CLOSE_SECONDS = 3.0

# What went wrong on this side, as OpenTelemetry's conventions for gRPC have it.
_FAULTS = {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}


class Tracing:
    """Makes spans and sends them, in a thread of its own; a collector that is away loses them.

    Args:
        endpoint: Of an OTLP collector, by gRPC; None leaves it to OpenTelemetry's own variables.
    """

    def __init__(self, endpoint: str | None) -> None:
        self._provider = TracerProvider(resource=_resource())
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("ticketonomics_server", __version__)
        self._propagator = TraceContextTextMapPropagator()

    def interceptor(self, *args: Any, **kwargs: Any) -> CallInterceptor:
        """Makes the interceptor that has a span around each call."""
        return TracingInterceptor(self, *args, **kwargs)

    def begin_call(self, method_name: str, context: Context) -> Span:
        """Begins a call's span, within the caller's trace if the call names one."""
        carrier = {name: str(value) for name, value in context.invocation_metadata() or ()}
        service, _, method = method_name.removeprefix("/").partition("/")
        return self._tracer.start_span(
            method_name.removeprefix("/"),
            context=self._propagator.extract(carrier),
            kind=SpanKind.SERVER,
            attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": method},
        )

    def end_call(self, span: Span, error: BaseException | None = None) -> None:
        """Ends a call's span with what became of it."""
        call = current_call(None)
        if call is not None:
            span.set_attribute("ticketonomics.economy", call.economy)
            span.set_attribute("ticketonomics.application", call.caller.application_id)
        code, reason = _outcome(error)
        span.set_attribute("rpc.grpc.status_code", code.value[0])
        span.set_attribute("ticketonomics.code", code.name)
        if reason:
            span.set_attribute("ticketonomics.reason", reason)
        if code.name in _FAULTS:
            span.set_status(StatusCode.ERROR)
        span.end()

    def block(self, made: MadeBlock) -> None:
        """Makes the span of a block, its phases as events at their ends."""
        # Phases are measured by a clock that never jumps.
        offset = time_ns() - perf_counter_ns()
        span = self._tracer.start_span(
            "block",
            start_time=_nanoseconds(made.laps[0].began) + offset,
            attributes={
                "ticketonomics.economy": made.economy,
                "ticketonomics.height": made.height,
                "ticketonomics.entries": made.entries,
            },
        )
        for lap in made.laps:
            seconds = {"seconds": lap.ended - lap.began}
            span.add_event(lap.phase, seconds, _nanoseconds(lap.ended) + offset)
        span.end(_nanoseconds(made.laps[-1].ended) + offset)

    async def close(self) -> None:
        """Sends what is left, as long as that does not hold up the end of the server."""
        closing = Thread(target=self._provider.shutdown, name="closing traces", daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, CLOSE_SECONDS)


class TracingInterceptor(CallInterceptor):
    """The interceptor with a span around each call."""

    def __init__(self, tracing: Tracing, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tracing = tracing

    async def intercept(
        self,
        method: Callable[[Any, Context], Any],
        request: Any,
        context: Context,
        method_name: str,
    ) -> Any:
        """Does what the other one does, and tells of it."""
        span = self._tracing.begin_call(method_name, context)
        try:
            answer = await super().intercept(method, request, context, method_name)
        except BaseException as error:
            self._tracing.end_call(span, error)
            raise
        if isasyncgen(answer):
            return self._traced(answer, span)
        self._tracing.end_call(span)
        return answer

    async def _traced(self, answers: Any, span: Span) -> AsyncIterator[Any]:
        try:
            async with aclosing(answers):
                async for answer in answers:
                    yield answer
        except BaseException as error:
            self._tracing.end_call(span, error)
            raise
        self._tracing.end_call(span)


def _outcome(error: BaseException | None) -> tuple[grpc.StatusCode, str]:
    """Tells the status that a call ended with, and the reason if it was refused."""
    if error is None:
        return grpc.StatusCode.OK, ""
    if isinstance(error, (asyncio.CancelledError, GeneratorExit)):
        return grpc.StatusCode.CANCELLED, ""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, Rejection):
        cause = cause.__context__
    if cause is None:
        return grpc.StatusCode.INTERNAL, "INTERNAL"
    return STATUS_OF_REASON[cause.reason], cause.reason.value


def _resource() -> Resource:
    """Says who we are, unless the operator does with OTEL_SERVICE_NAME or _RESOURCE_ATTRIBUTES."""
    ours = Resource({SERVICE_NAME: "ticketonomics-server", SERVICE_VERSION: __version__})
    return ours.merge(OTELResourceDetector().detect())


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e9)
