"""What ends rounds: timers, servers that die or lack the draw key, and people who go."""

import asyncio
import shutil
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from ticketonomics.queues.v1.round_pb2 import Round
from ticketonomics_client import Period, UnavailableError
from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.queues.model import TimerKind
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import Invariant, verify

from tests.conftest import Server, run_server
from tests.e2e.people import application
from tests.e2e.players import TICKET, playing
from tests.e2e.refusals import refused

# Timers of a kind wait for an hour: as if every server had died in time.
LATER = """
CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.due_time := NEW.due_time + interval '1 hour'; RETURN NEW; END $$;
CREATE TRIGGER later BEFORE INSERT ON timers FOR EACH ROW WHEN (NEW.kind = {kind})
EXECUTE FUNCTION later()
"""


async def run_sql(server_url: str, *statements: str) -> None:
    connection = await asyncpg.connect(server_url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def now_due(kind: int) -> str:
    """What makes timers of a kind due, while no server keeps them in memory."""
    return f"UPDATE timers SET due_time = now() WHERE kind = {int(kind)}"


async def away(reason: str, call: Awaitable[Any]) -> None:
    """Awaits a call that only another server can answer."""
    with pytest.raises(UnavailableError) as caught:
        await call
    assert caught.value.reason_name == reason


async def test_a_round_that_does_not_fill_gives_every_stake_back(
    database_url: str, tmp_path: Path
) -> None:
    async with run_server(database_url, tmp_path) as server, playing(server, 3) as players:
        for person in players.people:
            joined = await players.join(person)
        people = players.people
    await run_sql(database_url, now_due(TimerKind.EXPIRE))
    async with run_server(database_url, tmp_path) as server, playing(server, 0, opened=False) as p:
        over = await p.until_over(joined.round.round_id)
        assert over.state == Round.STATE_EXPIRED
        assert over.players == 3
        assert not over.secret
        for person in people:
            assert await p.has(person) == 3 * TICKET
        following = await p.waiting()
        assert following.round_id != over.round_id
        assert (await p.join(people[0])).round.round_id == following.round_id
        # A round that nobody has joined just goes on.
        empty = await p.waiting("GOLD", "large")
        assert not empty.extended
        assert empty.expire_time.ToDatetime() > over.expire_time.ToDatetime()
        statistics = await p.operator.queue_statistics("BRONZE", "small")
        assert (statistics.expired_rounds, statistics.fill_time_rounds) == (1, 0)
        theirs = [r async for r in p.operator.rounds(person_id=people[0])]
        assert [r.state for r in theirs] == [Round.STATE_WAITING, Round.STATE_EXPIRED]


async def test_a_round_may_be_given_as_much_time_again_once(
    database_url: str, tmp_path: Path
) -> None:
    async with run_server(database_url, tmp_path) as server, playing(server, 1) as players:
        await players.operator.set_parameter("queues.timeout_action", "extend_once")
        (person,) = players.people
        joined = await players.join(person)
    for state in (Round.STATE_WAITING, Round.STATE_EXPIRED):
        await run_sql(database_url, now_due(TimerKind.EXPIRE))
        async with (
            run_server(database_url, tmp_path) as server,
            playing(server, 0, opened=False) as players,
        ):
            await players.until(
                lambda found, state=state: found.extended and found.state == state,
                joined.round.round_id,
            )
            left = state == Round.STATE_WAITING
            assert await players.has(person) == (2 if left else 3) * TICKET


async def test_a_server_that_dies_before_the_draw_leaves_it_to_the_next(
    database_url: str, tmp_path: Path
) -> None:
    await run_sql(database_url, LATER.format(kind=int(TimerKind.DRAW)))
    async with run_server(database_url, tmp_path) as server, playing(server, 20) as players:
        for person in players.people:
            joined = await players.join(person)
        assert joined.round.state == Round.STATE_FILLED
    await run_sql(database_url, "DROP TRIGGER later ON timers", now_due(TimerKind.DRAW))
    async with (
        run_server(database_url, tmp_path) as server,
        run_server(database_url, tmp_path),
        playing(server, 0, opened=False) as players,
    ):
        over = await players.until_over(joined.round.round_id)
        assert over.state == Round.STATE_FINISHED
        await players.operator.verify_round(over.round_id, commitment=joined.round.commitment)
        assert await players.supply("SILVER") == TICKET


async def test_two_servers_draw_each_round_once(database_url: str, tmp_path: Path) -> None:
    async with (
        run_server(database_url, tmp_path) as one,
        run_server(database_url, tmp_path) as two,
        playing(one, 60) as here,
        playing(two, 0, opened=False) as there,
    ):
        answers = await asyncio.gather(
            *((here, there)[n % 2].join(person) for n, person in enumerate(here.people))
        )
        rounds = {answer.round.round_id for answer in answers}
        assert len(rounds) == 3
        for round_id in rounds:
            assert (await there.until_over(round_id)).state == Round.STATE_FINISHED
            await there.operator.verify_round(round_id)
        assert await there.supply("SILVER") == 3 * TICKET


async def test_a_server_without_the_draw_key_loses_nothing(
    database_url: str, tmp_path: Path
) -> None:
    keyed, keyless = tmp_path / "keyed", tmp_path / "keyless"
    keyed.mkdir()
    keyless.mkdir()
    async with run_server(database_url, keyed) as server, playing(server, 22) as players:
        people = players.people
        before = await players.waiting()
    for name in ("signing.key", operator_key_file(keyed, "main").name):
        shutil.copy(keyed / name, keyless / name)
    async with (
        run_server(database_url, keyless) as server,
        playing(server, 0, opened=False) as players,
    ):
        await away("DRAW_KEY_MISSING", players.operator.open_queues(timeout_seconds=0.5))
        for person in people[:20]:
            await players.join(person)
        waits = await players.until_state(before.round_id, Round.STATE_IN_PROGRESS)
        assert not waits.secret
        await away(
            "DRAW_KEY_MISSING",
            players.operator.join_queue("BRONZE", "small", people[20], timeout_seconds=0.5),
        )
        queue = (await players.operator.queues())[0]
        assert not queue.HasField("round")
        # Other queues go on.
        await players.join(people[20], size="medium")
        # The other key is no help: it opens nothing, and draws nothing wrong.
        (keyless / "draw.key").write_text("A" * 43 + "=\n")
        (keyless / "draw.key").chmod(0o600)
    await run_sql(database_url, now_due(TimerKind.DRAW), now_due(TimerKind.OPEN))
    async with (
        run_server(database_url, keyless) as server,
        playing(server, 0, opened=False) as players,
    ):
        await asyncio.sleep(1.5)
        assert (await players.operator.round(before.round_id)).state == Round.STATE_IN_PROGRESS
        assert not (await players.operator.queues())[0].HasField("round")
    await run_sql(database_url, now_due(TimerKind.DRAW), now_due(TimerKind.OPEN))
    async with (
        run_server(database_url, keyed) as server,
        playing(server, 0, opened=False) as players,
    ):
        over = await players.until_over(before.round_id)
        assert over.state == Round.STATE_FINISHED
        await players.operator.verify_round(over.round_id, commitment=before.commitment)
        await players.until_open()
        await players.join(people[21])


async def test_people_who_go_leave_nothing_behind(server: Server) -> None:
    async with playing(server, 5, tickets=1) as players:
        ann, bob, eve, joe, _ = players.people
        for person in (ann, bob, eve, joe):
            joined = await players.join(person)
        # Ann and Bob turn out to be one: she is in once, with one stake back.
        await players.operator.merge_people(bob, into=ann)
        # Eve had nothing else, and what she staked goes as what she had would go.
        await players.operator.erase_person(eve)
        await players.operator.block_person(joe, reason="cheats")
        await players.until(lambda found: found.players == 2, joined.round.round_id)
        entries = [e async for e in players.operator.round_entries(joined.round.round_id)]
        assert [(e.person_id, e.position) for e in entries] == [(ann, 1), (joe, 2)]
        assert await players.has(ann) == TICKET
        assert await players.supply("BRONZE") == 4 * TICKET
        # Who is blocked keeps the place; the stake would come back to the same account.
        left = await players.operator.leave_queue("BRONZE", "small", joe)
        assert left.players == 1
        assert await players.has(joe) == TICKET
        await refused("ACCOUNT_BLOCKED", players.join(joe))
        await refused("ACCOUNT_CLOSED", players.join(eve))


@pytest.mark.parametrize("erased", [False, True])
async def test_a_full_round_pays_whoever_the_winner_is_by_then(
    database_url: str, tmp_path: Path, erased: bool
) -> None:
    await run_sql(database_url, LATER.format(kind=int(TimerKind.DRAW)))
    async with (
        run_server(database_url, tmp_path) as server,
        playing(server, 3, opened=False) as players,
    ):
        operator = players.operator
        await operator.set_parameter("queues.places", [2, 2, 2])
        await operator.open_queues()
        ann, bob, eve = players.people
        for person in (ann, bob):
            await operator.mint(
                destination=f"users/{person}", asset="BRONZE", amount=TICKET, reason="start"
            )
            joined = await players.join(person)
        # Two Bronze tickets are worth a tenth of a Silver one.
        assert (joined.round.state, joined.round.reward) == (Round.STATE_FILLED, TICKET // 10)
        if erased:
            await operator.erase_person(ann)
            await operator.erase_person(bob)
        else:
            await operator.merge_people(ann, into=bob)
            await operator.merge_people(bob, into=eve)
        await refused("ROUND_NOT_FOUND", operator.round("0" * 16))
    await run_sql(database_url, "DROP TRIGGER later ON timers", now_due(TimerKind.DRAW))
    async with (
        run_server(database_url, tmp_path) as server,
        playing(server, 0, opened=False) as players,
    ):
        over = await players.until_over(joined.round.round_id)
        assert over.state == Round.STATE_FINISHED
        assert over.players == 2
        assert await players.has(eve, "SILVER") == (0 if erased else TICKET // 10)
        assert await players.supply("SILVER") == (0 if erased else TICKET // 10)
        assert await players.supply("BRONZE") == 0


async def test_numbers_of_a_round_are_those_of_its_opening(server: Server) -> None:
    async with playing(server, 1) as players:
        (ann,) = players.people
        await players.operator.set_parameter("queues.places", [2, 2, 2])
        await players.operator.set_parameter("queues.rewards", [10, 10, 10])
        joined = await players.join(ann)
        assert (joined.round.places, joined.round.reward) == (20, TICKET)


async def test_applications_join_for_people_who_allow_it(server: Server) -> None:
    async with playing(server, 1) as players:
        (ann,) = players.people
        operator = players.operator
        async with (
            application(server, operator, "queues.play", "identity.act_for") as app,
            application(server, operator, "queues.play", "identity.act_for") as other,
            application(
                server, operator, "queues.play", "identity.act_for", "spending.consent"
            ) as trusted,
        ):
            await refused("NOT_ACCOUNT_OWNER", app.join_queue("BRONZE", "small", ann))
            application_id = (await app.who_am_i()).application.application_id
            await trusted.acting_for(ann).grant_allowance(
                ann,
                application_id=application_id,
                asset="BRONZE",
                amount=TICKET,
                period=Period.PERIOD_DAY,
            )
            await app.join_queue("BRONZE", "small", ann)
            await refused("ALLOWANCE_EXCEEDED", app.join_queue("BRONZE", "medium", ann))
            await refused("NOT_ACCOUNT_OWNER", other.leave_queue("BRONZE", "small", ann))
            await app.leave_queue("BRONZE", "small", ann)
            await trusted.acting_for(ann).join_queue("BRONZE", "small", ann)
            await refused("NOT_ACCOUNT_OWNER", app.leave_queue("BRONZE", "small", ann))
            await trusted.acting_for(ann).leave_queue("BRONZE", "small", ann)
            await refused("SCOPE_MISSING", app.open_queues())


async def test_tickets_are_converted_down_where_the_community_wants_it(server: Server) -> None:
    async with playing(server, 1) as players:
        (ann,) = players.people
        operator = players.operator
        await operator.mint(
            destination=f"users/{ann}", asset="SILVER", amount=TICKET, reason="gift"
        )
        await operator.set_parameter("queues.convert_down", True)
        await operator.set_parameter("queues.convert_down_fee", 333)
        request_id = "01890a5d-ac96-774b-bcce-b302099a8057"
        for replayed in (False, True):
            done = await operator.convert_down("silver", ann, request_id=request_id)
            assert (done.converted_tier, done.converted) == ("BRONZE", 2_000 - 67)
            assert done.replayed == replayed
        assert await players.has(ann, "SILVER") == 0
        assert await players.has(ann) == 3 * TICKET + 1_933
        await refused("INSUFFICIENT_FUNDS", operator.convert_down("SILVER", ann))


@pytest.mark.usefixtures("incoherent")
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE queue_rounds SET winner_position = winner_position % 20 + 1 WHERE state = 4",
        "UPDATE queue_rounds SET secret = sha256(secret) WHERE state = 4",
        "UPDATE queue_rounds SET commitment = sha256(commitment) WHERE state = 1",
        "UPDATE queue_rounds SET reward = reward + 1 WHERE state = 1",
        "UPDATE queue_entries SET nonce = 'x'",
        "DELETE FROM queue_entries WHERE join_sequence = (SELECT max(join_sequence)"
        " FROM queue_entries)",
        "UPDATE queues SET finished = finished + 1",
        "UPDATE queue_players SET won = won + 1 WHERE wins > 0",
        "UPDATE queue_win_counts SET people = people + 1 WHERE wins = 0",
        "DELETE FROM timers WHERE kind = 211",
        "UPDATE entries SET event = replace(event::text, '0', '1')::bytea WHERE kind = 212",
    ],
)
async def test_verify_finds_what_was_changed(
    database_url: str, tmp_path: Path, damage: str
) -> None:
    async with run_server(database_url, tmp_path) as server, playing(server, 21) as players:
        for person in players.people:
            await players.join(person)
        full = [r async for r in players.operator.rounds(size="small", tier="BRONZE")][-1]
        await players.until_over(full.round_id)
    await run_sql(database_url, damage)
    database = Database(database_url)
    report = await verify(database, 1)
    await database.close()
    assert Invariant.ROUNDS_MATCH_JOURNAL in report.violation_counts
