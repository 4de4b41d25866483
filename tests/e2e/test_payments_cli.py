"""`ticketonomics schedules` and `ticketonomics requests`, against the real server."""

import pytest

from tests.e2e.test_cli import Economy, Shell, economy, shell

__all__ = ["economy", "shell"]


async def test_schedules_are_made_shown_paused_and_ended(shell: Shell, economy: Economy) -> None:
    options = ("--acting-for", economy.ann)
    made = await shell(
        *("schedules", "create", economy.ann, economy.bob, "1.50", "COIN", *options),
        *("--at", "2030-01-31T09:00:00+0100", "--repeat", "monthly", "--runs", "3"),
        *("--time-zone", "Europe/Berlin", "--memo", "rent", "--stop-after", "2", "--json"),
    )
    schedule = made.json
    identifier = schedule["scheduleId"]
    assert schedule["postings"][0]["amount"] == "150"
    assert schedule["firstTime"] == "2030-01-31T08:00:00Z"
    assert schedule["repeat"]["frequency"] == "FREQUENCY_MONTHLY"
    (listed,) = (await shell("schedules", *options, "--json")).json
    assert listed == schedule
    table = (await shell("schedules", "--account", economy.ann, "--state", "active")).out
    assert identifier in table
    assert f"1.50 COIN from users/{economy.ann} to users/{economy.bob}" in table
    shown = (await shell("schedules", "show", identifier)).out
    assert "monthly, as at 2030-01-31 08:00Z in Europe/Berlin" in shown
    assert "rent" in shown
    assert (await shell("schedules", "runs", identifier, "--json")).json == []
    assert (await shell("schedules", "runs", identifier)).code == 0
    assert "paused" in (await shell("schedules", "pause", identifier)).out
    resumed = (await shell("schedules", "resume", identifier)).out
    assert "is active, next 2030-01-31 08:00:00Z." in resumed
    assert "cancelled" in (await shell("schedules", "cancel", identifier)).out
    again = await shell("schedules", "cancel", identifier)
    assert again.code == 1
    assert "SCHEDULE_ENDED" in again.err
    assert "make a new one" in again.err


@pytest.mark.parametrize("option", [("--every", "2"), ("--runs", "3"), ("--time-zone", "UCT")])
async def test_a_rule_needs_its_frequency(
    shell: Shell, economy: Economy, option: tuple[str, str]
) -> None:
    made = await shell(
        *("schedules", "create", economy.ann, economy.bob, "1", "COIN"),
        *("--at", "2030-01-31T09:00:00+0100", *option),
    )
    assert made.code == 2
    assert "--repeat" in made.err


async def test_requests_are_made_shown_and_answered(shell: Shell, economy: Economy) -> None:
    ann, bob = ("--acting-for", economy.ann), ("--acting-for", economy.bob)
    created = []
    for number in range(3):
        made = await shell(
            *("requests", "create", economy.bob, economy.ann, "2.50", "COIN", *bob),
            *("--memo", f"tea {number}", "--json"),
        )
        created.append(made.json["paymentRequestId"])
    first, second, third = created
    table = (await shell("requests", *ann)).out
    assert all(identifier in table for identifier in created)
    assert "tea 2" in table
    assert (await shell("requests", *bob, "--json")).json == []
    accepted = (await shell("requests", "accept", first, *ann)).out
    assert f"Paid 2.50 COIN to users/{economy.bob}: entry " in accepted
    assert "Declined" in (await shell("requests", "decline", second, *ann)).out
    assert "Cancelled" in (await shell("requests", "cancel", third, *bob)).out
    states = {
        item["paymentRequestId"]: item["state"]
        for item in (await shell("requests", *bob, "--outgoing", "--json")).json
    }
    assert states == {
        first: "STATE_ACCEPTED",
        second: "STATE_DECLINED",
        third: "STATE_CANCELLED",
    }
    assert "2.50" in (await shell("balance", economy.bob)).out
    shown = (await shell("requests", "show", first)).out
    assert "accepted" in shown
    assert "Transaction" in shown
    (only,) = (await shell("requests", *ann, "--state", "declined", "--json")).json
    assert only["paymentRequestId"] == second
    closed = await shell("requests", "accept", second, *ann)
    assert closed.code == 1
    assert "PAYMENT_REQUEST_CLOSED" in closed.err
