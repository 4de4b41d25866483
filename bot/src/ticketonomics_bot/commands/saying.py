"""What is said in words to the bot: all of it in private, in groups what begins with its name."""

from aiogram import Bot
from aiogram.enums import ChatType
from aiogram.filters import Filter
from aiogram.types import Message

from ticketonomics_bot.parsing import natural_kind


class Said(Filter):
    """Lets messages through that ask for something in words: `pay` or `request`."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    async def __call__(self, message: Message, bot: Bot) -> bool:
        """Tells whether the message is one."""
        text = message.text or ""
        if message.chat.type == ChatType.PRIVATE:
            return natural_kind(text) == self._kind
        name = (await bot.me()).username or ""
        first, _, rest = text.partition(" ")
        return first.lower().rstrip(",:") == f"@{name.lower()}" and natural_kind(rest) == self._kind
