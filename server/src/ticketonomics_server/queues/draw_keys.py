"""The draw keys of this server: what the secrets of rounds come from. Never in the database.

They are a file beside the signing key, or a setting. With the first key rounds open, with all of
them rounds are drawn: that is how a key is replaced.
"""

import asyncio
import base64
import binascii
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.queues.drawing import key_id_of, secret_of
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.key_source import KeySource

KEY_BYTES = 32
RELOAD_SECONDS = 5.0
# As long as there is none: another server may just be making the first one.
SEARCH_SECONDS = 0.5
_RETRY_SECONDS = 5.0

log = structlog.get_logger(__name__)


def draw_key_file(settings: Settings) -> Path:
    """Where the keys are, unless they are a setting."""
    return settings.draw_key_file or settings.data_folder / "draw.key"


class DrawKeys:
    """What decisions know of the keys: the same answer to the same question, or none.

    Attributes:
        current: Name of the key that rounds open with; empty where this server has none.
    """

    def __init__(self, keys: tuple[bytes, ...] = ()) -> None:
        self.current = ""
        self._keys: dict[str, bytes] = {}
        self.use(keys)

    def use(self, keys: tuple[bytes, ...]) -> None:
        """Takes these keys from now on."""
        self._keys = {key_id_of(key): key for key in keys}
        self.current = key_id_of(keys[0]) if keys else ""

    def secret(self, draw_key_id: str, economy: str, round_id: str) -> bytes | None:
        """Derives a round's secret; None where this server has not the key."""
        key = self._keys.get(draw_key_id)
        return None if key is None else secret_of(key, economy, round_id)


class DrawKeyRing:
    """Loads the keys, and makes the very first one.

    Args:
        in_use: Tells whether any queue is open, and so a key somewhere: only the very first
            opening may make one.
    """

    def __init__(self, settings: Settings, in_use: Callable[[], Awaitable[bool]]) -> None:
        self.keys = DrawKeys()
        self._source = KeySource(
            setting=settings.draw_key,
            name="draw_key",
            file=draw_key_file(settings),
            parse=_parse,
            refuse=missing,
        )
        self._in_use = in_use
        self._problem = ""

    async def run(self) -> None:
        """Looks again and again for keys that have come or changed, until it is cancelled."""
        while True:
            await self.load()
            await asyncio.sleep(RELOAD_SECONDS if self.keys.current else SEARCH_SECONDS)

    async def load(self) -> None:
        """Takes the keys as they are now. Unusable ones are told once, and none are used."""
        try:
            keys = await asyncio.to_thread(self._source.read)
        except Rejection as rejection:
            if rejection.message != self._problem:
                log.warning("this server opens and draws no rounds", why=rejection.message)
            self._problem = rejection.message
            self.keys.use(())
            return
        self._problem = ""
        self.keys.use(keys or ())

    async def ready(self) -> None:
        """Makes sure that this server has a key.

        Raises:
            Rejection: DRAW_KEY_MISSING; DATABASE_UNAVAILABLE.
        """
        keys = await asyncio.to_thread(self._source.read)
        if not keys:
            if await self._in_use():
                raise missing("this server has not the key that rounds are drawn with")
            keys = await asyncio.to_thread(self._source.make, _new_key())
        self.keys.use(keys)


def _new_key() -> bytes:
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES))


def _parse(text: str, source: str) -> tuple[bytes, ...]:
    try:
        keys = tuple(
            base64.b64decode(key, altchars=b"-_", validate=True)
            for key in text.replace(",", " ").split()
        )
    except (ValueError, binascii.Error):
        keys = (b"",)
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise missing(f"{source} holds no keys of {KEY_BYTES} bytes in URL-safe base64")
    return keys


def missing(message: str) -> Rejection:
    """Builds the refusal of what only a server with the draw key can do."""
    return Rejection(Reason.DRAW_KEY_MISSING, message, retry_seconds=_RETRY_SECONDS)
