"""A real gateway on a real port, before a real server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from ticketonomics_gateway.contracts import Method
from ticketonomics_gateway.serving import open_gateway
from ticketonomics_gateway.settings import Settings


@dataclass
class RunningGateway:
    """A running gateway, and a client of it that shows no key."""

    port: int
    http: httpx.AsyncClient

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def running_gateway(
    target: str, methods: Sequence[Method] | None = None, **settings: Any
) -> AsyncIterator[RunningGateway]:
    """Runs the ordinary gateway in this process.

    Args:
        target: Where the server listens.
    """
    chosen = Settings(listen="127.0.0.1:0", server=target, drain_seconds=5, **settings)
    async with (
        open_gateway(chosen, methods) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client,
    ):
        yield RunningGateway(port, client)


def key(secret: str, **more: str) -> dict[str, str]:
    """Headers that show an API key."""
    return {"authorization": f"Bearer {secret}", **more}


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem that an answer is; it has the form that all problems have."""
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["domain"] == "ticketonomics"
    assert document["type"] == f"urn:ticketonomics:problem:{document['reason']}"
    assert document["requestId"] == answer.headers["x-request-id"]
    return document
