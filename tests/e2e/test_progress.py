"""Long listings tell how far they are, and only to a terminal."""

import asyncio
import json
import os
import pty
import sys

import pytest
from ticketonomics_client import Client

from tests.conftest import Server


@pytest.mark.parametrize(("limit", "told"), [("5000", True), ("100", False)])
async def test_a_long_listing_counts_on_standard_error(
    server: Server, limit: str, told: bool
) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        await asyncio.gather(*(client.open_account(f"orgs/n{n}/till") for n in range(20)))
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ticketonomics_client"),
        *("accounts", "--prefix", "orgs/", "--limit", limit, "--json"),
        env={
            **os.environ,
            "TERM": "xterm",
            "TICKETONOMICS_TARGET": server.target,
            "TICKETONOMICS_API_KEY": server.operator_key,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    async with asyncio.timeout(60):
        out, _ = await process.communicate()
    assert process.returncode == 0
    assert len(json.loads(out)) == 20
    try:
        err = os.read(ours, 65_536)
    except OSError:
        err = b""
    os.close(ours)
    assert (b"20 read" in err) is told
