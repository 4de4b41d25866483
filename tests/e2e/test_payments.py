"""Scheduled transfers and requests to pay over a real socket, with real timers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import (
    Client,
    PaymentRequest,
    Posting,
    Principal,
    RefusedError,
    Repeat,
    RetryPolicy,
    Schedule,
    ScheduleRun,
    new_id,
)

from tests.conftest import Server, run_server
from tests.e2e.refusals import refused

PATIENCE_SECONDS = 60


@dataclass
class People:
    """Two people with accounts; the first has 100 BRONZE."""

    operator: Client
    ann: Principal
    bob: Principal
    ann_id: str
    bob_id: str

    @property
    def ann_account(self) -> str:
        return f"users/{self.ann_id}"

    @property
    def bob_account(self) -> str:
        return f"users/{self.bob_id}"

    def posting(self, amount: int) -> Posting:
        return Posting(
            source=self.ann_account, destination=self.bob_account, asset="BRONZE", amount=amount
        )

    async def has(self, account: str) -> int:
        return (await self.operator.balance(account, "BRONZE")).posted

    async def ask(self, amount: int = 30, **more: Any) -> PaymentRequest:
        return await self.bob.request_payment(
            payee=self.bob_account, payer=self.ann_account, asset="BRONZE", amount=amount, **more
        )


@asynccontextmanager
async def meet(server: Server) -> AsyncIterator[People]:
    async with Client(server.target, api_key=server.operator_key) as operator:
        ids = [
            (await operator.get_or_create_person(provider="t", subject=name)).person.person_id
            for name in ("ann", "bob")
        ]
        if not [asset async for asset in operator.assets()]:
            await operator.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
            await operator.mint(
                destination=f"users/{ids[0]}", asset="BRONZE", amount=100, reason="start"
            )
        yield People(operator, *map(operator.acting_for, ids), *ids)


@pytest.fixture
async def people(server: Server) -> AsyncIterator[People]:
    async with meet(server) as found:
        yield found


def soon(seconds: float = 0.6) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := await condition()):  # noqa: ASYNC110 - servers set no events.
            await asyncio.sleep(0.05)
    return found


async def ended(calls: Principal, schedule_id: str) -> Schedule:
    async def look() -> Schedule | None:
        found = await calls.schedule(schedule_id)
        return found if found.state != Schedule.STATE_ACTIVE else None

    return await until(look)


# --- schedules ------------------------------------------------------------------------------------


async def test_a_schedule_pays_once_at_its_time(people: People) -> None:
    made = await people.ann.create_schedule([people.posting(30)], first_time=soon(), memo="for tea")
    assert made.state == Schedule.STATE_ACTIVE
    assert await people.has(people.bob_account) == 0
    found = await ended(people.ann, made.schedule_id)
    assert found.state == Schedule.STATE_COMPLETED
    assert (found.run_count, found.succeeded_count, found.failed_count) == (1, 1, 0)
    assert not found.HasField("due_time")
    (run,) = [run async for run in people.ann.schedule_runs(made.schedule_id)]
    assert run.state == ScheduleRun.STATE_SUCCEEDED
    assert run.due_time == made.first_time
    paid = await people.bob.transaction(run.sequence)
    assert [p.amount for p in paid.postings] == [30]
    assert paid.memo == "for tea"
    assert paid.metadata["schedule"] == made.schedule_id
    assert await people.has(people.bob_account) == 30


async def test_a_replayed_creation_is_the_same_schedule(people: People) -> None:
    first_time, request_id = soon(3_600), new_id()

    async def create() -> Schedule:
        return await people.ann.create_schedule(
            [people.posting(1)], first_time=first_time, request_id=request_id
        )

    assert await create() == await create()
    assert len([s async for s in people.ann.schedules()]) == 1


async def test_a_refused_run_is_retried_and_then_pays(people: People) -> None:
    made = await people.ann.create_schedule(
        [people.posting(130)],
        first_time=soon(),
        retry_policy=RetryPolicy(attempts=10, delay_seconds=1),
    )

    async def retrying() -> ScheduleRun | None:
        runs = [run async for run in people.ann.schedule_runs(made.schedule_id)]
        return runs[0] if runs else None

    run = await until(retrying)
    assert run.state == ScheduleRun.STATE_RETRYING
    assert run.refusal_reason == "INSUFFICIENT_FUNDS"
    await people.operator.mint(
        destination=people.ann_account, asset="BRONZE", amount=100, reason="more"
    )
    found = await ended(people.ann, made.schedule_id)
    assert (found.run_count, found.succeeded_count) == (1, 1)
    assert await people.has(people.bob_account) == 130


async def test_a_blocked_person_pays_nothing_and_the_schedule_stops(people: People) -> None:
    made = await people.ann.create_schedule(
        [people.posting(30)],
        first_time=soon(1.5),
        repeat=Repeat(frequency=Repeat.FREQUENCY_DAILY),
        retry_policy=RetryPolicy(attempts=1),
        stop_after_failures=1,
    )
    await people.operator.block_person(people.ann_id, reason="test")
    found = await ended(people.operator, made.schedule_id)
    assert found.state == Schedule.STATE_STOPPED
    (run,) = [run async for run in people.operator.schedule_runs(made.schedule_id)]
    assert (run.state, run.refusal_reason) == (ScheduleRun.STATE_FAILED, "PERSON_BLOCKED")
    assert await people.has(people.bob_account) == 0


async def test_a_paused_schedule_skips_and_a_resumed_one_goes_on(people: People) -> None:
    made = await people.ann.create_schedule(
        [people.posting(30)],
        first_time=soon(),
        repeat=Repeat(frequency=Repeat.FREQUENCY_WEEKLY, time_zone="Europe/Berlin"),
    )
    paused = await people.ann.pause_schedule(made.schedule_id)
    assert paused.state == Schedule.STATE_PAUSED
    assert (await people.ann.pause_schedule(made.schedule_id)) == paused
    first = made.first_time.ToDatetime(UTC)
    await until(lambda: _is_past(first))
    resumed = await people.ann.resume_schedule(made.schedule_id)
    assert resumed.state == Schedule.STATE_ACTIVE
    assert resumed.due_time.ToDatetime(UTC) > first + timedelta(days=6)
    assert resumed.run_count == 0
    cancelled = await people.ann.cancel_schedule(made.schedule_id)
    assert cancelled.state == Schedule.STATE_CANCELLED
    await refused("SCHEDULE_ENDED", people.ann.resume_schedule(made.schedule_id))
    assert await people.has(people.bob_account) == 0


async def _is_past(time: datetime) -> bool:
    return datetime.now(UTC) > time


async def test_strangers_neither_see_nor_end_a_schedule(people: People) -> None:
    made = await people.ann.create_schedule([people.posting(30)], first_time=soon(3_600))
    for call in (
        people.bob.schedule(made.schedule_id),
        people.bob.cancel_schedule(made.schedule_id),
        people.bob.pause_schedule(made.schedule_id),
        anext(people.bob.schedule_runs(made.schedule_id)),
        anext(people.bob.schedules(account=people.ann_account)),
        people.bob.create_schedule([people.posting(1)], first_time=soon(60)),
    ):
        await refused("NOT_ACCOUNT_OWNER", call)
    await refused("SCHEDULE_NOT_FOUND", people.ann.schedule("0" * 16))
    assert [s async for s in people.ann.schedules()] == [made]
    assert [s async for s in people.bob.schedules()] == []
    assert [s async for s in people.operator.schedules(state=Schedule.STATE_ACTIVE)] == [made]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"first_time": datetime(2020, 1, 1, tzinfo=UTC)}, "INVALID_FIELD"),
        ({"first_time": datetime(2999, 1, 1, tzinfo=UTC)}, "INVALID_FIELD"),
        ({"repeat": Repeat()}, "INVALID_FIELD"),
        ({"repeat": Repeat(frequency=1, time_zone="Mars/Olympus")}, "INVALID_FIELD"),
        ({"repeat": Repeat(frequency=1, time_zone="../../etc/passwd")}, "INVALID_FIELD"),
        ({"repeat": Repeat(frequency=1, interval=-1)}, "INVALID_FIELD"),
        ({"repeat": Repeat(frequency=1, run_limit=-1)}, "INVALID_FIELD"),
        ({"retry_policy": RetryPolicy(attempts=11)}, "INVALID_FIELD"),
        ({"retry_policy": RetryPolicy(delay_seconds=-1)}, "INVALID_FIELD"),
        ({"stop_after_failures": -1}, "INVALID_FIELD"),
        ({"memo": "x" * 257}, "TEXT_TOO_LONG"),
        ({"memo": "\0"}, "TEXT_NOT_CLEAN"),
    ],
)
async def test_a_malformed_schedule_is_refused(
    people: People, change: dict[str, Any], reason: str
) -> None:
    wanted: dict[str, Any] = {"first_time": soon(3_600), **change}
    await refused(reason, people.ann.create_schedule([people.posting(1)], **wanted))
    assert [s async for s in people.ann.schedules()] == []


async def test_a_schedule_has_one_to_sixteen_postings(people: People) -> None:
    for count in (0, 17):
        postings = [people.posting(1)] * count
        await refused("POSTING_COUNT", people.ann.create_schedule(postings, first_time=soon(3_600)))
    await people.ann.create_schedule([people.posting(1)] * 16, first_time=soon(3_600))


async def test_a_server_that_was_away_runs_what_it_missed_once(
    database_url: str, tmp_path: Path
) -> None:
    async with run_server(database_url, tmp_path) as server, meet(server) as people:
        made = await people.ann.create_schedule(
            [people.posting(10)],
            first_time=soon(2),
            repeat=Repeat(frequency=Repeat.FREQUENCY_DAILY),
        )
    await until(lambda: _is_past(made.first_time.ToDatetime(UTC)))
    async with run_server(database_url, tmp_path) as server, meet(server) as people:

        async def ran() -> Schedule | None:
            found = await people.ann.schedule(made.schedule_id)
            return found if found.run_count else None

        found = await until(ran)
        assert found.succeeded_count == 1
        assert await people.has(people.bob_account) == 10
        later = found.due_time.ToDatetime(UTC) - made.first_time.ToDatetime(UTC)
        assert later == timedelta(days=1)


# --- requests to pay ------------------------------------------------------------------------------


async def test_an_accepted_request_is_paid_and_closed(people: People) -> None:
    asked = await people.ask(30, memo="tea")
    assert asked.state == PaymentRequest.STATE_OPEN
    assert [r async for r in people.ann.payment_requests()] == [asked]
    assert [r async for r in people.bob.payment_requests(outgoing=True)] == [asked]
    assert [r async for r in people.bob.payment_requests()] == []
    request_id = new_id()
    paid = await people.ann.accept_payment_request(asked.payment_request_id, request_id=request_id)
    again = await people.ann.accept_payment_request(asked.payment_request_id, request_id=request_id)
    assert again == paid
    assert paid.state == PaymentRequest.STATE_ACCEPTED
    transaction = await people.bob.transaction(paid.transaction_sequence)
    assert transaction.transaction_id == request_id
    assert transaction.memo == "tea"
    assert transaction.metadata["payment_request"] == asked.payment_request_id
    assert await people.has(people.bob_account) == 30
    for call in (
        people.ann.accept_payment_request(asked.payment_request_id),
        people.ann.decline_payment_request(asked.payment_request_id),
        people.bob.cancel_payment_request(asked.payment_request_id),
    ):
        await refused("PAYMENT_REQUEST_CLOSED", call)


async def test_without_funds_a_request_stays_open(people: People) -> None:
    asked = await people.ask(101)
    await refused("INSUFFICIENT_FUNDS", people.ann.accept_payment_request(asked.payment_request_id))
    assert (await people.ann.payment_request(asked.payment_request_id)) == asked


async def test_a_request_is_accepted_once_however_many_try(people: People) -> None:
    asked = await people.ask(30)
    outcomes = await asyncio.gather(
        *(people.ann.accept_payment_request(asked.payment_request_id) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, PaymentRequest) for outcome in outcomes) == 1
    assert await people.has(people.bob_account) == 30


async def test_each_side_answers_only_for_itself(people: People) -> None:
    asked = await people.ask()
    for call in (
        people.bob.accept_payment_request(asked.payment_request_id),
        people.bob.decline_payment_request(asked.payment_request_id),
        people.ann.cancel_payment_request(asked.payment_request_id),
        people.ann.request_payment(
            payee=people.bob_account, payer=people.ann_account, asset="BRONZE", amount=1
        ),
        anext(people.ann.payment_requests(account=people.bob_account)),
    ):
        await refused("NOT_ACCOUNT_OWNER", call)
    stranger_id = (
        await people.operator.get_or_create_person(provider="t", subject="eve")
    ).person.person_id
    stranger = people.operator.acting_for(stranger_id)
    await refused("NOT_ACCOUNT_OWNER", stranger.payment_request(asked.payment_request_id))
    await refused("PAYMENT_REQUEST_NOT_FOUND", people.ann.payment_request("0" * 16))
    assert await people.operator.payment_request(asked.payment_request_id) == asked


async def test_nobody_is_asked_more_than_ten_times_at_once(people: People) -> None:
    outcomes = await asyncio.gather(*(people.ask(1) for _ in range(15)), return_exceptions=True)
    asked = [outcome for outcome in outcomes if isinstance(outcome, PaymentRequest)]
    reasons = {o.reason_name for o in outcomes if isinstance(o, RefusedError)}
    assert len(asked) == 10
    assert reasons == {"TOO_MANY_PAYMENT_REQUESTS"}
    await people.ann.decline_payment_request(asked[0].payment_request_id)
    await people.bob.cancel_payment_request(asked[1].payment_request_id)
    await people.ann.accept_payment_request(asked[2].payment_request_id)
    for _ in range(3):
        await people.ask(1)
    await refused("TOO_MANY_PAYMENT_REQUESTS", people.ask(1))
    paged = [r.payment_request_id async for r in people.ann.payment_requests(page_size=4)]
    assert len(set(paged)) == 13


async def test_a_request_expires_by_itself(people: People) -> None:
    asked = await people.ask(expire_time=soon())

    async def closed() -> PaymentRequest | None:
        found = await people.ann.payment_request(asked.payment_request_id)
        return found if found.state != PaymentRequest.STATE_OPEN else None

    assert (await until(closed)).state == PaymentRequest.STATE_EXPIRED
    await refused(
        "PAYMENT_REQUEST_CLOSED", people.ann.accept_payment_request(asked.payment_request_id)
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": 0}, "AMOUNT_OUT_OF_RANGE"),
        ({"expire_time": datetime(2020, 1, 1, tzinfo=UTC)}, "INVALID_FIELD"),
        ({"expire_time": datetime(2999, 1, 1, tzinfo=UTC)}, "INVALID_FIELD"),
        ({"memo": "x" * 257}, "TEXT_TOO_LONG"),
    ],
)
async def test_a_malformed_request_is_refused(
    people: People, change: dict[str, Any], reason: str
) -> None:
    await refused(reason, people.ask(**change))
