"""Encodes proposals, ballots and eligibility into contract messages."""

from typing import Any, cast

from ticketonomics.parliament.v1 import proposal_pb2

from ticketonomics_server.parameters.catalog import CATALOG
from ticketonomics_server.parameters.encode import encode_value
from ticketonomics_server.parameters.model import parse_setting
from ticketonomics_server.parliament.eligibility import Judgement, Rule
from ticketonomics_server.parliament.model import Ballot, Proposal, Type
from ticketonomics_server.parliament.queries import ShownProposal
from ticketonomics_server.rpc.fields import set_time


def encode_proposal(proposal: ShownProposal) -> proposal_pb2.Proposal:
    """Encodes a proposal with its words."""
    message = encode_bare_proposal(proposal)
    message.title, message.body = proposal.title, proposal.body
    message.veto_reason = proposal.veto_reason
    return message


def encode_bare_proposal(proposal: Proposal) -> proposal_pb2.Proposal:
    """Encodes what a row says of a proposal."""
    message = proposal_pb2.Proposal(
        proposal_id=proposal.proposal_id,
        proposer_id=proposal.proposer_id,
        type=cast(Any, proposal.type),
        state=cast(Any, proposal.state),
        deposit=proposal.deposit,
        escrow=proposal.escrow,
        tally=proposal_pb2.Tally(yes=proposal.yes, no=proposal.no, abstain=proposal.abstain),
        failure_reason=proposal.failure_reason,
        deposit_burned=proposal.deposit_burned,
        create_sequence=proposal.create_sequence,
        last_sequence=proposal.last_sequence,
    )
    set_time(message.create_time, proposal.create_time)
    set_time(message.voting_time, proposal.voting_time)
    set_time(message.close_time, proposal.close_time)
    set_time(message.execute_time, proposal.execute_time)
    if proposal.end_time is not None:
        set_time(message.end_time, proposal.end_time)
    _set_action(message, proposal)
    if proposal.open_time is not None:
        set_time(message.open_time, proposal.open_time)
        message.rules.electorate = proposal.electorate
        message.rules.quorum_count = proposal.quorum_count
        message.rules.quorum_bps = proposal.quorum_bps
        message.rules.threshold_bps = proposal.threshold_bps
        message.rules.age_seconds = proposal.age_seconds
        message.rules.identities = proposal.identities
        message.rules.active_days = proposal.active_days
        message.rules.window_days = proposal.window_days
    return message


def _set_action(message: proposal_pb2.Proposal, proposal: Proposal) -> None:
    if proposal.type == Type.PARAMETER_CHANGE:
        message.parameter_change.name = proposal.parameter
        parameter = CATALOG.get(proposal.parameter)
        # A later version of the server may have it no more.
        if parameter is not None:
            value = encode_value(parameter, parse_setting(proposal.setting))
            message.parameter_change.value.CopyFrom(value)
    elif proposal.type == Type.POLICY_MINT:
        message.policy_mint.account = proposal.account
        message.policy_mint.amount = proposal.amount
    elif proposal.type == Type.POLICY_BURN:
        message.policy_burn.account = proposal.account
        message.policy_burn.amount = proposal.amount
    elif proposal.event_time is not None:
        set_time(message.event.event_time, proposal.event_time)


def encode_ballot(ballot: Ballot) -> proposal_pb2.Ballot:
    """Encodes a vote."""
    message = proposal_pb2.Ballot(
        proposal_id=ballot.proposal_id,
        person_id=ballot.person_id,
        choice=cast(Any, ballot.choice),
        sequence=ballot.sequence,
    )
    set_time(message.cast_time, ballot.cast_time)
    return message


def encode_judgement(judgement: Judgement) -> proposal_pb2.EligibilityRule:
    """Encodes how somebody stands to a rule, and says it in words."""
    return proposal_pb2.EligibilityRule(
        rule=cast(Any, int(judgement.rule)),
        needed=judgement.needed,
        has=judgement.has,
        met=judgement.met,
        explanation=_explain(judgement),
    )


def _explain(judgement: Judgement) -> str:
    needed, has = judgement.needed, judgement.has
    match judgement.rule:
        case Rule.IDENTITY:
            return f"{has} linked identities before voting opens; {needed} needed."
        case Rule.AGE:
            return f"Here for {_period(has)} when voting opens; {_period(needed)} needed."
        case Rule.ACTIVITY:
            return f"Took part on {has} days lately; {needed} needed."
        case Rule.STANDING:
            return "In good standing." if has else "Blocked, merged or erased."


def _period(seconds: int) -> str:
    """Writes a time as people do: in the two largest units."""
    if seconds < 0:
        return "no time"
    parts = []
    for name, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 seconds"
