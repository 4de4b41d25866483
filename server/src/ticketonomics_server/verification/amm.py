"""Replays what entries say of pools, and compares the rows with it.

The arithmetic is worked out apart from `amm.formulas`, which it checks: as inequalities.
"""

from dataclasses import dataclass
from typing import Any

from ticketonomics_server.amm.model import EntryKind as PoolKind
from ticketonomics_server.amm.model import PoolState, pool_account, share_code
from ticketonomics_server.ledger.model import MINT, POOL_SHARES, SINK, EntryKind, Posting
from ticketonomics_server.ledger.tables import MINT_ID, SINK_ID
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

_BPS = 10_000
_POOLS = f"""
SELECT p.pool_id, p.create_sequence, p.application_id, p.base, p.quote, p.state, p.fee_bps,
       p.sink_bps, p.locked_shares, c.address, b.code, q.code, s.code,
       coalesce(x.posted, 0), coalesce(y.posted, 0),
       -coalesce(m.posted, 0) - coalesce(k.posted, 0)
FROM pools p
LEFT JOIN accounts c ON c.economy_id = $1 AND c.account_id = p.account_id
LEFT JOIN assets b ON b.economy_id = $1 AND b.asset_id = p.base_id
LEFT JOIN assets q ON q.economy_id = $1 AND q.asset_id = p.quote_id
LEFT JOIN assets s ON s.economy_id = $1 AND s.asset_id = p.share_id
LEFT JOIN balances x ON x.economy_id = $1 AND x.account_id = p.account_id
    AND x.asset_id = p.base_id
LEFT JOIN balances y ON y.economy_id = $1 AND y.account_id = p.account_id
    AND y.asset_id = p.quote_id
LEFT JOIN balances m ON m.economy_id = $1 AND m.account_id = {MINT_ID} AND m.asset_id = p.share_id
LEFT JOIN balances k ON k.economy_id = $1 AND k.account_id = {SINK_ID} AND k.asset_id = p.share_id
WHERE p.economy_id = $1
"""
_STATES = {PoolKind.POOL_PAUSED: PoolState.PAUSED, PoolKind.POOL_RESUMED: PoolState.OPEN}
# By these, shares can be made or burned by others than their pool.
_OTHERS = (EntryKind.MINT, EntryKind.BURN, EntryKind.IMPORTED, EntryKind.PERSON_ERASED)


@dataclass(slots=True)
class ReplayedPool:
    """A pool as its entries make it."""

    pool_id: str
    sequence: int
    application_id: str
    base: str
    quote: str
    fee_bps: int
    sink_bps: int
    locked: int
    state: int
    base_reserve: int
    quote_reserve: int
    supply: int

    def as_row(self) -> tuple[Any, ...]:
        """What its row, the names that its ids lead to, and its balances must be."""
        return (
            *(self.sequence, self.application_id, self.base, self.quote, int(self.state)),
            *(self.fee_bps, self.sink_bps, self.locked, pool_account(self.pool_id)),
            *(self.base, self.quote, share_code(self.pool_id)),
            *(self.base_reserve, self.quote_reserve, self.supply),
        )


class PoolsReplay:
    """Every pool, from its first liquidity on."""

    kinds = frozenset(
        map(
            int,
            (
                *PoolKind,
                *(EntryKind.SWAP, EntryKind.LIQUIDITY_ADDED, EntryKind.LIQUIDITY_REMOVED),
                *(EntryKind.POOL_CREATED, *_OTHERS),
            ),
        )
    )
    invariant = Invariant.POOLS_MATCH_JOURNAL

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._pools: dict[str, ReplayedPool] = {}

    def define(self, entry: ReplayedEntry) -> None:
        """Replays an entry."""
        match entry.kind:
            case EntryKind.SWAP:
                self._swap(entry)
            case EntryKind.POOL_CREATED:
                self._create(entry)
            case EntryKind.LIQUIDITY_ADDED | EntryKind.LIQUIDITY_REMOVED:
                self._change_liquidity(entry)
            case PoolKind.POOL_FEE_SET:
                pool_id, fee_bps, sink_bps = entry.fields
                pool = self._pools[pool_id]
                pool.fee_bps, pool.sink_bps = fee_bps, sink_bps
            case PoolKind.POOL_PAUSED | PoolKind.POOL_RESUMED:
                (pool_id,) = entry.fields
                self._pools[pool_id].state = _STATES[PoolKind(entry.kind)]
            case _:
                self._others(entry)

    def _create(self, entry: ReplayedEntry) -> None:
        pool_id, account, application, base, quote, fee, sink, locked, _, _ = entry.fields
        first, second, kept, made = entry.postings
        address, shares = pool_account(pool_id), share_code(pool_id)
        self._expect(
            entry,
            Posting(account, address, base, first.amount),
            Posting(account, address, quote, second.amount),
            Posting(MINT, address, shares, locked),
            Posting(MINT, account, shares, made.amount),
        )
        supply = kept.amount + made.amount
        if not supply**2 <= first.amount * second.amount < (supply + 1) ** 2:
            self._tell(f"entry {entry.sequence} makes {supply} first shares, not the root")
        if pool_id in self._pools:
            self._tell(f"entry {entry.sequence} creates {pool_id} again")
        self._pools[pool_id] = ReplayedPool(
            pool_id=pool_id,
            sequence=entry.sequence,
            application_id=application,
            base=base,
            quote=quote,
            fee_bps=fee,
            sink_bps=sink,
            locked=locked,
            state=PoolState.OPEN,
            base_reserve=first.amount,
            quote_reserve=second.amount,
            supply=supply,
        )

    def _swap(self, entry: ReplayedEntry) -> None:
        kept, out, *rest = entry.postings
        pool = self._pools[kept.destination.removeprefix("pools/")]
        trader, address, burned = kept.source, kept.destination, sum(p.amount for p in rest)
        self._expect(
            entry,
            Posting(trader, address, kept.asset, kept.amount),
            Posting(address, trader, out.asset, out.amount),
            *(Posting(trader, SINK, kept.asset, posting.amount) for posting in rest[:1]),
        )
        sells = kept.asset == pool.base
        if {kept.asset, out.asset} != {pool.base, pool.quote}:
            self._tell(f"entry {entry.sequence} trades {kept.asset} for {out.asset}")
        if pool.state != PoolState.OPEN:
            self._tell(f"entry {entry.sequence} trades with {pool.pool_id}, which is paused")
        x, y = pool.base_reserve, pool.quote_reserve
        if not sells:
            x, y = y, x
        given = kept.amount + burned
        part = given * pool.fee_bps * pool.sink_bps
        if not burned * _BPS**2 <= part < (burned + 1) * _BPS**2:
            self._tell(f"entry {entry.sequence} burns {burned} of the fee, which is not its part")
        # The most that leaves the product, with the fee left out, as large as it was.
        with_input, product = x * _BPS + given * (_BPS - pool.fee_bps), x * y * _BPS
        if not with_input * (y - out.amount - 1) < product <= with_input * (y - out.amount):
            self._tell(f"entry {entry.sequence} gives {out.amount} for {given}, not what it must")
        x, y = x + kept.amount, y - out.amount
        pool.base_reserve, pool.quote_reserve = (x, y) if sells else (y, x)

    def _change_liquidity(self, entry: ReplayedEntry) -> None:
        pool_id, account = entry.fields
        pool, (base, quote, moved) = self._pools[pool_id], entry.postings
        adds = entry.kind == EntryKind.LIQUIDITY_ADDED
        address, shares = pool_account(pool_id), share_code(pool_id)
        giver, taker = (account, address) if adds else (address, account)
        self._expect(
            entry,
            Posting(giver, taker, pool.base, base.amount),
            Posting(giver, taker, pool.quote, quote.amount),
            Posting(MINT, account, shares, moved.amount)
            if adds
            else Posting(account, SINK, shares, moved.amount),
        )
        for amount, reserve in (
            (base.amount, pool.base_reserve),
            (quote.amount, pool.quote_reserve),
        ):
            worth, whole = moved.amount * reserve, amount * pool.supply
            rest = whole - worth if adds else worth - whole
            if not 0 <= rest < pool.supply:
                self._tell(
                    f"entry {entry.sequence} moves {amount} for {moved.amount} shares,"
                    f" not their part of {reserve}"
                )
        sign = 1 if adds else -1
        pool.base_reserve += sign * base.amount
        pool.quote_reserve += sign * quote.amount
        pool.supply += sign * moved.amount

    def _others(self, entry: ReplayedEntry) -> None:
        """Shares burned by who has them are gone for good; nobody else makes any."""
        for posting in entry.postings:
            if posting.asset.startswith(POOL_SHARES):
                pool = self._pools[posting.asset.removeprefix(POOL_SHARES).lower()]
                if posting.source == MINT:
                    self._tell(f"entry {entry.sequence} mints shares of {pool.pool_id}")
                    pool.supply += posting.amount
                elif posting.destination == SINK:
                    pool.supply -= posting.amount

    def _expect(self, entry: ReplayedEntry, *postings: Posting) -> None:
        if entry.postings != postings:
            self._tell(f"entry {entry.sequence} of kind {entry.kind} has other postings")

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares all pools, with their reserves and shares, as of one moment."""
        async with reader.snapshot():
            head = await reader.head()
            stored = {pool_id: tuple(row) for pool_id, *row in await reader.fetch(_POOLS)}
        await roll_forward(head)
        made = {pool_id: pool.as_row() for pool_id, pool in self._pools.items()}
        for pool_id in sorted(stored.keys() | made.keys()):
            if stored.get(pool_id) != made.get(pool_id):
                self._tell(
                    f"pool {pool_id} is {stored.get(pool_id)}, its entries say {made.get(pool_id)}"
                )

    def _tell(self, detail: str) -> None:
        self._findings.add(self.invariant, detail)
