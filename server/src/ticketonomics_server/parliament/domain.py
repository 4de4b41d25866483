"""The plug of this room: what the engine needs to know of it."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.identity.model_people import PARLIAMENT_GONE_TIMER
from ticketonomics_server.parliament import decide, decide_ending, decide_voting, rows
from ticketonomics_server.parliament.model import (
    CastVote,
    CloseVoting,
    CreateProposal,
    EndParticipation,
    ExecuteProposal,
    OpenVoting,
    TimerKind,
    VetoProposal,
    WithdrawProposal,
)

PARLIAMENT = Domain(
    name="parliament",
    # Proposals come first: what follows looks at them, and at parameters and people.
    tables=(
        rows.PROPOSALS,
        rows.BALLOTS,
        rows.OPEN_PROPOSALS,
        rows.POLICY_PERIODS,
        rows.ElectorateTable(),
        rows.HeirOfTable(),
        rows.ParticipationOfTable(),
        rows.LateMergesTable(),
    ),
    commands={
        CreateProposal: Handling(decide.declare_create_proposal, decide.decide_create_proposal),
        WithdrawProposal: Handling(
            decide_ending.declare_withdraw_proposal, decide_ending.decide_withdraw_proposal
        ),
        VetoProposal: Handling(
            decide_ending.declare_veto_proposal, decide_ending.decide_veto_proposal
        ),
        CastVote: Handling(decide_voting.declare_cast_vote, decide_voting.decide_cast_vote),
        OpenVoting: Handling(decide_voting.declare_open_voting, decide_voting.decide_open_voting),
        CloseVoting: Handling(
            decide_voting.declare_close_voting, decide_voting.decide_close_voting
        ),
        ExecuteProposal: Handling(
            decide_ending.declare_execute_proposal, decide_ending.decide_execute_proposal
        ),
        EndParticipation: Handling(
            decide_voting.declare_end_participation, decide_voting.decide_end_participation
        ),
    },
    timers={
        TimerKind.OPENING: decide_voting.opening_of_timer,
        TimerKind.CLOSING: decide_voting.closing_of_timer,
        TimerKind.EXECUTION: decide_ending.execution_of_timer,
        PARLIAMENT_GONE_TIMER: decide_voting.participation_of_timer,
    },
)
