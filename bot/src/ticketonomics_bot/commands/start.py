"""`/start`: a greeting, and deep links."""

from aiogram import Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import Message

from ticketonomics_bot.callbacks import Row, button, keyboard, web_app_button
from ticketonomics_bot.commands.opening import open_link
from ticketonomics_bot.commands.preferences import TakeHandle
from ticketonomics_bot.commands.rewards import Claim
from ticketonomics_bot.links import HANDLE, read_link
from ticketonomics_bot.visit import Visit

router = Router(name="start")


@router.message(CommandStart())
async def start(_: Message, command: CommandObject, visit: Visit) -> None:
    """Opens what a deep link names, or greets."""
    await visit.state.clear()
    if payload := (command.args or "").strip():
        link = read_link(payload)
        if link is not None and await open_link(visit, link):
            return
    await greet(visit)


async def greet(visit: Visit, before: str = "") -> None:
    """Says what this is, and offers what can be done first."""
    person = await visit.person()
    username = (visit.user.username or "").lower()
    rows: list[Row] = [[button(visit.t.plain("button-claim"), Claim())]]
    if not person.handle and HANDLE.fullmatch(username):
        take = visit.t.plain("button-take-handle", handle=username)
        rows.append([button(take, TakeHandle(which="mine"))])
    if url := visit.services.settings.web_app_url:
        app = visit.t.plain("button-web-app")
        rows.append([web_app_button(app, url, private=visit.is_private)])
    text = visit.t("start", name=visit.user.first_name)
    await visit.flow.show(f"{before}\n\n{text}".strip(), keyboard(*rows), private=True)
