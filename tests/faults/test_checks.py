"""The checks themselves: each planted violation is caught, and a good round passes."""

from dataclasses import replace
from typing import Any

from .checks import check_drained, check_round
from .records import (
    Attempt,
    BalanceRead,
    Draft,
    Entry,
    Journal,
    Lookup,
    Message,
    Movement,
    Report,
    Told,
    Verdict,
    Watched,
)

SETTLED_FROM_NS = 1_000


def draft(id_: str, amount: int = 10) -> Draft:
    return Draft(id_, (Movement("a", "b", amount),))


def accepted(id_: str, sequence: int, sent_ns: int, **changes: Any) -> Attempt:
    attempt = Attempt(
        draft(id_),
        0,
        sent_ns,
        sent_ns + 5,
        Verdict.ACCEPTED,
        sequence=sequence,
        last_sequence=sequence,
    )
    return replace(attempt, **changes)


def refused(id_: str, reason: str, sent_ns: int, last_sequence: int = 0) -> Attempt:
    return Attempt(
        draft(id_),
        0,
        sent_ns,
        sent_ns + 5,
        Verdict.REFUSED,
        reason=reason,
        last_sequence=last_sequence,
    )


def unknown(id_: str, sent_ns: int) -> Attempt:
    return Attempt(draft(id_), 0, sent_ns, sent_ns + 5, Verdict.UNKNOWN, reason="UNAVAILABLE")


def entry(id_: str, sequence: int, amount: int = 10) -> Entry:
    return Entry(sequence, id_, draft(id_, amount).movements)


def journal(*entries: Entry) -> Journal:
    """A ledger in which 10 moved from a to b with each entry, after entry 100."""
    moved = sum(movement.amount for one in entries for movement in one.movements)
    return Journal(
        after=100,
        opening={"a": 1_000, "b": 0},
        entries=list(entries),
        last_sequence=max((one.sequence for one in entries), default=100),
        closing={"a": 1_000 - moved, "b": moved},
        earlier={"old": 90},
    )


def watched(*entries: Entry) -> Watched:
    told = tuple(Told(one.sequence, one.transaction_id) for one in entries)
    return Watched("watcher", "", 100, [Message(900, told[-1].sequence, told)])


def violations(report: Report, ledger: Journal, *before: str) -> list[str]:
    return check_round(
        report, ledger, before_retries=frozenset(before), settled_from_ns=SETTLED_FROM_NS
    )


def the_only(found: list[str]) -> str:
    (violation,) = found
    return violation


def test_a_good_round_passes() -> None:
    entries = entry("x", 101), entry("y", 102), entry("z", 103)
    report = Report(
        attempts=[
            accepted("x", 101, 10),
            refused("r", "INSUFFICIENT_FUNDS", 20, last_sequence=101),
            unknown("y", 30),
            unknown("z", 40),
            refused("z", "QUEUE_FULL", 50),
            replace(refused("x", "REQUEST_ID_REUSED", 60, last_sequence=102), draft=draft("x", 11)),
            accepted("y", 102, 1_000, replayed=True, last_sequence=103),
            accepted("z", 103, 1_010),
            accepted("x", 101, 1_020, replayed=True, last_sequence=103),
        ],
        balances=[BalanceRead("b", 10, 0, 20, 25, 101)],
        lookups=[Lookup("x", 101, 0, 20, 25, 101), Lookup("old", 90, 0, 20, 25, 101)],
        watched=[watched(*entries)],
    )
    assert violations(report, journal(*entries), "x", "y") == []


def test_a_lost_write_is_caught() -> None:
    report = Report(attempts=[accepted("x", 101, 10)])
    assert "lost: x" in the_only(violations(report, journal()))


def test_another_sequence_than_the_acknowledged_one_is_caught() -> None:
    report = Report(attempts=[accepted("x", 101, 10)])
    assert "x was acknowledged as 101 and is 102" in violations(report, journal(entry("x", 102)))


def test_another_body_than_the_acknowledged_one_is_caught() -> None:
    report = Report(attempts=[accepted("x", 101, 10)])
    found = violations(report, journal(entry("x", 101, amount=11)))
    assert "x was applied with another body than the one acknowledged" in found


def test_what_is_applied_twice_is_caught() -> None:
    report = Report(attempts=[accepted("x", 101, 10), accepted("x", 102, 11, replayed=True)])
    assert "applied twice: x" in violations(report, journal(entry("x", 101), entry("x", 102)))


def test_what_is_applied_again_in_a_later_round_is_caught() -> None:
    report = Report(attempts=[accepted("old", 101, 10)])
    assert violations(report, journal(entry("old", 101))) == ["applied twice: old"]


def test_what_nobody_sent_is_caught() -> None:
    assert "invented" in the_only(violations(Report(), journal(entry("x", 101))))


def test_two_first_acceptances_are_caught() -> None:
    report = Report(attempts=[accepted("x", 101, 10), accepted("x", 101, 11)])
    assert "as new more than once" in the_only(violations(report, journal(entry("x", 101))))


def test_a_replay_that_is_not_called_one_is_caught() -> None:
    report = Report(attempts=[accepted("x", 101, 10), accepted("x", 101, 20)])
    found = violations(report, journal(entry("x", 101)))
    assert "x was acknowledged, and its retry is not called a replay" in found


def test_a_replay_that_is_refused_is_caught() -> None:
    report = Report(attempts=[accepted("x", 101, 10), refused("x", "INSUFFICIENT_FUNDS", 20)])
    assert "refused when it was sent again" in the_only(
        violations(report, journal(entry("x", 101)))
    )


def test_another_body_under_a_used_id_must_be_refused_as_such() -> None:
    abuse = replace(accepted("x", 101, 20, replayed=True), draft=draft("x", 11))
    report = Report(attempts=[accepted("x", 101, 10), abuse])
    found = violations(report, journal(entry("x", 101)))
    assert "x with another body was accepted, not REQUEST_ID_REUSED" in found


def test_a_refused_one_in_the_ledger_is_caught() -> None:
    report = Report(attempts=[refused("x", "INSUFFICIENT_FUNDS", 10)])
    assert "x was refused" in the_only(violations(report, journal(entry("x", 101))))


def test_a_refused_one_whose_other_attempt_is_unknown_may_be_in_the_ledger() -> None:
    attempts = [
        unknown("x", 10),
        refused("x", "INSUFFICIENT_FUNDS", 20),
        accepted("x", 101, 1_000, replayed=True),
    ]
    assert violations(Report(attempts=attempts), journal(entry("x", 101)), "x") == []


def test_a_retry_that_hides_its_first_outcome_is_caught() -> None:
    report = Report(attempts=[unknown("x", 10), accepted("x", 101, 1_000)])
    found = violations(report, journal(entry("x", 101)), "x")
    assert the_only(found) == "the retry of x, in the ledger, says replayed=False"


def test_a_retry_that_claims_an_outcome_which_never_was_is_caught() -> None:
    report = Report(attempts=[unknown("x", 10), accepted("x", 101, 1_000, replayed=True)])
    found = violations(report, journal(entry("x", 101)))
    assert the_only(found) == "the retry of x, not in the ledger, says replayed=True"


def test_a_request_without_an_outcome_is_caught() -> None:
    report = Report(attempts=[unknown("x", 10)])
    assert "unsettled" in the_only(violations(report, journal()))


def test_a_wrong_balance_is_caught() -> None:
    ledger = journal(entry("x", 101))
    ledger.closing["b"] += 1
    found = violations(Report(attempts=[accepted("x", 101, 10)]), ledger)
    assert the_only(found) == "b has 11, and the journal adds up to 10"


def test_a_balance_read_that_never_was_is_caught() -> None:
    report = Report(
        attempts=[accepted("x", 101, 10)], balances=[BalanceRead("b", 0, 0, 20, 25, 101)]
    )
    assert "b was read as 0 at 101" in the_only(violations(report, journal(entry("x", 101))))


def test_a_missing_transaction_is_caught() -> None:
    report = Report(attempts=[accepted("x", 101, 10)], lookups=[Lookup("x", 0, 0, 20, 25, 101)])
    assert "missing" in the_only(violations(report, journal(entry("x", 101))))


def test_an_order_against_real_time_is_caught() -> None:
    report = Report(attempts=[accepted("x", 102, 10), accepted("y", 101, 20, last_sequence=102)])
    found = violations(report, journal(entry("y", 101), entry("x", 102)))
    assert the_only(found) == "y is 101; 102 was seen before it was sent"


def test_requests_that_overlap_may_come_in_any_order() -> None:
    report = Report(attempts=[accepted("x", 102, 10), accepted("y", 101, 12)])
    assert violations(report, journal(entry("y", 101), entry("x", 102))) == []


def test_a_stale_read_is_caught() -> None:
    report = Report(
        attempts=[accepted("x", 101, 10)], balances=[BalanceRead("b", 0, 0, 20, 25, 100)]
    )
    found = violations(report, journal(entry("x", 101)))
    assert the_only(found) == "a read saw 100, when 101 had been seen"


def test_a_refusal_that_saw_too_little_is_caught() -> None:
    report = Report(
        attempts=[accepted("x", 101, 10), refused("r", "INSUFFICIENT_FUNDS", 20, last_sequence=100)]
    )
    found = violations(report, journal(entry("x", 101)))
    assert "saw 100, when 101 had been seen" in the_only(found)


def test_a_gap_in_a_stream_is_caught() -> None:
    entries = entry("x", 101), entry("y", 102), entry("z", 103)
    report = Report(
        attempts=[accepted(one.transaction_id, one.sequence, one.sequence) for one in entries],
        watched=[watched(entries[0], entries[2])],
    )
    assert the_only(violations(report, journal(*entries))) == "watcher was not told 102"


def test_a_repeat_in_a_stream_is_caught() -> None:
    entries = entry("x", 101), entry("y", 102)
    report = Report(
        attempts=[accepted(one.transaction_id, one.sequence, one.sequence) for one in entries],
        watched=[watched(*entries, entries[1])],
    )
    found = violations(report, journal(*entries))
    assert the_only(found) == "watcher was told transactions twice or out of order"


def test_a_stream_that_stops_is_caught() -> None:
    entries = entry("x", 101), entry("y", 102)
    report = Report(
        attempts=[accepted(one.transaction_id, one.sequence, one.sequence) for one in entries],
        watched=[watched(entries[0])],
    )
    assert the_only(violations(report, journal(*entries))) == "watcher stopped at 101 of 102"


def test_a_filtered_stream_is_told_what_it_asked_for_and_no_more() -> None:
    entries = entry("x", 101), Entry(102, "y", (Movement("c", "d", 1),))
    report = Report(
        attempts=[
            accepted("x", 101, 10),
            accepted("y", 102, 11, draft=Draft("y", entries[1].movements)),
        ],
        watched=[replace(watched(*entries), account="b")],
    )
    ledger = journal(*entries)
    ledger.closing = {"a": 990, "b": 10, "c": -1, "d": 1}
    assert the_only(violations(report, ledger)) == "watcher was told y as 102, and it is not"


def test_a_fault_of_the_servers_is_caught() -> None:
    assert "incident" in the_only(violations(Report(faults=["incident 1"]), journal()))


def test_a_drained_server_that_leaves_a_call_unanswered_is_caught() -> None:
    attempts = [unknown("x", 10), accepted("y", 101, 10), unknown("z", 30)]
    (violation,) = check_drained(attempts, server=0, before_ns=12)
    assert violation.startswith("x was in the hands of a server that drained")
