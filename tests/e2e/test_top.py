"""`ticketonomics top` against the real server, for scripts and on a terminal."""

import asyncio
import json
import os
import pty
import signal
import sys
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client, RefusedError

from tests.conftest import Server


def command(server: Server, *arguments: str) -> tuple[list[str], dict[str, str]]:
    variables = {
        "TICKETONOMICS_TARGET": server.target,
        "TICKETONOMICS_API_KEY": server.operator_key,
        "TERM": "xterm-256color",
    }
    words = [sys.executable, "-m", "ticketonomics_client", "top", *arguments]
    return words, {**os.environ, **variables}


async def keep_busy(server: Server) -> None:
    """Moves value, and is refused now and then."""
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        for address in ("orgs/a/till", "orgs/b/till"):
            await client.open_account(address)
        await client.mint(destination="orgs/a/till", asset="BRONZE", amount=10**6, reason="test")
        move = {"source": "orgs/a/till", "destination": "orgs/b/till", "asset": "BRONZE"}
        while True:
            await client.transfer(**move, amount=1)
            with pytest.raises(RefusedError):
                await client.transfer(**move, amount=10**9)
            await asyncio.sleep(0.01)


@pytest.fixture
async def busy(server: Server) -> asyncio.Task[None]:
    task = asyncio.create_task(keep_busy(server))
    yield task
    assert not task.done(), task.exception()
    task.cancel()
    await asyncio.wait([task])


async def test_once_for_scripts(server: Server, busy: asyncio.Task[None]) -> None:
    words, variables = command(server, "--once", "--json", "--interval", "0.5")
    process = await asyncio.create_subprocess_exec(
        *words, env=variables, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    assert process.returncode == 0
    told = json.loads(out)
    assert told["economy"] == "main"
    assert int(told["height"]) >= int(told["madeBlocks"]) > 0
    assert [phase["name"] for phase in told["blockPhases"]] == [
        *("lock", "load", "decide", "write", "commit")
    ]
    pace = told["pace"]
    assert pace["seconds"] >= 0.5
    assert pace["entriesPerSecond"] >= pace["blocksPerSecond"] > 0
    assert pace["phaseMilliseconds"]["commit"] > 0
    assert pace["refusalsPerSecond"]["INSUFFICIENT_FUNDS"] > 0


async def test_a_line_for_each_look(server: Server) -> None:
    words, variables = command(server, "--json", "--interval", "0.1")
    process = await asyncio.create_subprocess_exec(
        *words, env=variables, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        looks = [json.loads(await process.stdout.readline()) for _ in range(3)]
        process.send_signal(signal.SIGINT)
        await process.wait()
    uptimes = [float(look["uptime"].removesuffix("s")) for look in looks]
    assert uptimes == sorted(set(uptimes))
    assert process.returncode == 130


async def test_on_a_terminal_until_ctrl_c(server: Server, busy: asyncio.Task[None]) -> None:
    words, variables = command(server, "--interval", "0.2")
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *words, env=variables, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    seen = b""
    async with asyncio.timeout(60):
        while seen.count(b"Entries a second") < 3:
            seen += await asyncio.to_thread(os.read, ours, 65_536)
        process.send_signal(signal.SIGINT)
        while process.returncode is None:
            try:
                seen += await asyncio.to_thread(os.read, ours, 65_536)
            except OSError:
                await process.wait()
    os.close(ours)
    assert b"INSUFFICIENT_FUNDS" in seen
    assert b"commit" in seen
    # The screen that was there before is given back, with its cursor.
    assert b"\x1b[?1049l" in seen
    assert b"\x1b[?25h" in seen
    assert b"Traceback" not in seen


async def test_without_the_scope_it_is_refused(server: Server) -> None:
    words, variables = command(server, "--once")
    del variables["TICKETONOMICS_API_KEY"]
    process = await asyncio.create_subprocess_exec(
        *words, env=variables, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 1
    assert b"CREDENTIALS_MISSING" in err


async def test_a_refusal_is_counted_once(server: Server, tmp_path: Path) -> None:
    def count() -> float:
        labels = {"reason": "ASSET_NOT_FOUND"}
        return REGISTRY.get_sample_value("ticketonomics_refusals_total", labels) or 0.0

    async with Client(server.target, api_key=server.operator_key) as client:
        await client.open_account("orgs/a/till")
        before = count()
        with pytest.raises(RefusedError):
            await client.mint(destination="orgs/a/till", asset="NONE", amount=1, reason="test")
        assert count() == before + 1
        with pytest.raises(RefusedError):
            await client.asset("NONE")
        assert count() == before + 2
        with pytest.raises(RefusedError):
            await client.transfer(
                source="orgs/a/till", destination="orgs/b/till", asset="NONE", amount=1
            )
        assert count() == before + 3
