"""What `verify` makes of the end of a person's payments."""

import pytest
from ticketonomics_server.engine.canonical import encode_fields
from ticketonomics_server.identity.model import PersonState
from ticketonomics_server.payments.model import EntryKind, RequestState, ScheduleState
from ticketonomics_server.verification.payments import (
    PaymentsReplay,
    ReplayedRequest,
    ReplayedSchedule,
)
from ticketonomics_server.verification.people import Standing
from ticketonomics_server.verification.report import Findings, Invariant


def replayed(*ended: str | int, person: PersonState = PersonState.MERGED) -> PaymentsReplay:
    replay = PaymentsReplay(Findings(tuple(Invariant)), {"ann": Standing(person)})
    replay.schedules["open"] = ReplayedSchedule((), ScheduleState.PAUSED, [])
    replay.schedules["over"] = ReplayedSchedule((), ScheduleState.COMPLETED, [])
    replay.requests["asked"] = ReplayedRequest((), RequestState.OPEN)
    replay.requests["closed"] = ReplayedRequest((), RequestState.DECLINED)
    replay.define(9, EntryKind.PAYMENTS_ENDED, encode_fields("ann", *ended))
    return replay


def told(replay: PaymentsReplay) -> list[str]:
    return [violation.detail for violation in replay._findings.violations]


def test_what_was_open_is_cancelled() -> None:
    replay = replayed(1, "open", "asked")
    assert told(replay) == []
    assert replay.schedules["open"].state == ScheduleState.CANCELLED
    assert replay.requests["asked"].state == RequestState.CANCELLED


@pytest.mark.parametrize(
    ("replay", "detail"),
    [
        (replayed(1, "over"), "schedule over, which had ended"),
        (replayed(0, "closed"), "request to pay closed, which was closed"),
        (replayed(1, "nobodys"), "tells of no payment"),
        (replayed(0, "asked", person=PersonState.BLOCKED), "ann, who is not gone"),
    ],
)
def test_what_cannot_end_so_is_told(replay: PaymentsReplay, detail: str) -> None:
    (found,) = told(replay)
    assert detail in found
