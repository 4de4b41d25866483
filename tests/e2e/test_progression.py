"""`ProgressionService` over a socket: levels, achievements, leaderboards, people who go."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.progression.v1 import progression_service_pb2 as rpc
from ticketonomics_client import Client, RefusedError
from ticketonomics_client.sync import Client as BlockingClient
from ticketonomics_server.progression.achievements import ACHIEVEMENTS
from ticketonomics_server.progression.model import Deed
from ticketonomics_server.progression.parameters import (
    EXPERIENCE,
    REPUTATION_HALF,
    REPUTATION_MOST,
)
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import Invariant, verify

from tests.conftest import Server
from tests.e2e.reading import blocks, run
from tests.e2e.test_cli import Shell
from tests.integration.deed_domain import doing, tap, vote
from tests.integration.verifying import Maker
from tests.tidy.repository import table


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        yield opened


@pytest.fixture
async def make(
    server: Server, client: Client, database: Database, incoherent: None
) -> AsyncIterator[Maker]:
    """Makes deeds of which the rooms themselves know nothing: only this room's part is coherent."""
    async with database.connected() as connection:
        economy_id = await connection.fetchval("SELECT economy_id FROM economies")
    async with doing(database, economy_id, "main") as maker:
        yield maker
    report = await verify(database, economy_id, invariants=COHERENT)
    assert not report.violations


# What entries that other rooms never made leave alone.
COHERENT = (
    Invariant.PROGRESS_MATCHES_JOURNAL,
    Invariant.CHAIN_UNBROKEN,
    Invariant.MERKLE_ROOTS_MATCH,
    Invariant.EVERY_REQUEST_ONCE,
)


async def newcomer(client: Client, subject: str, name: str = "") -> str:
    answer = await client.get_or_create_person(provider="test", subject=subject, display_name=name)
    return answer.person.person_id


async def newest(client: Client) -> int:
    return (await client.status()).last_sequence


async def test_deeds_are_counted_and_earn(client: Client, make: Maker) -> None:
    ann = await newcomer(client, "ann")
    nothing = await client.progress(ann)
    assert (nothing.level, nothing.experience, nothing.experience_to_next_level) == (1, 0, 100)
    assert not nothing.achievements
    assert not nothing.deeds
    await make(vote(ann), vote(ann), tap(ann, 90))
    now = await client.progress(ann)
    # 2 × 15 and 90 points, of which 20 are beyond the hundred that count in full.
    assert (now.experience, now.level, now.experience_to_next_level) == (110, 2, 190)
    assert now.month_experience == 110
    assert {deed.deed: deed.count for deed in now.deeds} == {"voted": 2, "tapped": 90}
    assert [earned.achievement_id for earned in now.achievements] == ["voter"]
    assert (now.streak_days, now.longest_streak_days) == (1, 1)
    assert now.first_day == now.last_day == datetime.now(UTC).date().isoformat()
    earned = now.achievements[0]
    assert abs(earned.earn_time.ToDatetime(UTC) - datetime.now(UTC)).total_seconds() < 60
    assert now.reputation.votes == 250 * 2 // 12
    assert now.reputation.active_days == 1
    assert now.reputation.score == (250 * 2 // 12) // 10
    await make(tap(ann, 10), vote(ann))
    then = await client.progress(ann)
    assert [e.achievement_id for e in then.achievements] == ["voter", "hundred_taps"]
    assert then.achievements[0] == earned


async def test_achievements_are_listed_as_data(client: Client, server: Server) -> None:
    listed = [a async for a in client.achievements(page_size=3)]
    assert [a.achievement_id for a in listed] == [a.achievement_id for a in ACHIEVEMENTS]
    assert all(a.name and a.description and a.least >= 1 for a in listed)

    def read() -> list[str]:
        with BlockingClient(server.target) as blocking:
            return [a.achievement_id for a in blocking.achievements()]

    assert await asyncio.to_thread(read) == [a.achievement_id for a in listed]


async def places(client: Client, board: rpc.Board, *, page_size: int = 0) -> list[tuple[str, str]]:
    found = []
    async for standing in client.leaderboard(
        board, page_size=page_size, minimum_sequence=await newest(client)
    ):
        assert standing.rank == len(found) + 1
        found.append((standing.person_id, standing.value))
    return found


async def test_boards_list_the_first_people(client: Client, make: Maker) -> None:
    people = [await newcomer(client, str(number), f"Nr {number}") for number in range(7)]
    for number, person in enumerate(people):
        await make(*(vote(person) for _ in range(number)), tap(person, 1))
    by_experience = await places(client, rpc.BOARD_EXPERIENCE, page_size=2)
    assert [person for person, _ in by_experience] == people[::-1]
    assert by_experience[0] == (people[6], "91")
    assert await places(client, rpc.BOARD_CONTRIBUTION) == by_experience
    by_reputation = await places(client, rpc.BOARD_REPUTATION, page_size=3)
    assert [person for person, _ in by_reputation][:2] == people[:4:-1]
    for person, score in by_reputation:
        assert (await client.progress(person)).reputation.score == int(score)
    async for standing in client.leaderboard(rpc.BOARD_EXPERIENCE):
        assert standing.level == (await client.progress(standing.person_id)).level


async def test_the_board_of_wealth_adds_up_tiers(client: Client) -> None:
    for code in ("BRONZE", "GOLD"):
        await client.create_asset(Asset(code=code, kind=Asset.KIND_TICKET, name=code, decimals=2))
    ann, bob, _ = [await newcomer(client, name) for name in ("ann", "bob", "eve")]
    await client.mint(destination=f"users/{ann}", asset="BRONZE", amount=50_050, reason="test")
    await client.mint(destination=f"users/{bob}", asset="GOLD", amount=125, reason="test")
    await client.mint(destination=f"users/{bob}", asset="BRONZE", amount=1, reason="test")
    assert await places(client, rpc.BOARD_WEALTH, page_size=1) == [(ann, "500.5"), (bob, "500.01")]
    await client.burn(source=f"users/{ann}", asset="BRONZE", amount=50_050, reason="test")
    assert await places(client, rpc.BOARD_WEALTH) == [(bob, "500.01")]


async def test_boards_show_the_names_of_who_shows_them(
    client: Client, make: Maker, server: Server
) -> None:
    shy, proud = await newcomer(client, "shy", "Shy"), await newcomer(client, "proud", "Proud")
    await client.set_privacy(proud, Person.PRIVACY_PUBLIC)
    await make(vote(shy), vote(shy), vote(proud))
    last = await newest(client)

    async def names(reader: Client) -> list[str]:
        board = reader.leaderboard(rpc.BOARD_EXPERIENCE, minimum_sequence=last)
        return [standing.display_name async for standing in board]

    assert await names(client) == ["Shy", "Proud"], "who manages people sees all names"
    async with Client(server.target) as anybody:
        assert await names(anybody) == ["", "Proud"]
    await client.block_person(shy, reason="bot")
    async with Client(server.target) as anybody:
        assert await names(anybody) == ["Proud"]


async def settled(database: Database, people: list[str]) -> None:
    """Waits until timers have moved all progress to these people."""
    async with database.connected() as connection, asyncio.timeout(10):
        who = "SELECT array_agg(person_id ORDER BY person_id) FROM progress"
        while await connection.fetchval(who) != sorted(people):  # noqa: ASYNC110 - timers are rows.
            await asyncio.sleep(0.05)


async def test_people_who_go_leave_nothing_or_everything(
    client: Client, make: Maker, database: Database
) -> None:
    ann, bob, eve, dan = [await newcomer(client, name) for name in ("ann", "bob", "eve", "dan")]
    await make(vote(ann), vote(ann), tap(ann, 3), vote(bob), tap(bob, 100), vote(eve), vote(dan))
    new = await newcomer(client, "new")
    await client.merge_people(ann, into=bob)
    await client.merge_people(eve, into=new)
    await client.erase_person(dan)
    await settled(database, [bob, new])
    stayed = await client.progress(bob)
    assert {deed.deed: deed.count for deed in stayed.deeds} == {"voted": 2, "tapped": 100}
    assert stayed.experience == 107, "the greater of both"
    assert (await client.progress(new)).deeds[0].count == 1
    for gone, reason in ((ann, "PERSON_MERGED"), (dan, "PERSON_ERASED")):
        with pytest.raises(RefusedError) as refused:
            await client.progress(gone)
        assert refused.value.reason_name == reason
    board = await places(client, rpc.BOARD_EXPERIENCE)
    assert [person for person, _ in board] == [bob, new]


async def test_parameters_change_what_deeds_come_to(
    client: Client, make: Maker, database: Database
) -> None:
    ann = await newcomer(client, "ann")
    await make(vote(ann))
    await client.set_parameter("progression.daily_most", 20, reason="test")
    await client.set_parameter("progression.level_step", 10, reason="test")
    await make(vote(ann), vote(ann))
    now = await client.progress(ann)
    assert (now.experience, now.level) == (20, 2)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE progress SET experience = experience + 1 WHERE voted = 1",
        "UPDATE progress SET achievements = ''",
        "UPDATE progress SET active_days = 3, streak = 2, longest_streak = 2",
        "UPDATE progress SET tapped = tapped + 1",
        "DELETE FROM progress WHERE tapped > 0",
    ],
)
async def test_verify_finds_progress_that_nobody_made(
    client: Client, server: Server, database: Database, incoherent: None, damage: str
) -> None:
    ann, bob = await newcomer(client, "ann"), await newcomer(client, "bob")
    async with database.connected() as connection:
        economy_id = await connection.fetchval("SELECT economy_id FROM economies")
        async with doing(database, economy_id, "main") as make:
            await make(vote(ann), vote(bob), tap(bob, 4))
        before = await verify(database, economy_id, invariants=COHERENT)
        assert not before.violations
        await connection.execute(damage)
        after = await verify(database, economy_id, invariants=COHERENT)
    assert set(after.violation_counts) == {Invariant.PROGRESS_MATCHES_JOURNAL}


@pytest.mark.parametrize(
    ("method", "request_", "reason"),
    [
        ("GetProgress", {"person_id": ""}, "INVALID_FIELD"),
        ("GetProgress", {"person_id": "0000000000000000"}, "PERSON_NOT_FOUND"),
        ("ListLeaderboard", {}, "INVALID_FIELD"),
        ("ListLeaderboard", {"board": 77}, "INVALID_FIELD"),
        ("ListLeaderboard", {"board": 1, "page_token": "x"}, "INVALID_PAGE_TOKEN"),
        ("ListLeaderboard", {"board": 2, "page_size": -1}, "INVALID_FIELD"),
        ("ListAchievements", {"page_token": "x"}, "INVALID_PAGE_TOKEN"),
    ],
)
async def test_bad_requests_are_refused(
    client: Client, method: str, request_: dict[str, object], reason: str
) -> None:
    request = getattr(rpc, f"{method}Request")(**request_)
    with pytest.raises(RefusedError) as refused:
        await client.call(getattr(client.progression, method), request)
    assert refused.value.reason_name == reason


async def test_the_command_line_shows_profiles_and_boards(
    client: Client, make: Maker, server: Server
) -> None:
    ann = await newcomer(client, "ann", "Ann")
    await make(vote(ann), tap(ann, 100))
    await places(client, rpc.BOARD_EXPERIENCE)
    shell = Shell(server.target, "")
    profile = (await shell("profile", f"users/{ann}")).out
    assert "107, 193 to the next level" in profile
    assert "hundred_taps" in profile
    board = await shell("top-people", "--by", "experience")
    assert ["1", ann, "107", "2"] in [line.split() for line in board.out.splitlines()]
    assert json.loads((await shell("top-people", "--json")).out)[0]["personId"] == ann
    assert (await shell("top-people", "--by", "wealth", "--json")).out.strip() == "[]"
    assert "first_trade" in (await shell("achievements")).out
    missing = await shell("profile", "0000000000000000")
    assert missing.code == 1
    assert "PERSON_NOT_FOUND" in missing.err


async def test_the_examples_of_the_page_run(client: Client, make: Maker) -> None:
    ann = await newcomer(client, "ann")
    await make(vote(ann))
    page = "docs/progression.md"
    for line, block in blocks(page, "python"):
        await run(block, page, line, {"client": client, "person_id": ann})


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    rows = {row[0].strip("`"): int(row[2]) for row in table("docs/progression.md", "## Deeds")}
    assert rows == dict(zip((deed.value for deed in Deed), EXPERIENCE.defaults, strict=True))
    parts = table("docs/progression.md", "## Reputation")
    assert tuple(int(row[2]) for row in parts) == REPUTATION_MOST.defaults
    assert tuple(int(row[3]) for row in parts) == REPUTATION_HALF.defaults
