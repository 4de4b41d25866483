"""How the ledger's rows and records reach Postgres: loaders, and the journal as binary COPY."""

from collections.abc import Iterable
from struct import Struct
from typing import Any

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.decide import CHECKPOINTS, POSTINGS
from ticketonomics_server.ledger.model import Account, AllBalances, Asset, Balance
from ticketonomics_server.ledger.tables import accounts, assets, balances
from ticketonomics_server.storage.copying import copy_packed
from ticketonomics_server.storage.rows import BulkTable

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


class PostingJournal:
    """Appends postings. Records: as `decide._record` makes them."""

    name = POSTINGS

    async def write(
        self, connection: asyncpg.Connection, economy_id: int, records: list[tuple[Any, ...]]
    ) -> None:
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
        await copy_packed(connection, "postings", _POSTING_COLUMNS, rows)


class CheckpointJournal:
    """Appends checkpoints. Records: account id, asset id, sequence, posted."""

    name = CHECKPOINTS

    async def write(
        self, connection: asyncpg.Connection, economy_id: int, records: list[tuple[int, ...]]
    ) -> None:
        await connection.copy_records_to_table(
            "checkpoints",
            columns=("economy_id", "account_id", "asset_id", "sequence", "posted"),
            records=[(economy_id, *record) for record in records],
        )


_BALANCE_COLUMNS = (
    "c.address AS account, s.code AS asset, b.account_id, b.asset_id,"
    " b.posted, b.held, b.last_sequence, b.entry_count"
)


class BalanceTable(BulkTable[Balance]):
    """Balances, whose key in the state is made of address and code instead of ids."""

    def __init__(self) -> None:
        super().__init__(Balance, balances, key=("account_id", "asset_id"))
        self.load_sql = (
            f"SELECT {_BALANCE_COLUMNS} FROM unnest($2::text[], $3::text[]) AS k(address, code)"
            " JOIN accounts c ON c.economy_id = $1 AND c.address = k.address"
            " JOIN assets s ON s.economy_id = $1 AND s.code = k.code"
            " JOIN balances b ON b.economy_id = $1"
            " AND b.account_id = c.account_id AND b.asset_id = s.asset_id"
        )


class AllBalancesTable:
    """Loads all balances of whole accounts into the state, where they are not there yet."""

    row_type = AllBalances
    load_sql = (
        f"SELECT {_BALANCE_COLUMNS} FROM accounts c"
        " JOIN balances b ON b.economy_id = $1 AND b.account_id = c.account_id"
        " JOIN assets s ON s.economy_id = $1 AND s.asset_id = b.asset_id"
        " WHERE c.economy_id = $1 AND c.address = ANY($2::text[])"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        addresses = list(keys)
        kept = state.rows[Balance]
        for record in await connection.fetch(self.load_sql, economy_id, addresses):
            balance = Balance(**dict(record.items()))
            if kept.get(balance.key) is None:
                kept[balance.key] = balance
        state.rows[AllBalances].update(dict.fromkeys(addresses))

    async def write(self, *_: object, **__: object) -> None:
        """Writes nothing: the balances are `BalanceTable`'s."""


ACCOUNTS = BulkTable(Account, accounts, key=("address",), unchanging=("address", "open_time"))
ASSETS = BulkTable(Asset, assets, key=("code",), unchanging=("code", "kind", "create_time"))
BALANCES = BalanceTable()
