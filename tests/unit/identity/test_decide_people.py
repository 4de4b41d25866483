"""Links, merges, names and erasures, decided in memory."""

from struct import unpack

import pytest
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller, NothingToDo
from ticketonomics_server.engine.model import ERASED_TEXTS, Timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity import model_people as people
from ticketonomics_server.identity.link_code import hash_code
from ticketonomics_server.identity.model import (
    BlockPerson,
    EntryKind,
    GetOrCreatePerson,
    LinkCode,
    LinkedIdentity,
    Person,
    PersonState,
    Privacy,
    TextsOf,
)
from ticketonomics_server.identity.scopes import Scope
from ticketonomics_server.ledger.decide import POSTINGS
from ticketonomics_server.ledger.model import (
    MAX_INT64,
    SINK,
    Account,
    AccountState,
    Asset,
    Balance,
    PostedTransaction,
)
from ticketonomics_server.ledger.model import EntryKind as TransactionKind

CODE = hash_code("7k3m9q2x4t")


class Village:
    """The town with people in it, and short ways to ask."""

    def __init__(self, town, request_ids):
        self.town, self.ids = town, request_ids
        account = Account(2, SINK, AccountState.OPEN, town.time)
        self.state.rows[Account][SINK] = account
        self.ada, self.bob = self.person("1", "Ada"), self.person("2", "Bob")

    @property
    def state(self):
        return self.town.state

    def person(self, subject, name=""):
        command = GetOrCreatePerson(**self.ids(), provider="x", subject=subject, display_name=name)
        return self.decide(command).value

    def decide(self, command, caller=None):
        return self.town.decide(command, caller) if caller else self.town.decide(command)

    def refusal(self, command, caller=None):
        before = len(self.town.written())
        with pytest.raises(Rejection) as caught:
            self.decide(command, caller)
        assert len(self.town.written()) == before
        return caught.value.reason

    def give(self, person_id, code, amount, held=0):
        asset = self.state.rows[Asset].setdefault(
            code, Asset(len(code), code, 1, 0, code, 0, 0, 0, 0, self.town.time)
        )
        address = f"users/{person_id}"
        account = self.state.rows[Account][address]
        balance = Balance(address, code, account.account_id, asset.asset_id, amount, held, 9, 63)
        self.state.rows[Balance][address, code] = balance
        return balance

    def balance(self, address, code):
        return self.state.rows[Balance][address, code]

    def find(self, person_id):
        return self.state.find(Person, person_id)

    def block(self, person_id):
        self.decide(BlockPerson(**self.ids(), person_id=person_id, reason="spam"))

    # --- commands -----------------------------------------------------------------------------

    def code(self, person_id=None, code_hash=CODE):
        return people.CreateLinkCode(
            **self.ids(), person_id=person_id or self.ada, new_code_hash=code_hash
        )

    def redeem(self, subject="9", *, merge=False, code_hash=CODE, provider="y", **expected):
        expected = {"expected_person": self.ada, "expected_owner": "", **expected}
        return people.RedeemLinkCode(
            **self.ids(),
            code_hash=code_hash,
            provider=provider,
            subject=subject,
            merge=merge,
            **expected,
        )

    def unlink(self, subject="1", provider="x"):
        return people.UnlinkIdentity(
            **self.ids(), person_id=self.ada, provider=provider, subject=subject
        )

    def merge(self, source=None, target=None):
        return people.MergePeople(
            **self.ids(), source_id=source or self.bob, target_id=target or self.ada
        )

    def rename(self, name):
        return people.SetDisplayName(**self.ids(), person_id=self.ada, display_name=name)

    def erase(self, person_id=None, *, burn=False):
        return people.ErasePerson(**self.ids(), person_id=person_id or self.ada, burn_balances=burn)


@pytest.fixture
def village(town, request_ids):
    return Village(town, request_ids)


def acting_for(person_id, *scopes):
    return Caller("bot", frozenset(scopes), person_id)


# --- linking --------------------------------------------------------------------------------------


def test_a_code_is_kept_by_its_hash_with_a_timer(village):
    decision = village.decide(village.code())

    assert decision.kind == EntryKind.LINK_CODE_CREATED
    code = village.state.find(LinkCode, CODE)
    assert code.person_id == village.ada
    assert code.expire_time == village.town.time + people.LINK_CODE_LIFETIME
    (timer,) = village.state.added(Timer)
    assert (timer.kind, timer.due_time) == (people.LINK_CODE_TIMER, code.expire_time)


def test_a_code_links_an_identity_once(village):
    village.decide(village.code())
    decision = village.decide(village.redeem())

    assert decision.kind == EntryKind.IDENTITY_LINKED
    assert village.state.find(LinkedIdentity, ("y", "9")).person_id == village.ada
    assert village.refusal(village.redeem("10")) is Reason.LINK_CODE_INVALID


def test_neither_provider_nor_subject_are_in_the_event(village):
    village.decide(village.code())
    for command in (
        village.redeem("secret-subject"),
        village.unlink("secret-subject", "y"),
        village.rename("secret-name"),
    ):
        decision = village.decide(command)
        assert b"secret" not in decision.event
        assert b"secret" not in decision.leaf
        assert village.town.texts[-1].owner == village.ada
        assert village.town.texts[-1].commitment in decision.leaf


def test_a_code_is_over_after_ten_minutes_to_the_microsecond(village):
    village.decide(village.code())
    village.town.wait(minutes=10, microseconds=-1)
    village.decide(village.redeem())
    village.decide(village.code(code_hash=hash_code("b")))
    village.town.wait(minutes=10)
    wrong = village.redeem("10", code_hash=hash_code("b"))
    assert village.refusal(wrong) is Reason.LINK_CODE_INVALID


def test_an_expired_code_goes(village):
    village.decide(village.code())
    expire = people.ExpireLinkCode(bytes(16), CODE)
    assert village.decide(expire).kind == EntryKind.LINK_CODE_EXPIRED
    assert village.state.find(LinkCode, CODE) is None
    assert isinstance(village.decide(expire), NothingToDo)


def test_who_was_looked_up_before_the_block_must_still_be_right(village):
    village.decide(village.code())
    assert village.refusal(village.redeem(expected_person="")) is Reason.CONTENTION
    assert village.refusal(village.redeem(expected_owner=village.bob)) is Reason.CONTENTION


@pytest.mark.parametrize(
    ("caller", "merge", "reason"),
    [
        (None, False, Reason.IDENTITY_TAKEN),
        (Caller("plugin", frozenset({Scope.IDENTITY_LINK})), True, Reason.SCOPE_MISSING),
    ],
)
def test_the_identity_of_another_is_not_linked(village, caller, merge, reason):
    village.decide(village.code())
    taken = village.redeem("2", provider="x", merge=merge, expected_owner=village.bob)
    assert village.refusal(taken, caller) is reason


def test_only_the_owner_of_the_identity_may_come_along(village):
    village.decide(village.code())
    taken = village.redeem("2", provider="x", merge=True, expected_owner=village.bob)
    # The scope does not help who acts for somebody else.
    other = acting_for(village.ada, Scope.IDENTITY_MERGE)
    assert village.refusal(taken, other) is Reason.SCOPE_MISSING
    assert village.decide(taken, acting_for(village.bob)).kind == TransactionKind.PEOPLE_MERGED
    assert village.find(village.bob).merged_into == village.ada
    assert village.state.find(LinkCode, CODE) is None


def test_a_person_has_a_hundred_identities_at_most(village):
    for number in range(people.MOST_IDENTITIES - 1):
        key = ("y", str(number))
        village.state.rows[LinkedIdentity][key] = LinkedIdentity(
            *key, village.ada, village.town.time
        )
    village.decide(village.code())
    assert village.refusal(village.redeem("many")) is Reason.TOO_MANY_PARTS
    assert village.refusal(village.merge()) is Reason.TOO_MANY_PARTS


def test_the_last_identity_and_those_of_others_stay(village):
    assert village.refusal(village.unlink()) is Reason.LAST_IDENTITY
    assert village.refusal(village.unlink("2")) is Reason.IDENTITY_NOT_FOUND
    assert village.refusal(village.unlink("none")) is Reason.IDENTITY_NOT_FOUND
    village.decide(village.code())
    village.decide(village.redeem())
    assert village.decide(village.unlink()).kind == EntryKind.IDENTITY_UNLINKED
    assert village.refusal(village.unlink("9", "y")) is Reason.LAST_IDENTITY


# --- people who may not ---------------------------------------------------------------------------


def own_commands(village):
    return (
        village.code(),
        village.unlink(),
        village.rename("Eve"),
        people.SetPrivacy(**village.ids(), person_id=village.ada, privacy=Privacy.PUBLIC),
    )


def test_who_neither_acts_for_the_person_nor_manages_people_is_refused(village):
    for caller in (
        Caller("bot"),
        acting_for(village.bob, Scope.IDENTITY_PEOPLE),
    ):
        for command in own_commands(village):
            assert village.refusal(command, caller) is Reason.SCOPE_MISSING


def test_the_gone_and_the_blocked_are_refused(village):
    village.block(village.ada)
    for command in own_commands(village):
        assert village.refusal(command) is Reason.PERSON_BLOCKED
    village.find(village.ada).state = PersonState.ERASED
    for command in (*own_commands(village), village.merge()):
        assert village.refusal(command) is Reason.PERSON_ERASED
    village.find(village.ada).state = PersonState.MERGED
    for command in (*own_commands(village), village.merge(), village.erase()):
        assert village.refusal(command) is Reason.PERSON_MERGED
    village.ada = "0" * 16
    for command in (*own_commands(village), village.merge(), village.erase()):
        assert village.refusal(command) is Reason.PERSON_NOT_FOUND


# --- merging --------------------------------------------------------------------------------------


def test_a_merge_moves_balances_and_identities(village):
    source = village.give(village.bob, "GOLD", 5)
    target = village.give(village.ada, "GOLD", 3)
    village.give(village.bob, "NONE", 0)
    village.give(village.bob, "WOOD", 7)
    command = village.merge()
    decision = village.decide(command)

    assert (source.posted, target.posted) == (0, 8)
    assert village.balance(f"users/{village.ada}", "WOOD").posted == 7
    assert decode_fields(decision.event)[:2] == [village.bob, village.ada]
    assert decode_fields(decision.event)[3:] == ["GOLD", 5, "WOOD", 7]
    assert isinstance(decision.value, PostedTransaction)
    rows = village.state.appended[POSTINGS]
    assert [row[1] for row in rows] == [5, 7]
    assert [row[4] for row in rows] == [command.request_id, None]
    assert [row[2:4] for row in rows] == [(9, 9), (9, 0)]
    # Each of the three that had 63 entries gets its checkpoint.
    assert len(village.state.appended["checkpoints"]) == 3
    bob = village.find(village.bob)
    assert (bob.state, bob.merged_into, bob.display_name) == (
        PersonState.MERGED,
        village.ada,
        None,
    )
    assert village.find(village.ada).display_name == "Ada"
    assert village.state.find(LinkedIdentity, ("x", "2")).person_id == village.ada
    account = village.state.find(Account, f"users/{village.bob}")
    assert (account.state, account.close_time) == (AccountState.CLOSED, village.town.time)


def test_merges_that_are_refused(village):
    assert village.refusal(village.merge(village.ada, village.ada)) is Reason.SAME_PERSON
    village.give(village.bob, "GOLD", 5, held=1)
    assert village.refusal(village.merge()) is Reason.BALANCE_HELD
    village.give(village.bob, "GOLD", 5)
    village.give(village.ada, "GOLD", MAX_INT64 - 4)
    assert village.refusal(village.merge()) is Reason.BALANCE_OVERFLOW
    village.give(village.ada, "GOLD", MAX_INT64 - 5)
    village.block(village.bob)
    assert village.refusal(village.merge()) is Reason.PERSON_BLOCKED
    assert village.refusal(village.merge(village.ada, village.bob)) is Reason.PERSON_BLOCKED


def test_a_merge_moves_256_assets_and_no_more(village):
    for number in range(256):
        village.give(village.bob, f"A{number}", 1)
    extra = village.give(village.bob, "B", 1)
    assert village.refusal(village.merge()) is Reason.TOO_MANY_PARTS
    extra.posted = 0
    village.decide(village.merge())
    assert len(village.state.appended[POSTINGS]) == 256


# --- names ----------------------------------------------------------------------------------------


def test_a_name_changes_five_times_in_24_hours(village):
    for number in range(5):
        village.decide(village.rename(f"Ada {number}"))
        village.town.wait(hours=1)
    assert isinstance(village.decide(village.rename("Ada 4")), NothingToDo)
    with pytest.raises(Rejection) as caught:
        village.decide(village.rename("Eve"))
    assert caught.value.reason is Reason.NAME_CHANGED_TOO_OFTEN
    assert caught.value.retry_seconds == 19 * 3600
    village.town.wait(hours=19)
    village.decide(village.rename("Eve"))
    assert village.refusal(village.rename("Ann")) is Reason.NAME_CHANGED_TOO_OFTEN
    assert len(village.find(village.ada).name_change_times.split()) == 5


def test_privacy_is_set_and_setting_it_again_does_nothing(village):
    command = people.SetPrivacy(**village.ids(), person_id=village.ada, privacy=Privacy.PUBLIC)
    assert village.decide(command).kind == EntryKind.PRIVACY_SET
    assert village.find(village.ada).privacy is Privacy.PUBLIC
    assert isinstance(village.decide(command), NothingToDo)


# --- erasure --------------------------------------------------------------------------------------


def test_an_erasure_takes_everything_personal(village):
    village.decide(village.rename("Ada 2"))
    decision = village.decide(village.erase())

    erased = village.state.appended[ERASED_TEXTS]
    assert erased == [101, 103]
    assert unpack(">2q", decode_fields(decision.event)[2]) == (101, 103)
    ada = village.find(village.ada)
    assert (ada.state, ada.display_name, ada.name_change_times) == (PersonState.ERASED, None, "")
    assert village.state.find(LinkedIdentity, ("x", "1")) is None
    assert village.state.find(LinkedIdentity, ("x", "2")) is not None
    assert isinstance(village.decide(village.erase()), NothingToDo)
    assert village.person("1") != village.ada


def test_what_a_person_has_is_burned_when_that_is_said(village):
    balance = village.give(village.ada, "GOLD", 5)
    assert village.refusal(village.erase()) is Reason.ACCOUNT_NOT_EMPTY
    balance.held = 1
    assert village.refusal(village.erase(burn=True)) is Reason.BALANCE_HELD
    balance.held = 0
    village.decide(village.erase(burn=True))
    assert balance.posted == 0
    assert village.balance(SINK, "GOLD").posted == 5


def test_a_blocked_person_can_be_erased(village):
    village.block(village.ada)
    assert village.decide(village.erase()).kind == TransactionKind.PERSON_ERASED


def test_a_thousand_texts_go_with_an_entry_and_the_rest_by_a_timer(village):
    village.state.rows[TextsOf][village.ada] = list(range(1, 1_002))
    village.decide(village.erase())
    assert len(village.state.appended[ERASED_TEXTS]) == 1_000
    *rooms, timer = village.state.added(Timer)
    assert [row.kind for row in rooms] == list(people.GONE_TIMERS)
    assert {row.payload for row in rooms} == {village.ada.encode()}
    assert (timer.kind, timer.payload) == (people.TEXTS_TIMER, village.ada.encode())

    village.state.rows[TextsOf][village.ada] = [1_001]
    decision = village.decide(people.EraseTexts(bytes(16), village.ada))
    assert decision.kind == EntryKind.TEXTS_ERASED
    assert village.state.appended[ERASED_TEXTS][-1] == 1_001
    assert village.state.added(Timer) == [*rooms, timer]
    village.state.rows[TextsOf][village.ada] = []
    done = village.decide(people.EraseTexts(bytes(16), village.ada))
    assert isinstance(done, NothingToDo)


def test_which_texts_there_are_is_loaded_anew_for_each_command(village):
    """The list is not kept: what is written later would be missed."""
    village.give(village.ada, "GOLD", 5)
    assert village.refusal(village.erase()) is Reason.ACCOUNT_NOT_EMPTY
    assert village.ada not in village.state.rows[TextsOf]
