"""Inline mode: offers are taken by somebody else, and confirmed by who has made them."""

import pytest

from tests.e2e.bot.running import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_offer_pays_whom_the_sender_confirms_once(here: Town) -> None:
    ann = here.telegram.person(501, "Ann")
    await here.give(501, 1_000_000)
    results = await ann.types_inline("pay 5k for fun")
    offered = ann.sends_inline(results[0])
    assert "5,000.00" in offered.text and "fun" in offered.text
    receive = offered.data("Receive")
    own = await here.telegram.answer_to(await ann.sends_press(offered, receive))
    assert "Somebody else" in own["text"]
    bob, eve = here.telegram.person(502, "Bob"), here.telegram.person(503, "Eve")
    wanted = await bob.sees_after(offered, "Receive")
    assert "Bob" in wanted.text and await here.has(502) == 0
    late = await here.telegram.answer_to(await eve.sends_press(offered, receive))
    assert "first" in late["text"]
    assert "Somebody else" in (await bob.press_answer(wanted, "Confirm"))["text"]
    confirm = wanted.data("Confirm")
    for _ in range(2):
        await here.telegram.answer_to(await ann.sends_press(wanted, confirm))
    assert "✅" in offered.text
    assert await here.has(502) == 500_000
    assert await here.has(501) == 500_000


async def test_a_made_up_offer_is_no_offer(here: Town) -> None:
    ann = here.telegram.person(511, "Ann")
    await here.give(511, 100_000)
    offered = ann.sends_inline((await ann.types_inline("5"))[0])
    forged = offered.data("Receive").replace(":500:", ":90000:")
    bob = here.telegram.person(512, "Bob")
    answer = await here.telegram.answer_to(await bob.sends_press(offered, forged))
    assert "old" in answer["text"]
    withdrawn = await ann.sees_after(offered, "Withdraw")
    assert "withdrawn" in withdrawn.text
    answer = await here.telegram.answer_to(
        await bob.sends_press(offered, forged.replace(":90000:", ":500:"))
    )
    assert "first" in answer["text"]
    assert await here.has(511) == 100_000


async def test_a_balance_is_shown_when_it_is_asked_for(here: Town) -> None:
    ann = here.telegram.person(521, "Аня", language="ru")
    await here.give(521, 12_345)
    results = await ann.types_inline("")
    assert "123,45" in ann.sends_inline(results[-1]).text
