"""What admins do by commands, and that nobody else can."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ticketonomics_client import RefusedError

from tests.conftest import Server
from tests.e2e.bot.fake_api import Person
from tests.e2e.bot.running import Town, town

ADMIN = 701


@pytest.fixture
async def here(server: Server, tmp_path: Path) -> AsyncIterator[Town]:
    key = tmp_path / "admins.key"
    key.write_text(server.operator_key)
    async with town(
        server,
        tmp_path,
        chat_messages_per_second="1000",
        admins=str(ADMIN),
        operator_key_file=str(key),
    ) as made:
        yield made


async def test_admins(here: Town) -> None:
    """One bot for all of it: it takes seconds to start."""
    admin = here.telegram.person(ADMIN, "Admin")
    bob = here.telegram.person(702, "Bob", username="bob_702")
    await here.give(702, 50_000)
    await bob.asks("/start")
    await here.operator.set_handle((await here.person(702)).person_id, "bob_702")
    await _keeps_others_out(admin, bob)
    await _holds_maintenance(admin, bob)
    await _sets_a_parameter(here, admin)
    await _blocks(here, admin, bob)
    await _vetoes(here, admin)
    await _broadcasts(here, admin)


async def _keeps_others_out(admin: Person, bob: Person) -> None:
    assert "For admins" in (await admin.asks("/admin")).text
    for words in ("/admin", "/maintenance on", "/block @bob_702 x", "/broadcast hi", "/audit"):
        assert "did not understand" in (await bob.asks(words)).text
    asked = await admin.asks("/maintenance on")
    assert "Somebody else" in (await bob.press_answer(asked, "Confirm"))["text"]


async def _holds_maintenance(admin: Person, bob: Person) -> None:
    asked = await admin.asks("/maintenance on")
    assert "<b>on</b>" in (await admin.sees_after(asked, "Confirm")).text
    assert "looked after" in (await bob.asks("/daily")).text
    assert "500.00" in (await bob.asks("/balance")).text, "reading goes on"
    asked = await admin.asks("/maintenance off")
    assert "<b>off</b>" in (await admin.sees_after(asked, "Confirm")).text
    assert "day in a row" in (await bob.asks("/daily")).text


async def _sets_a_parameter(here: Town, admin: Person) -> None:
    shown = await admin.asks("/param rewards.chat_interval")
    assert "seconds" in shown.text
    assert "cannot have" in (await admin.asks("/param rewards.chat_interval often")).text
    asked = await admin.asks("/param rewards.chat_interval 77 because I say so")
    await admin.sees_after(asked, "Confirm")
    assert (await here.operator.parameter("rewards.chat_interval")).value.integer == 77
    audit = await admin.asks("/audit")
    assert "rewards.chat_interval" in audit.text and "because I say so" in audit.text
    refused = await admin.asks("/param rewards.chat_interval -5")
    assert "not possible" in (await admin.sees_after(refused, "Confirm")).text


async def _blocks(here: Town, admin: Person, bob: Person) -> None:
    assert "why" in (await admin.asks("/block @bob_702")).text
    asked = await admin.asks("/block @bob_702 bad behaviour")
    assert "is blocked" in (await admin.sees_after(asked, "Confirm")).text
    number = (await here.person(702)).person_id
    assert number in (await admin.asks("/audit")).text
    assert "blocked" in (await bob.asks("/daily")).text
    asked = await admin.asks(f"/unblock {number} better now")
    assert "not blocked any more" in (await admin.sees_after(asked, "Confirm")).text


async def _vetoes(here: Town, admin: Person) -> None:
    assert "what and why" in (await admin.asks("/veto something")).text
    with pytest.raises(RefusedError):
        await here.operator.proposal("7k3m9q2x4t6v8w1z")
    assert "no such proposal" in (await admin.asks("/veto 7k3m9q2x4t6v8w1z spam no")).text


async def _broadcasts(here: Town, admin: Person) -> None:
    eve = here.telegram.person(703, "Eve")
    shown = await eve.sees_after(await eve.asks("/settings"), "Notifications")
    await eve.sees_after(shown, "News of the economy")
    await here.give(704, 1)
    asked = await admin.asks("/broadcast Free tea & <cake> today")
    confirm = asked.data("Confirm")
    await admin.presses(asked, "Confirm")
    await admin.sends_press(asked, confirm)
    await here.telegram.shows("Reached:", chat_id=ADMIN)
    got = [
        shown.chat_id for shown in here.telegram.shown.values() if "Free tea &amp;" in shown.text
    ]
    assert got == [702], "once, and to nobody who does not want news"
