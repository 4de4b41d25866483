"""What admins do from their chats, and that nobody else can."""

import pytest
from ticketonomics.identity.v1.person_pb2 import Person as Known

from tests.e2e.bot.economy.conftest import ADMIN
from tests.e2e.bot.economy.test_playing import person
from tests.e2e.bot.running import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_commands_do_not_exist_for_others(town: Town) -> None:
    eve = await person(town, 401, "Eve")
    for command in ("/admin", "/maintenance on", "/audit", "/broadcast hi", "/parameter amm"):
        assert "did not understand" in (await eve.asks(command)).text
    assert not (await town.operator.parameter("faces.maintenance")).value.boolean


async def test_maintenance_begins_nothing_new_and_ends(town: Town) -> None:
    admin = await person(town, ADMIN, "Admin")
    ann = await person(town, 411, "Ann", 10_000)
    assert "is <b>on</b>" in (await admin.asks("/maintenance on a new version")).text
    try:
        assert "looked after" in (await ann.asks("/swap 5 BRONZE IRON")).text
        assert "Together worth" in (await ann.asks("/tiers")).text
        asked = await admin.asks("/parameter queues.timeout 86401 # a second more")
        done = await admin.sees_after(asked, "Confirm")
        assert "86401" in done.text
    finally:
        await admin.asks("/maintenance off")
    assert "about" in (await ann.asks("/swap 5 BRONZE IRON")).text


async def test_parameters_are_viewed_and_bounds_are_kept(town: Town) -> None:
    admin = await person(town, ADMIN, "Admin")
    assert "amm" in (await admin.asks("/parameter")).text
    assert "amm.fee_bps" in (await admin.asks("/parameter amm")).text
    shown = await admin.asks("/parameter amm.fee_bps")
    assert "By default" in shown.text
    assert "out of bounds" in (await admin.asks("/parameter amm.fee_bps 999999")).text
    assert "no value" in (await admin.asks("/parameter amm.fee_bps some")).text


async def test_blocking_vetoing_and_the_audit(town: Town) -> None:
    admin = await person(town, ADMIN, "Admin")
    mallory = await town.give(421, 10_000)
    await person(town, 421, "Mallory")
    made = await town.operator.acting_for(mallory).create_proposal("Buy my tea <now>")
    asked = await admin.asks(f"/veto {made.proposal_id} spam an advertisement")
    assert "as spam" in asked.text
    assert "is vetoed" in (await admin.sees_after(asked, "Confirm")).text
    asked = await admin.asks(f"/block {mallory} advertises")
    assert "advertises" in asked.text
    assert "is blocked" in (await admin.sees_after(asked, "Confirm")).text
    assert (await town.operator.person(mallory)).state == Known.STATE_BLOCKED
    audit = await admin.asks("/audit")
    assert "an advertisement" in audit.text and mallory in audit.text
    assert "queues.timeout" in audit.text or "faces.maintenance" in audit.text
    asked = await admin.asks(f"/unblock {mallory} has said sorry")
    await admin.sees_after(asked, "Confirm")
    assert (await town.operator.person(mallory)).state == Known.STATE_ACTIVE


async def test_a_broadcast_is_previewed_sent_once_and_counted(town: Town) -> None:
    admin = await person(town, ADMIN, "Admin")
    readers = [await person(town, number, "Reader", 1) for number in range(431, 436)]
    await town.give(436, 1)
    bold = {"type": "bold", "offset": len("/broadcast "), "length": 5}
    asked = await admin.asks("/broadcast Hello, all & everybody", entities=[bold])
    assert "<b>Hello</b>, all &amp; everybody" in asked.text
    data = asked.data("Confirm")
    for _ in range(3):
        await admin.sends_press(asked, data)
    await town.telegram.until(lambda: "Done" in asked.text)
    for reader in readers:
        told = [
            call
            for call in town.telegram.called("sendMessage")
            if int(call.params["chat_id"]) == reader.id and "<b>Hello</b>" in call.params["text"]
        ]
        assert len(told) == 1
    sent = int(asked.text.split(" sent")[0].split()[-1])
    assert sent >= 5
    assert "Write the text" in (await admin.asks("/broadcast")).text
