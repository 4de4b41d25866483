"""Replays what people have done from the entries of all rooms, and compares their progress."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import ClassVar

from ticketonomics_server.identity.model import EntryKind as IdentityKind
from ticketonomics_server.ledger.model import SINK
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.parameters.model import EntryKind as ParameterKind
from ticketonomics_server.parameters.model import parse_setting
from ticketonomics_server.progression.counting import Terms, begin, combine, count_deed, renamed
from ticketonomics_server.progression.model import Deed, EntryKind, Progress, day_of
from ticketonomics_server.progression.noting import person_of
from ticketonomics_server.progression.parameters import TERMS
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

# Kinds of entries that other rooms have for themselves.
_REWARD_COUNTED = 221
_VOTING_OPENED = 235
_VOTE_CAST = 236
# The deeds of the sources of rewards, by their numbers.
_REWARDED = {
    1: Deed.CLAIMED,
    2: Deed.TAPPED,
    3: Deed.WATCHED_AD,
    4: Deed.CHATTED,
    5: Deed.REFERRED,
}
# Where a reward's own facts begin in its event.
_FACTS = 7

Deeds = Iterator[tuple[str, Deed, int]]

_COLUMNS = [field.name for field in fields(Progress)]
_PROGRESS = f"SELECT {', '.join(_COLUMNS)} FROM progress WHERE economy_id = $1"


class ProgressionReplay:
    """What everybody has done.

    Attributes:
        more: Deeds of kinds of entries that belong to none of the rooms here.
    """

    more: ClassVar[dict[int, Callable[[ReplayedEntry], Deeds]]] = {}
    invariant = Invariant.PROGRESS_MATCHES_JOURNAL

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._progress: dict[str, Progress] = {}
        self._settings = {parameter.name: parameter.defaults for parameter in TERMS}
        # Who can do nothing any more, or for a while; and who proposed what.
        self._passive: set[str] = set()
        self._erased: set[str] = set()
        self._proposers: dict[str, str] = {}
        self._deeds: dict[int, Callable[[ReplayedEntry], Deeds]] = {
            LedgerKind.SWAP: self._swap,
            LedgerKind.LIQUIDITY_ADDED: self._liquidity,
            LedgerKind.QUEUE_JOINED: self._join,
            LedgerKind.QUEUE_DRAWN: self._draw,
            LedgerKind.REWARD_PAID: self._reward,
            _REWARD_COUNTED: self._reward,
            _VOTING_OPENED: self._open,
            _VOTE_CAST: self._vote,
            **self.more,
        }
        self._others: dict[int, Callable[[ReplayedEntry], None]] = {
            ParameterKind.PARAMETER_SET: self._set,
            LedgerKind.PROPOSAL_CREATED: self._propose,
            IdentityKind.PERSON_BLOCKED: self._rest,
            IdentityKind.PERSON_UNBLOCKED: self._wake,
            LedgerKind.PEOPLE_MERGED: self._rest,
            LedgerKind.PERSON_ERASED: self._erase,
            EntryKind.PROGRESS_MERGED: self._merge,
            EntryKind.PROGRESS_ERASED: self._forget,
        }
        self.kinds = frozenset(map(int, (*self._deeds, *self._others)))

    def define(self, entry: ReplayedEntry) -> None:
        """Replays an entry: what was done by it, or what changes by it."""
        if other := self._others.get(entry.kind):
            other(entry)
            return
        for person_id, deed, count in self._deeds[entry.kind](entry):
            if person_id:
                self._count(entry, person_id, deed, count)

    def _count(self, entry: ReplayedEntry, person_id: str, deed: Deed, count: int) -> None:
        day = day_of(entry.time)
        progress = self._progress.get(person_id)
        if progress is None:
            progress = self._progress[person_id] = begin(person_id, day, entry.sequence)
        progress.change_sequence = entry.sequence
        experience, full, most = (self._settings[parameter.name] for parameter in TERMS)
        count_deed(progress, deed, count, day, Terms(experience, full[0], most[0]))

    # --- deeds: what the entries of the rooms say ---------------------------------------------

    def _swap(self, entry: ReplayedEntry) -> Deeds:
        yield person_of(entry.postings[0].source), Deed.TRADED, 1

    def _liquidity(self, entry: ReplayedEntry) -> Deeds:
        _pool, account, *_ = entry.fields
        yield person_of(account), Deed.PROVIDED_LIQUIDITY, 1

    def _join(self, entry: ReplayedEntry) -> Deeds:
        _round, person_id, *_ = entry.fields
        yield person_id, Deed.JOINED_QUEUE, 1

    def _draw(self, entry: ReplayedEntry) -> Deeds:
        payee = entry.fields[4]
        yield "" if payee == SINK else person_of(payee), Deed.WON_QUEUE, 1

    def _reward(self, entry: ReplayedEntry) -> Deeds:
        source, person_id, *_ = said = entry.fields
        deed = _REWARDED[source]
        if deed is Deed.REFERRED:
            person_id = said[_FACTS]
            yield "" if person_id in self._erased else person_id, deed, 1
        else:
            yield person_id, deed, said[_FACTS] if deed is Deed.TAPPED else 1

    def _open(self, entry: ReplayedEntry) -> Deeds:
        proposer_id = self._proposers[entry.fields[0]]
        yield "" if proposer_id in self._passive else proposer_id, Deed.PROPOSED, 1

    def _vote(self, entry: ReplayedEntry) -> Deeds:
        _proposal, person_id, _choice, previous, *_ = entry.fields
        yield "" if previous else person_id, Deed.VOTED, 1

    # --- what changes beside deeds ------------------------------------------------------------

    def _set(self, entry: ReplayedEntry) -> None:
        name, _previous, setting, *_ = entry.fields
        if name in self._settings:
            self._settings[name] = parse_setting(setting)

    def _propose(self, entry: ReplayedEntry) -> None:
        proposal_id, _application_id, proposer_id, *_ = entry.fields
        self._proposers[proposal_id] = proposer_id

    def _rest(self, entry: ReplayedEntry) -> None:
        self._passive.add(entry.fields[0])

    def _wake(self, entry: ReplayedEntry) -> None:
        self._passive.discard(entry.fields[0])

    def _erase(self, entry: ReplayedEntry) -> None:
        self._rest(entry)
        self._erased.add(entry.fields[0])

    def _merge(self, entry: ReplayedEntry) -> None:
        source_id, target_id = entry.fields
        source, target = self._progress.pop(source_id), self._progress.get(target_id)
        if target is None:
            self._progress[target_id] = renamed(source, target_id, entry.sequence)
        else:
            combine(source, target, entry.sequence)

    def _forget(self, entry: ReplayedEntry) -> None:
        del self._progress[entry.fields[0]]

    # --- comparing ----------------------------------------------------------------------------

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares every person's progress as of one moment."""
        async with reader.snapshot():
            head = await reader.head()
            rows = {row["person_id"]: tuple(row) for row in await reader.fetch(_PROGRESS)}
        await roll_forward(head)
        for person_id in sorted(rows.keys() | self._progress.keys()):
            progress = self._progress.get(person_id)
            said = None if progress is None else progress.snapshot()
            if rows.get(person_id) != said:
                self._findings.add(
                    self.invariant,
                    f"the progress of {person_id} is {_told(rows.get(person_id))},"
                    f" its entries say {_told(said)}",
                )


def _told(values: tuple[object, ...] | None) -> str:
    if values is None:
        return "missing"
    pairs = zip(_COLUMNS[1:], values[1:], strict=True)
    return ", ".join(f"{name} {value!r}" for name, value in pairs if value)
