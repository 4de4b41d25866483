"""Which event may be sent next: in order for each account, and no account held up by another. Pure.

Every event is in the lane of each account that it touches. It may be sent when it is the first in
all of its lanes, and its time has come.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

# Events and their accounts that one webhook keeps in memory. One page may come on top.
MAX_WEIGHT = 5_000


@dataclass(slots=True, eq=False)
class QueuedEvent:
    """An event that is not delivered yet.

    Attributes:
        attempts: How many failed.
        due: When it may be sent, in seconds since 1970.
        saved: Whether the database knows that it waits, so that the cursor may pass it.
        sending: Whether an attempt is under way.
    """

    sequence: int
    accounts: frozenset[str]
    attempts: int = 0
    due: float = 0.0
    saved: bool = False
    sending: bool = False


class EventQueue:
    """The events of one webhook that wait or are on their way.

    Attributes:
        read_to: Up to which entry the ledger was read.
        settled: Events above `read_to` that are not to come again, such as dead letters.
    """

    def __init__(self, cursor: int, settled: Iterable[int] = ()) -> None:
        self.read_to = cursor
        self.settled = set(settled)
        self._events: dict[int, QueuedEvent] = {}
        self._lanes: dict[str, list[int]] = {}
        self._ready: list[tuple[float, int]] = []
        # In ascending order; those that are gone or saved are taken off its front.
        self._unsaved: deque[int] = deque()
        self._highest_done = 0
        self._weight = 0

    def __len__(self) -> int:
        return len(self._events)

    @property
    def full(self) -> bool:
        return self._weight >= MAX_WEIGHT

    @property
    def cursor(self) -> int:
        """Everything up to here is delivered, saved, or matched no filter."""
        unsaved = self._unsaved
        while unsaved:
            event = self._events.get(unsaved[0])
            if event is not None and not event.saved:
                return unsaved[0] - 1
            unsaved.popleft()
        return self.read_to

    def add(self, event: QueuedEvent) -> None:
        """Takes in an event, unless it is there. New ones come in ascending order."""
        if event.sequence in self._events or event.sequence in self.settled:
            return
        self._events[event.sequence] = event
        self._weight += 1 + len(event.accounts)
        if not event.saved:
            self._unsaved.append(event.sequence)
        for account in event.accounts:
            insort(self._lanes.setdefault(account, []), event.sequence)
        self._offer(event)

    def take(self, now: float, limit: int) -> list[QueuedEvent]:
        """Takes up to so many events that may be sent now; they count as being sent."""
        taken: list[QueuedEvent] = []
        while len(taken) < limit and (event := self._first()) is not None and event.due <= now:
            heappop(self._ready)
            event.sending = True
            taken.append(event)
        return taken

    def next_due(self) -> float | None:
        """Tells when the next event may be sent; None where nothing waits for time alone."""
        event = self._first()
        return None if event is None else event.due

    def put_back(self, event: QueuedEvent) -> None:
        """Lets an event wait that was not sent after all, or that failed."""
        event.sending = False
        self._offer(event)

    def finish(self, event: QueuedEvent) -> None:
        """Takes out an event that is delivered or given up: what is behind it may go on."""
        del self._events[event.sequence]
        self._weight -= 1 + len(event.accounts)
        self._highest_done = max(self._highest_done, event.sequence)
        if event.sequence > self.read_to:
            self.settled.add(event.sequence)
        for account in event.accounts:
            lane = self._lanes[account]
            lane.remove(event.sequence)
            if lane:
                self._offer(self._events[lane[0]])
            else:
                del self._lanes[account]

    def held_up(self) -> list[QueuedEvent]:
        """Events that failed, and all that wait behind them, which are not saved yet.

        Until they are, they hold the cursor, maybe for hours.
        """
        if not any(event.attempts for event in self._events.values()):
            return []
        lanes: set[str] = set()
        found = []
        for sequence in sorted(self._events):
            event = self._events[sequence]
            if event.attempts or not lanes.isdisjoint(event.accounts):
                lanes |= event.accounts
                if not event.saved:
                    found.append(event)
        return found

    def overtaken(self) -> list[QueuedEvent]:
        """Events that are not saved although later ones are done.

        A server that ends saves them: the next one would begin before them, and repeat the others.
        """
        return [
            event
            for event in self._events.values()
            if not event.saved and event.sequence < self._highest_done
        ]

    def _first(self) -> QueuedEvent | None:
        """The next event of the heap that is still what it was when it was offered."""
        while self._ready:
            due, sequence = self._ready[0]
            event = self._events.get(sequence)
            if event and not event.sending and event.due == due and self._leads(event):
                return event
            heappop(self._ready)
        return None

    def _leads(self, event: QueuedEvent) -> bool:
        return all(self._lanes[account][0] == event.sequence for account in event.accounts)

    def _offer(self, event: QueuedEvent) -> None:
        if not event.sending and self._leads(event):
            heappush(self._ready, (event.due, event.sequence))
