"""Reads what people write: `@bob 5k for pizza`, `pay 20 to @bob`, `попроси у @bob 5к за пиццу`.

Words only: who and what they mean is looked up elsewhere.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiogram.types import MessageEntity, User

from ticketonomics_bot.amounts import close_gaps, looks_like_amount

MAX_MEMO = 256

# fmt: off
_PAY = frozenset((
    "pay", "send", "give", "transfer", "tip", "заплати", "заплатить", "отправь", "отправить",
    "переведи", "перевести", "перевод", "дай", "скинь", "кинь", "подари",
))
_REQUEST = frozenset(("request", "ask", "попроси", "попросить", "запроси", "запросить"))
# They join the parts, and are left out before both amount and person are found.
_JOINTS = frozenset(("to", "from", "at", "of", "у", "от", "для", "к", "на", "пользователю"))
# They begin the reason.
_REASONS = frozenset(("for", "because", "за", "по", "потому"))
_MULTIPLES = frozenset((
    "k", "m", "b", "kk", "к", "м", "кк", "тыс", "тыс.", "млн", "млн.", "млрд", "млрд.",
))
# fmt: on
_MENTION = re.compile(r"@([A-Za-z][A-Za-z0-9_]{2,31})[,:;.]?")
_POINTED = re.compile(r"@:([0-9]{1,19})[,:;.]?")

FindAsset = Callable[[str], str | None]


@dataclass(slots=True, frozen=True, kw_only=True)
class Wish:
    """Who shall pay or be paid, how much, and why; what was not said is empty.

    Attributes:
        handle: After an at sign, in small letters.
        telegram_id: Of somebody without a username, whom Telegram lets people point at.
        amount: As it was written.
        asset: Code of the asset.
        memo: Why.
        too_many: More than one person was named.
    """

    handle: str = ""
    telegram_id: int = 0
    amount: str = ""
    asset: str = ""
    memo: str = ""
    too_many: bool = False

    @property
    def names_somebody(self) -> bool:
        """Whether it says who."""
        return bool(self.handle or self.telegram_id)


def read_wish(text: str, find_asset: FindAsset) -> Wish:
    """Reads the words behind a command, or all of a natural form, whose verb is left out.

    Args:
        text: As `flatten` leaves it.
        find_asset: Returns the code of the asset that a word names, or None.
    """
    words = close_gaps(text).split()
    if words and words[0].lower().strip(",:") in _PAY | _REQUEST:
        words = words[1:]
    reading = _Reading(words)
    while reading.words and (
        reading.take_person() or reading.take_amount(find_asset) or reading.take_joint()
    ):
        pass
    rest = reading.words
    if rest and rest[0].lower() in _REASONS:
        rest = rest[1:]
    return Wish(
        handle=reading.handle,
        telegram_id=reading.telegram_id,
        amount=reading.amount,
        asset=reading.asset,
        memo=clean_memo(" ".join(rest)),
        too_many=reading.too_many,
    )


@dataclass(slots=True)
class _Reading:
    """What was read so far, and what is left. Each `take_…` tells whether it took something."""

    words: list[str]
    handle: str = ""
    telegram_id: int = 0
    amount: str = ""
    asset: str = ""
    too_many: bool = False

    @property
    def _named(self) -> bool:
        return bool(self.handle or self.telegram_id)

    def take_person(self) -> bool:
        pointed, mention = (find.fullmatch(self.words[0]) for find in (_POINTED, _MENTION))
        if pointed is None and mention is None:
            return False
        if self._named and self.amount:
            # It belongs to the reason: «20 to @bob for lunch with @eve».
            return False
        if self._named:
            self.too_many = True
        elif pointed is not None:
            self.telegram_id = int(pointed[1])
        elif mention is not None:
            self.handle = mention[1].lower()
        self.words = self.words[1:]
        return True

    def take_amount(self, find_asset: FindAsset) -> bool:
        word, *rest = self.words
        if self.amount or not looks_like_amount(word):
            return False
        if rest and rest[0].lower() in _MULTIPLES and word[-1].isdigit():
            word, rest = word + rest[0], rest[1:]
        if rest and (code := find_asset(rest[0].strip(",.;"))):
            self.asset, rest = code, rest[1:]
        self.amount, self.words = word, rest
        return True

    def take_joint(self) -> bool:
        lower = self.words[0].lower()
        joins = lower in _JOINTS or (lower in _REASONS and not self.amount)
        if not joins or (self.amount and self._named):
            return False
        self.words = self.words[1:]
        return True


def natural_kind(text: str) -> str:
    """Tells whether a text is a payment or a request said in words: `pay`, `request` or empty."""
    words = close_gaps(text).split()
    if len(words) < 2 or not any(looks_like_amount(word) for word in words[1:]):
        return ""
    verb = words[0].lower().strip(",:")
    if verb in _PAY:
        return "pay"
    return "request" if verb in _REQUEST else ""


def flatten(text: str, entities: Sequence[MessageEntity], *, bot_username: str = "") -> str:
    """Replaces people who were pointed at by `@:{id}`, and leaves out mentions of the bot.

    Telegram counts offsets in units of UTF-16.
    """
    wide = text.encode("utf-16-le")
    for entity in sorted(entities, key=lambda found: found.offset, reverse=True):
        start, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
        if entity.type == "text_mention" and entity.user is not None:
            wide = wide[:start] + f" @:{entity.user.id} ".encode("utf-16-le") + wide[end:]
        elif entity.type == "mention" and bot_username:
            named = wide[start:end].decode("utf-16-le", "replace")
            if named[1:].lower() == bot_username.lower():
                wide = wide[:start] + wide[end:]
    return wide.decode("utf-16-le", "replace")


def pointed_at(entities: Sequence[MessageEntity]) -> dict[int, User]:
    """Returns the people without usernames whom a message points at."""
    return {found.user.id: found.user for found in entities if found.user is not None}


def clean_memo(text: str) -> str:
    """Returns a text as the server takes it, in one line."""
    normal = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(sign for sign in normal if sign.isprintable())[:MAX_MEMO]
