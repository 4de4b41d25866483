"""Balances, payments, requests and history, as people do them in chats."""

import pytest

from tests.e2e.bot.fake_api import Chat, Person
from tests.e2e.bot.running import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")

GROUP = Chat(-1001, "supergroup", "Club")


async def _with(here: Town, number: int, name: str, amount: int = 0, **more: str) -> Person:
    person = here.telegram.person(number, name, **more)
    here.telegram.started.add(number)
    if amount:
        await here.give(number, amount)
    return person


async def _handle(here: Town, person: Person, handle: str) -> None:
    found = await here.operator.get_or_create_person(provider="telegram", subject=str(person.id))
    await here.operator.set_handle(found.person.person_id, handle)


async def test_a_balance_is_told_in_both_languages(here: Town) -> None:
    ann = await _with(here, 101, "Ann", 123_450)
    assert "1,234.50" in (await ann.asks("/balance")).text
    boris = await _with(here, 102, "Борис", 123_450, language="ru")
    shown = await boris.asks("/balance")
    assert "Что у вас есть" in shown.text and "1\u00a0234,50" in shown.text
    newcomer = await _with(here, 103, "New")
    assert "/daily" in (await newcomer.asks("/balance")).text


async def test_a_small_payment_in_answer_to_a_message_goes_at_once(here: Town) -> None:
    ann, bob = await _with(here, 111, "Ann", 5_000), await _with(here, 112, "Bob")
    said = (await bob.says("hi", chat=GROUP))["message"]
    shown = await ann.asks("/pay 5 for tea & <cake>", chat=GROUP, reply_to=said)
    assert "5.00" in shown.text and "Bob" in shown.text
    assert "tea &amp; &lt;cake&gt;" in shown.text and "undone" in shown.text
    assert "left" not in shown.text, "a balance is nobody's business in a group"
    assert await here.has(112) == 500
    assert await here.has(111) == 4_500
    mention = {"type": "mention", "offset": 0, "length": 18}
    words = "@ticketonomics_bot pay 1"
    shown = await ann.asks(words, chat=GROUP, reply_to=said, entities=[mention])
    assert "1.00" in shown.text and "Bob" in shown.text
    assert await here.has(112) == 600


async def test_a_message_that_comes_in_two_updates_pays_once(here: Town) -> None:
    ann, bob = await _with(here, 113, "Ann", 5_000), await _with(here, 114, "Bob")
    said = (await bob.says("hi", chat=GROUP))["message"]
    before = here.telegram.changes
    update = await ann.says("/pay 5", chat=GROUP, reply_to=said)
    # As an instance would see it that does not know what another one has handled.
    await here.telegram.push({"message": update["message"]})
    await here.telegram.until(lambda: here.telegram.changes >= before + 2)
    assert await here.has(114) == 500


async def test_a_large_payment_is_asked_about_and_done_once(here: Town) -> None:
    ann, bob = await _with(here, 121, "Ann", 1_000_000), await _with(here, 122, "Bob")
    said = (await bob.says("hi", chat=GROUP))["message"]
    asked = await ann.asks("/pay 5k", chat=GROUP, reply_to=said)
    assert "5,000.00" in asked.text and "Confirm" in asked.buttons
    eve = await _with(here, 123, "Eve")
    assert "Somebody else" in (await eve.press_answer(asked, "Confirm"))["text"]
    data = asked.data("Confirm")
    updates = [await ann.sends_press(asked, data) for _ in range(3)]
    for update in updates:
        await here.telegram.answer_to(update)
        await here.telegram.deliver(update)
    assert "✅" in (await here.telegram.shows("✅", chat_id=GROUP.id)).text
    late = await ann.sends_press(asked, data.replace("d:1", "d:0"))
    assert "confirmed this already" in (await here.telegram.answer_to(late))["text"]
    assert await here.has(122) == 500_000
    assert not asked.buttons


async def test_a_cancelled_payment_cannot_be_confirmed(here: Town) -> None:
    ann = await _with(here, 131, "Ann", 100_000)
    bob = await _with(here, 132, "Bob", username="bob_132")
    await _handle(here, bob, "bob_132")
    asked = await ann.asks("/pay @bob_132 500 for rent")
    confirm = asked.data("Confirm")
    assert "Nothing has happened" in (await ann.sees_after(asked, "Cancel")).text
    late = await ann.sends_press(asked, confirm)
    assert "cancelled this already" in (await here.telegram.answer_to(late))["text"]
    assert await here.has(132) == 0


async def test_words_pay_too_and_a_handle_that_telegram_calls_otherwise_is_asked_about(
    here: Town,
) -> None:
    ann = await _with(here, 141, "Аня", 10_000, language="ru")
    bob = await _with(here, 142, "Bob", username="bob_142")
    await _handle(here, bob, "bob_142")
    done = await ann.asks("заплати 20 @Bob_142 за пиццу")
    assert "✅" in done.text and "пиццу" in done.text and "20,00" in done.text
    assert await here.has(142) == 2_000
    eve = await _with(here, 143, "Eve", username="eve_143")
    await _handle(here, eve, "bob_1420")
    asked = await ann.asks("/pay @bob_1420 1")
    assert "@eve_143" in asked.text and "Подтвердить" in asked.buttons
    assert await here.has(143) == 0
    assert "✅" in (await ann.sees_after(asked, "Подтвердить")).text
    assert await here.has(143) == 100


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("/pay", "Say whom"),
        ("/pay @nobody_here 5", "Nobody here"),
        ("/pay @ticketonomics_bot 5", "Bots have no wallet"),
        ("/pay @bob_151 1,500", "thousands"),
        ("/pay @bob_151 0", "more than zero"),
        ("/pay @bob_151 -5", "negative"),
        ("/pay @bob_151 0.001", "2 decimals"),
        ("/pay @bob_151 99999999999999999999999", "more than anybody"),
        ("/pay @bob_151 5x", "no amount"),
        ("/pay @bob_151 @eve 5", "one person"),
        ("/pay @ann_151 5", "yourself"),
        ("what is this", "/help"),
    ],
)
async def test_what_cannot_be_paid_is_said_kindly(here: Town, words: str, answer: str) -> None:
    ann = await _with(here, 151, "Ann", username="ann_151")
    bob = await _with(here, 152, "Bob", username="bob_151")
    await _handle(here, bob, "bob_151")
    await _handle(here, ann, "ann_151")
    assert answer in (await ann.asks(words)).text


async def test_too_little_is_refused_and_may_be_tried_again(here: Town) -> None:
    ann = await _with(here, 161, "Ann", 100)
    bob = await _with(here, 162, "Bob", username="bob_161")
    await _handle(here, bob, "bob_161")
    asked = await ann.asks("/pay @bob_161 200")
    refused = await ann.sees_after(asked, "Confirm")
    assert "Try again" in refused.buttons
    await here.give(161, 100_000)
    assert "✅" in (await ann.sees_after(refused, "Try again")).text
    assert await here.has(162) == 20_000


async def test_an_amount_that_was_left_out_is_asked_for(here: Town) -> None:
    ann = await _with(here, 171, "Ann", 10_000)
    bob = await _with(here, 172, "Bob", username="bob_171")
    await _handle(here, bob, "bob_171")
    assert "How much" in (await ann.asks("/start pay-hbob_171")).text
    assert "no amount" in (await ann.asks("much")).text
    assert "✅" in (await ann.asks("2.5")).text
    assert await here.has(172) == 250
    asked = await ann.asks("/start pay-hbob_171-1000-BRONZE")
    assert "10.00" in asked.text and "Confirm" in asked.buttons
    assert await here.has(172) == 250, "a link alone pays nobody"


async def test_a_request_is_paid_or_declined_by_whom_it_asks(here: Town) -> None:
    ann = await _with(here, 181, "Ann")
    bob = await _with(here, 182, "Борис", 10_000, username="bob_181", language="ru")
    await _handle(here, bob, "bob_181")
    await bob.asks("/balance")
    await ann.says("/request @bob_181 20 for pizza")
    made = await here.telegram.shows("You have asked", chat_id=181)
    asked = await here.telegram.shows("просит у вас", chat_id=182)
    assert "20,00" in asked.text and "pizza" in asked.text
    pay = asked.data("Заплатить")
    pressed = await ann.sends_press(made, pay)
    assert "Somebody else" in (await here.telegram.answer_to(pressed))["text"]
    for _ in range(2):
        await here.telegram.answer_to(await bob.sends_press(asked, pay))
    await here.telegram.shows("has paid you", chat_id=181)
    assert await here.has(181) == 2_000
    assert "answered or taken back" in (await ann.press_answer(made, "Take back"))["text"]
    await ann.says("ask @bob_181 for 5")
    again = await here.telegram.shows("5,00", chat_id=182)
    await bob.presses(again, "Отказать")
    await here.telegram.shows("does not want to pay", chat_id=181)


async def test_history_turns_pages_and_tells_memos(here: Town) -> None:
    ann = await _with(here, 191, "Ann", 100_000)
    bob = await _with(here, 192, "Bob", username="bob_191")
    await _handle(here, bob, "bob_191")
    for number in range(9):
        await ann.asks(f"/pay @bob_191 1 for thing{number}")
    first = await ann.asks("/history")
    assert "thing8" in first.text and "@bob_191" in first.text and "thing0" not in first.text
    second = await ann.sees_after(first, "Older")
    assert "thing0" in second.text and "New supply" in second.text
    assert second.message_id == first.message_id, "one message a flow"
    assert "thing8" in (await ann.sees_after(second, "Newer")).text


async def test_old_and_made_up_buttons_are_answered_kindly(here: Town) -> None:
    ann = await _with(here, 195, "Ann")
    shown = await ann.asks("/help")
    for data in ("d:1:00000000000000000000000000000001", "x:y", "h:99999999999", "sm:77:1", "a:no"):
        answer = await here.telegram.answer_to(await ann.sends_press(shown, data))
        assert data.startswith("h") or "old" in answer["text"], data


async def test_private_answers_in_groups(here: Town) -> None:
    ann = await _with(here, 201, "Ann", 7_700)
    quiet = await ann.asks("/balance", chat=GROUP, ephemeral=True)
    assert (quiet.chat_id, quiet.receiver_id) == (GROUP.id, 201) and "77.00" in quiet.text
    aside = await ann.asks("/balance", chat=GROUP)
    assert aside.chat_id == 201 and "77.00" in aside.text
    here.telegram.started.discard(201)
    invited = await ann.asks("/balance", chat=GROUP)
    assert invited.chat_id == GROUP.id and "77.00" not in invited.text
    assert "t.me" in next(iter(invited.buttons.values()))["url"]
