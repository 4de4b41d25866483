"""How this room's rows reach Postgres."""

from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.webhooks.model import Webhook, WebhookCount
from ticketonomics_server.webhooks.tables import webhook_counts, webhooks

WEBHOOKS = BulkTable(
    Webhook,
    webhooks,
    key=("webhook_id",),
    unchanging=("create_sequence", "application_id", "create_time"),
)
WEBHOOK_COUNTS = BulkTable(WebhookCount, webhook_counts, key=("application_id",))
