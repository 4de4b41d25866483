"""Replays which handles lead to whom and what people wish, and compares the rows with it.

What a handle is, no entry says: its text does, which can be erased.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from ticketonomics_server.identity.model import EntryKind
from ticketonomics_server.identity.model_people import HANDLE_KEPT
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

_HANDLES = """
SELECT h.sequence, h.handle, h.person_id, h.release_time, p.handle AS own,
    t.metadata->>'handle' AS text
FROM handles h
LEFT JOIN people p ON p.economy_id = $1 AND p.person_id = h.person_id
LEFT JOIN texts t ON t.economy_id = $1 AND t.sequence = h.sequence
WHERE h.economy_id = $1
"""
_WITHOUT_ROW = """
SELECT person_id, handle FROM people p WHERE economy_id = $1 AND handle IS NOT NULL
AND NOT EXISTS (SELECT FROM handles h WHERE h.economy_id = $1 AND h.handle = p.handle
    AND h.person_id = p.person_id AND h.release_time IS NULL)
"""
_WISHES = """
SELECT person_id, language, muted FROM people
WHERE economy_id = $1 AND (language <> '' OR muted <> '')
"""
_TEXTS = """
SELECT sequence, salt IS NULL, coalesce(metadata->>'language', ''),
    coalesce(metadata->>'muted', '')
FROM texts WHERE economy_id = $1 AND sequence = ANY($2::bigint[])
"""
_NOTHING = ("", "")


@dataclass(slots=True)
class _Owned:
    """Whose a handle is or was, and when it was given up."""

    person_id: str
    release_time: datetime | None = None


class ProfilesReplay:
    """Every handle that leads to somebody or is kept, by the entry that gave it."""

    kinds = frozenset(
        map(
            int,
            (
                *(EntryKind.HANDLE_SET, EntryKind.HANDLE_FREED, EntryKind.PREFERENCES_SET),
                *(LedgerKind.PEOPLE_MERGED, LedgerKind.PERSON_ERASED),
            ),
        )
    )
    invariant = Invariant.PROFILES_MATCH_JOURNAL

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._handles: dict[int, _Owned] = {}
        self._of_person: dict[str, set[int]] = defaultdict(set)
        # The last entry with what a person wishes.
        self._wishes: dict[str, int] = {}

    def define(self, entry: ReplayedEntry) -> None:
        """Replays an entry."""
        if entry.kind == EntryKind.HANDLE_SET:
            self._set(entry)
        elif entry.kind == EntryKind.HANDLE_FREED:
            self._free(entry)
        elif entry.kind == EntryKind.PREFERENCES_SET:
            self._wishes[entry.fields[0]] = entry.sequence
        elif entry.kind == LedgerKind.PEOPLE_MERGED:
            source, target, *_ = entry.fields
            self._merge(source, target, entry.time)
        else:
            person_id = entry.fields[0]
            self._wishes.pop(person_id, None)
            for sequence in self._of_person.pop(person_id, ()):
                owned = self._handles[sequence]
                owned.person_id = ""
                owned.release_time = owned.release_time or entry.time

    def _set(self, entry: ReplayedEntry) -> None:
        person_id, has, retaken, _application = entry.fields
        self._release(person_id, entry.time)
        if retaken:
            kept = self._handles.pop(retaken)
            self._of_person[person_id].discard(retaken)
            if kept.person_id != person_id or not has:
                self._tell(f"entry {entry.sequence} takes what was kept for {kept.person_id!r}")
        if has:
            self._handles[entry.sequence] = _Owned(person_id)
            self._of_person[person_id].add(entry.sequence)

    def _free(self, entry: ReplayedEntry) -> None:
        (sequence,) = entry.fields
        owned = self._handles.pop(sequence)
        self._of_person[owned.person_id].discard(sequence)
        if owned.release_time is None or entry.time < owned.release_time + HANDLE_KEPT:
            self._tell(f"entry {entry.sequence} frees the handle of entry {sequence} too early")

    def _merge(self, source: str, target: str, time: datetime) -> None:
        self._wishes.pop(source, None)
        if self._current(target) is not None:
            self._release(source, time)
        moved = self._of_person.pop(source, set())
        for sequence in moved:
            self._handles[sequence].person_id = target
        self._of_person[target] |= moved

    def _current(self, person_id: str) -> _Owned | None:
        owned = (self._handles[sequence] for sequence in self._of_person[person_id])
        return next((handle for handle in owned if handle.release_time is None), None)

    def _release(self, person_id: str, time: datetime) -> None:
        current = self._current(person_id)
        if current is not None:
            current.release_time = time

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares handles and wishes as of one moment."""
        async with reader.snapshot():
            head = await reader.head()
            rows = await reader.fetch(_HANDLES)
            without = await reader.fetch(_WITHOUT_ROW)
            wishes = {person_id: tuple(rest) for person_id, *rest in await reader.fetch(_WISHES)}
        await roll_forward(head)
        self._compare_handles(rows)
        for person_id, handle in without:
            self._tell(f"{person_id} has the handle {handle}, which does not lead there")
        for person_id in sorted(wishes.keys() - self._wishes.keys()):
            self._tell(f"{person_id} wishes what no entry says")
        texts = await reader.fetch(_TEXTS, list(self._wishes.values()))
        # Who wishes nothing has no text. One erased since says nothing: that is checked elsewhere.
        told = {sequence: None if erased else tuple(rest) for sequence, erased, *rest in texts}
        for person_id, sequence in self._wishes.items():
            said = told.get(sequence, _NOTHING)
            if said is not None and said != wishes.get(person_id, _NOTHING):
                self._tell(f"{person_id} does not wish what entry {sequence} says")

    def _compare_handles(self, rows: list[tuple[object, ...]]) -> None:
        stored: dict[int, _Owned] = {}
        for sequence, handle, person_id, release_time, own, text in rows:
            stored[sequence] = _Owned(person_id, release_time)  # type: ignore[index, arg-type]
            if person_id and text != handle:
                self._tell(f"the handle {handle} is not that of entry {sequence}")
            if release_time is None and own != handle:
                self._tell(f"the handle {handle} leads to {person_id}, whose handle is {own}")
        for sequence in sorted(stored.keys() | self._handles.keys()):
            if stored.get(sequence) != self._handles.get(sequence):
                self._tell(
                    f"the handle of entry {sequence} is {stored.get(sequence)}, the entries say"
                    f" {self._handles.get(sequence)}"
                )

    def _tell(self, detail: str) -> None:
        self._findings.add(self.invariant, detail)
