"""Reads of pools, their history, and who has shares in them. Each takes a snapshot."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ticketonomics_server.amm.decide import no_pool
from ticketonomics_server.amm.model import Pool
from ticketonomics_server.amm.tables import pools
from ticketonomics_server.ledger.histories import list_history
from ticketonomics_server.ledger.queries import JournalTransaction, read_transactions
from ticketonomics_server.ledger.tables import MINT_ID, SINK_ID, assets, balances
from ticketonomics_server.storage.reading import Snapshot


@dataclass(slots=True, eq=False)
class ShownPool(Pool):
    """A pool with its reserves, and the decimals that its price needs."""

    base_reserve: int = 0
    quote_reserve: int = 0
    share_supply: int = 0
    base_decimals: int = 0
    quote_decimals: int = 0

    def reserves(self, asset_in: str) -> tuple[int, int]:
        """Returns the reserve of what is given, then that of what is received."""
        if asset_in == self.base:
            return self.base_reserve, self.quote_reserve
        return self.quote_reserve, self.base_reserve


@dataclass(slots=True, frozen=True)
class Position:
    """An account's shares of a pool."""

    pool: ShownPool
    account: str
    shares: int
    create_sequence: int


_p = pools.c


def _posted(account_id: Any, asset_id: Any) -> sa.ScalarSelect[Any]:
    """What an account has of an asset, beside a pool's row."""
    c = balances.alias().c
    return (
        sa.select(c.posted)
        .where(c.economy_id == _p.economy_id, c.account_id == account_id, c.asset_id == asset_id)
        .scalar_subquery()
    )


def _decimals(asset_id: Any) -> sa.ScalarSelect[Any]:
    c = assets.alias().c
    return (
        sa.select(c.decimals)
        .where(c.economy_id == _p.economy_id, c.asset_id == asset_id)
        .scalar_subquery()
    )


_COLUMNS = [column for column in pools.c if column.name != "economy_id"]
_POOLS = sa.select(
    *_COLUMNS,
    _posted(_p.account_id, _p.base_id).label("base_reserve"),
    _posted(_p.account_id, _p.quote_id).label("quote_reserve"),
    (
        -_posted(MINT_ID, _p.share_id)
        - sa.func.coalesce(_posted(SINK_ID, _p.share_id), sa.literal(0))
    ).label("share_supply"),
    _decimals(_p.base_id).label("base_decimals"),
    _decimals(_p.quote_id).label("quote_decimals"),
)


async def find_pool(snapshot: Snapshot, pool_id: str) -> ShownPool:
    """Finds a pool, or refuses with POOL_NOT_FOUND."""
    query = _POOLS.where(_p.economy_id == snapshot.economy_id, _p.pool_id == pool_id)
    row = (await snapshot.connection.execute(query)).one_or_none()
    if row is None:
        raise no_pool(pool_id)
    return ShownPool(**row._mapping)


async def list_pools(snapshot: Snapshot, *, asset: str, behind: int, limit: int) -> list[ShownPool]:
    """Lists pools in the order of their creation, those behind an entry.

    Args:
        asset: Only those with this asset on a side; empty for all.
    """
    query = (
        _POOLS.where(_p.economy_id == snapshot.economy_id, _p.create_sequence > behind)
        .order_by(_p.create_sequence)
        .limit(limit)
    )
    if asset:
        query = query.where(sa.or_(_p.base == asset, _p.quote == asset))
    return [ShownPool(**row._mapping) for row in await snapshot.connection.execute(query)]


async def list_pool_history(
    snapshot: Snapshot, pool: Pool, *, below: int, limit: int
) -> list[JournalTransaction]:
    """Lists what changed a pool's reserves below an entry, newest first.

    All of it moves the base asset, so it is the history of that balance.
    """
    sequences = await list_history(
        snapshot,
        account_id=pool.account_id,
        asset_id=pool.base_id,
        after=0,
        below=below,
        limit=limit,
    )
    return list(reversed(await read_transactions(snapshot, sequences)))


async def list_positions(
    snapshot: Snapshot, *, account: str, account_id: int, behind: int, limit: int
) -> list[Position]:
    """Lists what an account has of pools, by their creation, those behind an entry."""
    held = balances.alias().c
    query = (
        _POOLS.add_columns(held.posted.label("posted"))
        .join(
            held.posted.table,
            sa.and_(held.economy_id == _p.economy_id, held.asset_id == _p.share_id),
        )
        .where(
            _p.economy_id == snapshot.economy_id,
            held.account_id == account_id,
            held.posted > 0,
            _p.create_sequence > behind,
        )
        .order_by(_p.create_sequence)
        .limit(limit)
    )
    positions = []
    for row in await snapshot.connection.execute(query):
        fields = dict(row._mapping)
        shares = fields.pop("posted")
        positions.append(Position(ShownPool(**fields), account, shares, row.create_sequence))
    return positions
