"""As much of a Redis as gateways use, over a socket: SET with NX and EX, and GET."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class RedisServer:
    """Answers in RESP3.

    Attributes:
        kept: What was set, with the seconds that it is to be kept.
    """

    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[bytes, int]] = {}
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                words = []
                for _ in range(int(line[1:])):
                    length = int((await reader.readline())[1:])
                    words.append((await reader.readexactly(length + 2))[:-2])
                writer.write(self._answer(words))
                await writer.drain()
        finally:
            writer.close()

    def _answer(self, words: list[bytes]) -> bytes:
        match [words[0].upper(), *words[1:]]:
            case [b"SET", name, value, b"NX", b"EX", seconds]:
                if name in self.kept:
                    return b"_\r\n"
                self.kept[name] = value, int(seconds)
                return b"+OK\r\n"
            case [b"GET", name]:
                value, _ = self.kept.get(name, (b"", 0))
                return b"$%d\r\n%b\r\n" % (len(value), value) if value else b"_\r\n"
            case [b"HELLO", *_]:
                return b"%1\r\n+proto\r\n:3\r\n"
            case [b"CLIENT", *_]:
                return b"+OK\r\n"
        return b"-ERR unknown command\r\n"


@asynccontextmanager
async def redis_running() -> AsyncIterator[RedisServer]:
    """Runs one."""
    redis = RedisServer()
    server = await asyncio.start_server(redis.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    redis.url = f"redis://127.0.0.1:{port}/0"
    try:
        yield redis
    finally:
        server.close()
