"""Webhooks and what may go wrong around them: several servers, crashes, hostile receivers."""

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
import trustme
from aiohttp import web
from ticketonomics_client import Client, RefusedError, TransactionFilter, Webhook
from ticketonomics_server.bootstrap import operator_key_file

from tests.conftest import Server, run_server
from tests.e2e.receiver import QUICK, Received, Receiver, Shop, open_shop, receiving, until
from tests.e2e.refusals import refused
from tests.e2e.test_server_cli import Operator, folder, guest

__all__ = ["folder", "guest"]

HERE = {
    "WEBHOOK_ALLOW_HTTP": "true",
    "WEBHOOK_ALLOW_PRIVATE": "true",
    "WEBHOOK_RETRY_SECONDS": ".1",
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


def only(*accounts: str) -> TransactionFilter:
    return TransactionFilter(accounts=accounts)


async def failure_of(client: Client, webhook_id: str) -> str:
    """Waits for an attempt that failed, and says why."""

    async def look() -> str:
        return (await client.webhook(webhook_id)).progress.last_failure

    return str(await until(look))


async def test_of_two_servers_one_delivers_and_the_other_goes_on_without_doubles(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    async def answer(received: Received) -> web.StreamResponse:
        # The till's events queue up, and the safe's overtake them.
        if shop.till.encode() in received.body:
            await asyncio.sleep(0.1)
        return web.Response()

    async with AsyncExitStack() as stack:
        first = AsyncExitStack()
        one = await first.enter_async_context(run_server(database_url, tmp_path, **QUICK))
        two = await stack.enter_async_context(run_server(database_url, tmp_path, **QUICK))
        async with open_shop(one) as shop:
            made = await shop.client.create_webhook(receiver.url, filter=only(shop.till, shop.safe))
            sequences = await _pay(shop, 10)
            # Whoever was told of the webhook first delivers, and the other one waits.
            await receiver.wait_for(sequences)
        receiver.answer = answer
        async with Client(two.target, api_key=two.operator_key) as operator:
            shop = Shop(operator, operator, shop.application_id)
            sequences += await _pay(shop, 40)
            await receiver.wait(25)
            assert len(receiver.received) < 50, "it ends too late"
            await first.aclose()
            sequences += await _pay(shop, 10)
            await receiver.wait_for(sequences)
            await asyncio.sleep(1.5)
    assert sorted(receiver.sequences) == sequences, "each once"
    for received in receiver.received:
        assert received.check(made.secret)


async def test_an_account_that_fails_makes_no_restart_repeat_the_others(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    settings = {**QUICK, "webhook_attempts": 20, "webhook_retry_seconds": 2.0}
    broken = True

    async def answer(received: Received) -> web.StreamResponse:
        fails = broken and shop.till.encode() in received.body
        return web.Response(status=500 if fails else 200)

    receiver.answer = answer
    async with run_server(database_url, tmp_path, **settings) as server, open_shop(server) as shop:
        made = await shop.client.create_webhook(receiver.url, filter=only(shop.till, shop.safe))
        sequences = await _pay(shop, 20)
        tills, safes = sequences[1::2], sequences[::2]
        await receiver.wait_for(safes)

        async def passed() -> bool:
            progress = (await shop.client.webhook(made.webhook.webhook_id)).progress
            return progress.cursor >= sequences[-1] and progress.retrying_count == 1

        await until(passed)
    broken = False
    async with run_server(database_url, tmp_path, **settings):
        await receiver.wait_for(tills)
    assert sorted(s for s in receiver.sequences if s in safes) == safes, "each once"
    tried = [s for s in receiver.sequences if s in tills]
    assert list(dict.fromkeys(tried)) == tills, "in order"
    assert set(tried[:2]) == {tills[0]}


async def _pay(shop: Shop, count: int) -> list[int]:
    return [await shop.pay(shop.till if n % 2 else shop.safe) for n in range(count)]


async def test_a_killed_server_loses_no_event(
    guest: Operator, folder: Path, receiver: Receiver
) -> None:
    operator = guest.also(**HERE)
    target = operator.env["TICKETONOMICS_LISTEN"]
    paid: list[int] = []
    slow = asyncio.Event()

    async def answer(_: Received) -> web.StreamResponse:
        # Failures, and attempts that are under way, when the server dies.
        if not slow.is_set():
            await asyncio.sleep(0.1)
            return web.Response(status=200 if len(receiver.received) % 3 else 500)
        return web.Response()

    receiver.answer = answer
    async with operator.serving() as process:
        key = operator_key_file(folder, "main").read_text().strip()
        server = Server(target, key, "", folder, None, None)  # type: ignore[arg-type]
        async with open_shop(server) as shop:
            made = await shop.client.create_webhook(receiver.url)
            webhook_id = made.webhook.webhook_id
            paid += await _pay(shop, 40)

            async def saved() -> bool:
                return (await shop.client.webhook(webhook_id)).progress.delivered_count > 0

            await until(saved)
        process.kill()
        await process.wait()
    assert len(set(receiver.sequences)) < 40, "it was killed too late"
    slow.set()
    async with operator.serving() as process, Client(target, api_key=key) as client:
        await receiver.wait_for(paid)
        # Cut off in the middle of a replay, it goes on as well.
        count = len(receiver.received)
        await client.replay_webhook(webhook_id, after_sequence=paid[0] - 1)
        await receiver.wait(count + 5)
        process.kill()
        await process.wait()
    async with operator.serving(), Client(target, api_key=key) as client:

        async def done() -> bool:
            progress = (await client.webhook(webhook_id)).progress
            return progress.cursor >= paid[-1] and progress.retrying_count == 0

        await until(done)
    assert set(receiver.sequences) >= set(paid)
    for sequence in paid:
        assert receiver.sequences[count:].count(sequence) >= 1, "the replay is complete, too"
    assert all(received.check(made.secret) for received in receiver.received)


async def test_a_frozen_server_does_not_freeze_deliveries(
    guest: Operator, folder: Path, receiver: Receiver, tmp_path: Path
) -> None:
    operator = guest.also(**HERE)
    async with operator.serving() as process:
        key = operator_key_file(folder, "main").read_text().strip()
        server = Server(operator.env["TICKETONOMICS_LISTEN"], key, "", folder, None, None)  # type: ignore[arg-type]
        async with open_shop(server) as shop:
            await shop.client.create_webhook(receiver.url)
            first = await shop.pay()
            await receiver.wait_for([first])
        url = operator.env["TICKETONOMICS_DATABASE_URL"]
        async with run_server(url, folder, **QUICK) as other, open_shop(other) as shop:
            process.send_signal(signal.SIGSTOP)
            try:
                second = await shop.operator.mint(
                    destination="orgs/bank", asset="COIN", amount=1, reason="x"
                )
                await receiver.wait_for([second.sequence])
            finally:
                process.send_signal(signal.SIGCONT)
            # What it had locked is the other's now: it can write nothing about it.
            third = await shop.pay()
            await receiver.wait_for([third])
            await asyncio.sleep(1.5)
            assert receiver.sequences.count(third) == 1


async def test_a_lost_session_is_opened_again(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    async with run_server(database_url, tmp_path, **QUICK) as server, open_shop(server) as shop:
        await shop.client.create_webhook(receiver.url)
        before = await _pay(shop, 5)
        await receiver.wait_for(before)
        connection = await asyncpg.connect(database_url)
        ended = await connection.fetchval(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'ticketonomics webhooks' AND datname = current_database()"
        )
        await connection.close()
        assert ended == 1
        after = await _pay(shop, 5)
        await receiver.wait_for(after)


# --- hostile and hopeless receivers ---------------------------------------------------------------


async def test_a_slow_receiver_holds_up_nothing_but_itself(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    settings = {**QUICK, "webhook_timeout_seconds": 0.5, "webhook_attempts": 20}
    release = asyncio.Event()

    async def never(_: Received) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    async with receiving() as slow:
        slow.answer = never
        async with (
            run_server(database_url, tmp_path, **settings) as server,
            open_shop(server) as shop,
        ):
            stuck = await shop.client.create_webhook(slow.url)
            await shop.client.create_webhook(receiver.url)
            sequences = await _pay(shop, 50)
            await receiver.wait_for(sequences)
            assert (
                await failure_of(shop.client, stuck.webhook.webhook_id) == "no answer within 0.5 s"
            )
            await slow.wait(6)
            release.set()
            await slow.wait_for(sequences)


async def test_an_endless_answer_is_cut_off(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    sent = 0

    async def endless(received: Received) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Set-Cookie": "a=b"})
        await response.prepare(received.request)
        with pytest.raises(ConnectionError):
            while True:
                await response.write(bytes(65_536))
                sent += 65_536
        return response

    receiver.answer = endless
    async with run_server(database_url, tmp_path, **QUICK) as server, open_shop(server) as shop:
        made = await shop.client.create_webhook(receiver.url)
        sequences = await _pay(shop, 2)
        await receiver.wait_for(sequences)

        async def delivered() -> bool:
            found = await shop.client.webhook(made.webhook.webhook_id)
            return found.progress.delivered_count == 2

        await until(delivered)
    assert sent < 100_000_000
    assert not any("Cookie" in received.headers for received in receiver.received)


async def test_what_is_not_public_is_refused_when_made_and_when_sent(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    async with run_server(database_url, tmp_path, **QUICK) as server, open_shop(server) as shop:
        by_name = receiver.url.replace("127.0.0.1", "localhost")
        made = [await shop.client.create_webhook(url) for url in (receiver.url, by_name)]
        assert (await shop.client.send_test_event(made[1].webhook.webhook_id)).delivered
    count = len(receiver.received)
    strict = {**QUICK, "webhook_allow_private": False}
    async with run_server(database_url, tmp_path, **strict) as server, open_shop(server) as shop:
        for url in (
            *(
                receiver.url,
                by_name,
                "http://10.0.0.1/",
                "http://[::1]/",
                "http://169.254.169.254/",
            ),
            *("http://[::ffff:127.0.0.1]/", "http://192.168.1.1:8080/", "http://0.0.0.0/"),
            *("http://127.1/", "http://2130706433/"),
        ):
            error = await refused("INVALID_FIELD", shop.client.create_webhook(url))
            assert "not public" in str(error), url
        # This name is only seen through when it is looked up.
        tricky = receiver.url.replace("127.0.0.1", "0x7f000001")
        sneaked = await shop.client.create_webhook(tricky)
        sent = await shop.client.send_test_event(sneaked.webhook.webhook_id)
        assert "not public" in sent.failure
        async with Client(server.target, api_key=server.operator_key) as operator:
            for webhook in made:
                sent = await operator.send_test_event(webhook.webhook.webhook_id)
                assert "not public" in sent.failure
            await shop.pay()
            assert "not public" in await failure_of(operator, made[0].webhook.webhook_id)
    encrypted = {**QUICK, "webhook_allow_http": False}
    async with run_server(database_url, tmp_path, **encrypted) as server, open_shop(server) as shop:
        await refused("INVALID_FIELD", shop.client.create_webhook(receiver.url))
        async with Client(server.target, api_key=server.operator_key) as operator:
            sent = await operator.send_test_event(made[0].webhook.webhook_id)
            assert sent.failure == "the URL does not begin with https://"
        # A receiver that does not speak TLS.
        plain = receiver.url.replace("http://", "https://")
        over_tls = await shop.client.create_webhook(plain)
        sent = await shop.client.send_test_event(over_tls.webhook.webhook_id)
        assert (sent.delivered, sent.status) == (False, 0)
    assert len(receiver.received) == count


async def test_a_webhook_that_fails_for_long_is_disabled(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    settings = {**QUICK, "webhook_disable_hours": 0.5 / 3_600}
    receiver.fail(*[500] * 1_000)
    async with run_server(database_url, tmp_path, **settings) as server, open_shop(server) as shop:
        made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
        webhook_id = made.webhook.webhook_id

        async def disabled() -> bool:
            await shop.pay()
            return (await shop.client.webhook(webhook_id)).state == Webhook.STATE_DISABLED

        await until(disabled)
        found = await shop.client.webhook(webhook_id)
        assert found.disable_reason == Webhook.DISABLE_REASON_FAILING
        assert found.progress.failing_since.seconds > 0
        receiver.fail()
        await shop.client.resume_webhook(webhook_id)
        sequence = await shop.pay()
        await receiver.wait_for([sequence])


async def test_without_the_key_nothing_is_made_and_nothing_signed(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    async with run_server(database_url, tmp_path, **QUICK) as server, open_shop(server) as shop:
        made = await shop.client.create_webhook(receiver.url, filter=only(shop.till))
    key = tmp_path / "webhooks.key"
    key.rename(tmp_path / "elsewhere.key")
    async with (
        run_server(database_url, tmp_path, **QUICK) as server,
        Client(server.target, api_key=server.operator_key) as operator,
    ):
        with pytest.raises(Exception, match="WEBHOOK_KEY_MISSING"):
            await operator.create_webhook(receiver.url, timeout_seconds=1)
        sent = await operator.send_test_event(made.webhook.webhook_id)
        assert "no key" in sent.failure
        assert receiver.received == []
        # The key comes back while the server runs.
        (tmp_path / "elsewhere.key").rename(key)
        assert (await operator.send_test_event(made.webhook.webhook_id)).delivered
    assert receiver.received[0].check(made.secret)


# --- economies ------------------------------------------------------------------------------------


async def test_economies_share_no_webhooks(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    async with run_server(database_url, tmp_path, **QUICK) as server, open_shop(server) as shop:
        host = Operator().also(DATABASE_URL=database_url, DATA_FOLDER=str(tmp_path / "none"))
        key = tmp_path / "guild.key"
        created = await host("economies", "create", "guild", "--file", str(key))
        assert created.code == 0, created.err
        guild = Server(server.target, key.read_text().strip(), "", tmp_path, None, None)  # type: ignore[arg-type]
        async with open_shop(guild) as other, receiving() as theirs:
            made = await shop.client.create_webhook(receiver.url)
            their = await other.client.create_webhook(theirs.url)
            webhook_id = their.webhook.webhook_id
            for call in (
                shop.operator.webhook(webhook_id),
                shop.operator.update_webhook(webhook_id, url=receiver.url),
                shop.operator.pause_webhook(webhook_id),
                shop.operator.resume_webhook(webhook_id),
                shop.operator.rotate_webhook_secret(webhook_id),
                shop.operator.replay_webhook(webhook_id, after_sequence=0),
                shop.operator.send_test_event(webhook_id),
                anext(shop.operator.dead_letters(webhook_id)),
                shop.operator.retry_dead_letters(webhook_id),
                shop.operator.delete_webhook(webhook_id),
            ):
                await refused("WEBHOOK_NOT_FOUND", call)
            theirs_only = [
                w async for w in shop.operator.webhooks(application_id=other.application_id)
            ]
            assert theirs_only == []
            ours, others = await shop.pay(), await other.pay()
            await receiver.wait_for([ours])
            await theirs.wait_for([others])
            assert receiver.received[-1].check(made.secret).economy == "main"
            assert theirs.received[-1].check(their.secret).economy == "guild"
            # A suspended economy's webhooks wait.
            assert (await host("economies", "suspend", "guild")).code == 0
            await asyncio.sleep(4)
            count = len(theirs.received)
            await until(lambda: _refused(other))
            await asyncio.sleep(1.2)
            assert len(theirs.received) == count
            assert (await host("economies", "resume", "guild")).code == 0
            await until(lambda: _paid(other))
            await until(lambda: len(theirs.received) > count)
            assert len(receiver.received) == 1


async def _refused(shop: Shop) -> bool:
    return not await _paid(shop)


async def _paid(shop: Shop) -> bool:
    try:
        await shop.pay()
    except RefusedError as error:
        assert error.reason_name == "ECONOMY_SUSPENDED"
        return False
    return True


async def test_events_go_over_tls_to_who_shows_a_good_certificate(
    guest: Operator, folder: Path, tmp_path: Path
) -> None:
    good, bad = trustme.CA(), trustme.CA()
    trusted = tmp_path / "trusted.pem"
    good.cert_pem.write_to_path(str(trusted))
    operator = guest.also(**{**HERE, "WEBHOOK_ALLOW_HTTP": "false"})
    operator.env["SSL_CERT_FILE"] = str(trusted)
    async with operator.serving():
        key = operator_key_file(folder, "main").read_text().strip()
        server = Server(operator.env["TICKETONOMICS_LISTEN"], key, "", folder, None, None)  # type: ignore[arg-type]
        async with open_shop(server) as shop:
            for issuer, host, failure in (
                (good, "localhost", ""),
                (good, "example.org", "the receiver's certificate is not accepted"),
                (bad, "localhost", "the receiver's certificate is not accepted"),
            ):
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                issuer.issue_cert(host).configure_cert(context)
                async with receiving(context) as receiver:
                    url = receiver.url.replace("127.0.0.1", "localhost")
                    made = await shop.client.create_webhook(url)
                    sent = await shop.client.send_test_event(made.webhook.webhook_id)
                    assert sent.failure == failure
                    assert len(receiver.received) == (not failure)
