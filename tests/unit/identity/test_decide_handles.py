"""Handles and preferences, decided in memory."""

from datetime import timedelta

import pytest
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller, NothingToDo
from ticketonomics_server.engine.model import Timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.decide_handles import RESERVED
from ticketonomics_server.identity.model import (
    BlockPerson,
    EntryKind,
    GetOrCreatePerson,
    Handle,
    Person,
)
from ticketonomics_server.identity.model_people import (
    HANDLE_TIMER,
    ErasePerson,
    FreeHandle,
    MergePeople,
    SetHandle,
    SetPreferences,
)
from ticketonomics_server.ledger.model import SINK, Account, AccountState


class Street:
    """The town with people in it, and short ways to ask."""

    def __init__(self, town, request_ids):
        self.town, self.ids = town, request_ids
        account = Account(2, SINK, AccountState.OPEN, town.time)
        town.state.rows[Account][SINK] = account
        self.ada, self.bob, self.cid = (self._person(subject) for subject in "123")

    def _person(self, subject):
        command = GetOrCreatePerson(**self.ids(), provider="x", subject=subject, display_name="")
        return self.town.decide(command).value

    def take(self, person_id, handle, caller=None):
        command = SetHandle(**self.ids(), person_id=person_id, handle=handle)
        return self.town.decide(command, caller) if caller else self.town.decide(command)

    def refusal(self, *arguments):
        before = len(self.town.written())
        with pytest.raises(Rejection) as caught:
            self.take(*arguments)
        assert len(self.town.written()) == before
        return caught.value.reason

    def prefer(self, person_id, language="", muted=""):
        command = SetPreferences(**self.ids(), person_id=person_id, language=language, muted=muted)
        return self.town.decide(command)

    def merge(self, source, target):
        self.town.decide(MergePeople(**self.ids(), source_id=source, target_id=target))

    def erase(self, person_id):
        self.town.decide(ErasePerson(**self.ids(), person_id=person_id, burn_balances=False))

    def free(self, handle):
        return self.town.decide(FreeHandle(bytes(16), handle))

    def person(self, person_id):
        return self.town.state.find(Person, person_id)

    def row(self, handle):
        return self.town.state.rows[Handle].get(handle)

    def timers(self):
        rows = self.town.state.rows[Timer].values()
        return [(row.payload, row.due_time) for row in rows if row and row.kind == HANDLE_TIMER]


@pytest.fixture
def street(town, request_ids):
    return Street(town, request_ids)


def test_a_handle_leads_to_one_person(street):
    decision = street.take(street.ada, "ada")
    assert decision.kind == EntryKind.HANDLE_SET
    # The handle itself is a text, which can be erased.
    fields = decode_fields(decision.event)
    assert fields == [street.ada, 1, 0, "operator00000000"]
    assert dict(street.town.texts[-1].text.metadata) == {"handle": "ada"}
    assert street.town.texts[-1].owner == street.ada
    assert street.person(street.ada).handle == "ada"
    assert street.row("ada").person_id == street.ada
    assert isinstance(street.take(street.ada, "ada"), NothingToDo)
    assert street.refusal(street.bob, "ada") is Reason.HANDLE_TAKEN
    assert street.person(street.bob).handle is None


@pytest.mark.parametrize(
    "name", [*sorted(RESERVED), "ad_min", "_".join("system"), "ticketonomics7"]
)
def test_some_names_are_reserved(street, name):
    assert street.refusal(street.ada, name) is Reason.HANDLE_TAKEN


def test_what_only_contains_a_reserved_name_is_free(street):
    assert street.take(street.ada, "systematic").value == street.ada


def test_who_gives_a_handle_up_may_have_it_again_and_nobody_else_for_thirty_days(street):
    first = street.take(street.ada, "ada")
    street.take(street.ada, "lovelace")
    began = street.town.time
    assert street.row("ada").release_time == began
    assert street.timers() == [(b"ada", began + timedelta(days=30))]
    assert street.refusal(street.bob, "ada") is Reason.HANDLE_TAKEN
    again = street.take(street.ada, "ada")
    assert decode_fields(again.event)[2] == decode_sequence(first)
    assert street.row("ada").release_time is None
    assert street.row("lovelace").release_time == began
    assert street.person(street.ada).handle == "ada"


def decode_sequence(decision):
    """The number of an entry, out of its leaf: behind the domain and the kind."""
    return int.from_bytes(decision.leaf[24:32], "big")


def test_a_handle_is_free_after_thirty_days_to_the_microsecond(street):
    street.take(street.ada, "ada")
    taken = street.row("ada").sequence
    street.take(street.ada, "")
    street.town.wait(days=30, microseconds=-1)
    assert isinstance(street.free("ada"), NothingToDo)
    assert street.refusal(street.bob, "ada") is Reason.HANDLE_TAKEN
    street.town.wait(microseconds=1)
    decision = street.free("ada")
    assert decision.kind == EntryKind.HANDLE_FREED
    assert decode_fields(decision.event) == [taken]
    assert isinstance(street.free("ada"), NothingToDo)
    street.take(street.bob, "ada")
    assert street.row("ada").person_id == street.bob


def test_the_timer_of_an_earlier_release_frees_nothing(street):
    street.take(street.ada, "ada")
    street.take(street.ada, "")
    street.town.wait(days=10)
    street.take(street.ada, "ada")
    street.town.wait(days=20)
    assert isinstance(street.free("ada"), NothingToDo)
    street.take(street.ada, "")
    street.town.wait(days=29)
    assert isinstance(street.free("ada"), NothingToDo)


def test_a_handle_changes_three_times_in_24_hours(street):
    for number, name in enumerate(("one", "two", "three"), start=1):
        street.take(street.ada, name)
        street.town.wait(hours=number)
    assert street.refusal(street.ada, "four") is Reason.HANDLE_CHANGED_TOO_OFTEN
    # To have none is no change, and nothing that one must wait for.
    street.take(street.ada, "")
    assert street.person(street.ada).handle is None
    assert street.refusal(street.ada, "three") is Reason.HANDLE_CHANGED_TOO_OFTEN
    street.town.wait(hours=18)
    street.take(street.ada, "four")
    assert len(street.person(street.ada).handle_change_times.split()) == 3
    assert street.refusal(street.ada, "five") is Reason.HANDLE_CHANGED_TOO_OFTEN


def test_handles_and_wishes_are_ones_own(street):
    stranger = Caller("plugin0000000000", person_id=street.bob)
    assert street.refusal(street.ada, "ada", stranger) is Reason.SCOPE_MISSING
    assert street.refusal(street.ada, "ada", Caller("plugin0000000000")) is Reason.SCOPE_MISSING
    own = Caller("plugin0000000000", person_id=street.ada)
    assert street.take(street.ada, "ada", own).value == street.ada
    command = SetPreferences(**street.ids(), person_id=street.ada, language="ru", muted="")
    with pytest.raises(Rejection) as caught:
        street.town.decide(command, stranger)
    assert caught.value.reason is Reason.SCOPE_MISSING


def test_the_gone_and_the_blocked_get_no_handle(street):
    street.town.decide(BlockPerson(**street.ids(), person_id=street.cid, reason="x"))
    assert street.refusal(street.cid, "cid") is Reason.PERSON_BLOCKED
    street.merge(street.bob, street.ada)
    assert street.refusal(street.bob, "bob") is Reason.PERSON_MERGED
    street.erase(street.ada)
    assert street.refusal(street.ada, "ada") is Reason.PERSON_ERASED
    assert street.refusal("0" * 16, "zero") is Reason.PERSON_NOT_FOUND


def test_a_merge_keeps_the_targets_handle(street):
    street.take(street.ada, "ada")
    street.take(street.bob, "bob")
    street.merge(street.bob, street.ada)
    assert (street.person(street.ada).handle, street.person(street.bob).handle) == ("ada", None)
    row = street.row("bob")
    # It is kept for who both are now.
    assert (row.person_id, row.release_time) == (street.ada, street.town.time)
    assert street.refusal(street.cid, "bob") is Reason.HANDLE_TAKEN
    street.take(street.ada, "bob")
    assert street.person(street.ada).handle == "bob"


def test_a_merge_gives_the_sources_handle_to_who_has_none(street):
    street.take(street.bob, "rob")
    street.take(street.bob, "bob")
    street.merge(street.bob, street.ada)
    assert (street.person(street.ada).handle, street.person(street.bob).handle) == ("bob", None)
    assert (street.row("bob").person_id, street.row("bob").release_time) == (street.ada, None)
    assert street.row("rob").person_id == street.ada
    # What came along is the target's in every way: also when it goes on in the same block.
    street.merge(street.ada, street.cid)
    assert street.person(street.cid).handle == "bob"
    assert street.row("rob").person_id == street.cid


def test_an_erasure_leaves_handles_to_nobody(street):
    street.take(street.ada, "lovelace")
    street.take(street.ada, "ada")
    street.prefer(street.ada, "ru", "1 2")
    street.erase(street.ada)
    person = street.person(street.ada)
    assert (person.handle, person.handle_change_times, person.language, person.muted) == (
        *(None, ""),
        *("", ""),
    )
    for name in ("ada", "lovelace"):
        assert street.row(name).person_id == ""
        assert street.row(name).release_time == street.town.time
        assert street.refusal(street.bob, name) is Reason.HANDLE_TAKEN
    street.town.wait(days=30)
    for name in ("ada", "lovelace"):
        street.free(name)
    street.take(street.bob, "ada")


def test_wishes_are_set_whole(street):
    decision = street.prefer(street.ada, "pt-BR", "2 6")
    assert decision.kind == EntryKind.PREFERENCES_SET
    assert decode_fields(decision.event) == [street.ada, "operator00000000"]
    assert dict(street.town.texts[-1].text.metadata) == {"language": "pt-BR", "muted": "2 6"}
    assert isinstance(street.prefer(street.ada, "pt-BR", "2 6"), NothingToDo)
    street.prefer(street.ada)
    person = street.person(street.ada)
    assert (person.language, person.muted) == ("", "")


def test_a_merge_keeps_the_targets_wishes(street):
    street.prefer(street.ada, "ru")
    street.prefer(street.bob, "en", "1")
    street.merge(street.bob, street.ada)
    assert (street.person(street.ada).language, street.person(street.ada).muted) == ("ru", "")
    assert (street.person(street.bob).language, street.person(street.bob).muted) == ("", "")
