"""OpenTelemetry spans of requests. Only imported where an endpoint is set."""

from __future__ import annotations

import asyncio
from threading import Thread

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import (
    SERVICE_NAME,
    SERVICE_VERSION,
    OTELResourceDetector,
    Resource,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ticketonomics_gateway import __version__

EXPORT_SECONDS = 5
CLOSE_SECONDS = 3.0

_FAULT = 500


class Tracing:
    """Makes spans and sends them, in a thread of its own; a collector that is away loses them.

    Args:
        endpoint: Of an OTLP collector, by gRPC; None leaves it to OpenTelemetry's own variables.
    """

    def __init__(self, endpoint: str | None) -> None:
        self._provider = TracerProvider(resource=_resource())
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("ticketonomics_gateway", __version__)
        self._propagator = TraceContextTextMapPropagator()

    def begin(self, scope: Scope) -> Span:
        """Begins a request's span, within the caller's trace if there is one, and carries it on."""
        carrier = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        span = self._tracer.start_span(
            scope.get("method", "WEBSOCKET"),
            context=self._propagator.extract(carrier),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": scope.get("method", "GET"),
                "url.scheme": scope["scheme"],
            },
        )
        onward: dict[str, str] = {}
        self._propagator.inject(onward, context=set_span_in_context(span))
        scope.setdefault("state", {})["trace"] = tuple(onward.items())
        return span

    def end(self, span: Span, scope: Scope, status: int) -> None:
        """Ends a request's span with what became of it."""
        state = scope["state"]
        if called := state.get("called"):
            span.update_name(called)
            span.set_attribute("ticketonomics.method", called)
        if reason := state.get("reason"):
            span.set_attribute("ticketonomics.reason", reason)
        span.set_attribute("http.response.status_code", status)
        if status >= _FAULT:
            span.set_status(StatusCode.ERROR)
        span.end()

    async def close(self) -> None:
        """Sends what is left, as long as that does not hold up the end of the gateway."""
        closing = Thread(target=self._provider.shutdown, name="closing traces", daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, CLOSE_SECONDS)


class Traced:
    """Puts a span around each request; `Observing` is within, so it sees what was answered."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, within a span."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            status = status or int(message.get("status", 0))
            await send(message)

        span = self._tracing.begin(scope)
        try:
            await self._app(scope, receive, noted)
        finally:
            self._tracing.end(span, scope, status)


def _resource() -> Resource:
    """Says who we are, unless the operator does with OTEL_SERVICE_NAME or _RESOURCE_ATTRIBUTES."""
    ours = Resource({SERVICE_NAME: "ticketonomics-gateway", SERVICE_VERSION: __version__})
    return ours.merge(OTELResourceDetector().detect())
