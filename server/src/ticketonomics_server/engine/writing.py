"""What a decided block writes: rows, journals, request ids, events, and the block itself."""

import json
from collections.abc import Iterable
from operator import attrgetter
from struct import Struct
from typing import Any

import asyncpg

from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.draft import Draft
from ticketonomics_server.engine.model import (
    ERASED_TEXTS,
    TEXTS,
    Counter,
    KeptText,
    TextRecord,
    Timer,
)
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.tables import counters, timers
from ticketonomics_server.storage.arrays import int_array, uuid_array
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import FEW, Copy, Statement, Write

_REQUEST = Struct(">hiqi16si16sii")


def gather_writes(
    economy_id: int, registry: Registry, state: State, draft: Draft, block: Block
) -> list[Write]:
    """Tells all that the draft's commands did; what the state becomes later does not matter."""
    writes: list[Write] = []
    touched = state.touched
    for table in registry.tables:
        row_type = table.row_type
        if row_type not in touched:
            continue
        writes += table.writes(
            economy_id,
            added=state.added(row_type),
            changed=state.changed(row_type),
            removed=state.removed(row_type),
        )
    for name, records in state.appended.items():
        writes += registry.journals[name].writes(economy_id, records)
    writes.append(_write_requests(economy_id, draft))
    if draft.events:
        columns = [list(column) for column in zip(*draft.events, strict=True)]
        writes.append(Statement(_INSERT_ENTRIES, [economy_id, *columns], len(draft.events)))
    writes.append(Statement(_INSERT_BLOCK, [economy_id, *_columns(block)], 1))
    return writes


_columns = attrgetter(
    "height",
    "first_sequence",
    "last_sequence",
    "block_time",
    "merkle_root",
    "previous_hash",
    "hash",
)


def _write_requests(economy_id: int, draft: Draft) -> Write:
    requests = draft.requests
    if len(requests) < FEW:
        sequences, ids, hashes = zip(*requests, strict=True)
        arguments = [economy_id, int_array(sequences), uuid_array(ids), uuid_array(hashes)]
        return Statement(_INSERT_REQUESTS, arguments, len(requests))
    pack = _REQUEST.pack
    rows = [
        pack(4, 8, sequence, 16, request_id, 16, body_hash, 4, economy_id)
        for sequence, request_id, body_hash in requests
    ]
    return Copy("requests", ("sequence", "request_id", "body_hash", "economy_id"), rows)


_INSERT_REQUESTS = """
INSERT INTO requests (economy_id, sequence, request_id, body_hash)
SELECT {0}::int, v.*
FROM unnest({1}::text::bigint[], {2}::text::uuid[], {3}::text::uuid[]) v
"""
_INSERT_ENTRIES = """
INSERT INTO entries (economy_id, sequence, kind, event)
SELECT {0}::int, v.* FROM unnest({1}::bigint[], {2}::smallint[], {3}::bytea[]) v
"""
# Nothing where the head is another than the block was decided on: then the state was stale.
_INSERT_BLOCK = """
INSERT INTO blocks (economy_id, height, first_sequence, last_sequence, block_time, merkle_root,
                    previous_hash, hash)
SELECT {0}::int, {1}::bigint, {2}::bigint, {3}::bigint, {4}::timestamptz, {5}::bytea, {6}::bytea,
       {7}::bytea
WHERE {6}::bytea = coalesce(
    (SELECT hash FROM blocks WHERE economy_id = {0} ORDER BY height DESC LIMIT 1), {6}::bytea)
"""
_INSERT_TEXTS = """
INSERT INTO texts (economy_id, sequence, commitment, salt, memo, metadata, owner)
SELECT {0}::int, v.* FROM unnest(
    {1}::bigint[], {2}::bytea[], {3}::bytea[], {4}::text[], {5}::jsonb[], {6}::text[]) v
"""
_ERASE_TEXTS = """
UPDATE texts SET salt = NULL, memo = NULL, metadata = NULL
WHERE economy_id = {0}::int AND sequence = ANY((SELECT {1}::text::bigint[])::bigint[])
"""
# A request's hash is made without a salt, so a name could be guessed from it. Its id stays taken.
_ERASE_HASHES = """
UPDATE requests SET body_hash = '00000000-0000-0000-0000-000000000000'
WHERE economy_id = {0}::int AND sequence = ANY((SELECT {1}::text::bigint[])::bigint[])
"""


class TextJournal:
    """Appends the texts that came with entries."""

    name = TEXTS

    def writes(self, economy_id: int, records: list[TextRecord]) -> list[Write]:
        columns: list[list[Any]] = [
            [record.sequence for record in records],
            [record.commitment for record in records],
            [record.salt for record in records],
            [record.text.memo for record in records],
            [json.dumps(dict(record.text.metadata), ensure_ascii=False) for record in records],
            [record.owner or None for record in records],
        ]
        return [Statement(_INSERT_TEXTS, [economy_id, *columns], len(records))]


class TextErasure:
    """Erases texts. Records: sequence numbers of entries of earlier blocks."""

    name = ERASED_TEXTS

    def writes(self, economy_id: int, records: list[int]) -> list[Write]:
        arguments = [economy_id, int_array(records)]
        return [Statement(sql, arguments, len(records)) for sql in (_ERASE_TEXTS, _ERASE_HASHES)]


class KeptTextTable:
    """Loads texts that are repeated. What a block in flight erases must not be read any more."""

    row_type = KeptText
    by_key = False
    load_sql = (
        "SELECT sequence, coalesce(owner, '') AS owner, coalesce(memo, '') AS memo FROM texts"
        " WHERE economy_id = $1 AND sequence = ANY((SELECT $2::text::bigint[])::bigint[])"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[int], state: State
    ) -> None:
        sequences = list(keys)
        rows = state.rows[KeptText]
        rows.update(dict.fromkeys(sequences))
        for record in await connection.fetch(self.load_sql, economy_id, int_array(sequences)):
            rows[record["sequence"]] = KeptText(**record)

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: texts are appended and erased by journals."""
        return []


COUNTERS = BulkTable(Counter, counters, key=("name",))
TIMERS = BulkTable(Timer, timers, key=("timer_id",))
