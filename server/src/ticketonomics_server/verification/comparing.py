"""Compares the database's balances, checkpoints and assets with the replayed journal."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import islice

from ticketonomics_server.engine.block import Head
from ticketonomics_server.ledger.decide import CHECKPOINT_EVERY
from ticketonomics_server.ledger.tables import MINT_ID
from ticketonomics_server.verification.comparing_holds import HoldComparison
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.replay import Key, Policy, Replay
from ticketonomics_server.verification.report import Findings, Invariant

PAGE_BALANCES = 5_000
_BEFORE_ALL: Key = (-1, -1)
_BEHIND_ALL: Key = (2**31 - 1, 2**31 - 1)

_BALANCES = """
SELECT account_id, asset_id, posted, held, last_sequence, entry_count FROM balances
WHERE economy_id = $1 AND (account_id, asset_id) > ($2, $3)
ORDER BY account_id, asset_id LIMIT $4
"""
_CHECKPOINT_COUNTS = """
SELECT account_id, asset_id, count(*) FROM checkpoints
WHERE economy_id = $1 AND (account_id, asset_id) > ($2, $3) AND (account_id, asset_id) <= ($4, $5)
GROUP BY account_id, asset_id
"""
_BALANCES_OF = """
SELECT account_id, asset_id, posted, held, last_sequence, entry_count
FROM balances JOIN unnest($2::int[], $3::int[]) k(account_id, asset_id)
USING (account_id, asset_id) WHERE economy_id = $1
"""
_ASSETS = """
SELECT code, kind, decimals, name, supply_cap, fee_bps, fee_minimum, fee_maximum
FROM assets WHERE economy_id = $1
"""
_SUMS = "SELECT asset_id, sum(posted) FROM balances WHERE economy_id = $1 GROUP BY asset_id"

BalanceRow = tuple[int, int, int, int, int, int]
RollForward = Callable[[Head], Awaitable[None]]


class Comparison:
    """Compares page by page, each as of the moment at which it was read.

    Args:
        roll_forward: Replays the journal up to a head that was read together with a page.
    """

    def __init__(
        self,
        reader: JournalReader,
        replay: Replay,
        findings: Findings,
        roll_forward: RollForward,
    ) -> None:
        self._reader = reader
        self._replay = replay
        self._findings = findings
        self._roll_forward = roll_forward

    async def run(self) -> None:
        """Compares everything."""
        await self._compare_pages()
        await self._compare_missing()
        await self._compare_assets()
        holds = self._replay.holds.holds
        await HoldComparison(self._reader, holds, self._findings, self._roll_forward).run()
        for asset_id, total in await self._reader.fetch(_SUMS):
            if total:
                self._findings.add(
                    Invariant.POSTINGS_SUM_TO_ZERO, f"asset {asset_id} sums to {total}"
                )

    async def _compare_pages(self) -> None:
        reader, behind = self._reader, _BEFORE_ALL
        while behind != _BEHIND_ALL:
            async with reader.snapshot():
                head = await reader.head()
                rows = [tuple(row) for row in await reader.fetch(_BALANCES, *behind, PAGE_BALANCES)]
                last = rows[-1][:2] if len(rows) == PAGE_BALANCES else _BEHIND_ALL
                counts = await reader.fetch(_CHECKPOINT_COUNTS, *behind, *last)
            await self._roll_forward(head)
            self._compare_rows(rows)
            self._compare_checkpoint_counts(rows, {(a, b): count for a, b, count in counts})
            behind = last

    def _compare_rows(self, rows: Sequence[BalanceRow]) -> None:
        for row in rows:
            account_id, asset_id, posted, held, last_sequence, entry_count = row
            name = f"account {account_id}, asset {asset_id}"
            if posted < 0 and account_id != MINT_ID:
                self._findings.add(Invariant.NEVER_OVERDRAWN, f"{name} has {posted}")
            if held < 0 or (held > posted and account_id != MINT_ID):
                self._findings.add(
                    Invariant.HELD_WITHIN_POSTED, f"{name} has {posted} and holds {held}"
                )
            replayed = self._replay.balances.get((account_id, asset_id))
            if replayed is None:
                self._findings.add(
                    Invariant.BALANCES_MATCH_JOURNAL, f"{name} is in no entry, yet has {posted}"
                )
                continue
            replayed.compared = True
            if held != replayed.held:
                self._findings.add(
                    Invariant.HELD_WITHIN_POSTED,
                    f"{name} holds {held}, its open holds make it {replayed.held}",
                )
            made = replayed.posted, replayed.last_sequence, replayed.entry_count
            stored = posted, last_sequence, entry_count
            if made != stored:
                self._findings.add(
                    Invariant.BALANCES_MATCH_JOURNAL,
                    f"{name}: the balance is {_describe(*stored)},"
                    f" the journal makes it {_describe(*made)}",
                )

    def _compare_checkpoint_counts(
        self, rows: Sequence[BalanceRow], counts: dict[Key, int]
    ) -> None:
        keys = {(account_id, asset_id) for account_id, asset_id, *_ in rows} | counts.keys()
        for key in keys:
            replayed = self._replay.balances.get(key)
            due = replayed.entry_count // CHECKPOINT_EVERY if replayed else 0
            if counts.get(key, 0) != due:
                self._findings.add(
                    Invariant.BALANCES_MATCH_JOURNAL,
                    f"account {key[0]}, asset {key[1]} has {counts.get(key, 0)} checkpoints"
                    f" instead of {due}",
                )

    async def _compare_missing(self) -> None:
        """Looks for replayed balances that no page had: new ones, or such as have no row."""
        left = iter([key for key, found in self._replay.balances.items() if not found.compared])
        for keys in iter(lambda: list(islice(left, PAGE_BALANCES)), []):
            async with self._reader.snapshot():
                head = await self._reader.head()
                columns = [list(column) for column in zip(*keys, strict=True)]
                rows = [tuple(row) for row in await self._reader.fetch(_BALANCES_OF, *columns)]
            await self._roll_forward(head)
            self._compare_rows(rows)
            for account_id, asset_id in set(keys) - {row[:2] for row in rows}:
                self._findings.add(
                    Invariant.BALANCES_MATCH_JOURNAL,
                    f"account {account_id}, asset {asset_id} has entries and no balance",
                )

    async def _compare_assets(self) -> None:
        async with self._reader.snapshot():
            head = await self._reader.head()
            stored = {row["code"]: Policy(*row) for row in await self._reader.fetch(_ASSETS)}
        await self._roll_forward(head)
        policies = self._replay.policies
        for code in stored.keys() | policies.keys():
            if stored.get(code) != policies.get(code):
                self._findings.add(
                    Invariant.SUPPLY_MATCHES_POLICY,
                    f"asset {code} is {stored.get(code)}, its entries say {policies.get(code)}",
                )


def _describe(posted: int, last_sequence: int, entry_count: int) -> str:
    return f"{posted}, {entry_count} entries up to {last_sequence}"
