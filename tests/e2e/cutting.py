"""A proxy before a server that cuts all connections when a test says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cutter:
    """What is connected through it.

    Attributes:
        target: Where clients connect to.
        cuts: How many connections were cut.
    """

    def __init__(self, target: str) -> None:
        self.target = ""
        self.cuts = 0
        self._host, _, self._port = target.rpartition(":")
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(self._host, int(self._port))
        both = {writer, server_writer}
        self._writers |= both
        try:
            await asyncio.gather(_pump(reader, server_writer), _pump(server_reader, writer))
        finally:
            for end in both:
                end.close()
            self._writers -= both

    def cut(self) -> None:
        """Cuts whatever is connected, in the middle of whatever it says."""
        for writer in list(self._writers):
            self.cuts += 1
            writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1_000):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def cutting(target: str) -> AsyncIterator[Cutter]:
    """Runs a proxy before a server."""
    cutter = Cutter(target)
    server = await asyncio.start_server(cutter.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    cutter.target = f"{host}:{port}"
    try:
        yield cutter
    finally:
        server.close()
        cutter.cut()
