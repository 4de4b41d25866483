"""How the ledger's rows and records reach Postgres: loaders, and the journal as binary COPY."""

from collections.abc import Iterable
from struct import Struct
from typing import Any

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.decide import CHECKPOINTS, POSTINGS
from ticketonomics_server.ledger.model import Account, AllBalances, Asset, Balance
from ticketonomics_server.ledger.tables import accounts, assets, balances
from ticketonomics_server.storage.arrays import int_array, uuid_array
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import FEW, Copy, Statement, Write

# A row of COPY's binary format: the number of fields, then each field's length and value.
# https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
_FIRST_POSTING = Struct(">h iq iq iq iq i16s ii ii ii ii ih ih".replace(" ", ""))
_OTHER_POSTING = Struct(">h iq iq iq iq i ii ii ii ii ih ih".replace(" ", ""))
_POSTING_COLUMNS = (
    "sequence",
    "amount",
    "previous_of_source",
    "previous_of_destination",
    "transaction_id",
    "economy_id",
    "source_id",
    "destination_id",
    "asset_id",
    "position",
    "kind",
)

# Place of the only column of a record that is no integer.
_TRANSACTION_ID = 4
_INSERT_POSTINGS = """
INSERT INTO postings (economy_id, transaction_id, sequence, amount, previous_of_source,
                      previous_of_destination, source_id, destination_id, asset_id, position, kind)
SELECT {0}::int, v.* FROM unnest(
    {1}::text::uuid[], {2}::text::bigint[], {3}::text::bigint[], {4}::text::bigint[],
    {5}::text::bigint[], {6}::text::int[], {7}::text::int[], {8}::text::int[],
    {9}::text::smallint[], {10}::text::smallint[]) v
"""


class PostingJournal:
    """Appends postings. Records: as `decide.post_changes` makes them."""

    name = POSTINGS

    def writes(self, economy_id: int, records: list[tuple[Any, ...]]) -> list[Write]:
        if len(records) < FEW:
            columns = list(zip(*records, strict=True))
            transaction_ids = columns.pop(_TRANSACTION_ID)
            arguments = [economy_id, uuid_array(transaction_ids), *map(int_array, columns)]
            return [Statement(_INSERT_POSTINGS, arguments, len(records))]
        first, other = _FIRST_POSTING.pack, _OTHER_POSTING.pack
        rows = [
            first(
                11, 8, sequence, 8, amount, 8, of_source, 8, of_destination, 16, transaction_id,
                4, economy_id, 4, source, 4, destination, 4, asset, 2, position, 2, kind,
            )
            if transaction_id is not None
            else other(
                11, 8, sequence, 8, amount, 8, of_source, 8, of_destination, -1,
                4, economy_id, 4, source, 4, destination, 4, asset, 2, position, 2, kind,
            )
            for (
                sequence, amount, of_source, of_destination, transaction_id,
                source, destination, asset, position, kind,
            ) in records
        ]  # fmt: skip
        return [Copy("postings", _POSTING_COLUMNS, rows)]


class CheckpointJournal:
    """Appends checkpoints. Records: account id, asset id, sequence, posted."""

    name = CHECKPOINTS

    def writes(self, economy_id: int, records: list[tuple[int, ...]]) -> list[Write]:
        columns = map(int_array, zip(*records, strict=True))
        return [Statement(_INSERT_CHECKPOINTS, [economy_id, *columns], len(records))]


_INSERT_CHECKPOINTS = """
INSERT INTO checkpoints (economy_id, account_id, asset_id, sequence, posted)
SELECT {0}::int, v.* FROM unnest(
    {1}::text::int[], {2}::text::int[], {3}::text::bigint[], {4}::text::bigint[]) v
"""


class BalanceTable(BulkTable[Balance]):
    """Balances, whose key in the state is made of address and code instead of ids."""

    def __init__(self) -> None:
        super().__init__(Balance, balances, key=("account_id", "asset_id"))

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[Any], state: State
    ) -> None:
        """Loads by ids, which the accounts and assets loaded before tell.

        A join by names goes quadratic while Postgres has no statistics of a young table.
        """
        accounts, assets, kept = state.rows[Account], state.rows[Asset], state.rows[Balance]
        names: dict[tuple[int, int], tuple[str, str]] = {}
        for address, code in keys:
            kept[address, code] = None
            account, asset = accounts.get(address), assets.get(code)
            if account is not None and asset is not None:
                names[account.account_id, asset.asset_id] = address, code
        if not names:
            return
        ids = map(int_array, zip(*names, strict=True))
        for record in await connection.fetch(self.load_sql, economy_id, *ids):
            address, code = names[record["account_id"], record["asset_id"]]
            kept[address, code] = Balance(address, code, **record)


class AllBalancesTable:
    """Loads all balances of whole accounts into the state, where they are not there yet."""

    row_type = AllBalances
    by_key = False
    load_sql = (
        "SELECT c.address AS account, s.code AS asset, b.account_id, b.asset_id,"
        " b.posted, b.held, b.last_sequence, b.entry_count FROM accounts c"
        " JOIN balances b ON b.economy_id = $1 AND b.account_id = c.account_id"
        " JOIN assets s ON s.economy_id = $1 AND s.asset_id = b.asset_id"
        " WHERE c.economy_id = $1 AND c.address = ANY($2::text[])"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        codes: dict[str, set[str]] = {address: set() for address in keys}
        kept = state.rows[Balance]
        for record in await connection.fetch(self.load_sql, economy_id, list(codes)):
            balance = Balance(**record)
            codes[balance.account].add(balance.asset)
            if kept.get(balance.key) is None:
                kept[balance.key] = balance
        state.rows[AllBalances].update(codes)

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: the balances are `BalanceTable`'s."""
        return []


ACCOUNTS = BulkTable(Account, accounts, key=("address",), unchanging=("address", "open_time"))
ASSETS = BulkTable(Asset, assets, key=("code",), unchanging=("code", "kind", "create_time"))
BALANCES = BalanceTable()
