"""How this room's rows reach Postgres."""

from collections.abc import Iterable

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import (
    ApiKey,
    Application,
    ApplicationOfKey,
    LinkedIdentity,
    Person,
)
from ticketonomics_server.identity.tables import (
    api_keys,
    applications,
    linked_identities,
    people,
)
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Write


class ApplicationOfKeyTable:
    """Loads the applications of keys into the state, where they are not there yet."""

    row_type = ApplicationOfKey
    by_key = False
    load_sql = (
        f"SELECT {', '.join(f'a.{c.name}' for c in applications.c if c.name != 'economy_id')}"
        " FROM api_keys k"
        " JOIN applications a ON a.economy_id = $1 AND a.application_id = k.application_id"
        " WHERE k.economy_id = $1 AND k.api_key_id = ANY($2::text[])"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        key_ids = list(keys)
        kept = state.rows[Application]
        for record in await connection.fetch(self.load_sql, economy_id, key_ids):
            application = APPLICATIONS.make(record)
            if kept.get(application.key) is None:
                kept[application.key] = application
        state.rows[ApplicationOfKey].update(dict.fromkeys(key_ids))

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: applications have a table of their own."""
        return []


_CREATED = ("create_sequence", "create_time")

PEOPLE = BulkTable(Person, people, key=("person_id",), unchanging=_CREATED)
LINKED_IDENTITIES = BulkTable(LinkedIdentity, linked_identities, key=("provider", "subject"))
APPLICATIONS = BulkTable(Application, applications, key=("application_id",), unchanging=_CREATED)
API_KEYS = BulkTable(
    ApiKey,
    api_keys,
    key=("api_key_id",),
    unchanging=("application_id", "secret_hash", *_CREATED),
)
