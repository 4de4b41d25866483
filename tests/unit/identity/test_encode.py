from datetime import UTC, datetime

import pytest
from ticketonomics.identity.v1.person_pb2 import Person as PersonMessage
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.encode import (
    encode_api_key,
    encode_application,
    encode_person,
)
from ticketonomics_server.identity.model import (
    ApiKey,
    Application,
    LinkedIdentity,
    Person,
    PersonState,
)
from ticketonomics_server.identity.queries import Profile, UsedKey

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
LATER = datetime(2031, 2, 3, 4, 5, 6, 789_012, tzinfo=UTC)
ADA = "ada0000000000000"
BOB = "bob0000000000000"
PEOPLE = frozenset({"identity.people"})


def profile(state=PersonState.ACTIVE, display_name="Ada"):
    return Profile(
        Person(ADA, 7, state, NOON, display_name),
        (
            LinkedIdentity("telegram", "4711", ADA, NOON),
            LinkedIdentity("minecraft", "ada", ADA, LATER),
        ),
    )


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (Caller(""), False),
        (Caller("app"), False),
        (Caller("app", frozenset({"identity.block"})), False),
        (Caller("app", PEOPLE), True),
        (Caller("app", frozenset(), ADA), True),
        (Caller("app", frozenset(), BOB), False),
        (Caller("app", PEOPLE, ADA), True),
        (Caller("app", PEOPLE, BOB), False),
    ],
)
def test_private_fields_are_for_the_person_and_for_those_who_manage_people(caller, sees):
    message = encode_person(caller, profile())

    assert message.person_id == ADA
    assert message.account == f"users/{ADA}"
    assert message.create_time.ToDatetime(UTC) == NOON
    assert message.display_name == ("Ada" if sees else "")
    linked = message.linked_identities
    identities = [(i.provider, i.subject, i.link_time.ToDatetime(UTC)) for i in linked]
    assert identities == ([("telegram", "4711", NOON), ("minecraft", "ada", LATER)] if sees else [])


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PersonState.ACTIVE, PersonMessage.STATE_ACTIVE),
        (2, PersonMessage.STATE_BLOCKED),
    ],
)
def test_a_state_is_told_whether_it_comes_from_a_decision_or_the_database(state, expected):
    assert encode_person(Caller(""), profile(state)).state == expected


def test_an_erased_name_is_empty():
    assert encode_person(Caller("app", PEOPLE), profile(display_name=None)).display_name == ""


def test_an_application_lists_its_scopes():
    row = Application("app", 7, "bot", "ledger.burn ledger.mint", 50, LATER)

    message = encode_application(row)

    assert list(message.scopes) == ["ledger.burn", "ledger.mint"]
    assert (message.application_id, message.name, message.rate_limit_rps) == ("app", "bot", 50)
    assert message.create_time.ToDatetime(UTC) == LATER


def test_an_application_without_scopes_lists_none():
    assert list(encode_application(Application("app", 7, "bot", "", 50, NOON)).scopes) == []


def test_a_key_tells_all_but_its_secret():
    message = encode_api_key(UsedKey(ApiKey("key", "app", 7, b"s" * 32, NOON, LATER, LATER), NOON))

    assert (message.api_key_id, message.application_id) == ("key", "app")
    assert message.expire_time.ToDatetime(UTC) == LATER
    assert message.revoke_time.ToDatetime(UTC) == LATER
    assert message.last_use_time.ToDatetime(UTC) == NOON
    assert b"s" * 32 not in message.SerializeToString()


def test_times_that_have_not_come_are_unset():
    message = encode_api_key(UsedKey(ApiKey("key", "app", 7, b"s" * 32, NOON), None))

    assert not message.HasField("expire_time")
    assert not message.HasField("revoke_time")
    assert not message.HasField("last_use_time")
