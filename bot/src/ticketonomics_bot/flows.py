"""One message a flow: the first thing shown is sent, everything later edits it in place."""

from dataclasses import asdict, dataclass
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import (
    EditEphemeralMessageMedia,
    EditEphemeralMessageText,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageText,
    SendMessage,
    SendPhoto,
)
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    EphemeralMessageParameters,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    ReactionTypeEmoji,
    ReplyParameters,
)

log = structlog.get_logger()

MAX_TEXT, MAX_CAPTION = 4_096, 1_024
_PRIVATE = "private"


@dataclass(slots=True, frozen=True, kw_only=True)
class Place:
    """Where a flow's message is, as it can be kept and found again."""

    chat_id: int = 0
    message_id: int = 0
    inline_message_id: str = ""
    # Of a message that only its receiver sees.
    ephemeral_message_id: int = 0
    receiver_id: int = 0
    picture: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Returns what `Place(**…)` takes."""
        return asdict(self)


class Flow:
    """What one command or button shows, wherever it was said or pressed."""

    def __init__(
        self, bot: Bot, event: object, *, place: Place | None = None, person_id: int = 0
    ) -> None:
        self._bot = bot
        self._message = event if isinstance(event, Message) else None
        self._callback = event if isinstance(event, CallbackQuery) else None
        self._person_id = person_id
        self.place = place or (_place_of(self._callback) if self._callback else None)

    async def show(
        self, text: str, markup: InlineKeyboardMarkup | None = None, *, private: bool = False
    ) -> None:
        """Shows a text in the flow's message.

        Args:
            text: HTML.
            markup: Its buttons; none takes those away that were there.
            private: Sends it where only this person reads it, if it is the flow's first.
        """
        if self.place is not None and await self._edit(text, markup):
            return
        if private and self._in_group() and not self._is_ephemeral():
            await self._send_privately(text, markup)
        else:
            await self._send(text, markup)

    async def show_picture(
        self, picture: bytes, caption: str, markup: InlineKeyboardMarkup | None = None
    ) -> None:
        """Shows a PNG with a caption; where a text was shown, the picture comes as a message."""
        file = BufferedInputFile(picture, "picture.png")
        if self.place is not None and self.place.picture:
            media = InputMediaPhoto(media=file, caption=caption)
            if await self._try(self._media_edit(media, markup)):
                return
        self.place = None
        chat_id, extra = self._target()
        sent = await self._bot(
            SendPhoto(chat_id=chat_id, photo=file, caption=caption, reply_markup=markup, **extra)
        )
        self.place = _place(sent, picture=True)

    async def update(self, text: str, markup: InlineKeyboardMarkup | None = None) -> bool:
        """Edits what is shown, and never sends anything; False where the message is gone."""
        return await self._edit(text, markup)

    @property
    def is_new(self) -> bool:
        """Whether nothing was shown yet."""
        return self.place is None

    def begin_anew(self) -> None:
        """Lets what is shown next be a message of its own."""
        self.place = None

    def _in_group(self) -> bool:
        message = self._message or (self._callback.message if self._callback else None)
        return message is not None and message.chat.type != _PRIVATE

    def _is_ephemeral(self) -> bool:
        if self._callback is not None:
            return self._in_group()
        return bool(self._message and self._message.ephemeral_message_id)

    async def _edit(self, text: str, markup: InlineKeyboardMarkup | None) -> bool:
        place = self.place
        if place is None:
            return False
        if place.ephemeral_message_id:
            return await self._try(
                EditEphemeralMessageText(
                    chat_id=place.chat_id,
                    receiver_user_id=place.receiver_id,
                    ephemeral_message_id=place.ephemeral_message_id,
                    text=text,
                    reply_markup=markup,
                )
            )
        where = _where(place)
        if place.picture:
            return await self._try(
                EditMessageCaption(caption=text[:MAX_CAPTION], reply_markup=markup, **where)
            )
        return await self._try(EditMessageText(text=text, reply_markup=markup, **where))

    def _media_edit(self, media: InputMediaPhoto, markup: InlineKeyboardMarkup | None) -> Any:
        place = self.place or Place()
        if place.ephemeral_message_id:
            return EditEphemeralMessageMedia(
                chat_id=place.chat_id,
                receiver_user_id=place.receiver_id,
                ephemeral_message_id=place.ephemeral_message_id,
                media=media,
                reply_markup=markup,
            )
        return EditMessageMedia(media=media, reply_markup=markup, **_where(place))

    async def _try(self, method: Any) -> bool:
        """Edits; returns False where the message is gone and another must be sent."""
        try:
            await self._bot(method)
        except TelegramBadRequest as error:
            if "not modified" in error.message:
                return True
            if self.place is not None and self.place.inline_message_id:
                log.info("a message sent inline cannot be edited", error=error.message)
                return True
            self.place = None
            return False
        return True

    async def _send(self, text: str, markup: InlineKeyboardMarkup | None) -> None:
        chat_id, extra = self._target()
        sent = await self._bot(
            SendMessage(chat_id=chat_id, text=text, reply_markup=markup, **extra)
        )
        self.place = _place(sent)

    async def _send_privately(self, text: str, markup: InlineKeyboardMarkup | None) -> None:
        """Sends into the private chat; where there is none yet, says so in the group."""
        try:
            sent = await self._bot(
                SendMessage(chat_id=self._person_id, text=text, reply_markup=markup)
            )
        except TelegramForbiddenError as error:
            raise NoPrivateChatError from error
        self.place = _place(sent)
        if self._message is not None:
            # Tells the asker to look there, without a word in the group.
            try:
                await self._message.react([ReactionTypeEmoji(emoji="👌")])
            except TelegramAPIError as error:
                log.debug("no reaction in this group", error=str(error))

    def _target(self) -> tuple[int, dict[str, Any]]:
        """Returns the chat to send to, and what makes the message an answer there."""
        message = self._message
        if message is None:
            asked = self._callback.message if self._callback else None
            if asked is None or self._callback is None:
                return self._person_id, {}
            if asked.chat.type == _PRIVATE:
                return asked.chat.id, {}
            return asked.chat.id, {
                "ephemeral_message_parameters": EphemeralMessageParameters(
                    receiver_user_id=self._person_id, callback_query_id=self._callback.id
                )
            }
        if message.chat.type == _PRIVATE:
            return message.chat.id, {}
        extra: dict[str, Any] = {
            "ephemeral_message_parameters": message.as_ephemeral_message_parameters()
        }
        if not message.ephemeral_message_id:
            extra["reply_parameters"] = ReplyParameters(
                message_id=message.message_id, allow_sending_without_reply=True
            )
        if message.is_topic_message:
            extra["message_thread_id"] = message.message_thread_id
        return message.chat.id, extra


class NoPrivateChatError(Exception):
    """The person has never written to the bot, which therefore may not write either."""


def _where(place: Place) -> dict[str, Any]:
    if place.inline_message_id:
        return {"inline_message_id": place.inline_message_id}
    return {"chat_id": place.chat_id, "message_id": place.message_id}


def _place_of(callback: CallbackQuery) -> Place | None:
    if callback.inline_message_id:
        return Place(inline_message_id=callback.inline_message_id)
    if callback.message is None:
        return None
    if isinstance(callback.message, Message):
        return _place(callback.message, picture=bool(callback.message.photo))
    return Place(chat_id=callback.message.chat.id, message_id=callback.message.message_id)


def _place(message: Message, *, picture: bool = False) -> Place:
    return Place(
        chat_id=message.chat.id,
        message_id=message.message_id,
        ephemeral_message_id=message.ephemeral_message_id or 0,
        receiver_id=message.receiver_user.id if message.receiver_user else 0,
        picture=picture,
    )
