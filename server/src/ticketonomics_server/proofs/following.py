"""Keeps the block log's nodes behind the blocks, and signs a head now and then for the record."""

import asyncio
from collections import defaultdict

import structlog

from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.session import is_passing
from ticketonomics_server.proofs import queries
from ticketonomics_server.proofs.log import (
    CHUNK_LEVEL,
    BrokenLogError,
    extend_log,
    is_behind,
    read_spans,
)
from ticketonomics_server.proofs.model import SignedHead, head_of, root_span
from ticketonomics_server.proofs.signing import Signer
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import reading

EVERY_SECONDS = 5.0
# A call that finds the log behind builds so much of it itself, 16,384 blocks.
CHUNKS_A_CALL = 64
_CHUNKS_A_TURN = 16

# Those with a full chunk that has no node yet: one question for all economies.
_BEHIND = f"""
SELECT e.economy_id, e.name FROM economies e JOIN LATERAL (
    SELECT height FROM blocks b WHERE b.economy_id = e.economy_id ORDER BY height DESC LIMIT 1
) b ON true
WHERE b.height >> {CHUNK_LEVEL} > coalesce((
    SELECT max(position) + 1 FROM log_nodes n
    WHERE n.economy_id = e.economy_id AND n.level = {CHUNK_LEVEL}
), 0)
"""

log = structlog.get_logger(__name__)


class LogFollower:
    """Builds the logs of all economies; any number of servers may."""

    def __init__(self, database: Database, signer: Signer) -> None:
        self._database = database
        self._signer = signer
        self._busy: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._broken: set[int] = set()

    async def run(self) -> None:
        """Follows until it is cancelled."""
        while True:
            try:
                await self.follow_all()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next turn may go better.
                if not is_passing(error):
                    report_incident(error, "the block log was not extended")
            await asyncio.sleep(EVERY_SECONDS)

    async def follow_all(self) -> None:
        """Extends every economy's log up to its newest full chunk."""
        async with self._database.connected() as connection:
            economies = await connection.fetch(_BEHIND)
        for economy_id, economy in economies:
            while await self.catch_up(economy_id, economy, most=_CHUNKS_A_TURN) == _CHUNKS_A_TURN:
                pass

    async def catch_up(self, economy_id: int, economy: str, *, most: int = CHUNKS_A_CALL) -> int:
        """Extends one economy's log, and records a signed head of it.

        Returns:
            How many chunks were added.
        """
        async with self._busy[economy_id]:
            async with reading(self._database, economy_id) as snapshot:
                newest = await queries.find_newest_height(snapshot)
                if not await is_behind(snapshot, newest):
                    return 0
            try:
                async with self._database.connected() as connection:
                    added = await extend_log(connection, economy_id, economy, most=most)
            except BrokenLogError as error:
                if economy_id not in self._broken:
                    self._broken.add(economy_id)
                    report_incident(error, "the block log is broken: run verify", economy=economy)
                return 0
            await self._record_head(economy_id, economy)
            return added

    async def _record_head(self, economy_id: int, economy: str) -> None:
        """Signs the log at its newest full chunk, and stores that; without a key it does not."""
        try:
            async with reading(self._database, economy_id) as snapshot:
                size = await queries.find_logged_size(snapshot)
                block = await queries.find_block(snapshot, size)
                (root,) = await read_spans(snapshot, economy, size, [root_span(size)])
                signed = await self._signer.sign(snapshot, head_of(economy, block, root))
        except Rejection as rejection:
            log.warning("no head was signed", economy=economy, why=rejection.message)
            return
        await self._store(economy_id, signed)

    async def _store(self, economy_id: int, signed: SignedHead) -> None:
        async with self._database.connected() as connection:
            await connection.execute(
                "INSERT INTO signed_heads (economy_id, tree_size, root, signing_key_id, signature)"
                " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                economy_id,
                signed.head.tree_size,
                signed.head.root,
                signed.signing_key_id,
                signed.signature,
            )
