"""A proxy before Postgres that loses connections in the middle of a COMMIT."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import parse_qs, urlsplit


class Loss(Enum):
    """What becomes of the next COMMIT that passes."""

    BEFORE = auto()
    """It never reaches Postgres."""
    AFTER = auto()
    """Postgres has done it; the answer is lost."""
    DELAYED = auto()
    """The client is cut off, and it reaches Postgres when `release` is set."""
    ENDED_BY_SERVER = auto()
    """Postgres has done it, and ends the session instead of answering."""


_SHUTDOWN = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0"


@dataclass
class Proxy:
    url: str
    next_loss: Loss | None = None
    lost: int = 0
    release: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def proxied(database_url: str) -> AsyncIterator[Proxy]:
    """Runs a proxy before the Postgres of a URL, which names a socket folder."""
    parts = urlsplit(database_url)
    query = parse_qs(parts.query)
    path = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        tasks.add(task)
        with suppress(OSError, asyncio.CancelledError):
            upstream_reader, upstream_writer = await asyncio.open_unix_connection(path)
            await _forward(proxy, reader, writer, upstream_reader, upstream_writer)
            upstream_writer.close()
        writer.close()
        tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy = Proxy(f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}?sslmode=disable")
    try:
        yield proxy
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _forward(
    proxy: Proxy,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream_reader: asyncio.StreamReader,
    upstream_writer: asyncio.StreamWriter,
) -> None:
    answers = asyncio.create_task(_pump(upstream_reader, writer))
    while data := await reader.read(1 << 16):
        loss = proxy.next_loss
        if loss is None or b"COMMIT;" not in data:
            upstream_writer.write(data)
            await upstream_writer.drain()
            continue
        proxy.next_loss = None
        proxy.lost += 1
        answers.cancel()
        await asyncio.wait([answers])
        if loss is Loss.DELAYED:
            writer.transport.abort()
            await proxy.release.wait()
        if loss is not Loss.BEFORE:
            upstream_writer.write(data)
            await upstream_reader.read(1 << 16)
        if loss is Loss.ENDED_BY_SERVER:
            writer.write(b"E" + (4 + len(_SHUTDOWN)).to_bytes(4, "big") + _SHUTDOWN)
            await writer.drain()
            return
        writer.transport.abort()
        return
    answers.cancel()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()
