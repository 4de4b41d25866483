"""Settings, handles, and linking accounts."""

import pytest
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.identity.v1.preferences_pb2 import NOTIFICATION_VOTE_OPENED

from tests.e2e.bot.running import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _person(here: Town, telegram_id: int) -> Person:
    return await here.operator.look_up_person(provider="telegram", subject=str(telegram_id))


async def test_a_language_is_chosen_and_holds(here: Town) -> None:
    ann = here.telegram.person(401, "Ann", language="en")
    shown = await ann.asks("/settings")
    assert "like your Telegram" in shown.text
    languages = await ann.sees_after(shown, "Language")
    spoken = await ann.sees_after(languages, "русский")
    assert "Язык: русский" in spoken.text
    assert "Пока ничего нет" in (await ann.asks("/balance")).text


async def test_a_notification_is_muted_and_wanted_again(here: Town) -> None:
    ann = here.telegram.person(402, "Ann")
    shown = await ann.sees_after(await ann.asks("/settings"), "Notifications")
    muted = await ann.sees_after(shown, "Votes that begin")
    assert "🔕 Votes that begin" in muted.buttons
    number = (await _person(here, 402)).person_id
    assert list((await here.operator.preferences(number)).muted) == [NOTIFICATION_VOTE_OPENED]
    await ann.sees_after(muted, "Votes that begin")
    assert not (await here.operator.preferences(number)).muted


async def test_a_newcomer_takes_the_username_as_handle(here: Town) -> None:
    ann = here.telegram.person(403, "Ann", username="Ann_403")
    shown = await ann.asks("/start")
    await ann.sees_after(shown, "Be @ann_403")
    assert (await _person(here, 403)).handle == "ann_403"
    eve = here.telegram.person(404, "Eve")
    handles = await eve.sees_after(await eve.asks("/settings"), "Handle")
    await eve.sees_after(handles, "Another")
    assert "3–32" in (await eve.asks("1x")).text
    assert "Back" in str((await eve.asks("@ann_403")).buttons)
    await eve.asks("/settings")
    handles = await eve.sees_after(await eve.asks("/settings"), "Handle")
    await eve.sees_after(handles, "Another")
    assert "@eve_404" in (await eve.asks("@Eve_404")).text
    visible = await eve.sees_after(await eve.asks("/settings"), "Show my name")
    assert "Everybody may see" in visible.text
    assert (await _person(here, 404)).privacy == Person.PRIVACY_PUBLIC


async def test_a_code_of_another_application_links_this_telegram_account(here: Town) -> None:
    game = await here.operator.get_or_create_person(provider="minecraft", subject="m405")
    number = game.person.person_id
    code = (await here.operator.create_link_code(number)).code
    ann = here.telegram.person(405, "Ann")
    asked = await ann.asks(f"/start link-{code.replace('-', '')}")
    assert "Connect this Telegram account" in asked.text
    assert "Connected" in (await ann.sees_after(asked, "Confirm")).text
    assert (await _person(here, 405)).person_id == number


async def test_two_accounts_become_one_only_after_a_warning(here: Town) -> None:
    ann = here.telegram.person(406, "Ann")
    await here.give(406, 1_500)
    shown = await ann.asks("/link")
    code = shown.text.partition("<code>")[2].partition("</code>")[0]
    eve = here.telegram.person(407, "Eve")
    await here.give(407, 500)
    asked = await eve.asks(f"/link {code}")
    assert "cannot be undone" in asked.text
    assert "Connected" in (await eve.sees_after(asked, "Confirm")).text
    assert await here.has(406) == 2_000
    assert "20.00" in (await eve.asks("/balance")).text
    wrong = await eve.asks("/link AAAAA-AAAAA")
    refused = await eve.sees_after(wrong, "Confirm")
    assert "Connected" not in refused.text
