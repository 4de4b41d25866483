"""Replays what was allowed and what was taken, and compares allowances and budgets with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from struct import error as StructError  # noqa: N812 - it is a class.
from typing import Any

import asyncpg

from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.spending.model import EntryKind, RecordKind, period_start
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

PAGE = 4_096

_RECORDS = """
SELECT sequence, application_id, person_id, asset, kind, amount, record_time FROM spending_records
WHERE economy_id = $1 AND (sequence, application_id, person_id, asset) > ($2, $3, $4, $5)
ORDER BY sequence, application_id, person_id, asset LIMIT $6
"""
_LIMITS = """
SELECT application_id, person_id, asset, amount, period, spent, start_time, since_sequence,
       set_time, expire_time
FROM spending_limits WHERE economy_id = $1 AND (application_id, person_id, asset) > ($2, $3, $4)
ORDER BY application_id, person_id, asset LIMIT $5
"""
_WRONG_TIMES = """
SELECT r.sequence FROM spending_records r
WHERE r.economy_id = $1 AND r.sequence BETWEEN $2 AND $3 AND r.record_time IS DISTINCT FROM (
    SELECT b.block_time FROM blocks b WHERE b.economy_id = $1 AND b.last_sequence >= r.sequence
    ORDER BY b.last_sequence LIMIT 1) LIMIT 20
"""
# An allowance counts what the person's account lost, a budget what all accounts lost that lost
# something; or what a hold set aside.
_WRONG_AMOUNTS = """
SELECT r.sequence FROM spending_records r
LEFT JOIN accounts c ON c.economy_id = $1 AND c.address = 'users/' || r.person_id
LEFT JOIN assets a ON a.economy_id = $1 AND a.code = r.asset
WHERE r.economy_id = $1 AND r.sequence BETWEEN $2 AND $3 AND r.kind = $4
    AND r.amount IS DISTINCT FROM (
    SELECT coalesce(sum(lost), 0) FROM (
        SELECT account_id, sum(lost) AS lost FROM (
            SELECT p.source_id AS account_id, p.amount AS lost FROM postings p
            WHERE p.economy_id = $1 AND p.sequence = r.sequence AND p.asset_id = a.asset_id
            UNION ALL SELECT p.destination_id, -p.amount FROM postings p
            WHERE p.economy_id = $1 AND p.sequence = r.sequence AND p.asset_id = a.asset_id
        ) moved GROUP BY account_id
    ) netted WHERE lost > 0 AND (r.person_id = '' OR account_id = c.account_id)
) + (
    SELECT coalesce(sum(h.amount + h.fee), 0) FROM held_postings h
    WHERE h.economy_id = $1 AND h.sequence = r.sequence AND h.asset_id = a.asset_id
        AND (r.person_id = '' OR h.source_id = c.account_id)
) ORDER BY r.sequence LIMIT 20
"""

Key = tuple[str, str, str]


@dataclass(slots=True)
class Terms:
    """What an entry says of a limit; None for the amount where it takes the limit away."""

    amount: int | None
    period: int = 0
    expire_time: datetime | None = None


@dataclass(slots=True)
class ReplayedLimit:
    """A limit as entries and records make it, field by field as its row."""

    amount: int
    period: int
    spent: int
    start_time: datetime
    since_sequence: int
    set_time: datetime
    expire_time: datetime | None

    def fields(self) -> tuple[Any, ...]:
        return (
            self.amount,
            self.period,
            self.spent,
            self.start_time,
            self.since_sequence,
            self.set_time,
            self.expire_time,
        )


class SpendingReplay:
    """Collects what the entries of this room say."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.terms: dict[tuple[int, Key], Terms] = {}

    def define(self, sequence: int, kind: int, event: bytes) -> None:
        """Replays an entry, if it is one of this room's."""
        if kind not in _KINDS:
            return
        try:
            key, terms = _read_terms(kind, decode_fields(event))
            self.terms[sequence, key] = terms
        except (ValueError, TypeError, LookupError, OverflowError, StructError):
            self._findings.add(
                Invariant.SPENDING_WITHIN_LIMITS, f"entry {sequence} tells of no limit"
            )


_KINDS = frozenset(map(int, EntryKind))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _read_terms(kind: int, fields: list[Any]) -> tuple[Key, Terms]:
    if kind == EntryKind.ALLOWANCE_GRANTED:
        application, person, asset, amount, period, micros, _ = fields
        expiry = _EPOCH + timedelta(microseconds=micros) if micros else None
        return (application, person, asset), Terms(amount, period, expiry)
    if kind == EntryKind.ALLOWANCE_REVOKED:
        application, person, asset, _ = fields
        return (application, person, asset), Terms(None)
    if kind == EntryKind.BUDGET_SET:
        application, asset, amount, period, _ = fields
        return (application, "", asset), Terms(amount, period)
    application, asset, _ = fields
    return (application, "", asset), Terms(None)


class SpendingComparison:
    """Replays the records in order, page by page, and then compares the limits with them.

    Args:
        roll_forward: Replays the journal up to a head that was read together with a page.
    """

    def __init__(
        self,
        reader: JournalReader,
        replay: SpendingReplay,
        findings: Findings,
        roll_forward: RollForward,
    ) -> None:
        self._reader = reader
        self._terms = replay.terms
        self._findings = findings
        self._roll_forward = roll_forward
        self._limits: dict[Key, ReplayedLimit] = {}
        self._read_to: tuple[int, str, str, str] = (0, "", "", "")

    async def run(self) -> None:
        """Compares everything."""
        reader = self._reader
        more = True
        while more:
            async with reader.snapshot():
                head = await reader.head()
                records = await self._read_records(PAGE)
            await self._roll_forward(head)
            self._replay(records)
            more = len(records) == PAGE
        await self._compare_limits()
        for sequence, _ in self._terms:
            self._tell(f"entry {sequence} sets a limit, and no record says so")

    async def _read_records(self, limit: int) -> Sequence[asyncpg.Record]:
        """Reads the next records, and looks at what the journal has of their entries."""
        reader = self._reader
        records: Sequence[asyncpg.Record] = await reader.fetch(_RECORDS, *self._read_to, limit)
        if records:
            ends = records[0]["sequence"], records[-1]["sequence"]
            for (sequence,) in await reader.fetch(_WRONG_TIMES, *ends):
                self._tell(f"the records of entry {sequence} have another time than its block")
            for (sequence,) in await reader.fetch(_WRONG_AMOUNTS, *ends, RecordKind.SPENT):
                self._tell(f"entry {sequence} took another amount than its record says")
        return records

    async def _compare_limits(self) -> None:
        reader = self._reader
        behind: Key = ("", "", "")
        more = True
        while more:
            async with reader.snapshot():
                head = await reader.head()
                rows = await reader.fetch(_LIMITS, *behind, PAGE)
                # All there are since: the rows are compared with what they come to.
                records = await self._read_records(2**31 - 1)
            await self._roll_forward(head)
            self._replay(records)
            more = len(rows) == PAGE
            stored = {(row[0], row[1], row[2]): tuple(row)[3:] for row in rows}
            last = max(stored) if more else None
            made = {
                key: limit.fields()
                for key, limit in self._limits.items()
                if key > behind and (last is None or key <= last)
            }
            for key in stored.keys() | made.keys():
                if stored.get(key) != made.get(key):
                    self._tell(f"the limit {_name(key)} is not as its entries make it")
            behind = last or behind

    # --- records ------------------------------------------------------------------------------

    def _replay(self, records: Sequence[asyncpg.Record]) -> None:
        for record in records:
            sequence, application, person, asset, kind, amount, time = record
            key = application, person, asset
            self._read_to = sequence, *key
            if kind in (RecordKind.SET, RecordKind.REMOVED):
                self._set(sequence, key, kind, amount, time)
            else:
                self._count(sequence, key, kind, amount, time)

    def _set(self, sequence: int, key: Key, kind: int, amount: int, time: datetime) -> None:
        terms = self._terms.pop((sequence, key), None)
        if terms is None or (amount if kind == RecordKind.SET else None) != terms.amount:
            self._tell(f"entry {sequence} does not say what its record of {_name(key)} says")
            return
        found = self._limits.get(key)
        if terms.amount is None:
            self._limits.pop(key, None)
        elif found is not None and found.period == terms.period:
            found.amount, found.set_time, found.expire_time = amount, time, terms.expire_time
        else:
            self._limits[key] = ReplayedLimit(
                amount,
                terms.period,
                0,
                period_start(terms.period, time),
                sequence,
                time,
                terms.expire_time,
            )

    def _count(self, sequence: int, key: Key, kind: int, amount: int, time: datetime) -> None:
        limit = self._limits.get(key)
        if limit is None:
            self._tell(f"entry {sequence} counts in {_name(key)}, which is not set")
            return
        if kind == RecordKind.RETURNED:
            limit.spent -= amount
        else:
            start = period_start(limit.period, time)
            limit.spent = amount + (limit.spent if limit.start_time == start else 0)
            limit.start_time = start
            if limit.expire_time is not None and limit.expire_time <= time:
                self._tell(f"entry {sequence} took by {_name(key)} when its time was over")
            if limit.spent > limit.amount:
                self._tell(
                    f"entry {sequence} raised {_name(key)} to {limit.spent} of {limit.amount}"
                )
        if limit.spent < 0:
            self._tell(f"entry {sequence} gave more back to {_name(key)} than was taken")

    def _tell(self, detail: str) -> None:
        self._findings.add(Invariant.SPENDING_WITHIN_LIMITS, detail)


def _name(key: Key) -> str:
    application, person, asset = key
    whose = f"of {person} for" if person else "of"
    return f"{whose} {application} in {asset}"
