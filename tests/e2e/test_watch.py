"""Streams of transactions: nothing missing, nothing twice, nothing that others may not see."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics_client import Client, Posting, Receipt, Transaction, TransactionDraft
from ticketonomics_server.engine import economies, feed

from tests.conftest import Server, run_server

ACCOUNTS = ("orgs/a", "orgs/b", "orgs/c")
PATIENCE_SECONDS = 30


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        await furnish(opened)
        yield opened


async def furnish(client: Client) -> None:
    for code in ("BRONZE", "IRON"):
        await client.create_asset(Asset(code=code, kind=Asset.KIND_MATERIAL, name=code))
    for address in ACCOUNTS:
        await client.open_account(address)
        for code in ("BRONZE", "IRON"):
            await client.mint(destination=address, asset=code, amount=10**9, reason="start")


def draft(chance: random.Random, memo: str = "") -> TransactionDraft:
    source, destination = chance.sample(ACCOUNTS, 2)
    asset = chance.choice(("BRONZE", "IRON"))
    moved = Posting(source=source, destination=destination, asset=asset, amount=1)
    return TransactionDraft(postings=[moved], memo=memo)


async def write(client: Client, count: int, *, seed: int = 1) -> int:
    """Makes so many transactions in batches of changing sizes; returns the last one's sequence."""
    chance, last = random.Random(seed), 0
    while count > 0:
        size = min(count, chance.choice((1, 1, 3, 20, 200)))
        outcomes = await client.create_transactions([draft(chance) for _ in range(size)])
        count -= size
        last = max(o.sequence for o in outcomes if isinstance(o, Receipt))
    return last


async def collect(
    stream: AsyncIterator[Transaction], until: int, *, pause: bool = False
) -> list[Transaction]:
    """Reads a stream until it has told of an entry."""
    found = []
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(stream):
        async for transaction in stream:
            found.append(transaction)
            if transaction.sequence >= until:
                break
            if pause:
                await asyncio.sleep(0)
    return found


async def journal(client: Client) -> list[Transaction]:
    return [t async for t in client.transactions(page_size=1_000)][::-1]


@asynccontextmanager
async def opened(
    channel: grpc.aio.Channel, after_sequence: int | None = None, **filters: object
) -> AsyncIterator[grpc.aio.UnaryStreamCall]:
    """The bare stream, without the SDK's resuming; it has begun when it is given."""
    request = ledger.WatchTransactionsRequest(after_sequence=after_sequence, **filters)
    call = LedgerServiceStub(channel).WatchTransactions(request)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield call
    finally:
        call.cancel()


async def test_the_first_message_is_a_heartbeat_with_the_cursor(
    server: Server, client: Client
) -> None:
    head = (await client.block()).last_sequence
    async with opened(server.channel) as stream:
        first = await stream.read()
        assert (list(first.transactions), first.cursor) == ([], head)
        last = await write(client, 1)
        second = await stream.read()
        assert [t.sequence for t in second.transactions] == [last] == [second.cursor]
    async with opened(server.channel, 3) as stream:
        assert (await stream.read()).cursor == 3


async def test_from_the_beginning_it_is_the_whole_journal(client: Client) -> None:
    last = await write(client, 2_500)
    found = await collect(client.watch_transactions(after_sequence=0), last)
    assert found == await journal(client)


@pytest.fixture
def beating_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that start after this send heartbeats so often that nobody waits for them."""
    monkeypatch.setattr(economies, "HEARTBEAT_SECONDS", 0.2)


async def test_who_resumes_at_any_cursor_misses_nothing_and_sees_nothing_twice(
    beating_often: None, server: Server, client: Client
) -> None:
    chance = random.Random(3)
    writing = asyncio.create_task(write(client, 3_000))
    seen: list[int] = []
    cursor = 0
    while not writing.done() or cursor < (await client.block()).last_sequence:
        async with opened(server.channel, cursor) as stream:
            await stream.read()
            for _ in range(chance.randint(1, 4)):
                if writing.done() and cursor >= (await client.block()).last_sequence:
                    break
                message = await stream.read()
                seen += [t.sequence for t in message.transactions]
                assert message.cursor >= cursor
                assert all(t.sequence > cursor for t in message.transactions)
                cursor = message.cursor
    await writing
    assert seen == [t.sequence for t in await journal(client)]


async def test_many_streams_that_begin_anywhere_agree(client: Client) -> None:
    first = await write(client, 300)
    chance = random.Random(4)
    starts = [0, first, *(chance.randint(0, first) for _ in range(20))]
    last = first + 700
    watching = [
        asyncio.create_task(collect(client.watch_transactions(after_sequence=start), last))
        for start in starts
    ]
    assert await write(client, 700, seed=5) == last
    everything = await journal(client)
    for start, task in zip(starts, watching, strict=True):
        assert await task == [t for t in everything if t.sequence > start]


async def test_filters_keep_out_the_rest(client: Client) -> None:
    watches = [
        ({"accounts": ["orgs/a"]}, lambda t: _touches(t, "orgs/a")),
        (
            {"accounts": ["orgs/a", "orgs/b"]},
            lambda t: _touches(t, "orgs/a") or _touches(t, "orgs/b"),
        ),
        ({"asset": "IRON"}, lambda t: t.postings[0].asset == "IRON"),
        ({"kinds": [Transaction.KIND_MINT]}, lambda t: t.kind == Transaction.KIND_MINT),
        (
            {"asset": "IRON", "accounts": ["orgs/c"], "kinds": [Transaction.KIND_TRANSFER]},
            lambda t: (
                t.postings[0].asset == "IRON"
                and _touches(t, "orgs/c")
                and t.kind == Transaction.KIND_TRANSFER
            ),
        ),
    ]
    last = await write(client, 1_200)
    everything = await journal(client)
    for filters, wanted in watches:
        expected = [t for t in everything if wanted(t)]
        found = await collect(
            client.watch_transactions(after_sequence=0, **filters), expected[-1].sequence
        )
        assert found == expected, filters
    # The cursor passes what does not match.
    async with aclosing(client.watch_messages(asset="IRON", after_sequence=last - 1)) as messages:
        async for message in messages:
            if message.cursor >= last:
                break


def _touches(transaction: Transaction, account: str) -> bool:
    return any(account in (p.source, p.destination) for p in transaction.postings)


async def test_a_stream_that_cannot_be_is_refused(server: Server, client: Client) -> None:
    head = (await client.block()).last_sequence
    cases: Sequence[tuple[str, dict[str, object]]] = (
        ("ACCOUNT_NOT_FOUND", {"accounts": ["orgs/none"]}),
        ("ASSET_NOT_FOUND", {"asset": "GOLD"}),
        ("INVALID_FIELD", {"accounts": ["nowhere"]}),
        ("INVALID_FIELD", {"accounts": ["orgs/a"] * 101}),
        ("INVALID_FIELD", {"asset": "iron"}),
        ("INVALID_FIELD", {"after_sequence": -1}),
        ("INVALID_FIELD", {"after_sequence": head + 1}),
    )
    for reason, fields in cases:
        async with opened(server.channel, **fields) as stream:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stream.read()
            assert _reason(caught.value) == reason, fields
    async with opened(server.channel, accounts=["orgs/a"] * 100) as stream:
        assert (await stream.read()).cursor == head


def _reason(error: grpc.aio.AioRpcError) -> str:
    info = error_details_pb2.ErrorInfo()
    status = rpc_status.from_call(error)
    assert status is not None, error
    assert status.details[0].Unpack(info)
    return info.reason


async def test_a_slow_reader_costs_no_memory_and_misses_nothing(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed that keeps little, and a reader that stops for all of what happens."""
    kept: list[int] = []
    publish = feed.Feed.publish

    def publish_and_count(self: feed.Feed, page: feed.Page) -> None:
        publish(self, page)
        kept.append(sum(len(page.items) for page in self._pages))

    monkeypatch.setattr(feed, "KEPT_ENTRIES", 500)
    monkeypatch.setattr(feed.Feed, "publish", publish_and_count)
    async with opened(server.channel) as stream:
        cursor = (await stream.read()).cursor
        last = await write(client, 20_000)
        assert max(kept) <= 500 + 200, "what is kept, and one page that was just made"
        seen: list[int] = []
        while cursor < last:
            message = await stream.read()
            assert len(message.transactions) <= 1_000
            cursor = message.cursor
            seen += [t.sequence for t in message.transactions]
    assert seen == list(range(seen[0], last + 1))
    assert len(seen) == 20_000


async def test_silence_is_filled_with_heartbeats(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(economies, "HEARTBEAT_SECONDS", 0.02)
    async with run_server(database_url, tmp_path) as server, opened(server.anonymous) as stream:
        head = (await stream.read()).cursor
        for _ in range(5):
            beat = await stream.read()
            assert (list(beat.transactions), beat.cursor) == ([], head)


async def test_streams_are_limited_in_number(database_url: str, tmp_path: Path) -> None:
    async with (
        run_server(database_url, tmp_path, max_streams=2) as server,
        opened(server.anonymous) as first,
        opened(server.anonymous) as second,
    ):
        await first.read()
        await second.read()
        async with opened(server.anonymous) as third:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await third.read()
        assert _reason(caught.value) == "RATE_LIMITED"
        second.cancel()
        async with Client(server.target, api_key=server.operator_key) as client:
            while (await client.status()).open_streams > 1:  # noqa: ASYNC110 - it tells when asked.
                await asyncio.sleep(0)
        async with opened(server.anonymous) as fourth:
            await fourth.read()


async def test_only_the_parties_and_the_trusted_see_memos(server: Server, client: Client) -> None:
    people = [
        (await client.get_or_create_person(provider="telegram", subject=subject)).person
        for subject in ("ann", "bob", "eve")
    ]
    ann, bob, eve = (person.person_id for person in people)
    await client.mint(destination=people[0].account, asset="IRON", amount=10, reason="start")
    app = await client.create_application(name="game", scopes=["identity.act_for"])
    game = (await client.create_api_key(app.application_id)).secret
    auditor = await client.create_application(
        name="auditor", scopes=["ledger.private", "identity.act_for"]
    )
    audit = (await client.create_api_key(auditor.application_id)).secret
    till = f"apps/{app.application_id}/till"
    await client.open_account(till)
    begin = (await client.block()).last_sequence
    for destination in (people[1].account, till):
        await client.transfer(
            source=people[0].account,
            destination=destination,
            asset="IRON",
            amount=1,
            memo=f"to {destination}",
            metadata={"order": "7"},
        )
    to_bob, to_till = f"to {people[1].account}", f"to {till}"
    table = [
        ("", "", ["", ""]),
        (game, "", ["", to_till]),
        (game, ann, [to_bob, to_till]),
        (game, bob, [to_bob, ""]),
        (game, eve, ["", ""]),
        (audit, "", [to_bob, to_till]),
        # Who acts for a person sees what that person sees, whatever else the program may.
        (audit, eve, ["", ""]),
    ]
    for key, person, wanted in table:
        async with Client(server.target, api_key=key or None) as calls:
            who = calls.acting_for(person) if person else calls
            streamed = await collect(who.watch_transactions(after_sequence=begin), begin + 2)
            listed = [t async for t in who.transactions(page_size=2)][:2][::-1]
            single = [await who.transaction(begin + 1), await who.transaction(begin + 2)]
        for found in (streamed, listed, single):
            assert [t.memo for t in found] == wanted, (key, person)
            assert [dict(t.metadata) for t in found] == [
                {"order": "7"} if memo else {} for memo in wanted
            ]


async def test_two_servers_on_one_database_tell_one_story(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        run_server(database_url, tmp_path) as one,
        run_server(database_url, tmp_path) as two,
        Client(one.target, api_key=one.operator_key) as first,
        Client(two.target, api_key=two.operator_key) as second,
    ):
        await furnish(first)
        begin = await second.block(minimum_sequence=(await first.block()).last_sequence)
        watching = [
            asyncio.create_task(
                collect(
                    client.watch_transactions(after_sequence=begin.last_sequence),
                    begin.last_sequence + 1_200,
                )
            )
            for client in (first, second, first)
        ]
        lasts = await asyncio.gather(write(first, 600), write(second, 600, seed=2))
        assert max(lasts) == begin.last_sequence + 1_200
        stories = await asyncio.gather(*watching)
        assert [t.sequence for t in stories[0]] == list(
            range(begin.last_sequence + 1, max(lasts) + 1)
        )
        assert stories[0] == stories[1] == stories[2]
        assert (await journal(second))[-1_200:] == stories[0]
        # What one has accepted, the other only replays.
        made = draft(random.Random(9))
        (accepted,) = await first.create_transactions([made])
        (replayed,) = await second.create_transactions([made])
        assert isinstance(accepted, Receipt)
        assert isinstance(replayed, Receipt)
        assert (replayed.sequence, replayed.replayed) == (accepted.sequence, True)
