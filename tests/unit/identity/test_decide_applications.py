from datetime import timedelta

import pytest
from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.model import (
    ApiKey,
    Application,
    ApplicationOfKey,
    CreateApiKey,
    CreateApplication,
    EntryKind,
    RevokeApiKey,
    RotateApiKey,
    UpdateApplication,
)

MANAGE = "identity.applications"
CLERK = Caller("clerk00000000000", frozenset({MANAGE, "ledger.transfer"}))
STRANGER = Caller("stranger00000000", frozenset({"ledger.transfer", "ledger.mint"}))
NOWHERE = "nowhere000000000"
NO_KEY = "nokey0000000"


class Office:
    """Makes applications and keys in a town."""

    def __init__(self, town, request_ids):
        self.town = town
        self._ids = request_ids
        self._keys = iter(range(1, 1_000))

    def create(self, *scopes, name="bot", caller=None):
        command = CreateApplication(
            **self._ids(), name=name, scopes=frozenset(scopes), rate_limit_rps=50
        )
        return self._decide(command, caller)

    def update(self, application_id, *scopes, caller=None):
        command = UpdateApplication(
            **self._ids(),
            application_id=application_id,
            name="robot",
            scopes=frozenset(scopes),
            rate_limit_rps=60,
        )
        return self._decide(command, caller)

    def make_key(self, application_id, *, expires_in=None, caller=None, key_id=None):
        expire_time = None if expires_in is None else self.town.time + expires_in
        command = CreateApiKey(
            **self._ids(), application_id=application_id, expire_time=expire_time,
            **self._new_key(key_id),
        )  # fmt: skip
        return self._decide(command, caller)

    def rotate(self, api_key_id, *, overlap=timedelta(0), caller=None):
        command = RotateApiKey(
            **self._ids(), api_key_id=api_key_id, overlap=overlap, **self._new_key(None)
        )
        return self._decide(command, caller)

    def revoke(self, api_key_id, *, caller=None):
        return self._decide(RevokeApiKey(**self._ids(), api_key_id=api_key_id), caller)

    def key(self, decision) -> ApiKey:
        return self.town.state.find(ApiKey, decision.value)

    def application(self, decision) -> Application:
        return self.town.state.find(Application, decision.value)

    def _new_key(self, key_id):
        number = next(self._keys)
        return {
            "new_key_id": key_id or f"key{number:09}",
            "new_secret_hash": number.to_bytes(32, "big"),
        }

    def _decide(self, command, caller):
        return self.town.decide(command, caller) if caller else self.town.decide(command)


@pytest.fixture
def office(town, request_ids):
    return Office(town, request_ids)


# --- effects ----------------------------------------------------------------------------------


def test_a_new_application_has_what_it_was_given(office):
    decision = office.create("ledger.transfer", "identity.people")

    application = office.application(decision)
    assert decision.kind == EntryKind.APPLICATION_CREATED
    assert len(application.application_id) == 16
    assert application.name == "bot"
    assert application.scopes == "identity.people ledger.transfer"
    assert application.rate_limit_rps == 50
    assert application.create_time == office.town.time
    assert application.create_sequence == 101
    assert decode_fields(decision.event) == [
        application.application_id,
        "bot",
        "identity.people ledger.transfer",
        50,
        "operator00000000",
    ]


def test_an_application_may_have_no_scope_at_all(office):
    assert office.application(office.create()).scopes == ""


def test_an_update_replaces_name_scopes_and_rate_limit(office):
    created = office.create("ledger.transfer")

    decision = office.update(created.value, "ledger.mint")

    application = office.application(created)
    assert decision.kind == EntryKind.APPLICATION_UPDATED
    assert decision.value == created.value
    assert (application.name, application.scopes, application.rate_limit_rps) == (
        "robot",
        "ledger.mint",
        60,
    )
    assert application.create_sequence == 101


def test_a_new_key_belongs_to_its_application_and_is_stored_as_a_hash(office):
    application_id = office.create("ledger.transfer").value

    decision = office.make_key(application_id, expires_in=timedelta(days=1))

    key = office.key(decision)
    assert decision.kind == EntryKind.API_KEY_CREATED
    assert key.application_id == application_id
    assert key.secret_hash == (1).to_bytes(32, "big")
    assert key.create_sequence == 102
    assert key.create_time == office.town.time
    assert key.expire_time == office.town.time + timedelta(days=1)
    assert key.revoke_time is None
    assert decode_fields(decision.event) == [
        key.api_key_id,
        application_id,
        key.secret_hash,
        to_micros(key.expire_time),
        "operator00000000",
    ]


def test_a_key_without_an_end_never_expires(office):
    decision = office.make_key(office.create().value)

    office.town.wait(days=36_500)
    assert office.key(decision).is_active(office.town.time)


def test_a_key_is_inactive_from_its_very_end_on(office):
    key = office.key(office.make_key(office.create().value, expires_in=timedelta(seconds=1)))

    assert key.is_active(key.expire_time - timedelta(microseconds=1))
    assert not key.is_active(key.expire_time)


@pytest.mark.parametrize(
    ("expires_in", "overlap", "old_ends_in"),
    [
        (None, timedelta(0), timedelta(0)),
        (None, timedelta(days=1), timedelta(days=1)),
        (timedelta(hours=1), timedelta(0), timedelta(0)),
        (timedelta(hours=1), timedelta(days=1), timedelta(hours=1)),
        (timedelta(days=2), timedelta(days=1), timedelta(days=1)),
    ],
)
def test_a_rotation_ends_the_old_key_after_the_overlap_if_not_before(
    office, expires_in, overlap, old_ends_in
):
    old = office.make_key(office.create().value, expires_in=expires_in)

    decision = office.rotate(old.value, overlap=overlap)

    now = office.town.time
    new = office.key(decision)
    assert decision.kind == EntryKind.API_KEY_ROTATED
    assert decision.value != old.value
    assert office.key(old).expire_time == now + old_ends_in
    assert office.key(old).revoke_time is None
    assert new.application_id == office.key(old).application_id
    assert new.expire_time == (None if expires_in is None else now + expires_in)
    assert new.secret_hash == (2).to_bytes(32, "big")
    assert new.is_active(now)


def test_the_entry_of_a_rotation_tells_both_keys(office):
    old = office.make_key(office.create().value)

    decision = office.rotate(old.value, overlap=timedelta(hours=1))

    assert decode_fields(decision.event) == [
        old.value,
        to_micros(office.town.time + timedelta(hours=1)),
        decision.value,
        office.key(decision).secret_hash,
        0,
        "operator00000000",
    ]


def test_a_key_in_its_overlap_can_be_rotated_again(office):
    old = office.make_key(office.create().value)
    office.rotate(old.value, overlap=timedelta(hours=1))

    again = office.rotate(old.value)

    assert office.key(again).expire_time == office.town.time + timedelta(hours=1)
    assert not office.key(old).is_active(office.town.time)


def test_a_revoked_key_is_inactive_at_once(office):
    key = office.make_key(office.create().value)
    office.town.wait(minutes=5)

    decision = office.revoke(key.value)

    assert decision.kind == EntryKind.API_KEY_REVOKED
    assert decision.value == key.value
    assert office.key(key).revoke_time == office.town.time
    assert not office.key(key).is_active(office.town.time)


def test_an_application_rotates_and_revokes_its_own_keys_without_any_scope(office):
    application_id = office.create("ledger.mint").value
    key = office.make_key(application_id)
    itself = Caller(application_id)

    new = office.rotate(key.value, overlap=timedelta(hours=1), caller=itself)
    office.revoke(key.value, caller=itself)
    office.revoke(new.value, caller=itself)

    assert not office.key(new).is_active(office.town.time)


def test_a_clerk_revokes_keys_of_applications_that_may_do_more(office):
    key = office.make_key(office.create("ledger.mint").value)

    office.revoke(key.value, caller=CLERK)

    assert office.key(key).revoke_time == office.town.time


def test_a_clerk_manages_what_is_within_its_own_scopes(office):
    application_id = office.create("ledger.transfer", caller=CLERK).value
    office.update(application_id, MANAGE, caller=CLERK)
    key = office.make_key(application_id, caller=CLERK)

    assert office.key(office.rotate(key.value, caller=CLERK)).is_active(office.town.time)


def test_a_rotation_declares_the_application_of_the_key(office):
    key = office.make_key(office.create().value)
    office.rotate(key.value)

    assert key.value in office.town.state.rows[ApplicationOfKey]


# --- guards -----------------------------------------------------------------------------------

GUARDS = [
    # What is asked, by whom, and why it is refused.
    ("create an application with a scope that the caller lacks",
     lambda o: o.create("ledger.mint", caller=CLERK), Reason.SCOPE_MISSING),
    ("update an unknown application",
     lambda o: o.update(NOWHERE), Reason.APPLICATION_NOT_FOUND),
    ("update an unknown application with a scope that the caller lacks",
     lambda o: o.update(NOWHERE, "ledger.mint", caller=CLERK), Reason.APPLICATION_NOT_FOUND),
    ("grant by an update what the caller lacks",
     lambda o: o.update(o.plain, "ledger.mint", caller=CLERK), Reason.SCOPE_MISSING),
    ("grant again what the application has and the caller lacks",
     lambda o: o.update(o.mighty, "ledger.mint", caller=CLERK), Reason.SCOPE_MISSING),
    ("make a key for an unknown application",
     lambda o: o.make_key(NOWHERE), Reason.APPLICATION_NOT_FOUND),
    ("make a key for an application that may do more",
     lambda o: o.make_key(o.mighty, caller=CLERK), Reason.SCOPE_MISSING),
    ("make a key that ends now",
     lambda o: o.make_key(o.plain, expires_in=timedelta(0)), Reason.INVALID_FIELD),
    ("make a key that has ended, for an unknown application",
     lambda o: o.make_key(NOWHERE, expires_in=timedelta(-1)), Reason.INVALID_FIELD),
    ("rotate an unknown key",
     lambda o: o.rotate(NO_KEY, caller=STRANGER), Reason.API_KEY_NOT_FOUND),
    ("rotate another application's key without the scope",
     lambda o: o.rotate(o.plain_key, caller=STRANGER), Reason.SCOPE_MISSING),
    ("rotate a key of an application that may do more",
     lambda o: o.rotate(o.mighty_key, caller=CLERK), Reason.SCOPE_MISSING),
    ("rotate a revoked key of an application that may do more",
     lambda o: (o.revoke(o.mighty_key), o.rotate(o.mighty_key, caller=CLERK)),
     Reason.SCOPE_MISSING),
    ("rotate a revoked key",
     lambda o: (o.revoke(o.plain_key), o.rotate(o.plain_key)), Reason.API_KEY_INACTIVE),
    ("rotate a key that was rotated without overlap",
     lambda o: (o.rotate(o.plain_key), o.rotate(o.plain_key)), Reason.API_KEY_INACTIVE),
    ("rotate an expired key",
     lambda o: (o.town.wait(days=2), o.rotate(o.short_key)), Reason.API_KEY_INACTIVE),
    ("rotate one's own revoked key",
     lambda o: (o.revoke(o.plain_key), o.rotate(o.plain_key, caller=Caller(o.plain))),
     Reason.API_KEY_INACTIVE),
    ("revoke an unknown key",
     lambda o: o.revoke(NO_KEY, caller=STRANGER), Reason.API_KEY_NOT_FOUND),
    ("revoke another application's key without the scope",
     lambda o: o.revoke(o.plain_key, caller=STRANGER), Reason.SCOPE_MISSING),
    ("revoke another application's revoked key without the scope",
     lambda o: (o.revoke(o.plain_key), o.revoke(o.plain_key, caller=STRANGER)),
     Reason.SCOPE_MISSING),
    ("revoke a revoked key",
     lambda o: (o.revoke(o.plain_key), o.revoke(o.plain_key)), Reason.API_KEY_INACTIVE),
    ("revoke an expired key",
     lambda o: (o.town.wait(days=2), o.revoke(o.short_key)), Reason.API_KEY_INACTIVE),
]  # fmt: skip


@pytest.fixture
def busy_office(office):
    office.plain = office.create("ledger.transfer").value
    office.mighty = office.create("ledger.transfer", "ledger.mint").value
    office.plain_key = office.make_key(office.plain).value
    office.mighty_key = office.make_key(office.mighty).value
    office.short_key = office.make_key(office.plain, expires_in=timedelta(days=1)).value
    office.town.state.end_block()
    return office


@pytest.mark.parametrize(("act", "reason"), [g[1:] for g in GUARDS], ids=[g[0] for g in GUARDS])
def test_nobody_can(busy_office, act, reason):
    with pytest.raises(Rejection) as refused:
        act(busy_office)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("act", "facts"),
    [
        (lambda o: o.update(NOWHERE), {"application": NOWHERE}),
        (lambda o: o.revoke(NO_KEY), {"api_key": NO_KEY}),
        (
            lambda o: o.create("ledger.mint", "ledger.burn", "ledger.transfer", caller=CLERK),
            {"scope": "ledger.burn ledger.mint"},
        ),
        (lambda o: o.rotate(o.plain_key, caller=STRANGER), {"scope": MANAGE}),
        (lambda o: o.make_key(o.plain, expires_in=timedelta(0)), {"field": "expire_time"}),
    ],
)
def test_a_refusal_names_what_stands_in_the_way_and_changes_nothing(busy_office, act, facts):
    with pytest.raises(Rejection) as refused:
        act(busy_office)
    assert refused.value.metadata == facts
    assert busy_office.town.written() == []


def test_a_key_id_that_is_taken_is_a_fault_that_changes_nothing(busy_office):
    with pytest.raises(ValueError, match="there already"):
        busy_office.make_key(busy_office.plain, key_id=busy_office.mighty_key)

    assert busy_office.town.state.find(ApiKey, busy_office.mighty_key).application_id == (
        busy_office.mighty
    )
