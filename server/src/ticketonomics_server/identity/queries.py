"""Reads of people, applications and keys. Each takes a snapshot and ends within its time-out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.tables import economies
from ticketonomics_server.identity.model import (
    ApiKey,
    Application,
    LinkedIdentity,
    Person,
)
from ticketonomics_server.identity.tables import (
    api_key_uses,
    api_keys,
    applications,
    handles,
    linked_identities,
    people,
)
from ticketonomics_server.storage.reading import Snapshot


@dataclass(slots=True, frozen=True)
class Profile:
    """A person with all linked identities, in the order of their linking."""

    person: Person
    identities: tuple[LinkedIdentity, ...]


@dataclass(slots=True, frozen=True)
class UsedKey:
    """A key, and about when it was last used."""

    key: ApiKey
    last_use_time: datetime | None


@dataclass(slots=True, frozen=True)
class FoundKey:
    """What a secret leads to.

    Attributes:
        read_time: The database's clock as it was found: what `expire_time` is to be compared with.
    """

    economy_id: int
    economy: str
    api_key_id: str
    application_id: str
    scopes: str
    rate_limit_rps: int
    economy_rate_limit_rps: int
    suspended: bool
    expire_time: datetime | None
    revoke_time: datetime | None
    read_time: datetime


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column.name != "economy_id"]


# --- people -----------------------------------------------------------------------------------


async def find_profile(snapshot: Snapshot, person_id: str) -> Profile:
    """Finds a person. Refuses with PERSON_NOT_FOUND."""
    found = await _read_people(snapshot, _SELECT_PEOPLE.where(people.c.person_id == person_id))
    if not found:
        raise no_person(person_id)
    return found[0]


def no_person(person_id: str) -> Rejection:
    """Builds the refusal of somebody who is not there."""
    return Rejection(Reason.PERSON_NOT_FOUND, f"there is no person {person_id}", person=person_id)


async def find_profile_by_identity(snapshot: Snapshot, provider: str, subject: str) -> Profile:
    """Finds the person with a linked identity. Refuses with PERSON_NOT_FOUND."""
    owner = sa.select(linked_identities.c.person_id).where(
        linked_identities.c.economy_id == snapshot.economy_id,
        linked_identities.c.provider == provider,
        linked_identities.c.subject == subject,
    )
    query = _SELECT_PEOPLE.where(people.c.person_id == owner.scalar_subquery())
    found = await _read_people(snapshot, query)
    if not found:
        raise Rejection(Reason.PERSON_NOT_FOUND, "there is no person with this identity")
    return found[0]


async def find_profile_by_handle(snapshot: Snapshot, handle: str) -> Profile:
    """Finds the person whom a handle leads to. Refuses with HANDLE_NOT_FOUND."""
    owner = sa.select(handles.c.person_id).where(
        handles.c.economy_id == snapshot.economy_id,
        handles.c.handle == handle,
        handles.c.release_time.is_(None),
    )
    query = _SELECT_PEOPLE.where(people.c.person_id == owner.scalar_subquery())
    found = await _read_people(snapshot, query)
    if not found:
        raise Rejection(Reason.HANDLE_NOT_FOUND, f"nobody is @{handle}", handle=handle)
    return found[0]


async def get_profiles(snapshot: Snapshot, person_ids: Sequence[str]) -> list[Profile]:
    """Reads people in the order of these ids. Refuses with PERSON_NOT_FOUND."""
    query = _SELECT_PEOPLE.where(people.c.person_id.in_(set(person_ids)))
    found = {profile.person.person_id: profile for profile in await _read_people(snapshot, query)}
    for person_id in person_ids:
        if person_id not in found:
            raise no_person(person_id)
    return [found[person_id] for person_id in person_ids]


async def list_profiles(
    snapshot: Snapshot, *, state: int, after: int, limit: int
) -> Sequence[Profile]:
    """Lists people in the order of their creation, those after the entry `after`.

    Args:
        snapshot: Where to read.
        state: Only people in this state; 0 for all.
        after: `create_sequence` of the last person of the page before; 0 for the first page.
        limit: How many at most.
    """
    query = (
        _SELECT_PEOPLE.where(people.c.create_sequence > after)
        .order_by(people.c.create_sequence)
        .limit(limit)
    )
    return await _read_people(snapshot, query.where(people.c.state == state) if state else query)


_SELECT_PEOPLE: sa.Select[Any] = sa.select(*_columns(people))


async def _read_people(snapshot: Snapshot, query: sa.Select[Any]) -> list[Profile]:
    rows = await snapshot.connection.execute(
        query.where(people.c.economy_id == snapshot.economy_id)
    )
    found = [Person(**row._mapping) for row in rows]
    of_person: dict[str, list[LinkedIdentity]] = {person.person_id: [] for person in found}
    linked = linked_identities.c
    rows = await snapshot.connection.execute(
        sa.select(*_columns(linked_identities))
        .where(linked.economy_id == snapshot.economy_id, linked.person_id.in_(list(of_person)))
        .order_by(linked.link_time, linked.provider, linked.subject)
    )
    for row in rows:
        identity = LinkedIdentity(**row._mapping)
        of_person[identity.person_id].append(identity)
    return [Profile(person, tuple(of_person[person.person_id])) for person in found]


async def find_standing(
    connection: AsyncConnection, economy_id: int, person_id: str
) -> Person | None:
    """Reads whether a person may act; None where there is no such person."""
    rows = await connection.execute(
        _SELECT_PEOPLE.where(people.c.economy_id == economy_id, people.c.person_id == person_id)
    )
    row = rows.one_or_none()
    return None if row is None else Person(**row._mapping)


# --- applications -----------------------------------------------------------------------------


async def find_application(snapshot: Snapshot, application_id: str) -> Application:
    """Finds an application. Refuses with APPLICATION_NOT_FOUND."""
    return await _find_application(
        snapshot, applications.c.application_id == application_id, application_id
    )


async def find_created_application(snapshot: Snapshot, sequence: int) -> Application:
    """Finds the application that an entry created. Refuses with APPLICATION_NOT_FOUND."""
    return await _find_application(
        snapshot, applications.c.create_sequence == sequence, f"of entry {sequence}"
    )


async def _find_application(
    snapshot: Snapshot, condition: sa.ColumnElement[bool], name: str
) -> Application:
    rows = await snapshot.connection.execute(
        sa.select(*_columns(applications)).where(
            applications.c.economy_id == snapshot.economy_id, condition
        )
    )
    row = rows.one_or_none()
    if row is None:
        raise Rejection(
            Reason.APPLICATION_NOT_FOUND, f"there is no application {name}", application=name
        )
    return Application(**row._mapping)


async def list_applications(snapshot: Snapshot, *, after: int, limit: int) -> Sequence[Application]:
    """Lists applications in the order of their creation, those after the entry `after`."""
    rows = await snapshot.connection.execute(
        sa.select(*_columns(applications))
        .where(
            applications.c.economy_id == snapshot.economy_id,
            applications.c.create_sequence > after,
        )
        .order_by(applications.c.create_sequence)
        .limit(limit)
    )
    return [Application(**row._mapping) for row in rows]


# --- keys -------------------------------------------------------------------------------------


async def find_api_key(snapshot: Snapshot, api_key_id: str) -> UsedKey:
    """Finds a key. Refuses with API_KEY_NOT_FOUND."""
    return await _find_api_key(snapshot, api_keys.c.api_key_id == api_key_id, api_key_id)


async def find_created_api_key(snapshot: Snapshot, sequence: int) -> UsedKey:
    """Finds the key that an entry made. Refuses with API_KEY_NOT_FOUND."""
    return await _find_api_key(
        snapshot, api_keys.c.create_sequence == sequence, f"of entry {sequence}"
    )


async def _find_api_key(
    snapshot: Snapshot, condition: sa.ColumnElement[bool], name: str
) -> UsedKey:
    found = await _read_api_keys(snapshot, _SELECT_KEYS.where(condition))
    if not found:
        raise Rejection(Reason.API_KEY_NOT_FOUND, f"there is no key {name}", api_key=name)
    return found[0]


async def list_api_keys(
    snapshot: Snapshot, application_id: str, *, after: int, limit: int
) -> Sequence[UsedKey]:
    """Lists an application's keys in the order of their creation, those after the entry `after`."""
    query = (
        _SELECT_KEYS.where(
            api_keys.c.application_id == application_id, api_keys.c.create_sequence > after
        )
        .order_by(api_keys.c.create_sequence)
        .limit(limit)
    )
    return await _read_api_keys(snapshot, query)


_SELECT_KEYS: sa.Select[Any] = sa.select(
    *_columns(api_keys), api_key_uses.c.last_use_time
).select_from(
    api_keys.outerjoin(
        api_key_uses,
        sa.and_(
            api_key_uses.c.economy_id == api_keys.c.economy_id,
            api_key_uses.c.api_key_id == api_keys.c.api_key_id,
        ),
    )
)


async def _read_api_keys(snapshot: Snapshot, query: sa.Select[Any]) -> list[UsedKey]:
    rows = await snapshot.connection.execute(
        query.where(api_keys.c.economy_id == snapshot.economy_id)
    )
    found = []
    for row in rows:
        columns = dict(row._mapping)
        last_use_time = columns.pop("last_use_time")
        found.append(UsedKey(ApiKey(**columns), last_use_time))
    return found


_SELECT_FOUND_KEY: sa.Select[Any] = (
    sa.select(
        economies.c.economy_id,
        economies.c.name.label("economy"),
        api_keys.c.api_key_id,
        applications.c.application_id,
        applications.c.scopes,
        applications.c.rate_limit_rps,
        economies.c.rate_limit_rps.label("economy_rate_limit_rps"),
        economies.c.suspend_time.is_not(None).label("suspended"),
        api_keys.c.expire_time,
        api_keys.c.revoke_time,
        sa.func.now().label("read_time"),
    )
    .select_from(api_keys)
    .join(economies, economies.c.economy_id == api_keys.c.economy_id)
    .join(
        applications,
        sa.and_(
            applications.c.economy_id == api_keys.c.economy_id,
            applications.c.application_id == api_keys.c.application_id,
        ),
    )
)


async def find_key(connection: AsyncConnection, secret_hash: bytes) -> FoundKey | None:
    """Finds the key with this secret in whichever economy it is, active or not."""
    query = _SELECT_FOUND_KEY.where(api_keys.c.secret_hash == secret_hash)
    row = (await connection.execute(query)).first()
    return None if row is None else FoundKey(**row._mapping)
