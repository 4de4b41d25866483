"""Compares the rows of tier queues with what their entries make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.identity.model import PersonState
from ticketonomics_server.ledger.tickets import TIER_RATIO
from ticketonomics_server.queues.model import MOST_WINS, RoundState, escrow_of, next_tier
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.replayed_queues import ReplayedRound

if TYPE_CHECKING:
    from ticketonomics_server.verification.queues import QueuesReplay

PAGE = 500

_ROUNDS = """
SELECT r.*, EXISTS (SELECT FROM timers t WHERE t.economy_id = r.economy_id
    AND t.timer_id = r.timer_id) AS has_timer
FROM queue_rounds r WHERE r.economy_id = $1 AND r.number > $2 ORDER BY r.number LIMIT $3
"""
_ENTRIES = """
SELECT round_id, person_id, join_sequence, join_time, application_id, nonce FROM queue_entries
WHERE economy_id = $1 AND round_id = ANY($2::text[]) ORDER BY join_sequence
"""
_ESCROWS = """
SELECT a.address, s.code, b.posted FROM accounts a
JOIN balances b ON b.economy_id = a.economy_id AND b.account_id = a.account_id
JOIN assets s ON s.economy_id = a.economy_id AND s.asset_id = b.asset_id
WHERE a.economy_id = $1 AND a.address = ANY($2::text[]) AND b.posted <> 0
"""
_QUEUES = """
SELECT q.*, EXISTS (SELECT FROM timers t WHERE t.economy_id = q.economy_id AND t.kind = $2
    AND t.payload = convert_to(q.name, 'UTF8')) AS has_timer
FROM queues q WHERE q.economy_id = $1
"""
_PLAYERS = """
SELECT tier, person_id, entries, wins, won FROM queue_players
WHERE economy_id = $1 AND (tier, person_id) > ($2, $3) ORDER BY tier, person_id LIMIT $4
"""
_WIN_COUNTS = "SELECT tier, wins, people FROM queue_win_counts WHERE economy_id = $1"
_PEOPLE = (
    "SELECT person_id, state FROM people WHERE economy_id = $1 AND person_id = ANY($2::text[])"
)
_TERMS = (
    *("round_id", "number", "queue", "places", "stake", "reward", "timeout_seconds"),
    *("commitment", "draw_key_id"),
)
_DECIMALS = "SELECT code, decimals FROM assets WHERE economy_id = $1"


class QueueRows:
    """Compares everything, page by page.

    Args:
        roll_forward: Replays the journal up to a head that was read together with a page.
        open_timer: The kind of timer that a queue without a round has.
    """

    def __init__(
        self,
        replay: QueuesReplay,
        reader: JournalReader,
        roll_forward: RollForward,
        open_timer: int,
    ) -> None:
        self._replay = replay
        self._reader = reader
        self._roll_forward = roll_forward
        self._open_timer = open_timer

    async def compare(self) -> None:
        """Compares rounds with their entries and stakes, queues, people and counts."""
        known = self._replay.rounds.keys() | self._replay.over.keys()
        found = await self._compare_rounds()
        for round_id in sorted(known - found):
            self._replay.tell(f"round {round_id} has entries and no row")
        await self._compare_queues()
        await self._compare_players()
        await self._check_redirected()

    async def _compare_rounds(self) -> set[str]:
        reader, behind, found = self._reader, 0, set[str]()
        decimals: dict[str, int] = dict(await reader.fetch(_DECIMALS))
        while True:
            async with reader.snapshot():
                head = await reader.head()
                rows = await reader.fetch(_ROUNDS, behind, PAGE)
                ids = [row["round_id"] for row in rows]
                entries: dict[str, list[Any]] = {round_id: [] for round_id in ids}
                for row in await reader.fetch(_ENTRIES, ids):
                    entries[row["round_id"]].append(row)
                escrows: dict[str, list[tuple[str, int]]] = {}
                for address, code, posted in await reader.fetch(
                    _ESCROWS, list(map(escrow_of, ids))
                ):
                    escrows.setdefault(address, []).append((code, posted))
            await self._roll_forward(head)
            for row in rows:
                round_id = row["round_id"]
                found.add(round_id)
                self._compare_round(row, entries[round_id])
                self._check_escrow(row, escrows.get(escrow_of(round_id), []))
                self._check_reward(row, decimals)
            if len(rows) < PAGE:
                return found
            behind = rows[-1]["number"]

    def _compare_round(self, row: Any, entries: list[Any]) -> None:
        replay, round_id = self._replay, row["round_id"]
        stored = _round_of(row, entries)
        if round_id in replay.rounds:
            same = replay.rounds[round_id] == stored
        elif round_id in replay.over:
            same = replay.over[round_id] == stored.digest()
        else:
            replay.tell(f"round {round_id} has no entry")
            return
        if not same:
            replay.tell(f"round {round_id} is not what its entries make it")
        if row["players"].split() != [entry["person_id"] for entry in entries]:
            replay.tell(f"round {round_id} names other people than those who are in")
        if row["has_timer"] != (row["state"] < RoundState.FINISHED):
            replay.tell(f"round {round_id} of state {row['state']}: timer {row['has_timer']}")

    def _check_escrow(self, row: Any, posted: list[tuple[str, int]]) -> None:
        """Compares what an escrow holds with the stakes that are open."""
        tier = row["queue"].split("/")[0]
        stakes = row["stake"] * len(row["players"].split())
        expected = [(tier, stakes)] if stakes and row["state"] < RoundState.FINISHED else []
        if posted != expected:
            self._replay.tell(
                f"the escrow of round {row['round_id']} holds {posted}, its stakes are {expected}"
            )

    def _check_reward(self, row: Any, decimals: dict[str, int]) -> None:
        """No round mints more than it burns."""
        unit = 10 ** decimals[next_tier(row["queue"].split("/")[0])]
        if row["reward"] > max(row["places"] * unit // TIER_RATIO, 1):
            self._replay.tell(
                f"the reward of round {row['round_id']} is worth more than its stakes"
            )

    async def _compare_queues(self) -> None:
        reader = self._reader
        async with reader.snapshot():
            head = await reader.head()
            rows = {row["name"]: row for row in await reader.fetch(_QUEUES, self._open_timer)}
            counts = await reader.fetch(_WIN_COUNTS)
        await self._roll_forward(head)
        for name in sorted(rows.keys() | self._replay.queues.keys()):
            row, queue = rows.get(name), self._replay.queues.get(name)
            if row is None or queue is None:
                self._replay.tell(f"{name} has no {'row' if row is None else 'entry'}")
                continue
            if (
                *(row["economy"], row["draw_key_id"], row["round_id"], row["finished"]),
                *(row["expired"], row["entries"], row["recent_fills"]),
            ) != (
                *(queue.economy, queue.draw_key_id, queue.round_id, queue.finished),
                *(queue.expired, queue.entries, " ".join(map(str, queue.fills))),
            ):
                self._replay.tell(f"{name} is not what its entries make it")
            if not row["round_id"] and not row["has_timer"]:
                self._replay.tell(f"{name} has no round, and nothing will open one")
        self._compare_counts({(tier, wins): people for tier, wins, people in counts if people})

    def _compare_counts(self, stored: dict[tuple[str, int], int]) -> None:
        expected: dict[tuple[str, int], int] = {}
        for (tier, _), (_, wins, _) in self._replay.players.items():
            key = tier, min(wins, MOST_WINS)
            expected[key] = expected.get(key, 0) + 1
        if stored != expected:
            self._replay.tell(f"wins are counted as {stored}; entries say {expected}")

    async def _compare_players(self) -> None:
        reader, behind, seen = self._reader, ("", ""), set[tuple[str, str]]()
        known = set(self._replay.players)
        while True:
            async with reader.snapshot():
                head = await reader.head()
                rows = await reader.fetch(_PLAYERS, *behind, PAGE)
            await self._roll_forward(head)
            for tier, person_id, *figures in rows:
                seen.add((tier, person_id))
                if self._replay.players.get((tier, person_id)) != figures:
                    self._replay.tell(f"{person_id} has not done {figures} in queues of {tier}")
            if len(rows) < PAGE:
                break
            behind = rows[-1]["tier"], rows[-1]["person_id"]
        for tier, person_id in sorted(known - seen):
            self._replay.tell(f"{person_id} has entries in queues of {tier} and no row")

    async def _check_redirected(self) -> None:
        """Whoever was not paid on the own account must be somebody else's part, or erased."""
        wanted = sorted(self._replay.redirected)
        states = dict(await self._reader.fetch(_PEOPLE, wanted))
        for person_id in wanted:
            if states.get(person_id) not in (PersonState.MERGED, PersonState.ERASED):
                self._replay.tell(f"{person_id} was not paid, and is neither merged nor erased")


def _round_of(row: Any, entries: list[Any]) -> ReplayedRound:
    """Makes of rows what entries make."""
    return ReplayedRound(
        terms=[row[name] for name in _TERMS],
        create_micros=to_micros(row["create_time"]),
        change_sequence=row["change_sequence"],
        expire_micros=to_micros(row["expire_time"]),
        state=row["state"],
        extended=row["extended"],
        draw_tries=row["draw_tries"],
        fill_micros=to_micros(row["fill_time"]) if row["fill_time"] else 0,
        resolve_micros=to_micros(row["resolve_time"]) if row["resolve_time"] else 0,
        resolve_sequence=row["resolve_sequence"],
        secret=row["secret"],
        winner=row["winner"],
        winner_position=row["winner_position"],
        entrants=[
            (
                entry["person_id"],
                entry["join_sequence"],
                to_micros(entry["join_time"]),
                entry["application_id"],
                entry["nonce"],
            )
            for entry in entries
        ],
    )
