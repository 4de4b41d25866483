"""A server that is told to stop: what was accepted is finished, and everybody else is told."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics.operator.v1 import operator_service_pb2 as operator
from ticketonomics.operator.v1.operator_service_pb2_grpc import OperatorServiceStub
from ticketonomics_client import Client
from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.engine.session import LOCK_CLASS

from tests.conftest import Server, new_id, run_server

PATIENCE_SECONDS = 60
SERVING, NOT_SERVING = 1, 2


class Stoppable:
    """A server that runs until it is told to stop, as on SIGTERM."""

    def __init__(self, server: Server, leave: asyncio.Event, running: asyncio.Task[None]) -> None:
        self.server = server
        self._leave = leave
        self._running = running

    def tell_to_stop(self) -> None:
        self._leave.set()

    async def stopped(self) -> None:
        await self._running


@asynccontextmanager
async def stoppable(database_url: str, folder: Path, **settings: Any) -> AsyncIterator[Stoppable]:
    started: asyncio.Future[Server] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()

    async def run() -> None:
        try:
            async with run_server(database_url, folder, **settings) as server:
                started.set_result(server)
                await leave.wait()
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            raise

    running = asyncio.create_task(run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        server = await started
        yield Stoppable(server, leave, running)
        leave.set()
        await running


async def furnish(server: Server) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        for address in ("orgs/a", "orgs/b"):
            await client.open_account(address)
        await client.mint(destination="orgs/a", asset="BRONZE", amount=100, reason="start")


def transfer() -> ledger.TransferRequest:
    return ledger.TransferRequest(
        transaction_id=new_id(), source="orgs/a", destination="orgs/b", asset="BRONZE", amount=1
    )


async def refusal(call: Any) -> tuple[str, grpc.StatusCode, float]:
    """The reason, the status and when to try again."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    status = rpc_status.from_call(caught.value)
    assert status is not None, caught.value
    info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    for detail in status.details:
        _ = detail.Unpack(info) or detail.Unpack(retry)
    seconds = retry.retry_delay.ToTimedelta().total_seconds()
    return info.reason, caught.value.code(), seconds


async def test_draining_finishes_what_was_accepted_and_tells_everybody_else(
    database_url: str, tmp_path: Path
) -> None:
    async with stoppable(database_url, tmp_path) as stopping:
        server = stopping.server
        # A channel of our own: the fixture's are closed before the server is.
        async with server.connect(server.operator_key) as channel:
            await furnish(server)
            stub = LedgerServiceStub(channel)
            health = health_pb2_grpc.HealthStub(channel)
            watched_health = health.Watch(health_pb2.HealthCheckRequest())
            assert (await watched_health.read()).status == SERVING
            stream = stub.WatchTransactions(ledger.WatchTransactionsRequest())
            await stream.read()
            # Somebody else holds the economy's lock, so that a transfer is accepted and waits.
            other = await asyncpg.connect(server.database_url)
            await other.execute(f"SELECT pg_advisory_lock({LOCK_CLASS}, 1)")
            request = transfer()
            accepted = asyncio.create_task(_send(stub.Transfer(request)))
            await _until_somebody_waits_for_the_lock(other)

            stopping.tell_to_stop()
            assert (await watched_health.read()).status == NOT_SERVING
            assert (await health.Check(health_pb2.HealthCheckRequest())).status == NOT_SERVING
            reason, code, seconds = await refusal(stream.read())
            assert (reason, code) == ("DRAINING", grpc.StatusCode.UNAVAILABLE)
            assert seconds > 0
            reason, code, seconds = await refusal(stub.Transfer(transfer()))
            assert (reason, code) == ("DRAINING", grpc.StatusCode.UNAVAILABLE)
            assert seconds > 0
            # Reads go on until the end, and say how it stands.
            read = await stub.GetBalance(ledger.GetBalanceRequest(account="orgs/b", asset="BRONZE"))
            assert read.balance.posted == 0
            status = await OperatorServiceStub(channel).GetStatus(operator.GetStatusRequest())
            assert status.draining
            assert not accepted.done()

            await other.close()
            answer = await accepted
            assert answer.transaction.transaction_id == request.transaction_id
            watched_health.cancel()
            await stopping.stopped()
    async with run_server(database_url, tmp_path) as successor:
        replay = await successor.ledger.Transfer(request)
        assert replay.replayed
        assert replay.transaction == answer.transaction


async def _send(call: Any) -> Any:
    return await call


async def _until_somebody_waits_for_the_lock(connection: asyncpg.Connection) -> None:
    while not await connection.fetchval(  # noqa: ASYNC110 - Postgres tells nobody who waits.
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    ):
        await asyncio.sleep(0.01)


async def test_what_a_stopped_server_did_not_tell_the_next_one_tells(
    database_url: str, tmp_path: Path
) -> None:
    async with run_server(database_url, tmp_path) as staying:
        await furnish(staying)
        async with (
            Client(staying.target, api_key=staying.operator_key) as writer,
            stoppable(database_url, tmp_path) as leaving,
        ):
            async with Client(leaving.server.target) as reader:
                begin = (await reader.block()).last_sequence
                messages = reader.watch_messages(after_sequence=begin)
                await anext(messages)
                leaving.tell_to_stop()
                await leaving.stopped()
                await messages.aclose()
            made = await writer.transfer(
                source="orgs/a", destination="orgs/b", asset="BRONZE", amount=1
            )
            async with Client(staying.target) as reader:
                news = reader.watch_transactions(after_sequence=begin)
                assert (await anext(news)).sequence == made.sequence
                await news.aclose()


async def test_sigterm_under_load_loses_and_repeats_nothing(
    database_url: str, tmp_path: Path
) -> None:
    """The real command: every answer that callers got is true afterwards."""
    async with run_server(database_url, tmp_path) as server:
        await furnish(server)
    process, target = await _serve(database_url, tmp_path)
    key = operator_key_file(tmp_path, "main").read_text().strip()
    told: dict[str, int] = {}
    try:
        async with Client(target, api_key=key, timeout_seconds=1) as client:
            enough = asyncio.Event()

            async def pay() -> None:
                while True:
                    try:
                        receipt = await client.transfer(
                            source="orgs/a", destination="orgs/b", asset="BRONZE", amount=1
                        )
                        back = await client.transfer(
                            source="orgs/b", destination="orgs/a", asset="BRONZE", amount=1
                        )
                    except Exception:  # noqa: BLE001 - however the end shows itself.
                        return
                    told[receipt.transaction_id] = receipt.sequence
                    told[back.transaction_id] = back.sequence
                    if len(told) > 200:
                        enough.set()

            payers = [asyncio.create_task(pay()) for _ in range(20)]
            async with asyncio.timeout(PATIENCE_SECONDS):
                await enough.wait()
                process.send_signal(signal.SIGTERM)
                await asyncio.gather(*payers)
        assert await asyncio.to_thread(process.wait, PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
    async with (
        run_server(database_url, tmp_path) as server,
        Client(server.target, api_key=server.operator_key) as client,
    ):
        found = {t.transaction_id: t.sequence async for t in client.transactions(page_size=1_000)}
        assert told.items() <= found.items()


async def _serve(database_url: str, folder: Path) -> tuple[subprocess.Popen[str], str]:
    environment = {
        **{name: value for name, value in os.environ.items() if "TICKETONOMICS" not in name},
        "TICKETONOMICS_DATABASE_URL": database_url,
        "TICKETONOMICS_DATA_FOLDER": str(folder),
        "TICKETONOMICS_LISTEN": "127.0.0.1:0",
        "TICKETONOMICS_LOG_FORMAT": "json",
    }
    command = Path(sys.executable).with_name("ticketonomics-server")
    process = await asyncio.to_thread(
        subprocess.Popen,
        [command, "serve"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    log = process.stderr

    def find_address() -> str:
        for line in log:
            if '"serving"' in line:
                return line.partition('"address": "')[2].partition('"')[0]
        raise AssertionError("the server did not start")

    async with asyncio.timeout(PATIENCE_SECONDS):
        target = await asyncio.to_thread(find_address)
    # Nobody reads on, so the pipe must not fill up.
    asyncio.get_running_loop().run_in_executor(None, log.read)
    return process, target
