"""What `verify` says of webhooks that were changed from outside."""

from pathlib import Path

import asyncpg
import pytest
from ticketonomics_client import Client, TransactionFilter
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import verify
from ticketonomics_server.verification.report import Invariant

from tests.conftest import run_server

CORRUPTIONS = {
    "another URL": "UPDATE webhooks SET url = 'https://thief.example/' WHERE accounts = ''",
    "another filter": "UPDATE webhooks SET accounts = '' WHERE accounts <> ''",
    "another owner": "UPDATE webhooks SET application_id = '0000000000000000'",
    "another state": "UPDATE webhooks SET state = 3 - state",
    "another beginning": "UPDATE webhooks SET start_after = start_after - 1 WHERE start_after > 0",
    "another expiry": "UPDATE webhooks SET previous_secret_expire_time = now()"
    " WHERE previous_secret IS NOT NULL",
    "a lost row": "DELETE FROM webhooks WHERE accounts = ''",
    "a grown count": "UPDATE webhook_counts SET webhook_count = webhook_count + 1",
    "a lost count": "DELETE FROM webhook_counts",
    "an invented one": "INSERT INTO webhooks SELECT economy_id, 'invented00000000',"
    " create_sequence + 1000, application_id, url, accounts, asset, kinds, state, create_time,"
    " start_after, start_sequence, enable_sequence, change_sequence + 1000, secret"
    " FROM webhooks WHERE accounts = ''",
}


@pytest.mark.parametrize("corruption", ["none", *CORRUPTIONS])
async def test_a_corruption_of_webhooks_is_told(
    database_url: str, database: Database, plain: asyncpg.Connection, tmp_path: Path,
    corruption: str,
) -> None:  # fmt: skip
    async with (
        run_server(database_url, tmp_path) as server,
        Client(server.target, api_key=server.operator_key) as client,
    ):
        await client.open_account("orgs/a")
        url = "https://example.org/hooks"
        filtered = TransactionFilter(accounts=["orgs/a"])
        first = (await client.create_webhook(url)).webhook.webhook_id
        second = (await client.create_webhook(url, filter=filtered)).webhook.webhook_id
        third = (await client.create_webhook(url)).webhook.webhook_id
        await client.update_webhook(first, url=url + "/new")
        await client.pause_webhook(first)
        await client.rotate_webhook_secret(second)
        await client.replay_webhook(second, after_sequence=2)
        await client.pause_webhook(second)
        await client.resume_webhook(second)
        await client.delete_webhook(third)
    economy_id = await plain.fetchval("SELECT economy_id FROM economies")
    if corruption == "none":
        report = await verify(database, economy_id)
        assert report.violations == ()
        return
    done = await plain.execute(CORRUPTIONS[corruption])
    assert not done.endswith(" 0"), "nothing was damaged"
    report = await verify(database, economy_id)
    assert set(report.violation_counts) == {Invariant.WEBHOOKS_MATCH_JOURNAL}, report.violations
