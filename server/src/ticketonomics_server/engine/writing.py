"""Writes a decided block: rows in bulk, journals, request ids, events, and the block itself."""

import json
from struct import Struct
from typing import Any

import asyncpg
from asyncpg import Connection

from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.draft import Draft
from ticketonomics_server.engine.model import TEXTS, Counter, TextRecord, Timer
from ticketonomics_server.engine.session import Session
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.tables import counters, timers
from ticketonomics_server.storage.copying import copy_packed
from ticketonomics_server.storage.rows import BulkTable

_REQUEST = Struct(">hiqi16si16sii")


async def write_block(
    session: Session, registry: Registry, state: State, draft: Draft, block: Block
) -> None:
    """Writes everything that the draft's commands did, inside the block's transaction."""
    connection, economy_id = session.connection, session.economy_id
    for table in registry.tables:
        row_type = table.row_type
        added, changed = state.added(row_type), state.changed(row_type)
        removed = state.removed(row_type)
        if added or changed or removed:
            await table.write(connection, economy_id, added=added, changed=changed, removed=removed)
    for name, records in state.appended.items():
        await registry.journals[name].write(connection, economy_id, records)
    await _write_requests(connection, economy_id, draft)
    if draft.events:
        await connection.copy_records_to_table(
            "entries",
            columns=("economy_id", "sequence", "kind", "event"),
            records=[(economy_id, *event) for event in draft.events],
        )
    await session.insert_block(block)


async def _write_requests(connection: Connection, economy_id: int, draft: Draft) -> None:
    pack = _REQUEST.pack
    rows = [
        pack(4, 8, sequence, 16, request_id, 16, body_hash, 4, economy_id)
        for sequence, request_id, body_hash in draft.requests
    ]
    columns = ("sequence", "request_id", "body_hash", "economy_id")
    await copy_packed(connection, "requests", columns, rows)


class TextJournal:
    """Appends the texts that came with entries."""

    name = TEXTS

    async def write(
        self, connection: asyncpg.Connection, economy_id: int, records: list[TextRecord]
    ) -> None:
        rows: list[tuple[Any, ...]] = [
            (
                economy_id,
                record.sequence,
                record.commitment,
                record.salt,
                record.text.memo,
                json.dumps(dict(record.text.metadata), ensure_ascii=False),
            )
            for record in records
        ]
        await connection.copy_records_to_table(
            "texts",
            columns=("economy_id", "sequence", "commitment", "salt", "memo", "metadata"),
            records=rows,
        )


COUNTERS = BulkTable(Counter, counters, key=("name",))
TIMERS = BulkTable(Timer, timers, key=("timer_id",))
