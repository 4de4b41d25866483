"""Mini App init data: what Telegram says about who opened the app, and whether it was Telegram.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app tells both checks:
a bot proves init data with its token (`hash`); whoever only knows the bot's id proves it with
Telegram's public key (`signature`).
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import time
from urllib.parse import unquote_to_bytes

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

# Telegram's key of its production environment; bots of its test environment have
# 40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec.
PRODUCTION_KEY = "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d"

MAX_LENGTH = 4096
MAX_FIELDS = 32
# What clocks may differ by.
SKEW_SECONDS = 10
_MAX_USER_ID = 2**52

_KEY = re.compile(r"[a-z][a-z_]{0,63}", re.ASCII)
_VALUE = re.compile(r"(?:[!-$'-~]|%[0-9A-Fa-f]{2})*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TIME = re.compile(r"[1-9][0-9]{0,11}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}", re.ASCII)
_TOKEN = re.compile(r"([1-9][0-9]{0,19}):[A-Za-z0-9_-]{1,128}", re.ASCII)


class InitDataError(Exception):
    """Init data that proves nothing.

    Attributes:
        expired: Whether it was genuine, and is too old or used up: opening the app again helps.
    """

    def __init__(self, message: str, *, expired: bool = False) -> None:
        super().__init__(message)
        self.expired = expired


@dataclass(slots=True, frozen=True)
class TelegramUser:
    """Who opened the Mini App."""

    user_id: int
    name: str
    username: str
    language: str


@dataclass(slots=True, frozen=True)
class InitData:
    """Genuine init data.

    Attributes:
        user: Who opened the app.
        auth_time: When, in seconds since 1970.
        fingerprint: The same for the same init data, however it was written.
    """

    user: TelegramUser
    auth_time: int
    fingerprint: str


class InitDataChecker:
    """Tells genuine init data of one bot from everything else.

    Args:
        bot_token: The bot's token; None to check Telegram's signature instead.
        bot_id: The bot's id, needed where there is no token.
        public_key: Telegram's Ed25519 key, in hexadecimal.
        max_age_seconds: How old init data may be.
        now: Seconds since 1970.

    Raises:
        ValueError: Neither token nor id, or they or the key are malformed.
    """

    def __init__(
        self,
        *,
        bot_token: str | None = None,
        bot_id: int | None = None,
        public_key: str = PRODUCTION_KEY,
        max_age_seconds: float,
        now: Callable[[], float] = time,
    ) -> None:
        if bot_token is not None and not _TOKEN.fullmatch(bot_token):
            raise ValueError("the bot's token is not {number}:{letters and digits}")
        if bot_token is None and bot_id is None:
            raise ValueError("init data needs the bot's token or its id")
        self._secret = (
            hmac.digest(b"WebAppData", bot_token.encode(), "sha256") if bot_token else None
        )
        self._bot_id = bot_id
        self._public_key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        self._max_age_seconds = max_age_seconds
        self._now = now

    def check(self, text: str) -> InitData:
        """Returns what the init data says, once it is known to be Telegram's, and recent.

        Raises:
            InitDataError: It is malformed, not signed, of another bot, too old, or of the future.
        """
        fields = _parse(text)
        proven = {key: value for key, value in fields.items() if key != "hash"}
        if self._secret is not None:
            self._guard_hash(fields.get("hash", ""), proven)
        signature = proven.pop("signature", "")
        if self._secret is None:
            self._guard_signature(signature, proven)
        auth_time = _read_time(proven.get("auth_date", ""))
        self._guard_age(auth_time)
        fingerprint = hashlib.sha256(_lines(proven)).hexdigest()
        return InitData(_read_user(proven.get("user", "")), auth_time, fingerprint)

    def _guard_hash(self, told: str, proven: Mapping[str, str]) -> None:
        if not _HASH.fullmatch(told):
            raise InitDataError("`hash` is missing or malformed")
        assert self._secret is not None
        expected = hmac.new(self._secret, _lines(proven), "sha256").hexdigest()
        if not hmac.compare_digest(expected, told):
            raise InitDataError("`hash` does not fit: the data was changed, or is another bot's")

    def _guard_signature(self, told: str, proven: Mapping[str, str]) -> None:
        if not _SIGNATURE.fullmatch(told):
            raise InitDataError("`signature` is missing or malformed")
        signature = base64.urlsafe_b64decode(told + "==")
        if base64.urlsafe_b64encode(signature).rstrip(b"=") != told.encode():
            raise InitDataError("`signature` is not written in the one way there is")
        content = f"{self._bot_id}:WebAppData\n".encode() + _lines(proven)
        try:
            self._public_key.verify(signature, content)
        except InvalidSignature:
            raise InitDataError(
                "`signature` does not fit: the data was changed, or is another bot's"
            ) from None

    def _guard_age(self, auth_time: int) -> None:
        age_seconds = self._now() - auth_time
        if age_seconds < -SKEW_SECONDS:
            raise InitDataError("`auth_date` is in the future")
        if age_seconds > self._max_age_seconds:
            raise InitDataError("the init data is too old; open the app again", expired=True)


def read_bot_id(bot_token: str) -> int:
    """Returns the id of the bot that a token belongs to."""
    found = _TOKEN.fullmatch(bot_token)
    if found is None:
        raise ValueError("the bot's token is not {number}:{letters and digits}")
    return int(found[1])


def _lines(fields: Mapping[str, str]) -> bytes:
    """Returns Telegram's data-check-string."""
    return "\n".join(f"{key}={fields[key]}" for key in sorted(fields)).encode()


def _parse(text: str) -> dict[str, str]:
    """Reads a query string, without any of the liberties that are usual with them."""
    if not text or len(text) > MAX_LENGTH:
        raise InitDataError(f"init data has 1–{MAX_LENGTH} characters")
    parts = text.split("&")
    if len(parts) > MAX_FIELDS:
        raise InitDataError(f"init data has at most {MAX_FIELDS} fields")
    fields: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals or not _KEY.fullmatch(key):
            raise InitDataError("init data is not a query string of plain names")
        if key in fields:
            raise InitDataError(f"`{key}` is there twice")
        fields[key] = _decode(key, value)
    return fields


def _decode(key: str, value: str) -> str:
    if not _VALUE.fullmatch(value):
        raise InitDataError(f"`{key}` is not percent-encoded")
    try:
        decoded = unquote_to_bytes(value.replace("+", " ")).decode()
    except UnicodeDecodeError:
        raise InitDataError(f"`{key}` is not UTF-8") from None
    if _CONTROL.search(decoded):
        # A line feed within a value would look like the end of a field to the check.
        raise InitDataError(f"`{key}` has control characters")
    return decoded


def _read_time(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise InitDataError("`auth_date` is missing or malformed")
    return int(text)


def _read_user(text: str) -> TelegramUser:
    try:
        user = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InitDataError("`user` is missing or not a JSON object") from None
    if not isinstance(user, dict):
        raise InitDataError("`user` is not a JSON object")
    user_id = user.get("id")
    # A bool is an int in Python.
    if type(user_id) is not int or not 0 < user_id < _MAX_USER_ID:
        raise InitDataError("`user.id` is missing or not a user's")
    if user.get("is_bot", False) is not False:
        raise InitDataError("`user` is a bot")
    first, last = _text(user, "first_name"), _text(user, "last_name")
    return TelegramUser(
        user_id, f"{first} {last}".strip(), _text(user, "username"), _text(user, "language_code")
    )


def _text(user: Mapping[str, object], name: str) -> str:
    value = user.get(name, "")
    if not isinstance(value, str):
        raise InitDataError(f"`user.{name}` is not a text")
    return value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name is there twice")
    return fields


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
