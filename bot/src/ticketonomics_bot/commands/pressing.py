"""Buttons that every command shares: yes and no, try again, and those that are too old."""

from aiogram import Router
from aiogram.types import CallbackQuery

from ticketonomics_bot.callbacks import Again, Decide, Noop
from ticketonomics_bot.visit import Visit

router = Router(name="pressing")


@router.callback_query(Decide.filter())
async def decide(_: CallbackQuery, callback_data: Decide, visit: Visit) -> None:
    """Does what was asked about, or leaves it."""
    await visit.services.confirmations.decide(visit, callback_data)


@router.callback_query(Again.filter(), flags={"offline": True})
async def again(_: CallbackQuery, callback_data: Again, visit: Visit) -> None:
    """Handles an update again that the server was away for."""
    known = await visit.services.retries.now(visit, callback_data.update)
    text = visit.t.plain("server-away-trying" if known else "button-stale")
    await visit.answer(text, alert=not known)


@router.callback_query(Noop.filter(), flags={"offline": True})
async def noop(_: CallbackQuery) -> None:
    """Does nothing: the button only shows something."""
