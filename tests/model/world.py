"""The world of the state machine: a server that it calls, restarts, and tells the time."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import grpc
from google.rpc import error_details_pb2, status_pb2
from ticketonomics.identity.v1 import identity_service_pb2 as identity

from tests.conftest import run_server
from tests.model.reference_payments import START

# The database's own clock goes unheard: this one moves when the test moves it.
CLOCK = f"""
CREATE TABLE public.told_time (now timestamptz);
INSERT INTO public.told_time VALUES ('{START}');
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql
    AS 'SELECT now FROM public.told_time';
"""
_numbers = count(1)


def new_id() -> str:
    """Not random: the same examples give the same requests."""
    return str(UUID(int=next(_numbers)))


class Sent(NamedTuple):
    """A request as it is sent, and sent again.

    Attributes:
        name: The field with its id.
        what: What the reference calls it, with these arguments.
        by: Who asks.
    """

    method: str
    request: Any
    name: str
    what: str
    arguments: tuple[Any, ...]
    by: str


class World:
    """A server that rules can call from their own thread, and restart."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._url, self._folder = database_url, folder
        self._loop = asyncio.get_running_loop()
        self._stack = AsyncExitStack()
        self._plain: asyncpg.Connection | None = None
        self.server: Any = None
        self._callers: dict[str, Any] = {}
        self.game_id = self._game_key = ""
        self.seen: Counter[str] = Counter()
        self.answer: Any = None
        self.now = START

    async def begin(self) -> None:
        """Takes the clock into its hands, before any server reads it."""
        self._plain = await asyncpg.connect(self._url)
        name = await self._plain.fetchval("SELECT current_database()")
        await self._plain.execute(CLOCK)
        await self._plain.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog")
        await self.start()

    async def start(self) -> None:
        await self._stack.aclose()
        self._callers.clear()
        running = run_server(self._url, self._folder)
        self.server = await self._stack.enter_async_context(running)

    async def meet_the_game(self) -> None:
        """A third party: it takes what people allow, and from its own accounts."""
        made = await self.server.identity.CreateApplication(
            identity.CreateApplicationRequest(
                request_id=new_id(), name="game", scopes=["ledger.transfer"]
            )
        )
        self.game_id = made.application.application_id
        key = await self.server.identity.CreateApiKey(
            identity.CreateApiKeyRequest(request_id=new_id(), application_id=self.game_id)
        )
        self._game_key = key.secret

    async def _as(self, caller: str) -> Any:
        """The server as the operator calls it, the game, or the operator for a person."""
        if not caller:
            return self.server
        if caller not in self._callers:
            key, person = (
                (self._game_key, "") if caller == "game" else (self.server.operator_key, caller)
            )
            channel = await self._stack.enter_async_context(self.server.connect(key, person))
            self._callers[caller] = replace(self.server, channel=channel)
        return self._callers[caller]

    async def stop(self) -> None:
        await self._stack.aclose()
        if self._plain is not None:
            await self._plain.close()

    async def set_clock(self, now: datetime) -> None:
        self.now = now
        await self._plain.execute("UPDATE told_time SET now = $1", now)

    async def let_timers_happen(self) -> None:
        """Waits until nothing is due any more."""
        due = "SELECT EXISTS (SELECT FROM timers WHERE due_time <= $1)"
        async with asyncio.timeout(30):
            while await self._plain.fetchval(due, self.now):  # noqa: ASYNC110 - servers set none.
                await asyncio.sleep(0.005)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def call(self, method: str, request: Any, by: str = "") -> Any:
        """The answer, or the reason of the refusal."""

        async def calling() -> Any:
            room = request.DESCRIPTOR.full_name.split(".")[1]
            service = getattr(await self._as(by), room)
            try:
                return await getattr(service, method)(request)
            except grpc.aio.AioRpcError as error:
                return _reason(error)

        return self.run(calling())

    def outcome(self, method: str, request: Any, by: str = "") -> str:
        answer = self.call(method, request, by)
        self.answer = told = answer
        if not isinstance(answer, str):
            told = "REPLAYED" if answer.replayed else "OK"
        self.seen[told] += 1
        return told

    async def lose_connections(self) -> None:
        connection = await asyncpg.connect(self._url)
        await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
            " application_name = 'ticketonomics sequencer' AND datname = current_database()"
        )
        await connection.close()


def _reason(error: grpc.aio.AioRpcError) -> str:
    status = status_pb2.Status()
    status.ParseFromString(
        dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    )
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info):
            return info.reason
    raise error
