"""Turns a range of the journal into changes of the aggregates, by set-based SQL.

Everything is computed in Postgres: of a hundred thousand postings a few hundred rows are left. How
the journal is cut into ranges changes no figure.
"""

from decimal import Decimal

import asyncpg

from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.identity.model import person_account
from ticketonomics_server.ledger.model import EntryKind
from ticketonomics_server.ledger.tables import MINT_ID, SINK_ID
from ticketonomics_server.progression.standing import take_standings
from ticketonomics_server.statistics.formulas import BUCKETS_A_DOUBLING, wealth_weights

# Entries that one transaction takes in, at most. It takes what is there, so that pages grow when
# the follower is behind, and cost the less for each entry.
MOST_ENTRIES = 100_000

_CURSOR = "SELECT last_sequence FROM statistics_cursors WHERE economy_id = $1"
_END = """
SELECT coalesce(
    (SELECT last_sequence FROM blocks WHERE economy_id = $1 AND last_sequence > $2
        AND last_sequence <= $3 ORDER BY last_sequence DESC LIMIT 1),
    (SELECT last_sequence FROM blocks WHERE economy_id = $1 AND last_sequence > $2
        ORDER BY last_sequence LIMIT 1))
"""
# Block times never go back, so that the days of a range lie one behind the other.
_DAYS = """
SELECT (block_time AT TIME ZONE 'UTC')::date AS day, max(last_sequence) AS last_sequence
FROM blocks WHERE economy_id = $1 AND last_sequence > $2 AND last_sequence <= $3
GROUP BY 1 ORDER BY 1
"""
_MOVE_CURSOR = """
INSERT INTO statistics_cursors VALUES ($1, $2)
ON CONFLICT (economy_id) DO UPDATE SET last_sequence = excluded.last_sequence
"""
_ASSETS = "SELECT asset_id, code, decimals FROM assets WHERE economy_id = $1"

# Of these causes it is told who gained or lost; all others say it themselves.
_WITH_PARTY = f"{EntryKind.MINT}, {EntryKind.BURN}, {EntryKind.IMPORTED}"

_FLOWS = f"""
WITH totals AS (
    SELECT asset_id, kind, counterpart_id,
        count(*) FILTER (WHERE transaction_id IS NOT NULL) AS transaction_count,
        coalesce(sum(amount) FILTER (
            WHERE source_id <> {MINT_ID} AND destination_id <> {SINK_ID}), 0) AS moved,
        coalesce(sum(amount) FILTER (WHERE source_id = {MINT_ID}), 0) AS minted,
        coalesce(sum(amount) FILTER (WHERE destination_id = {SINK_ID}), 0) AS burned
    FROM (
        SELECT *, CASE WHEN kind NOT IN ({_WITH_PARTY}) THEN NULL
            WHEN source_id = {MINT_ID} THEN destination_id
            WHEN destination_id = {SINK_ID} THEN source_id END AS counterpart_id
        FROM postings WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3
    ) p GROUP BY 1, 2, 3
), flows AS (
    SELECT t.asset_id, t.kind,
        CASE WHEN a.address IS NULL THEN ''
            WHEN a.address LIKE 'orgs/%' THEN 'orgs/' || split_part(a.address, '/', 2)
            ELSE split_part(a.address, '/', 1) END AS party,
        sum(t.transaction_count) AS transaction_count, sum(t.moved) AS moved,
        sum(t.minted) AS minted, sum(t.burned) AS burned
    FROM totals t
    LEFT JOIN accounts a ON a.economy_id = $1 AND a.account_id = t.counterpart_id
    GROUP BY 1, 2, 3
), added AS (
    INSERT INTO daily_flows AS f (economy_id, day, asset_id, kind, party, transaction_count,
        moved, minted, burned)
    SELECT $1, $4, flows.* FROM flows
    ON CONFLICT (economy_id, day, asset_id, kind, party) DO UPDATE SET
        transaction_count = f.transaction_count + excluded.transaction_count,
        moved = f.moved + excluded.moved, minted = f.minted + excluded.minted,
        burned = f.burned + excluded.burned
)
INSERT INTO daily_supplies (economy_id, day, asset_id, minted, burned)
SELECT $1, $4, g.asset_id, coalesce(s.minted, 0) + g.minted, coalesce(s.burned, 0) + g.burned
FROM (
    SELECT asset_id, sum(minted) AS minted, sum(burned) AS burned FROM flows
    GROUP BY asset_id HAVING sum(minted) + sum(burned) > 0
) g LEFT JOIN LATERAL (
    SELECT s.minted, s.burned FROM daily_supplies s
    WHERE s.economy_id = $1 AND s.asset_id = g.asset_id ORDER BY s.day DESC LIMIT 1
) s ON true
ON CONFLICT (economy_id, day, asset_id) DO UPDATE SET
    minted = excluded.minted, burned = excluded.burned
"""

# In these the account's owner did nothing on that day.
_PASSIVE = f"{EntryKind.IMPORTED}, {EntryKind.PEOPLE_MERGED}, {EntryKind.PERSON_ERASED}"

_PEOPLE = f"""
WITH changes AS (
    SELECT c.account_id, sum(c.amount * w.weight) AS gained, bool_or(c.active) AS active
    FROM (
        SELECT source_id AS account_id, asset_id, -sum(amount) AS amount,
            bool_or(kind NOT IN ({_PASSIVE})) AS active
        FROM postings WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3 GROUP BY 1, 2
        UNION ALL
        SELECT destination_id, asset_id, sum(amount), bool_or(kind = {EntryKind.REWARD_PAID})
        FROM postings WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3 GROUP BY 1, 2
    ) c LEFT JOIN unnest($5::int[], $6::numeric[]) w(asset_id, weight) USING (asset_id)
    GROUP BY 1
), valued AS (
    SELECT c.account_id, c.active, coalesce(f.wealth, 0) + coalesce(c.gained, 0) AS wealth,
        f.wealth AS old_wealth, f.bucket AS old_bucket, f.last_active_day AS old_day
    FROM changes c
    JOIN accounts a ON a.economy_id = $1 AND a.account_id = c.account_id
        AND a.address >= 'users/' AND a.address < 'users0'
    LEFT JOIN person_figures f ON f.economy_id = $1 AND f.account_id = c.account_id
    WHERE c.active OR c.gained <> 0
), people AS (
    SELECT *, CASE WHEN wealth > 0 THEN
        floor({BUCKETS_A_DOUBLING} * ln(wealth::float8) / ln(2::float8))::smallint END AS bucket
    FROM valued
), figures AS (
    INSERT INTO person_figures (economy_id, account_id, wealth, bucket, last_active_day)
    SELECT $1, account_id, wealth, bucket, CASE WHEN active THEN $4 ELSE old_day END FROM people
    ON CONFLICT (economy_id, account_id) DO UPDATE SET wealth = excluded.wealth,
        bucket = excluded.bucket, last_active_day = excluded.last_active_day
), buckets AS (
    INSERT INTO wealth_buckets AS b (economy_id, bucket, people_count, wealth)
    SELECT $1, bucket, sum(people_count), sum(wealth) FROM (
        SELECT old_bucket AS bucket, -1 AS people_count, -old_wealth AS wealth
        FROM people WHERE old_bucket IS NOT NULL
        UNION ALL SELECT bucket, 1, wealth FROM people WHERE bucket IS NOT NULL
    ) m GROUP BY bucket
    ON CONFLICT (economy_id, bucket) DO UPDATE SET
        people_count = b.people_count + excluded.people_count, wealth = b.wealth + excluded.wealth
)
INSERT INTO daily_activity AS d (economy_id, day, active_people, last_active_people)
SELECT $1, day, sum(active_people), sum(last_active_people) FROM (
    SELECT $4 AS day, 1 AS active_people, 1 AS last_active_people
    FROM people WHERE active AND old_day IS DISTINCT FROM $4
    UNION ALL SELECT old_day, 0, -1 FROM people WHERE active AND old_day <> $4
) m GROUP BY day
ON CONFLICT (economy_id, day) DO UPDATE SET
    active_people = d.active_people + excluded.active_people,
    last_active_people = d.last_active_people + excluded.last_active_people
"""

_GONE = f"""
SELECT event FROM entries WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3
    AND kind IN ({EntryKind.PEOPLE_MERGED}, {EntryKind.PERSON_ERASED})
"""
# All that they had has moved away by the same entry, so that their wealth is 0 by now.
_FORGET = """
WITH gone AS (
    DELETE FROM person_figures f USING accounts a
    WHERE f.economy_id = $1 AND a.economy_id = $1 AND a.account_id = f.account_id
        AND a.address = ANY($2::text[])
    RETURNING f.last_active_day
)
UPDATE daily_activity d SET last_active_people = d.last_active_people - g.people_count
FROM (
    SELECT last_active_day, count(*) AS people_count FROM gone GROUP BY 1
) g WHERE d.economy_id = $1 AND d.day = g.last_active_day
"""


async def aggregate(
    connection: asyncpg.Connection, economy_id: int, *, most: int = MOST_ENTRIES
) -> int:
    """Takes in the next entries of the journal, up to the end of a block.

    Args:
        connection: In a transaction that holds the economy's lock of statistics.
        most: How many entries at most, or one block where that has more.

    Returns:
        How many entries were taken in.
    """
    start = await connection.fetchval(_CURSOR, economy_id) or 0
    end = await connection.fetchval(_END, economy_id, start, start + most)
    if end is None:
        return 0
    weights = wealth_weights(
        (row["code"], row["asset_id"], row["decimals"])
        for row in await connection.fetch(_ASSETS, economy_id)
    )
    after = start
    values = [Decimal(weight) for weight in weights.values()]
    after = start
    for day, last in await connection.fetch(_DAYS, economy_id, start, end):
        span = economy_id, after, last
        await connection.execute(_FLOWS, *span, day)
        await connection.execute(_PEOPLE, *span, day, list(weights), values)
        await _forget(connection, *span)
        after = last
    await take_standings(connection, economy_id, start, end)
    await connection.execute(_MOVE_CURSOR, economy_id, end)
    return int(end - start)


async def _forget(connection: asyncpg.Connection, economy_id: int, after: int, last: int) -> None:
    """Forgets the people who were merged into others or erased in a range."""
    rows = await connection.fetch(_GONE, economy_id, after, last)
    if rows:
        accounts = [person_account(str(decode_fields(row["event"])[0])) for row in rows]
        await connection.execute(_FORGET, economy_id, accounts)
