"""Decodes contract messages into commands, refusing what is malformed."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from google.protobuf.duration_pb2 import Duration
from ticketonomics.webhooks.v1 import webhook_service_pb2 as rpc
from ticketonomics.webhooks.v1.webhook_pb2 import TransactionFilter

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.decode import check_application_id
from ticketonomics_server.identity.identifiers import is_id
from ticketonomics_server.ledger.selection import check_kinds
from ticketonomics_server.rpc.fields import (
    body_hash,
    check_address,
    check_asset_code,
    check_uuid,
    invalid,
)
from ticketonomics_server.webhooks.model import (
    WEBHOOK_ID_LENGTH,
    CreateWebhook,
    DeleteWebhook,
    PauseWebhook,
    ReplayWebhook,
    RotateWebhookSecret,
    UpdateWebhook,
)

MAX_ACCOUNTS = 100
MAX_RETRIED = 1_000
DEFAULT_OVERLAP = timedelta(hours=24)
MAX_OVERLAP = timedelta(days=30)

# Raises ValueError with what is wrong with a URL.
CheckUrl = Callable[[str], None]
P = TypeVar("P", bound=PauseWebhook)


def decode_create_webhook(
    caller: Caller, request: rpc.CreateWebhookRequest, check: CheckUrl
) -> CreateWebhook:
    """Decodes a new webhook, whose secret is not drawn yet. Guards: INVALID_FIELD."""
    request_id = check_uuid(request.request_id, "request_id")
    after = request.after_sequence if request.HasField("after_sequence") else None
    return CreateWebhook(
        request_id,
        body_hash(caller, request),
        decode_application(caller, request.application_id),
        _decode_url(request.url, check),
        *_decode_filter(request.filter),
        after_sequence=after,
        sealed_secret=b"",
    )


def decode_update_webhook(
    caller: Caller, request: rpc.UpdateWebhookRequest, check: CheckUrl
) -> UpdateWebhook:
    """Decodes another URL and filter. Guards: INVALID_FIELD."""
    return UpdateWebhook(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_webhook_id(request.webhook_id),
        _decode_url(request.url, check),
        *_decode_filter(request.filter),
    )


def decode_manage_webhook(
    kind: type[P], caller: Caller, request: rpc.PauseWebhookRequest | rpc.ResumeWebhookRequest
) -> P:
    """Decodes a pause or a resumption. Guards: INVALID_FIELD."""
    return kind(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_webhook_id(request.webhook_id),
    )


def decode_rotate_webhook_secret(
    caller: Caller, request: rpc.RotateWebhookSecretRequest
) -> RotateWebhookSecret:
    """Decodes a rotation, whose secret is not drawn yet. Guards: INVALID_FIELD."""
    return RotateWebhookSecret(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_webhook_id(request.webhook_id),
        _decode_overlap(request.overlap) if request.HasField("overlap") else DEFAULT_OVERLAP,
        sealed_secret=b"",
    )


def _decode_overlap(overlap: Duration) -> timedelta:
    # The range comes first: what is far out of it is no timedelta.
    seconds = overlap.seconds
    if not 0 <= seconds <= MAX_OVERLAP.total_seconds() or overlap.nanos < 0:
        raise invalid("overlap", "is not between 0 and 30 days")
    found = timedelta(seconds=seconds, microseconds=overlap.nanos // 1_000)
    if found > MAX_OVERLAP:
        raise invalid("overlap", "is not between 0 and 30 days")
    return found


def decode_replay_webhook(caller: Caller, request: rpc.ReplayWebhookRequest) -> ReplayWebhook:
    """Decodes a replay. Guards: INVALID_FIELD."""
    return ReplayWebhook(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_webhook_id(request.webhook_id),
        request.after_sequence,
    )


def decode_delete_webhook(
    caller: Caller, request: rpc.DeleteWebhookRequest, application_id: str
) -> DeleteWebhook:
    """Decodes an end. Guards: INVALID_FIELD.

    Args:
        application_id: Whose webhook it is, as it was read; the caller's own for an unknown one.
    """
    return DeleteWebhook(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_webhook_id(request.webhook_id),
        application_id,
    )


def decode_application(caller: Caller, application_id: str) -> str:
    """Returns whose webhooks are meant: by default the calling application's."""
    return check_application_id(application_id) if application_id else caller.application_id


def decode_sequences(sequences: Sequence[int]) -> list[int]:
    """Returns which dead letters are meant; none for all."""
    if len(sequences) > MAX_RETRIED or len(set(sequences)) != len(sequences):
        raise invalid("sequences", f"names one twice, or more than {MAX_RETRIED}")
    if any(sequence < 1 for sequence in sequences):
        raise invalid("sequences", "is not at least 1")
    return list(sequences)


def check_webhook_id(value: str) -> str:
    """Returns the id of a webhook, or refuses what has not the form of one."""
    if not is_id(value, WEBHOOK_ID_LENGTH):
        raise invalid("webhook_id", f"is not {WEBHOOK_ID_LENGTH} of 0–9 and a–z")
    return value


def _decode_url(url: str, check: CheckUrl) -> str:
    try:
        check(url)
    except ValueError as error:
        raise invalid("url", str(error)) from error
    return url


def _decode_filter(wanted: TransactionFilter) -> tuple[tuple[str, ...], str, tuple[int, ...]]:
    if len(wanted.accounts) > MAX_ACCOUNTS:
        raise invalid("filter.accounts", f"has more than {MAX_ACCOUNTS} addresses")
    for address in wanted.accounts:
        check_address(address, "filter.accounts")
    if wanted.asset:
        check_asset_code(wanted.asset, "filter.asset")
    check_kinds(wanted.kinds, "filter.kinds")
    accounts = tuple(sorted(set(wanted.accounts)))
    return accounts, wanted.asset, tuple(sorted(int(kind) for kind in wanted.kinds))
