"""Streams of transactions: what they are told, and to whom."""

from collections.abc import AsyncIterator, Sequence

from ticketonomics.ledger.v1.ledger_service_pb2 import (
    WatchTransactionsRequest,
    WatchTransactionsResponse,
)

from ticketonomics_server import metrics
from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.command import Accepted, Caller
from ticketonomics_server.engine.feed import Feed, Page
from ticketonomics_server.ledger.encode import encode_for, encode_transaction
from ticketonomics_server.ledger.histories import list_journal
from ticketonomics_server.ledger.model import PostedTransaction, Posting
from ticketonomics_server.ledger.queries import JournalTransaction, read_transactions
from ticketonomics_server.storage.reading import Snapshot

# Transactions a message: a catching-up stream must not outgrow the limit of a message.
MESSAGE_TRANSACTIONS = 1_000


def make_page(block: Block, entries: Sequence[Accepted]) -> Page:
    """Makes of a committed block what streams of transactions are told."""
    return Page(
        block.first_sequence,
        block.last_sequence,
        [
            JournalTransaction(entry.sequence, block.block_time, entry.value)
            for entry in entries
            if type(entry.value) is PostedTransaction
        ],
    )


async def read_page(snapshot: Snapshot, after: int, limit: int) -> Page:
    """Reads the same from the database: the entries after a sequence number, at most so many."""
    last = min(after + limit, snapshot.last_sequence)
    sequences = await list_journal(
        snapshot, asset_id=None, after=after, below=last + 1, window=limit
    )
    return Page(after + 1, last, await read_transactions(snapshot, sequences))


class Filter:
    """Which transactions a stream wants."""

    def __init__(self, request: WatchTransactionsRequest) -> None:
        self._accounts = frozenset(request.accounts)
        self._asset = request.asset
        self._kinds = frozenset(int(kind) for kind in request.kinds)

    @property
    def wants_all(self) -> bool:
        return not (self._accounts or self._asset or self._kinds)

    def wants(self, found: JournalTransaction) -> bool:
        """Tells whether the kind matches, and one posting by account and asset."""
        posted = found.posted
        if self._kinds and posted.kind not in self._kinds:
            return False
        return not (self._accounts or self._asset) or any(
            self._wants_posting(p) for p in posted.postings
        )

    def _wants_posting(self, posting: Posting) -> bool:
        if self._asset and posting.asset != self._asset:
            return False
        return not self._accounts or not self._accounts.isdisjoint(
            (posting.source, posting.destination)
        )


async def follow(
    feed: Feed, caller: Caller, wanted: Filter, cursor: int
) -> AsyncIterator[WatchTransactionsResponse | bytes]:
    """Yields the stream's messages behind a cursor: a heartbeat first, then what happens.

    Yields bytes where many streams are told the same: they are encoded once.
    """
    yield WatchTransactionsResponse(cursor=cursor)
    async for page in feed.follow(cursor):
        if page is None:
            yield WatchTransactionsResponse(cursor=cursor)
            continue
        metrics.stream_lag_entries.observe(feed.head - page.last_sequence)
        if cursor + 1 == page.first_sequence and wanted.wants_all and _is_shared(page, caller):
            for message in _shared_messages(page):
                yield message
        else:
            news = [t for t in page.items if t.sequence > cursor and wanted.wants(t)]
            for start in range(0, len(news), MESSAGE_TRANSACTIONS):
                part = news[start : start + MESSAGE_TRANSACTIONS]
                last = start + MESSAGE_TRANSACTIONS >= len(news)
                yield WatchTransactionsResponse(
                    transactions=[encode_for(caller, transaction) for transaction in part],
                    cursor=page.last_sequence if last else part[-1].sequence,
                )
        cursor = page.last_sequence


def _is_shared(page: Page, caller: Caller) -> bool:
    """Tells whether this caller sees of a page just what anybody sees."""
    if not caller.application_id:
        return True
    has_text = page.encoded.get("has_text")
    if has_text is None:
        has_text = page.encoded["has_text"] = any(t.posted.text for t in page.items)
    return not has_text


def _shared_messages(page: Page) -> list[bytes]:
    """Encodes a page without texts, once for all who share it."""
    messages: list[bytes] | None = page.encoded.get("public")
    if messages is None:
        messages = page.encoded["public"] = [
            WatchTransactionsResponse(
                transactions=[encode_transaction(t, with_text=False) for t in part],
                cursor=part[-1].sequence if part[-1] is not page.items[-1] else page.last_sequence,
            ).SerializeToString()
            for part in (
                page.items[start : start + MESSAGE_TRANSACTIONS]
                for start in range(0, len(page.items), MESSAGE_TRANSACTIONS)
            )
        ]
    return messages
