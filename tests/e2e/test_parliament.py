"""The Parliament over a real socket, with real timers: from the proposal to what it does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from ticketonomics_client import PolicyBurn, PolicyMint, Proposal, RefusedError, new_id

from tests.conftest import Server
from tests.e2e.parliament import ABSTAIN, NO, YES, House, between, gather
from tests.e2e.refusals import refused


@pytest.fixture
async def house(server: Server) -> AsyncIterator[House]:
    async with gather(server) as found:
        yield found


async def test_a_proposal_becomes_what_people_decided(house: House) -> None:
    ann = house.person(0)
    made = await ann.create_proposal(
        "A lower quorum", body="Few vote.\nSo few should do.", setting=("parliament.quorum", 500)
    )
    assert made.state == Proposal.STATE_DISCUSSION
    assert (made.title, made.body) == ("A lower quorum", "Few vote.\nSo few should do.")
    assert made.parameter_change.value.integer == 500
    assert between(made.create_time, made.voting_time) == timedelta(seconds=1)
    assert between(made.voting_time, made.close_time) == timedelta(seconds=2)
    assert between(made.close_time, made.execute_time) == timedelta(seconds=1)
    assert await house.purse(0) == 9_000
    assert await house.has("parliament/deposits") == 1_000
    await refused("VOTING_NOT_OPEN", ann.cast_vote(made.proposal_id, YES))

    opened = await house.reached(made, Proposal.STATE_VOTING)
    assert (opened.rules.electorate, opened.rules.quorum_count) == (3, 1)
    await house.vote(opened, YES, NO, YES)
    await house.person(1).cast_vote(made.proposal_id, YES)
    passed = await house.reached(made, Proposal.STATE_VETO_WINDOW)
    assert (passed.tally.yes, passed.tally.no, passed.tally.abstain) == (3, 0, 0)
    done = await house.reached(made, Proposal.STATE_EXECUTED)
    assert (await house.operator.parameter("parliament.quorum")).value.integer == 500
    changes = [c async for c in house.operator.parameter_changes(name="parliament.quorum")]
    assert [change.set_by for change in changes] == [f"proposals/{made.proposal_id}"]
    assert changes[0].sequence == done.last_sequence
    assert await house.purse(0) == 10_000
    assert await house.has("parliament/deposits") == 0
    assert done.HasField("end_time")
