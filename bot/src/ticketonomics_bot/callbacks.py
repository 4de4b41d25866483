"""Buttons and what they carry. Telegram allows 64 bytes; `pack` refuses more.

What a button carries came through somebody's program and may be forged: it says what is wanted and
never who wants it, and nothing of value depends on it alone.
"""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, WebAppInfo


class Decide(CallbackData, prefix="d"):
    """Yes or no to what was asked under this request id."""

    yes: bool
    request_id: UUID


class Again(CallbackData, prefix="a"):
    """Handle an update once more that the server was away for."""

    update: str


class Noop(CallbackData, prefix="n"):
    """A button that only shows something."""


Row = list[InlineKeyboardButton]


def button(text: str, data: CallbackData) -> InlineKeyboardButton:
    """Makes a button that presses back."""
    return InlineKeyboardButton(text=text, callback_data=data.pack())


def link_button(text: str, url: str) -> InlineKeyboardButton:
    """Makes a button that opens an address."""
    return InlineKeyboardButton(text=text, url=url)


def web_app_button(text: str, url: str, *, private: bool) -> InlineKeyboardButton:
    """Makes a button that opens the web app: as Mini App, where Telegram allows it."""
    if private and url.startswith("https://"):
        return InlineKeyboardButton(text=text, web_app=WebAppInfo(url=url))
    return InlineKeyboardButton(text=text, url=url)


def keyboard(*rows: Row) -> InlineKeyboardMarkup | None:
    """Puts rows of buttons together; rows without any are left out."""
    filled = [row for row in rows if row]
    return InlineKeyboardMarkup(inline_keyboard=filled) if filled else None
