"""Replays what entries say of tier queues, draws every round again, and compares the rows."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.identity.model import person_account
from ticketonomics_server.ledger.model import MINT, SINK, Posting
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.ledger.tickets import TIER_RATIO
from ticketonomics_server.queues.drawing import draw
from ticketonomics_server.queues.model import (
    QUEUE_NAMES,
    RECENT_FILLS,
    UNDRAWN,
    EntryKind,
    RoundState,
    TimerKind,
    escrow_of,
    next_tier,
    tier_below,
)
from ticketonomics_server.queues.opening import OPENED_FIELDS
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.comparing_queues import QueueRows
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.replayed_queues import ReplayedQueue, ReplayedRound
from ticketonomics_server.verification.report import Findings, Invariant


class QueuesReplay:
    """Every round, drawn again, and what people did in the queues of each tier.

    Attributes:
        rounds: Those that are not over.
        over: Digests of the others.
        players: Entries, wins and what was won, by tier and person.
    """

    kinds = frozenset(
        (
            *map(int, EntryKind),
            *(LedgerKind.QUEUE_JOINED, LedgerKind.QUEUE_LEFT, LedgerKind.QUEUE_DRAWN),
            *(LedgerKind.QUEUE_EXPIRED, LedgerKind.TICKETS_CONVERTED),
        )
    )
    invariant = Invariant.ROUNDS_MATCH_JOURNAL

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.queues: dict[str, ReplayedQueue] = {}
        self.rounds: dict[str, ReplayedRound] = {}
        self.over: dict[str, bytes] = {}
        self.players: dict[tuple[str, str], list[int]] = {}
        # People whose tickets went to somebody else: they must be merged or erased.
        self.redirected: set[str] = set()

    def define(self, entry: ReplayedEntry) -> None:
        """Replays an entry."""
        fields = entry.fields
        match entry.kind:
            case LedgerKind.QUEUE_JOINED:
                self._join(entry, fields)
            case LedgerKind.QUEUE_LEFT:
                self._leave(entry, fields[0], fields[1:])
            case LedgerKind.QUEUE_DRAWN:
                self._draw(entry, fields)
            case LedgerKind.QUEUE_EXPIRED:
                self._expire(entry, fields[0], fields[1:])
            case LedgerKind.TICKETS_CONVERTED:
                self._convert(entry, fields)
            case EntryKind.QUEUES_OPENED:
                self._open_queues(entry, fields)
            case EntryKind.ROUND_OPENED:
                self._open(entry, fields)
            case EntryKind.ROUND_EXTENDED:
                found = self._waiting(entry, fields[0])
                found.change_sequence, found.expire_micros = entry.sequence, fields[1]
                found.extended = bool(fields[2])
            case EntryKind.ROUND_WAITS if fields[0] not in self.queues:
                found = self.rounds[fields[0]]
                if found.state not in UNDRAWN:
                    self.tell(f"entry {entry.sequence} lets a round wait that is not full")
                found.state, found.change_sequence = RoundState.IN_PROGRESS, entry.sequence
                found.draw_tries = fields[1]

    def _open_queues(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        economy, key_id, *opened = fields
        for name in QUEUE_NAMES:
            queue = self.queues.setdefault(name, ReplayedQueue(economy, key_id))
            queue.draw_key_id = key_id
        self._open(entry, opened)

    def _open(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        """Replays the rounds that an entry opens, one behind the other."""
        for at in range(0, len(fields), OPENED_FIELDS):
            terms = fields[at : at + OPENED_FIELDS]
            round_id, name, key_id = terms[0], terms[2], terms[8]
            queue = self.queues[name]
            if queue.round_id or key_id != queue.draw_key_id:
                self.tell(
                    f"entry {entry.sequence} opens round {round_id}, which {name} cannot have"
                )
            queue.round_id = round_id
            *terms, expire_micros = terms
            opened_micros = to_micros(entry.time)
            if expire_micros != opened_micros + terms[6] * 1_000_000:
                self.tell(f"round {round_id} expires at another time than its terms say")
            self.rounds[round_id] = ReplayedRound(
                terms, opened_micros, entry.sequence, expire_micros
            )

    def _waiting(self, entry: ReplayedEntry, round_id: str) -> ReplayedRound:
        found = self.rounds[round_id]
        if found.state != RoundState.WAITING:
            self.tell(f"entry {entry.sequence} changes round {round_id}, which waits no more")
        return found

    def _join(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        round_id, person_id, application_id, nonce, *opened = fields
        found = self._waiting(entry, round_id)
        if any(person_id == other for other, *_ in found.entrants):
            self.tell(f"entry {entry.sequence} puts {person_id} into round {round_id} twice")
        stake = Posting(person_account(person_id), escrow_of(round_id), found.tier, found.stake)
        self._expect(entry, (stake,))
        time = to_micros(entry.time)
        found.entrants.append((person_id, entry.sequence, time, application_id, nonce))
        found.change_sequence = entry.sequence
        queue = self.queues[found.queue]
        queue.entries += 1
        self.players.setdefault((found.tier, person_id), [0, 0, 0])[0] += 1
        if len(found.entrants) == found.places:
            found.state, found.fill_micros = RoundState.FILLED, time
            taken = timedelta(microseconds=time - found.create_micros)
            queue.fills = [*queue.fills, taken // timedelta(seconds=1)][-RECENT_FILLS:]
            queue.round_id = ""
        self._open(entry, opened)

    def _leave(self, entry: ReplayedEntry, person_id: str, round_ids: list[str]) -> None:
        refunds = []
        for round_id in round_ids:
            found = self._waiting(entry, round_id)
            refunds.append((escrow_of(round_id), found.tier, found.stake))
            staying = [entrant for entrant in found.entrants if entrant[0] != person_id]
            if len(staying) != len(found.entrants) - 1:
                self.tell(f"entry {entry.sequence} takes {person_id} out of round {round_id}")
            found.entrants = staying
            found.change_sequence = entry.sequence
            self.queues[found.queue].entries -= 1
            self.players[found.tier, person_id][0] -= 1
        moved = [(p.source, p.asset, p.amount) for p in entry.postings]
        if moved != refunds:
            self.tell(f"entry {entry.sequence} gives other stakes back than {person_id} has")
        self._note_payees(entry, [person_id])

    def _draw(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        round_id, secret, winner, position, payee = fields
        found = self.rounds[round_id]
        if found.state not in UNDRAWN:
            self.tell(f"entry {entry.sequence} draws round {round_id}, which is not full")
        if sha256(secret).digest() != found.terms[7]:
            self.tell(f"the secret of round {round_id} is not what was committed to")
        entrants = [(person_id, nonce) for person_id, *_, nonce in found.entrants]
        index = draw(round_id, secret, entrants)
        if (winner, position) != (entrants[index][0], index + 1):
            self.tell(f"round {round_id} was won by {entrants[index][0]}, not by {winner}")
        stakes = found.stake * len(entrants)
        expected = [Posting(escrow_of(round_id), SINK, found.tier, stakes)]
        if payee != SINK:
            expected.append(Posting(MINT, payee, next_tier(found.tier), found.reward))
        self._expect(entry, tuple(expected))
        if payee != person_account(winner):
            self.redirected.add(winner)
        player = self.players[found.tier, winner]
        player[1] += 1
        player[2] += found.reward if payee != SINK else 0
        self.queues[found.queue].finished += 1
        found.secret, found.winner, found.winner_position = secret, winner, position
        self._end(entry, round_id, found, RoundState.FINISHED)

    def _expire(self, entry: ReplayedEntry, round_id: str, opened: list[Any]) -> None:
        found = self.rounds[round_id]
        people = [person_id for person_id, *_ in found.entrants]
        escrow = escrow_of(round_id)
        refunded = sum(p.amount for p in entry.postings)
        if refunded != found.stake * len(people) or any(
            (p.source, p.asset) != (escrow, found.tier) for p in entry.postings
        ):
            self.tell(f"entry {entry.sequence} does not give the stakes of round {round_id} back")
        self._note_payees(entry, people)
        queue = self.queues[found.queue]
        queue.expired += 1
        if queue.round_id == round_id:
            queue.round_id = ""
        self._end(entry, round_id, found, RoundState.EXPIRED)
        self._open(entry, opened)

    def _end(
        self, entry: ReplayedEntry, round_id: str, found: ReplayedRound, state: RoundState
    ) -> None:
        found.state = state
        found.resolve_micros = to_micros(entry.time)
        found.resolve_sequence = found.change_sequence = entry.sequence
        self.over[round_id] = found.digest()
        del self.rounds[round_id]

    def _convert(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        person_id, tier, below, minted, fee = fields
        account = person_account(person_id)
        burned, *more = entry.postings
        expected = [Posting(MINT, account, below, minted)] if minted else []
        if (
            below != tier_below(tier)
            or burned[:3] != (account, SINK, tier)
            or more != expected
            or (minted + fee) % TIER_RATIO
        ):
            self.tell(f"entry {entry.sequence} converts otherwise than it says")

    def _note_payees(self, entry: ReplayedEntry, people: Sequence[str]) -> None:
        """Notes who was not paid on the own account."""
        paid = {posting.destination for posting in entry.postings}
        self.redirected.update(p for p in people if person_account(p) not in paid)

    def _expect(self, entry: ReplayedEntry, postings: tuple[Posting, ...]) -> None:
        if entry.postings != postings:
            self.tell(f"entry {entry.sequence} moves otherwise than its round says")

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares the rows, each as of the moment at which it was read."""
        await QueueRows(self, reader, roll_forward, TimerKind.OPEN).compare()

    def tell(self, detail: str) -> None:
        """Tells what is not as it must be."""
        self._findings.add(self.invariant, detail)
