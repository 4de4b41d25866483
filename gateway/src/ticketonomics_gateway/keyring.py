"""A gateway's secrets: read before it serves, so that what is wrong is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ticketonomics_gateway.sessions import read_secret_keys
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
    secret = settings.session_secret.get_secret_value() if settings.session_secret else None
    return Keyring(
        _read_key(settings.people_key_file),
        _read_key(settings.sign_in_key_file),
        read_secret_keys(secret, settings.session_secret_file),
        _make_checker(settings) if settings.has_bot else None,
    )


def _read_key(file: Path | None) -> str | None:
    if file is None:
        return None
    key = file.read_text().strip()
    if not (key.isascii() and key.isprintable() and key):
        raise ValueError(f"{file} should have an API key, and nothing else")
    return key


def _make_checker(settings: Settings) -> InitDataChecker:
    return InitDataChecker(
        bot_token=settings.bot_token.get_secret_value() if settings.bot_token else None,
        bot_id=settings.bot_id,
        public_key=settings.telegram_public_key,
        max_age_seconds=settings.init_data_max_age_seconds,
    )
