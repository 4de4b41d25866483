"""Streams of prices: what they are told, and how those that are slow are spared."""

from collections.abc import AsyncIterator, Iterable, Sequence

from ticketonomics.prices.v1.price_service_pb2 import WatchPricesResponse

from ticketonomics_server import metrics
from ticketonomics_server.engine.feed import Feed, Page
from ticketonomics_server.prices.encode import encode_update
from ticketonomics_server.prices.queries import (
    Update,
    newest_updates,
    ticks_kept_from,
    ticks_since,
)
from ticketonomics_server.storage.reading import Snapshot

# Its name among all streams of the server.
STREAM = "prices"

# So many trades are told one by one. Where more have happened since a stream was last told, it is
# told the newest of each instrument.
MOST_TICKS = 500
MESSAGE_UPDATES = 1_000

Wanted = frozenset[str] | None


async def read_page(snapshot: Snapshot, after: int, limit: int) -> Page:
    """Reads what happened after an entry, up to the newest: never more than is worth telling."""
    newest = await newest_updates(snapshot, after=after)
    updates = newest
    if newest:
        ticks = await ticks_since(snapshot, after, min(MOST_TICKS, limit))
        if ticks is not None:
            counts = {update.tick.instrument: update.trade_count for update in newest}
            # Counted from the newest back: all trades between are there.
            updates = []
            for tick in reversed(ticks):
                updates.append(Update(tick, counts[tick.instrument]))
                counts[tick.instrument] -= 1
            updates.reverse()
    return Page(after + 1, snapshot.last_sequence, list(updates))


async def begin(
    snapshot: Snapshot, wanted: Wanted, cursor: int | None
) -> Sequence[WatchPricesResponse]:
    """Makes a stream's first messages: a snapshot, or a heartbeat where it resumes."""
    if cursor is not None and cursor + 1 >= await ticks_kept_from(snapshot):
        return [WatchPricesResponse(cursor=cursor)]
    newest = await newest_updates(snapshot, wanted=None if wanted is None else sorted(wanted))
    return messages(newest, snapshot.last_sequence, snapshot=True)


async def follow(
    feed: Feed, wanted: Wanted, cursor: int
) -> AsyncIterator[WatchPricesResponse | bytes]:
    """Yields a stream's messages behind a cursor.

    Between two messages a stream keeps nothing. One that is slow finds several pages when it looks
    again, and takes them as one.

    Yields bytes where many streams are told the same: they are encoded once.
    """
    gathered = Gathered(wanted, cursor)
    reach = feed.head
    async for page in feed.follow(cursor):
        if page is None:
            yield WatchPricesResponse(cursor=gathered.cursor)
            continue
        gathered.add(page)
        if page.last_sequence < reach:
            # There is more already: it was slow.
            continue
        metrics.stream_lag_entries.observe(feed.head - page.last_sequence)
        for message in gathered.take():
            yield message
        reach = feed.head


class Gathered:
    """What a stream was not told yet: bounded, however many trades there are.

    Attributes:
        cursor: Up to where the stream was told.
    """

    def __init__(self, wanted: Wanted, cursor: int) -> None:
        self._wanted = wanted
        self.cursor = cursor
        self._updates: list[Update] = []
        self._only: Page | None = None
        self._last = cursor

    @property
    def size(self) -> int:
        """How many updates it keeps."""
        return len(self._updates)

    def add(self, page: Page) -> None:
        """Adds a page behind what was added before."""
        whole = self._last == self.cursor and page.first_sequence == self.cursor + 1
        self._only = page if whole else None
        self._updates += [
            update
            for update in page.items
            if update.tick.sequence > self._last and self._wants(update)
        ]
        self._last = page.last_sequence
        if len(self._updates) > MOST_TICKS:
            self._updates = coalesce(self._updates)

    def _wants(self, update: Update) -> bool:
        return self._wanted is None or update.tick.instrument in self._wanted

    def take(self) -> Sequence[WatchPricesResponse | bytes]:
        """Takes the messages that tell what was gathered: none where nothing was wanted."""
        page, updates = self._only, self._updates
        self.cursor, self._updates, self._only = self._last, [], None
        if not updates:
            return ()
        if page is None:
            return messages(updates, self.cursor)
        # Whoever wants the same of this page is told the same.
        encoded: list[bytes] | None = page.encoded.get(self._wanted)
        if encoded is None:
            encoded = page.encoded[self._wanted] = [
                message.SerializeToString() for message in messages(updates, self.cursor)
            ]
        return encoded


def coalesce(updates: Iterable[Update]) -> list[Update]:
    """Leaves the newest of each instrument, in order."""
    newest: dict[str, Update] = {}
    for update in updates:
        newest.pop(update.tick.instrument, None)
        newest[update.tick.instrument] = update
    return list(newest.values())


def messages(
    updates: Sequence[Update], cursor: int, *, snapshot: bool = False
) -> list[WatchPricesResponse]:
    """Makes messages of a size that every reader takes; the last one has the cursor."""
    parts = [
        updates[start : start + MESSAGE_UPDATES]
        for start in range(0, len(updates), MESSAGE_UPDATES)
    ] or [()]
    return [
        WatchPricesResponse(
            updates=[encode_update(update) for update in part],
            cursor=cursor if part is parts[-1] else 0,
            snapshot=snapshot,
        )
        for part in parts
    ]
