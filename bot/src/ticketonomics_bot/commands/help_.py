"""`/help`: what the bot can do, in sections."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from ticketonomics_bot.callbacks import keyboard, web_app_button
from ticketonomics_bot.commands.menu import MENU
from ticketonomics_bot.texts import Html, Texts
from ticketonomics_bot.visit import Visit

router = Router(name="help")


@router.message(Command("help"))
async def help_(_: Message, visit: Visit) -> None:
    """Lists the commands, with what each is for."""
    url = visit.services.settings.web_app_url
    button = visit.t.plain("button-web-app")
    row = [web_app_button(button, url, private=visit.is_private)] if url else []
    await visit.flow.show(help_text(visit.t), keyboard(row), private=True)


def help_text(t: Texts) -> Html:
    """Writes all sections."""
    sections = dict.fromkeys(entry.section for entry in MENU)
    parts = [str(t("help-intro"))]
    for section in sections:
        lines = [f"<b>{t(f'help-{section}')}</b>"]
        lines += [
            f"/{entry.name} – {t(f'menu-{entry.name}')}"
            for entry in MENU
            if entry.section == section
        ]
        parts.append("\n".join(lines))
    parts.append(str(t("help-natural")))
    return Html("\n\n".join(parts))
