"""What identity is about: people, applications and their keys, and the commands about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from ticketonomics_server.engine.model import Undoable


class EntryKind(IntEnum):
    """Kinds of entries that this room makes, beside the ledger's that move all a person has."""

    PERSON_CREATED = 20
    PERSON_BLOCKED = 21
    PERSON_UNBLOCKED = 22
    PREFERENCES_SET = 23
    LINK_CODE_CREATED = 25
    IDENTITY_LINKED = 26
    IDENTITY_UNLINKED = 27
    DISPLAY_NAME_SET = 28
    PRIVACY_SET = 29
    APPLICATION_CREATED = 30
    APPLICATION_UPDATED = 31
    API_KEY_CREATED = 32
    API_KEY_ROTATED = 33
    API_KEY_REVOKED = 34
    TEXTS_ERASED = 36
    LINK_CODE_EXPIRED = 37
    HANDLE_SET = 38
    HANDLE_FREED = 39


class PersonState(IntEnum):
    """As in the contract's `Person.State`."""

    ACTIVE = 1
    BLOCKED = 2
    MERGED = 3
    ERASED = 4


class Privacy(IntEnum):
    """Who sees a display name; as in the contract's `Person.Privacy`."""

    PUBLIC = 1
    PRIVATE = 2


@dataclass(slots=True, eq=False)
class Person(Undoable):
    """Somebody who takes part.

    Attributes:
        create_sequence: Entry that created the person: the order of creation.
        display_name: Erasable; private unless `privacy` says otherwise.
        merged_into: Who this person is part of, where the state is MERGED.
        name_change_times: The last changes of the name in microseconds since 1970, oldest first,
            with spaces between.
        handle: The one that leads to the person now; the same is in `Handle`.
        handle_change_times: As those of the name.
        language: A BCP 47 tag; empty where the person has chosen none.
        muted: Numbers of what the person does not want to be told of, ascending, with spaces
            between.
    """

    person_id: str
    create_sequence: int
    state: PersonState
    create_time: datetime
    display_name: str | None = None
    privacy: Privacy = Privacy.PRIVATE
    merged_into: str | None = None
    name_change_times: str = ""
    handle: str | None = None
    handle_change_times: str = ""
    language: str = ""
    muted: str = ""

    @property
    def key(self) -> str:
        return self.person_id


@dataclass(slots=True, eq=False)
class LinkCode(Undoable):
    """A code that links one more identity to a person.

    Attributes:
        code_hash: See `link_code.hash_code`, 32 bytes.
    """

    code_hash: bytes
    person_id: str
    expire_time: datetime

    @property
    def key(self) -> bytes:
        return self.code_hash


@dataclass(slots=True, frozen=True)
class IdentitiesOf:
    """Declared by person: all identities of the person are in the state.

    Its row there is the set of keys of the identities that the person may have.
    """


@dataclass(slots=True, eq=False)
class Handle(Undoable):
    """A name by which others find a person: one person's at most, at any moment.

    Attributes:
        person_id: Whose it is, or was; empty where that person is erased.
        sequence: Entry that gave it to the person.
        release_time: When it was given up; None while it leads to the person.
    """

    handle: str
    person_id: str
    sequence: int
    release_time: datetime | None = None

    @property
    def key(self) -> str:
        return self.handle


@dataclass(slots=True, frozen=True)
class HandlesOf:
    """Declared by person: all handles that are the person's, or kept for it, are in the state.

    Its row there is the set of handles that the person may have.
    """


@dataclass(slots=True, frozen=True)
class TextsOf:
    """Declared by person: its row in the state lists the entries whose texts are the person's.

    Only such as are not erased, also of people merged into this one, the first `MOST_TEXTS` and one
    more. Whoever decides by it takes it out of the state: it is true for one command.
    """


@dataclass(slots=True, eq=False)
class LinkedIdentity(Undoable):
    """Who a person is elsewhere: private, and erasable."""

    provider: str
    subject: str
    person_id: str
    link_time: datetime

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.subject


@dataclass(slots=True, eq=False)
class Application(Undoable):
    """A program that calls.

    Attributes:
        create_sequence: Entry that created it: the order of creation.
        scopes: Their names in alphabetical order, with spaces between; see `join_scopes`.
    """

    application_id: str
    create_sequence: int
    name: str
    scopes: str
    rate_limit_rps: int
    create_time: datetime

    @property
    def key(self) -> str:
        return self.application_id


@dataclass(slots=True, eq=False)
class ApiKey(Undoable):
    """A secret with which an application calls.

    Attributes:
        create_sequence: Entry that created it: the order of creation.
        secret_hash: SHA-256 of the secret, 32 bytes.
    """

    api_key_id: str
    application_id: str
    create_sequence: int
    secret_hash: bytes
    create_time: datetime
    expire_time: datetime | None = None
    revoke_time: datetime | None = None

    @property
    def key(self) -> str:
        return self.api_key_id

    def is_active(self, time: datetime) -> bool:
        """Tells whether calls are let through with it."""
        return self.revoke_time is None and (self.expire_time is None or time < self.expire_time)


@dataclass(slots=True, frozen=True)
class ApplicationOfKey:
    """Declared by the id of a key: the application that the key belongs to is in the state."""


def join_scopes(scopes: frozenset[str]) -> str:
    """Writes scopes as a row stores them."""
    return " ".join(sorted(scopes))


def split_scopes(scopes: str) -> frozenset[str]:
    """Reads scopes that a row stores."""
    return frozenset(scopes.split())


def person_account(person_id: str) -> str:
    """Returns the address of a person's account."""
    return f"users/{person_id}"


@dataclass(slots=True, frozen=True)
class GetOrCreatePerson:
    """Asks for the person with a linked identity, known or new."""

    request_id: bytes
    body_hash: bytes
    provider: str
    subject: str
    display_name: str


@dataclass(slots=True, frozen=True)
class BlockPerson:
    """Asks to keep a person from acting."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    reason: str


@dataclass(slots=True, frozen=True)
class UnblockPerson:
    """Asks to let a blocked person act again."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    reason: str


@dataclass(slots=True, frozen=True)
class CreateApplication:
    """Asks for a new application."""

    request_id: bytes
    body_hash: bytes
    name: str
    scopes: frozenset[str]
    rate_limit_rps: int


@dataclass(slots=True, frozen=True)
class UpdateApplication:
    """Asks to replace what an application is called and may do."""

    request_id: bytes
    body_hash: bytes
    application_id: str
    name: str
    scopes: frozenset[str]
    rate_limit_rps: int


# The two commands below carry the id and hash of a key that was drawn for this try. Their body hash
# covers neither: a replay draws another key, and yet is the same request.


@dataclass(slots=True, frozen=True)
class CreateApiKey:
    """Asks for a key for an application."""

    request_id: bytes
    body_hash: bytes
    application_id: str
    expire_time: datetime | None
    new_key_id: str
    new_secret_hash: bytes


@dataclass(slots=True, frozen=True)
class RotateApiKey:
    """Asks for a new key in place of an old one, which goes on working for the overlap."""

    request_id: bytes
    body_hash: bytes
    api_key_id: str
    overlap: timedelta
    new_key_id: str
    new_secret_hash: bytes


@dataclass(slots=True, frozen=True)
class RevokeApiKey:
    """Asks to end a key."""

    request_id: bytes
    body_hash: bytes
    api_key_id: str
