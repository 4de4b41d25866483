"""Single transfers by REST: a client of keep-alive connections, each with one call in flight.

A general HTTP client in Python takes more time for a call than the gateway does, and would be what
is measured. `httptools` parses the answers; requests are made before the clock starts.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httptools
from google.protobuf import json_format

from .gate import Gate
from .jobs import RestJob
from .load import Load
from .processes import running, until_listening
from .serving import command, free_port, tail
from .workload import Transfers

_CALLS_PER_SECOND = 15_000
_OK = 200


class Connection(asyncio.Protocol):
    """One connection to an HTTP server, which answers one request after the other."""

    def __init__(self) -> None:
        """Wait for a request."""
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport: Any = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the call that is open."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the gateway hung up"))

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Keep a part of a body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Hand over the answer."""
        body, self._body = bytes(self._body), bytearray()
        assert self._answer is not None
        status = self._parser.get_status_code()
        if status == _OK:
            self._answer.set_result(body)
        else:
            self._answer.set_exception(RuntimeError(f"{status}: {body.decode()}"))

    async def call(self, request: bytes) -> bytes:
        """Send a request, and return the body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


async def send_by_rest(job: RestJob, gate: Gate) -> tuple[Load[list[int]], Transfers]:
    """Send transfers to a gateway, each in a call of its own."""
    count = int(job.seconds * _CALLS_PER_SECOND)
    transfers = Transfers.draw(count, seed=job.seed, accounts=job.accounts)
    requests = [_post(job, message) for message in transfers.requests()]
    loop = asyncio.get_running_loop()
    address = urlsplit(f"//{job.target}")
    async with AsyncExitStack() as stack:
        free: list[Connection] = []
        for _ in range(job.concurrency):
            _, connection = await loop.create_connection(Connection, address.hostname, address.port)
            stack.callback(connection.close)
            free.append(connection)

        async def send(number: int) -> list[int]:
            connection = free.pop()
            body = await connection.call(requests[number])
            free.append(connection)
            return [int(json.loads(body)["transaction"]["sequence"])]

        load = Load(send, count)
        await gate.pass_when_ready()
        await load.saturate(job.concurrency, job.seconds)
    return load, transfers


def _post(job: RestJob, message: Any) -> bytes:
    body = json.dumps(json_format.MessageToDict(message), separators=(",", ":")).encode()
    head = (
        f"POST /api/v1/transfers HTTP/1.1\r\nhost: {job.target}\r\n"
        f"authorization: Bearer {job.api_key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@asynccontextmanager
async def gateway_running(server: str, folder: Path) -> AsyncIterator[str]:
    """Run `ticketonomics-gateway serve` before a server, as an operator does; give its address.

    Only the limit of calls for one key is raised: whoever measures is one caller.
    """
    target = f"127.0.0.1:{free_port()}"
    environment = {
        "TICKETONOMICS_GATEWAY_LISTEN": target,
        "TICKETONOMICS_GATEWAY_SERVER": server,
        "TICKETONOMICS_GATEWAY_KEY_RATE_LIMIT_RPS": "1000000",
    }
    log_file = folder / "gateway.log"
    with log_file.open("w+b") as log:
        serve = command("ticketonomics-gateway")
        async with running(serve, environment=environment, log=log) as process:
            try:
                await until_listening(process, target)
                yield target
            except Exception:
                print(tail(log))
                raise
