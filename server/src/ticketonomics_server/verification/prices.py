"""Recomputes candles from ticks, longer candles from shorter ones, and newest prices from both."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.prices.model import (
    DAY,
    INTERVALS_SECONDS,
    MINUTE,
    SECOND,
    Candle,
    Tick,
    begin_candle,
    interval_start,
)
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

PAGE = 4_096

_RETENTION = "SELECT ticks_from, seconds_from FROM price_retention WHERE economy_id = $1"
_TICKS = """
SELECT sequence, position, instrument, price, size, tick_time FROM ticks
WHERE economy_id = $1 AND (sequence, position) > ($2, $3) ORDER BY sequence, position LIMIT $4
"""
# Every entry has postings or an event.
_WITHOUT_ENTRY = """
SELECT DISTINCT t.sequence FROM ticks t
WHERE t.economy_id = $1 AND t.sequence BETWEEN $2 AND $3
    AND NOT EXISTS (SELECT FROM postings p WHERE p.economy_id = $1 AND p.sequence = t.sequence)
    AND NOT EXISTS (SELECT FROM entries e WHERE e.economy_id = $1 AND e.sequence = t.sequence)
LIMIT 20
"""
_WRONG_TIMES = """
SELECT DISTINCT t.sequence FROM ticks t
WHERE t.economy_id = $1 AND t.sequence BETWEEN $2 AND $3 AND t.tick_time IS DISTINCT FROM (
    SELECT b.block_time FROM blocks b WHERE b.economy_id = $1 AND b.last_sequence >= t.sequence
    ORDER BY b.last_sequence LIMIT 1) LIMIT 20
"""
# A swap moves its two assets and nothing else; a price differs by its rounding at most.
_WRONG_SWAPS = f"""
SELECT t.sequence FROM ticks t
JOIN instruments i ON i.economy_id = $1 AND i.instrument = t.instrument
JOIN assets b ON b.economy_id = $1 AND b.code = i.base
JOIN assets q ON q.economy_id = $1 AND q.code = i.quote
CROSS JOIN LATERAL (
    SELECT min(p.kind) AS kind, sum(p.amount) FILTER (WHERE p.asset_id = b.asset_id) AS base,
        sum(p.amount) FILTER (WHERE p.asset_id = q.asset_id) * power(10::numeric, b.decimals)
            AS paid,
        t.price * t.size * power(10::numeric, q.decimals) AS told
    FROM postings p WHERE p.economy_id = $1 AND p.sequence = t.sequence
) m
WHERE t.economy_id = $1 AND t.sequence BETWEEN $2 AND $3 AND m.kind = {int(LedgerKind.SWAP)}
    AND (m.base IS DISTINCT FROM t.size OR abs(m.paid - m.told) > m.told * 1e-17) LIMIT 20
"""
_SWAPS_WITHOUT_TICK = f"""
SELECT p.sequence FROM postings p
WHERE p.economy_id = $1 AND p.sequence BETWEEN $2 AND $3 AND p.kind = {int(LedgerKind.SWAP)}
    AND p.position = 0 AND NOT EXISTS (
        SELECT FROM ticks t WHERE t.economy_id = $1 AND t.sequence = p.sequence) LIMIT 20
"""
_CANDLES = """
SELECT c.instrument, c.interval_seconds, c.start_time, open, high, low, close, volume, trade_count,
       first_sequence, last_sequence
FROM candles c JOIN unnest($2::text[], $3::int[], $4::timestamptz[])
    AS k(instrument, interval_seconds, start_time)
    USING (instrument, interval_seconds, start_time)
WHERE c.economy_id = $1
"""
_COUNTS = """
SELECT instrument, interval_seconds, count(*) FROM candles
WHERE economy_id = $1 AND first_sequence >= $2
    AND (interval_seconds > 1 OR $3::timestamptz IS NULL OR start_time >= $3)
GROUP BY instrument, interval_seconds
"""
_INSTRUMENTS = """
SELECT i.*, d.* FROM instruments i LEFT JOIN LATERAL (
    SELECT sum(trade_count) AS trades, min(first_sequence) AS first, max(last_sequence) AS last,
        (array_agg(close ORDER BY start_time DESC))[1] AS close
    FROM candles c WHERE c.economy_id = $1 AND c.instrument = i.instrument
        AND c.interval_seconds = $2
) d ON true WHERE i.economy_id = $1 AND i.instrument > $3 ORDER BY i.instrument LIMIT 100
"""
_ROLLED_UP = """
SELECT start_time FROM (
    SELECT date_bin(make_interval(secs => $4::int), start_time, '2000-01-01Z') AS start_time,
        (array_agg(open ORDER BY start_time))[1] AS open, max(high) AS high, min(low) AS low,
        (array_agg(close ORDER BY start_time DESC))[1] AS close, sum(volume) AS volume,
        sum(trade_count) AS trade_count, min(first_sequence) AS first_sequence,
        max(last_sequence) AS last_sequence
    FROM candles WHERE economy_id = $1 AND instrument = $2 AND interval_seconds = $3 GROUP BY 1
) made FULL JOIN (
    SELECT start_time, open, high, low, close, volume, trade_count::numeric, first_sequence,
        last_sequence
    FROM candles WHERE economy_id = $1 AND instrument = $2 AND interval_seconds = $4
) stored USING (start_time, open, high, low, close, volume, trade_count, first_sequence,
                last_sequence)
WHERE made IS NULL OR stored IS NULL LIMIT 20
"""


class PricesReplay:
    """What trades come to. Entries say nothing of them: ticks are the room's own journal."""

    kinds: frozenset[int] = frozenset()
    invariant = Invariant.CANDLES_MATCH_TICKS

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._read_to = (0, 0)
        # The candle of each instrument and interval that the next tick may still add to.
        self._running: dict[tuple[str, int], Candle] = {}
        self._newest: dict[str, Tick] = {}
        self._made: Counter[tuple[str, int]] = Counter()
        self._ticks_from = 1
        self._seconds_from: datetime | None = None
        self._counting = True

    def define(self, entry: ReplayedEntry) -> None:
        """Sees no entry."""

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares page by page, and at last what the newest ticks still add to."""
        await self._read_retention(reader)
        self._read_to = (self._ticks_from, -1)
        more = True
        while more:
            async with reader.snapshot():
                await self._follow_retention(reader)
                ticks = [Tick(*row) for row in await reader.fetch(_TICKS, *self._read_to, PAGE)]
                more = len(ticks) == PAGE
                begin = self._read_to[0]
                end = ticks[-1].sequence if more else (await reader.head()).last_sequence
                await self._check_entries(reader, begin, end)
                done = self._add(ticks)
                await self._compare_candles(reader, done)
                if not more:
                    await self._compare_candles(reader, list(self._running.values()))
                    await self._compare_counts(reader)
                    await self._compare_newest(reader)
        await self._compare_instruments(reader)

    # --- what is kept -------------------------------------------------------------------------

    async def _read_retention(self, reader: JournalReader) -> None:
        for ticks_from, seconds_from in await reader.fetch(_RETENTION):
            self._ticks_from, self._seconds_from = ticks_from, seconds_from

    async def _follow_retention(self, reader: JournalReader) -> None:
        """Takes note of what was deleted meanwhile."""
        before = self._ticks_from
        await self._read_retention(reader)
        if self._ticks_from != before:
            # Candles were counted whose ticks are gone by now.
            self._counting = False
        if self._ticks_from > self._read_to[0]:
            self._read_to = (self._ticks_from, -1)
            self._running.clear()

    # --- ticks --------------------------------------------------------------------------------

    async def _check_entries(self, reader: JournalReader, begin: int, end: int) -> None:
        """Compares ticks from one entry to another one with what the journal has of these."""
        for query, what in (
            (_WITHOUT_ENTRY, "has a tick, and there is no such entry"),
            (_WRONG_TIMES, "has a tick of another time than its block"),
            (_WRONG_SWAPS, "has a tick that is not what it swapped"),
            (_SWAPS_WITHOUT_TICK, "swaps, and has no tick"),
        ):
            for (sequence,) in await reader.fetch(query, begin, end):
                self._tell(f"entry {sequence} {what}")

    def _add(self, ticks: list[Tick]) -> list[Candle]:
        """Adds ticks to the candles, and returns those that are done."""
        done: list[Candle] = []
        for tick in ticks:
            sequence, position = self._read_to
            if tick.position != (position + 1 if tick.sequence == sequence else 0):
                self._tell(f"entry {tick.sequence} lacks a tick before its {tick.position}.")
            self._read_to = tick.sequence, tick.position
            self._newest[tick.instrument] = tick
            for interval in INTERVALS_SECONDS:
                key = tick.instrument, interval
                running = self._running.get(key)
                if running and running.start_time == interval_start(tick.tick_time, interval):
                    running.add(tick)
                    continue
                if running:
                    done.append(running)
                self._running[key] = begin_candle(tick, interval)
        return done

    # --- candles ------------------------------------------------------------------------------

    async def _compare_candles(self, reader: JournalReader, made: list[Candle]) -> None:
        if not made:
            return
        keys = [(c.instrument, c.interval_seconds, c.start_time) for c in made]
        rows = await reader.fetch(_CANDLES, *map(list, zip(*keys, strict=True)))
        stored = {(row[0], row[1], row[2]): Candle(*row) for row in rows}
        for key, candle in zip(keys, made, strict=True):
            found = stored.get(key)
            if self._is_kept(candle) and (found is None or not self._agree(found, candle)):
                self._tell(f"the candle {_name(candle)} is not what its ticks come to")
            if found is not None and found.first_sequence >= self._ticks_from:
                self._made[candle.instrument, candle.interval_seconds] += 1

    def _is_kept(self, candle: Candle) -> bool:
        if candle.interval_seconds > SECOND or self._seconds_from is None:
            return True
        return candle.start_time >= self._seconds_from

    def _agree(self, found: Candle, made: Candle) -> bool:
        if found.first_sequence >= self._ticks_from:
            return found == made
        # Its first ticks are not kept any more.
        return (
            (found.close, found.last_sequence) == (made.close, made.last_sequence)
            and found.high >= made.high
            and found.low <= made.low
            and found.volume >= made.volume
            and found.trade_count >= made.trade_count
        )

    async def _compare_counts(self, reader: JournalReader) -> None:
        """Finds candles without any tick."""
        if not self._counting:
            return
        rows = await reader.fetch(_COUNTS, self._ticks_from, self._seconds_from)
        for instrument, interval, count in rows:
            if count > self._made[instrument, interval]:
                self._tell(
                    f"{instrument} has {count} candles of {interval} s, its ticks make"
                    f" {self._made[instrument, interval]}"
                )

    # --- newest prices ------------------------------------------------------------------------

    async def _compare_newest(self, reader: JournalReader) -> None:
        """Compares the newest prices with the newest ticks."""
        query = (
            "SELECT last_sequence, last_position, instrument, last_price, last_size, last_time"
            " FROM instruments WHERE economy_id = $1 AND last_sequence >= $2"
        )
        stored = {row[2]: Tick(*row) for row in await reader.fetch(query, self._ticks_from)}
        made = {n: tick for n, tick in self._newest.items() if tick.sequence >= self._ticks_from}
        for name in stored.keys() | made.keys():
            if stored.get(name) != made.get(name):
                self._tell(f"the newest price of {name} is not that of its newest tick")

    async def _compare_instruments(self, reader: JournalReader) -> None:
        """Compares longer candles with shorter ones, and instruments with their candles."""
        behind = ""
        while rows := await reader.fetch(_INSTRUMENTS, DAY, behind):
            for row in rows:
                behind = row["instrument"]
                self._compare_instrument(row)
                # A snapshot for each: these may be long.
                await self._compare_roll_ups(reader, behind)

    def _compare_instrument(self, row: Any) -> None:
        told = row["trade_count"], row["first_sequence"], row["last_sequence"], row["last_price"]
        if told != (row["trades"], row["first"], row["last"], row["close"]):
            self._tell(f"{row['instrument']} is not what its candles come to")

    async def _compare_roll_ups(self, reader: JournalReader, instrument: str) -> None:
        kept = [interval for interval in INTERVALS_SECONDS if interval >= MINUTE]
        for shorter, longer in pairwise(kept):
            for (start,) in await reader.fetch(_ROLLED_UP, instrument, shorter, longer):
                self._tell(
                    f"the candle of {instrument} over {longer} s from {start:%Y-%m-%d %H:%M:%SZ}"
                    " is not what its parts come to"
                )

    def _tell(self, detail: str) -> None:
        self._findings.add(self.invariant, detail)


def _name(candle: Candle) -> str:
    return (
        f"of {candle.instrument} over {candle.interval_seconds} s from"
        f" {candle.start_time:%Y-%m-%d %H:%M:%SZ}"
    )
