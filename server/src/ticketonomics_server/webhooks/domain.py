"""The plug of this room: what the engine needs to know of it."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.webhooks import decide, rows
from ticketonomics_server.webhooks.model import (
    CreateWebhook,
    DeleteWebhook,
    PauseWebhook,
    ReplayWebhook,
    ResumeWebhook,
    RotateWebhookSecret,
    UpdateWebhook,
)

WEBHOOKS = Domain(
    name="webhooks",
    tables=(rows.WEBHOOKS, rows.WEBHOOK_COUNTS),
    commands={
        CreateWebhook: Handling(decide.declare_create_webhook, decide.decide_create_webhook),
        UpdateWebhook: Handling(decide.declare_update_webhook, decide.decide_update_webhook),
        PauseWebhook: Handling(decide.declare_manage_webhook, decide.decide_pause_webhook),
        ResumeWebhook: Handling(decide.declare_manage_webhook, decide.decide_resume_webhook),
        RotateWebhookSecret: Handling(
            decide.declare_manage_webhook, decide.decide_rotate_webhook_secret
        ),
        ReplayWebhook: Handling(decide.declare_manage_webhook, decide.decide_replay_webhook),
        DeleteWebhook: Handling(decide.declare_delete_webhook, decide.decide_delete_webhook),
    },
)
