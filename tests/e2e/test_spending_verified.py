"""`verify` tells by name what is not as the entries of allowances and budgets make it."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from ticketonomics.spending.v1.limit_pb2 import PERIOD_TOTAL
from ticketonomics_client import Posting
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import Invariant, verify

from tests.conftest import Server
from tests.e2e.test_spending import Arcade, visit

ALLOWANCE = "WHERE person_id <> ''"
NEWEST = "WHERE sequence = (SELECT max(sequence) FROM spending_records WHERE kind = 3)"
CORRUPTIONS = {
    "less is counted": f"UPDATE spending_limits SET spent = spent - 1 {ALLOWANCE}",
    "more is allowed": f"UPDATE spending_limits SET amount = amount + 1 {ALLOWANCE}",
    "for another period": f"UPDATE spending_limits SET period = 2 {ALLOWANCE}",
    "for longer": f"UPDATE spending_limits SET expire_time = expire_time + '1 d' {ALLOWANCE}",
    "counted since later": f"UPDATE spending_limits SET since_sequence = 99 {ALLOWANCE}",
    "of an earlier period": f"UPDATE spending_limits SET start_time = '2000-01-01Z' {ALLOWANCE}",
    "a lost budget": "DELETE FROM spending_limits WHERE person_id = ''",
    "an allowance of nobody": (
        "INSERT INTO spending_limits SELECT economy_id, application_id, 'nobody', asset, amount,"
        f" period, spent, start_time, since_sequence, set_time FROM spending_limits {ALLOWANCE}"
    ),
    "a lost record": f"DELETE FROM spending_records {NEWEST}",
    "a record of less, and the limit too": (
        f"UPDATE spending_records SET amount = amount - 1 {NEWEST} AND person_id <> '';"
        f"UPDATE spending_limits SET spent = spent - 1 {ALLOWANCE}"
    ),
    "a budget's record of less, and the budget too": (
        f"UPDATE spending_records SET amount = amount - 1 {NEWEST} AND person_id = '';"
        "UPDATE spending_limits SET spent = spent - 1 WHERE person_id = ''"
    ),
    "a record of another time": (
        f"UPDATE spending_records SET record_time = record_time + '1 us' {NEWEST}"
    ),
    "terms of which no entry tells": (
        "UPDATE spending_records SET amount = amount + 1 WHERE kind = 1 AND person_id = ''"
    ),
    "no record of terms": "DELETE FROM spending_records WHERE kind = 2",
    "a record of no entry": (
        "INSERT INTO spending_records SELECT economy_id, 9999, application_id, person_id, asset,"
        f" kind, amount, record_time FROM spending_records {NEWEST}"
    ),
}


async def live(arcade: Arcade) -> None:
    """Some of everything: terms set anew and taken away, holds that give back, a budget."""
    await arcade.grant(50)
    await arcade.take(10)
    await arcade.grant(100, expire_time=datetime.now(UTC) + timedelta(days=2))
    await arcade.budget(500)
    await arcade.operator.set_budget(
        arcade.game_id, asset="BRONZE", amount=600, period=PERIOD_TOTAL
    )
    held = await arcade.game.create_hold(
        [Posting(source=arcade.ann, destination=arcade.till, asset="BRONZE", amount=20)]
    )
    await arcade.game.capture_hold(held.hold_id, amounts=[5])
    other = await arcade.operator.create_application(name="other", scopes=())
    await arcade.front.acting_for(arcade.ann_id).grant_allowance(
        arcade.ann_id,
        application_id=other.application_id,
        asset="BRONZE",
        amount=1,
        period=PERIOD_TOTAL,
    )
    await arcade.front.acting_for(arcade.ann_id).revoke_allowance(
        arcade.ann_id, application_id=other.application_id, asset="BRONZE"
    )
    await arcade.take(7)


@pytest.mark.usefixtures("incoherent")
async def test_each_corruption_is_told(server: Server, database: Database) -> None:
    async with visit(server) as arcade:
        await live(arcade)
    connection = await asyncpg.connect(server.database_url)
    tables = "spending_limits", "spending_records"
    try:
        for table in tables:
            await connection.execute(f"CREATE TABLE kept_{table} AS TABLE {table}")
        economy_id = await connection.fetchval("SELECT economy_id FROM economies")
        sound = await verify(database, economy_id)
        assert sound.violations == ()
        for name, sql in CORRUPTIONS.items():
            await connection.execute(sql)
            report = await asyncio.wait_for(verify(database, economy_id), 30)
            told = set(report.violation_counts)
            assert told == {Invariant.SPENDING_WITHIN_LIMITS}, (name, report.violations)
            for table in tables:
                await connection.execute(
                    f"TRUNCATE {table}; INSERT INTO {table} TABLE kept_{table}"
                )
        assert (await verify(database, economy_id)).violations == ()
    finally:
        await connection.close()
