"""`/start`: a greeting, and deep links."""

from aiogram import Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import Message

from ticketonomics_bot.callbacks import keyboard, web_app_button
from ticketonomics_bot.commands.opening import open_link
from ticketonomics_bot.links import read_link
from ticketonomics_bot.visit import Visit

router = Router(name="start")


@router.message(CommandStart())
async def start(_: Message, command: CommandObject, visit: Visit) -> None:
    """Opens what a deep link names, or greets."""
    if payload := (command.args or "").strip():
        link = read_link(payload)
        if link is not None and await open_link(visit, link):
            return
    await greet(visit)


async def greet(visit: Visit) -> None:
    """Says what this is, and offers what can be done first."""
    await visit.person()
    url = visit.services.settings.web_app_url
    button = visit.t.plain("button-web-app")
    row = [web_app_button(button, url, private=visit.is_private)] if url else []
    await visit.flow.show(visit.t("start", name=visit.user.first_name), keyboard(row), private=True)
