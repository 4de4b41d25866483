"""Daily rewards, taps, cooldowns, talking in groups, and bringing others."""

import pytest

from tests.e2e.bot.fake_api import Chat
from tests.e2e.bot.running import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")

GROUP = Chat(-1002, "supergroup", "Club")


async def test_the_daily_reward_is_claimed_once_however_often_it_is_delivered(here: Town) -> None:
    ann = here.telegram.person(301, "Ann")
    before = here.telegram.changes
    update = await ann.says("/daily")
    claimed = await here.telegram.next_shown(before, ann.id)
    assert "first day in a row" in claimed.text
    has = await here.has(301)
    assert has > 0
    await here.telegram.deliver(update)
    again = await ann.asks("/daily")
    assert "claimed today" in again.text and "streak is one day" in again.text
    assert await here.has(301) == has


async def test_taps_count_as_long_as_there_is_energy(here: Town) -> None:
    boris = here.telegram.person(302, "Борис", language="ru")
    shown = await boris.asks("/tap")
    assert "Энергия" in shown.text
    before = here.telegram.changes
    answer = await boris.press_answer(shown, "Тап ×10")
    assert "Засчитано 10 тапов" in answer["text"]
    await here.telegram.next_shown(before, boris.id)
    before = here.telegram.changes
    await boris.presses(shown, "Тапнуть всё")
    assert (await here.telegram.next_shown(before, boris.id)).message_id == shown.message_id
    answer = await boris.press_answer(shown, "Тап ×10")
    assert "Энергии не осталось" in answer["text"] or "Засчитан" in answer["text"]
    assert await here.has(302) > 0


async def test_cooldowns_offer_what_is_due(here: Town) -> None:
    ann = here.telegram.person(303, "Ann")
    shown = await ann.asks("/cd")
    assert "Daily reward: now" in shown.text and "energy" in shown.text
    claimed = await ann.sees_after(shown, "Claim")
    assert claimed.message_id == shown.message_id and "first day" in claimed.text
    later = await ann.asks("/cd")
    assert "Daily reward: in" in later.text
    assert not [label for label in later.buttons if "Claim" in label]


async def test_talk_in_a_group_is_rewarded_quietly_and_only_of_who_knows_the_bot(
    here: Town,
) -> None:
    ann, eve = here.telegram.person(304, "Ann"), here.telegram.person(305, "Eve")
    await ann.asks("/balance")
    changes = here.telegram.changes
    await ann.says("What a lovely day to talk about tickets!", chat=GROUP)
    await eve.says("Indeed, and I have never met this bot.", chat=GROUP)
    await here.until_has(304, 1)
    assert here.telegram.changes == changes, "nothing is said in the group"
    found = [p async for p in here.operator.people()]
    assert not [p for p in found if p.linked_identities[0].subject == "305"]


async def test_a_newcomer_tells_who_brought_him(here: Town) -> None:
    ann = here.telegram.person(306, "Ann")
    link = (await ann.asks("/invite")).text
    payload = link.rpartition("start=")[2]
    new = here.telegram.person(307, "New")
    assert "who brought you" in (await new.asks(f"/start {payload}")).text
    own = await ann.asks(f"/start {payload}")
    assert "who brought you" not in own.text and "Hello" in own.text


async def test_a_group_is_greeted_once(here: Town) -> None:
    ann = here.telegram.person(308, "Ann")
    bot = {"id": 4200, "is_bot": True, "first_name": "T", "username": "ticketonomics_bot"}
    await here.telegram.push(
        {
            "my_chat_member": {
                "chat": {"id": -1003, "type": "supergroup", "title": "New club"},
                "from": ann.as_json(),
                "date": 1,
                "old_chat_member": {"user": bot, "status": "left"},
                "new_chat_member": {"user": bot, "status": "member"},
            }
        }
    )
    assert "tickets" in (await here.telegram.shows("Hello!", chat_id=-1003)).text
