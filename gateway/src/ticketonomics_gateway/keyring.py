"""A gateway's secrets: read before it serves, so that what is wrong is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from ticketonomics_gateway.sessions import MIN_SECRET_LENGTH, read_secret_keys
from ticketonomics_gateway.settings import Settings
from ticketonomics_gateway.telegram import InitDataChecker


@dataclass(slots=True, frozen=True)
class Keyring:
    """A gateway's secrets.

    Attributes:
        people_key: The API key that acts for people; None where there is none.
        sign_in_key: The API key that finds and creates people; None where there is none.
        session_keys: What sessions are signed with, the newest first.
        checker: Has the bot's token; None where there is no bot.
    """

    people_key: str | None
    sign_in_key: str | None
    session_keys: Sequence[str]
    checker: InitDataChecker | None


def read_keyring(settings: Settings) -> Keyring:
    """Reads the secrets that the settings name; a session secret is made where there is none.

    Raises:
        OSError: A file cannot be read.
        ValueError: A key, the session secret or the bot's token is malformed.
    """
    people_key = _read_key(settings.people_key_file)
    sign_in_key = _read_key(settings.sign_in_key_file)
    return Keyring(
        people_key,
        sign_in_key,
        _read_session_keys(settings, needed=bool(people_key and sign_in_key)),
        _make_checker(settings) if settings.has_bot else None,
    )


def _read_key(file: Path | None) -> str | None:
    if file is None:
        return None
    key = file.read_text().strip()
    if not (key.isascii() and key.isprintable() and key):
        raise ValueError(f"{file} should have an API key, and nothing else")
    return key


def _read_session_keys(settings: Settings, *, needed: bool) -> Sequence[str]:
    if settings.session_secret is not None:
        return read_secret_keys(settings.session_secret.get_secret_value(), Path())
    if not needed:
        # Nobody can sign in: nothing is ever signed, and no file is left behind.
        return [token_urlsafe(MIN_SECRET_LENGTH)]
    return read_secret_keys(None, settings.session_secret_file)


def _make_checker(settings: Settings) -> InitDataChecker:
    return InitDataChecker(
        bot_token=settings.bot_token.get_secret_value() if settings.bot_token else None,
        bot_id=settings.bot_id,
        public_key=settings.telegram_public_key,
        max_age_seconds=settings.init_data_max_age_seconds,
    )
