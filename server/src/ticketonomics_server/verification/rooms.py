"""Replays of the rooms beside the ledger: what each wants to see, and what it compares at the end.

A new room writes its replay in a file of its own and is named in `ROOMS`.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from struct import error as StructError  # noqa: N812 - it is a class.
from typing import Protocol

from ticketonomics_server.verification.amm import PoolsReplay
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.parameters import ParametersReplay
from ticketonomics_server.verification.parliament import ParliamentReplay
from ticketonomics_server.verification.prices import PricesReplay
from ticketonomics_server.verification.profiles import ProfilesReplay
from ticketonomics_server.verification.progression import ProgressionReplay
from ticketonomics_server.verification.queues import QueuesReplay
from ticketonomics_server.verification.report import Findings, Invariant
from ticketonomics_server.verification.rewards import RewardsReplay


class RoomReplay(Protocol):
    """What a room makes of its entries."""

    @property
    def kinds(self) -> frozenset[int]:
        """The kinds of entries that it wants to see."""

    @property
    def invariant(self) -> Invariant:
        """What is violated where an entry of its kinds makes no sense."""

    def define(self, entry: ReplayedEntry) -> None:
        """Replays an entry. May raise ValueError, TypeError or LookupError for nonsense."""

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Reads the room's rows in a snapshot, replays up to its head, and tells differences."""


ROOMS: Sequence[Callable[[Findings], RoomReplay]] = (
    ParametersReplay,
    PricesReplay,
    QueuesReplay,
    ProgressionReplay,
    RewardsReplay,
    PoolsReplay,
    ParliamentReplay,
    ProfilesReplay,
)


class RoomReplays:
    """All of them together."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._rooms = [room(findings) for room in ROOMS]
        self._by_kind: dict[int, list[RoomReplay]] = defaultdict(list)
        for room in self._rooms:
            for kind in room.kinds:
                self._by_kind[kind].append(room)

    def wants(self, kind: int) -> bool:
        """Tells whether any room looks at entries of a kind."""
        return kind in self._by_kind

    def define(self, entry: ReplayedEntry) -> None:
        """Shows an entry to the rooms that want to see it."""
        for room in self._by_kind[entry.kind]:
            try:
                room.define(entry)
            except (ValueError, TypeError, LookupError, StructError):
                self._findings.add(
                    room.invariant,
                    f"entry {entry.sequence} of kind {entry.kind} does not make sense",
                )

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares the rows of all rooms, one after the other."""
        for room in self._rooms:
            await room.compare(reader, roll_forward)
