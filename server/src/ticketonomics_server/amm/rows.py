"""How this room's rows reach Postgres."""

from ticketonomics_server.amm.model import Pool
from ticketonomics_server.amm.tables import pools
from ticketonomics_server.storage.rows import BulkTable

POOLS = BulkTable(
    Pool,
    pools,
    key=("pool_id",),
    unchanging=(
        *("create_sequence", "application_id", "account_id", "base_id", "quote_id", "share_id"),
        *("base", "quote", "locked_shares", "create_time"),
    ),
)
