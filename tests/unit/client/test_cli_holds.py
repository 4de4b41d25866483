"""Commands about holds, in a process of their own, against a scripted server over a socket."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from ticketonomics.ledger.v1.hold_pb2 import HeldPosting, Hold
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CaptureHoldResponse,
    CreateHoldResponse,
    GetHoldResponse,
    ListHoldsResponse,
    ReleaseHoldResponse,
)

from tests.unit.client.test_cli import ANN, Shell, moved, shell

__all__ = ["shell"]

HOLD = "0190a5d0-ac96-7000-bcce-b302099a8057"


def held(state: int = Hold.STATE_OPEN) -> Hold:
    return Hold(
        hold_id=HOLD,
        sequence=12,
        state=state,
        postings=[
            HeldPosting(
                source=f"users/{ANN}", destination="orgs/arena", asset="GOLD", amount=150, fee=2
            ),
            HeldPosting(source=f"users/{ANN}", destination="orgs/tax", asset="GOLD", amount=50),
        ],
        application_id="game",
        create_time=Timestamp(seconds=1_800_000_000),
        expire_time=Timestamp(seconds=1_800_000_060),
        memo="match \x1b[31m7",
    )


async def test_a_hold_is_created_in_display_units(server: Any, shell: Shell) -> None:
    server.answer("CreateHold", CreateHoldResponse(hold=held()))
    result = await shell.run(
        *("holds", "create", ANN, "orgs/arena", "1.50", "GOLD", "--id", HOLD),
        *("--expires", "2027-01-15T08:01:00Z", "--memo", "x"),
    )
    assert result.code == 0, result.err
    assert f"hold {HOLD}" in result.out
    assert "until 2027-01-15 08:01:00Z" in result.out
    (request,) = server.requests("CreateHold")
    assert (request.hold_id, request.memo) == (HOLD, "x")
    assert request.postings[0].source == f"users/{ANN}"
    assert request.postings[0].amount == 150
    assert request.expire_time.seconds == 1_800_000_060


async def test_a_capture_takes_an_amount_for_each_posting(server: Any, shell: Shell) -> None:
    server.answer("GetHold", GetHoldResponse(hold=held()))
    answer = CaptureHoldResponse(hold=held(Hold.STATE_CAPTURED), transaction=moved())
    server.answer("CaptureHold", answer)
    parts = ("--amount", "1.25", "--amount", "0")
    result = await shell.run("holds", "capture", HOLD, *parts)
    assert result.code == 0, result.err
    assert "entry 1,234" in result.out
    assert list(server.requests("CaptureHold")[0].amounts) == [125, 0]
    result = await shell.run("holds", "capture", HOLD)
    assert list(server.requests("CaptureHold")[1].amounts) == []
    result = await shell.run("holds", "capture", HOLD, "--amount", "1")
    assert (result.code, "2 postings" in result.err) == (2, True)
    assert len(server.requests("CaptureHold")) == 2


async def test_holds_are_shown_listed_and_released(server: Any, shell: Shell) -> None:
    server.answer("GetHold", GetHoldResponse(hold=held()))
    server.answer("ListHolds", ListHoldsResponse(holds=[held()]))
    server.answer("ReleaseHold", ReleaseHoldResponse(hold=held(Hold.STATE_RELEASED)))
    shown = await shell.run("holds", "show", HOLD)
    assert shown.code == 0, shown.err
    for text in ("open", "entry 12", "orgs/tax", "1.50", "0.02", "2027-01-15 08:01:00Z"):
        assert text in shown.out
    assert "\x1b" not in shown.out, "a memo cannot steer the terminal"
    assert (await shell.run("holds")).out.count(HOLD) == 1
    listed = await shell.run("holds", "list", "--account", ANN, "--state", "captured", "--json")
    assert json.loads(listed.out)[0]["holdId"] == HOLD
    asked = server.requests("ListHolds")[-1]
    assert (asked.account, asked.state) == (f"users/{ANN}", Hold.STATE_CAPTURED)
    assert (await shell.run("holds", "list", "--state", "lost")).code == 2
    released = await shell.run("holds", "release", HOLD)
    assert released.out == f"Released {HOLD}.\n"
