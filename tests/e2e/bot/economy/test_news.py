"""What the bot tells by itself: payments, results, votes, allowances, alerts, and what is muted."""

import asyncio

import pytest
from ticketonomics.identity.v1.preferences_pb2 import Notification
from ticketonomics.spending.v1.limit_pb2 import Period
from ticketonomics_client import Ballot, Client

from tests.e2e.bot.economy.test_playing import person
from tests.e2e.bot.running import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_payments_are_told_with_their_memos_and_can_be_muted(town: Town) -> None:
    ann, bob = await town.give(301, 50_000), await town.give(302, 1)
    await person(town, 301, "Ann")
    await person(town, 302, "Bob", language="en")
    await town.operator.transfer(
        source=f"users/{ann}",
        destination=f"users/{bob}",
        asset="BRONZE",
        amount=500,
        memo="tea & <b>",
    )
    told = await town.telegram.shows("has paid you", chat_id=302)
    assert "5.00" in told.text and "tea &amp; &lt;b&gt;" in told.text
    await town.operator.set_preferences(
        bob, language="ru", muted=[Notification.NOTIFICATION_PAYMENT_RECEIVED]
    )
    before = len(_to(town, 302))
    await town.operator.transfer(
        source=f"users/{ann}", destination=f"users/{bob}", asset="BRONZE", amount=600
    )
    await town.operator.transfer(
        source=f"users/{bob}", destination=f"users/{ann}", asset="BRONZE", amount=700
    )
    # That of the next payment shows that the one before was left out.
    await town.telegram.shows("7.00", chat_id=301)
    assert len(_to(town, 302)) == before
    await town.operator.set_preferences(bob, language="ru", muted=[])
    await town.operator.transfer(
        source=f"users/{ann}", destination=f"users/{bob}", asset="BRONZE", amount=800
    )
    assert "платит вам" in (await town.telegram.shows("8,00", chat_id=302)).text


async def test_many_payments_at_once_come_as_few_messages(town: Town) -> None:
    ann, bob = await town.give(311, 50_000), await town.give(312, 1)
    await person(town, 312, "Bob")
    town.telegram.refuse("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    for amount in range(101, 141):
        await town.operator.transfer(
            source=f"users/{ann}", destination=f"users/{bob}", asset="BRONZE", amount=amount
        )
    await town.telegram.until(lambda: _sum_told(town, 312) == sum(range(101, 141)))
    assert len(_to(town, 312)) < 20


async def test_who_has_blocked_the_bot_is_let_be_until_writing_again(town: Town) -> None:
    ann, eve = await town.give(321, 50_000), await town.give(322, 1)
    made = await person(town, 322, "Eve")
    town.telegram.started.discard(322)
    await town.operator.transfer(
        source=f"users/{ann}", destination=f"users/{eve}", asset="BRONZE", amount=100
    )
    await town.telegram.until(lambda: _to(town, 322))
    await person(town, 323, "Witness")
    witness = await town.give(323, 1)
    for whom, amount in ((eve, 200), (witness, 4_321)):
        await town.operator.transfer(
            source=f"users/{ann}", destination=f"users/{whom}", asset="BRONZE", amount=amount
        )
    await town.telegram.shows("43.21", chat_id=323)
    await made.asks("/help")
    await town.operator.transfer(
        source=f"users/{ann}", destination=f"users/{eve}", asset="BRONZE", amount=300
    )
    await town.telegram.shows("3.00", chat_id=322)
    assert len([one for one in _to(town, 322) if "1.00" in one]) == 1, "what is final is final"


async def test_a_round_is_told_live_and_its_result_to_all(town: Town) -> None:
    ann = await person(town, 331, "Ann", 300)
    web = await person(town, 332, "Web")
    other = await town.give(332, 300)
    looked = await ann.asks("/queue bronze small")
    asked = await ann.sees_after(looked, "Join")
    await ann.presses(asked, "Confirm")
    joined = await town.telegram.shows("number 1.", chat_id=331)
    edits = joined.edits
    await town.operator.join_queue("BRONZE", "small", other)
    await town.telegram.until(lambda: "2 of 20" in joined.text)
    assert joined.edits > edits
    for number in range(18):
        extra = await town.operator.get_or_create_person(provider="t", subject=f"q{number}")
        await town.operator.mint(
            destination=extra.person.account, asset="BRONZE", amount=100, reason="test"
        )
        await town.operator.join_queue("BRONZE", "small", extra.person.person_id)
    await town.telegram.until(lambda: "Drawn by lot" in joined.text)
    assert "Leave" not in joined.buttons
    result = await town.telegram.shows("Drawn by lot", chat_id=web.id)
    assert "You have won" in result.text or "used up" in result.text


async def test_a_price_alert_is_told_once(town: Town) -> None:
    ann = await person(town, 341, "Ann")
    await town.operator.mint(destination="orgs/treasury", asset="BRONZE", amount=100, reason="move")
    await town.operator.swap(
        "iron", account="orgs/treasury", asset_in="BRONZE", asset_out="IRON", amount_in=100
    )
    now = float((await town.operator.pool("iron")).price)
    taken = await ann.asks(f"tell me when IRON >= {now * 1.2:.3f}")
    assert "I will tell you once" in taken.text and "my memory" in taken.text
    await _buy(town, now, 1.5)
    told = await town.telegram.shows("IRON ≥", chat_id=341)
    await town.telegram.until(lambda: "✅" in taken.text)
    assert told.chat_id == 341
    count = len([text for text in _to(town, 341) if "🔔 <b>IRON" in text])
    await _buy(town, now, 1.2)
    low = await ann.asks(f"/prices iron <= {now:.3f}")
    listed = await ann.asks("/prices")
    assert any("✖️" in label for label in listed.buttons) and low.chat_id == 341
    gone = await ann.sees_after(listed, "✖️")
    assert "taken back" in gone.text
    assert len([text for text in _to(town, 341) if "🔔 <b>IRON" in text]) == count == 1


async def test_a_vote_is_told_when_it_opens_and_when_it_is_over(town: Town) -> None:
    ann = await person(town, 351, "Ann")
    voter = await town.give(351, 10_000)
    await town.operator.set_parameter("parliament.voting_period", 8)
    try:
        await town.operator.acting_for(voter).create_proposal("Tea & cake for all")
        opened = await town.telegram.shows("A vote has begun: <b>Tea", chat_id=351)
        assert "Tea &amp; cake" in opened.text
        found = await anext(town.operator.proposals())
        await town.operator.acting_for(voter).cast_vote(found.proposal_id, Ballot.CHOICE_YES)
        result = await town.telegram.shows("🏛 <b>Tea", chat_id=351)
        assert "👍 1" in result.text and ann.id == 351
    finally:
        await town.operator.set_parameter("parliament.voting_period", 3_600)


async def test_what_an_application_takes_is_told(town: Town) -> None:
    await person(town, 361, "Ann")
    ann = await town.give(361, 10_000)
    made = await town.operator.create_application(
        name="Café <1>", scopes=["ledger.transfer", "identity.act_for"]
    )
    secret = (await town.operator.create_api_key(made.application_id)).secret
    await town.operator.acting_for(ann).grant_allowance(
        ann,
        application_id=made.application_id,
        asset="BRONZE",
        amount=5_000,
        period=Period.PERIOD_DAY,
    )
    async with Client(town.server.target, api_key=secret) as application:
        await application.transfer(
            source=f"users/{ann}", destination="orgs/treasury", asset="BRONZE", amount=1_234
        )
    told = await town.telegram.shows("as you allow it", chat_id=361)
    assert "12.34" in told.text and "Café &lt;1&gt;" in told.text


def _to(town: Town, chat_id: int) -> list[str]:
    return [
        call.params["text"]
        for call in town.telegram.called("sendMessage")
        if int(call.params["chat_id"]) == chat_id
    ]


def _sum_told(town: Town, chat_id: int) -> int:
    """Adds up what was told: single payments, and the sums of those that come together."""
    total = 0
    for text in _to(town, chat_id):
        for line in text.splitlines():
            if "has paid you" in line:
                total += _cents(line.split("<b>")[2])
            elif line.startswith("＋"):
                total += _cents(line.removeprefix("＋ "))
    return total


def _cents(text: str) -> int:
    return round(float(text.split(maxsplit=1)[0].replace(",", "")) * 100)


async def _buy(town: Town, now: float, times: float) -> None:
    """Moves the price to so many times what it was, by buying or selling."""
    for _ in range(200):
        price = float((await town.operator.pool("iron")).price)
        if abs(price / (now * times) - 1) < 0.05:
            return
        give, get = ("BRONZE", "IRON") if price < now * times else ("IRON", "BRONZE")
        await town.operator.mint(
            destination="orgs/treasury", asset=give, amount=5_000, reason="move"
        )
        await town.operator.swap(
            "iron", account="orgs/treasury", asset_in=give, asset_out=get, amount_in=5_000
        )
        await asyncio.sleep(0)
