"""What the Parliament is about: proposals, ballots, and the commands about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from ticketonomics_server.engine.model import Undoable
from ticketonomics_server.identity.model_people import NO_BODY
from ticketonomics_server.parliament.eligibility import Rules

DEPOSITS = "parliament/deposits"
TREASURY = "parliament/treasury"

PROPOSAL_ID_LENGTH = 16


class EntryKind(IntEnum):
    """Kinds of entries that this room makes, beside the ledger's that move deposits."""

    VOTING_OPENED = 235
    VOTE_CAST = 236
    VOTING_PASSED = 237
    BALLOTS_TAKEN_BACK = 238


class TimerKind(IntEnum):
    """Kinds of timers that this room sets; GONE is set by identity."""

    OPENING = 230
    CLOSING = 231
    EXECUTION = 232


class Type(IntEnum):
    """As in the contract's `Proposal.Type`."""

    TEXT = 1
    PARAMETER_CHANGE = 2
    POLICY_MINT = 3
    POLICY_BURN = 4
    EVENT = 5


class ProposalState(IntEnum):
    """As in the contract's `Proposal.State`."""

    DISCUSSION = 1
    VOTING = 2
    VETO_WINDOW = 3
    EXECUTED = 4
    REJECTED = 5
    VETOED = 6
    WITHDRAWN = 7
    EXPIRED = 8
    FAILED = 9


OPEN_STATES = (ProposalState.DISCUSSION, ProposalState.VOTING, ProposalState.VETO_WINDOW)


class Choice(IntEnum):
    """As in the contract's `Ballot.Choice`."""

    YES = 1
    NO = 2
    ABSTAIN = 3


class Terms(NamedTuple):
    """What never changes of a proposal: what has to be loaded to decide about it."""

    proposal_id: str
    proposer_id: str
    type: int
    account: str
    parameter: str


@dataclass(slots=True, eq=False)
class Proposal(Undoable):
    """Something that people decide.

    Attributes:
        create_sequence: Entry that made it; its text has title and body.
        voting_time: When voting opens, as planned: eligibility is judged as of then.
        open_time: When voting did open.
        close_time: When voting closes; planned until it opens.
        execute_time: When it is executed; planned until voting has closed.
        escrow: What is kept of the proposer's own to be burned.
        parameter: What a parameter change sets; empty for others.
        setting: To what; see `parameters.model.Values`.
        account: Who gets or gives by a policy; empty for others.
        electorate: How many were eligible when voting opened; this and the rules are 0 before.
        timer_id: That of what comes next; 0 once it has ended.
        end_sequence: Entry that ended it, 0 while it is open; the text of a veto has its reason.
        last_sequence: Entry that changed it last, ballots included.
    """

    proposal_id: str
    create_sequence: int
    application_id: str
    proposer_id: str
    type: int
    state: int
    create_time: datetime
    voting_time: datetime
    close_time: datetime
    execute_time: datetime
    voting_seconds: int
    veto_seconds: int
    deposit: int
    escrow: int
    parameter: str
    setting: str
    account: str
    amount: int
    event_time: datetime | None
    timer_id: int
    last_sequence: int
    open_time: datetime | None = None
    end_time: datetime | None = None
    end_sequence: int = 0
    deposit_burned: bool = False
    failure_reason: str = ""
    electorate: int = 0
    quorum_count: int = 0
    quorum_bps: int = 0
    threshold_bps: int = 0
    age_seconds: int = 0
    identities: int = 0
    active_days: int = 0
    window_days: int = 0
    yes: int = 0
    no: int = 0
    abstain: int = 0

    @property
    def key(self) -> str:
        return self.proposal_id

    @property
    def terms(self) -> Terms:
        return Terms(self.proposal_id, self.proposer_id, self.type, self.account, self.parameter)

    @property
    def rules(self) -> Rules:
        return Rules(self.age_seconds, self.identities, self.active_days, self.window_days)

    @property
    def kept(self) -> int:
        """What lies in `parliament/deposits` for it while it is open."""
        return self.deposit + self.escrow

    def count(self, choice: int, number: int) -> None:
        """Adds ballots of a choice to the tally, or takes them back with a negative number."""
        if choice == Choice.YES:
            self.yes += number
        elif choice == Choice.NO:
            self.no += number
        else:
            self.abstain += number

    def outcome(self) -> ProposalState:
        """Tells what voting has come to, when it closes."""
        if self.yes + self.no + self.abstain < self.quorum_count:
            return ProposalState.EXPIRED
        if self.yes * 10_000 > (self.yes + self.no) * self.threshold_bps:
            return ProposalState.VETO_WINDOW
        return ProposalState.REJECTED


@dataclass(slots=True, eq=False)
class Ballot(Undoable):
    """One person's vote on one proposal.

    Attributes:
        sequence: Entry that cast it, or changed it last.
    """

    proposal_id: str
    person_id: str
    choice: int
    sequence: int
    cast_time: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.proposal_id, self.person_id


@dataclass(slots=True, eq=False)
class OpenProposals(Undoable):
    """How many proposals of a person are open."""

    person_id: str
    open_count: int

    @property
    def key(self) -> str:
        return self.person_id


@dataclass(slots=True, eq=False)
class PolicyPeriod(Undoable):
    """What the Parliament has minted and burned of an asset in a period.

    Attributes:
        start_time: When the period began.
        supply: What circulated when its first decision of the period was executed.
    """

    asset: str
    start_time: datetime
    supply: int
    minted: int
    burned: int

    @property
    def key(self) -> str:
        return self.asset


# The rows below are no rows of the database: whoever decides by them takes them out of the state,
# for they are true for one command.


@dataclass(slots=True, frozen=True)
class Electorate:
    """Declared by proposal: how many were eligible as of the block before, by which rules."""

    people: int
    rules: Rules


@dataclass(slots=True, frozen=True)
class HeirOf:
    """Declared by person: whoever the person was merged into is in the state, with the account."""


@dataclass(slots=True, frozen=True)
class ParticipationOf:
    """Declared by a person who is gone: what of the person's is still open is in the state.

    Its row there lists the keys of ballots in votes that are open, and the ids of the person's
    proposals whose vote has not closed, `MOST_ENDED` of each and one more.
    """


@dataclass(slots=True, frozen=True)
class LateMerges:
    """Declared by proposal: ballots of people who were merged before voting closed.

    Its row lists the keys of those that a timer has not come to take back yet.
    """


@dataclass(slots=True, frozen=True)
class CreateProposal:
    """Asks to propose something.

    Attributes:
        values: Of a parameter change.
    """

    request_id: bytes
    body_hash: bytes
    person_id: str
    title: str
    body: str
    type: Type
    parameter: str = ""
    values: tuple[int, ...] = ()
    account: str = ""
    amount: int = 0
    event_time: datetime | None = None


@dataclass(slots=True, frozen=True)
class WithdrawProposal:
    """Asks to take a proposal back.

    Attributes:
        timer_id: Its timer as it was read beforehand, which may be over by now.
    """

    request_id: bytes
    body_hash: bytes
    terms: Terms
    timer_id: int


@dataclass(slots=True, frozen=True)
class VetoProposal:
    """Asks to end a proposal, as the operator."""

    request_id: bytes
    body_hash: bytes
    terms: Terms
    timer_id: int
    reason: str
    spam: bool


@dataclass(slots=True, frozen=True)
class CastVote:
    """Asks to vote."""

    request_id: bytes
    body_hash: bytes
    proposal_id: str
    person_id: str
    choice: Choice


@dataclass(slots=True, frozen=True)
class _FromTimer:
    request_id: bytes
    terms: Terms
    body_hash: bytes = NO_BODY


@dataclass(slots=True, frozen=True)
class OpenVoting(_FromTimer):
    """A proposal's discussion is over."""


@dataclass(slots=True, frozen=True)
class CloseVoting(_FromTimer):
    """A proposal's vote is over."""


@dataclass(slots=True, frozen=True)
class ExecuteProposal(_FromTimer):
    """A proposal's veto window is over."""


@dataclass(slots=True, frozen=True)
class EndParticipation:
    """Somebody was merged or erased."""

    request_id: bytes
    person_id: str
    body_hash: bytes = NO_BODY
