from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from ticketonomics.identity.v1 import identity_service_pb2 as rpc
from ticketonomics.identity.v1.application_pb2 import RotationPolicy
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity import decode
from ticketonomics_server.identity.secret import draw_secret

CALLER = Caller("bot0000000000000")
REQUEST_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
PERSON = "person0000000000"
APPLICATION = "app0000000000000"
KEY = "key000000000"


def person(**fields):
    given = {"request_id": REQUEST_ID, "provider": "telegram", "subject": "4711"}
    return decode.decode_get_or_create_person(
        CALLER, rpc.GetOrCreatePersonRequest(**{**given, **fields})
    )


def block(**fields):
    given = {"request_id": REQUEST_ID, "person_id": PERSON, "reason": "spam"}
    return decode.decode_block_person(CALLER, rpc.BlockPersonRequest(**{**given, **fields}))


def unblock(**fields):
    given = {"request_id": REQUEST_ID, "person_id": PERSON, "reason": "sorry"}
    return decode.decode_unblock_person(CALLER, rpc.UnblockPersonRequest(**{**given, **fields}))


def create(**fields):
    given = {"request_id": REQUEST_ID, "name": "bot", "scopes": ["ledger.transfer"]}
    return decode.decode_create_application(
        CALLER, rpc.CreateApplicationRequest(**{**given, **fields})
    )


def update(**fields):
    given = {"request_id": REQUEST_ID, "application_id": APPLICATION, "name": "bot"}
    return decode.decode_update_application(
        CALLER, rpc.UpdateApplicationRequest(**{**given, **fields})
    )


def make_key(secret=None, **fields):
    given = {"request_id": REQUEST_ID, "application_id": APPLICATION}
    return decode.decode_create_api_key(
        CALLER, rpc.CreateApiKeyRequest(**{**given, **fields}), secret or draw_secret()
    )


def rotate(secret=None, **fields):
    given = {"request_id": REQUEST_ID, "api_key_id": KEY}
    return decode.decode_rotate_api_key(
        CALLER, rpc.RotateApiKeyRequest(**{**given, **fields}), secret or draw_secret()
    )


def revoke(**fields):
    given = {"request_id": REQUEST_ID, "api_key_id": KEY}
    return decode.decode_revoke_api_key(CALLER, rpc.RevokeApiKeyRequest(**{**given, **fields}))


def overlap(seconds=0, nanos=0):
    return {"policy": RotationPolicy(overlap=Duration(seconds=seconds, nanos=nanos))}


@pytest.mark.parametrize(
    "command",
    [person, block, unblock, create, update, make_key, rotate, revoke],
)
def test_every_command_has_the_id_of_its_request(command):
    assert command().request_id == bytes.fromhex(REQUEST_ID.replace("-", ""))
    with pytest.raises(Rejection) as refused:
        command(request_id="4711")
    assert refused.value.reason is Reason.INVALID_FIELD
    assert refused.value.metadata == {"field": "request_id"}


@pytest.mark.parametrize("command", [make_key, rotate])
def test_a_replay_draws_another_secret_and_is_the_same_request(command):
    first, second = command(), command()

    assert first.body_hash == second.body_hash
    assert first.new_key_id != second.new_key_id
    assert first.new_secret_hash != second.new_secret_hash


def test_a_command_takes_the_drawn_key():
    secret = draw_secret()

    for command in make_key(secret), rotate(secret):
        assert (command.new_key_id, command.new_secret_hash) == (secret.api_key_id, secret.hash)


@pytest.mark.parametrize(
    ("command", "fields", "reason", "field"),
    [
        (person, {"provider": ""}, Reason.INVALID_FIELD, "provider"),
        (person, {"provider": "Telegram"}, Reason.INVALID_FIELD, "provider"),
        (person, {"provider": "telegram\n"}, Reason.INVALID_FIELD, "provider"),
        (person, {"provider": "a" * 33}, Reason.INVALID_FIELD, "provider"),
        (person, {"subject": ""}, Reason.INVALID_FIELD, "subject"),
        (person, {"subject": "a" * 129}, Reason.TEXT_TOO_LONG, "subject"),
        (person, {"subject": "a\0"}, Reason.TEXT_NOT_CLEAN, "subject"),
        (person, {"display_name": "a" * 65}, Reason.TEXT_TOO_LONG, "display_name"),
        (person, {"display_name": "e\u0301"}, Reason.TEXT_NOT_CLEAN, "display_name"),
        (block, {"person_id": ""}, Reason.INVALID_FIELD, "person_id"),
        (block, {"person_id": PERSON.upper()}, Reason.INVALID_FIELD, "person_id"),
        (block, {"reason": ""}, Reason.INVALID_FIELD, "reason"),
        (block, {"reason": "a" * 257}, Reason.TEXT_TOO_LONG, "reason"),
        (block, {"reason": "a\x07"}, Reason.TEXT_NOT_CLEAN, "reason"),
        (unblock, {"person_id": "x"}, Reason.INVALID_FIELD, "person_id"),
        (unblock, {"reason": ""}, Reason.INVALID_FIELD, "reason"),
        (create, {"name": ""}, Reason.INVALID_FIELD, "name"),
        (create, {"name": "a" * 65}, Reason.TEXT_TOO_LONG, "name"),
        (create, {"scopes": ["ledger.everything"]}, Reason.INVALID_FIELD, "scopes"),
        (create, {"scopes": ["ledger.mint ledger.burn"]}, Reason.INVALID_FIELD, "scopes"),
        (create, {"scopes": [""]}, Reason.INVALID_FIELD, "scopes"),
        (create, {"scopes": ["ledger.mint"] * 33}, Reason.INVALID_FIELD, "scopes"),
        (create, {"rate_limit_rps": -1}, Reason.INVALID_FIELD, "rate_limit_rps"),
        (create, {"rate_limit_rps": 1_000_001}, Reason.INVALID_FIELD, "rate_limit_rps"),
        (update, {"application_id": "x"}, Reason.INVALID_FIELD, "application_id"),
        (update, {"scopes": ["everything"]}, Reason.INVALID_FIELD, "scopes"),
        (make_key, {"application_id": ""}, Reason.INVALID_FIELD, "application_id"),
        (make_key, {"expire_time": Timestamp(seconds=2**62)}, Reason.INVALID_FIELD, "expire_time"),
        (rotate, {"api_key_id": "x"}, Reason.INVALID_FIELD, "api_key_id"),
        (rotate, overlap(seconds=-1), Reason.INVALID_FIELD, "policy.overlap"),
        (rotate, overlap(nanos=-1), Reason.INVALID_FIELD, "policy.overlap"),
        (rotate, overlap(nanos=10**9), Reason.INVALID_FIELD, "policy.overlap"),
        (rotate, overlap(seconds=30 * 86_400, nanos=1_000), Reason.INVALID_FIELD, "policy.overlap"),
        (rotate, overlap(seconds=2**62), Reason.INVALID_FIELD, "policy.overlap"),
        (revoke, {"api_key_id": ""}, Reason.INVALID_FIELD, "api_key_id"),
    ],
)
def test_a_malformed_field_is_refused_by_name(command, fields, reason, field):
    with pytest.raises(Rejection) as refused:
        command(**fields)
    assert refused.value.reason is reason
    assert refused.value.metadata == {"field": field}


def test_texts_may_be_as_long_as_the_contract_says():
    command = person(provider="a" * 32, subject="b" * 128, display_name="é" * 64)

    assert command.provider == "a" * 32
    assert command.subject == "b" * 128
    assert command.display_name == "é" * 64


def test_scopes_are_a_set_and_no_rate_limit_means_1_000():
    command = create(scopes=["ledger.mint", "ledger.mint", "ledger.burn"])

    assert command.scopes == {"ledger.mint", "ledger.burn"}
    assert command.rate_limit_rps == 1_000
    assert create(rate_limit_rps=1_000_000).rate_limit_rps == 1_000_000


def test_an_unset_end_is_never_and_a_set_one_is_exact():
    time = datetime(2031, 5, 6, 7, 8, 9, 123_456, tzinfo=UTC)
    stamp = Timestamp()
    stamp.FromDatetime(time)

    assert make_key().expire_time is None
    assert make_key(expire_time=stamp).expire_time == time


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, timedelta(0)),
        ({"policy": RotationPolicy()}, timedelta(0)),
        (overlap(nanos=1_000), timedelta(microseconds=1)),
        (overlap(seconds=30 * 86_400), timedelta(days=30)),
    ],
)
def test_an_overlap_is_between_nothing_and_30_days(fields, expected):
    assert rotate(**fields).overlap == expected


@pytest.mark.parametrize("state", [0, 1, 2])
def test_people_are_listed_by_the_states_of_the_contract(state):
    assert decode.decode_state(state) == state


def test_people_are_not_listed_by_another_state():
    with pytest.raises(Rejection) as refused:
        decode.decode_state(5)
    assert refused.value.metadata == {"field": "state"}
