"""Compares the database's holds with those replayed from the entries."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from itertools import groupby

import asyncpg

from ticketonomics_server.engine.block import Head
from ticketonomics_server.engine.canonical import encode_fields
from ticketonomics_server.ledger.decide_holds import creation_fields
from ticketonomics_server.ledger.model_holds import HOLD_TIMER, HeldPosting, Hold
from ticketonomics_server.verification.holds import ReplayedHold
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

PAGE_HOLDS = 1_000
_BEHIND_ALL = 2**63 - 1

_HOLDS = """
SELECT hold_id, create_sequence, state, application_id, person_id, allowed, create_time,
       expire_time, timer_id, end_time, end_sequence
FROM holds WHERE economy_id = $1 AND create_sequence > $2 ORDER BY create_sequence LIMIT $3
"""
_POSTINGS = """
SELECT h.sequence, s.address, d.address, a.code, h.amount, h.fee FROM held_postings h
LEFT JOIN accounts s ON s.economy_id = $1 AND s.account_id = h.source_id
LEFT JOIN accounts d ON d.economy_id = $1 AND d.account_id = h.destination_id
LEFT JOIN assets a ON a.economy_id = $1 AND a.asset_id = h.asset_id
WHERE h.economy_id = $1 AND h.sequence > $2 AND h.sequence <= $3 ORDER BY h.sequence, h.position
"""
# An open hold without its timer would never end.
_ENDLESS = """
SELECT count(*) FROM holds h WHERE h.economy_id = $1 AND h.state = 1 AND NOT EXISTS (
    SELECT FROM timers t WHERE t.economy_id = $1 AND t.timer_id = h.timer_id AND t.kind = $2
        AND t.payload = h.hold_id)
"""


class HoldComparison:
    """Compares page by page, each as of the moment at which it was read.

    Args:
        roll_forward: Replays the journal up to a head that was read together with a page.
    """

    def __init__(
        self,
        reader: JournalReader,
        holds: dict[bytes, ReplayedHold],
        findings: Findings,
        roll_forward: Callable[[Head], Awaitable[None]],
    ) -> None:
        self._reader = reader
        self._holds = holds
        self._findings = findings
        self._roll_forward = roll_forward

    async def run(self) -> None:
        """Compares all holds, and looks for those that have no row or no timer."""
        reader, behind = self._reader, 0
        while behind != _BEHIND_ALL:
            async with reader.snapshot():
                head = await reader.head()
                rows = await reader.fetch(_HOLDS, behind, PAGE_HOLDS)
                last = rows[-1]["create_sequence"] if len(rows) == PAGE_HOLDS else _BEHIND_ALL
                postings = await reader.fetch(_POSTINGS, behind, last)
            await self._roll_forward(head)
            self._compare(rows, postings)
            behind = last
        for hold in self._holds.values():
            if not hold.compared:
                self._tell(f"the hold of entry {hold.sequence} has no row")
        ((endless,),) = await reader.fetch(_ENDLESS, HOLD_TIMER)
        if endless:
            self._tell(f"{endless} open holds have no timer")

    def _compare(self, rows: list[asyncpg.Record], postings: list[asyncpg.Record]) -> None:
        by_hold = {
            sequence: tuple(HeldPosting(*row[1:]) for row in found)
            for sequence, found in groupby(map(tuple, postings), key=lambda row: row[0])
        }
        for row in rows:
            hold = Hold(**row, postings=by_hold.pop(row["create_sequence"], ()))
            replayed = self._holds.get(hold.hold_id)
            if replayed is None:
                self._tell(f"the hold of entry {hold.create_sequence} is in no entry")
                continue
            replayed.compared = True
            stored = hold.create_sequence, _digest(hold), hold.state, hold.end_sequence
            made = replayed.sequence, replayed.digest, replayed.state, replayed.end_sequence
            if stored != made:
                self._tell(
                    f"the hold of entry {hold.create_sequence} is not as its entries make it: state"
                    f" {hold.state}, ended by {hold.end_sequence}; its entries say"
                    f" {replayed.state}, {replayed.end_sequence}"
                )
        for sequence in by_hold:
            self._tell(f"there are postings of a hold of entry {sequence}, which is none")

    def _tell(self, detail: str) -> None:
        self._findings.add(Invariant.HELD_WITHIN_POSTED, detail)


def _digest(hold: Hold) -> bytes:
    if any(None in posting for posting in hold.postings):
        # An account or an asset is missing.
        return b""
    return sha256(encode_fields(*creation_fields(hold))).digest()
