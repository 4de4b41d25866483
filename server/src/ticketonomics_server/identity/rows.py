"""How this room's rows reach Postgres."""

from collections.abc import Iterable

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import (
    ApiKey,
    Application,
    ApplicationOfKey,
    Handle,
    HandlesOf,
    IdentitiesOf,
    LinkCode,
    LinkedIdentity,
    Person,
    TextsOf,
)
from ticketonomics_server.identity.model_people import MOST_TEXTS
from ticketonomics_server.identity.queries_people import PEOPLE_MERGED_INTO
from ticketonomics_server.identity.tables import (
    api_keys,
    applications,
    handles,
    link_codes,
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


class IdentitiesOfTable:
    """Loads all identities of people into the state, where they are not there yet."""

    row_type = IdentitiesOf
    by_key = False
    load_sql = (
        f"SELECT {', '.join(c.name for c in linked_identities.c if c.name != 'economy_id')}"
        " FROM linked_identities WHERE economy_id = $1 AND person_id = ANY($2::text[])"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        found: dict[str, set[tuple[str, str]]] = {person_id: set() for person_id in keys}
        kept = state.rows[LinkedIdentity]
        for record in await connection.fetch(self.load_sql, economy_id, list(found)):
            identity = LINKED_IDENTITIES.make(record)
            found[identity.person_id].add(identity.key)
            if kept.get(identity.key) is None:
                kept[identity.key] = identity
        state.rows[IdentitiesOf].update(found)

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: identities have a table of their own."""
        return []


class HandlesOfTable:
    """Loads all handles of people into the state, where they are not there yet."""

    row_type = HandlesOf
    by_key = False
    load_sql = (
        f"SELECT {', '.join(c.name for c in handles.c if c.name != 'economy_id')}"
        " FROM handles WHERE economy_id = $1 AND person_id = ANY($2::text[])"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        found: dict[str, set[str]] = {person_id: set() for person_id in keys}
        kept = state.rows[Handle]
        for record in await connection.fetch(self.load_sql, economy_id, list(found)):
            handle = HANDLES.make(record)
            found[handle.person_id].add(handle.key)
            if kept.get(handle.key) is None:
                kept[handle.key] = handle
        state.rows[HandlesOf].update(found)

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: handles have a table of their own."""
        return []


class TextsOfTable:
    """Tells the state which entries have texts of a person that are not erased."""

    row_type = TextsOf
    by_key = False
    load_sql = (
        f"{PEOPLE_MERGED_INTO.format(economy='$1', person='$2::text')}"
        " SELECT sequence FROM texts JOIN parts ON owner = part"
        " WHERE economy_id = $1 AND salt IS NOT NULL ORDER BY sequence LIMIT $3"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        for person_id in keys:
            records = await connection.fetch(self.load_sql, economy_id, person_id, MOST_TEXTS + 1)
            state.rows[TextsOf][person_id] = [record["sequence"] for record in records]

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: texts are erased by a journal of the engine."""
        return []


_CREATED = ("create_sequence", "create_time")

PEOPLE = BulkTable(Person, people, key=("person_id",), unchanging=_CREATED)
LINKED_IDENTITIES = BulkTable(LinkedIdentity, linked_identities, key=("provider", "subject"))
HANDLES = BulkTable(Handle, handles, key=("handle",))
LINK_CODES = BulkTable(LinkCode, link_codes, key=("code_hash",), unchanging=("person_id",))
APPLICATIONS = BulkTable(Application, applications, key=("application_id",), unchanging=_CREATED)
API_KEYS = BulkTable(
    ApiKey,
    api_keys,
    key=("api_key_id",),
    unchanging=("application_id", "secret_hash", *_CREATED),
)
