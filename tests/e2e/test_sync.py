"""The blocking client as scripts use it: by itself, inside a running loop, and with Ctrl-C."""

import asyncio
import signal
import sys

import pytest
from ticketonomics_client import RefusedError, UnavailableError
from ticketonomics_client.sync import Client

from tests.conftest import Server

START = """
import asyncio, sys, time
from ticketonomics_client.sync import Client
target, key = sys.argv[1:]
"""


async def script(server: Server, text: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", START + text, server.target, server.operator_key),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def finish(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert b"Error" not in err, err.decode()
    return out.decode()


async def test_it_works_inside_of_a_running_loop_as_in_a_notebook(server: Server) -> None:
    text = """
async def cell():
    with Client(target, api_key=key) as client:
        print(client.who_am_i().application.name)
asyncio.run(cell())
asyncio.run(cell())
"""
    assert await finish(await script(server, text)) == "operator\noperator\n"


async def test_a_script_that_forgets_to_close_still_ends(server: Server) -> None:
    text = "print(Client(target, api_key=key).status().economy)"
    assert await finish(await script(server, text)) == "main\n"


async def test_ctrl_c_ends_a_wait_and_the_client_goes_on(server: Server) -> None:
    text = """
client = Client(target, api_key=key)
messages = client.watch_messages()
next(messages)
print("waiting", flush=True)
try:
    for message in messages: pass
except KeyboardInterrupt:
    print("interrupted", client.status().economy)
client.close()
"""
    process = await script(server, text)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"waiting\n"
    await asyncio.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert await finish(process) == "interrupted main\n"


async def test_refusals_and_silence_are_the_same_errors(server: Server) -> None:
    def work() -> None:
        with Client(server.target, api_key=server.operator_key) as client:
            with pytest.raises(RefusedError) as refused:
                client.asset("NONE")
            assert refused.value.reason_name == "ASSET_NOT_FOUND"
        with pytest.raises(UnavailableError):
            client.assets().__next__()

    await asyncio.to_thread(work)
