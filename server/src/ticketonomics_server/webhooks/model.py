"""What webhooks are about: where an application wants to be told, and the commands about that."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from ticketonomics_server.engine.model import Undoable

WEBHOOK_ID_LENGTH = 16
MAX_WEBHOOKS = 10


class EntryKind(IntEnum):
    """Kinds of entries that this room makes. Deliveries make none."""

    WEBHOOK_CREATED = 80
    WEBHOOK_UPDATED = 81
    WEBHOOK_PAUSED = 82
    WEBHOOK_RESUMED = 83
    WEBHOOK_SECRET_ROTATED = 84
    WEBHOOK_REPLAYED = 85
    WEBHOOK_DELETED = 86


class WebhookState(IntEnum):
    """What the application wants; the contract's `Webhook.State` also knows DISABLED."""

    ACTIVE = 1
    PAUSED = 2


@dataclass(slots=True, eq=False)
class Webhook(Undoable):
    """Where an application wants to be told of transactions, and of which.

    Attributes:
        create_sequence: Entry that created it: the order of creation.
        accounts: Addresses in alphabetical order, with spaces between; empty for all.
        asset: Code; empty for all.
        kinds: Their numbers in ascending order, with spaces between; empty for all.
        start_after: Entry behind which the last replay began, or the webhook itself.
        start_sequence: Entry that said so: deliveries of an earlier one go back.
        enable_sequence: Entry that let it begin, or go on. If the server disables it, then as of
            this entry: a later one enables it again.
        change_sequence: The last entry about it.
        secret: Encrypted; see `sealing`. In no entry.
        previous_secret: That before the last rotation.
        previous_secret_expire_time: Until when events are signed with that, too.
    """

    webhook_id: str
    create_sequence: int
    application_id: str
    url: str
    accounts: str
    asset: str
    kinds: str
    state: WebhookState
    create_time: datetime
    start_after: int
    start_sequence: int
    enable_sequence: int
    change_sequence: int
    secret: bytes
    previous_secret: bytes | None = None
    previous_secret_expire_time: datetime | None = None

    @property
    def key(self) -> str:
        return self.webhook_id


@dataclass(slots=True, eq=False)
class WebhookCount(Undoable):
    """How many webhooks an application has."""

    application_id: str
    webhook_count: int

    @property
    def key(self) -> str:
        return self.application_id


@dataclass(slots=True, frozen=True)
class CreateWebhook:
    """Asks for a new webhook.

    Attributes:
        after_sequence: Entry behind which to begin; None for the webhook's own.
        sealed_secret: Drawn for this try. The body hash does not cover it: a replay draws another
            one, and yet is the same request.
    """

    request_id: bytes
    body_hash: bytes
    application_id: str
    url: str
    accounts: tuple[str, ...]
    asset: str
    kinds: tuple[int, ...]
    after_sequence: int | None
    sealed_secret: bytes


@dataclass(slots=True, frozen=True)
class UpdateWebhook:
    """Asks to replace where events are sent, and which."""

    request_id: bytes
    body_hash: bytes
    webhook_id: str
    url: str
    accounts: tuple[str, ...]
    asset: str
    kinds: tuple[int, ...]


@dataclass(slots=True, frozen=True)
class PauseWebhook:
    """Asks to let a webhook rest."""

    request_id: bytes
    body_hash: bytes
    webhook_id: str


@dataclass(slots=True, frozen=True)
class ResumeWebhook(PauseWebhook):
    """Asks to let a webhook go on."""


@dataclass(slots=True, frozen=True)
class DeleteWebhook(PauseWebhook):
    """Asks to end a webhook.

    Attributes:
        application_id: Whose it is, as was read before: that never changes.
    """

    application_id: str


@dataclass(slots=True, frozen=True)
class RotateWebhookSecret:
    """Asks for a new secret; `sealed_secret` is as in `CreateWebhook`."""

    request_id: bytes
    body_hash: bytes
    webhook_id: str
    overlap: timedelta
    sealed_secret: bytes


@dataclass(slots=True, frozen=True)
class ReplayWebhook:
    """Asks to send everything behind an entry again."""

    request_id: bytes
    body_hash: bytes
    webhook_id: str
    after_sequence: int


def split_accounts(accounts: str) -> tuple[str, ...]:
    """Reads the addresses that a row stores."""
    return tuple(accounts.split())


def split_kinds(kinds: str) -> tuple[int, ...]:
    """Reads the kinds that a row stores."""
    return tuple(map(int, kinds.split()))
