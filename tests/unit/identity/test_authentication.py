import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity import authentication
from ticketonomics_server.identity.authentication import Authenticator
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.identity.queries import FoundKey
from ticketonomics_server.identity.secret import draw_secret
from ticketonomics_server.rpc.call import Call

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
SECRET = draw_secret()
BEARER = f"Bearer {SECRET.text}"
ADA = "ada0000000000000"
BOB = "bob0000000000000"
MEG = "meg0000000000000"
ERA = "era0000000000000"


class Registry:
    """A database of keys and people in memory, with a clock, that counts its readers."""

    def __init__(self):
        self.seconds = 1_000.0
        self.keys = {
            SECRET.hash: FoundKey(
                economy_id=3,
                economy="main",
                api_key_id=SECRET.api_key_id,
                application_id="bot",
                scopes="identity.act_for ledger.transfer",
                rate_limit_rps=50,
                economy_rate_limit_rps=0,
                suspended=False,
                expire_time=None,
                revoke_time=None,
                read_time=NOON,
            )
        }
        self.people = {
            (3, ADA): PersonState.ACTIVE,
            (3, BOB): PersonState.BLOCKED,
            (3, MEG): PersonState.MERGED,
            (3, ERA): PersonState.ERASED,
        }
        self.reads = 0
        self.away = False
        self.open = asyncio.Event()
        self.open.set()
        self.uses = []

    @asynccontextmanager
    async def snapshot(self):
        self.reads += 1
        await self.open.wait()
        if self.away:
            raise ConnectionRefusedError
        yield self

    async def find_key(self, _, secret_hash):
        found = self.keys.get(secret_hash)
        return found and replace(found, read_time=self.now)

    async def find_standing(self, _, economy_id, person_id):
        state = self.people.get((economy_id, person_id))
        merged_into = ADA if state is PersonState.MERGED else None
        return state and Person(person_id, 1, state, NOON, merged_into=merged_into)

    @property
    def now(self):
        return NOON + timedelta(seconds=self.seconds - 1_000)

    def change_key(self, **fields):
        self.keys[SECRET.hash] = replace(self.keys[SECRET.hash], **fields)


@pytest.fixture
def registry(monkeypatch):
    registry = Registry()
    monkeypatch.setattr(authentication, "find_key", registry.find_key)
    monkeypatch.setattr(authentication, "find_standing", registry.find_standing)
    return registry


@pytest.fixture
def authenticator(registry):
    return Authenticator(
        registry.snapshot, lambda *use: registry.uses.append(use), clock=lambda: registry.seconds
    )


async def refusal(authenticator, *credentials):
    with pytest.raises(Rejection) as refused:
        await authenticator.identify(*credentials)
    return refused.value


async def test_a_key_tells_application_and_economy(authenticator):
    assert await authenticator.identify(BEARER) == Call(
        economy_id=3,
        economy="main",
        caller=Caller("bot", frozenset({"identity.act_for", "ledger.transfer"})),
        rate_limit_rps=50,
    )


async def test_an_application_acts_for_a_person(authenticator):
    call = await authenticator.identify(BEARER, ADA)

    assert call.caller.person_id == ADA
    assert call.caller.application_id == "bot"


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("", Reason.CREDENTIALS_MISSING),
        ("Basic 4711", Reason.CREDENTIALS_INVALID),
        ("Bearer 4711", Reason.CREDENTIALS_INVALID),
    ],
)
async def test_what_is_no_key_is_refused_without_a_read(
    authenticator, registry, authorization, reason
):
    assert (await refusal(authenticator, authorization)).reason is reason
    assert registry.reads == 0
    assert not authenticator._refused


async def test_an_unknown_key_is_invalid(authenticator):
    unknown = f"Bearer {draw_secret().text}"

    assert (await refusal(authenticator, unknown)).reason is Reason.CREDENTIALS_INVALID


@pytest.mark.parametrize(
    ("fields", "person_id", "reason"),
    [
        ({"revoke_time": NOON}, "", Reason.CREDENTIALS_INVALID),
        ({"revoke_time": NOON + timedelta(hours=1)}, "", Reason.CREDENTIALS_INVALID),
        ({"expire_time": NOON}, "", Reason.CREDENTIALS_EXPIRED),
        ({"expire_time": NOON - timedelta(days=1)}, "", Reason.CREDENTIALS_EXPIRED),
        ({"expire_time": NOON, "revoke_time": NOON}, "", Reason.CREDENTIALS_INVALID),
        ({"expire_time": NOON, "scopes": ""}, ADA, Reason.CREDENTIALS_EXPIRED),
        ({"scopes": "ledger.transfer"}, ADA, Reason.SCOPE_MISSING),
        ({"scopes": "ledger.transfer"}, "nobody0000000000", Reason.SCOPE_MISSING),
        ({}, "nobody0000000000", Reason.PERSON_NOT_FOUND),
        ({}, "no\0body", Reason.PERSON_NOT_FOUND),
        ({"economy_id": 4}, ADA, Reason.PERSON_NOT_FOUND),
        ({}, BOB, Reason.PERSON_BLOCKED),
        ({}, MEG, Reason.PERSON_MERGED),
        ({}, ERA, Reason.PERSON_ERASED),
    ],
)
async def test_a_key_is_refused(authenticator, registry, fields, person_id, reason):
    registry.change_key(**fields)

    assert (await refusal(authenticator, BEARER, person_id)).reason is reason
    assert registry.uses == []


async def test_a_refusal_never_shows_the_secret(authenticator, registry):
    registry.change_key(revoke_time=NOON)

    refused = await refusal(authenticator, BEARER)

    assert SECRET.text not in repr(refused)


async def test_a_database_that_is_away_is_told_and_not_remembered(authenticator, registry):
    registry.away = True
    assert (await refusal(authenticator, BEARER)).reason is Reason.DATABASE_UNAVAILABLE

    registry.away = False
    assert (await authenticator.identify(BEARER)).economy == "main"


# --- memory -----------------------------------------------------------------------------------


async def test_an_answer_is_remembered(authenticator, registry):
    first = await authenticator.identify(BEARER)
    registry.seconds += 0.5

    assert await authenticator.identify(BEARER) is first
    assert registry.reads == 1


async def test_persons_are_remembered_apart(authenticator, registry):
    await authenticator.identify(BEARER)
    await authenticator.identify(BEARER, ADA)

    assert (await authenticator.identify(BEARER)).caller.person_id == ""
    assert (await authenticator.identify(BEARER, ADA)).caller.person_id == ADA
    assert registry.reads == 2


async def test_a_revocation_is_in_force_within_two_seconds(authenticator, registry):
    await authenticator.identify(BEARER)
    registry.change_key(revoke_time=NOON)
    registry.seconds += 1.99

    assert (await refusal(authenticator, BEARER)).reason is Reason.CREDENTIALS_INVALID


async def test_a_block_is_in_force_within_two_seconds(authenticator, registry):
    await authenticator.identify(BEARER, ADA)
    registry.people[3, ADA] = PersonState.BLOCKED
    registry.seconds += 1.99

    assert (await refusal(authenticator, BEARER, ADA)).reason is Reason.PERSON_BLOCKED


async def test_the_time_of_the_read_counts(authenticator, registry):
    registry.open.clear()
    asked = asyncio.create_task(authenticator.identify(BEARER))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    registry.seconds += 1.9
    registry.open.set()
    await asked

    await authenticator.identify(BEARER)

    assert registry.reads == 2


async def test_an_expiry_is_in_force_to_the_moment(authenticator, registry):
    registry.change_key(expire_time=NOON + timedelta(seconds=0.5))
    await authenticator.identify(BEARER)

    registry.seconds += 0.4
    await authenticator.identify(BEARER)
    registry.seconds += 0.1
    assert (await refusal(authenticator, BEARER)).reason is Reason.CREDENTIALS_EXPIRED
    assert registry.reads == 2


async def test_an_answer_in_use_is_looked_up_again_without_anybody_waiting(authenticator, registry):
    first = await authenticator.identify(BEARER)
    registry.change_key(rate_limit_rps=70)
    registry.seconds += 1.0

    registry.open.clear()
    for _ in range(10):
        assert await authenticator.identify(BEARER) is first
        await asyncio.sleep(0)
    registry.open.set()
    await _settle()

    assert registry.reads == 2
    assert (await authenticator.identify(BEARER)).rate_limit_rps == 70


async def test_a_bad_change_found_in_the_background_ends_the_answer(authenticator, registry):
    await authenticator.identify(BEARER)
    registry.change_key(revoke_time=NOON)
    registry.seconds += 1.0
    await authenticator.identify(BEARER)
    await _settle()

    assert (await refusal(authenticator, BEARER)).reason is Reason.CREDENTIALS_INVALID
    assert registry.reads == 2


async def test_an_answer_outlives_a_database_that_is_away_for_a_moment(authenticator, registry):
    first = await authenticator.identify(BEARER)
    registry.away = True
    registry.seconds += 1.0
    assert await authenticator.identify(BEARER) is first
    await _settle()
    registry.away = False
    registry.seconds += 0.1

    assert await authenticator.identify(BEARER) is first


async def test_a_refusal_is_remembered_and_each_is_its_own_exception(authenticator, registry):
    unknown = f"Bearer {draw_secret().text}"

    first, second, third = [await refusal(authenticator, unknown) for _ in range(3)]

    assert registry.reads == 1
    assert second is not third
    assert second.message == first.message
    first.metadata["last_sequence"] = "5"
    assert second.metadata == third.metadata == {}


async def test_a_remembered_refusal_keeps_its_facts(authenticator):
    first = await refusal(authenticator, BEARER, BOB)
    second = await refusal(authenticator, BEARER, BOB)

    assert first.metadata == second.metadata == {"person": BOB}


async def test_an_unblocked_person_acts_again_within_two_seconds(authenticator, registry):
    await refusal(authenticator, BEARER, BOB)
    registry.people[3, BOB] = PersonState.ACTIVE
    registry.seconds += 1.99

    assert (await authenticator.identify(BEARER, BOB)).caller.person_id == BOB


async def test_many_who_ask_at_once_share_one_read(authenticator, registry):
    calls = await asyncio.gather(*(authenticator.identify(BEARER) for _ in range(50)))

    assert len({id(call) for call in calls}) == 1
    assert registry.reads == 1


async def test_one_who_goes_away_takes_nobody_along(authenticator, registry):
    registry.open.clear()
    gone = asyncio.create_task(authenticator.identify(BEARER))
    waiting = asyncio.create_task(authenticator.identify(BEARER))
    await _settle()
    gone.cancel()
    await _settle()
    registry.open.set()

    assert (await waiting).economy == "main"
    assert registry.reads == 1


async def test_bad_secrets_push_out_neither_good_ones_nor_memory(
    authenticator, registry, monkeypatch
):
    monkeypatch.setattr(authentication, "MAX_KEPT", 10)
    good = await authenticator.identify(BEARER)
    for _ in range(30):
        await refusal(authenticator, f"Bearer {draw_secret().text}")

    assert await authenticator.identify(BEARER) is good
    assert len(authenticator._refused) == 10


async def test_each_look_up_of_a_good_key_notes_its_use(authenticator, registry):
    for _ in range(5):
        await authenticator.identify(BEARER)
    registry.seconds += 3.0
    await authenticator.identify(BEARER)

    assert registry.uses == [
        (3, SECRET.api_key_id, NOON),
        (3, SECRET.api_key_id, NOON + timedelta(seconds=3)),
    ]


async def _settle():
    for _ in range(5):
        await asyncio.sleep(0)
