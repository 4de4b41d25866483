"""Buttons that every command shares: yes and no, try again, and those that are too old."""

from aiogram import Bot, Router
from aiogram.types import CallbackQuery
from ticketonomics_client import UnavailableError

from ticketonomics_bot.callbacks import Again, Decide, Noop
from ticketonomics_bot.visit import Visit

router = Router(name="pressing")


@router.callback_query(Decide.filter())
async def decide(_: CallbackQuery, callback_data: Decide, visit: Visit) -> None:
    """Does what was asked about, or leaves it."""
    await visit.services.confirmations.decide(visit, callback_data)


@router.callback_query(Again.filter())
async def again(_: CallbackQuery, callback_data: Again, visit: Visit, bot: Bot) -> None:
    """Handles an update again that the server was away for."""
    try:
        known = await visit.services.retries.again(bot, callback_data.update)
    except UnavailableError:
        await visit.answer(visit.t.plain("server-away-still"), alert=True)
        return
    if not known:
        await visit.answer(visit.t.plain("button-stale"), alert=True)


@router.callback_query(Noop.filter())
async def noop(_: CallbackQuery) -> None:
    """Does nothing: the button only shows something."""
