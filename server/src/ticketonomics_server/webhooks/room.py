"""What this room is made of on a running server: its servicer, and its deliveries."""

from datetime import timedelta

from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import translated_failures
from ticketonomics_server.webhooks.delivering import Deliveries
from ticketonomics_server.webhooks.posting import Poster
from ticketonomics_server.webhooks.queries import has_secrets
from ticketonomics_server.webhooks.retrying import RetryPolicy
from ticketonomics_server.webhooks.sealing import Sealer
from ticketonomics_server.webhooks.sending import Sender
from ticketonomics_server.webhooks.servicer import WebhookServicer


class WebhookRoom:
    """Puts the parts together."""

    def __init__(self, settings: Settings, database: Database, economies: Economies) -> None:
        async def in_use() -> bool:
            with translated_failures():
                async with database.snapshot() as connection:
                    return await has_secrets(connection)

        sender = Sender(
            allow_http=settings.webhook_allow_http,
            allow_private=settings.webhook_allow_private,
            timeout_seconds=settings.webhook_timeout_seconds,
        )
        self.sealer = sealer = Sealer(settings, in_use)
        poster = Poster(sender, sealer)
        policy = RetryPolicy(
            attempts=settings.webhook_attempts,
            first_wait_seconds=settings.webhook_retry_seconds,
            disable_after=timedelta(hours=settings.webhook_disable_hours),
        )
        self.deliveries = Deliveries(database, economies, poster, policy)
        self.servicer = WebhookServicer(
            economies,
            database,
            poster=poster,
            sealer=sealer,
            check_url=sender.check_url,
            changed=self.deliveries.nudge,
        )
