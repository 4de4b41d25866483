"""The commands that Telegram offers, in each language, and the button that opens the web app."""

from dataclasses import dataclass

import structlog
from aiogram.exceptions import TelegramAPIError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    MenuButtonCommands,
    MenuButtonWebApp,
    WebAppInfo,
)

from ticketonomics_bot.services import Services
from ticketonomics_bot.texts import LANGUAGES, texts

log = structlog.get_logger()


@dataclass(slots=True, frozen=True)
class Entry:
    """A command. Its description is the text `menu-{name}`.

    Attributes:
        name: Without the slash.
        section: Where `/help` lists it: the text `help-{section}`.
        in_groups: Whether groups are offered it.
        quiet: Whether the command and its answer are seen by nobody else in a group.
    """

    name: str
    section: str
    in_groups: bool = True
    quiet: bool = True


MENU = (
    Entry("balance", "wallet"),
    Entry("pay", "wallet", quiet=False),
    Entry("request", "wallet", quiet=False),
    Entry("history", "wallet"),
    Entry("daily", "earning"),
    Entry("tap", "earning"),
    Entry("cd", "earning"),
    Entry("tiers", "playing"),
    Entry("queue", "playing"),
    Entry("prices", "trading", quiet=False),
    Entry("swap", "trading"),
    Entry("pools", "trading"),
    Entry("vote", "governing"),
    Entry("propose", "governing", in_groups=False),
    Entry("profile", "people"),
    Entry("top", "people", quiet=False),
    Entry("achievements", "people"),
    Entry("economy", "people", quiet=False),
    Entry("link", "you", in_groups=False),
    Entry("settings", "you", in_groups=False),
    Entry("help", "you"),
)


async def publish_menu(services: Services) -> None:
    """Tells Telegram the commands. That it cannot be told now keeps nobody from using them."""
    bot = services.bot
    try:
        for language in (None, *LANGUAGES):
            said = texts(language or "en")
            for scope, entries in (
                (BotCommandScopeAllPrivateChats(), MENU),
                (BotCommandScopeAllGroupChats(), [entry for entry in MENU if entry.in_groups]),
            ):
                private = isinstance(scope, BotCommandScopeAllPrivateChats)
                commands = [
                    BotCommand(
                        command=entry.name,
                        description=said.plain(f"menu-{entry.name}"),
                        is_ephemeral=(entry.quiet and not private) or None,
                    )
                    for entry in entries
                ]
                await bot.set_my_commands(commands, scope=scope, language_code=language)
        await bot.set_chat_menu_button(menu_button=_menu_button(services))
    except TelegramAPIError as error:
        log.warning("the menu was not published", error=str(error))


def _menu_button(services: Services) -> MenuButtonWebApp | MenuButtonCommands:
    url = services.settings.web_app_url
    if url and url.startswith("https://"):
        # It has no language: Telegram shows it to everybody alike.
        return MenuButtonWebApp(text="Ticketonomics", web_app=WebAppInfo(url=url))
    return MenuButtonCommands()
