"""Replays what entries say of webhooks, and compares the rows with it."""

from dataclasses import dataclass
from struct import error as StructError  # noqa: N812 - it is a class.
from typing import Any

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant
from ticketonomics_server.webhooks.model import EntryKind, WebhookState

_WEBHOOKS = """
SELECT webhook_id, create_sequence, application_id, url, accounts, asset, kinds, state,
       start_after, start_sequence, enable_sequence, change_sequence, previous_secret_expire_time
FROM webhooks WHERE economy_id = $1
"""
_COUNTS = (
    "SELECT application_id, webhook_count FROM webhook_counts"
    " WHERE economy_id = $1 AND webhook_count > 0"
)
_KINDS = frozenset(map(int, EntryKind))


@dataclass(slots=True)
class ReplayedWebhook:
    """A webhook as its entries make it; fields as the row's."""

    create_sequence: int
    application_id: str
    url: str
    accounts: str
    asset: str
    kinds: str
    state: int
    start_after: int
    start_sequence: int
    enable_sequence: int
    change_sequence: int
    previous_expiry_micros: int = 0


class WebhooksReplay:
    """Replays the events of this room in order."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.webhooks: dict[str, ReplayedWebhook] = {}

    def define(self, sequence: int, kind: int, event: bytes) -> None:
        """Replays an entry, if it is one of this room's."""
        if kind not in _KINDS:
            return
        try:
            self._define(sequence, EntryKind(kind), decode_fields(event))
        except (ValueError, TypeError, LookupError, StructError):
            self._findings.add(
                Invariant.WEBHOOKS_MATCH_JOURNAL, f"entry {sequence} tells of no webhook"
            )

    def _define(self, sequence: int, kind: EntryKind, fields: list[Any]) -> None:
        identifier, *rest = fields
        if kind == EntryKind.WEBHOOK_CREATED:
            application, url, accounts, asset, kinds, after, _ = rest
            self.webhooks[identifier] = ReplayedWebhook(
                *(sequence, application, url, accounts, asset, kinds, WebhookState.ACTIVE),
                *(after, sequence, sequence, sequence),
            )
            return
        webhook = self.webhooks[identifier]
        webhook.change_sequence = sequence
        if kind == EntryKind.WEBHOOK_UPDATED:
            webhook.url, webhook.accounts, webhook.asset, webhook.kinds, _ = rest
        elif kind == EntryKind.WEBHOOK_PAUSED:
            webhook.state = WebhookState.PAUSED
        elif kind == EntryKind.WEBHOOK_RESUMED:
            webhook.state, webhook.enable_sequence = WebhookState.ACTIVE, sequence
        elif kind == EntryKind.WEBHOOK_SECRET_ROTATED:
            webhook.previous_expiry_micros, _ = rest
        elif kind == EntryKind.WEBHOOK_REPLAYED:
            webhook.start_after, _ = rest
            webhook.start_sequence = sequence
        else:
            del self.webhooks[identifier]


class WebhooksComparison:
    """Compares the rows as of the moment at which they were read.

    Args:
        roll_forward: Replays the journal up to a head that was read together with the rows.
    """

    def __init__(
        self,
        reader: JournalReader,
        replay: WebhooksReplay,
        findings: Findings,
        roll_forward: RollForward,
    ) -> None:
        self._reader = reader
        self._replay = replay
        self._findings = findings
        self._roll_forward = roll_forward

    async def run(self) -> None:
        """Compares everything."""
        async with self._reader.snapshot():
            head = await self._reader.head()
            rows = await self._reader.fetch(_WEBHOOKS)
            counts = {row[0]: row[1] for row in await self._reader.fetch(_COUNTS)}
        await self._roll_forward(head)
        stored = {row["webhook_id"]: _replayed(row) for row in rows}
        replayed = self._replay.webhooks
        for identifier in sorted(stored.keys() | replayed.keys()):
            if identifier not in replayed:
                self._tell(f"webhook {identifier} has no entry")
            elif identifier not in stored:
                self._tell(f"webhook {identifier} has an entry and no row")
            elif stored[identifier] != replayed[identifier]:
                self._tell(f"webhook {identifier} is not what its entries make it")
        found: dict[str, int] = {}
        for webhook in replayed.values():
            found[webhook.application_id] = found.get(webhook.application_id, 0) + 1
        for application in sorted(found.keys() | counts.keys()):
            if found.get(application) != counts.get(application):
                self._tell(
                    f"{application} has {found.get(application, 0)} webhooks,"
                    f" {counts.get(application, 0)} are counted"
                )

    def _tell(self, detail: str) -> None:
        self._findings.add(Invariant.WEBHOOKS_MATCH_JOURNAL, detail)


def _replayed(row: Any) -> ReplayedWebhook:
    fields = dict(row)
    del fields["webhook_id"]
    expiry = fields.pop("previous_secret_expire_time")
    return ReplayedWebhook(**fields, previous_expiry_micros=to_micros(expiry) if expiry else 0)
