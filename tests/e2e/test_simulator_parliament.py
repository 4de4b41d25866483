"""The simulated community decides together."""

import asyncio

from ticketonomics_client import Client
from ticketonomics_simulator.behaviours import proposing, voting
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.governing import RULES
from ticketonomics_simulator.running import Options, run
from ticketonomics_simulator.tally import Tally

from tests.conftest import Server


class UntilVoted:
    """A show that waits for votes."""

    async def run(self, community: Community, tally: Tally) -> None:
        while tally.acts["votes"] < 5:  # noqa: ASYNC110 - shows look, nobody calls them
            await asyncio.sleep(0.05)


async def test_people_propose_and_vote(server: Server) -> None:
    stop = asyncio.Event()

    class Show(UntilVoted):
        async def run(self, community: Community, tally: Tally) -> None:
            await super().run(community, tally)
            stop.set()

    async with Client(server.target, api_key=server.operator_key) as operator:
        await operator.set_parameter("parliament.discussion_period", 1)
        async with asyncio.timeout(120):
            tally = await run(
                Options(
                    target=server.target,
                    api_key=server.operator_key,
                    people=20,
                    rate_per_second=60.0,
                ),
                show=Show(),
                say=lambda _: None,
                stop=stop,
            )
        assert tally.acts["proposals"] >= 1
        assert tally.acts["votes"] >= 5
        for name, value in RULES.items():
            told = (await operator.parameter(name)).value.integer
            assert told == (1 if name == "parliament.discussion_period" else value)
        counted = [found.tally async for found in operator.proposals()]
        ballots = sum(t.yes + t.no + t.abstain for t in counted)
        # Somebody may be at it twice at once, and has one vote all the same.
        assert 1 <= ballots <= tally.acts["votes"]
    assert proposing.BEHAVIOUR.name == "propose"
    assert voting.BEHAVIOUR.name == "vote"
