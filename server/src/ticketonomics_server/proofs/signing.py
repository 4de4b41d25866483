"""Signs heads, with the key that is published and with no other."""

import asyncio

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.proofs import queries
from ticketonomics_server.proofs.key_file import SigningKey, SigningKeyError, load_key
from ticketonomics_server.proofs.model import LogHead, SignedHead
from ticketonomics_server.proofs.publishing import publish_first_key
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot


class Signer:
    """This server's signing key, loaded when it is needed, and again when another one is in use."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._key: SigningKey | None = None

    async def sign(self, snapshot: Snapshot, head: LogHead) -> SignedHead:
        """Signs a head that was read in this snapshot: then it is durable.

        Raises:
            Rejection: SIGNING_KEY_NOT_ACTIVE.
        """
        in_use = await queries.find_key_in_use(snapshot)
        if in_use is None:
            # An economy that is younger than this server.
            in_use = await self.publish()
        if self._key is None or self._key.signing_key_id != in_use:
            self._key = await self._load()
        if self._key is None:
            raise _inactive(
                f"heads are signed with key {in_use}, and this server has no signing key: give it"
                " the file or the setting of a server that has"
            )
        if self._key.signing_key_id != in_use:
            raise _inactive(
                f"this server's signing key is {self._key.signing_key_id}, heads are signed with"
                f" key {in_use}: give it that one's file or setting"
            )
        return SignedHead(head, self._key.signing_key_id, self._key.sign(head.encoded()))

    async def _load(self) -> SigningKey | None:
        try:
            return await asyncio.to_thread(load_key, self._settings)
        except SigningKeyError as error:
            raise _inactive(str(error)) from error

    async def publish(self) -> str | None:
        """Publishes the key where none is; returns its id, None where this server has none.

        Raises:
            Rejection: SIGNING_KEY_NOT_ACTIVE.
        """
        try:
            return await publish_first_key(self._database, self._settings)
        except SigningKeyError as error:
            raise _inactive(str(error)) from error


def _inactive(message: str) -> Rejection:
    # Another server may have the key, and a rotation is over in a moment.
    return Rejection(Reason.SIGNING_KEY_NOT_ACTIVE, message, retry_seconds=1.0)
