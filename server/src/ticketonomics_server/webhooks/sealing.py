"""Secrets: drawn here or brought, encrypted before they reach the database, opened for use.

Those of webhooks, and those of ad networks.

The key is a file beside the signing key, or a setting. Of several keys the first one encrypts, and
all of them open: that is how a key is replaced.
"""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.key_source import KeySource

SECRET_BYTES = 32
_RETRY_SECONDS = 5.0


class UnreadableSecretError(Exception):
    """None of this server's keys opens a secret."""


@dataclass(slots=True, frozen=True)
class SealedSecret:
    """A secret that was just drawn. The text is for its owner alone: never logged, never stored."""

    sealed: bytes
    text: str = field(repr=False)


def webhook_key_file(settings: Settings) -> Path:
    """Where the keys are, unless they are a setting."""
    return settings.webhook_key_file or settings.data_folder / "webhooks.key"


class Sealer:
    """Encrypts and opens secrets.

    Args:
        in_use: Tells whether there is any secret, and so a key somewhere: only the very first one
            may make one.
    """

    def __init__(self, settings: Settings, in_use: Callable[[], Awaitable[bool]]) -> None:
        self._source = KeySource(
            setting=settings.webhook_key,
            name="webhook_key",
            file=webhook_key_file(settings),
            parse=_parse,
            refuse=_missing,
        )
        self._in_use = in_use
        self._keys: MultiFernet | None = None

    async def ready(self) -> bool:
        """Tells whether this server has any key."""
        try:
            return (self._keys or await self._load()) is not None
        except Rejection:
            return False

    async def draw(self) -> SealedSecret:
        """Draws a secret, in the form of Standard Webhooks.

        Raises:
            Rejection: WEBHOOK_KEY_MISSING; DATABASE_UNAVAILABLE.
        """
        secret = os.urandom(SECRET_BYTES)
        return SealedSecret(
            await self.seal(secret), f"whsec_{base64.b64encode(secret).decode('ascii')}"
        )

    async def seal(self, secret: bytes) -> bytes:
        """Encrypts a secret that came from elsewhere.

        Raises:
            Rejection: WEBHOOK_KEY_MISSING; DATABASE_UNAVAILABLE.
        """
        keys = self._keys or await self._load()
        if keys is None:
            if await self._in_use():
                raise _missing("this server has not the key that secrets are encrypted with")
            keys = await asyncio.to_thread(self._source.make, Fernet.generate_key())
            self._keys = keys
        return keys.encrypt(secret)

    async def open(self, sealed: bytes) -> bytes:
        """Opens a secret.

        Raises:
            UnreadableSecretError: It was encrypted with a key that this server has not.
        """
        try:
            if self._keys is not None:
                return self._keys.decrypt(sealed)
        except InvalidToken:
            pass
        # The key may have been replaced since.
        try:
            keys = await self._load()
            if keys is not None:
                return keys.decrypt(sealed)
        except (InvalidToken, Rejection) as error:
            raise UnreadableSecretError("no key of this server opens the secret") from error
        raise UnreadableSecretError("this server has no key that opens secrets")

    async def _load(self) -> MultiFernet | None:
        self._keys = await asyncio.to_thread(self._source.read)
        return self._keys


def _parse(text: str, source: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in text.replace(",", " ").split()])
    except ValueError as error:
        raise _missing(f"{source} holds no keys of 32 bytes in URL-safe base64") from error


def _missing(message: str) -> Rejection:
    return Rejection(Reason.WEBHOOK_KEY_MISSING, message, retry_seconds=_RETRY_SECONDS)
