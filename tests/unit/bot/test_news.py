"""What streams come to: letters to whom, and what of a vote is told."""

from decimal import Decimal

import pytest
from ticketonomics.identity.v1.preferences_pb2 import Notification
from ticketonomics.ledger.v1.transaction_pb2 import Posting, Transaction
from ticketonomics.parliament.v1.proposal_pb2 import Proposal, VotingRules
from ticketonomics.spending.v1.limit_pb2 import SpendingRecord
from ticketonomics_bot.alerts import ranges_of
from ticketonomics_bot.letters import muted, put, read
from ticketonomics_bot.news import payments_of, spending_of
from ticketonomics_bot.proposals import vote_step

S = Proposal


def test_all_who_were_paid_get_letters_of_their_own() -> None:
    found = Transaction(
        sequence=7,
        memo="tea",
        postings=[
            Posting(source="users/a", destination="users/b", asset="BRONZE", amount=5),
            Posting(source="users/a", destination="orgs/x", asset="BRONZE", amount=6),
            Posting(source="users/a", destination="users/b", asset="BRONZE", amount=7),
            Posting(source="users/a", destination="system/sink", asset="BRONZE", amount=1),
        ],
    )
    letters = payments_of(found)
    assert [(one.person_id, one.facts["amount"]) for one in letters] == [("b", 5), ("b", 7)]
    assert len({one.key for one in letters}) == 2
    assert letters == payments_of(found), "told again, it is the same letter"
    assert [read(text) for text in put(letters).put.values()] == letters


def test_only_what_was_spent_of_an_allowance_is_told() -> None:
    record = SpendingRecord(
        sequence=3, kind=SpendingRecord.KIND_SPENT, application_id="app", asset="GOLD", amount=9
    )
    assert spending_of(record) == [], "a budget is nobody's allowance"
    record.person_id = "a"
    assert [one.person_id for one in spending_of(record)] == ["a"]
    record.kind = SpendingRecord.KIND_RETURNED
    assert spending_of(record) == []


@pytest.mark.parametrize(
    ("state", "voted", "known", "step"),
    [
        (S.STATE_DISCUSSION, False, "", None),
        (S.STATE_VOTING, True, "", "opened"),
        (S.STATE_VOTING, True, "opened", None),
        (S.STATE_VETO_WINDOW, True, "opened", "closed"),
        (S.STATE_EXECUTED, True, "closed", None),
        (S.STATE_EXECUTED, True, "", "closed"),
        (S.STATE_REJECTED, True, "opened", "closed"),
        (S.STATE_VETOED, True, "closed", "undone"),
        (S.STATE_VETOED, False, "", None),
        (S.STATE_FAILED, True, "closed", "undone"),
        (S.STATE_WITHDRAWN, True, "opened", None),
    ],
)
def test_each_step_of_a_vote_is_told_once(
    state: "Proposal.State", voted: bool, known: str, step: str | None
) -> None:
    proposal = Proposal(state=state, rules=VotingRules(electorate=1) if voted else None)
    assert vote_step(proposal, known) == step


def test_every_notification_has_letters() -> None:
    kinds = {"payment-received", "queue-result", "vote-opened", "vote-result", "broadcast"}
    kinds |= {"allowance-used"}
    assert {muted(kind) for kind in kinds} == set(Notification.values()) - {0}
    assert muted("price-alert") == 0


def test_ranges_hold_the_lowest_and_the_highest() -> None:
    ticks = [("a", "2.0"), ("b", "1"), ("a", "2.5"), ("a", "1.9")]
    assert ranges_of(ticks) == {
        "a": (Decimal("1.9"), Decimal("2.5")),
        "b": (Decimal(1), Decimal(1)),
    }
