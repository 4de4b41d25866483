"""Lets a server's spans join the caller's trace, where the program uses OpenTelemetry."""

import sys

Metadata = tuple[tuple[str, str], ...]


def with_trace(metadata: Metadata) -> Metadata:
    """Adds the current span's context, as the program propagates it (`traceparent` by default).

    The SDK does not depend on OpenTelemetry: a program that traces has imported it.
    """
    if "opentelemetry.trace" not in sys.modules:
        return metadata
    from opentelemetry import propagate

    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return (*metadata, *((name.lower(), value) for name, value in carrier.items()))
