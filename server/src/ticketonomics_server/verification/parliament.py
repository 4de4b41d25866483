"""Replays what entries say of proposals and ballots, and compares the rows with it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.identity.model import person_account
from ticketonomics_server.identity.model_people import PARLIAMENT_GONE_TIMER
from ticketonomics_server.ledger.model import MINT, SINK, Posting
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.parliament.decide import creation_fields
from ticketonomics_server.parliament.model import (
    DEPOSITS,
    TREASURY,
    Choice,
    EntryKind,
    Proposal,
    ProposalState,
    TimerKind,
    Type,
)
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

PAGE = 20

_PROPOSALS = "SELECT * FROM proposals WHERE economy_id = $1 AND create_sequence > $2" + (
    " ORDER BY create_sequence LIMIT $3"
)
_BALLOTS = (
    "SELECT proposal_id, person_id, choice, sequence FROM ballots"
    " WHERE economy_id = $1 AND proposal_id = ANY($2::text[])"
)
_TIMERS = "SELECT timer_id, kind FROM timers WHERE economy_id = $1 AND timer_id = ANY($2::bigint[])"
_KEPT = f"""
SELECT coalesce((SELECT sum(deposit + escrow) FROM proposals
                 WHERE economy_id = $1 AND state <= 3), 0)::bigint AS due,
       coalesce((SELECT b.posted FROM balances b
                 JOIN accounts a USING (economy_id, account_id)
                 JOIN assets s USING (economy_id, asset_id)
                 WHERE b.economy_id = $1 AND a.address = '{DEPOSITS}' AND s.code = '{BRONZE}'), 0)
           AS kept
"""
_OPEN = """
SELECT person_id, coalesce(c.open_count, 0) AS counted, coalesce(p.open, 0) AS open FROM
    (SELECT person_id, open_count FROM open_proposals WHERE economy_id = $1) c
    FULL JOIN (SELECT proposer_id AS person_id, count(*) AS open FROM proposals
               WHERE economy_id = $1 AND state <= 3 GROUP BY proposer_id) p USING (person_id)
WHERE coalesce(c.open_count, 0) <> coalesce(p.open, 0)
"""
_PERIODS = "SELECT asset, start_time, supply, minted, burned FROM policy_periods" + (
    " WHERE economy_id = $1"
)
# Ballots that count in an open vote though their people are somebody else now, and nothing comes to
# take them back.
_LEFT_BEHIND = """
SELECT b.proposal_id, b.person_id FROM proposals p
JOIN ballots b USING (economy_id, proposal_id)
JOIN people m ON m.economy_id = b.economy_id AND m.person_id = b.person_id
JOIN accounts a ON a.economy_id = b.economy_id AND a.address = 'users/' || b.person_id
WHERE p.economy_id = $1 AND p.state = 2 AND m.state = 3 AND a.close_time < p.close_time
    AND NOT EXISTS (SELECT FROM timers t WHERE t.economy_id = $1 AND t.kind = $2
        AND t.payload = convert_to(b.person_id, 'UTF8'))
"""
_TIMER_OF = {
    ProposalState.DISCUSSION: TimerKind.OPENING,
    ProposalState.VOTING: TimerKind.CLOSING,
    ProposalState.VETO_WINDOW: TimerKind.EXECUTION,
}
_ENDS = (
    LedgerKind.DEPOSIT_RETURNED,
    LedgerKind.DEPOSIT_BURNED,
    LedgerKind.POLICY_MINTED,
    LedgerKind.POLICY_BURNED,
)


@dataclass(slots=True)
class ReplayedProposal:
    """A proposal as its entries make it.

    Attributes:
        terms: Fields of PROPOSAL_CREATED.
        rules: Electorate, quorum, threshold and rules, as VOTING_OPENED has them.
        ballots: Choice and entry by person.
    """

    terms: Sequence[Any]
    state: int
    last_sequence: int
    rules: Sequence[int] = (0,) * 8
    ballots: dict[str, tuple[int, int]] = field(default_factory=dict)
    tally: Counter[int] = field(default_factory=Counter)
    end_sequence: int = 0
    failure: str = ""
    deposit_burned: bool = False
    compared: bool = False

    @property
    def kept(self) -> int:
        return int(self.terms[7]) + int(self.terms[8])

    def take_back(self, person_id: str) -> None:
        choice, _ = self.ballots.pop(person_id)
        self.tally[choice] -= 1


class ParliamentReplay:
    """Every proposal, every ballot, and what the Parliament has minted and burned."""

    kinds = frozenset((*map(int, EntryKind), *map(int, _ENDS), int(LedgerKind.PROPOSAL_CREATED)))
    invariant = Invariant.PROPOSALS_MATCH_JOURNAL

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._proposals: dict[str, ReplayedProposal] = {}
        self._period: tuple[int, int, int, int] | None = None

    # --- entries ------------------------------------------------------------------------------

    def define(self, entry: ReplayedEntry) -> None:
        """Replays an entry."""
        fields = entry.fields
        if entry.kind == LedgerKind.PROPOSAL_CREATED:
            self._create(entry, fields)
        elif entry.kind == EntryKind.VOTE_CAST:
            self._cast(entry, fields)
        elif entry.kind == EntryKind.BALLOTS_TAKEN_BACK:
            for proposal_id in fields[1:]:
                proposal = self._in_state(entry, proposal_id, ProposalState.VOTING)
                proposal.take_back(fields[0])
        elif entry.kind == EntryKind.VOTING_OPENED:
            proposal = self._in_state(entry, fields[0], ProposalState.DISCUSSION)
            proposal.state = ProposalState.VOTING
            proposal.rules = fields[2:]
        elif entry.kind == EntryKind.VOTING_PASSED:
            proposal = self._in_state(entry, fields[0], ProposalState.VOTING)
            for person_id in fields[2:]:
                proposal.take_back(person_id)
            proposal.state = ProposalState.VETO_WINDOW
            self._check_outcome(entry, proposal, ProposalState.VETO_WINDOW)
        else:
            self._end(entry, fields)

    def _create(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        proposal = ReplayedProposal(fields, ProposalState.DISCUSSION, entry.sequence)
        given = Posting(person_account(fields[2]), DEPOSITS, BRONZE, proposal.kept)
        if entry.postings != (given,):
            self._tell(f"entry {entry.sequence} does not move the deposit that it tells of")
        self._proposals[fields[0]] = proposal

    def _cast(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        proposal_id, person_id, choice, previous, _ = fields
        proposal = self._in_state(entry, proposal_id, ProposalState.VOTING)
        before, _ = proposal.ballots.get(person_id, (0, 0))
        if before != previous or choice not in map(int, Choice):
            self._tell(f"entry {entry.sequence} changes a vote for {previous}, not {before}")
        if before:
            proposal.tally[before] -= 1
        proposal.tally[choice] += 1
        proposal.ballots[person_id] = choice, entry.sequence

    def _end(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        proposal_id, state, failure, _, _, _, _, start, supply, *late = fields
        proposal = self._proposals[proposal_id]
        for person_id in late:
            proposal.take_back(person_id)
        if proposal.state not in _TIMER_OF:
            self._tell(f"entry {entry.sequence} ends {proposal_id}, which had ended")
        if state in (ProposalState.REJECTED, ProposalState.EXPIRED):
            self._check_outcome(entry, proposal, state)
        burned = entry.kind == LedgerKind.DEPOSIT_BURNED
        self._check_refund(entry, proposal, burned=burned)
        if entry.kind in (LedgerKind.POLICY_MINTED, LedgerKind.POLICY_BURNED):
            self._count_policy(entry, proposal, start, supply)
        proposal.state, proposal.failure = state, failure
        proposal.deposit_burned = burned
        proposal.end_sequence = proposal.last_sequence = entry.sequence

    def _check_refund(
        self, entry: ReplayedEntry, proposal: ReplayedProposal, *, burned: bool
    ) -> None:
        given = sum(p.amount for p in entry.postings if p.source == DEPOSITS)
        if given != proposal.kept:
            self._tell(f"entry {entry.sequence} gives back {given}, {proposal.kept} were kept")
        destroyed = sum(
            p.amount for p in entry.postings if p.source == DEPOSITS and p.destination == SINK
        )
        deposit, escrow = proposal.terms[7], proposal.terms[8]
        executed = entry.kind == LedgerKind.POLICY_BURNED
        if destroyed != (deposit if burned else 0) + (escrow if executed else 0):
            self._tell(f"entry {entry.sequence} burns {destroyed} of what was kept")

    def _count_policy(
        self, entry: ReplayedEntry, proposal: ReplayedProposal, start: int, supply: int
    ) -> None:
        mints = entry.kind == LedgerKind.POLICY_MINTED
        kind, amount = proposal.terms[3], proposal.terms[12]
        moved = sum(p.amount for p in entry.postings if p.source in (MINT, TREASURY))
        moved += 0 if mints else proposal.terms[8]
        if kind != (Type.POLICY_MINT if mints else Type.POLICY_BURN) or moved != amount:
            self._tell(f"entry {entry.sequence} does not do what was proposed")
        before = self._period
        if before is None or before[0] != start:
            before = (start, supply, 0, 0)
        elif before[1] != supply:
            self._tell(f"entry {entry.sequence} names another supply for the same period")
        _, _, minted, burned = before
        self._period = (
            *before[:2],
            minted + (amount if mints else 0),
            burned + (0 if mints else amount),
        )

    def _check_outcome(self, entry: ReplayedEntry, proposal: ReplayedProposal, said: int) -> None:
        """Closes the vote again, by the ballots."""
        tally = proposal.tally
        _, quorum_count, _, threshold_bps, *_ = proposal.rules
        yes, no = tally[Choice.YES], tally[Choice.NO]
        outcome = ProposalState.REJECTED
        if yes + no + tally[Choice.ABSTAIN] < quorum_count:
            outcome = ProposalState.EXPIRED
        elif yes * 10_000 > (yes + no) * threshold_bps:
            outcome = ProposalState.VETO_WINDOW
        if outcome != said:
            self._tell(f"entry {entry.sequence} closes a vote as {said}, its ballots say {outcome}")

    def _in_state(
        self, entry: ReplayedEntry, proposal_id: str, state: ProposalState
    ) -> ReplayedProposal:
        proposal = self._proposals[proposal_id]
        if proposal.state != state:
            self._tell(f"entry {entry.sequence} finds {proposal_id} in state {proposal.state}")
        proposal.last_sequence = entry.sequence
        return proposal

    # --- rows ---------------------------------------------------------------------------------

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares proposals page by page, and then what goes beyond one proposal."""
        known = set(self._proposals)
        behind = 0
        while True:
            async with reader.snapshot():
                head = await reader.head()
                rows = await reader.fetch(_PROPOSALS, behind, PAGE)
                ballots = await reader.fetch(_BALLOTS, [row["proposal_id"] for row in rows])
                timers = dict(await reader.fetch(_TIMERS, [row["timer_id"] for row in rows]))
            await roll_forward(head)
            for row in rows:
                mine = {
                    person_id: (choice, sequence)
                    for proposal_id, person_id, choice, sequence in ballots
                    if proposal_id == row["proposal_id"]
                }
                self._compare_proposal(row, mine, timers.get(row["timer_id"]))
            if len(rows) < PAGE:
                break
            behind = rows[-1]["create_sequence"]
        for proposal_id in known:
            if not self._proposals[proposal_id].compared:
                self._tell(f"proposal {proposal_id} has an entry and no row")
        await self._compare_sums(reader, roll_forward)

    def _compare_proposal(
        self, row: Any, ballots: dict[str, tuple[int, int]], timer_kind: int | None
    ) -> None:
        name = f"proposal {row['proposal_id']}"
        replayed = self._proposals.get(row["proposal_id"])
        if replayed is None:
            self._tell(f"{name} has no entry")
            return
        replayed.compared = True
        fields = dict(row)
        del fields["economy_id"]
        stored = Proposal(**fields)
        if list(creation_fields(stored)) != list(replayed.terms):
            self._tell(f"{name} has other terms than its entry")
        rules = [
            *(stored.electorate, stored.quorum_count, stored.quorum_bps, stored.threshold_bps),
            *stored.rules,
        ]
        if rules != list(replayed.rules):
            self._tell(f"{name} has other rules than its vote opened with")
        said = (
            *(stored.state, stored.last_sequence, stored.end_sequence),
            *(stored.failure_reason, stored.deposit_burned),
        )
        if said != (
            *(replayed.state, replayed.last_sequence, replayed.end_sequence),
            *(replayed.failure, replayed.deposit_burned),
        ):
            self._tell(f"{name} is in state {stored.state}, its entries say {replayed.state}")
        if ballots != replayed.ballots:
            self._tell(f"{name} has other ballots than its entries")
        recount = Counter(choice for choice, _ in ballots.values())
        tally = [recount[choice] for choice in Choice]
        if tally != [stored.yes, stored.no, stored.abstain]:
            self._tell(f"{name} counts {stored.yes, stored.no, stored.abstain}, not {tally}")
        wanted = _TIMER_OF.get(ProposalState(stored.state))
        if timer_kind != wanted:
            self._tell(f"{name} of state {stored.state} waits on a timer of kind {timer_kind}")

    async def _compare_sums(self, reader: JournalReader, roll_forward: RollForward) -> None:
        async with reader.snapshot():
            head = await reader.head()
            ((due, kept),) = await reader.fetch(_KEPT)
            counts = await reader.fetch(_OPEN)
            left = await reader.fetch(_LEFT_BEHIND, PARLIAMENT_GONE_TIMER)
            periods = await reader.fetch(_PERIODS)
        await roll_forward(head)
        if due != kept:
            self._tell(f"{DEPOSITS} has {kept}, open proposals have given {due}")
        for person_id, counted, found in counts:
            self._tell(f"{found} proposals of {person_id} are open, {counted} are counted")
        for proposal_id, person_id in left:
            self._tell(f"the ballot of {person_id} on {proposal_id} belongs to nobody any more")
        stored = [(code, to_micros(start), *rest) for code, start, *rest in periods]
        if stored != ([(BRONZE, *self._period)] if self._period else []):
            self._tell(f"the policy's period is {stored}, its entries say {self._period}")

    def _tell(self, detail: str) -> None:
        self._findings.add(self.invariant, detail)
