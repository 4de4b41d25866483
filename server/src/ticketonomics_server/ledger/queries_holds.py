"""Reads of holds."""

import sqlalchemy as sa

from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.ledger.model_holds import HeldPosting, Hold, HoldState, hold_name
from ticketonomics_server.ledger.queries import read_texts
from ticketonomics_server.ledger.tables import accounts, assets, held_postings, holds
from ticketonomics_server.storage.reading import Snapshot

_COLUMNS = [column for column in holds.c if column.name != "economy_id"]
_source, _destination = accounts.alias("source"), accounts.alias("destination")


async def find_hold(snapshot: Snapshot, hold_id: bytes) -> tuple[Hold, Text | None]:
    """Finds a hold and its text, or refuses with HOLD_NOT_FOUND."""
    query = sa.select(*_COLUMNS).where(
        holds.c.economy_id == snapshot.economy_id, holds.c.hold_id == hold_id
    )
    found = await _read(snapshot, query)
    if not found:
        raise Rejection(Reason.HOLD_NOT_FOUND, "there is no such hold", hold=hold_name(hold_id))
    return found[0]


async def list_holds(
    snapshot: Snapshot, *, account_id: int | None, state: int, below: int, limit: int
) -> list[tuple[Hold, Text | None]]:
    """Lists holds created below an entry, newest first.

    Args:
        account_id: Only those with this account on either side.
        state: Only those in this state; 0 for any.
    """
    wanted = [holds.c.economy_id == snapshot.economy_id, holds.c.create_sequence < below]
    if state:
        wanted.append(holds.c.state == state)
    query = sa.select(*_COLUMNS).where(*wanted)
    if account_id is not None:
        # Each side by its own index, and no further than the page: an OR would walk through all.
        sides = [
            sa.select(holds.c.create_sequence)
            .distinct()
            .join(held_postings, _BELONGS)
            .where(*wanted, side == account_id, held_postings.c.sequence < below)
            .order_by(holds.c.create_sequence.desc())
            .limit(limit)
            .subquery()
            for side in (held_postings.c.source_id, held_postings.c.destination_id)
        ]
        query = query.where(holds.c.create_sequence.in_(sa.union(*map(sa.select, sides))))
    return await _read(snapshot, query.order_by(holds.c.create_sequence.desc()).limit(limit))


async def _read(
    snapshot: Snapshot, query: sa.Select[tuple[object, ...]]
) -> list[tuple[Hold, Text | None]]:
    rows = (await snapshot.connection.execute(query)).mappings().all()
    found = {row["create_sequence"]: Hold(**row) for row in rows}
    if not found:
        return []
    postings: dict[int, list[HeldPosting]] = {sequence: [] for sequence in found}
    for sequence, *posting in await snapshot.connection.execute(
        _POSTINGS, {"economy_id": snapshot.economy_id, "sequences": list(found)}
    ):
        postings[sequence].append(HeldPosting(*posting))
    texts = await read_texts(snapshot, list(found))
    for sequence, hold in found.items():
        hold.state = HoldState(hold.state)
        hold.postings = tuple(postings[sequence])
    return [(hold, texts.get(sequence)) for sequence, hold in found.items()]


_p = held_postings.c
_BELONGS = sa.and_(_p.economy_id == holds.c.economy_id, _p.sequence == holds.c.create_sequence)
_POSTINGS = (
    sa.select(
        _p.sequence,
        _source.c.address,
        _destination.c.address,
        assets.c.code,
        _p.amount,
        _p.fee,
    )
    .join(
        _source,
        sa.and_(_source.c.economy_id == _p.economy_id, _source.c.account_id == _p.source_id),
    )
    .join(
        _destination,
        sa.and_(
            _destination.c.economy_id == _p.economy_id,
            _destination.c.account_id == _p.destination_id,
        ),
    )
    .join(assets, sa.and_(assets.c.economy_id == _p.economy_id, assets.c.asset_id == _p.asset_id))
    .where(
        _p.economy_id == sa.bindparam("economy_id"),
        _p.sequence == sa.func.any(sa.bindparam("sequences")),
    )
    .order_by(_p.sequence, _p.position)
)
