"""Schedules and requests to pay of people who are merged or erased, over a real socket."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from ticketonomics.identity.v1.identity_service_pb2 import ExportPersonalDataResponse
from ticketonomics_client import PaymentRequest, Posting, RefusedError, Repeat, Schedule
from ticketonomics_server.payments.open_schedules import MOST_OF_ACCOUNT, MOST_OF_APPLICATION
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import Invariant, verify

from tests.conftest import Server, run_server
from tests.e2e.people import operator
from tests.e2e.refusals import refused
from tests.e2e.test_payments import People, meet, people, soon, until

__all__ = ["people"]

SECRETS = ("s3cret rent", "s3cret run", "s3cret ask", "s3cret paid", "s3cret bot", "s3cret till")
LATER = timedelta(days=30)
# The timers that end payments wait for an hour: as if every server had died.
NEVER = """
CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.due_time := NEW.due_time + interval '1 hour'; RETURN NEW; END $$;
CREATE TRIGGER later BEFORE INSERT ON timers FOR EACH ROW WHEN (NEW.kind = 62)
EXECUTE FUNCTION later()
"""


def pays(source: str, destination: str) -> Posting:
    return Posting(source=source, destination=destination, asset="BRONZE", amount=1)


async def ran(calls: Any, schedule_id: str) -> Schedule:
    async def look() -> Schedule | None:
        found = await calls.schedule(schedule_id)
        return found if found.run_count else None

    return await until(look)


async def leave_traces(people: People) -> None:
    """Leaves every sort of memo of Bob's, one of SECRETS each, and some of Ann's beside them."""
    operator = people.operator
    await operator.transfer(
        source=people.ann_account, destination=people.bob_account, asset="BRONZE", amount=50
    )
    rent = [pays(people.bob_account, people.ann_account)]
    await people.bob.create_schedule(rent, first_time=datetime.now(UTC) + LATER, memo="s3cret rent")
    run = await people.bob.create_schedule(
        rent,
        first_time=soon(0.2),
        repeat=Repeat(frequency=Repeat.FREQUENCY_DAILY),
        memo="s3cret run",
    )
    await ran(people.bob, run.schedule_id)
    await people.ask(1, memo="s3cret ask")
    asked = await people.ask(1, memo="s3cret paid")
    await people.ann.accept_payment_request(asked.payment_request_id)
    await operator.create_schedule(rent, first_time=datetime.now(UTC) + LATER, memo="s3cret bot")
    await operator.open_account("orgs/till")
    await operator.request_payment(
        payee="orgs/till", payer=people.bob_account, asset="BRONZE", amount=1, memo="s3cret till"
    )
    await people.ann.create_schedule(
        [people.posting(1)], first_time=datetime.now(UTC) + LATER, memo="ann's rent"
    )
    await people.ann.request_payment(
        payee=people.ann_account, payer=people.bob_account, asset="BRONZE", amount=1, memo="ann's"
    )


async def scan(server: Server, *words: str) -> set[tuple[str, str]]:
    """Looks for words in every row of every table: as text, and within bytes."""
    plain = await asyncpg.connect(server.database_url)
    found = set()
    for (table,) in await plain.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    ):
        for (row,) in await plain.fetch(f'SELECT t::text FROM "{table}" t'):
            found |= {(table, w) for w in words if w in row or w.encode().hex() in row}
    await plain.close()
    return found


async def states(people: People, account: str) -> tuple[list[int], list[int]]:
    """States of the schedules that take from an account, and of requests it gets and makes."""
    calls = people.operator
    requests = [
        found.state
        for outgoing in (False, True)
        async for found in calls.payment_requests(account=account, outgoing=outgoing)
    ]
    return [found.state async for found in calls.schedules(account=account)], requests


async def until_ended(people: People, account: str) -> None:
    async def look() -> bool:
        schedules, requests = await states(people, account)
        return {*schedules} <= {Schedule.STATE_CANCELLED, Schedule.STATE_COMPLETED} and (
            PaymentRequest.STATE_OPEN not in requests
        )

    await until(look)


async def test_memos_are_kept_once_and_told_by_the_export(server: Server, people: People) -> None:
    await leave_traces(people)
    assert await scan(server, *SECRETS) == {("texts", word) for word in SECRETS}
    pages = [page async for page in people.bob.export_personal_data(people.bob_id, page_size=3)]
    assert len(pages) > 2
    told = ExportPersonalDataResponse()
    for page in pages:
        sequences = [text.sequence for text in page.texts]
        assert len({*sequences}) <= 3
        told.MergeFrom(page)
    memos = [text.memo for text in told.texts]
    assert [memos.count(word) for word in SECRETS] == [1, 2, 1, 2, 1, 1]
    assert "ann's" not in memos
    assert {schedule.memo for schedule in told.schedules} == {
        "s3cret rent",
        "s3cret run",
        "s3cret bot",
    }
    assert {request.memo for request in told.payment_requests} == {
        *("s3cret ask", "s3cret paid", "s3cret till", "ann's"),
    }
    everything = [p async for p in people.bob.export_personal_data(people.bob_id)]
    assert len(everything) == 1
    assert list(everything[0].schedules) == list(told.schedules)
    assert list(everything[0].payment_requests) == list(told.payment_requests)
    assert list(everything[0].texts) == list(told.texts)


async def test_an_erased_person_leaves_no_memo_and_nothing_open(
    server: Server, people: People
) -> None:
    await leave_traces(people)
    await people.operator.erase_person(people.bob_id, burn_balances=True)
    await until_ended(people, people.bob_account)
    assert await scan(server, *SECRETS) == set()
    assert {word for _, word in await scan(server, "ann's rent")} == {"ann's rent"}
    assert await states(people, people.ann_account) == (
        [Schedule.STATE_ACTIVE],
        [
            PaymentRequest.STATE_ACCEPTED,
            *(PaymentRequest.STATE_CANCELLED, PaymentRequest.STATE_CANCELLED),
        ],
    )
    async for schedule in people.operator.schedules(account=people.bob_account):
        assert not schedule.memo
    page = await anext(people.operator.export_personal_data(people.bob_id))
    assert not page.texts
    assert len(page.schedules) == 3
    plain = await asyncpg.connect(server.database_url)
    assert await plain.fetchval("SELECT count(*) FROM timers WHERE kind = 51") == 0
    await plain.close()


async def test_a_merged_person_leaves_nothing_open_and_the_target_keeps_its_own(
    people: People,
) -> None:
    await leave_traces(people)
    await people.operator.merge_people(people.bob_id, into=people.ann_id)
    await until_ended(people, people.bob_account)
    schedules, _ = await states(people, people.ann_account)
    assert schedules == [Schedule.STATE_ACTIVE]
    await refused(
        "ACCOUNT_CLOSED",
        people.operator.request_payment(
            payee=people.ann_account, payer=people.bob_account, asset="BRONZE", amount=1
        ),
    )
    # Texts keep their owners, so that whoever erases the one erases the other.
    page = await anext(people.operator.export_personal_data(people.ann_id))
    memos = [text.memo for text in page.texts]
    assert {*SECRETS, "ann's", "ann's rent"} <= {*memos}
    assert len(page.schedules) == 4


async def test_a_run_after_the_memo_was_erased_carries_none(server: Server, people: People) -> None:
    """What others ask and pay goes on without it."""
    operator = people.operator
    await operator.open_account("orgs/shop")
    await operator.transfer(
        source=people.ann_account, destination="orgs/shop", asset="BRONZE", amount=10
    )
    asked = await operator.request_payment(
        payee="orgs/shop", payer=people.ann_account, asset="BRONZE", amount=1, memo="s3cret"
    )
    made = await operator.create_schedule(
        [pays("orgs/shop", people.ann_account)],
        first_time=soon(1.5),
        memo="s3cret rent",
    )
    plain = await asyncpg.connect(server.database_url)
    await plain.execute("UPDATE texts SET owner = $1 WHERE memo LIKE 's3cret%'", people.bob_id)
    await plain.close()
    await operator.erase_person(people.bob_id)
    found = await ran(operator, made.schedule_id)
    (run,) = [run async for run in operator.schedule_runs(found.schedule_id)]
    paid = await operator.transaction(run.sequence)
    assert (paid.memo, dict(paid.metadata)) == ("", {"schedule": made.schedule_id})
    accepted = await people.ann.accept_payment_request(asked.payment_request_id)
    paid = await operator.transaction(accepted.transaction_sequence)
    assert (paid.memo, list(paid.metadata)) == ("", ["payment_request"])
    assert await scan(server, "s3cret") == set()


@pytest.mark.parametrize("way", ["merge", "erase"])
async def test_a_server_that_dies_right_after_ends_it_later(
    server: Server, people: People, way: str
) -> None:
    """Whatever is left open has a timer, and `verify` tells where there is none."""
    await people.ask(1)
    plain = await asyncpg.connect(server.database_url)
    await plain.execute(NEVER)
    if way == "merge":
        await people.operator.merge_people(people.bob_id, into=people.ann_id)
    else:
        await people.operator.erase_person(people.bob_id)
    database = Database(server.database_url)
    assert (await verify(database, 1)).coherent
    assert PaymentRequest.STATE_OPEN in (await states(people, people.bob_account))[1]
    await plain.execute("UPDATE timers SET kind = 162 WHERE kind = 62")
    assert {v.invariant for v in (await verify(database, 1)).violations} == {
        Invariant.PAYMENTS_MATCH_JOURNAL
    }
    await plain.execute("UPDATE timers SET kind = 62, due_time = now() WHERE kind = 162")
    await until_ended(people, people.bob_account)
    await plain.close()
    await database.close()


async def test_the_hundred_and_first_schedule_is_refused_however_many_try(
    server: Server, people: People
) -> None:
    first_time = soon(3_600)
    outcomes = await asyncio.gather(
        *(
            people.ann.create_schedule([people.posting(1)], first_time=first_time)
            for _ in range(MOST_OF_ACCOUNT + 20)
        ),
        return_exceptions=True,
    )
    made = [outcome for outcome in outcomes if isinstance(outcome, Schedule)]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, RefusedError)]
    assert len(made) == MOST_OF_ACCOUNT
    assert {r.reason_name for r in refusals} == {"TOO_MANY_SCHEDULES"}
    assert refusals[0].metadata["account"] == people.ann_account
    assert refusals[0].metadata["limit"] == str(MOST_OF_ACCOUNT)
    # Fifty end while fifty more are wanted: at no time are there more than a hundred.
    outcomes = await asyncio.gather(
        *(people.ann.cancel_schedule(one.schedule_id) for one in made[:50]),
        *(
            people.ann.create_schedule([people.posting(1)], first_time=first_time)
            for _ in range(60)
        ),
        return_exceptions=True,
    )
    failed = [outcome for outcome in outcomes if not isinstance(outcome, Schedule)]
    assert all(isinstance(f, RefusedError) for f in failed)
    assert {f.reason_name for f in failed} == {"TOO_MANY_SCHEDULES"}
    open_now = [s async for s in people.ann.schedules(state=Schedule.STATE_ACTIVE)]
    assert 50 < len(open_now) <= MOST_OF_ACCOUNT


async def test_an_application_has_its_own_limit(
    server: Server, people: People, incoherent: None
) -> None:
    """What it makes for a person is the person's, and counts there alone."""
    posting, first_time = people.posting(1), soon(3_600)
    made = await people.operator.create_schedule([posting], first_time=first_time)
    plain = await asyncpg.connect(server.database_url)
    done = await plain.execute(
        "UPDATE open_schedules SET open_count = $1 WHERE holder = $2",
        MOST_OF_APPLICATION,
        made.application_id,
    )
    assert done == "UPDATE 1"
    await plain.close()
    # The server keeps rows; another one's block makes it forget.
    await drop_kept_rows(server)
    error = await refused(
        "TOO_MANY_SCHEDULES", people.operator.create_schedule([posting], first_time=first_time)
    )
    assert error.metadata["application"] == made.application_id
    await people.ann.create_schedule([posting], first_time=first_time)


async def test_what_applications_counted_for_people_is_counted_no_more(
    database_url: str, tmp_path: Path
) -> None:
    """Until the migration 0017 they did; the check after the test counts anew."""
    async with run_server(database_url, tmp_path) as server, meet(server) as people:
        posting, first_time = people.posting(1), soon(3_600)
        for calls in (people.ann, people.operator):
            made = await calls.create_schedule([posting], first_time=first_time)
    plain = await asyncpg.connect(database_url)
    counted = "UPDATE open_schedules SET open_count = 2 WHERE holder = $1"
    assert await plain.execute(counted, made.application_id) == "UPDATE 1"
    # Back to before it, and to before what came later.
    await plain.execute("DROP INDEX ballots_economy_id_person_id_sequence_idx")
    await plain.execute("UPDATE alembic_version SET version_num = '0016'")
    await plain.close()
    async with run_server(database_url, tmp_path) as server, operator(server) as client:
        await client.cancel_schedule(made.schedule_id)


async def drop_kept_rows(server: Server) -> None:
    plain = await asyncpg.connect(server.database_url)
    await plain.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
        " application_name = 'ticketonomics sequencer' AND datname = current_database()"
    )
    await plain.close()
