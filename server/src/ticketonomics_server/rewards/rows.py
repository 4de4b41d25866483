"""How this room's rows and records reach Postgres."""

from collections.abc import Iterable
from typing import Any

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.rewards.model import (
    REWARD_RECORDS,
    AdNetwork,
    AdNetworkKey,
    AdView,
    Flag,
    NewPeople,
    Participant,
    PastTally,
    ReferralCode,
    RewardRecord,
    RewardsOf,
    Tally,
)
from ticketonomics_server.rewards.tables import (
    ad_network_keys,
    ad_networks,
    ad_views,
    flags,
    new_people,
    participants,
    past_tallies,
    referral_codes,
    tallies,
)
from ticketonomics_server.storage.arrays import int_array
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Statement, Write

_MOST_MERGES = 1_000

PARTICIPANTS = BulkTable(Participant, participants, key=("person_id",))
TALLIES = BulkTable(Tally, tallies, key=("series",))
PAST_TALLIES = BulkTable(PastTally, past_tallies, key=("series", "day"))
CODES = BulkTable(ReferralCode, referral_codes, key=("code",))
NETWORKS = BulkTable(
    AdNetwork,
    ad_networks,
    key=("network_id",),
    unchanging=("create_sequence", "scheme", "create_time"),
)
NETWORK_KEYS = BulkTable(
    AdNetworkKey,
    ad_network_keys,
    key=("network_id", "slot"),
    unchanging=("key_id", "create_sequence", "material", "create_time"),
)
AD_VIEWS = BulkTable(AdView, ad_views, key=("network_id", "transaction_id"))
NEW_PEOPLE = BulkTable(NewPeople, new_people, key=("application_id",))
FLAGS = BulkTable(Flag, flags, key=("rule", "subject"), unchanging=("flag_id",))


class RewardsOfTable:
    """Loads what people who are gone have here, and those whom they are part of now."""

    row_type = RewardsOf
    by_key = False
    person_sql = "SELECT state, merged_into FROM people WHERE economy_id = $1 AND person_id = $2"

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        async def bring(table: BulkTable[Any], wanted: Iterable[str]) -> None:
            rows = state.rows[table.row_type]
            if missing := set(wanted).difference(rows):
                await table.load(connection, economy_id, missing, state)

        for person_id in keys:
            target = await self._target_of(connection, economy_id, person_id)
            state.rows[RewardsOf][person_id] = target
            await bring(PARTICIPANTS, {person_id, target} - {""})
            source = state.rows[Participant][person_id]
            if source is not None and source.code:
                await bring(CODES, {source.code})

    async def _target_of(
        self, connection: asyncpg.Connection, economy_id: int, person_id: str
    ) -> str:
        """Follows merges to the end; empty where that is nobody."""
        target: str = person_id
        for _ in range(_MOST_MERGES):
            found = await connection.fetchrow(self.person_sql, economy_id, target)
            if found is None or found["state"] == 4:
                return ""
            if found["merged_into"] is None:
                return "" if target == person_id else target
            target = found["merged_into"]
        return ""

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: what people have here has tables of its own."""
        return []


_INSERT_REWARDS = """
INSERT INTO rewards (economy_id, sequence, part, person_id, source, amount, time)
SELECT {0}::int, v.* FROM unnest({1}::text::bigint[], {2}::text::smallint[], {3}::text[],
                                 {4}::text::smallint[], {5}::text::bigint[], {6}::timestamptz[]) v
"""


class RewardJournal:
    """Appends rewards."""

    name = REWARD_RECORDS

    def writes(self, economy_id: int, records: list[RewardRecord]) -> list[Write]:
        sequences, parts, people, sources, amounts, times = zip(*records, strict=True)
        arguments = [
            economy_id,
            *(int_array(sequences), int_array(parts), list(people)),
            *(int_array(sources), int_array(amounts), list(times)),
        ]
        return [Statement(_INSERT_REWARDS, arguments, len(records))]
