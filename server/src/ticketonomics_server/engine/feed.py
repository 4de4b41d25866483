"""The feed: committed entries of one economy in order, for streams to follow."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ticketonomics_server.engine.rejection import Reason, Rejection

KEPT_ENTRIES = 50_000
PAGE_ENTRIES = 1_000
HEARTBEAT_SECONDS = 15.0
REPLICA_PAUSE_SECONDS = 0.05

# About what it takes to tell one stream one message: with many streams, waking them all waits as
# long as that takes, and meanwhile pages grow.
STREAM_SECONDS = 40e-6
LONGEST_PAUSE_SECONDS = 0.1


@dataclass(slots=True, eq=False)
class Page:
    """Consecutive entries, all of them told once to each stream.

    Attributes:
        first_sequence: One more than the last sequence of the page before.
        items: What the domain's streams tell, in order; entries of other domains leave no item.
        encoded: Encodings that streams share, by whatever they choose as a name.
    """

    first_sequence: int
    last_sequence: int
    items: list[Any]
    encoded: dict[Any, Any] = field(default_factory=dict)


ReadPage = Callable[[int, int], Awaitable[Page]]


class Feed:
    """Follows the head of one economy. Bounded: who falls behind reads from the database.

    Args:
        read: Reads the entries after a sequence number, up to so many, from the database.
    """

    def __init__(self, read: ReadPage) -> None:
        self._read = read
        self._pages: deque[Page] = deque()
        self._kept = 0
        # What has happened, and up to where streams have been woken for it.
        self._known = 0
        self._shown = 0
        self._shown_at = 0.0
        self._next_showing: asyncio.TimerHandle | None = None
        self._turn = asyncio.Event()
        self._filling = asyncio.Lock()
        self._closing = False
        self._followers = 0

    @property
    def followed(self) -> bool:
        """Whether anybody follows: if not, pages need not be made."""
        return self._followers > 0

    @property
    def head(self) -> int:
        """Newest sequence number that this feed has heard of."""
        return self._known

    def publish(self, page: Page) -> None:
        """Tells streams of a page that was just committed by this server."""
        last = self._pages[-1] if self._pages else None
        if last is not None and last.last_sequence + 1 != page.first_sequence:
            # Another server's blocks lie between: streams read them from the database.
            self._forget()
            last = None
        if last is not None and self._may_grow(last, page):
            last.items.extend(page.items)
            last.last_sequence = page.last_sequence
            self._kept += len(page.items)
        else:
            self._keep(page)
        self.hear(page.last_sequence)

    def _may_grow(self, last: Page, page: Page) -> bool:
        """Tells whether a page that no stream has seen yet can take in the next one."""
        return last.first_sequence > self._shown and len(last.items) + len(page.items) <= min(
            PAGE_ENTRIES, KEPT_ENTRIES
        )

    def hear(self, sequence: int) -> None:
        """Tells streams that the ledger has grown to a sequence number."""
        if sequence > self._known:
            self._known = sequence
            self._show_soon()

    def _show_soon(self) -> None:
        """Wakes the streams: at once, or when the last time has been digested.

        Many streams would otherwise take the processor from those who trade.
        """
        if self._next_showing is not None:
            return
        pause_seconds = min(self._followers * STREAM_SECONDS, LONGEST_PAUSE_SECONDS)
        wait_seconds = self._shown_at + pause_seconds - monotonic()
        if wait_seconds <= 0:
            self._show()
        else:
            loop = asyncio.get_running_loop()
            self._next_showing = loop.call_later(wait_seconds, self._show)

    def _show(self) -> None:
        self._next_showing = None
        self._shown = self._known
        self._shown_at = monotonic()
        self._wake()

    def beat(self) -> None:
        """Lets every stream that is at the head send a heartbeat."""
        self._wake()

    def close(self) -> None:
        """Ends all streams: they are told to reconnect."""
        self._closing = True
        self._wake()

    def _wake(self) -> None:
        self._turn.set()
        self._turn = asyncio.Event()

    async def follow(self, cursor: int) -> AsyncIterator[Page | None]:
        """Yields every page after the cursor, and None for each heartbeat.

        A page may begin before the cursor when it is shared; it never leaves out what follows it.

        Raises:
            Rejection: DRAINING, when the feed is closed.
        """
        self._followers += 1
        try:
            while True:
                if self._closing:
                    raise Rejection(
                        Reason.DRAINING, "the server is shutting down; reconnect", retry_seconds=0.5
                    )
                turn = self._turn
                if self._shown <= cursor:
                    await turn.wait()
                    if self._shown <= cursor and not self._closing:
                        yield None
                    continue
                page = self._find(cursor) or await self._fill(cursor)
                if page is None:
                    # A replica may not have it yet.
                    await asyncio.sleep(REPLICA_PAUSE_SECONDS)
                    continue
                cursor = page.last_sequence
                yield page
        finally:
            self._followers -= 1
            if not self._followers:
                self._forget()

    def _find(self, cursor: int) -> Page | None:
        """The kept page that holds what follows the cursor."""
        if not self._pages or self._pages[0].first_sequence > cursor + 1:
            return None
        for page in reversed(self._pages):
            if page.first_sequence <= cursor + 1:
                return page if page.last_sequence > cursor else None
        return None

    async def _fill(self, cursor: int) -> Page | None:
        """Reads the page that follows the cursor; at the head it is kept for the other streams."""
        async with self._filling:
            if page := self._find(cursor):
                return page
            page = await self._read(cursor, PAGE_ENTRIES)
            if page.last_sequence <= cursor:
                return None
            at_head = not self._pages and page.last_sequence >= self._known
            if at_head or (self._pages and self._pages[-1].last_sequence == cursor):
                self._keep(page)
            return page

    def _keep(self, page: Page) -> None:
        """Keeps a page for the streams at the head, and lets the oldest go."""
        self._pages.append(page)
        self._kept += _weight(page)
        while self._kept > KEPT_ENTRIES and len(self._pages) > 1:
            self._kept -= _weight(self._pages.popleft())

    def _forget(self) -> None:
        self._pages.clear()
        self._kept = 0


def _weight(page: Page) -> int:
    # A page without items is kept too.
    return len(page.items) + 1
