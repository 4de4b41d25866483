"""Signs an event with the secrets of its webhook, and posts it."""

import asyncio
from datetime import UTC, datetime

from ticketonomics_server.webhooks.model import Webhook
from ticketonomics_server.webhooks.sealing import Sealer, UnreadableSecretError
from ticketonomics_server.webhooks.sending import Outcome, Sender
from ticketonomics_server.webhooks.signing import signature_headers

# Attempts at once, of all webhooks of a server together.
MAX_POSTING = 256


class Poster:
    """What all attempts go through."""

    def __init__(self, sender: Sender, sealer: Sealer) -> None:
        self._sender = sender
        self._sealer = sealer
        self._gate = asyncio.Semaphore(MAX_POSTING)

    @property
    def timeout_seconds(self) -> float:
        return self._sender.timeout_seconds

    async def ready(self) -> bool:
        """Tells whether this server can sign at all."""
        return await self._sealer.ready()

    async def post(
        self,
        webhook: Webhook,
        event_id: str,
        body: bytes,
        *,
        timeout_seconds: float | None = None,
    ) -> Outcome:
        """Sends an event once, signed with each secret that is valid now."""
        async with self._gate:
            now = datetime.now(UTC)
            try:
                secrets = await self._secrets(webhook, now)
            except UnreadableSecretError as error:
                return Outcome(0, f"{error}: its operator must give it the key, or rotate it")
            headers = signature_headers(secrets, event_id, int(now.timestamp()), body)
            return await self._sender.send(
                webhook.url, headers, body, timeout_seconds=timeout_seconds
            )

    async def _secrets(self, webhook: Webhook, now: datetime) -> list[bytes]:
        secrets = [await self._sealer.open(webhook.secret)]
        expire_time = webhook.previous_secret_expire_time
        if webhook.previous_secret is not None and expire_time is not None and now < expire_time:
            try:
                secrets.append(await self._sealer.open(webhook.previous_secret))
            except UnreadableSecretError:
                # Of a key that was lost: the rotation is what mended it.
                return secrets
        return secrets

    async def close(self) -> None:
        """Closes all connections."""
        await self._sender.close()
