"""The rules of tier queues, one by one."""

import pytest
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller, NothingToDo
from ticketonomics_server.engine.model import Timer
from ticketonomics_server.identity.model import PersonState
from ticketonomics_server.ledger.model import SINK, Account, AccountState, Asset
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.progression.model import Progress
from ticketonomics_server.queues.draw_keys import DrawKeys
from ticketonomics_server.queues.drawing import commitment_of, secret_of
from ticketonomics_server.queues.model import (
    QUEUE_NAMES,
    ConvertDown,
    Entry,
    EntryKind,
    JoinQueue,
    Player,
    Round,
    RoundState,
    TimerKind,
    WinCount,
    escrow_of,
)
from ticketonomics_server.queues.opening import OPENED_FIELDS, bounded_reward, dynamic_bps

from tests.unit.queues.conftest import KEY, OTHER_KEY, SMALL, Hall, refusal

STRANGER = Caller("other", frozenset({"queues.play"}))


def test_opening_commits_to_secrets_that_only_the_key_tells(hall: Hall) -> None:
    rounds = [row for row in hall.state.rows[Round].values() if row]
    assert {row.queue for row in rounds} == set(QUEUE_NAMES)
    assert sorted(row.number for row in rounds) == list(range(1, 22))
    for row in rounds:
        assert row.commitment == commitment_of(secret_of(KEY, "main", row.round_id))
        assert hall.state.rows[Account][escrow_of(row.round_id)].reserved
        assert not row.secret


def test_opening_again_changes_nothing_and_another_key_is_for_later_rounds(hall: Hall) -> None:
    assert isinstance(hall.open(), NothingToDo)
    before, key_id = hall.queue().round_id, hall.queue().draw_key_id
    hall.draws.use((OTHER_KEY, KEY))
    decision = hall.open()
    assert decision.kind == EntryKind.QUEUES_OPENED
    assert hall.queue().draw_key_id != key_id
    assert hall.queue().round_id == before
    found = hall.fill()
    assert found.draw_key_id == key_id
    (drawn,) = hall.fire(TimerKind.DRAW)
    assert drawn.kind == LedgerKind.QUEUE_DRAWN
    following = hall.state.rows[Round][hall.queue().round_id]
    assert following.commitment == commitment_of(secret_of(OTHER_KEY, "main", following.round_id))


def test_without_a_key_or_a_tier_nothing_opens() -> None:
    hall = Hall()
    hall.draws.use(())
    assert refusal(hall.open) == "DRAW_KEY_MISSING"
    hall.draws.use((KEY,))
    del hall.state.rows[Asset]["RUBY"]
    assert refusal(hall.open) == "ASSET_NOT_FOUND"
    assert refusal(hall.join, "p00") == "QUEUE_NOT_OPEN"
    assert refusal(hall.leave, "p00") == "QUEUE_NOT_OPEN"


def test_joining_moves_the_stake(hall: Hall) -> None:
    found = hall.join("p00")
    assert found.people == ["p00"]
    assert hall.has("users/p00") == 400
    assert hall.has(escrow_of(found.round_id)) == 100
    assert hall.state.rows[Progress]["p00"].joined_queues == 1
    assert hall.state.rows[Player]["BRONZE", "p00"].entries == 1


def test_who_cannot_join(hall: Hall) -> None:
    hall.join("p00")
    assert refusal(hall.join, "p00") == "ALREADY_IN_ROUND"
    assert refusal(hall.join, "p99") == "ACCOUNT_NOT_FOUND"
    assert refusal(hall.join, "p00", "GOLD/large") == "INSUFFICIENT_FUNDS"
    assert refusal(hall.join, "p01", SMALL, STRANGER) == "NOT_ACCOUNT_OWNER"
    hall.state.rows[Account]["users/p01"].state = AccountState.BLOCKED
    assert refusal(hall.join, "p01") == "ACCOUNT_BLOCKED"
    hall.state.rows[Account]["users/p02"].state = AccountState.CLOSED
    assert refusal(hall.join, "p02") == "ACCOUNT_CLOSED"
    assert hall.join("p03").people == ["p00", "p03"]


def test_leaving_gives_the_stake_back_and_moves_the_others_up(hall: Hall) -> None:
    for person in ("p00", "p01", "p02"):
        found = hall.join(person)
    hall.leave("p01")
    assert found.people == ["p00", "p02"]
    assert hall.has("users/p01") == 500
    assert hall.has(escrow_of(found.round_id)) == 200
    assert hall.queue().entries == 2
    assert refusal(hall.leave, "p01") == "NOT_IN_ROUND"
    assert refusal(hall.leave, "p00", SMALL, STRANGER) == "NOT_ACCOUNT_OWNER"
    assert hall.join("p01").people == ["p00", "p02", "p01"]


def test_the_last_place_closes_the_round_and_opens_the_next(hall: Hall) -> None:
    hall.later(seconds=90)
    found = hall.fill()
    assert found.state == RoundState.FILLED
    assert found.fill_time == hall.now
    assert hall.queue().recent_fills == "90"
    following = hall.state.rows[Round][hall.queue().round_id]
    assert following.round_id != found.round_id
    assert following.state == RoundState.WAITING
    assert refusal(hall.leave, "p00") == "NOT_IN_ROUND"
    # Who is in the full round may be in the next one.
    assert hall.join("p00").round_id == following.round_id


def test_the_entry_that_fills_a_round_tells_the_terms_of_the_next() -> None:
    hall = Hall()
    hall.set("queues.places", 2, 2, 2)
    hall.open()
    hall.join("p00")

    decision = hall.decide(JoinQueue(*hall.ids(), SMALL, "p01", b"n"))
    fields = decode_fields(decision.event)
    assert fields[1:4] == ["p01", "app", b"n"]
    assert len(fields) == 4 + OPENED_FIELDS
    assert fields[4] == hall.queue().round_id
    assert decision.leaf.endswith(decision.event)


def test_the_draw_burns_mints_and_counts(hall: Hall) -> None:
    hall.later(days=2)
    found = hall.fill()
    (decision,) = hall.fire(TimerKind.DRAW)
    assert decision.kind == LedgerKind.QUEUE_DRAWN
    assert found.state == RoundState.FINISHED
    assert commitment_of(found.secret) == found.commitment
    winner = found.people[found.winner_position - 1]
    assert winner == found.winner
    assert hall.has(f"users/{winner}", "SILVER") == 100
    assert hall.has(SINK) == 2_000
    assert hall.has(escrow_of(found.round_id)) == 0
    assert hall.state.rows[Progress][winner].won_queues == 1
    player = hall.state.rows[Player]["BRONZE", winner]
    assert (player.entries, player.wins, player.won) == (1, 1, 100)
    none, one = (hall.state.rows[WinCount]["BRONZE", wins] for wins in (0, 1))
    assert (none.people, none.reach_seconds, one.people) == (19, 172_800, 1)
    # It is over: no timer is left of it, and it is never drawn again.
    assert found.timer_id == 0
    assert not hall.fire(TimerKind.DRAW)


def test_a_draw_waits_for_a_server_with_the_key_then_gives_up(hall: Hall) -> None:
    found = hall.fill()
    hall.draws.use((OTHER_KEY,))
    (first,) = hall.fire(TimerKind.DRAW)
    assert first.kind == EntryKind.ROUND_WAITS
    assert found.state == RoundState.IN_PROGRESS
    assert not found.secret
    assert hall.fire(TimerKind.DRAW) == []
    hall.later(seconds=5)
    (second,) = hall.fire(TimerKind.DRAW)
    assert second.kind == EntryKind.ROUND_WAITS
    assert found.draw_tries == 2
    hall.later(days=3)
    (last,) = hall.fire(TimerKind.DRAW)
    assert last.kind == LedgerKind.QUEUE_EXPIRED
    assert found.state == RoundState.EXPIRED
    assert {hall.has(f"users/{person}") for person in found.people} == {500}


def test_a_draw_that_waited_is_made_when_the_key_is_there(hall: Hall) -> None:
    found = hall.fill()
    hall.draws.use(())
    hall.fire(TimerKind.DRAW)
    hall.draws.use((OTHER_KEY, KEY))
    hall.later(seconds=10)
    (decision,) = hall.fire(TimerKind.DRAW)
    assert decision.kind == LedgerKind.QUEUE_DRAWN
    assert found.state == RoundState.FINISHED


def test_a_secret_that_was_not_committed_to_draws_nothing(hall: Hall) -> None:
    found = hall.fill()
    found.commitment = bytes(32)
    (decision,) = hall.fire(TimerKind.DRAW)
    assert decision.kind == EntryKind.ROUND_WAITS


def test_a_reward_that_cannot_be_minted_gives_every_stake_back(hall: Hall) -> None:
    found = hall.fill()
    hall.state.rows[Asset]["SILVER"].supply_cap = 50
    (decision,) = hall.fire(TimerKind.DRAW)
    assert decision.kind == LedgerKind.QUEUE_EXPIRED
    assert found.state == RoundState.EXPIRED
    assert hall.has("users/p00") == 500


def test_without_a_key_the_last_place_leaves_the_queue_without_a_round(hall: Hall) -> None:
    hall.draws.use(())
    hall.fill()
    assert hall.queue().round_id == ""
    assert refusal(hall.leave, "p25") == "DRAW_KEY_MISSING"
    hall.later(seconds=5)
    (still,) = hall.fire(TimerKind.OPEN)
    assert still.kind == EntryKind.ROUND_WAITS
    hall.draws.use((KEY,))
    hall.later(seconds=10)
    (decision,) = hall.fire(TimerKind.OPEN)
    assert decision.kind == EntryKind.ROUND_OPENED
    assert hall.join("p25").people == ["p25"]


def test_a_round_expires_with_every_stake_back(hall: Hall) -> None:
    found = hall.join("p00")
    hall.join("p01")
    hall.later(days=1)
    timer = hall.state.rows[Timer][found.timer_id]
    (decision,) = hall.fire(TimerKind.EXPIRE, timer.payload)
    assert decision.kind == LedgerKind.QUEUE_EXPIRED
    assert found.state == RoundState.EXPIRED
    assert found.people == ["p00", "p01"]
    assert hall.has("users/p00") == hall.has("users/p01") == 500
    assert hall.queue().round_id not in {"", found.round_id}


def test_an_empty_round_goes_on_and_a_full_one_does_not_expire(hall: Hall) -> None:
    found = hall.fill()
    hall.later(days=1)
    decisions = hall.fire(TimerKind.EXPIRE)
    assert {decision.kind for decision in decisions} == {EntryKind.ROUND_EXTENDED}
    assert found.state == RoundState.FILLED
    assert not hall.state.rows[Round][hall.queue().round_id].extended


def test_extending_once_is_once(hall: Hall) -> None:
    hall.set("queues.timeout_action", 1)
    found = hall.join("p00")
    for kind in (EntryKind.ROUND_EXTENDED, LedgerKind.QUEUE_EXPIRED):
        hall.later(days=1)
        timer = hall.state.rows[Timer][found.timer_id]
        (decision,) = hall.fire(TimerKind.EXPIRE, timer.payload)
        assert decision.kind == kind
    assert found.extended


def test_who_cannot_be_refunded_keeps_nobody_else_waiting_for_ever(hall: Hall) -> None:
    found = hall.join("p00")
    hall.state.rows[Account]["users/p00"].state = AccountState.CLOSED
    hall.later(days=1)
    timer = hall.state.rows[Timer][found.timer_id]
    (decision,) = hall.fire(TimerKind.EXPIRE, timer.payload)
    assert decision.kind == EntryKind.ROUND_EXTENDED
    assert hall.has(escrow_of(found.round_id)) == 100


def test_merged_people_are_in_once_and_erased_ones_are_gone(hall: Hall) -> None:
    for person in ("p00", "p01", "p02"):
        found = hall.join(person)
    hall.go("p00", PersonState.MERGED, into="p01")
    assert found.people == ["p01", "p02"]
    assert hall.has("users/p01") == 500
    hall.go("p02", PersonState.ERASED)
    assert found.people == ["p01"]
    assert hall.has(SINK) == 100
    assert hall.has(escrow_of(found.round_id)) == 100
    hall.go("p05", PersonState.ERASED)


def test_a_full_round_keeps_who_has_gone_and_pays_their_heirs(hall: Hall) -> None:
    found = hall.fill()
    for person in found.people:
        hall.go(person, PersonState.MERGED, into="p25")
    hall.fire(TimerKind.DRAW)
    assert found.state == RoundState.FINISHED
    assert hall.has("users/p25", "SILVER") == 100
    assert found.winner in found.people


def test_what_an_erased_winner_wins_is_never_minted(hall: Hall) -> None:
    found = hall.fill()
    for person in found.people:
        hall.go(person, PersonState.ERASED)
    hall.fire(TimerKind.DRAW)
    assert found.state == RoundState.FINISHED
    assert hall.has(SINK) == 2_000
    assert hall.has("system/mint", "SILVER") == 0


def test_converting_down_is_off_until_it_is_on(hall: Hall) -> None:
    hall.open()
    command = ConvertDown(*hall.ids(), "SILVER", "p00")
    assert refusal(hall.decide, command) == "CONVERSION_OFF"
    hall.set("queues.convert_down", 1)
    assert refusal(hall.decide, command) == "INSUFFICIENT_FUNDS"
    found = hall.fill()
    hall.fire(TimerKind.DRAW)
    hall.set("queues.convert_down_fee", 1)
    before = hall.has(f"users/{found.winner}")
    decision = hall.decide(ConvertDown(*hall.ids(), "SILVER", found.winner))
    assert decision.kind == LedgerKind.TICKETS_CONVERTED
    assert hall.has(f"users/{found.winner}") == before + 1_999
    assert hall.has(f"users/{found.winner}", "SILVER") == 0


@pytest.mark.parametrize(
    ("full", "places", "part_bps", "expected"),
    [
        (100, 20, 10_000, 100),
        (300, 60, 10_000, 300),
        (100, 40, 10_000, 100),
        # Never more than the stakes are worth.
        (1_000, 20, 10_000, 100),
        (100, 2, 10_000, 10),
        (100, 20, 8_000, 80),
        (100, 2, 5_000, 10),
        (1, 20, 5_000, 1),
    ],
)
def test_a_reward_is_never_worth_more_than_the_stakes(
    full: int, places: int, part_bps: int, expected: int
) -> None:
    assert bounded_reward(full, places, 100, "BRONZE", part_bps) == expected


@pytest.mark.parametrize(
    ("fills", "expected"),
    [([], 10_000), ([3_600], 10_000), ([9_999], 10_000), ([3_240, 1, 9_000], 9_000), ([1], 8_000)],
)
def test_dynamic_rewards_pay_less_where_rounds_fill_fast(fills: list[int], expected: int) -> None:
    assert dynamic_bps(fills, target_seconds=3_600, floor_bps=8_000) == expected


def test_dynamic_rewards_are_those_of_the_opening(hall: Hall) -> None:
    hall.set("queues.dynamic_rewards", 1)
    hall.later(seconds=3_240)
    hall.fill()
    assert hall.state.rows[Round][hall.queue().round_id].reward == 90


def test_entries_stay_as_history_of_a_round_that_is_over(hall: Hall) -> None:
    found = hall.fill()
    hall.fire(TimerKind.DRAW)
    entries = [row for row in hall.state.rows[Entry].values() if row]
    assert sorted(entry.person_id for entry in entries) == sorted(found.people)


def test_keys_tell_the_same_secret_or_none() -> None:
    keys = DrawKeys((KEY, OTHER_KEY))
    assert keys.secret(keys.current, "main", "r") == secret_of(KEY, "main", "r")
    assert keys.secret("0" * 16, "main", "r") is None
    keys.use(())
    assert not keys.current
