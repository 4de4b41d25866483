"""Encodes webhooks, and the events that they are about, into contract messages."""

import json
from datetime import datetime
from typing import Any, cast

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from ticketonomics.webhooks.v1 import webhook_pb2

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.ledger.encode import encode_for
from ticketonomics_server.ledger.queries import JournalTransaction
from ticketonomics_server.rpc.fields import set_time
from ticketonomics_server.webhooks.model import WebhookState, split_accounts, split_kinds
from ticketonomics_server.webhooks.progress import BacklogRow
from ticketonomics_server.webhooks.queries import FoundWebhook

TRANSACTION, TEST = "ledger.transaction", "webhook.test"


def event_id(webhook_id: str, sequence: int) -> str:
    """Names an event: the same in every attempt, on every server, for ever."""
    return f"evt_{webhook_id}_{sequence}"


def transaction_event(
    economy: str, webhook_id: str, caller: Caller, found: JournalTransaction
) -> webhook_pb2.Event:
    """Encodes a transaction as far as the application may see it."""
    event = webhook_pb2.Event(
        id=event_id(webhook_id, found.sequence),
        type=TRANSACTION,
        economy=economy,
        webhook_id=webhook_id,
        sequence=found.sequence,
        data=encode_for(caller, found),
    )
    set_time(event.timestamp, found.commit_time)
    return event


def trial_event(
    economy: str, webhook_id: str, identifier: str, time: datetime
) -> webhook_pb2.Event:
    """Encodes an event that is about nothing."""
    event = webhook_pb2.Event(id=identifier, type=TEST, economy=economy, webhook_id=webhook_id)
    set_time(event.timestamp, time)
    return event


def encode_body(event: Message) -> bytes:
    """Encodes an event as the body of a request."""
    return json.dumps(MessageToDict(event), ensure_ascii=False, separators=(",", ":")).encode()


def encode_webhook(found: FoundWebhook) -> webhook_pb2.Webhook:
    """Encodes a webhook with its deliveries; its secrets are no part of it."""
    webhook, progress = found.webhook, found.progress
    disabled = progress.disables(webhook)
    states = webhook_pb2.Webhook
    message = webhook_pb2.Webhook(
        webhook_id=webhook.webhook_id,
        application_id=webhook.application_id,
        url=webhook.url,
        filter=webhook_pb2.TransactionFilter(
            accounts=split_accounts(webhook.accounts),
            asset=webhook.asset,
            kinds=cast(Any, split_kinds(webhook.kinds)),
        ),
        state=states.STATE_PAUSED if webhook.state == WebhookState.PAUSED else states.STATE_ACTIVE,
        progress=webhook_pb2.Progress(
            cursor=progress.cursor,
            delivered_count=progress.delivered_count,
            retrying_count=found.retrying_count,
            dead_letter_count=found.dead_letter_count,
            last_failure=progress.last_failure,
        ),
    )
    if disabled:
        message.state = states.STATE_DISABLED
        message.disable_reason = cast(Any, progress.disable_reason)
        _set_time(message, "disable_time", progress.disable_time)
    set_time(message.create_time, webhook.create_time)
    _set_time(message, "previous_secret_expire_time", webhook.previous_secret_expire_time)
    for field in ("last_success_time", "last_failure_time", "failing_since"):
        _set_time(message.progress, field, getattr(progress, field))
    return message


def encode_dead_letter(webhook_id: str, row: BacklogRow) -> webhook_pb2.DeadLetter:
    """Encodes an event that was given up."""
    message = webhook_pb2.DeadLetter(
        sequence=row.event_sequence,
        event_id=event_id(webhook_id, row.event_sequence),
        attempts=row.attempts,
        last_status=row.last_status,
        last_failure=row.last_failure,
    )
    _set_time(message, "dead_time", row.dead_time)
    return message


def _set_time(message: Any, field: str, time: datetime | None) -> None:
    if time is not None:
        set_time(getattr(message, field), time)
