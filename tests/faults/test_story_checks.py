"""The checks of stories themselves: each planted violation is caught, and good stories pass."""

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from ticketonomics.amm.v1 import amm_service_pb2 as amm
from ticketonomics.identity.v1 import identity_service_pb2 as identity
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.transaction_pb2 import Posting
from ticketonomics.payments.v1 import payment_service_pb2 as payments
from ticketonomics.payments.v1.schedule_pb2 import RetryPolicy
from ticketonomics.spending.v1 import spending_service_pb2 as spending

from .calling import GAME
from .records import Entry, Journal, Movement, Verdict
from .stories import Step, Story
from .story_checks import Attempted, Standing, check_stories, is_engines, told_movements

RUN_ID = "00000000-0000-4000-e000-000000000000"
SHORT, LONG = Timestamp(seconds=1), Timestamp(seconds=30)
POSTING = Posting(source="a", destination="b", amount=10)
MOVEMENT = Movement("a", "b", 10)


def accepted(method: str, request: Any, *answers: Any) -> Step:
    return Step(method, request, verdict=Verdict.ACCEPTED, answers=list(answers))


def refused(method: str, request: Any, reason: str) -> Step:
    return Step(method, request, verdict=Verdict.REFUSED, reason=reason)


def hold(*ends: Step, expire: Timestamp = LONG) -> Story:
    request = ledger.CreateHoldRequest(hold_id="h", postings=[POSTING], expire_time=expire)
    answer = ledger.CreateHoldResponse()
    answer.hold.create_time.seconds = 0
    return Story("hold", [accepted("CreateHold", request, answer), *ends])


def capture(*sequences: int) -> Step:
    answers = []
    for sequence in sequences:
        answers.append(ledger.CaptureHoldResponse(replayed=bool(answers)))
        answers[-1].transaction.sequence = sequence
    request = ledger.CaptureHoldRequest(request_id="c", hold_id="h", amounts=[4])
    return accepted("CaptureHold", request, *answers)


def schedule(plot: str = "schedule", attempts: int = 1) -> Story:
    request = payments.CreateScheduleRequest(
        postings=[POSTING], retry_policy=RetryPolicy(attempts=attempts)
    )
    answer = payments.CreateScheduleResponse()
    answer.schedule.schedule_id = "s"
    return Story(plot, [accepted("CreateSchedule", request, answer)])


def request(*ends: Step, expire: Timestamp = LONG) -> Story:
    asking = payments.RequestPaymentRequest(payer="a", payee="b", amount=10, expire_time=expire)
    answer = payments.RequestPaymentResponse()
    answer.payment_request.payment_request_id = "p"
    answer.payment_request.create_time.seconds = 0
    return Story("request", [accepted("RequestPayment", asking, answer), *ends])


ACCEPT = accepted(
    "AcceptPaymentRequest",
    payments.AcceptPaymentRequestRequest(request_id="y", payment_request_id="p"),
)


def merge() -> Story:
    people = []
    for person_id in ("x", "y"):
        answer = identity.GetOrCreatePersonResponse()
        answer.person.person_id = person_id
        people.append(accepted("GetOrCreatePerson", identity.GetOrCreatePersonRequest(), answer))
    transfer = ledger.TransferRequest(
        transaction_id="t", source="a", destination="users/x", amount=7
    )
    (making,), (asking,) = schedule().steps, request().steps
    merging = identity.MergePeopleRequest(
        request_id="m", source_person_id="x", target_person_id="y"
    )
    return Story(
        "merge",
        [
            *people,
            accepted("Transfer", transfer),
            making,
            asking,
            accepted("MergePeople", merging),
        ],
    )


MERGED = [
    Entry(101, "t", (Movement("a", "users/x", 7),)),
    Entry(102, "m", (Movement("users/x", "users/y", 7),)),
]


def allow(*takes: tuple[str, int]) -> Story:
    """Ten are allowed, four at a time."""
    grant = spending.GrantAllowanceRequest(amount=10)
    story = Story("allow", [accepted("GrantAllowance", grant)])
    for reason, number in takes:
        take = ledger.TransferRequest(
            transaction_id=f"t{number}", source="a", destination="b", amount=4
        )
        step = refused("Transfer", take, reason) if reason else accepted("Transfer", take)
        step.by = GAME
        story.steps.append(step)
    return story


def swap(*received: int) -> Story:
    """99 of FAULT are given, of which 1 burns; each answer tells what was received."""
    answers = []
    for amount in received:
        answers.append(amm.SwapResponse(replayed=bool(answers)))
        told = answers[-1].swap
        told.account, told.asset_in, told.asset_out = "a", "FAULT", "ORE"
        told.amount_in, told.amount_out, told.burned_amount = 99, amount, 1
    request = amm.SwapRequest(transaction_id="w", account="a", amount_in=99)
    return Story("swap", [accepted("Swap", request, *answers)])


def swapped(*movements: Movement) -> Entry:
    whole = (
        Movement("a", "pools/ore-fault", 98),
        Movement("pools/ore-fault#ORE", "a#ORE", 50),
        Movement("a", "system/sink", 1),
    )
    return Entry(101, "w", movements or whole)


TAKES = [Entry(100 + n, f"t{n}", (Movement("a", "b", 4),)) for n in (1, 2, 3)]
FULL = "ALLOWANCE_EXCEEDED"
GONE: dict[str, Any] = {
    "people": {"x": (3, "y"), "y": (1, "")},
    "schedules": {"s": (5, ())},
    "requests": {"p": (4, 103)},
}


def found(story: Story, *entries: Entry, **standing: Any) -> list[str]:
    ledger_ = Journal(after=100, opening={}, entries=list(entries), last_sequence=200, closing={})
    return list(check_stories([story], Standing(**standing), ledger_))


PAID = Attempted(1, 1, 101, "")
RUN = Entry(101, RUN_ID, (MOVEMENT,))
CAPTURED = Entry(101, "c", (Movement("a", "b", 4),))
POOR = [Attempted(1, number, 100 + number, "INSUFFICIENT_FUNDS") for number in (1, 2)]


@pytest.mark.parametrize(
    ("story", "entries", "standing"),
    [
        (hold(), [], {"holds": {"h": 1}}),
        (hold(expire=SHORT), [], {"holds": {"h": 4}}),
        (hold(capture(101, 101)), [CAPTURED], {"holds": {"h": 2}}),
        (schedule(), [RUN], {"schedules": {"s": (3, (PAID,))}}),
        (schedule("schedule_poorly", 2), [], {"schedules": {"s": (3, tuple(POOR))}}),
        (request(), [], {"requests": {"p": (1, 0)}}),
        (request(expire=SHORT), [], {"requests": {"p": (5, 101)}}),
        (request(ACCEPT), [Entry(101, "y", (MOVEMENT,))], {"requests": {"p": (2, 101)}}),
        (merge(), MERGED, GONE),
        (allow(("", 1), ("", 2), (FULL, 3)), TAKES[:2], {}),
        (allow(("", 1)), TAKES[:1], {}),
        (swap(50, 50), [swapped()], {}),
        (Story("hold", [refused("CreateHold", hold().steps[0].request, "INVALID_FIELD")]), [], {}),
    ],
)
def test_good_stories_pass(story: Story, entries: list[Entry], standing: dict[str, Any]) -> None:
    assert found(story, *entries, **standing) == []
    told = told_movements([story])
    assert all(
        is_engines(one.transaction_id) or (one.transaction_id, one.movements) in told
        for one in entries
    )


@pytest.mark.parametrize(
    ("story", "entries", "standing", "told"),
    [
        (hold(), [], {}, "hold h was acknowledged and is not in the ledger"),
        (hold(expire=SHORT), [], {"holds": {"h": 1}}, "has state 1, not {4}"),
        (hold(capture(101)), [], {"holds": {"h": 2}}, "in the ledger as None"),
        (hold(capture(101)), [CAPTURED], {"holds": {"h": 4}}, "has state 4, not {2}"),
        (hold(capture(101, 102)), [CAPTURED], {"holds": {"h": 2}}, "as different things"),
        (
            hold(refused("CaptureHold", capture().request, "HOLD_NOT_OPEN")),
            [CAPTURED],
            {"holds": {"h": 4}},
            "CaptureHold c of a story is refused (HOLD_NOT_OPEN), and in the ledger",
        ),
        (schedule(), [], {"schedules": {"s": (1, ())}}, "it did not run exactly once"),
        (schedule(), [], {"schedules": {"s": (3, (PAID,))}}, "its run is not in the ledger"),
        (
            schedule(),
            [RUN, Entry(102, RUN_ID, (MOVEMENT,))],
            {"schedules": {"s": (3, (PAID,))}},
            "timers made transactions [101, 102]",
        ),
        (
            schedule(),
            [RUN, Entry(102, RUN_ID, (MOVEMENT,))],
            {"schedules": {"s": (1, (PAID, Attempted(2, 1, 102, "")))}},
            "it did not run exactly once",
        ),
        (
            schedule("schedule_poorly", 2),
            [],
            {"schedules": {"s": (3, tuple(POOR[:1]))}},
            "not 2 refusals",
        ),
        (request(expire=SHORT), [], {"requests": {"p": (1, 0)}}, "has state 1, not {5}"),
        (request(ACCEPT), [], {"requests": {"p": (2, 101)}}, "in the ledger as None"),
        (
            request(ACCEPT),
            [Entry(102, "y", (MOVEMENT,))],
            {"requests": {"p": (2, 101)}},
            "by 101, which is not its acceptance",
        ),
        (merge(), MERGED[:1], GONE, "MergePeople m of a story"),
        (merge(), MERGED, GONE | {"people": {"x": (1, ""), "y": (1, "")}}, "person x is"),
        (merge(), MERGED, GONE | {"schedules": {"s": (1, ())}}, "schedule s"),
        (merge(), MERGED, GONE | {"requests": {"p": (1, 0)}}, "request to pay p"),
        (allow(("", 1), ("", 2), ("", 3)), TAKES, {}, "3 of 2 takes that were allowed"),
        (allow(("", 1), (FULL, 3)), TAKES[:1], {}, "1 of 2 takes that were allowed"),
        (allow(("", 1), ("", 2), ("SCOPE_MISSING", 3)), TAKES[:2], {}, "were refused with"),
        (allow(("", 1), ("", 2), (FULL, 3)), TAKES, {}, "Transfer t3 of a story is refused"),
        (swap(50), [], {}, "Swap w of a story is accepted (), and in the ledger as None"),
        (swap(51), [swapped()], {}, "Swap w of a story is accepted"),
        (swap(50), [swapped(*swapped().movements[:2])], {}, "Swap w of a story is accepted"),
        (swap(50, 51), [swapped()], {}, "as different things"),
        (hold(), [], {"holds": {"h": 1, "i": 1}}, "nobody was told of hold i"),
        (hold(), [], {"holds": {"h": 1}, "overdue": 2}, "2 timers are overdue"),
        (Story("hold", [Step("ReleaseHold", None)]), [], {}, "unsettled"),
    ],
)
def test_what_must_not_be_is_told(
    story: Story, entries: list[Entry], standing: dict[str, Any], told: str
) -> None:
    if story.steps[0].method == "ReleaseHold":
        story = hold(*story.steps)
        standing = {"holds": {"h": 1}}
    violations = found(story, *entries, **standing)
    assert any(told in violation for violation in violations), violations


def test_a_first_acceptance_twice_is_told() -> None:
    end = capture(101, 101)
    end.answers[1].replayed = False
    assert "as new more than once" in found(hold(end), CAPTURED, holds={"h": 2})[0]


def test_an_acceptance_that_is_refused_later_is_told() -> None:
    end = capture(101)
    end.verdict, end.reason = Verdict.REFUSED, "HOLD_NOT_OPEN"
    assert any("refused when it was sent" in v for v in found(hold(end), CAPTURED, holds={"h": 2}))
