"""Holds over a real socket: their life, who may see and end them, and everything at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics.ledger.v1.hold_pb2 import Hold
from ticketonomics.ledger.v1.transaction_pb2 import Posting, Transaction
from ticketonomics_client import Client, RefusedError

from tests.conftest import Server, new_id
from tests.e2e.refusals import refused

SHOP = "orgs/shop"


@dataclass
class Town:
    """Ann has 1,000 TEA, which costs 10 % to move."""

    server: Server
    operator: Client
    ann: str
    bob: str

    async def held(self, account: str, **moment: Any) -> tuple[int, int, int]:
        found = await self.operator.balance(account, "TEA", **moment)
        return found.posted, found.held, found.available

    @asynccontextmanager
    async def application(self, *scopes: str) -> AsyncIterator[Client]:
        made = await self.operator.create_application(name="game", scopes=scopes)
        key = await self.operator.create_api_key(made.application_id)
        async with Client(self.server.target, api_key=key.secret) as client:
            yield client


@pytest.fixture
async def town(server: Server) -> AsyncIterator[Town]:
    async with Client(server.target, api_key=server.operator_key) as operator:
        asset = Asset(code="TEA", kind=Asset.KIND_MATERIAL, name="Tea")
        asset.transfer_fee.CopyFrom(TransferFee(fee_bps=1_000))
        await operator.create_asset(asset)
        await operator.open_account(SHOP)
        people = [
            (await operator.get_or_create_person(provider="test", subject=name)).person
            for name in ("ann", "bob")
        ]
        ann, bob = (person.account for person in people)
        await operator.mint(destination=ann, asset="TEA", amount=1_000, reason="start")
        yield Town(server, operator, ann, bob)


def tea(source: str, destination: str, amount: int) -> Posting:
    return Posting(source=source, destination=destination, asset="TEA", amount=amount)


async def restart_state(town: Town) -> None:
    """Lets the server forget its kept rows, so that the next command loads them anew."""
    connection = await asyncpg.connect(town.server.database_url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
        " application_name = 'ticketonomics sequencer' AND datname = current_database()"
    )
    await connection.close()


async def test_a_hold_is_captured_in_part_and_the_rest_returns(town: Town) -> None:
    operator = town.operator
    made = await operator.create_hold(
        [tea(town.ann, SHOP, 300), tea(town.ann, town.bob, 100)],
        memo="for the harvest",
        metadata={"order": "7"},
    )
    assert made.state == Hold.STATE_OPEN
    assert [posting.fee for posting in made.postings] == [30, 10]
    assert (made.memo, dict(made.metadata)) == ("for the harvest", {"order": "7"})
    assert made.expire_time.ToDatetime(UTC) - made.create_time.ToDatetime(UTC) == timedelta(7)
    assert await town.held(town.ann) == (1_000, 440, 560)
    await refused(
        "INSUFFICIENT_FUNDS",
        operator.transfer(source=town.ann, destination=SHOP, asset="TEA", amount=561),
    )
    await restart_state(town)
    done = await operator.capture_hold(made.hold_id, amounts=[200, 0], memo="half of it")
    assert done.hold.state == Hold.STATE_CAPTURED
    assert done.hold.end_sequence == done.transaction.sequence
    assert done.transaction.kind == Transaction.KIND_CAPTURE
    assert done.transaction.hold_id == made.hold_id
    assert done.transaction.memo == "half of it"
    moved = [(p.source, p.destination, p.amount) for p in done.transaction.postings]
    assert moved == [(town.ann, SHOP, 200), (town.ann, "system/sink", 20)]
    assert await town.held(town.ann) == (780, 0, 780)
    assert await town.held(SHOP) == (200, 0, 200)
    found = await operator.transaction(done.transaction.sequence)
    assert found == done.transaction
    listed = [t async for t in operator.transactions(account=town.ann)]
    assert listed[0] == done.transaction
    kinds = [t async for t in operator.transactions(kind=Transaction.KIND_CAPTURE)]
    assert kinds == [done.transaction]


async def test_a_hold_that_the_server_has_forgotten_is_released_and_closed(town: Town) -> None:
    await town.operator.open_account("orgs/till")
    await town.operator.mint(destination="orgs/till", asset="TEA", amount=11, reason="x")
    made = await town.operator.create_hold([tea("orgs/till", SHOP, 10)])
    error = await refused("ACCOUNT_NOT_EMPTY", town.operator.close_account("orgs/till"))
    assert error.metadata["posted"] == "11"
    await restart_state(town)
    released = await town.operator.release_hold(made.hold_id)
    assert released.state == Hold.STATE_RELEASED
    assert await town.held("orgs/till") == (11, 0, 11)
    connection = await asyncpg.connect(town.server.database_url)
    assert await connection.fetchval("SELECT count(*) FROM timers") == 0
    await connection.close()


async def test_a_hold_expires_by_itself(town: Town) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    made = await town.operator.create_hold([tea(town.ann, SHOP, 10)], expire_time=soon)
    await restart_state(town)
    async with asyncio.timeout(20):
        while True:
            found = await town.operator.hold(made.hold_id)
            if found.state != Hold.STATE_OPEN:
                break
            await asyncio.sleep(0.1)
    assert found.state == Hold.STATE_EXPIRED
    assert found.end_time.ToDatetime(UTC) >= soon
    assert await town.held(town.ann) == (1_000, 0, 1_000)
    error = await refused("HOLD_NOT_OPEN", town.operator.capture_hold(made.hold_id))
    assert error.metadata["state"] == "EXPIRED"


async def test_every_step_is_replayed_and_no_id_is_used_twice(town: Town) -> None:
    operator, hold_id, capture_id = town.operator, new_id(), new_id()
    postings = [tea(town.ann, SHOP, 10)]
    first = await operator.create_hold(postings, hold_id=hold_id, memo="x")
    assert await operator.create_hold(postings, hold_id=hold_id, memo="x") == first
    await refused("REQUEST_ID_REUSED", operator.create_hold(postings, hold_id=hold_id))
    done = await operator.capture_hold(hold_id, amounts=[4], request_id=capture_id)
    again = await operator.capture_hold(hold_id, amounts=[4], request_id=capture_id)
    assert (done.replayed, again.replayed) == (False, True)
    assert (again.hold, again.transaction) == (done.hold, done.transaction)
    await refused("REQUEST_ID_REUSED", operator.capture_hold(hold_id, request_id=capture_id))
    await refused("HOLD_NOT_OPEN", operator.capture_hold(hold_id))
    # A replay tells the hold as it is now.
    now = await operator.create_hold(postings, hold_id=hold_id, memo="x")
    assert now.state == Hold.STATE_CAPTURED
    other = await operator.create_hold(postings)
    release_id = new_id()
    released = await operator.release_hold(other.hold_id, request_id=release_id)
    assert await operator.release_hold(other.hold_id, request_id=release_id) == released


async def test_of_many_who_end_a_hold_at_once_one_does(town: Town) -> None:
    made = await town.operator.create_hold([tea(town.ann, SHOP, 10)])
    calls = [
        town.operator.capture_hold(made.hold_id) if number % 2 else _release(town, made)
        for number in range(20)
    ]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refusals = [error.reason_name for error in outcomes if isinstance(error, RefusedError)]
    assert refusals == ["HOLD_NOT_OPEN"] * 19
    assert (await town.held(town.ann))[1] == 0


async def _release(town: Town, made: Hold) -> Hold:
    return await town.operator.release_hold(made.hold_id)


async def test_of_many_who_hold_at_once_only_so_many_do_as_there_is(town: Town) -> None:
    calls = [town.operator.create_hold([tea(town.ann, SHOP, 90)]) for _ in range(20)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    refusals = [error.reason_name for error in outcomes if isinstance(error, RefusedError)]
    assert refusals == ["INSUFFICIENT_FUNDS"] * 10
    assert await town.held(town.ann) == (1_000, 990, 10)


async def test_past_balances_tell_what_was_held_then(town: Town) -> None:
    operator = town.operator

    async def height() -> int:
        return (await operator.block()).height

    first = await operator.create_hold([tea(town.ann, SHOP, 100)])
    one = await height()
    second = await operator.create_hold([tea(town.ann, SHOP, 200)])
    two = await height()
    await operator.capture_hold(first.hold_id)
    three = await height()
    await operator.release_hold(second.hold_id)
    assert await town.held(town.ann, height=one - 1) == (1_000, 0, 1_000)
    assert await town.held(town.ann, height=one) == (1_000, 110, 890)
    assert await town.held(town.ann, height=two) == (1_000, 330, 670)
    assert await town.held(town.ann, height=three) == (890, 220, 670)
    assert await town.held(town.ann, height=await height()) == (890, 0, 890)
    listed = [b async for b in operator.balances(account=town.ann, height=two)]
    assert [(b.posted, b.held, b.available) for b in listed] == [(1_000, 330, 670)]


async def test_holds_are_listed_by_account_and_state_page_by_page(town: Town) -> None:
    operator = town.operator
    await operator.mint(destination=town.bob, asset="TEA", amount=100, reason="x")
    made = [
        await operator.create_hold([tea(*route, number + 1)])
        for number, route in enumerate([(town.ann, SHOP), (town.bob, town.ann)] * 3)
    ]
    await operator.release_hold(made[0].hold_id)
    newest_first = [hold.hold_id for hold in reversed(made)]

    async def listed(**filters: Any) -> list[str]:
        return [hold.hold_id async for hold in operator.holds(page_size=2, **filters)]

    assert await listed() == newest_first
    assert await listed(account=town.ann) == newest_first
    assert await listed(account=SHOP) == newest_first[1::2]
    assert await listed(account=SHOP, state=Hold.STATE_OPEN) == newest_first[1::2][:2]
    assert await listed(state=Hold.STATE_RELEASED) == [made[0].hold_id]
    assert await listed(state=Hold.STATE_EXPIRED) == []
    await refused("ACCOUNT_NOT_FOUND", anext(operator.holds(account="orgs/nobody")))
    for wrong in ({"account": "x"}, {"state": 9}, {"page_size": -1}):
        await refused("INVALID_FIELD", anext(operator.holds(**wrong)))
    page = await town.server.ledger.ListHolds(rpc.ListHoldsRequest(page_size=1))
    stolen = rpc.ListHoldsRequest(page_token=page.next_page_token, state=Hold.STATE_OPEN)
    await refused("INVALID_PAGE_TOKEN", operator.call(operator.ledger.ListHolds, stolen))


async def test_anybody_sees_a_hold_and_its_parties_its_memo(town: Town) -> None:
    made = await town.operator.create_hold(
        [tea(town.ann, SHOP, 10)], memo="secret", metadata={"a": "b"}
    )
    person = town.ann.removeprefix("users/")
    async with Client(town.server.target) as anybody, town.application("identity.act_for") as game:
        public = await anybody.hold(made.hold_id)
        assert (public.memo, dict(public.metadata)) == ("", {})
        assert [h.memo async for h in anybody.holds()] == [""]
        assert public.postings == made.postings
        assert (await game.acting_for(person).hold(made.hold_id)).memo == "secret"
        assert (await game.hold(made.hold_id)).memo == ""


async def test_who_may_hold_and_who_may_end_it(town: Town) -> None:
    ann, bob = (account.removeprefix("users/") for account in (town.ann, town.bob))
    scopes = ("ledger.transfer", "identity.act_for", "spending.consent")
    async with town.application(*scopes) as game, town.application(*scopes) as other:
        await refused("NOT_ACCOUNT_OWNER", game.create_hold([tea(town.ann, SHOP, 10)]))
        for_ann = game.acting_for(ann)
        made = await for_ann.create_hold([tea(town.ann, SHOP, 10)])
        assert made.person_id == ann
        for stranger in (other, other.acting_for(ann), game.acting_for(bob)):
            await refused("NOT_HOLD_OWNER", stranger.capture_hold(made.hold_id))
            await refused("NOT_HOLD_OWNER", stranger.release_hold(made.hold_id))
        done = await game.capture_hold(made.hold_id, amounts=[1])
        assert done.transaction.postings[0].amount == 1
        second = await for_ann.create_hold([tea(town.ann, SHOP, 10)])
        await town.operator.block_person(ann, reason="test")
        # What a blocked person holds stays until it is released or expires.
        await refused("ACCOUNT_BLOCKED", game.capture_hold(second.hold_id))
        await game.release_hold(second.hold_id)
    assert (await town.held(town.ann))[1] == 0


async def test_malformed_requests_are_refused_by_the_name_of_the_field(town: Town) -> None:
    good, account = tea(town.ann, SHOP, 1), town.ann
    create, capture = rpc.CreateHoldRequest, rpc.CaptureHoldRequest
    hold_id, ledger, call = new_id(), town.operator.ledger, town.operator.call
    far = datetime.now(UTC) + timedelta(days=401)
    late = create(hold_id=hold_id, postings=[good])
    late.expire_time.FromDatetime(far)
    old = create(hold_id=hold_id, postings=[good])
    old.expire_time.seconds = 1
    never = create(hold_id=hold_id, postings=[good])
    never.expire_time.seconds = 2**62
    creations = [
        (create(postings=[good]), "INVALID_FIELD", "hold_id"),
        (create(hold_id="1", postings=[good]), "INVALID_FIELD", "hold_id"),
        (create(hold_id=hold_id), "POSTING_COUNT", "postings"),
        (create(hold_id=hold_id, postings=[good] * 257), "POSTING_COUNT", "postings"),
        (create(hold_id=hold_id, postings=[tea("x", SHOP, 1)]), "INVALID_FIELD", "source"),
        (
            create(hold_id=hold_id, postings=[tea(account, SHOP, 0)]),
            *("AMOUNT_OUT_OF_RANGE", "amount"),
        ),
        (
            create(hold_id=hold_id, postings=[tea(account, account, 1)]),
            *("SAME_ACCOUNT", "destination"),
        ),
        (
            create(hold_id=hold_id, postings=[good], memo="a\0"),
            *("TEXT_NOT_CLEAN", "memo"),
        ),
        (late, "INVALID_FIELD", "expire_time"),
        (old, "INVALID_FIELD", "expire_time"),
        (never, "INVALID_FIELD", "expire_time"),
    ]
    for request, reason, field in creations:
        error = await refused(reason, call(ledger.CreateHold, request))
        assert error.metadata["field"] == field, request
    made = (await town.operator.create_hold([good])).hold_id
    captures = [
        (capture(hold_id=made), "INVALID_FIELD", "request_id"),
        (capture(request_id=hold_id, hold_id="1"), "INVALID_FIELD", "hold_id"),
        (capture(request_id=hold_id, hold_id=made, amounts=[0]), "AMOUNT_OUT_OF_RANGE", "amounts"),
        (capture(request_id=hold_id, hold_id=made, amounts=[-1]), "AMOUNT_OUT_OF_RANGE", "amounts"),
        (capture(request_id=hold_id, hold_id=made, amounts=[1, 1]), "INVALID_FIELD", "amounts"),
        (capture(request_id=hold_id, hold_id=made, amounts=[1] * 257), "INVALID_FIELD", "amounts"),
        (capture(request_id=hold_id, hold_id=made, memo="x" * 257), "TEXT_TOO_LONG", "memo"),
    ]
    for request, reason, field in captures:
        error = await refused(reason, call(ledger.CaptureHold, request))
        assert error.metadata["field"] == field, request
    await refused("CAPTURE_EXCEEDS_HOLD", town.operator.capture_hold(made, amounts=[2]))
    for lost in (town.operator.hold, town.operator.capture_hold, town.operator.release_hold):
        error = await refused("HOLD_NOT_FOUND", lost(hold_id))
        assert error.metadata["hold"] == hold_id
    await refused("INVALID_FIELD", town.operator.hold("nonsense"))


async def test_a_hold_of_256_postings_is_captured_whole(town: Town) -> None:
    postings = [tea(town.ann, SHOP if number % 2 else town.bob, 2) for number in range(256)]
    made = await town.operator.create_hold(postings)
    assert len(made.postings) == 256
    await restart_state(town)
    done = await town.operator.capture_hold(made.hold_id)
    # The fee on each 2 is 1: one posting for all of them.
    assert len(done.transaction.postings) == 257
    assert done.transaction.postings[-1].amount == 256
    assert await town.held(town.ann) == (1_000 - 512 - 256, 0, 232)


async def test_streams_tell_captures(town: Town) -> None:
    made = await town.operator.create_hold([tea(town.ann, SHOP, 10)])
    stream = town.operator.watch_transactions(accounts=[SHOP], kinds=[Transaction.KIND_CAPTURE])
    seen = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.2)
    done = await town.operator.capture_hold(made.hold_id)
    async with asyncio.timeout(10):
        assert await seen == done.transaction
    await stream.aclose()
    again = town.operator.watch_transactions(accounts=[SHOP], after_sequence=0)
    async with asyncio.timeout(10):
        assert await anext(again) == done.transaction
    await again.aclose()
