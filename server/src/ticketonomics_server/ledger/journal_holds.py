"""How holds reach Postgres: their rows, the rows of their postings, and all that they touch."""

from collections.abc import Iterable
from typing import Any

import asyncpg

from ticketonomics_server.engine.model import Timer
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.writing import TIMERS
from ticketonomics_server.ledger.decide_holds import HELD_POSTINGS
from ticketonomics_server.ledger.journal import ACCOUNTS, ASSETS, BALANCES
from ticketonomics_server.ledger.model import SINK, Account, Asset, Balance
from ticketonomics_server.ledger.model_holds import HeldPosting, Hold, HoldState
from ticketonomics_server.ledger.tables import holds
from ticketonomics_server.spending.limits import limits_of_hold
from ticketonomics_server.spending.model import SpendingLimit
from ticketonomics_server.spending.rows import LIMITS
from ticketonomics_server.storage.arrays import int_array
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Statement, Write

_POSTINGS = """
SELECT h.sequence, s.address, d.address, a.code, h.amount, h.fee FROM held_postings h
JOIN accounts s ON s.economy_id = $1 AND s.account_id = h.source_id
JOIN accounts d ON d.economy_id = $1 AND d.account_id = h.destination_id
JOIN assets a ON a.economy_id = $1 AND a.asset_id = h.asset_id
WHERE h.economy_id = $1 AND h.sequence = ANY((SELECT $2::text::bigint[])::bigint[])
ORDER BY h.sequence, h.position
"""
_INSERT_POSTINGS = """
INSERT INTO held_postings (economy_id, sequence, position, source_id, destination_id, asset_id,
                           amount, fee)
SELECT {0}::int, v.* FROM unnest(
    {1}::text::bigint[], {2}::text::smallint[], {3}::text::int[], {4}::text::int[],
    {5}::text::int[], {6}::text::bigint[], {7}::text::bigint[]) v
"""


class HoldTable(BulkTable[Hold]):
    """Holds. With one come its timer, its limits, and the accounts and balances of its postings.

    A command names the hold only; all the rest is found by own keys as well, and is left as it is
    where it is in the state already.
    """

    def __init__(self) -> None:
        super().__init__(
            Hold,
            holds,
            key=("hold_id",),
            unchanging=(
                *("hold_id", "application_id", "person_id", "allowed", "create_time"),
                *("expire_time", "timer_id"),
            ),
        )

    def make(self, record: asyncpg.Record) -> Hold:
        """Builds a hold, as yet without its postings."""
        hold = super().make(record)
        hold.state = HoldState(hold.state)
        return hold

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[Any], state: State
    ) -> None:
        keys = list(keys)
        await super().load(connection, economy_id, keys, state)
        rows = state.rows[Hold]
        found = {rows[key].create_sequence: rows[key] for key in keys if rows[key] is not None}
        if not found:
            return
        postings: dict[int, list[HeldPosting]] = {sequence: [] for sequence in found}
        for sequence, *posting in await connection.fetch(_POSTINGS, economy_id, int_array(found)):
            postings[sequence].append(HeldPosting(*posting))
        for sequence, hold in found.items():
            hold.postings = tuple(postings[sequence])
        await _load_touched(connection, economy_id, found.values(), state)


class HeldPostingJournal:
    """Appends postings of holds. Records: as `decide_holds` makes them."""

    name = HELD_POSTINGS

    def writes(self, economy_id: int, records: list[tuple[int, ...]]) -> list[Write]:
        columns = map(int_array, zip(*records, strict=True))
        return [Statement(_INSERT_POSTINGS, [economy_id, *columns], len(records))]


async def _load_touched(
    connection: asyncpg.Connection, economy_id: int, found: Iterable[Hold], state: State
) -> None:
    """Loads what the ends of these holds change, unless it is there already."""
    wanted: dict[Any, set[Any]] = {
        Timer: set(),
        Account: {SINK},
        Asset: set(),
        Balance: set(),
        SpendingLimit: set(),
    }
    for hold in found:
        # An ended hold is only ever looked at.
        if hold.state != HoldState.OPEN:
            continue
        wanted[Timer].add(hold.timer_id)
        wanted[SpendingLimit] |= limits_of_hold(
            hold.application_id, hold.reserved, allowed=hold.allowed
        )
        for source, destination, asset, _, _ in hold.postings:
            wanted[Account].update((source, destination))
            wanted[Asset].add(asset)
            wanted[Balance].update(((source, asset), (destination, asset), (SINK, asset)))
    tables: tuple[BulkTable[Any], ...] = (TIMERS, ACCOUNTS, ASSETS, BALANCES, LIMITS)
    for table in tables:
        missing = wanted[table.row_type].difference(state.rows[table.row_type])
        if missing:
            await table.load(connection, economy_id, missing, state)


HOLDS = HoldTable()
