"""What no command has answered: old buttons, and words that mean nothing to the bot."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, Message

from ticketonomics_bot.visit import Visit

router = Router(name="last")


@router.callback_query(flags={"offline": True})
async def stale(_: CallbackQuery, visit: Visit) -> None:
    """Answers a button of an earlier version, or one that somebody made up."""
    await visit.answer(visit.t.plain("button-stale"), alert=True)


@router.message(F.chat.type == ChatType.PRIVATE, F.text, flags={"offline": True})
async def unknown(_: Message, visit: Visit) -> None:
    """Points to the help, in private chats only."""
    await visit.flow.show(visit.t("unknown-words"))
