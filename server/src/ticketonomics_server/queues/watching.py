"""Streams of rounds: what they are told."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime

from ticketonomics.queues.v1.queue_service_pb2 import WatchedRound, WatchQueuesResponse

from ticketonomics_server.engine.feed import Feed, Page
from ticketonomics_server.queues.encode import encode_round
from ticketonomics_server.queues.model import Queue, Round

# The stream's name.
ROUNDS = "rounds"

Told = tuple[Round, Queue, datetime]


class Filter:
    """Which rounds a stream wants, and whose position.

    Args:
        names: Names of queues; none means all.
        person_id: Empty for nobody's.
    """

    def __init__(self, names: Iterable[str], person_id: str) -> None:
        self._names = frozenset(names)
        self._person_id = person_id

    def pick(self, told: Iterable[Told], behind: int) -> list[WatchedRound]:
        """Encodes those that changed behind an entry."""
        return [
            self._encode(found, queue, now)
            for found, queue, now in told
            if found.change_sequence > behind and (not self._names or found.queue in self._names)
        ]

    def _encode(self, found: Round, queue: Queue, now: datetime) -> WatchedRound:
        people = found.people
        position = people.index(self._person_id) + 1 if self._person_id in people else 0
        return WatchedRound(round=encode_round(found, queue, now), position=position)


async def follow(
    feed: Feed, wanted: Filter, snapshot: list[Told] | None, cursor: int
) -> AsyncIterator[WatchQueuesResponse]:
    """Yields the stream's messages behind a cursor: the snapshot first, then what changes.

    Args:
        snapshot: The rounds as of the cursor; None for a stream that goes on behind it.
    """
    first = wanted.pick(snapshot, -1) if snapshot is not None else []
    yield WatchQueuesResponse(rounds=first, cursor=cursor)
    async for page in feed.follow(cursor):
        if page is None:
            yield WatchQueuesResponse(cursor=cursor)
            continue
        news = wanted.pick(_items(page), cursor)
        cursor = page.last_sequence
        if news:
            yield WatchQueuesResponse(rounds=news, cursor=cursor)


def _items(page: Page) -> list[Told]:
    return page.items
