"""Encodes people, applications and keys into contract messages."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from ticketonomics.identity.v1 import (
    application_pb2,
    identity_service_pb2,
    person_pb2,
    preferences_pb2,
)

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.model import (
    Application,
    PersonState,
    Privacy,
    person_account,
)
from ticketonomics_server.identity.queries import Profile, UsedKey
from ticketonomics_server.identity.queries_people import PersonalText
from ticketonomics_server.identity.scopes import Scope
from ticketonomics_server.rpc.fields import set_time


def may_read_private(caller: Caller, person_id: str) -> bool:
    """Tells whether a caller may see who a person is elsewhere, and the person's name.

    Who acts for a person sees that person's and no other's, whatever the program itself may see.
    """
    if caller.person_id:
        return caller.person_id == person_id
    return caller.may(Scope.IDENTITY_PEOPLE)


def encode_person(caller: Caller, profile: Profile) -> person_pb2.Person:
    """Encodes a person as far as the caller may see it."""
    person = profile.person
    message = person_pb2.Person(
        person_id=person.person_id,
        account=person_account(person.person_id),
        state=f"STATE_{PersonState(person.state).name}",
        privacy=f"PRIVACY_{Privacy(person.privacy).name}",
        merged_into=person.merged_into or "",
        handle=person.handle or "",
    )
    set_time(message.create_time, person.create_time)
    private = may_read_private(caller, person.person_id)
    if private or person.privacy == Privacy.PUBLIC:
        message.display_name = person.display_name or ""
    if private:
        for identity in profile.identities:
            linked = message.linked_identities.add(
                provider=identity.provider, subject=identity.subject
            )
            set_time(linked.link_time, identity.link_time)
    return message


def encode_preferences(profile: Profile) -> preferences_pb2.Preferences:
    """Encodes what a person wishes, for who may read it."""
    person = profile.person
    return preferences_pb2.Preferences(
        language=person.language,
        muted=[cast(Any, int(number)) for number in person.muted.split()],
    )


def read_change_times(times: str) -> list[datetime]:
    """Reads when a person's name or handle was last changed."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return [epoch + timedelta(microseconds=int(time)) for time in times.split()]


def encode_personal_text(found: PersonalText) -> identity_service_pb2.PersonalText:
    """Encodes a text for the person whose it is."""
    message = identity_service_pb2.PersonalText(
        sequence=found.sequence, memo=found.text.memo, metadata=dict(found.text.metadata)
    )
    set_time(message.commit_time, found.commit_time)
    return message


def encode_application(application: Application) -> application_pb2.Application:
    """Encodes an application."""
    message = application_pb2.Application(
        application_id=application.application_id,
        name=application.name,
        scopes=application.scopes.split(),
        rate_limit_rps=application.rate_limit_rps,
    )
    set_time(message.create_time, application.create_time)
    return message


def encode_api_key(used: UsedKey) -> application_pb2.ApiKey:
    """Encodes a key, of which nobody may know the secret."""
    key = used.key
    message = application_pb2.ApiKey(api_key_id=key.api_key_id, application_id=key.application_id)
    set_time(message.create_time, key.create_time)
    if key.expire_time is not None:
        set_time(message.expire_time, key.expire_time)
    if key.revoke_time is not None:
        set_time(message.revoke_time, key.revoke_time)
    if used.last_use_time is not None:
        set_time(message.last_use_time, used.last_use_time)
    return message
