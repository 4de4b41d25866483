"""All streams of the server, by name. A room that has one names it here."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ticketonomics_server.engine.economies import TRANSACTIONS, MakePage, Stream
from ticketonomics_server.engine.feed import Page
from ticketonomics_server.ledger import watching
from ticketonomics_server.parliament import watching as parliament
from ticketonomics_server.prices import watching as watching_prices
from ticketonomics_server.queues.queries import read_news
from ticketonomics_server.queues.watching import ROUNDS
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading

# Reads news after an entry, so many at most: a page whose `last_sequence` is the snapshot's unless
# there is more than the limit.
ReadNews = Callable[[Snapshot, int, int], Awaitable[Page]]


@dataclass(slots=True, frozen=True)
class News:
    """What a room's stream tells; see `Stream`."""

    read: ReadNews
    make: MakePage | None = None


STREAMS: Mapping[str, News] = {
    TRANSACTIONS: News(watching.read_page, watching.make_page),
    watching_prices.STREAM: News(watching_prices.read_page),
    ROUNDS: News(read_news),
    parliament.PROPOSALS: News(parliament.read_page),
}


def streams_of(database: Database) -> dict[str, Stream]:
    """Makes streams that read this database."""
    return {name: Stream(_reader(database, news), news.make) for name, news in STREAMS.items()}


def _reader(database: Database, news: News) -> Callable[[int, int, int], Awaitable[Page]]:
    async def read(economy_id: int, after: int, limit: int) -> Page:
        async with reading(database, economy_id) as snapshot:
            return await news.read(snapshot, after, limit)

    return read
