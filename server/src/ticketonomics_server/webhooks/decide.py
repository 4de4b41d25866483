"""Decides what becomes of webhooks. Pure."""

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_applications import (
    find_application,
    guard_own_application,
)
from ticketonomics_server.identity.identifiers import ID_ENTROPY_BYTES, encode_base32
from ticketonomics_server.identity.model import Application
from ticketonomics_server.ledger.decide import no_account, no_asset
from ticketonomics_server.ledger.model import Account, Asset
from ticketonomics_server.webhooks.model import (
    MAX_WEBHOOKS,
    WEBHOOK_ID_LENGTH,
    CreateWebhook,
    DeleteWebhook,
    EntryKind,
    PauseWebhook,
    ReplayWebhook,
    ResumeWebhook,
    RotateWebhookSecret,
    UpdateWebhook,
    Webhook,
    WebhookCount,
    WebhookState,
)


def guard_application(caller: Caller, application_id: str) -> None:
    """Refuses who acts for a person, and who is neither the application nor its operator.

    Guards: APPLICATION_ONLY, SCOPE_MISSING.
    """
    guard_by_itself(caller)
    guard_own_application(caller, application_id)


def guard_by_itself(caller: Caller) -> None:
    """Refuses with APPLICATION_ONLY who acts for a person."""
    if caller.person_id:
        raise Rejection(
            Reason.APPLICATION_ONLY, "webhooks are for applications, which act for nobody here"
        )


def declare_create_webhook(command: CreateWebhook, caller: Caller, keys: Keys) -> None:
    """Names what the filter is about; the webhook has no id yet."""
    keys[Application].add(command.application_id)
    keys[WebhookCount].add(command.application_id)
    _declare_filter(command, keys)


def decide_create_webhook(state: State, command: CreateWebhook, context: Context) -> Decision:
    """Makes a webhook.

    Guards: APPLICATION_ONLY, SCOPE_MISSING, APPLICATION_NOT_FOUND, INVALID_FIELD (after_sequence),
    TOO_MANY_WEBHOOKS, ACCOUNT_NOT_FOUND, ASSET_NOT_FOUND.
    """
    guard_application(context.caller, command.application_id)
    find_application(state, command.application_id)
    if command.after_sequence is not None:
        _guard_past(command.after_sequence, context)
    count = state.find(WebhookCount, command.application_id)
    if count is not None and count.webhook_count >= MAX_WEBHOOKS:
        raise Rejection(
            Reason.TOO_MANY_WEBHOOKS,
            f"{command.application_id} has {MAX_WEBHOOKS} webhooks already",
            application=command.application_id,
            limit=MAX_WEBHOOKS,
        )
    _guard_filter(state, command)

    if count is None:
        state.add(WebhookCount(command.application_id, 1))
    else:
        state.change(count)
        count.webhook_count += 1
    after = context.sequence if command.after_sequence is None else command.after_sequence
    webhook = Webhook(
        webhook_id=encode_base32(context.entropy(b"webhook", ID_ENTROPY_BYTES), WEBHOOK_ID_LENGTH),
        create_sequence=context.sequence,
        application_id=command.application_id,
        url=command.url,
        accounts=" ".join(command.accounts),
        asset=command.asset,
        kinds=" ".join(map(str, command.kinds)),
        state=WebhookState.ACTIVE,
        create_time=context.time,
        start_after=after,
        start_sequence=context.sequence,
        enable_sequence=context.sequence,
        change_sequence=context.sequence,
        secret=command.sealed_secret,
    )
    state.add(webhook)
    return decide_event(
        command,
        context,
        EntryKind.WEBHOOK_CREATED,
        webhook.webhook_id,
        webhook.application_id,
        webhook.url,
        webhook.accounts,
        webhook.asset,
        webhook.kinds,
        webhook.start_after,
        context.caller.application_id,
        value=webhook.webhook_id,
    )


def declare_update_webhook(command: UpdateWebhook, caller: Caller, keys: Keys) -> None:
    keys[Webhook].add(command.webhook_id)
    _declare_filter(command, keys)


def decide_update_webhook(state: State, command: UpdateWebhook, context: Context) -> Decision:
    """Sets URL and filter.

    Guards: APPLICATION_ONLY, WEBHOOK_NOT_FOUND, SCOPE_MISSING, ACCOUNT_NOT_FOUND, ASSET_NOT_FOUND.
    """
    webhook = _find_manageable(state, command.webhook_id, context.caller)
    _guard_filter(state, command)

    _change(state, webhook, context)
    webhook.url = command.url
    webhook.accounts = " ".join(command.accounts)
    webhook.asset = command.asset
    webhook.kinds = " ".join(map(str, command.kinds))
    return decide_event(
        command,
        context,
        EntryKind.WEBHOOK_UPDATED,
        webhook.webhook_id,
        webhook.url,
        webhook.accounts,
        webhook.asset,
        webhook.kinds,
        context.caller.application_id,
        value=webhook.webhook_id,
    )


def declare_manage_webhook(
    command: PauseWebhook | RotateWebhookSecret | ReplayWebhook, caller: Caller, keys: Keys
) -> None:
    keys[Webhook].add(command.webhook_id)


def decide_pause_webhook(
    state: State, command: PauseWebhook, context: Context
) -> Decision | NothingToDo:
    """Lets a webhook rest. Guards: APPLICATION_ONLY, WEBHOOK_NOT_FOUND, SCOPE_MISSING."""
    webhook = _find_manageable(state, command.webhook_id, context.caller)
    if webhook.state == WebhookState.PAUSED:
        return NothingToDo(webhook.webhook_id)

    _change(state, webhook, context)
    webhook.state = WebhookState.PAUSED
    return _decide_managed(command, context, EntryKind.WEBHOOK_PAUSED)


def decide_resume_webhook(state: State, command: ResumeWebhook, context: Context) -> Decision:
    """Lets a webhook go on. Guards: APPLICATION_ONLY, WEBHOOK_NOT_FOUND, SCOPE_MISSING.

    Always an entry: whether the server has disabled the webhook is not known here.
    """
    webhook = _find_manageable(state, command.webhook_id, context.caller)

    _change(state, webhook, context)
    webhook.state = WebhookState.ACTIVE
    webhook.enable_sequence = context.sequence
    return _decide_managed(command, context, EntryKind.WEBHOOK_RESUMED)


def decide_rotate_webhook_secret(
    state: State, command: RotateWebhookSecret, context: Context
) -> Decision:
    """Sets a new secret; the old one goes on for the overlap, the one before it ends.

    Guards: APPLICATION_ONLY, WEBHOOK_NOT_FOUND, SCOPE_MISSING.
    """
    webhook = _find_manageable(state, command.webhook_id, context.caller)

    _change(state, webhook, context)
    webhook.previous_secret = webhook.secret
    webhook.previous_secret_expire_time = context.time + command.overlap
    webhook.secret = command.sealed_secret
    return decide_event(
        command,
        context,
        EntryKind.WEBHOOK_SECRET_ROTATED,
        webhook.webhook_id,
        to_micros(webhook.previous_secret_expire_time),
        context.caller.application_id,
        value=webhook.webhook_id,
    )


def decide_replay_webhook(state: State, command: ReplayWebhook, context: Context) -> Decision:
    """Lets deliveries go back.

    Guards: APPLICATION_ONLY, WEBHOOK_NOT_FOUND, SCOPE_MISSING, INVALID_FIELD (after_sequence).
    """
    webhook = _find_manageable(state, command.webhook_id, context.caller)
    _guard_past(command.after_sequence, context)

    _change(state, webhook, context)
    webhook.start_after = command.after_sequence
    webhook.start_sequence = context.sequence
    return decide_event(
        command,
        context,
        EntryKind.WEBHOOK_REPLAYED,
        webhook.webhook_id,
        webhook.start_after,
        context.caller.application_id,
        value=webhook.webhook_id,
    )


def declare_delete_webhook(command: DeleteWebhook, caller: Caller, keys: Keys) -> None:
    keys[Webhook].add(command.webhook_id)
    keys[WebhookCount].add(command.application_id)


def decide_delete_webhook(state: State, command: DeleteWebhook, context: Context) -> Decision:
    """Ends a webhook. Guards: APPLICATION_ONLY, WEBHOOK_NOT_FOUND, SCOPE_MISSING."""
    webhook = _find_manageable(state, command.webhook_id, context.caller)

    count = state.find(WebhookCount, webhook.application_id)
    assert count is not None, "whoever has a webhook has a count"
    state.change(count)
    count.webhook_count -= 1
    state.remove(webhook)
    return _decide_managed(command, context, EntryKind.WEBHOOK_DELETED)


def _find_manageable(state: State, webhook_id: str, caller: Caller) -> Webhook:
    guard_by_itself(caller)
    webhook = state.find(Webhook, webhook_id)
    if webhook is None:
        raise Rejection(
            Reason.WEBHOOK_NOT_FOUND, f"there is no webhook {webhook_id}", webhook=webhook_id
        )
    guard_application(caller, webhook.application_id)
    return webhook


def _change(state: State, webhook: Webhook, context: Context) -> None:
    state.change(webhook)
    webhook.change_sequence = context.sequence


def _declare_filter(command: CreateWebhook | UpdateWebhook, keys: Keys) -> None:
    keys[Account].update(command.accounts)
    if command.asset:
        keys[Asset].add(command.asset)


def _guard_filter(state: State, command: CreateWebhook | UpdateWebhook) -> None:
    """Refuses what would never match, most likely a slip: ACCOUNT_NOT_FOUND, ASSET_NOT_FOUND."""
    for address in command.accounts:
        if state.find(Account, address) is None:
            raise no_account(address)
    if command.asset and state.find(Asset, command.asset) is None:
        raise no_asset(command.asset)


def _guard_past(after_sequence: int, context: Context) -> None:
    if not 0 <= after_sequence < context.sequence:
        raise Rejection(
            Reason.INVALID_FIELD,
            "after_sequence is not a sequence number of this economy yet",
            field="after_sequence",
        )


def _decide_managed(command: PauseWebhook, context: Context, kind: EntryKind) -> Decision:
    return decide_event(
        command,
        context,
        kind,
        command.webhook_id,
        context.caller.application_id,
        value=command.webhook_id,
    )
