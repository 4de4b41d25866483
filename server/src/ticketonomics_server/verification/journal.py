"""Reads an economy's journal page by page, each page in a short transaction of its own."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from ticketonomics_server.engine.block import GENESIS, Block, Head
from ticketonomics_server.engine.canonical import encode_text
from ticketonomics_server.ledger.model import EntryKind
from ticketonomics_server.verification.holds import named_texts
from ticketonomics_server.verification.replay import Checkpoint, JournalPosting
from ticketonomics_server.verification.report import Findings, Invariant

PAGE_ENTRIES = 4_096
_BLOCKS_AT_ONCE = 1_000
# No index leads from a sequence number to its request, so many are read at once.
_REQUESTS_AT_ONCE = 1 << 17
_KEPT_ADDRESSES = 200_000

_HEAD = """
SELECT height, last_sequence, hash, block_time FROM blocks
WHERE economy_id = $1 ORDER BY height DESC LIMIT 1
"""
_BLOCKS = """
SELECT height, first_sequence, last_sequence, block_time, merkle_root, previous_hash, hash
FROM blocks WHERE economy_id = $1 AND height > $2 AND height <= $3 ORDER BY height LIMIT $4
"""
_POSTINGS = """
SELECT sequence, position, kind, uuid_send(transaction_id), source_id, destination_id, asset_id,
       amount, previous_of_source, previous_of_destination
FROM postings WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3
ORDER BY sequence, position
"""
_EVENTS = """
SELECT sequence, kind, event FROM entries
WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence
"""
_TEXTS = """
SELECT sequence, commitment, salt, memo, metadata::text FROM texts
WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3
"""
_REQUESTS = """
SELECT sequence, uuid_send(request_id) FROM requests
WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3
"""
_ADDRESSES = (
    "SELECT account_id, address FROM accounts WHERE economy_id = $1 AND account_id = ANY($2)"
)
_ACCOUNT_IDS = (
    "SELECT address, account_id FROM accounts WHERE economy_id = $1 AND address = ANY($2::text[])"
)
_CODES = "SELECT asset_id, code FROM assets WHERE economy_id = $1"
_CHECKPOINTS = """
SELECT account_id, asset_id, sequence, posted
FROM checkpoints JOIN unnest($2::int[], $3::int[], $4::bigint[]) k(account_id, asset_id, sequence)
USING (account_id, asset_id, sequence) WHERE economy_id = $1
"""


@dataclass(slots=True, frozen=True)
class StoredText:
    """A text's row. All but the commitment are None where the text was erased."""

    commitment: bytes
    salt: bytes | None
    memo: str | None
    metadata: str | None


@dataclass(slots=True)
class Page:
    """Consecutive blocks, and everything that the journal has since the page before."""

    blocks: list[Block]
    postings: list[JournalPosting]
    events: list[tuple[int, int, bytes]]
    texts: dict[int, StoredText]


class JournalReader:
    """Reads one economy's journal in order.

    Args:
        connection: For this reader alone.

    Attributes:
        requests: Request ids by sequence number; whoever replays an entry takes its own away.
        read_to: The last entry that was read.
        addresses: Accounts' addresses in canonical bytes, for those of the page at least.
        codes: Assets' codes in canonical bytes.
        account_ids: Those of the addresses that the page's new holds name.
    """

    def __init__(self, connection: asyncpg.Connection, economy_id: int, findings: Findings) -> None:
        self.connection = connection
        self.economy_id = economy_id
        self._findings = findings
        self._blocks: deque[Block] = deque()
        self._requests_to = 0
        self.requests: dict[int, bytes] = {}
        self.read_to = 0
        self.addresses: dict[int, bytes] = {}
        self.codes: dict[int, bytes] = {}
        self.asset_ids: dict[str, int] = {}
        self.account_ids: dict[str, int] = {}

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """Lets all reads see one moment. To be kept short: it holds back the vacuum."""
        async with self.connection.transaction(isolation="repeatable_read", readonly=True):
            yield

    async def fetch(self, query: str, *arguments: object) -> list[Any]:
        """Reads rows of the economy, whose id is the query's `$1`."""
        rows: list[Any] = await self.connection.fetch(query, self.economy_id, *arguments)
        return rows

    async def head(self) -> Head:
        """Reads the newest block."""
        rows = await self.fetch(_HEAD)
        return Head(*rows[0]) if rows else GENESIS

    async def read_page(self, below_height: int, target: Head) -> Page | None:
        """Reads the next blocks with their entries; None when the target is reached.

        Args:
            below_height: The last block of the page before.
            target: A head that was read before; nothing beyond it is looked at.
        """
        async with self.snapshot():
            blocks = await self._next_blocks(below_height, target)
            if not blocks:
                return None
            after, to = self.read_to, max(block.last_sequence for block in blocks)
            page = Page(
                blocks=blocks,
                postings=list(map(JournalPosting._make, await self.fetch(_POSTINGS, after, to))),
                events=[tuple(row) for row in await self.fetch(_EVENTS, after, to)],
                texts={
                    sequence: StoredText(*row)
                    for sequence, *row in await self.fetch(_TEXTS, after, to)
                },
            )
            self.read_to = max(after, to)
            await self._read_requests(target)
            await self._read_names(page)
        return page

    async def find_checkpoints(self, wanted: Sequence[Checkpoint]) -> set[Checkpoint]:
        """Finds checkpoints of these balances at these entries."""
        columns = [list(column) for column in zip(*wanted, strict=True)][:3]
        return {Checkpoint(*row) for row in await self.fetch(_CHECKPOINTS, *columns)}

    async def _next_blocks(self, below_height: int, target: Head) -> list[Block]:
        waiting = self._blocks
        blocks: list[Block] = []
        entries = 0
        while entries < PAGE_ENTRIES:
            if not waiting:
                last = blocks[-1].height if blocks else below_height
                rows = await self.fetch(_BLOCKS, last, target.height, _BLOCKS_AT_ONCE)
                waiting.extend(Block(*row) for row in rows)
                if not waiting:
                    break
            blocks.append(waiting.popleft())
            entries += blocks[-1].last_sequence - blocks[-1].first_sequence + 1
        return blocks

    async def _read_requests(self, target: Head) -> None:
        if self.read_to <= self._requests_to:
            return
        # Not beyond the target: what is committed later must not be read too early.
        after = self._requests_to
        to = max(self.read_to, min(after + _REQUESTS_AT_ONCE, target.last_sequence))
        requests = self.requests
        for sequence, request_id in await self.fetch(_REQUESTS, after, to):
            if sequence in requests:
                self._findings.add(
                    Invariant.EVERY_REQUEST_ONCE,
                    f"entry {sequence} has two request ids, {requests[sequence].hex()} and"
                    f" {request_id.hex()}",
                )
            requests.setdefault(sequence, request_id)
        self._requests_to = to

    async def _read_names(self, page: Page) -> None:
        wanted = {posting.source_id for posting in page.postings}
        wanted.update(posting.destination_id for posting in page.postings)
        if len(self.addresses) > _KEPT_ADDRESSES:
            self.addresses.clear()
        if missing := wanted - self.addresses.keys():
            rows = await self.fetch(_ADDRESSES, list(missing))
            self.addresses.update((account, encode_text(address)) for account, address in rows)
        created = [event for _, kind, event in page.events if kind == EntryKind.HOLD_CREATED]
        if created:
            named = sorted(set().union(*map(named_texts, created)))
            self.account_ids = dict(await self.fetch(_ACCOUNT_IDS, named))
        if page.events or any(posting.asset_id not in self.codes for posting in page.postings):
            for asset_id, code in await self.fetch(_CODES):
                self.codes[asset_id] = encode_text(code)
                self.asset_ids[code] = asset_id
