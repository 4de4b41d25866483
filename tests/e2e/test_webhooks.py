"""Webhooks over real sockets: what a receiver gets, in which order, and again after failures."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics_client import (
    SecretLostError,
    TransactionFilter,
    Webhook,
    WebhookVerificationError,
    new_id,
    verify_webhook,
)

from tests.conftest import Server, run_server
from tests.e2e.receiver import QUICK, Received, Receiver, Shop, open_shop, receiving, until
from tests.e2e.refusals import refused


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with run_server(database_url, tmp_path, **QUICK) as running:
        yield running


@pytest.fixture
async def shop(server: Server) -> AsyncIterator[Shop]:
    async with open_shop(server) as opened:
        yield opened


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


def only(*accounts: str) -> TransactionFilter:
    return TransactionFilter(accounts=accounts)


# --- what is received -----------------------------------------------------------------------------


async def test_a_transaction_arrives_signed_and_complete(shop: Shop, receiver: Receiver) -> None:
    before = await shop.pay()
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    assert made.secret.startswith("whsec_")
    assert made.webhook.state == Webhook.STATE_ACTIVE
    assert made.webhook.progress.cursor >= before
    sequence = await shop.pay(memo="for tea")
    await shop.pay(shop.safe)
    (got,) = await receiver.wait(1)
    event = got.check(made.secret)
    assert (event.type, event.economy, event.sequence) == ("ledger.transaction", "main", sequence)
    assert event.id == got.id == f"evt_{made.webhook.webhook_id}_{sequence}"
    assert event.webhook_id == made.webhook.webhook_id
    assert event.data == await shop.client.transaction(sequence)
    assert event.data.memo == "for tea"
    assert event.timestamp == event.data.commit_time
    assert got.headers["Content-Type"] == "application/json"
    written = json.loads(got.body)
    assert written["sequence"] == str(sequence)
    assert written["data"]["postings"][0]["destination"] == shop.till
    other = await shop.client.create_webhook(receiver.url, filter=only(shop.safe))
    with pytest.raises(WebhookVerificationError, match="no signature fits"):
        got.check(other.secret)
    await until(lambda: _delivered(shop, made.webhook.webhook_id, 1))
    assert len(receiver.received) == 1, "nothing from before, nothing of other accounts"


async def _delivered(shop: Shop, webhook_id: str, count: int) -> bool:
    return (await shop.client.webhook(webhook_id)).progress.delivered_count >= count


async def test_it_begins_where_it_was_told_and_in_order(shop: Shop, receiver: Receiver) -> None:
    sequences = [await shop.pay() for _ in range(30)]
    await shop.client.create_webhook(
        receiver.url, filter=only(shop.till), after_sequence=sequences[4]
    )
    await receiver.wait_for(sequences[5:])
    assert receiver.sequences == sequences[5:]
    head = (await shop.operator.block()).last_sequence
    for after in (head + 2, -1):
        error = await refused(
            "INVALID_FIELD", shop.client.create_webhook(receiver.url, after_sequence=after)
        )
        assert error.metadata["field"] == "after_sequence"


async def test_filters_are_those_of_watching(shop: Shop, receiver: Receiver) -> None:
    wanted = TransactionFilter(kinds=[Transaction.KIND_MINT, Transaction.KIND_BURN], asset="COIN")
    made = await shop.client.create_webhook(receiver.url, filter=wanted)
    assert made.webhook.filter == wanted
    await shop.pay()
    minted = await shop.operator.mint(
        destination="orgs/bank", asset="COIN", amount=5, reason="more"
    )
    burned = await shop.operator.burn(source="orgs/bank", asset="COIN", amount=5, reason="less")
    await receiver.wait_for([minted.sequence, burned.sequence])
    assert receiver.sequences == [minted.sequence, burned.sequence]


async def test_private_texts_are_told_by_the_rights_of_now(shop: Shop, receiver: Receiver) -> None:
    made = await shop.client.create_webhook(receiver.url, filter=only("orgs/bank"))

    async def memo_of(account: str) -> str:
        sequence = await shop.pay(account, memo="secret")
        await receiver.wait_for([sequence])
        (got,) = [r for r in receiver.received if r.sequence == sequence]
        return got.check(made.secret).data.memo

    await shop.operator.open_account("orgs/other")
    assert await memo_of("orgs/other") == ""
    assert await memo_of(shop.till) == "secret"
    await shop.operator.update_application(
        shop.application_id, name="shop", scopes=["ledger.private"], rate_limit_rps=100_000
    )
    assert await memo_of("orgs/other") == "secret"


# --- order and failures ---------------------------------------------------------------------------


async def test_an_account_waits_for_its_earlier_event_and_no_other_does(
    shop: Shop, receiver: Receiver
) -> None:
    failing = asyncio.Event()

    async def answer(received: Received) -> web.StreamResponse:
        event = json.loads(received.body)
        till = event["data"]["postings"][0]["destination"] == shop.till
        return web.Response(status=500 if till and not failing.is_set() else 200)

    receiver.answer = answer
    await shop.client.create_webhook(receiver.url, filter=only(shop.till, shop.safe))
    tills, safes = [], []
    for _ in range(5):
        tills.append(await shop.pay(shop.till))
        safes.append(await shop.pay(shop.safe))
    await receiver.wait_for(safes)
    assert set(receiver.sequences) & set(tills) == {tills[0]}, "the others wait behind the first"
    failing.set()
    await receiver.wait_for(tills)
    assert [s for s in dict.fromkeys(receiver.sequences) if s in tills] == tills
    assert [s for s in receiver.sequences if s in safes] == safes


async def test_a_failed_event_is_tried_again_with_the_same_id(
    shop: Shop, receiver: Receiver
) -> None:
    receiver.fail(500, 301)
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    await shop.pay()
    first, second, third = await receiver.wait(3)
    assert first.id == second.id == third.id
    assert first.body == third.body
    assert second.at - first.at >= 0.04
    assert third.at - second.at >= 0.12
    assert third.check(made.secret)

    async def settled() -> bool:
        found = await shop.client.webhook(made.webhook.webhook_id)
        return found.progress.delivered_count == 1 and not found.progress.HasField("failing_since")

    await until(settled)
    found = await shop.client.webhook(made.webhook.webhook_id)
    assert found.progress.last_failure == "HTTP status 301", "redirects are not followed"
    assert found.progress.retrying_count == found.progress.dead_letter_count == 0
    await shop.pay()
    await receiver.wait(4)


async def test_retry_after_is_honoured_for_the_whole_webhook(
    shop: Shop, receiver: Receiver
) -> None:
    receiver.fail(503, headers={"Retry-After": "1"})
    await shop.client.create_webhook(receiver.url, filter=only(shop.till, shop.safe))
    await shop.pay(shop.till)
    (first,) = await receiver.wait(1)
    await shop.pay(shop.safe)
    _, second, third = await receiver.wait(3)
    assert second.at - first.at >= 0.95
    assert third.at - first.at >= 0.95


async def test_a_receiver_that_is_gone_disables_the_webhook(shop: Shop, receiver: Receiver) -> None:
    receiver.fail(410)
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    webhook_id = made.webhook.webhook_id
    sequence = await shop.pay()
    await until(lambda: _has_state(shop, webhook_id, Webhook.STATE_DISABLED))
    found = await shop.client.webhook(webhook_id)
    assert found.disable_reason == Webhook.DISABLE_REASON_GONE
    assert found.HasField("disable_time")
    later = await shop.pay()
    await asyncio.sleep(1.5)
    assert receiver.sequences == [sequence]
    resumed = await shop.client.resume_webhook(webhook_id)
    assert resumed.state == Webhook.STATE_ACTIVE
    await receiver.wait_for([sequence, later])
    assert receiver.sequences == [sequence, sequence, later]


async def _has_state(shop: Shop, webhook_id: str, state: Webhook.State) -> bool:
    return (await shop.client.webhook(webhook_id)).state == state


async def test_dead_letters_are_listed_and_tried_anew(shop: Shop, receiver: Receiver) -> None:
    receiver.fail(*[500] * 9)
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    webhook_id = made.webhook.webhook_id
    first, second, third = [await shop.pay() for _ in range(3)]

    async def dead() -> list[int]:
        return [letter.sequence async for letter in shop.client.dead_letters(webhook_id)]

    await until(lambda: _equal(dead, [first, second, third]))
    assert receiver.sequences == [first] * 3 + [second] * 3 + [third] * 3
    letter = await anext(shop.client.dead_letters(webhook_id, page_size=1))
    assert (letter.attempts, letter.last_status) == (3, 500)
    assert letter.event_id == receiver.received[0].id
    assert letter.last_failure == "HTTP status 500"
    found = await shop.client.webhook(webhook_id)
    assert found.progress.dead_letter_count == 3
    assert found.progress.cursor >= third

    await refused(
        "DEAD_LETTER_NOT_FOUND", shop.client.retry_dead_letters(webhook_id, [second, 999_999])
    )
    assert await shop.client.retry_dead_letters(webhook_id, [second]) == 1
    await receiver.wait_for([second])
    await until(lambda: _equal(dead, [first, third]))
    await refused("DEAD_LETTER_NOT_FOUND", shop.client.retry_dead_letters(webhook_id, [second]))
    assert await shop.client.retry_dead_letters(webhook_id) == 2
    await receiver.wait(12)
    await until(lambda: _equal(dead, []))
    assert sorted(receiver.sequences[9:]) == [first, second, third]
    assert await shop.client.retry_dead_letters(webhook_id) == 0


async def _equal(read: Any, wanted: Any) -> bool:
    return bool(await read() == wanted)


async def test_a_replay_sends_again_with_the_same_ids(shop: Shop, receiver: Receiver) -> None:
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    webhook_id = made.webhook.webhook_id
    sequences = [await shop.pay() for _ in range(6)]
    await receiver.wait_for(sequences)
    await until(lambda: _delivered(shop, webhook_id, 6))
    replayed = await shop.client.replay_webhook(webhook_id, after_sequence=sequences[2])
    assert replayed.progress.cursor == sequences[2]
    await receiver.wait(9)
    assert receiver.sequences == sequences + sequences[3:]
    assert len({received.id for received in receiver.received}) == 6
    error = await refused(
        "INVALID_FIELD", shop.client.replay_webhook(webhook_id, after_sequence=999_999)
    )
    assert error.metadata["field"] == "after_sequence"


async def test_both_secrets_work_while_they_overlap(shop: Shop, receiver: Receiver) -> None:
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    webhook_id = made.webhook.webhook_id
    rotated = await shop.client.rotate_webhook_secret(webhook_id)
    assert rotated.secret != made.secret
    expires = rotated.webhook.previous_secret_expire_time.ToDatetime(UTC)
    assert timedelta(hours=23) < expires - datetime.now(UTC) < timedelta(hours=25)
    request_id = new_id()
    await until(lambda: _signatures(shop, receiver, webhook_id, 2))
    for secret in (made.secret, rotated.secret):
        assert receiver.received[-1].check(secret)
    final = await shop.client.rotate_webhook_secret(
        webhook_id, overlap=timedelta(0), request_id=request_id
    )
    await until(lambda: _signatures(shop, receiver, webhook_id, 1))
    assert receiver.received[-1].check(final.secret)
    for secret in (made.secret, rotated.secret):
        with pytest.raises(WebhookVerificationError):
            receiver.received[-1].check(secret)
    with pytest.raises(SecretLostError) as lost:
        await shop.client.rotate_webhook_secret(
            webhook_id, overlap=timedelta(0), request_id=request_id
        )
    assert lost.value.webhook_id == webhook_id


async def _signatures(shop: Shop, receiver: Receiver, webhook_id: str, count: int) -> bool:
    """Whether a transfer that is made now is signed so many times."""
    sequence = await shop.pay()
    await receiver.wait_for([sequence])
    return len(receiver.received[-1].headers["webhook-signature"].split()) == count


async def test_a_test_event_is_sent_once_and_its_outcome_told(
    shop: Shop, receiver: Receiver
) -> None:
    made = await shop.client.create_webhook(receiver.url)
    sent = await shop.client.send_test_event(made.webhook.webhook_id)
    assert (sent.delivered, sent.status, sent.failure) == (True, 200, "")
    event = receiver.received[-1].check(made.secret)
    assert (event.type, event.sequence) == ("webhook.test", 0)
    assert not event.HasField("data")
    receiver.fail(404)
    failed = await shop.client.send_test_event(made.webhook.webhook_id)
    assert (failed.delivered, failed.status) == (False, 404)
    assert failed.failure == "HTTP status 404"
    assert len(receiver.received) == 2
    assert receiver.received[0].id != receiver.received[1].id


# --- managing -------------------------------------------------------------------------------------


async def test_a_paused_webhook_rests_and_loses_nothing(shop: Shop, receiver: Receiver) -> None:
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    webhook_id = made.webhook.webhook_id
    first = await shop.pay()
    await receiver.wait_for([first])
    paused = await shop.client.pause_webhook(webhook_id)
    assert paused.state == Webhook.STATE_PAUSED
    again = await shop.client.pause_webhook(webhook_id)
    assert again.state == Webhook.STATE_PAUSED
    await asyncio.sleep(1.5)
    meanwhile = [await shop.pay() for _ in range(3)]
    await asyncio.sleep(1.2)
    assert receiver.sequences == [first]
    await shop.client.resume_webhook(webhook_id)
    await receiver.wait_for(meanwhile)
    assert receiver.sequences == [first, *meanwhile]


async def test_an_update_changes_where_and_what(shop: Shop, receiver: Receiver) -> None:
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    webhook_id = made.webhook.webhook_id
    updated = await shop.client.update_webhook(
        webhook_id, url=receiver.url + "/new?a=b", filter=only(shop.safe)
    )
    assert updated.url.endswith("/hooks/new?a=b")
    assert list(updated.filter.accounts) == [shop.safe]

    async def only_the_safe() -> bool:
        count = len(receiver.received)
        await shop.pay(shop.till)
        sequence = await shop.pay(shop.safe)
        await receiver.wait_for([sequence])
        return receiver.sequences[count:] == [sequence]

    await until(only_the_safe)
    assert receiver.received[-1].path == "/hooks/new"


async def test_a_deleted_webhook_is_gone_with_all_that_waits(
    server: Server, shop: Shop, receiver: Receiver
) -> None:
    receiver.fail(*[500] * 100)
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    webhook_id, request_id = made.webhook.webhook_id, new_id()
    await shop.pay()
    await receiver.wait(1)
    await shop.client.delete_webhook(webhook_id, request_id=request_id)
    await shop.client.delete_webhook(webhook_id, request_id=request_id)
    for call in (
        shop.client.webhook(webhook_id),
        shop.client.delete_webhook(webhook_id),
        shop.client.pause_webhook(webhook_id),
        shop.client.send_test_event(webhook_id),
        shop.client.retry_dead_letters(webhook_id),
        anext(shop.client.dead_letters(webhook_id)),
    ):
        await refused("WEBHOOK_NOT_FOUND", call)
    connection = await asyncpg.connect(server.database_url)

    async def nothing_left() -> bool:
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("webhooks", "webhook_progress", "webhook_backlog")
        ]
        return counts == [0, 0, 0]

    await until(nothing_left)
    await connection.close()


async def test_an_application_has_at_most_ten(shop: Shop, receiver: Receiver) -> None:
    request_id = new_id()
    made = await shop.client.create_webhook(receiver.url, request_id=request_id)
    with pytest.raises(SecretLostError):
        await shop.client.create_webhook(receiver.url, request_id=request_id)
    await asyncio.gather(*(shop.client.create_webhook(receiver.url) for _ in range(9)))
    error = await refused("TOO_MANY_WEBHOOKS", shop.client.create_webhook(receiver.url))
    assert error.metadata["limit"] == "10"
    listed = [webhook.webhook_id async for webhook in shop.client.webhooks(page_size=3)]
    assert len(listed) == 10
    assert listed[0] == made.webhook.webhook_id
    await shop.client.delete_webhook(listed[5])
    await shop.client.create_webhook(receiver.url)


async def test_only_the_application_and_operators_manage_a_webhook(
    server: Server, shop: Shop, receiver: Receiver
) -> None:
    made = await shop.client.create_webhook(receiver.url)
    webhook_id = made.webhook.webhook_id

    def calls(client: Any) -> list[Callable[[], Any]]:
        return [
            lambda: client.webhook(webhook_id),
            lambda: anext(client.webhooks(application_id=shop.application_id)),
            lambda: client.update_webhook(webhook_id, url=receiver.url),
            lambda: client.pause_webhook(webhook_id),
            lambda: client.resume_webhook(webhook_id),
            lambda: client.rotate_webhook_secret(webhook_id),
            lambda: client.replay_webhook(webhook_id, after_sequence=0),
            lambda: client.send_test_event(webhook_id),
            lambda: anext(client.dead_letters(webhook_id)),
            lambda: client.retry_dead_letters(webhook_id),
            lambda: client.create_webhook(receiver.url, application_id=shop.application_id),
            lambda: client.delete_webhook(webhook_id),
        ]

    async with open_shop(server, "identity.act_for") as stranger:
        for call in calls(stranger.client):
            error = await refused("SCOPE_MISSING", call())
            assert error.metadata["scope"] == "identity.applications"
        assert [w async for w in stranger.client.webhooks()] == []
        person = (await shop.operator.get_or_create_person(provider="telegram", subject="1")).person
        for call in calls(stranger.client.acting_for(person.person_id)):
            await refused("APPLICATION_ONLY", call())
    assert (await shop.client.webhook(webhook_id)).state == Webhook.STATE_ACTIVE
    for call in calls(shop.operator):
        with contextlib.suppress(StopAsyncIteration):
            await call()
    await refused(
        "APPLICATION_NOT_FOUND",
        shop.operator.create_webhook(receiver.url, application_id="0" * 16),
    )
    (left,) = [w async for w in shop.client.webhooks()]
    assert left.application_id == shop.application_id
    assert left.webhook_id != webhook_id


async def test_malformed_webhooks_are_refused_by_field(shop: Shop, receiver: Receiver) -> None:
    for url in (
        *("", "https://", "ftp://example.org", "example.org", "/hooks", "https:///hooks"),
        *("https://user:word@example.org", "https://example.org/#part", "https://exa mple.org"),
        *("https://example.org/\n", "https://example.org:0", "https://example.org:99999"),
        *("https://exämple.org", "https://example.org/" + "x" * 2_100, "https://[::1"),
    ):
        error = await refused("INVALID_FIELD", shop.client.create_webhook(url))
        assert error.metadata["field"] == "url", url
    for wanted, field in (
        (only("orgs"), "filter.accounts"),
        (only(*[shop.till] * 101), "filter.accounts"),
        (TransactionFilter(asset="coin"), "filter.asset"),
        (TransactionFilter(kinds=[99]), "filter.kinds"),  # type: ignore[list-item]
    ):
        error = await refused(
            "INVALID_FIELD", shop.client.create_webhook(receiver.url, filter=wanted)
        )
        assert error.metadata["field"] == field
    await refused(
        "ACCOUNT_NOT_FOUND", shop.client.create_webhook(receiver.url, filter=only("orgs/none"))
    )
    await refused(
        "ASSET_NOT_FOUND",
        shop.client.create_webhook(receiver.url, filter=TransactionFilter(asset="GOLD")),
    )
    assert [w async for w in shop.client.webhooks()] == []


async def test_the_secret_is_nowhere_in_the_database(
    server: Server, shop: Shop, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    rotated = await shop.client.rotate_webhook_secret(made.webhook.webhook_id)
    await shop.pay()
    await receiver.wait(1)
    secrets = [verify_key(secret) for secret in (made.secret, rotated.secret)]
    connection = await asyncpg.connect(server.database_url)
    tables = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    for (table,) in tables:
        for row in await connection.fetch(f"SELECT * FROM {table}"):
            for value in row.values():
                stored = value if isinstance(value, bytes) else str(value).encode()
                for text, key in secrets:
                    assert text not in stored, table
                    assert key not in stored, table
    await connection.close()
    printed = capsys.readouterr()
    assert "whsec" not in printed.out + printed.err
    assert (server.data_folder / "webhooks.key").stat().st_mode & 0o777 == 0o600


def verify_key(secret: str) -> tuple[bytes, bytes]:
    text = secret.removeprefix("whsec_")
    return text.encode(), base64.b64decode(text)


async def test_the_sdk_tells_what_is_wrong_with_a_request(shop: Shop, receiver: Receiver) -> None:
    made = await shop.client.create_webhook(receiver.url)
    await shop.client.send_test_event(made.webhook.webhook_id)
    got, secret = receiver.received[0], made.secret
    late = datetime.now(UTC) + timedelta(minutes=6)
    with pytest.raises(WebhookVerificationError, match="away from"):
        verify_webhook(got.headers, got.body, secret, now=late)
    verify_webhook(got.headers, got.body, secret, now=late, tolerance=timedelta(minutes=7))
    with pytest.raises(WebhookVerificationError, match="no signature fits"):
        verify_webhook(got.headers, got.body + b" ", secret)
