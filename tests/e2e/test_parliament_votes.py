"""Ten thousand people vote, through several servers and many clients at once."""

import asyncio
import random
from collections import Counter
from pathlib import Path

from ticketonomics.parliament.v1.parliament_service_pb2 import CastVoteRequest
from ticketonomics_client import Ballot, Client, Proposal, new_id
from ticketonomics_server.domains import DOMAINS
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.model import GetOrCreatePerson
from ticketonomics_server.storage.database import Database

from tests.conftest import run_server
from tests.e2e.parliament import ABSTAIN, NO, YES, gather
from tests.integration.chamber import hasten, ids
from tests.integration.sequencing import sequencing

VOTERS = 10_000
CLIENTS, IN_FLIGHT = 4, 64


async def people(database: Database, count: int) -> list[str]:
    """Creates people faster than one call each would."""
    connection = await database.connect()
    economy_id = await connection.fetchval("SELECT economy_id FROM economies")
    await connection.close()
    found: list[str] = []
    async with sequencing(database, economy_id, domains=DOMAINS) as running:
        commands = [GetOrCreatePerson(*ids(), "t", f"voter {n}", "") for n in range(count)]
        for start in range(0, count, 2_000):
            part = commands[start : start + 2_000]
            submission = await running.sequencer.submit(Caller("founder"), part, weight=len(part))
            found.extend(outcome.value for outcome in submission.outcomes)
    return found


async def test_ten_thousand_votes_are_counted_to_the_last(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    async with (
        run_server(database_url, tmp_path) as first,
        run_server(database_url, tmp_path) as second,
        gather(first, voting_period=86_400) as house,
    ):
        voters = await people(database, VOTERS)
        made = await house.person(0).create_proposal("Tea for all")
        opened = await house.reached(made, Proposal.STATE_VOTING)
        assert opened.rules.electorate == VOTERS + 3
        chance = random.Random(7)
        # Everybody once, and every tenth once more: changed, or the same again.
        ballots = [(person, chance.choice((YES, YES, NO, ABSTAIN))) for person in voters]
        ballots += [(person, chance.choice((YES, NO))) for person in voters[::10]]
        last = dict(ballots)
        places = [asyncio.Semaphore(IN_FLIGHT) for _ in range(CLIENTS)]
        clients = [
            Client(server.target, api_key=house.operator._connection._metadata[0][1][7:])
            for server in (first, second, first, second)
        ]

        async def vote(number: int, person_id: str, choice: Ballot.Choice) -> None:
            calls = clients[number % CLIENTS].acting_for(person_id)
            request = CastVoteRequest(
                request_id=new_id(), proposal_id=made.proposal_id, choice=choice
            )
            async with places[number % CLIENTS]:
                await calls.call(calls.parliament.CastVote, request, timeout_seconds=60)

        once, again = ballots[:VOTERS], ballots[VOTERS:]
        await asyncio.gather(*(vote(n, *ballot) for n, ballot in enumerate(once)))
        await asyncio.gather(*(vote(n, *ballot) for n, ballot in enumerate(again)))
        found = await house.operator.proposal(made.proposal_id)
        recount = Counter([b.choice async for b in house.operator.ballots(made.proposal_id)])
        assert recount == Counter(last.values())
        assert found.tally == type(found.tally)(
            yes=recount[YES], no=recount[NO], abstain=recount[ABSTAIN]
        )
        for client in clients:
            await client.close()
    connection = await database.connect()
    await hasten(connection, made.proposal_id)
    await connection.close()
    async with run_server(database_url, tmp_path) as server, gather(server) as house:
        states = (Proposal.STATE_VETO_WINDOW, Proposal.STATE_EXECUTED)
        closed = await house.reached(made, *states)
        assert closed.tally == found.tally
