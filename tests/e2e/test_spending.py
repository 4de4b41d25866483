"""Allowances and budgets over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.spending.v1 import limit_pb2
from ticketonomics.spending.v1 import spending_service_pb2 as rpc
from ticketonomics.spending.v1.limit_pb2 import PERIOD_DAY, PERIOD_TOTAL, SpendingRecord
from ticketonomics_client import (
    Client,
    PaymentRequest,
    Posting,
    RefusedError,
    RetryPolicy,
    Schedule,
    new_id,
)

from tests.conftest import Server, run_server
from tests.e2e.refusals import refused


@dataclass
class Arcade:
    """Ann has 10,000 BRONZE; the game is a third party, the front end is hers."""

    server: Server
    operator: Client
    front: Client
    game: Client
    game_id: str
    game_key: str
    ann_id: str

    @property
    def ann(self) -> str:
        return f"users/{self.ann_id}"

    @property
    def till(self) -> str:
        return f"apps/{self.game_id}/till"

    async def grant(self, amount: int = 100, **more: Any) -> limit_pb2.Allowance:
        terms = {"asset": "BRONZE", "amount": amount, "period": PERIOD_TOTAL, **more}
        return await self.front.acting_for(self.ann_id).grant_allowance(
            self.ann_id, application_id=self.game_id, **terms
        )

    async def take(self, amount: int, **more: Any) -> Any:
        return await self.game.transfer(
            source=self.ann, destination=self.till, asset="BRONZE", amount=amount, **more
        )

    async def spent(self) -> int:
        found = await self.game.allowance(self.ann_id, application_id=self.game_id, asset="BRONZE")
        return found.spent

    async def budget_spent(self) -> int:
        (found,) = [budget async for budget in self.game.budgets(self.game_id)]
        return found.spent

    async def budget(self, amount: int) -> limit_pb2.Budget:
        return await self.operator.set_budget(
            self.game_id, asset="BRONZE", amount=amount, period=PERIOD_TOTAL
        )

    async def has(self, account: str) -> int:
        return (await self.operator.balance(account, "BRONZE")).posted


@asynccontextmanager
async def application(operator: Client, target: str, *scopes: str) -> AsyncIterator[Any]:
    made = await operator.create_application(name="app", scopes=scopes, rate_limit_rps=100_000)
    key = await operator.create_api_key(made.application_id)
    async with Client(target, api_key=key.secret) as client:
        yield client, made.application_id, key.secret


@asynccontextmanager
async def visit(server: Server) -> AsyncIterator[Arcade]:
    front_scopes = ("ledger.transfer", "identity.act_for", "spending.consent")
    async with Client(server.target, api_key=server.operator_key) as operator:
        await operator.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        person = (await operator.get_or_create_person(provider="t", subject="ann")).person
        ann = f"users/{person.person_id}"
        await operator.mint(destination=ann, asset="BRONZE", amount=10_000, reason="start")
        async with (
            application(operator, server.target, *front_scopes) as (front, _, _),
            application(operator, server.target, "ledger.transfer") as (game, game_id, key),
        ):
            await game.open_account(f"apps/{game_id}/till")
            yield Arcade(server, operator, front, game, game_id, key, person.person_id)


@pytest.fixture
async def arcade(server: Server) -> AsyncIterator[Arcade]:
    async with visit(server) as found:
        yield found


async def test_a_game_takes_what_its_player_allows(arcade: Arcade) -> None:
    await refused("NOT_ACCOUNT_OWNER", arcade.take(1))
    made = await arcade.grant(100, period=PERIOD_DAY)
    assert (made.amount, made.spent, made.left, made.ask_each_time) == (100, 0, 100, False)
    assert made.renew_time.ToDatetime(UTC) > datetime.now(UTC)
    await arcade.take(60)
    error = await refused("ALLOWANCE_EXCEEDED", arcade.take(41))
    assert (error.metadata["left"], error.metadata["required"]) == ("40", "41")
    await arcade.take(40)
    assert (await arcade.spent(), await arcade.has(arcade.till)) == (100, 100)

    await arcade.front.acting_for(arcade.ann_id).revoke_allowance(
        arcade.ann_id, application_id=arcade.game_id, asset="BRONZE"
    )
    await refused("NOT_ACCOUNT_OWNER", arcade.take(1))
    history = [
        (record.kind, record.amount) async for record in arcade.game.spending_records(page_size=1)
    ]
    assert history == [
        (SpendingRecord.KIND_REMOVED, 0),
        (SpendingRecord.KIND_SPENT, 40),
        (SpendingRecord.KIND_SPENT, 60),
        (SpendingRecord.KIND_SET, 100),
    ]


async def test_many_at_once_never_take_more_than_was_allowed(arcade: Arcade) -> None:
    """Through two servers, by single calls and by a batch: exactly what is allowed is spent."""
    await arcade.grant(500)
    await arcade.budget(700)
    server = arcade.server
    posting = Posting(source=arcade.ann, destination=arcade.till, asset="BRONZE", amount=3)

    async def one(client: Client) -> bool:
        try:
            await client.transfer(
                source=posting.source, destination=posting.destination, asset="BRONZE", amount=3
            )
        except RefusedError as error:
            assert error.reason_name == "ALLOWANCE_EXCEEDED"
            return False
        return True

    async with (
        run_server(server.database_url, server.data_folder) as second,
        Client(second.target, api_key=arcade.game_key) as elsewhere,
    ):
        done = await asyncio.gather(*(one(c) for c in (arcade.game, elsewhere) for _ in range(150)))
    assert sum(done) == 166
    assert (await arcade.spent(), await arcade.has(arcade.till)) == (498, 498)
    assert await arcade.budget_spent() == 498


async def test_a_budget_limits_an_application_and_holds_give_back(arcade: Arcade) -> None:
    await arcade.grant(1_000)
    made = await arcade.budget(100)
    assert (made.amount, made.spent, made.left) == (100, 0, 100)
    await refused("BUDGET_EXCEEDED", arcade.take(101))
    held = await arcade.game.create_hold(
        [Posting(source=arcade.ann, destination=arcade.till, asset="BRONZE", amount=80)]
    )
    await refused("BUDGET_EXCEEDED", arcade.take(21))
    assert (await arcade.spent(), await arcade.budget_spent()) == (80, 80)
    await arcade.game.capture_hold(held.hold_id, amounts=[30])
    assert (await arcade.spent(), await arcade.budget_spent()) == (30, 30)
    await arcade.take(70)
    await arcade.operator.remove_budget(arcade.game_id, asset="BRONZE")
    await arcade.take(70)
    assert [budget async for budget in arcade.operator.budgets(arcade.game_id)] == []


async def test_an_expired_hold_gives_its_allowance_back_by_itself(arcade: Arcade) -> None:
    await arcade.grant(100)
    await arcade.game.create_hold(
        [Posting(source=arcade.ann, destination=arcade.till, asset="BRONZE", amount=100)],
        expire_time=datetime.now(UTC) + timedelta(seconds=0.5),
    )
    assert await arcade.spent() == 100
    async with asyncio.timeout(30):
        while await arcade.spent():  # noqa: ASYNC110 - servers set no events.
            await asyncio.sleep(0.05)
    await arcade.take(100)


async def test_a_subscription_takes_by_its_allowance(arcade: Arcade) -> None:
    posting = Posting(source=arcade.ann, destination=arcade.till, asset="BRONZE", amount=60)
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    await refused("NOT_ACCOUNT_OWNER", arcade.game.create_schedule([posting], first_time=soon))
    await arcade.grant(100)

    async def run() -> Schedule:
        made = await arcade.game.create_schedule(
            [posting],
            first_time=datetime.now(UTC) + timedelta(seconds=0.3),
            retry_policy=RetryPolicy(attempts=1),
        )
        async with asyncio.timeout(30):
            while (found := await arcade.game.schedule(made.schedule_id)).run_count == 0:  # noqa: ASYNC110 - as above.
                await asyncio.sleep(0.05)
        return found

    assert (await run()).succeeded_count == 1
    second = await run()
    assert second.failed_count == 1
    runs = [found async for found in arcade.game.schedule_runs(second.schedule_id)]
    assert [found.refusal_reason for found in runs] == ["ALLOWANCE_EXCEEDED"]
    assert (await arcade.spent(), await arcade.has(arcade.till)) == (60, 60)
    # The person ends what takes from the own account, whoever made it.
    third = await arcade.game.create_schedule(
        [posting], first_time=datetime.now(UTC) + timedelta(days=1)
    )
    ann = arcade.front.acting_for(arcade.ann_id)
    assert third.schedule_id in [found.schedule_id async for found in ann.schedules()]
    cancelled = await ann.cancel_schedule(third.schedule_id)
    assert cancelled.state == Schedule.STATE_CANCELLED


async def test_who_wants_to_be_asked_is_asked(arcade: Arcade) -> None:
    ask = {"payee": arcade.till, "payer": arcade.ann, "asset": "BRONZE", "amount": 5}
    await refused("ALLOWANCE_NOT_FOUND", arcade.game.request_payment(**ask))
    made = await arcade.grant(0, period=limit_pb2.PERIOD_UNSPECIFIED, ask_each_time=True)
    assert (made.ask_each_time, made.amount, made.left) == (True, 0, 0)
    await refused("ALLOWANCE_ASKS", arcade.take(5))
    request = await arcade.game.request_payment(**ask)
    # Only the person's own word says yes, not the application that asks.
    await refused(
        "NOT_ACCOUNT_OWNER", arcade.game.accept_payment_request(request.payment_request_id)
    )
    paid = await arcade.front.acting_for(arcade.ann_id).accept_payment_request(
        request.payment_request_id
    )
    assert paid.state == PaymentRequest.STATE_ACCEPTED
    assert await arcade.has(arcade.till) == 5


async def test_who_acts_for_a_person_without_their_word_needs_an_allowance(arcade: Arcade) -> None:
    scopes = ("ledger.transfer", "identity.act_for")
    async with application(arcade.operator, arcade.server.target, *scopes) as (client, name, _):
        for_ann = client.acting_for(arcade.ann_id)
        pay = {"source": arcade.ann, "destination": arcade.till, "asset": "BRONZE", "amount": 7}
        await refused("NOT_ACCOUNT_OWNER", for_ann.transfer(**pay))
        terms = {"application_id": name, "asset": "BRONZE"}
        more = {"amount": 10, "period": PERIOD_TOTAL}
        await refused("SCOPE_MISSING", for_ann.grant_allowance(arcade.ann_id, **terms, **more))
        ann = arcade.front.acting_for(arcade.ann_id)
        await ann.grant_allowance(arcade.ann_id, **terms, **more)
        await for_ann.transfer(**pay)
        await refused("ALLOWANCE_EXCEEDED", for_ann.transfer(**pay))


async def test_who_sees_allowances(arcade: Arcade) -> None:
    await arcade.grant(100)
    await arcade.budget(1_000)
    await arcade.take(1)
    bob = (await arcade.operator.get_or_create_person(provider="t", subject="bob")).person
    ann_front, bob_front = map(arcade.front.acting_for, (arcade.ann_id, bob.person_id))
    one = {"application_id": arcade.game_id, "asset": "BRONZE"}

    async def seen(client: Any, **filters: str) -> tuple[int, int]:
        found = [item async for item in client.allowances(**filters)]
        records = [item async for item in client.spending_records(**filters)]
        return len(found), len(records)

    assert await seen(ann_front) == (1, 2)
    assert await seen(bob_front) == (0, 0)
    assert await seen(arcade.game) == (1, 4)
    assert await seen(arcade.front) == (0, 0)
    assert await seen(arcade.operator) == (1, 4)
    assert await seen(arcade.operator, person_id=arcade.ann_id) == (1, 2)
    assert await seen(arcade.operator, person_id=bob.person_id) == (0, 0)
    assert await seen(arcade.operator, application_id=arcade.game_id) == (1, 4)
    for client, filters in (
        (bob_front, {"person_id": arcade.ann_id}),
        (arcade.front, {"application_id": arcade.game_id}),
    ):
        await refused("SCOPE_MISSING", seen(client, **filters))
    assert (await ann_front.allowance(arcade.ann_id, **one)).spent == 1
    await refused("SCOPE_MISSING", bob_front.allowance(arcade.ann_id, **one))
    await refused("SCOPE_MISSING", arcade.front.allowance(arcade.ann_id, **one))
    await refused("ALLOWANCE_NOT_FOUND", bob_front.allowance(bob.person_id, **one))
    await refused("SCOPE_MISSING", anext(arcade.front.budgets(arcade.game_id)))
    scoped = application(arcade.operator, arcade.server.target, "identity.act_for")
    async with scoped as (client, _, _):
        assert await seen(client.acting_for(arcade.ann_id)) == (0, 0)


async def test_every_page_continues_the_one_before(arcade: Arcade) -> None:
    for code in ("GOLD", "IRON"):
        await arcade.operator.create_asset(
            Asset(code=code, kind=Asset.KIND_MATERIAL, name=code.title())
        )
    for code in ("IRON", "BRONZE", "GOLD"):
        await arcade.grant(10, asset=code)
        await arcade.operator.set_budget(arcade.game_id, asset=code, amount=1, period=PERIOD_DAY)
    codes = ["BRONZE", "GOLD", "IRON"]
    assert [item.asset async for item in arcade.game.allowances(page_size=1)] == codes
    assert [item.asset async for item in arcade.game.budgets(arcade.game_id, page_size=1)] == codes
    found = [(r.sequence, r.asset) async for r in arcade.game.spending_records(page_size=1)]
    assert found == sorted(found, reverse=True)
    assert len(found) == 6


async def test_malformed_requests_are_refused_by_the_name_of_the_field(arcade: Arcade) -> None:
    ann = arcade.front.acting_for(arcade.ann_id)
    grant, budget = rpc.GrantAllowanceRequest, rpc.SetBudgetRequest
    fields = {
        "request_id": new_id(),
        "person_id": arcade.ann_id,
        "application_id": arcade.game_id,
        "asset": "BRONZE",
        "amount": 1,
        "period": PERIOD_DAY,
    }
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"request_id": "x"}, "request_id"),
        ({"person_id": ""}, "person_id"),
        ({"application_id": "?"}, "application_id"),
        ({"asset": "bronze"}, "asset"),
        ({"period": 0}, "period"),
        ({"period": 9}, "period"),
        ({"ask_each_time": True}, "amount"),
        ({"ask_each_time": True, "amount": 0}, "period"),
    ]
    for changes, field in wrong:
        error = await refused(
            "INVALID_FIELD", ann.call(ann.spending.GrantAllowance, grant(**{**fields, **changes}))
        )
        assert error.metadata["field"] == field
    for amount in (0, -1):
        request = grant(**{**fields, "amount": amount})
        await refused("AMOUNT_OUT_OF_RANGE", ann.call(ann.spending.GrantAllowance, request))
    past = datetime.now(UTC) - timedelta(seconds=1)
    await refused("INVALID_FIELD", arcade.grant(1, expire_time=past))
    del fields["person_id"]
    operator = arcade.operator
    for changes, field in [*wrong[:1], *wrong[2:6]]:
        error = await refused(
            "INVALID_FIELD",
            operator.call(operator.spending.SetBudget, budget(**{**fields, **changes})),
        )
        assert error.metadata["field"] == field


async def test_a_request_happens_once(arcade: Arcade) -> None:
    ann = arcade.front.acting_for(arcade.ann_id)
    fields = {"application_id": arcade.game_id, "asset": "BRONZE"}
    request = rpc.GrantAllowanceRequest(
        request_id=new_id(), person_id=arcade.ann_id, amount=100, period=PERIOD_DAY, **fields
    )
    first = await ann.call(ann.spending.GrantAllowance, request)
    again = await ann.call(ann.spending.GrantAllowance, request)
    assert (first.replayed, again.replayed) == (False, True)
    revocation = rpc.RevokeAllowanceRequest(request_id=new_id(), person_id=arcade.ann_id, **fields)
    for replayed in (False, True):
        answer = await ann.call(ann.spending.RevokeAllowance, revocation)
        assert answer.replayed == replayed
    late = await ann.call(ann.spending.GrantAllowance, request)
    assert late.replayed and not late.HasField("allowance")
    request.amount = 101
    await refused("REQUEST_ID_REUSED", ann.call(ann.spending.GrantAllowance, request))


async def test_limits_survive_a_restart(database_url: str, tmp_path: Path) -> None:
    async with run_server(database_url, tmp_path) as server, visit(server) as arcade:
        await arcade.grant(100)
        await arcade.take(70)
        key, ann, till, game_id = arcade.game_key, arcade.ann, arcade.till, arcade.game_id
        ann_id = arcade.ann_id
    async with (
        run_server(database_url, tmp_path) as server,
        Client(server.target, api_key=key) as game,
    ):
        pay = {"source": ann, "destination": till, "asset": "BRONZE"}
        await refused("ALLOWANCE_EXCEEDED", game.transfer(**pay, amount=31))
        await game.transfer(**pay, amount=30)
        left = await game.allowance(ann_id, application_id=game_id, asset="BRONZE")
        assert left.left == 0
