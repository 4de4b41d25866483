"""Timers: rows that become commands when they are due."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from ticketonomics_server.engine import timers as timers_module
from ticketonomics_server.engine.command import Accepted
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.engine.session import Session, View
from ticketonomics_server.engine.timers import ENGINE, Due, EntryKind, TimerRunner
from ticketonomics_server.rpc.fields import check_uuid
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.due_timers import find_due_timers
from ticketonomics_server.storage.economies import create_economy

from tests.integration.counter_domain import (
    COUNTING,
    Add,
    SetAlarm,
    TimerKind,
    add,
    request,
)
from tests.integration.counter_domain import EntryKind as CountingKind
from tests.integration.sequencing import Running, sequencing, tally, until


def runner(
    database: Database, *running: Running, ids: tuple[int, ...], look: Callable | None = None
) -> TimerRunner:
    by_id = dict(zip(ids, running, strict=True))

    async def sequencer(economy_id: int) -> Sequencer:
        return by_id[economy_id].sequencer

    async def ordinary(limit: int) -> list[Due]:
        return await find_due_timers(database, limit)

    return TimerRunner(
        registry=Registry([ENGINE, COUNTING]), find_due=look or ordinary, sequencer=sequencer
    )


@pytest.fixture
async def alarms(database, economy_id):
    """A sequencer and what fires its alarms."""

    @asynccontextmanager
    async def open_alarms(**options):
        async with sequencing(database, economy_id, **options) as running:
            yield running, runner(database, running, ids=(economy_id,))

    return open_alarms


async def pending(plain: asyncpg.Connection) -> list[asyncpg.Record]:
    return await plain.fetch("SELECT * FROM timers ORDER BY timer_id")


async def test_a_due_timer_happens_once_and_is_gone(alarms, plain) -> None:
    async with alarms() as (running, timer_runner):
        outcome = await running.submit_one(SetAlarm(*request(), "add", -1))
        assert outcome.value == 1
        await running.submit(SetAlarm(*request(), "add", 3_600))
        await timer_runner.turn()
        await timer_runner.turn()
        assert await tally(plain, "alarm") == 1
        assert [row["timer_id"] for row in await pending(plain)] == [2]
        assert running.entries[-1].kind == CountingKind.ADDED


async def test_two_servers_fire_a_timer_once(database, economy_id, plain) -> None:
    async with (
        sequencing(database, economy_id) as first,
        sequencing(database, economy_id) as second,
    ):
        for _ in range(20):
            await first.submit(SetAlarm(*request(), "add", -1))
        due = await find_due_timers(database, 100)

        async def both_saw(_: int) -> list[Due]:
            return due

        await asyncio.gather(
            *(
                runner(database, side, ids=(economy_id,), look=both_saw).turn()
                for side in (first, second)
            )
        )
        assert await tally(plain, "alarm") == 20
        assert await pending(plain) == []
        fired = [e for e in first.entries + second.entries if e.kind == CountingKind.ADDED]
        assert len(fired) == 20


async def test_a_bounded_number_is_fired_a_turn_earliest_first(alarms, plain, monkeypatch) -> None:
    monkeypatch.setattr(timers_module, "DUE_A_TURN", 3)
    async with alarms() as (running, timer_runner):
        for seconds in (-1, -5, -3, -4, -2):
            await running.submit(SetAlarm(*request(), "add", seconds))
        await timer_runner.turn()
        assert await tally(plain, "alarm") == 3
        assert [row["timer_id"] for row in await pending(plain)] == [1, 5]
        await timer_runner.turn()
        assert await pending(plain) == []


async def test_a_timer_is_not_fired_before_the_block_s_time(database, economy_id, plain) -> None:
    """One server's clock does not matter: `decide` compares with the block's time."""
    async with sequencing(database, economy_id) as running:
        await running.submit(SetAlarm(*request(), "add", 3_600))

        async def too_early(_: int) -> list[Due]:
            return [Due(**row) for row in await pending(plain)]

        await runner(database, running, ids=(economy_id,), look=too_early).turn()
        assert await tally(plain, "alarm") is None
        assert len(await pending(plain)) == 1


async def test_a_refused_timer_is_ended_by_an_entry(alarms, plain) -> None:
    async with alarms() as (running, timer_runner):
        await running.submit(SetAlarm(*request(), "refused", -1))
        await timer_runner.turn()
        assert running.entries[-1].kind == EntryKind.TIMER_REFUSED
        assert await pending(plain) == []


async def test_a_refusal_after_effects_leaves_none(alarms, plain) -> None:
    # Once, TIMER_REFUSED was journalled, and the refused effects were committed with it.
    async with alarms() as (running, timer_runner):
        await running.submit(SetAlarm(*request(), "late refusal", -1))
        await timer_runner.turn()
        assert running.entries[-1].kind == EntryKind.TIMER_REFUSED
        assert await tally(plain, "alarm") is None


async def test_a_timer_that_changes_nothing_is_gone_too(alarms, plain) -> None:
    # Once, there was no entry, so no block, and the row stayed and was found due for ever.
    async with alarms() as (running, timer_runner):
        await running.submit(SetAlarm(*request(), "look", -1))
        before = len(running.entries)
        await timer_runner.turn()
        assert await pending(plain) == []
        assert len(running.entries) == before + 1


@pytest.mark.parametrize("plan", ["bug", "forbidden"])
async def test_a_poisoned_timer_is_postponed_ever_longer_and_harms_no_other(
    alarms, plain, plan, no_errors_logged
) -> None:
    """In `decide`, and in a row that Postgres refuses."""
    async with alarms() as (running, timer_runner):
        await running.submit(SetAlarm(*request(), plan, -2), SetAlarm(*request(), "add", -1))
        await timer_runner.turn()
        assert await tally(plain, "alarm") == 1
        waits = []
        for failures in (1, 2):
            (timer,) = await pending(plain)
            assert timer["failures"] == failures
            waits.append(timer["due_time"] - running.blocks[-1].block_time)
            await plain.execute("UPDATE timers SET due_time = due_time - interval '1 hour'")
            running.sequencer._maker._state.drop()
            await timer_runner.turn()
        assert waits == [timedelta(seconds=5), timedelta(seconds=10)]
        assert running.entries[-1].kind == EntryKind.TIMER_POSTPONED
    no_errors_logged.clear()


@pytest.mark.parametrize("kind", [TimerKind.ALARM, TimerKind.UNKNOWN])
async def test_a_timer_that_no_domain_understands_harms_no_other(
    database, economy_id, plain, kind, no_errors_logged
) -> None:
    # Once, a timer with a payload that its domain cannot read, or of a kind that this version does
    # not know, stopped the timers of all economies.
    async with sequencing(database, economy_id) as running:
        await running.submit(SetAlarm(*request(), "gibberish", -2), SetAlarm(*request(), "add", -1))
        await plain.execute("UPDATE timers SET kind = $1 WHERE timer_id = 1", kind)
        await runner(database, running, ids=(economy_id,)).turn()
        assert await tally(plain, "alarm") == 1
    no_errors_logged.clear()


async def test_an_economy_that_cannot_take_its_timers_holds_up_no_other(
    database, economy_id, plain
) -> None:
    # Once, a refusal (QUEUE_FULL, DRAINING) in one economy ended the turn for the rest.
    other_id = await create_economy(plain, "other")
    async with (
        sequencing(database, economy_id) as first,
        sequencing(database, other_id, economy="other") as second,
    ):
        await first.submit(SetAlarm(*request(), "add", -2))
        await second.submit(SetAlarm(*request(), "add", -1))
        await first.sequencer.drain()
        await runner(database, first, second, ids=(economy_id, other_id)).turn()
        assert await tally(plain, "alarm") == 1


async def test_nobody_can_take_a_timer_s_request_id_before_it(alarms, plain) -> None:
    # A timer's request id is the hash of its number, which anybody can compute. Once, whoever sent
    # a transfer with that id kept the timer (a hold's end, a vote's closing) from ever happening.
    async with alarms() as (running, timer_runner):
        guessed = timers_module._timer_request_id(1, "fire")
        try:
            check_uuid(str(UUID(bytes=guessed)), "request_id")
        except Rejection:
            return
        assert isinstance(await running.submit_one(Add(guessed, b"b" * 16, "thief", 1)), Accepted)
        await running.submit(SetAlarm(*request(), "add", -1))
        await timer_runner.turn()
        assert await tally(plain, "alarm") == 1
        assert await pending(plain) == []


# --- clock jumps ------------------------------------------------------------------------------


class MovedClock(Session):
    """The primary's clock as it was set: `ahead` of the true one."""

    ahead = timedelta(0)

    async def look(self, request_ids) -> View:
        view = await super().look(request_ids)
        return replace(view, now=view.now + type(self).ahead)


@pytest.fixture
def moved() -> type[MovedClock]:
    return type("Moved", (MovedClock,), {})


async def due_by(moved: type[MovedClock], plain: asyncpg.Connection, _: int) -> list[Due]:
    now: datetime = await plain.fetchval("SELECT clock_timestamp()")
    rows = [Due(**row) for row in await pending(plain)]
    return [due for due in rows if due.due_time <= now + moved.ahead]


async def test_timers_are_held_while_the_clock_is_off(
    database, economy_id, plain, moved, no_errors_logged
) -> None:
    """Fails without the look at `clock.jumped` in `turn` (tried)."""
    async with sequencing(database, economy_id, session_type=moved) as running:
        timer_runner = runner(
            database, running, ids=(economy_id,), look=lambda limit: due_by(moved, plain, limit)
        )
        await running.submit(SetAlarm(*request(), "add", 1_800))
        moved.ahead = timedelta(hours=1)
        await running.submit(add("a"))
        await timer_runner.turn()
        assert await tally(plain, "alarm") is None
        moved.ahead = timedelta(0)
        await running.submit(add("a"))
        # Block times never go back, so by them it is due; by the clock it is not.
        await timer_runner.turn()
        assert await tally(plain, "alarm") is None
    assert len(no_errors_logged) == 1
    assert "clock jumped" in no_errors_logged.pop()


async def test_timers_are_held_by_the_very_block_that_notices_the_jump(
    database, economy_id, plain, moved, no_errors_logged
) -> None:
    # Once, the clock was looked at before the block and observed in it: in a quiet economy the jump
    # was first seen by the block that fired the timers, too late.
    async with sequencing(database, economy_id, session_type=moved) as running:
        await running.submit(SetAlarm(*request(), "add", 1_800))
        moved.ahead = timedelta(hours=1)
        timer_runner = runner(
            database, running, ids=(economy_id,), look=lambda limit: due_by(moved, plain, limit)
        )
        await timer_runner.turn()
        assert await tally(plain, "alarm") is None
    no_errors_logged.clear()


async def test_timers_outlive_the_server_that_set_them(alarms, plain) -> None:
    async with alarms() as (running, _):
        await running.submit(SetAlarm(*request(), "add", -1))
    async with alarms() as (_, timer_runner):
        await timer_runner.turn()
        assert await tally(plain, "alarm") == 1


async def test_the_runner_goes_on_after_a_turn_that_failed(
    alarms, database, economy_id, plain, monkeypatch
) -> None:
    monkeypatch.setattr(timers_module, "POLL_SECONDS", 0.001)
    async with sequencing(database, economy_id) as running:
        await running.submit(SetAlarm(*request(), "add", -1))
        failures = [OSError("away"), Rejection(Reason.DATABASE_UNAVAILABLE, "away")]

        async def look(limit: int) -> list[Due]:
            if failures:
                raise failures.pop()
            return await find_due_timers(database, limit)

        task = asyncio.create_task(runner(database, running, ids=(economy_id,), look=look).run())

        async def is_fired() -> bool:
            return await tally(plain, "alarm") == 1

        await until(is_fired)
        task.cancel()
        await asyncio.wait([task])
