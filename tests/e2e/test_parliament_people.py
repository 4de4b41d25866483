"""Who takes part in the Parliament: eligibility, and people who become one or go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from ticketonomics.parliament.v1.proposal_pb2 import EligibilityRule
from ticketonomics_client import Client, Proposal

from tests.conftest import Server
from tests.e2e.parliament import NO, YES, House, gather, until
from tests.e2e.refusals import refused


@pytest.fixture
async def house(server: Server) -> AsyncIterator[House]:
    async with gather(server, voting_period=60) as found:
        yield found


async def test_every_rule_is_explained(house: House) -> None:
    await house.set(age=3_600, active_days=2, activity_window=7, identities=2)
    ann = house.person(0)
    answer = await ann.eligibility()
    assert not answer.eligible
    rules = {rule.rule: rule for rule in answer.rules}
    assert {rule: (found.needed, found.met) for rule, found in rules.items()} == {
        EligibilityRule.RULE_IDENTITY: (2, False),
        EligibilityRule.RULE_AGE: (3_600, False),
        EligibilityRule.RULE_ACTIVITY: (2, False),
        EligibilityRule.RULE_STANDING: (1, True),
    }
    assert rules[EligibilityRule.RULE_IDENTITY].has == 1
    assert rules[EligibilityRule.RULE_IDENTITY].explanation == (
        "1 linked identities before voting opens; 2 needed."
    )
    error = await refused("NOT_ELIGIBLE", ann.create_proposal("Tea"))
    assert (error.metadata["rule"], error.metadata["has"]) == ("IDENTITY", "1")
    await refused("SCOPE_MISSING", ann.eligibility(house.ids[1]))
    await house.set(age=0, active_days=0, identities=1)
    assert (await ann.eligibility()).eligible
    await house.operator.block_person(house.ids[0], reason="test")
    answer = await house.operator.eligibility(house.ids[0])
    assert [rule.rule for rule in answer.rules if not rule.met] == [EligibilityRule.RULE_STANDING]


async def test_the_rules_of_a_vote_are_those_of_its_opening(house: House) -> None:
    made = await house.person(0).create_proposal("Tea for all")
    await house.reached(made, Proposal.STATE_VOTING)
    await house.set(identities=5)
    await house.person(1).cast_vote(made.proposal_id, YES)
    answer = await house.person(2).eligibility(proposal_id=made.proposal_id)
    assert answer.eligible
    assert answer.judge_time == made.voting_time
    assert not (await house.person(2).eligibility()).eligible


async def test_who_comes_after_the_opening_does_not_vote(house: House) -> None:
    made = await house.person(0).create_proposal("Tea for all")
    opened = await house.reached(made, Proposal.STATE_VOTING)
    assert opened.rules.electorate == 3
    late = (await house.operator.get_or_create_person(provider="t", subject="late")).person
    calls = house.operator.acting_for(late.person_id)
    error = await refused("NOT_ELIGIBLE", calls.cast_vote(made.proposal_id, YES))
    assert error.metadata["rule"] in ("IDENTITY", "AGE")
    assert not (await calls.eligibility(proposal_id=made.proposal_id)).eligible


async def test_the_ballot_of_who_is_merged_is_taken_back(house: House) -> None:
    made = await house.person(0).create_proposal("Tea for all")
    opened = await house.reached(made, Proposal.STATE_VOTING)
    await house.vote(opened, YES, NO, YES)
    await house.operator.merge_people(house.ids[1], into=house.ids[2])

    async def recounted() -> Proposal | None:
        found = await house.operator.proposal(made.proposal_id)
        return found if found.tally.no == 0 else None

    found = await until(recounted)
    assert (found.tally.yes, found.tally.no) == (2, 0)
    await refused("BALLOT_NOT_FOUND", house.operator.ballot(made.proposal_id, house.ids[1]))
    await house.person(2).cast_vote(made.proposal_id, NO)
    found = await house.operator.proposal(made.proposal_id)
    assert (found.tally.yes, found.tally.no) == (1, 1), "both together vote once"


async def test_the_deposit_follows_who_was_merged(house: House) -> None:
    await house.set(discussion_period=3_600)
    made = await house.person(0).create_proposal("Tea for all")
    await house.operator.merge_people(house.ids[0], into=house.ids[1])
    await house.operator.merge_people(house.ids[1], into=house.ids[2])
    done = await house.person(2).withdraw_proposal(made.proposal_id)
    assert done.state == Proposal.STATE_WITHDRAWN
    assert await house.purse(2) == 30_000


async def test_who_is_erased_proposes_nothing_any_more(house: House) -> None:
    await house.set(discussion_period=3_600)
    both = [await house.person(0).create_proposal(title, body="By me.") for title in "ab"]
    await house.operator.erase_person(house.ids[0], burn_balances=True)
    for made in both:
        done = await house.reached(made, Proposal.STATE_WITHDRAWN)
        assert (done.title, done.body) == ("", "")
    assert await house.has("parliament/treasury") == 2_000
    assert await house.has("parliament/deposits") == 0


async def test_the_ballot_of_who_is_erased_stays(house: House) -> None:
    await house.set(voting_period=2)
    made = await house.person(0).create_proposal("Tea for all")
    opened = await house.reached(made, Proposal.STATE_VOTING)
    await house.vote(opened, YES, YES)
    await house.operator.erase_person(house.ids[1], burn_balances=True)
    done = await house.reached(made, Proposal.STATE_EXECUTED)
    assert done.tally.yes == 2


async def test_a_proposal_that_passed_outlives_its_proposer(house: House) -> None:
    await house.set(voting_period=1, veto_period=2)
    made = await house.person(0).create_proposal("More", setting=("parliament.quorum", 700))
    await house.vote(await house.reached(made, Proposal.STATE_VOTING), YES)
    await house.reached(made, Proposal.STATE_VETO_WINDOW)
    await house.operator.erase_person(house.ids[0], burn_balances=True)
    await house.reached(made, Proposal.STATE_EXECUTED)
    assert (await house.operator.parameter("parliament.quorum")).value.integer == 700
    assert await house.has("parliament/treasury") == 1_000


async def test_proposals_are_watched_from_a_snapshot_on(house: House, server: Server) -> None:
    first = await house.person(0).create_proposal("One")
    async with Client(server.target) as anybody, asyncio.timeout(60):
        async with aclosing(anybody.watch_proposal_messages()) as messages:
            snapshot = await anext(messages)
            assert snapshot.snapshot
            assert [p.proposal_id for p in snapshot.proposals] == [first.proposal_id]
            await house.reached(first, Proposal.STATE_VOTING)
            await house.vote(first, YES, NO)
            seen = []
            async for message in messages:
                assert not message.snapshot
                seen.extend((p.state, p.tally.yes, p.tally.no) for p in message.proposals)
                cursor = message.cursor
                if seen and seen[-1] == (Proposal.STATE_VOTING, 1, 1):
                    break
            assert seen == sorted(seen), "each later than the one before"
        await house.person(0).withdraw_proposal(first.proposal_id)
        async with aclosing(anybody.watch_proposals(after_sequence=cursor)) as changes:
            found = await anext(changes)
            assert found.state == Proposal.STATE_WITHDRAWN
