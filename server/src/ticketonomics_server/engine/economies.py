"""The economies that this server works for: a sequencer and a feed each, begun when needed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

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


@dataclass(slots=True, frozen=True)
class Economy:
    """One economy as this server sees it."""

    economy_id: int
    name: str
    sequencer: Sequencer
    feed: Feed
    task: asyncio.Task[None]


class Economies:
    """All economies that were asked for since this server began.

    Args:
        find_name: The name of an economy by its id; refuses an unknown one.
        make_page: Makes of a committed block what streams are told.
        read_page: Reads the same from the database: economy id, after which entry, how many at
        most.
        on_made: Called with the times of every block that this server has made.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        connect: Connect,
        find_name: Callable[[int], Awaitable[str]],
        make_page: MakePage,
        read_page: ReadPage,
        on_made: OnMade = lambda _: None,
    ) -> None:
        self._on_made = on_made
        self._registry = registry
        self._connect = connect
        self._find_name = find_name
        self._make_page = make_page
        self._read_page = read_page
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
            found.feed.hear(last_sequence)

    async def beat(self) -> None:
        """Lets all streams send heartbeats, until it is cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for economy in self._open.values():
                economy.feed.beat()

    async def drain(self) -> None:
        """Ends streams, refuses new commands, and returns when the accepted ones are done."""
        self._draining = True
        for economy in self._open.values():
            economy.feed.close()
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
        feed = Feed(lambda after, limit: self._read_page(economy_id, after, limit))
        feed.hear(self._heard.get(economy_id, 0))
        sequencer = Sequencer(
            economy_id=economy_id,
            economy=name,
            registry=self._registry,
            connect=self._connect,
            on_commit=lambda block, entries: self._tell(feed, block, entries),
            on_made=self._on_made,
        )
        task = asyncio.create_task(sequencer.run(), name=f"sequencer of {name}")
        task.add_done_callback(_tell_failure)
        economy = Economy(economy_id, name, sequencer, feed, task)
        self._open[economy_id] = economy
        return economy

    def _tell(self, feed: Feed, block: Block, entries: Sequence[Accepted]) -> None:
        if feed.followed:
            feed.publish(self._make_page(block, entries))
        else:
            feed.hear(block.last_sequence)


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.critical("a sequencer ended", task=task.get_name(), exc_info=error)
