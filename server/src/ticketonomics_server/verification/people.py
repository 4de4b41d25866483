"""People replayed in memory: what their entries make of them, and which texts they erase."""

from dataclasses import dataclass
from struct import error as StructError  # noqa: N812 - it is a class.
from struct import iter_unpack
from typing import Any

from ticketonomics_server.engine.canonical import decode_fields, encode_text
from ticketonomics_server.identity.model import EntryKind, PersonState, person_account
from ticketonomics_server.ledger.model import SINK
from ticketonomics_server.ledger.model import EntryKind as TransactionKind
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.replay import JournalPosting
from ticketonomics_server.verification.report import Findings, Invariant

# Events that have postings beside them, and say which.
MOVING = (TransactionKind.PEOPLE_MERGED, TransactionKind.PERSON_ERASED)
_ABOUT_PEOPLE = {
    EntryKind.PERSON_CREATED,
    EntryKind.PERSON_BLOCKED,
    EntryKind.PERSON_UNBLOCKED,
    EntryKind.TEXTS_ERASED,
    *MOVING,
}
_AT_ONCE = 5_000
_PEOPLE = """
SELECT person_id, state, merged_into FROM people
WHERE economy_id = $1 AND person_id > $2 ORDER BY person_id LIMIT $3
"""
_STILL_THERE = """
SELECT sequence FROM texts WHERE economy_id = $1 AND sequence = ANY($2)
AND (salt IS NOT NULL OR memo IS NOT NULL OR metadata IS NOT NULL)
"""

Move = tuple[bytes | None, bytes | None, bytes | None, int]


@dataclass(slots=True, frozen=True)
class Standing:
    """Whether a person may act, and who the person is part of."""

    state: int
    merged_into: str | None = None


class PeopleReplay:
    """Replays entries about people in order.

    Attributes:
        people: Everybody so far, by id.
        erased: Entries whose texts were found to be gone.
        erasures: Entries whose texts an entry says are gone.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.people: dict[str, Standing] = {}
        self.erased: set[int] = set()
        self.erasures: set[int] = set()

    def define(self, sequence: int, kind: int, event: bytes) -> list[Move]:
        """Replays an entry, and returns what it says has moved."""
        if kind not in _ABOUT_PEOPLE:
            return []
        try:
            return self._define(sequence, kind, decode_fields(event))
        except (ValueError, TypeError, LookupError, StructError, AttributeError):
            self._tell(f"entry {sequence} says nothing about a person: {event.hex()}")
            return []

    def _define(self, sequence: int, kind: int, fields: list[Any]) -> list[Move]:
        person_id = fields[0]
        if kind == EntryKind.PERSON_CREATED:
            if person_id in self.people:
                self._tell(f"entry {sequence} creates {person_id} again")
            self.people[person_id] = Standing(PersonState.ACTIVE)
            return []
        before = self.people[person_id].state
        gone = before in (PersonState.MERGED, PersonState.ERASED)
        if gone != (kind == EntryKind.TEXTS_ERASED):
            self._tell(f"entry {sequence} of kind {kind} is about {person_id}, of state {before}")
        if kind == EntryKind.PERSON_BLOCKED:
            self.people[person_id] = Standing(PersonState.BLOCKED)
        elif kind == EntryKind.PERSON_UNBLOCKED:
            self.people[person_id] = Standing(PersonState.ACTIVE)
        elif kind == EntryKind.TEXTS_ERASED:
            self.erasures.update(_sequences(fields[1]))
        elif kind == TransactionKind.PEOPLE_MERGED:
            target = fields[1]
            if self.people[target].state != PersonState.ACTIVE or target == person_id:
                self._tell(f"entry {sequence} merges {person_id} into {target}")
            self.people[person_id] = Standing(PersonState.MERGED, target)
            return _moves(person_account(person_id), person_account(target), fields[3:])
        else:
            self.erasures.update(_sequences(fields[2]))
            self.people[person_id] = Standing(PersonState.ERASED)
            return _moves(person_account(person_id), SINK, fields[3:])
        return []

    def compare_moves(
        self,
        sequence: int,
        moves: list[Move],
        postings: tuple[JournalPosting, ...],
        reader: JournalReader,
    ) -> None:
        """Compares what an event says with the postings beside it, which no leaf holds."""
        found = [
            (
                reader.addresses.get(posting.source_id),
                reader.addresses.get(posting.destination_id),
                reader.codes.get(posting.asset_id),
                posting.amount,
            )
            for posting in postings
        ]
        if found != moves:
            self._findings.add(
                Invariant.MERKLE_ROOTS_MATCH, f"entry {sequence} has other postings than it says"
            )

    async def read_people(self, reader: JournalReader) -> dict[str, Standing]:
        """Reads everybody as the database has them."""
        stored: dict[str, Standing] = {}
        last = ""
        while rows := await reader.fetch(_PEOPLE, last, _AT_ONCE):
            stored.update((person_id, Standing(*rest)) for person_id, *rest in rows)
            last = rows[-1][0]
        return stored

    def tell_differences(self, stored: dict[str, Standing]) -> None:
        """Compares everybody with what their entries say."""
        for person_id in stored.keys() | self.people.keys():
            if stored.get(person_id) != self.people.get(person_id):
                self._tell(
                    f"{person_id} is {stored.get(person_id)}, the entries say"
                    f" {self.people.get(person_id)}"
                )

    async def tell_erasures(self, suspects: set[int], reader: JournalReader) -> None:
        """Tells of texts that are gone though no entry says so, and the other way round.

        Args:
            suspects: Texts that were gone before the last entry was replayed.
        """
        for sequence in sorted(suspects - self.erasures):
            self._findings.add(
                Invariant.ERASURES_RECORDED,
                f"the text of entry {sequence} is gone, and no entry erased it",
            )
        erasures = sorted(self.erasures)
        for start in range(0, len(erasures), _AT_ONCE):
            part = erasures[start : start + _AT_ONCE]
            for (sequence,) in await reader.fetch(_STILL_THERE, part):
                self._findings.add(
                    Invariant.ERASURES_RECORDED,
                    f"the text of entry {sequence} was erased and is there",
                )

    def _tell(self, detail: str) -> None:
        self._findings.add(Invariant.PEOPLE_MATCH_JOURNAL, detail)


def _sequences(packed: bytes) -> list[int]:
    return [sequence for (sequence,) in iter_unpack(">q", packed)]


def _moves(source: str, destination: str, fields: list[Any]) -> list[Move]:
    sides = encode_text(source), encode_text(destination)
    return [
        (*sides, encode_text(code), amount)
        for code, amount in zip(fields[::2], fields[1::2], strict=True)
    ]
