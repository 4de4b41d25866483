"""A key whose secret was lost on its way is told of as what it is, and there is a way on."""

import os
import sys
from asyncio import create_subprocess_exec, subprocess
from datetime import timedelta

import pytest
from ticketonomics_client import Client, SecretLostError, new_id

from tests.conftest import Server


async def test_a_key_made_twice_has_no_secret_and_can_be_rotated(server: Server) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        shop = await client.create_application(name="shop", scopes=[])
        request_id = new_id()
        made = await client.create_api_key(shop.application_id, request_id=request_id)
        with pytest.raises(SecretLostError) as lost:
            await client.create_api_key(shop.application_id, request_id=request_id)
        assert lost.value.api_key_id == made.api_key.api_key_id
        assert lost.value.request_id == request_id
        assert not lost.value.retryable

        request_id = new_id()
        overlap = timedelta(hours=1)
        rotated = await client.rotate_api_key(
            lost.value.api_key_id, overlap=overlap, request_id=request_id
        )
        with pytest.raises(SecretLostError) as lost:
            await client.rotate_api_key(
                made.api_key.api_key_id, overlap=overlap, request_id=request_id
            )
        assert lost.value.api_key_id == rotated.api_key.api_key_id
        again = await client.rotate_api_key(lost.value.api_key_id)
    async with Client(server.target, api_key=again.secret) as shop_client:
        assert (await shop_client.who_am_i()).application.application_id == shop.application_id


async def test_the_command_line_fails_where_there_is_no_secret_to_print(server: Server) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        shop = await client.create_application(name="shop", scopes=[])
        request_id = new_id()
        made = await client.create_api_key(shop.application_id, request_id=request_id)
    process = await create_subprocess_exec(
        *(sys.executable, "-m", "ticketonomics_client", "keys", "create", shop.application_id),
        *("--id", request_id),
        env={
            **os.environ,
            "TICKETONOMICS_TARGET": server.target,
            "TICKETONOMICS_API_KEY": server.operator_key,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 1
    assert out == b""
    assert made.api_key.api_key_id in err.decode()
    assert "rotate" in err.decode()
