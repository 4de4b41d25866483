"""The economies that this server works for: a sequencer and a feed each, begun when needed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.command import Accepted
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.feed import HEARTBEAT_SECONDS, Feed, Page
from ticketonomics_server.engine.maker import Connect
from ticketonomics_server.engine.pace import OnMade
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.sequencer import Sequencer

log = structlog.get_logger(__name__)

MakePage = Callable[[Block, Sequence[Accepted]], Page]
ReadPage = Callable[[int, int, int], Awaitable[Page]]

# The stream by whose feed it is known how far an economy is.
TRANSACTIONS = "transactions"


@dataclass(slots=True, frozen=True)
class Stream:
    """What one sort of stream tells: each economy has a feed of it.

    Attributes:
        read: Reads news from the database: economy id, after which entry, how many at most.
        make: Makes the same of a committed block. Without it every server reads, once for all who
            follow there.
    """

    read: ReadPage
    make: MakePage | None = None


@dataclass(slots=True, frozen=True)
class Economy:
    """One economy as this server sees it."""

    economy_id: int
    name: str
    sequencer: Sequencer
    feeds: Mapping[str, Feed]
    task: asyncio.Task[None]

    @property
    def feed(self) -> Feed:
        """That of its transactions."""
        return self.feeds[TRANSACTIONS]

    def hear(self, last_sequence: int) -> None:
        """Tells all its feeds that it has grown to an entry."""
        for feed in self.feeds.values():
            feed.hear(last_sequence)


class Economies:
    """All economies that were asked for since this server began.

    Args:
        find_name: The name of an economy by its id; refuses an unknown one.
        streams: What streams there are, by name.
        on_made: Called with the times of every block that this server has made.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        connect: Connect,
        find_name: Callable[[int], Awaitable[str]],
        streams: Mapping[str, Stream],
        on_made: OnMade = lambda _: None,
    ) -> None:
        self._on_made = on_made
        self._registry = registry
        self._connect = connect
        self._find_name = find_name
        self._streams = streams
        self._open: dict[int, Economy] = {}
        self._heard: dict[int, int] = {}
        self._draining = False

    async def get(self, economy_id: int) -> Economy:
        """Finds an economy, or begins to work for it."""
        found = self._open.get(economy_id)
        return found or self._begin(economy_id, await self._find_name(economy_id))

    async def sequencer(self, economy_id: int) -> Sequencer:
        """Finds an economy's sequencer."""
        return (await self.get(economy_id)).sequencer

    def last_sequence(self, economy_id: int) -> int:
        """The newest entry that this server has heard of."""
        found = self._open.get(economy_id)
        return found.feed.head if found else self._heard.get(economy_id, 0)

    def hear(self, economy_id: int, last_sequence: int) -> None:
        """Takes the news that some server has committed up to this entry."""
        self._heard[economy_id] = max(last_sequence, self._heard.get(economy_id, 0))
        if found := self._open.get(economy_id):
            found.hear(last_sequence)

    async def beat(self) -> None:
        """Lets all streams send heartbeats, until it is cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for economy in self._open.values():
                for feed in economy.feeds.values():
                    feed.beat()

    async def drain(self) -> None:
        """Ends streams, refuses new commands, and returns when the accepted ones are done."""
        self._draining = True
        for economy in self._open.values():
            for feed in economy.feeds.values():
                feed.close()
            await economy.sequencer.drain()
        await asyncio.gather(*(economy.task for economy in self._open.values()))

    @property
    def draining(self) -> bool:
        return self._draining

    def _begin(self, economy_id: int, name: str) -> Economy:
        if self._draining:
            raise Rejection(Reason.DRAINING, "the server is shutting down", retry_seconds=1.0)
        # Nothing is awaited between the look-up and here but the name, so look again.
        if found := self._open.get(economy_id):
            return found
        feeds = {
            name: Feed(partial(stream.read, economy_id)) for name, stream in self._streams.items()
        }
        sequencer = Sequencer(
            economy_id=economy_id,
            economy=name,
            registry=self._registry,
            connect=self._connect,
            on_commit=lambda block, entries: self._tell(feeds, block, entries),
            on_made=self._on_made,
        )
        task = asyncio.create_task(sequencer.run(), name=f"sequencer of {name}")
        task.add_done_callback(_tell_failure)
        economy = Economy(economy_id, name, sequencer, feeds, task)
        economy.hear(self._heard.get(economy_id, 0))
        self._open[economy_id] = economy
        return economy

    def _tell(self, feeds: Mapping[str, Feed], block: Block, entries: Sequence[Accepted]) -> None:
        for name, feed in feeds.items():
            make = self._streams[name].make
            if make is not None and feed.followed:
                feed.publish(make(block, entries))
            else:
                feed.hear(block.last_sequence)


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.critical("a sequencer ended", task=task.get_name(), exc_info=error)
