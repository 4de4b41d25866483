import pytest
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Decision, NothingToDo
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.identifiers import ALPHABET
from ticketonomics_server.identity.model import (
    BlockPerson,
    EntryKind,
    GetOrCreatePerson,
    LinkedIdentity,
    Person,
    PersonState,
    UnblockPerson,
)
from ticketonomics_server.ledger.model import Account, AccountState


@pytest.fixture
def ask(request_ids):
    def ask(subject="4711", display_name="Ada", provider="telegram"):
        return GetOrCreatePerson(
            **request_ids(), provider=provider, subject=subject, display_name=display_name
        )

    return ask


@pytest.fixture
def block(request_ids):
    return lambda person_id, reason="spam": BlockPerson(
        **request_ids(), person_id=person_id, reason=reason
    )


@pytest.fixture
def unblock(request_ids):
    return lambda person_id, reason="sorry": UnblockPerson(
        **request_ids(), person_id=person_id, reason=reason
    )


def test_an_unknown_identity_makes_a_person_with_an_open_account(town, ask):
    decision = town.decide(ask())

    assert isinstance(decision, Decision)
    assert decision.kind == EntryKind.PERSON_CREATED
    person = town.state.find(Person, decision.value)
    assert person.state == PersonState.ACTIVE
    assert person.display_name == "Ada"
    assert person.create_sequence == 101
    assert person.create_time == town.time
    identity = town.state.find(LinkedIdentity, ("telegram", "4711"))
    assert identity.person_id == person.person_id
    assert identity.link_time == town.time
    account = town.state.find(Account, f"users/{person.person_id}")
    assert account.state == AccountState.OPEN
    assert account.account_id == 1


def test_a_person_id_is_16_characters_that_nobody_misreads(town, ask):
    ids = {town.decide(ask(subject=str(number))).value for number in range(100)}

    assert len(ids) == 100
    assert {len(person_id) for person_id in ids} == {16}
    assert set("".join(ids)) == set(ALPHABET)


def test_a_known_identity_writes_nothing(town, ask):
    first = town.decide(ask())
    town.state.end_block()

    second = town.decide(ask(display_name="Other"))

    assert second == NothingToDo(first.value)
    assert town.written() == []


def test_two_who_ask_in_one_block_get_one_person(town, ask):
    assert town.decide(ask()).value == town.decide(ask()).value
    assert len(town.state.added(Person)) == 1


@pytest.mark.parametrize("other", [{"subject": "4712"}, {"provider": "minecraft"}])
def test_another_identity_makes_another_person(town, ask, other):
    assert town.decide(ask()).value != town.decide(ask(**other)).value


def test_personal_data_is_in_the_erasable_text_and_nowhere_in_the_entry(town, ask):
    decision = town.decide(ask(subject="subject-4711", display_name="Ada Lovelace"))

    (record,) = town.texts
    assert record.sequence == 101
    assert dict(record.text.metadata) == {
        "provider": "telegram",
        "subject": "subject-4711",
        "display_name": "Ada Lovelace",
    }
    assert record.commitment in decision.leaf
    for private in (b"telegram", b"subject-4711", b"Ada Lovelace"):
        assert private not in decision.event
        assert private not in decision.leaf
    assert decode_fields(decision.event) == [decision.value, "operator00000000"]


def test_the_commitment_is_salted_so_that_nobody_can_guess_who_it_is(town, ask):
    town.decide(ask())
    one = town.texts[0]
    other_town = type(town)()
    other_town.sequence += 1
    other_town.decide(ask())
    other = other_town.texts[0]

    assert len(one.salt) == 16
    assert one.text == other.text
    assert one.commitment != other.commitment


def test_no_display_name_is_none(town, ask):
    decision = town.decide(ask(display_name=""))

    assert town.state.find(Person, decision.value).display_name is None
    assert "display_name" not in dict(town.texts[0].text.metadata)


def test_a_blocked_person_and_its_account_are_blocked_together(town, ask, block):
    person_id = town.decide(ask()).value

    decision = town.decide(block(person_id, reason="sold a stolen account"))

    assert decision.kind == EntryKind.PERSON_BLOCKED
    assert decision.value == person_id
    assert town.state.find(Person, person_id).state == PersonState.BLOCKED
    assert town.state.find(Account, f"users/{person_id}").state == AccountState.BLOCKED


def test_an_unblocked_person_and_its_account_are_open_again(town, ask, block, unblock):
    person_id = town.decide(ask()).value
    town.decide(block(person_id))

    decision = town.decide(unblock(person_id))

    assert decision.kind == EntryKind.PERSON_UNBLOCKED
    assert town.state.find(Person, person_id).state == PersonState.ACTIVE
    assert town.state.find(Account, f"users/{person_id}").state == AccountState.OPEN


def test_the_reason_of_a_block_can_be_erased_and_who_did_it_stays(town, ask, block):
    person_id = town.decide(ask()).value

    decision = town.decide(block(person_id, reason="sold a stolen account"))

    assert town.texts[-1].text.memo == "sold a stolen account"
    assert b"stolen" not in decision.event
    assert decode_fields(decision.event) == [person_id, "operator00000000"]


def test_blocking_twice_changes_nothing(town, ask, block):
    person_id = town.decide(ask()).value
    town.decide(block(person_id))
    town.state.end_block()

    assert town.decide(block(person_id)) == NothingToDo(person_id)
    assert town.written() == []


def test_unblocking_an_active_person_changes_nothing(town, ask, unblock):
    person_id = town.decide(ask()).value
    town.state.end_block()

    assert town.decide(unblock(person_id)) == NothingToDo(person_id)
    assert town.written() == []


@pytest.mark.parametrize("command", ["block", "unblock"])
def test_an_unknown_person_is_not_found(town, request, command):
    with pytest.raises(Rejection) as refused:
        town.decide(request.getfixturevalue(command)("nobody0000000000"))

    assert refused.value.reason is Reason.PERSON_NOT_FOUND
    assert refused.value.metadata == {"person": "nobody0000000000"}
    assert town.written() == []


def test_a_person_without_an_account_is_a_fault_that_changes_nothing(town, ask, block):
    person_id = town.decide(ask()).value
    town.state.end_block()
    town.state.rows[Account][f"users/{person_id}"] = None

    with pytest.raises(LookupError):
        town.decide(block(person_id))
    assert town.state.find(Person, person_id).state == PersonState.ACTIVE
