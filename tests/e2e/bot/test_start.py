"""The bot starts, greets in both languages, tells its commands, and ends when asked."""

from pathlib import Path

from tests.conftest import Server
from tests.e2e.bot.running import town


async def test_it_greets_helps_and_ends(server: Server, tmp_path: Path) -> None:
    async with town(server, tmp_path) as here:
        ann = here.telegram.person(11, "Ann <b>", language="en")
        assert "Hello, Ann &lt;b&gt;!" in (await ann.asks("/start")).text
        boris = here.telegram.person(12, "Борис", language="ru-RU")
        assert "Здравствуйте, Борис!" in (await boris.asks("/start")).text
        helped = await boris.asks("/help")
        assert "/balance – что у вас есть" in helped.text
        menus = here.telegram.called("setMyCommands")
        assert {call.params.get("language_code") for call in menus} == {None, "en", "ru"}
        assert await here.bot.stop() == 0
