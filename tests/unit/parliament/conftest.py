"""A Parliament in memory: one command decided after the other, by a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import DueTimer, Keys, Registry
from ticketonomics_server.engine.model import Timer
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.timers import ENGINE, FireTimer
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.identity.model import (
    IdentitiesOf,
    LinkedIdentity,
    Person,
    PersonState,
)
from ticketonomics_server.identity.model_people import PARLIAMENT_GONE_TIMER
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import MINT, SINK, Account, AccountState, Asset, Balance
from ticketonomics_server.parameters.catalog import CATALOG
from ticketonomics_server.parameters.domain import PARAMETERS
from ticketonomics_server.parameters.model import Parameter, ParameterValue
from ticketonomics_server.parliament.decide import read_rules
from ticketonomics_server.parliament.domain import PARLIAMENT
from ticketonomics_server.parliament.eligibility import judge
from ticketonomics_server.parliament.model import (
    Ballot,
    CastVote,
    Choice,
    CreateProposal,
    Electorate,
    HeirOf,
    LateMerges,
    ParticipationOf,
    Proposal,
    ProposalState,
    Type,
    VetoProposal,
    WithdrawProposal,
)
from ticketonomics_server.parliament.parameters import ACTIVE_DAYS, AGE
from ticketonomics_server.progression.domain import PROGRESSION
from ticketonomics_server.progression.model import Progress
from ticketonomics_server.spending.domain import SPENDING

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
SCOPES = frozenset({"parliament.take_part", "identity.act_for", "spending.consent"})
OPERATOR = Caller("op", frozenset({"parliament.veto"}))
PEOPLE = ("ann", "bob", "cat", "dan")


def acting(person_id: str) -> Caller:
    return Caller("app", SCOPES, person_id)


class House:
    """Four people with 1,000.00 BRONZE each, who came a year ago and may all vote."""

    def __init__(self) -> None:
        domains = [ENGINE, LEDGER, IDENTITY, SPENDING, PARAMETERS, PROGRESSION, PARLIAMENT]
        self.registry = Registry(domains)
        self.state = State([table.row_type for table in self.registry.tables])
        self.sequence = 0
        self.now = START
        rows = self.state.rows
        rows[Asset]["BRONZE"] = Asset(1, "BRONZE", 1, 2, "Bronze", 0, 0, 0, 0, START)
        for number, address in enumerate((MINT, SINK), start=1):
            rows[Account][address] = Account(number, address, AccountState.OPEN, START)
        rows[Balance][MINT, "BRONZE"] = Balance(MINT, "BRONZE", 1, 1, posted=-400_000)
        for number, person_id in enumerate(PEOPLE, start=3):
            self.come(person_id, number, START - timedelta(days=365))
        rows[ParameterValue].update(dict.fromkeys(CATALOG))
        self.set(ACTIVE_DAYS, 0)
        self.set(AGE, 0)

    def come(self, person_id: str, number: int, time: datetime) -> None:
        rows, address = self.state.rows, f"users/{person_id}"
        rows[Person][person_id] = Person(person_id, number, PersonState.ACTIVE, time)
        rows[Account][address] = Account(number, address, AccountState.OPEN, time)
        rows[Balance][address, "BRONZE"] = Balance(address, "BRONZE", number, 1, posted=100_000)
        self.link(person_id, person_id, time)

    def link(self, person_id: str, subject: str, time: datetime) -> None:
        identity = LinkedIdentity("t", subject, person_id, time)
        self.state.rows[LinkedIdentity][identity.key] = identity
        self.state.rows[IdentitiesOf].setdefault(person_id, set()).add(identity.key)

    def set(self, parameter: Parameter, value: int) -> None:
        row = ParameterValue(parameter.name, str(value), 1, START, "op")
        self.state.rows[ParameterValue][parameter.name] = row

    # --- deciding -------------------------------------------------------------------------------

    def decide(self, command: Any, caller: Caller) -> Decision | NothingToDo:
        """Decides with just the rows that the command declared."""
        handling = self.registry.commands[type(command)]
        keys = Keys(set)
        handling.declare(command, caller, keys)
        for kind in (Electorate, HeirOf, ParticipationOf, LateMerges):
            for key in keys.get(kind, set()):
                self._load(kind, key, keys)
        for person_id in keys.get(IdentitiesOf, set()):
            keys[LinkedIdentity].update(self.state.rows[IdentitiesOf].get(person_id, ()))
        whole = self.state.rows
        self.state.rows = {
            row_type: _Declared(rows, keys.get(row_type, set())) for row_type, rows in whole.items()
        }
        self.state.begin_command()
        try:
            decision = handling.decide(
                self.state, command, Context(caller, self.now, self.sequence + 1, b"e" * 32)
            )
        except Exception:
            self.state.rows = whole
            self.state.undo_command()
            raise
        self.state.rows = whole
        if isinstance(decision, NothingToDo):
            self.state.undo_command()
        else:
            self.sequence += 1
        return decision

    def _load(self, kind: type, key: str, keys: Keys) -> None:
        """Does what this room's tables do that are no rows of the database."""
        rows = self.state.rows
        if kind is Electorate:
            proposal = rows[Proposal][key]
            if proposal.state == ProposalState.DISCUSSION:
                rules = read_rules(self.state)
                eligible = [
                    person
                    for person in rows[Person].values()
                    if all(
                        judgement.met
                        for judgement in judge(
                            rules,
                            proposal.voting_time,
                            person,
                            self.links(person.person_id),
                            rows[Progress].get(person.person_id),
                        )
                    )
                ]
                rows[kind][key] = Electorate(len(eligible), rules)
        elif kind is HeirOf:
            person = rows[Person][key]
            while person is not None:
                keys[Person].add(person.person_id)
                address = f"users/{person.person_id}"
                keys[Account].add(address)
                keys[Balance].add((address, "BRONZE"))
                person = rows[Person].get(person.merged_into)
        elif kind is ParticipationOf:
            cast = [key_ for key_, row in rows[Ballot].items() if row and key_[1] == key]
            cast = [k for k in cast if rows[Proposal][k[0]].state == ProposalState.VOTING]
            made = [p.proposal_id for p in rows[Proposal].values() if p.proposer_id == key]
            rows[kind][key] = cast, made
            keys[Ballot].update(cast)
            keys[Proposal].update([*made, *(k[0] for k in cast)])
            keys[Timer].update(rows[Proposal][p].timer_id for p in made)
        else:
            gone = [t for t in self.timers if t.kind == PARLIAMENT_GONE_TIMER]
            close_time = rows[Proposal][key].close_time
            late = [
                (key, t.payload.decode())
                for t in gone
                if t.due_time < close_time
                and rows[Person][t.payload.decode()].state == PersonState.MERGED
                and rows[Ballot].get((key, t.payload.decode()))
            ]
            rows[kind][key] = late
            keys[Ballot].update(late)
        keys[kind].add(key)

    def links(self, person_id: str) -> list[datetime]:
        keys = self.state.rows[IdentitiesOf][person_id]
        return [self.state.rows[LinkedIdentity][key].link_time for key in keys]

    def outcome(self, command: Any, caller: Caller) -> str:
        """OK, or the reason of the refusal; a refusal changes nothing."""
        before = self.image()
        try:
            self.decide(command, caller)
        except Rejection as rejection:
            assert self.image() == before, "a refusal left something behind"
            return str(rejection.reason)
        return "OK"

    def image(self) -> Any:
        return {
            (row_type, key): row.snapshot()
            for row_type, rows in self.state.rows.items()
            for key, row in rows.items()
            if row is not None and hasattr(row, "snapshot")
        }

    def fire(self, kind: int = 0, late: timedelta = timedelta(0)) -> Decision:
        """Goes to the time of the earliest timer, of a kind if one is given, and lets it happen."""
        wanted = [timer for timer in self.timers if not kind or timer.kind == kind]
        return self._fire(min(wanted, key=lambda found: found.due_time), late)

    def advance(self, proposal: Proposal) -> Decision:
        """Lets happen what a proposal waits for."""
        return self._fire(self.state.rows[Timer][proposal.timer_id])

    def _fire(self, timer: Timer, late: timedelta = timedelta(0)) -> Decision:
        self.now = max(self.now, timer.due_time + late)
        request_id = timer.timer_id.to_bytes(16, "big")
        command = self.registry.timers[timer.kind](
            DueTimer(timer.timer_id, request_id, timer.kind, timer.payload)
        )
        handling = self.registry.commands[type(command)]
        decision = self.decide(FireTimer(timer.timer_id, command, handling), Caller(""))
        assert isinstance(decision, Decision)
        return decision

    @property
    def timers(self) -> list[Timer]:
        return [timer for timer in self.state.rows[Timer].values() if timer]

    def posted(self, address: str) -> int:
        row = self.state.rows[Balance].get((address, "BRONZE"))
        return row.posted if row else 0

    def merge(self, source: str, target: str) -> None:
        """What a merge leaves behind, as far as the Parliament sees it."""
        rows, address = self.state.rows, f"users/{source}"
        rows[Person][source].state = PersonState.MERGED
        rows[Person][source].merged_into = target
        self._close(source, address)

    def erase(self, person_id: str) -> None:
        self.state.rows[Person][person_id].state = PersonState.ERASED
        self._close(person_id, f"users/{person_id}")

    def _close(self, person_id: str, address: str) -> None:
        account = self.state.rows[Account][address]
        account.state, account.close_time = AccountState.CLOSED, self.now
        number = 1_000 + len(self.timers)
        self.state.rows[Timer][number] = Timer(
            number, self.now, PARLIAMENT_GONE_TIMER, person_id.encode()
        )

    # --- commands -------------------------------------------------------------------------------

    def ids(self) -> tuple[bytes, bytes]:
        return (self.sequence + 1_000_000).to_bytes(16, "big"), bytes(16)

    def creation(self, person_id: str = "ann", **changes: Any) -> CreateProposal:
        fields: dict[str, Any] = {"title": "Tea", "body": "", "type": Type.TEXT, **changes}
        return CreateProposal(*self.ids(), person_id, **fields)

    def propose(self, person_id: str = "ann", **changes: Any) -> Proposal:
        decision = self.decide(self.creation(person_id, **changes), acting(person_id))
        found = self.state.rows[Proposal][decision.value.details]
        assert found is not None
        return found

    def voting(self, **changes: Any) -> Proposal:
        """A proposal whose vote is open."""
        proposal = self.propose(**changes)
        self.advance(proposal)
        return proposal

    def passed(self, **changes: Any) -> Proposal:
        """A proposal in its veto window."""
        proposal = self.voting(**changes)
        self.vote(proposal, "bob")
        self.advance(proposal)
        assert proposal.state == ProposalState.VETO_WINDOW
        return proposal

    def ballot(self, proposal: Proposal, person_id: str, choice: Choice = Choice.YES) -> CastVote:
        return CastVote(*self.ids(), proposal.proposal_id, person_id, choice)

    def vote(self, proposal: Proposal, person_id: str, choice: Choice = Choice.YES) -> str:
        return self.outcome(self.ballot(proposal, person_id, choice), acting(person_id))

    def withdraw(self, proposal: Proposal, person_id: str = "ann") -> str:
        command = WithdrawProposal(*self.ids(), proposal.terms, proposal.timer_id)
        return self.outcome(command, acting(person_id))

    def veto(self, proposal: Proposal, *, spam: bool = False) -> str:
        command = VetoProposal(*self.ids(), proposal.terms, proposal.timer_id, "because", spam)
        return self.outcome(command, OPERATOR)


class _Declared(dict[Any, Any]):
    """A table of which only the declared rows, and new ones, can be found."""

    def __init__(self, rows: dict[Any, Any], keys: set[Any]) -> None:
        super().__init__((key, rows.get(key)) for key in keys)
        self._rows = rows

    def __setitem__(self, key: Any, row: Any) -> None:
        super().__setitem__(key, row)
        self._rows[key] = row


@pytest.fixture
def house() -> House:
    return House()
