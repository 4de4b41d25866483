"""How this room's rows reach Postgres."""

from collections.abc import Iterable
from typing import Any

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.writing import TIMERS
from ticketonomics_server.identity.model import Person, person_account
from ticketonomics_server.identity.rows import PEOPLE
from ticketonomics_server.ledger.journal import ACCOUNTS, ASSETS, BALANCES
from ticketonomics_server.ledger.model import MINT, SINK
from ticketonomics_server.progression.rows import PROGRESS
from ticketonomics_server.queues.model import (
    MOST_WINS,
    Entry,
    Gathering,
    Player,
    Queue,
    Round,
    RoundState,
    WinCount,
    escrow_of,
    next_tier,
)
from ticketonomics_server.queues.tables import (
    queue_entries,
    queue_players,
    queue_rounds,
    queue_win_counts,
    queues,
)
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Write

ROUNDS = BulkTable(
    Round,
    queue_rounds,
    key=("round_id",),
    unchanging=(
        *("number", "queue", "places", "stake", "reward", "timeout_seconds", "commitment"),
        *("draw_key_id", "create_time"),
    ),
)
ENTRIES = BulkTable(Entry, queue_entries, key=("round_id", "person_id"))
PLAYERS = BulkTable(Player, queue_players, key=("tier", "person_id"))
WIN_COUNTS = BulkTable(WinCount, queue_win_counts, key=("tier", "wins"))


class _Loading:
    """Brings rows into the state where they are not there yet."""

    def __init__(self, connection: asyncpg.Connection, economy_id: int, state: State) -> None:
        self.connection = connection
        self.economy_id = economy_id
        self.state = state

    async def bring(self, table: BulkTable[Any], wanted: Iterable[Any]) -> list[Any]:
        """Returns those that there are."""
        wanted = list(dict.fromkeys(wanted))
        rows = self.state.rows[table.row_type]
        if missing := [key for key in wanted if key not in rows]:
            await table.load(self.connection, self.economy_id, missing, self.state)
        return [rows[key] for key in wanted if rows[key] is not None]

    async def bring_rounds(self, round_ids: Iterable[str]) -> list[Round]:
        """Brings rounds with all who are in, and what holds their stakes."""
        found: list[Round] = await self.bring(ROUNDS, round_ids)
        await self.bring(
            ENTRIES, [(row.round_id, person_id) for row in found for person_id in row.people]
        )
        await self.bring(TIMERS, [row.timer_id for row in found if row.timer_id])
        await self.bring(ACCOUNTS, [escrow_of(row.round_id) for row in found])
        await self.bring(ASSETS, [row.tier for row in found])
        await self.bring(BALANCES, [(escrow_of(row.round_id), row.tier) for row in found])
        return found


class QueueTable(BulkTable[Queue]):
    """Queues, each with the round that waits: who declares the one gets the other.

    A round that waits is in the state whenever its queue is, with all who are in it.
    """

    def __init__(self) -> None:
        super().__init__(Queue, queues, key=("name",), unchanging=("position", "economy"))

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[Any], state: State
    ) -> None:
        keys = list(keys)
        await super().load(connection, economy_id, keys, state)
        found = [state.rows[Queue][key] for key in keys]
        waiting = [row.round_id for row in found if row is not None and row.round_id]
        await _Loading(connection, economy_id, state).bring_rounds(waiting)


QUEUES = QueueTable()


class GatheringTable:
    """Loads all that the end of rounds touches: payees, their balances, and what counts wins."""

    row_type = Gathering
    by_key = False
    rounds_sql = (
        "SELECT r.round_id FROM queue_entries e JOIN queue_rounds r USING (economy_id, round_id)"
        " WHERE e.economy_id = $1 AND e.person_id = $2 AND r.state = $3 ORDER BY r.number"
    )

    async def load(
        self,
        connection: asyncpg.Connection,
        economy_id: int,
        keys: Iterable[tuple[str, str]],
        state: State,
    ) -> None:
        loading = _Loading(connection, economy_id, state)
        for what, identifier in keys:
            round_ids = (identifier,)
            if what == "person":
                arguments = economy_id, identifier, int(RoundState.WAITING)
                rows = await connection.fetch(self.rounds_sql, *arguments)
                round_ids = tuple(round_id for (round_id,) in rows)
            rounds = await loading.bring_rounds(round_ids)
            await loading.bring(QUEUES, [row.queue for row in rounds])
            for row in rounds:
                people = row.people if what == "round" else [identifier]
                await self._bring_people(loading, row, people)
            state.rows[Gathering][what, identifier] = round_ids

    async def _bring_people(self, loading: _Loading, found: Round, people: list[str]) -> None:
        tier, following = found.tier, next_tier(found.tier)
        await loading.bring(PLAYERS, [(tier, person_id) for person_id in people])
        await loading.bring(WIN_COUNTS, [(tier, wins) for wins in range(MOST_WINS + 1)])
        # Whoever was merged meanwhile is paid as who that is now.
        everybody: dict[str, None] = {}
        wanted = list(people)
        while wanted:
            everybody.update(dict.fromkeys(wanted))
            rows: list[Person] = await loading.bring(PEOPLE, wanted)
            merged = (person.merged_into for person in rows)
            wanted = [other for other in merged if other and other not in everybody]
        await loading.bring(PROGRESS, everybody)
        addresses = [MINT, SINK, *map(person_account, everybody)]
        await loading.bring(ACCOUNTS, addresses)
        await loading.bring(ASSETS, (tier, following))
        await loading.bring(BALANCES, [(a, code) for a in addresses for code in (tier, following)])

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: all that it brings has tables of its own."""
        return []
