"""The Parliament over a real socket, with real timers: from the proposal to what it does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from ticketonomics.parliament.v1.parliament_service_pb2 import CastVoteRequest
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


async def test_a_text_that_most_are_against_is_rejected(house: House) -> None:
    made = await house.person(0).create_proposal("Tea for all")
    opened = await house.reached(made, Proposal.STATE_VOTING)
    await house.vote(opened, YES, NO)
    done = await house.reached(made, Proposal.STATE_REJECTED)
    assert (done.tally.yes, done.tally.no) == (1, 1)
    assert await house.purse(0) == 10_000


async def test_a_vote_without_a_quorum_expires(house: House) -> None:
    await house.set(quorum=9_000)
    made = await house.person(0).create_proposal("Tea for all")
    opened = await house.reached(made, Proposal.STATE_VOTING)
    assert opened.rules.quorum_count == 3
    await house.vote(opened, YES, YES)
    done = await house.reached(made, Proposal.STATE_EXPIRED)
    assert not done.deposit_burned
    assert await house.purse(0) == 10_000


async def test_new_money_is_minted_within_policy(house: House) -> None:
    bob = f"users/{house.ids[1]}"
    error = await refused(
        "POLICY_LIMIT_EXCEEDED",
        house.person(0).create_proposal("Riches", mint=PolicyMint(account=bob, amount=601)),
    )
    assert error.metadata["limit"] == "600"
    first = await house.person(0).create_proposal(
        "A gift", mint=PolicyMint(account=bob, amount=400)
    )
    second = await house.person(0).create_proposal(
        "Another", mint=PolicyMint(account="parliament/treasury", amount=400)
    )
    for made in (first, second):
        await house.vote(await house.reached(made, Proposal.STATE_VOTING), YES, YES)
    ended = [
        await house.reached(made, Proposal.STATE_EXECUTED, Proposal.STATE_FAILED)
        for made in (first, second)
    ]
    assert sorted(found.state for found in ended) == [
        Proposal.STATE_EXECUTED,
        Proposal.STATE_FAILED,
    ], "together they are too much for the period"
    failed = next(found for found in ended if found.state == Proposal.STATE_FAILED)
    assert failed.failure_reason == "POLICY_LIMIT_EXCEEDED"
    assert await house.purse(1) + await house.has("parliament/treasury") == 10_400
    assert await house.purse(0) == 10_000


async def test_the_treasury_and_what_is_ones_own_are_burned(house: House) -> None:
    ann = house.person(0)
    mine = await ann.create_proposal(
        "I burn", burn=PolicyBurn(account=f"users/{house.ids[0]}", amount=500)
    )
    assert (mine.escrow, await house.purse(0)) == (500, 8_500)
    common = await ann.create_proposal(
        "We burn", burn=PolicyBurn(account="parliament/treasury", amount=50)
    )
    await refused(
        "NOT_ACCOUNT_OWNER",
        ann.create_proposal(
            "You burn", burn=PolicyBurn(account=f"users/{house.ids[1]}", amount=50)
        ),
    )
    for made in (mine, common):
        await house.vote(await house.reached(made, Proposal.STATE_VOTING), YES)
    await house.reached(mine, Proposal.STATE_EXECUTED)
    done = await house.reached(common, Proposal.STATE_FAILED)
    assert done.failure_reason == "INSUFFICIENT_FUNDS", "the treasury is empty"
    assert await house.purse(0) == 9_500
    assert await house.has("system/sink") == 500


async def test_an_event_is_called_and_found_again(house: House) -> None:
    soon, later = (datetime.now(UTC) + timedelta(seconds=s) for s in (2, 3_600))
    ann = house.person(0)
    await refused("INVALID_FIELD", ann.create_proposal("Too soon", event_time=soon))
    made = await ann.create_proposal("A feast", body="With tea.", event_time=later)
    await house.vote(await house.reached(made, Proposal.STATE_VOTING), YES)
    await house.reached(made, Proposal.STATE_EXECUTED)
    events = house.operator.proposals(
        type=Proposal.TYPE_EVENT, state=Proposal.STATE_EXECUTED, proposer_id=house.ids[0]
    )
    (found,) = [proposal async for proposal in events]
    assert found.event.event_time.ToDatetime(UTC) == later


async def test_what_has_passed_is_vetoed_with_a_reason(house: House) -> None:
    await house.set(veto_period=3_600)
    made = await house.person(0).create_proposal("No quorum", setting=("parliament.quorum", 1))
    opened = await house.reached(made, Proposal.STATE_VOTING)
    await house.vote(opened, YES)
    await refused(
        "PROPOSAL_STATE", house.operator.veto_proposal(made.proposal_id, reason="too early")
    )
    await house.reached(made, Proposal.STATE_VETO_WINDOW)
    await refused("PROPOSAL_STATE", house.person(0).withdraw_proposal(made.proposal_id))
    vetoed = await house.operator.veto_proposal(made.proposal_id, reason="A quorum is needed.")
    assert (vetoed.state, vetoed.veto_reason) == (Proposal.STATE_VETOED, "A quorum is needed.")
    assert not vetoed.deposit_burned
    assert await house.purse(0) == 10_000
    assert (await house.operator.parameter("parliament.quorum")).value.integer == 1_000


async def test_spam_is_vetoed_at_once_and_loses_its_deposit(house: House) -> None:
    await house.set(discussion_period=3_600)
    made = await house.person(0).create_proposal("BUY NOW")
    vetoed = await house.operator.veto_proposal(made.proposal_id, reason="Spam.", spam=True)
    assert (vetoed.state, vetoed.deposit_burned) == (Proposal.STATE_VETOED, True)
    assert await house.purse(0) == 9_000
    assert await house.has("system/sink") == 1_000


async def test_the_proposer_takes_it_back_and_nobody_else(house: House) -> None:
    made = await house.person(0).create_proposal("Tea for all")
    await house.reached(made, Proposal.STATE_VOTING)
    await refused("NOT_PROPOSER", house.person(1).withdraw_proposal(made.proposal_id))
    await refused("PERSON_ONLY", house.operator.withdraw_proposal(made.proposal_id))
    request_id = new_id()
    done = await house.person(0).withdraw_proposal(made.proposal_id, request_id=request_id)
    assert done.state == Proposal.STATE_WITHDRAWN
    again = await house.person(0).withdraw_proposal(made.proposal_id, request_id=request_id)
    assert again == done, "the same request, once"
    await refused("PROPOSAL_STATE", house.person(0).withdraw_proposal(made.proposal_id))
    await refused("VOTING_NOT_OPEN", house.person(1).cast_vote(made.proposal_id, YES))
    assert await house.purse(0) == 10_000


async def test_one_person_has_so_many_open_proposals(house: House) -> None:
    await house.set(open_proposals=1)
    ann = house.person(0)
    request_id = new_id()
    made = await ann.create_proposal("One", request_id=request_id)
    assert (await ann.create_proposal("One", request_id=request_id)) == made
    await refused("TOO_MANY_PROPOSALS", ann.create_proposal("Two"))
    await house.person(1).create_proposal("Mine")
    await ann.withdraw_proposal(made.proposal_id)
    await ann.create_proposal("Two")


async def test_only_people_take_part_and_only_for_themselves(house: House) -> None:
    await house.set(voting_period=60)
    await refused("PERSON_ONLY", house.operator.create_proposal("An application's"))
    made = await house.person(0).create_proposal("Tea for all")
    await house.reached(made, Proposal.STATE_VOTING)
    await refused("PERSON_ONLY", house.operator.cast_vote(made.proposal_id, YES))
    await house.operator.block_person(house.ids[1], reason="test")
    await refused("PERSON_BLOCKED", house.person(1).cast_vote(made.proposal_id, YES))


async def test_votes_are_public_and_listed_by_when_they_were_cast(house: House) -> None:
    await house.set(voting_period=60)
    made = await house.person(0).create_proposal("Tea for all")
    await house.reached(made, Proposal.STATE_VOTING)
    await house.vote(made, YES, NO, ABSTAIN)
    changed = await house.person(0).cast_vote(made.proposal_id, NO)
    assert await house.person(0).cast_vote(made.proposal_id, NO) == changed, "nothing changes"
    listed = [ballot async for ballot in house.operator.ballots(made.proposal_id, page_size=2)]
    assert [(b.person_id, b.choice) for b in listed] == [
        (house.ids[1], NO),
        (house.ids[2], ABSTAIN),
        (house.ids[0], NO),
    ]
    assert await house.operator.ballot(made.proposal_id, house.ids[0]) == changed
    found = await house.operator.proposal(made.proposal_id)
    assert (found.tally.yes, found.tally.no, found.tally.abstain) == (0, 2, 1)
    assert found.last_sequence == changed.sequence


async def test_a_vote_is_answered_with_what_it_has_come_to(house: House) -> None:
    await house.set(voting_period=60)
    made = await house.person(0).create_proposal("Tea for all")
    await house.reached(made, Proposal.STATE_VOTING)
    calls = house.person(1)
    request = CastVoteRequest(request_id=new_id(), proposal_id=made.proposal_id, choice=YES)
    answer = await calls.call(calls.parliament.CastVote, request)
    assert (answer.proposal.tally.yes, answer.replayed) == (1, False)
    assert answer.ballot.sequence == answer.proposal.last_sequence
    again = await calls.call(calls.parliament.CastVote, request)
    assert (again.ballot, again.proposal, again.replayed) == (answer.ballot, answer.proposal, True)


async def test_what_is_not_there_is_not_found(house: House) -> None:
    nothing = "0" * 16
    operator, ann = house.operator, house.person(0)
    await refused("PROPOSAL_NOT_FOUND", operator.proposal(nothing))
    await refused("PROPOSAL_NOT_FOUND", operator.ballot(nothing, house.ids[0]))
    await refused("PROPOSAL_NOT_FOUND", ann.cast_vote(nothing, YES))
    await refused("PROPOSAL_NOT_FOUND", ann.withdraw_proposal(nothing))
    await refused("PROPOSAL_NOT_FOUND", operator.veto_proposal(nothing, reason="x"))
    await refused("PROPOSAL_NOT_FOUND", operator.eligibility(house.ids[0], proposal_id=nothing))
    await refused("PERSON_NOT_FOUND", operator.eligibility("0" * 16))
    with pytest.raises(RefusedError):
        _ = [ballot async for ballot in operator.ballots(nothing)]
    made = await ann.create_proposal("Tea for all")
    await refused("BALLOT_NOT_FOUND", operator.ballot(made.proposal_id, house.ids[0]))


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("INVALID_FIELD", {"title": ""}),
        ("TEXT_TOO_LONG", {"title": "x" * 121}),
        ("TEXT_NOT_CLEAN", {"title": "two\nlines"}),
        ("TEXT_TOO_LONG", {"title": "x", "body": "x" * 4_001}),
        ("PARAMETER_NOT_FOUND", {"title": "x", "setting": ("parliament.nothing", 1)}),
        ("INVALID_FIELD", {"title": "x", "setting": ("parliament.quorum", True)}),
        ("PARAMETER_OUT_OF_BOUNDS", {"title": "x", "setting": ("parliament.quorum", 9_001)}),
        ("PARAMETER_OF_OPERATOR", {"title": "x", "setting": ("parliament.veto_period", 2)}),
        ("PARAMETER_OF_OPERATOR", {"title": "x", "setting": ("parliament.seated", True)}),
        ("AMOUNT_OUT_OF_RANGE", {"title": "x", "mint": PolicyMint(account="a/b", amount=0)}),
        ("INVALID_FIELD", {"title": "x", "mint": PolicyMint(account="?", amount=1)}),
        ("ACCOUNT_NOT_FOUND", {"title": "x", "mint": PolicyMint(account="a/b", amount=1)}),
        (
            "ACCOUNT_RESERVED",
            {"title": "x", "mint": PolicyMint(account="system/sink", amount=1)},
        ),
        ("NOT_ACCOUNT_OWNER", {"title": "x", "burn": PolicyBurn(account="a/b", amount=1)}),
    ],
)
async def test_what_cannot_be_proposed(house: House, reason: str, fields: dict) -> None:
    await refused(reason, house.person(0).create_proposal(**fields))
    assert await house.purse(0) == 10_000


async def test_who_cannot_pay_the_deposit_does_not_propose(house: House) -> None:
    await house.set(deposit=10_001)
    await refused("INSUFFICIENT_FUNDS", house.person(0).create_proposal("Tea"))


async def test_the_seated_parliament_alone_sets_what_is_its_own(house: House) -> None:
    await house.operator.set_parameter("parliament.seated", True)
    await refused("PARAMETER_OF_PARLIAMENT", house.set(quorum=1))
    made = await house.person(0).create_proposal("A quorum", setting=("parliament.quorum", 1))
    await house.vote(await house.reached(made, Proposal.STATE_VOTING), YES)
    await house.reached(made, Proposal.STATE_EXECUTED)
    assert (await house.operator.parameter("parliament.quorum")).value.integer == 1
