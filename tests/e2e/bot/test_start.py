"""The bot greets in both languages, tells its commands, and stops answering floods."""

import pytest

from tests.e2e.bot.running import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_greets_and_helps(here: Town) -> None:
    ann = here.telegram.person(11, "Ann <b>", language="en")
    assert "Hello, Ann &lt;b&gt;!" in (await ann.asks("/start")).text
    boris = here.telegram.person(12, "Борис", language="ru-RU")
    assert "Здравствуйте, Борис!" in (await boris.asks("/start")).text
    helped = await boris.asks("/help")
    assert "/balance – что у вас есть" in helped.text


async def test_telegram_is_told_the_commands(here: Town) -> None:
    menus = here.telegram.called("setMyCommands")
    assert {call.params.get("language_code") for call in menus} == {None, "en", "ru"}
    (groups,) = [
        call.params["commands"]
        for call in menus
        if call.params["scope"]["type"] == "all_group_chats"
        and call.params.get("language_code") == "ru"
    ]
    balance = next(entry for entry in groups if entry["command"] == "balance")
    assert balance["is_ephemeral"] is True


async def test_who_floods_is_told_once(here: Town) -> None:
    ann, bob = here.telegram.person(13, "Ann"), here.telegram.person(14, "Bob")
    for _ in range(40):
        await ann.asks("/balance")
    assert "a lot at once" in (await ann.asks("/balance")).text
    changes = here.telegram.changes
    for _ in range(5):
        await ann.says("/balance")
    assert "nothing yet" in (await bob.asks("/balance")).text
    assert here.telegram.changes == changes + 1
