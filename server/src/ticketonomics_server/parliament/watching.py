"""Streams of proposals: what they are told."""

from collections.abc import AsyncIterator, Sequence

from ticketonomics.parliament.v1.parliament_service_pb2 import WatchProposalsResponse

from ticketonomics_server import metrics
from ticketonomics_server.engine.feed import Feed, Page
from ticketonomics_server.parliament import queries
from ticketonomics_server.parliament.encode import encode_proposal
from ticketonomics_server.parliament.queries import ShownProposal
from ticketonomics_server.storage.reading import Snapshot

PROPOSALS = "proposals"
# Their texts are long: a message stays below 2 MiB.
MESSAGE_PROPOSALS = 100


async def read_page(snapshot: Snapshot, after: int, limit: int) -> Page:
    """Reads the proposals that changed after an entry, each as it is now."""
    limit = min(limit, MESSAGE_PROPOSALS)
    found = await queries.list_changed(snapshot, after=after, limit=limit)
    whole = len(found) < limit
    last = snapshot.last_sequence if whole else found[-1].last_sequence
    return Page(after + 1, last, list(found))


async def read_open(snapshot: Snapshot) -> list[ShownProposal]:
    """Reads all proposals that have not ended, oldest first."""
    found: list[ShownProposal] = []
    while True:
        after = found[-1].create_sequence if found else 0
        page = await queries.list_open(snapshot, after=after, limit=1_000)
        found.extend(page)
        if len(page) < 1_000:
            return found


async def follow(
    feed: Feed, cursor: int, snapshot: Sequence[ShownProposal] | None
) -> AsyncIterator[WatchProposalsResponse]:
    """Yields the stream's messages behind a cursor: the snapshot or a heartbeat, then changes."""
    for message in _messages(snapshot or (), cursor, snapshot is not None):
        yield message
    async for page in feed.follow(cursor):
        if page is None:
            yield WatchProposalsResponse(cursor=cursor)
            continue
        metrics.stream_lag_entries.observe(feed.head - page.last_sequence)
        news = [found for found in page.items if found.last_sequence > cursor]
        if news:
            for message in _messages(news, page.last_sequence, False):
                yield message
        cursor = page.last_sequence


def _messages(
    found: Sequence[ShownProposal], last: int, snapshot: bool
) -> list[WatchProposalsResponse]:
    """Cuts proposals into messages; only the last one has the cursor."""
    starts = range(0, len(found), MESSAGE_PROPOSALS) or range(1)
    return [
        WatchProposalsResponse(
            proposals=[encode_proposal(row) for row in found[start : start + MESSAGE_PROPOSALS]],
            snapshot=snapshot,
            cursor=last if start + MESSAGE_PROPOSALS >= len(found) else 0,
        )
        for start in starts
    ]
