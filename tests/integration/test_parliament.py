"""The Parliament over a real database: who is counted, servers that die, what closing costs."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import asyncpg
import pytest
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.session import Session
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.identity.model_people import MergePeople
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.parliament.eligibility import Rules, judge
from ticketonomics_server.parliament.model import CastVote, Choice, ProposalState, Type
from ticketonomics_server.parliament.rows import ElectorateTable
from ticketonomics_server.progression.model import Progress, day_of
from ticketonomics_server.progression.tables import progress
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import Invariant, verify

from tests.integration.chamber import Chamber, furnish, hasten, ids, open_chamber
from tests.integration.sequencing import failing_once, until


@pytest.fixture
async def chamber(
    database: Database, economy_id: int, plain: asyncpg.Connection
) -> AsyncIterator[Chamber]:
    async with open_chamber(database, economy_id, plain) as opened:
        yield opened


async def coherent(chamber: Chamber) -> None:
    assert (await verify(chamber.database, chamber.economy_id)).violations == ()


async def opened_vote(chamber: Chamber, person_id: str, **changes: Any) -> str:
    proposal_id = await chamber.propose(person_id, **changes)

    async def is_open() -> bool:
        await chamber.runner().turn()
        return bool((await chamber.row(proposal_id))["state"] == ProposalState.VOTING)

    await until(is_open)
    return proposal_id


# --- the electorate -------------------------------------------------------------------------------


async def test_the_electorate_is_whom_the_rules_would_let_vote(
    plain: asyncpg.Connection, economy_id: int
) -> None:
    """Many people, of all sorts, counted by SQL and one by one."""
    chance = random.Random(4)
    time = datetime(2030, 5, 17, 9, 30, tzinfo=UTC)
    day = day_of(time)
    people: list[tuple[Person, list[datetime], Progress | None]] = []
    for number in range(600):
        name = f"p{number:03}"
        state = chance.choice([PersonState.ACTIVE] * 8 + [PersonState.BLOCKED])
        created = time + timedelta(seconds=chance.choice([-200, -101, -100, -99, 0, 1]))
        links = [time + timedelta(seconds=s) for s in chance.sample([-9, -1, 0, 1, 9], k=2)]
        done = None
        if chance.random() < 0.9:
            last = day + chance.choice([-90, -61, -29, -28, -5, -2, -1, 0, 1, 7, 30, 40, 61, 70])
            done = Progress(name, last - 61, last, chance.getrandbits(62) | 1, 1)
        people.append((Person(name, number + 1, state, created), links, done))
    await plain.executemany(
        "INSERT INTO people (economy_id, person_id, create_sequence, state, create_time, privacy,"
        " name_change_times, handle_change_times, language, muted)"
        " VALUES ($1, $2, $3, $4, $5, 2, '', '', '', '')",
        [
            (economy_id, p.person_id, p.create_sequence, p.state, p.create_time)
            for p, _, _ in people
        ],
    )
    await plain.executemany(
        "INSERT INTO linked_identities VALUES ($1, 't', $2, $3, $4)",
        [
            (economy_id, f"{p.person_id}{at}", p.person_id, linked)
            for p, links, _ in people
            for at, linked in enumerate(links)
        ],
    )
    columns = [column.name for column in progress.c if column.name != "economy_id"]
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 2))
    await plain.executemany(
        f"INSERT INTO progress (economy_id, {', '.join(columns)}) VALUES ({places})",
        [(economy_id, *(getattr(done, name) for name in columns)) for _, _, done in people if done],
    )
    seen = set()
    for rules in (
        Rules(0, 0, 0, 28),
        Rules(100, 0, 0, 28),
        Rules(0, 1, 0, 28),
        Rules(0, 2, 0, 28),
        *(Rules(0, 0, needed, window) for window in (1, 7, 28) for needed in (1, 3, 12)),
        Rules(100, 2, 3, 14),
    ):
        one_by_one = sum(
            all(judgement.met for judgement in judge(rules, time, person, links, done))
            for person, links, done in people
        )
        counted = await plain.fetchval(
            ElectorateTable.count_sql,
            *(economy_id, time, rules.age_seconds, rules.identities),
            *(day, rules.window_days, rules.active_days),
        )
        assert counted == one_by_one, rules
        seen.add(counted)
    assert len(seen) > 8, "the rules make a difference"


async def test_only_an_opening_counts_people(chamber: Chamber) -> None:
    ann, bob, _ = await furnish(chamber)
    queries: list[str] = []
    session = chamber.running.sessions[-1]
    for connection in (session.connection, session.reader):
        connection.add_query_logger(lambda record: queries.append(record.query))
    proposal_id = await opened_vote(chamber, ann)
    counting = [query for query in queries if "count(*) FROM people" in query]
    assert len(counting) == 1
    queries.clear()
    await chamber.vote(proposal_id, bob)
    assert not [query for query in queries if "count(*) FROM people" in query]


# --- closing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stage", ["closing", "execution"])
async def test_a_server_that_dies_in_the_middle_does_everything_or_nothing(
    database: Database, economy_id: int, plain: asyncpg.Connection, after: bool, stage: str
) -> None:
    """Before the commit, and after it, when nobody has heard of it."""
    async with open_chamber(database, economy_id, plain) as chamber:
        ann, bob, cat = await furnish(chamber)
        await chamber.set(quorum=5_000)
        changes = {"type": Type.POLICY_MINT, "account": f"users/{bob}", "amount": 60}
        proposal_id = await opened_vote(chamber, ann, **changes)
        for person_id in (ann, bob, cat):
            await chamber.vote(proposal_id, person_id)
    await hasten(plain, proposal_id)
    if stage == "execution":
        async with open_chamber(database, economy_id, plain) as chamber:
            await chamber.runner().turn()
        assert (await chamber.row(proposal_id))["state"] == ProposalState.VETO_WINDOW
        await hasten(plain, proposal_id)
    dying: type[Session] = failing_once(
        "commit", "SELECT pg_terminate_backend(pg_backend_pid())", after=after
    )
    async with open_chamber(database, economy_id, plain, session_type=dying) as chamber:
        await chamber.runner().turn()
        await chamber.runner().turn()
    row = await chamber.row(proposal_id)
    wanted = ProposalState.VETO_WINDOW if stage == "closing" else ProposalState.EXECUTED
    assert row["state"] == wanted
    assert await plain.fetchval("SELECT count(*) FROM timers WHERE kind = 232") == (
        1 if stage == "closing" else 0
    )
    assert await plain.fetchval("SELECT count(*) FROM entries WHERE kind IN (233, 237)") == (
        1 if stage == "closing" else 2
    )
    await coherent(chamber)


async def test_two_servers_close_a_vote_once(chamber: Chamber, plain: asyncpg.Connection) -> None:
    ann, bob, _ = await furnish(chamber)
    proposal_id = await opened_vote(chamber, ann)
    await chamber.vote(proposal_id, bob)
    async with open_chamber(chamber.database, chamber.economy_id, plain) as other:
        # The other has the rows now, so that none are kept when the times are changed.
        await other.set(deposit=200)
        await hasten(plain, proposal_id)
        seen = await chamber.runner()._find_due(100)
        await asyncio.gather(
            chamber.runner(seen=seen).turn(), other.runner(other.running, seen).turn()
        )
        await other.runner(other.running, seen).turn()
    assert (await chamber.row(proposal_id))["state"] == ProposalState.VETO_WINDOW
    assert await plain.fetchval("SELECT count(*) FROM entries WHERE kind = 237") == 1
    await coherent(chamber)


async def test_votes_race_with_the_closing(chamber: Chamber, plain: asyncpg.Connection) -> None:
    """Whatever is accepted is counted, and whatever is refused is not."""
    people = await furnish(chamber, [f"p{number}" for number in range(60)])
    await chamber.set(voting_period=1)
    proposal_id = await opened_vote(chamber, people[0])
    accepted = 0

    async def vote(person_id: str, delay: float) -> None:
        nonlocal accepted
        await asyncio.sleep(delay)
        caller = Caller("operator", ALL_SCOPES, person_id)
        command = CastVote(*ids(), proposal_id, person_id, Choice.YES)
        submission = await chamber.running.sequencer.submit(caller, [command])
        (outcome,) = submission.outcomes
        reason = getattr(outcome, "reason", "")
        assert reason in ("", "VOTING_NOT_OPEN"), outcome
        accepted += not reason

    async def close() -> None:
        async def closed() -> bool:
            await chamber.runner().turn()
            return bool((await chamber.row(proposal_id))["state"] != ProposalState.VOTING)

        await until(closed)

    delays = [number * 0.03 for number in range(len(people))]
    await asyncio.gather(close(), *map(vote, people, delays))
    row = await chamber.row(proposal_id)
    assert 0 < accepted < len(people), "some came too late"
    assert row["yes"] == accepted
    assert await plain.fetchval("SELECT count(*) FROM ballots") == accepted
    await coherent(chamber)


async def test_a_merge_that_no_timer_has_followed_is_made_good(
    database: Database, economy_id: int, plain: asyncpg.Connection
) -> None:
    async with open_chamber(database, economy_id, plain) as chamber:
        ann, bob, cat = await furnish(chamber)
        proposal_id = await opened_vote(chamber, ann)
        await chamber.vote(proposal_id, ann, Choice.NO)
        await chamber.vote(proposal_id, bob)
        await chamber.vote(proposal_id, cat)
        await chamber(MergePeople(*ids(), bob, cat))
    await hasten(plain, proposal_id)
    async with open_chamber(database, economy_id, plain) as chamber:
        due = await chamber.runner()._find_due(100)
        closing = [found for found in due if found.kind == 231]
        await chamber.runner(seen=closing).turn()
        row = await chamber.row(proposal_id)
        assert (row["state"], row["yes"], row["no"]) == (ProposalState.REJECTED, 1, 1)
        await chamber.runner().turn()
    await coherent(chamber)


async def test_closing_costs_the_same_with_ten_and_with_ten_thousand_ballots(
    database: Database, economy_id: int, plain: asyncpg.Connection
) -> None:
    costs = {}
    async with open_chamber(database, economy_id, plain) as chamber:
        people = await furnish(chamber, [f"p{number}" for number in range(10_000)])
    for count in (10, 10_000):
        # What the planner knows of the tables is out of date by the next thousand ballots.
        await plain.execute("ANALYZE")
        async with open_chamber(database, economy_id, plain) as chamber:
            proposal_id = await opened_vote(chamber, people[0])
            # All in one go: what many callers ask for is decided one after the other.
            await asyncio.gather(
                *(chamber.vote(proposal_id, person_id) for person_id in people[:count])
            )
        await hasten(plain, proposal_id)
        async with open_chamber(database, economy_id, plain) as chamber:
            await chamber.set(deposit=100 + count)
            queries: list[str] = []
            session = chamber.running.sessions[-1]
            for connection in (session.connection, session.reader):
                connection.add_query_logger(lambda record, seen=queries: seen.append(record.query))
            start = perf_counter()
            await chamber.runner().turn()
            seconds = perf_counter() - start
        row = await chamber.row(proposal_id)
        assert (row["yes"], row["electorate"]) == (count, 10_000)
        assert (
            await plain.fetchval("SELECT count(*) FROM ballots WHERE proposal_id = $1", proposal_id)
            == count
        )
        assert row["state"] == (ProposalState.EXPIRED if count == 10 else ProposalState.VETO_WINDOW)
        await plain.execute("ANALYZE ballots")
        plans = await plain.fetch(
            "EXPLAIN SELECT b.person_id FROM timers t JOIN people p ON p.economy_id = t.economy_id"
            " AND p.person_id = convert_from(t.payload, 'UTF8') JOIN ballots b ON"
            " b.economy_id = t.economy_id AND b.proposal_id = $2 AND b.person_id = p.person_id"
            " WHERE t.economy_id = $1 AND t.kind = 233 AND t.due_time < now() AND p.state = 3",
            economy_id,
            proposal_id,
        )
        if count == 10_000:
            assert "Index Scan using ballots" in str(plans), "late merges are found by an index"
        touching = [query for query in queries if "ballots" in query]
        costs[count] = (len(queries), len(touching))
        print(f"closing {count:,} ballots: {len(queries)} statements, {seconds * 1_000:.1f} ms")
    # One passes and the other expires, which moves the deposit: the difference is in what is done,
    # never in how many have voted.
    assert costs[10][1] == costs[10_000][1] == 1
    assert abs(costs[10][0] - costs[10_000][0]) <= 3
    await coherent(chamber)


# --- verify ---------------------------------------------------------------------------------------

CORRUPTIONS = {
    "another title's terms": "UPDATE proposals SET amount = amount + 1 WHERE type = 3",
    "a ballot more": "INSERT INTO ballots SELECT economy_id, proposal_id, 'nobody', 1, 9999,"
    " cast_time FROM ballots LIMIT 1",
    "a lost ballot": "DELETE FROM ballots WHERE choice = 2",
    "a ballot turned, and counted so": "UPDATE ballots SET choice = 1 WHERE choice = 2;"
    " UPDATE proposals SET yes = yes + 1, no = no - 1 WHERE no = 1",
    "a tally of one more": "UPDATE proposals SET yes = yes + 1 WHERE yes > 0",
    "a lower quorum": "UPDATE proposals SET quorum_count = 1 WHERE quorum_count = 2",
    "a lost proposal": "DELETE FROM proposals WHERE type = 3",
    "one that has passed": "UPDATE proposals SET state = 3 WHERE state = 2",
    "a deposit that is less": "UPDATE proposals SET deposit = deposit - 1 WHERE state = 1",
    "a veto that never was": "UPDATE proposals SET state = 6 WHERE state = 4",
    "a lost timer": "DELETE FROM timers WHERE kind = 230",
    "a count too many": "UPDATE open_proposals SET open_count = open_count + 1",
    "less minted in the period": "UPDATE policy_periods SET minted = minted - 1",
    "a lost period": "DELETE FROM policy_periods",
}


@pytest.mark.parametrize("corruption", ["none", *CORRUPTIONS])
async def test_a_corruption_is_told(
    database: Database, economy_id: int, plain: asyncpg.Connection, corruption: str
) -> None:
    async with open_chamber(database, economy_id, plain) as chamber:
        ann, bob, cat = await furnish(chamber)
        await chamber.set(quorum=6_000, veto_period=1)
        minting = {"type": Type.POLICY_MINT, "account": f"users/{bob}", "amount": 60}
        minted = await opened_vote(chamber, ann, **minting)
        for person_id in (ann, bob, cat):
            await chamber.vote(minted, person_id)
    await hasten(plain, minted)
    async with open_chamber(database, economy_id, plain) as chamber:
        await chamber.runner().turn()

        async def executed() -> bool:
            await chamber.runner().turn()
            return bool((await chamber.row(minted))["state"] == ProposalState.EXECUTED)

        await until(executed)
        voted = await opened_vote(chamber, bob)
        await chamber.vote(voted, bob)
        await chamber.vote(voted, cat, Choice.NO)
        await chamber.set(discussion_period=3_600)
        await chamber.propose(cat)
    if corruption == "none":
        await coherent(chamber)
        return
    await plain.execute(CORRUPTIONS[corruption])
    report = await verify(database, economy_id)
    assert set(report.violation_counts) == {Invariant.PROPOSALS_MATCH_JOURNAL}, report.violations
