"""Reads of rewards, networks and flags. Each takes a snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.tables import blocks, entries
from ticketonomics_server.identity.queries_people import list_parts
from ticketonomics_server.identity.tables import people
from ticketonomics_server.rewards.decide_networks import no_flag, no_network
from ticketonomics_server.rewards.model import (
    AdNetwork,
    AdNetworkKey,
    Flag,
    Paid,
    Participant,
    Source,
)
from ticketonomics_server.rewards.tables import (
    ad_network_keys,
    ad_networks,
    flags,
    participants,
    past_tallies,
    referral_codes,
    rewards,
    tallies,
)
from ticketonomics_server.storage.reading import Snapshot

# How many facts follow in an event; see `paying.pay`.
HEAD_FIELDS = 7
FACTS = {Source.DAILY: 1, Source.TAP: 5, Source.AD: 3, Source.CHAT: 1, Source.REFERRAL: 3}


@dataclass(slots=True, frozen=True)
class FoundReward:
    """A reward as its entry tells it, with its place in the list."""

    sequence: int
    part: int
    paid: Paid
    time: datetime


class DayTally(NamedTuple):
    """What was counted on a day."""

    day: int
    series: str
    counted: int
    amount: int


class NetworkWithKeys(NamedTuple):
    """A network, and all its keys."""

    network: AdNetwork
    keys: list[AdNetworkKey]

    @property
    def network_id(self) -> str:
        return self.network.network_id


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column.name != "economy_id"]


def read_paid(event: bytes) -> Paid:
    """Reads from an entry what was paid, to the first person of it."""
    fields: list[Any] = decode_fields(event)
    source, person_id, _, amount = Source(fields[0]), fields[1], fields[2], fields[3]
    facts = fields[HEAD_FIELDS:]
    if source == Source.REFERRAL:
        return Paid(source, person_id, amount, (facts[0], person_id))
    told = 2 if source == Source.TAP else FACTS[source]
    return Paid(source, person_id, amount, tuple(facts[:told]))


async def find_paid(snapshot: Snapshot, sequence: int) -> tuple[Paid, datetime]:
    """Finds what an entry paid, and when."""
    row = (
        await snapshot.connection.execute(
            sa.select(entries.c.event).where(
                entries.c.economy_id == snapshot.economy_id, entries.c.sequence == sequence
            )
        )
    ).one()
    time = await snapshot.connection.scalar(
        sa.select(blocks.c.block_time)
        .where(blocks.c.economy_id == snapshot.economy_id, blocks.c.last_sequence >= sequence)
        .order_by(blocks.c.last_sequence)
        .limit(1)
    )
    assert time is not None, "an entry is in a block"
    return read_paid(row.event), time


async def list_rewards(
    snapshot: Snapshot, person_id: str, *, source: int, below: tuple[int, int], limit: int
) -> list[FoundReward]:
    """Lists a person's rewards, newest first, also of all who became part of the person.

    Args:
        below: Entry, and part of it, of the last reward of the page before.
    """
    r = rewards.c
    conditions = [
        r.economy_id == snapshot.economy_id,
        r.person_id.in_(await list_parts(snapshot, person_id)),
        sa.tuple_(r.sequence, r.part) < sa.tuple_(*below),
    ]
    if source:
        conditions.append(r.source == source)
    rows = await snapshot.connection.execute(
        sa.select(r.sequence, r.part, r.person_id, r.amount, r.time, entries.c.event)
        .join(
            entries,
            sa.and_(entries.c.economy_id == r.economy_id, entries.c.sequence == r.sequence),
        )
        .where(*conditions)
        .order_by(r.sequence.desc(), r.part.desc())
        .limit(limit)
    )
    return [
        FoundReward(row.sequence, row.part, _of(row.person_id, row.amount, row.event), row.time)
        for row in rows
    ]


def _of(person_id: str, amount: int, event: bytes) -> Paid:
    paid = read_paid(event)
    return Paid(paid.source, person_id, amount, paid.facts)


async def find_participant(snapshot: Snapshot, person_id: str) -> Participant | None:
    """Finds what a person has used up."""
    row = (
        await snapshot.connection.execute(
            sa.select(*_columns(participants)).where(
                participants.c.economy_id == snapshot.economy_id,
                participants.c.person_id == person_id,
            )
        )
    ).one_or_none()
    return None if row is None else Participant(**row._mapping)


async def person_exists(snapshot: Snapshot, person_id: str) -> bool:
    """Tells whether there is, or was, such a person."""
    return bool(
        await snapshot.connection.scalar(
            sa.select(
                sa.exists().where(
                    people.c.economy_id == snapshot.economy_id, people.c.person_id == person_id
                )
            )
        )
    )


async def read_spent(snapshot: Snapshot, day: int) -> dict[str, int]:
    """Reads what was paid on the day of now, by series."""
    rows = await snapshot.connection.execute(
        sa.select(tallies.c.series, tallies.c.amount).where(
            tallies.c.economy_id == snapshot.economy_id,
            tallies.c.day == day,
            sa.not_(tallies.c.series.like("ad/%")),
        )
    )
    return {row.series: row.amount for row in rows}


async def read_clock(snapshot: Snapshot) -> datetime:
    """Reads the database's clock."""
    now: datetime | None = await snapshot.connection.scalar(sa.text("SELECT clock_timestamp()"))
    assert now is not None, "the database has a clock"
    return now


async def find_owner_of_code(snapshot: Snapshot, code: str) -> str:
    """Tells whose code it is; empty for nobody's."""
    found = await snapshot.connection.scalar(
        sa.select(referral_codes.c.person_id).where(
            referral_codes.c.economy_id == snapshot.economy_id, referral_codes.c.code == code
        )
    )
    return found or ""


async def list_tallies(
    snapshot: Snapshot,
    *,
    views: bool,
    series: str,
    days: tuple[int, int],
    behind: tuple[int, str],
    limit: int,
) -> list[DayTally]:
    """Lists what was counted day by day, newest day first, then by series.

    Args:
        views: Views of ads by network and region; else sources.
        series: Only this one; empty for all.
        days: The first and the last.
        behind: Day and series of the last one that is listed already.
    """
    parts = []
    for table in (tallies, past_tallies):
        c = table.c
        of_views = c.series.like("ad/%")
        conditions = [
            c.economy_id == snapshot.economy_id,
            c.day.between(*days),
            of_views if views else sa.not_(of_views),
            sa.or_(c.day < behind[0], sa.and_(c.day == behind[0], c.series > behind[1])),
        ]
        if series:
            conditions.append(c.series == series)
        parts.append(
            sa.select(c.day, c.series, c["count"], c.amount)
            .where(*conditions)
            .order_by(c.day.desc(), c.series)
            .limit(limit)
            .subquery()
            .select()
        )
    both = sa.union_all(*parts).subquery()
    rows = await snapshot.connection.execute(
        sa.select(both).order_by(both.c.day.desc(), both.c.series).limit(limit)
    )
    return [DayTally(*row) for row in rows]


async def find_network(snapshot: Snapshot, network_id: str) -> NetworkWithKeys:
    """Finds a network with its keys, or refuses with AD_NETWORK_NOT_FOUND."""
    found = await _networks(snapshot, ad_networks.c.network_id == network_id, 1)
    if not found:
        raise no_network(network_id)
    return found[0]


async def list_networks(snapshot: Snapshot, *, after: str, limit: int) -> list[NetworkWithKeys]:
    """Lists networks by id, those after an id."""
    return await _networks(snapshot, ad_networks.c.network_id > after, limit)


async def _networks(
    snapshot: Snapshot, condition: sa.ColumnElement[bool], limit: int
) -> list[NetworkWithKeys]:
    rows = await snapshot.connection.execute(
        sa.select(*_columns(ad_networks))
        .where(ad_networks.c.economy_id == snapshot.economy_id, condition)
        .order_by(ad_networks.c.network_id)
        .limit(limit)
    )
    networks = [AdNetwork(**row._mapping) for row in rows]
    keys: dict[str, list[AdNetworkKey]] = {network.network_id: [] for network in networks}
    rows = await snapshot.connection.execute(
        sa.select(*_columns(ad_network_keys))
        .where(
            ad_network_keys.c.economy_id == snapshot.economy_id,
            ad_network_keys.c.network_id.in_(list(keys)),
        )
        .order_by(ad_network_keys.c.create_sequence.desc())
    )
    for row in rows:
        keys[row.network_id].append(AdNetworkKey(**row._mapping))
    return [NetworkWithKeys(network, keys[network.network_id]) for network in networks]


async def find_flag(snapshot: Snapshot, flag_id: str) -> Flag:
    """Finds a flag, or refuses with FLAG_NOT_FOUND."""
    row = (
        await snapshot.connection.execute(
            sa.select(*_columns(flags)).where(
                flags.c.economy_id == snapshot.economy_id, flags.c.flag_id == flag_id
            )
        )
    ).one_or_none()
    if row is None:
        raise no_flag(flag_id)
    return Flag(**row._mapping)


async def list_flags(
    snapshot: Snapshot, *, state: int, rule: int, behind: tuple[int, str], limit: int
) -> Sequence[Flag]:
    """Lists flags, those hit last first."""
    c = flags.c
    conditions = [
        c.economy_id == snapshot.economy_id,
        sa.or_(
            c.last_sequence < behind[0],
            sa.and_(c.last_sequence == behind[0], c.flag_id < behind[1]),
        ),
    ]
    if state:
        conditions.append(c.state == state)
    if rule:
        conditions.append(c.rule == rule)
    rows = await snapshot.connection.execute(
        sa.select(*_columns(flags))
        .where(*conditions)
        .order_by(c.last_sequence.desc(), c.flag_id.desc())
        .limit(limit)
    )
    return [Flag(**row._mapping) for row in rows]
