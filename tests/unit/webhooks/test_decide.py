"""Every rule of webhooks, on rows in memory."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import Keys, Registry
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.timers import ENGINE
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.identity.model import Application
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import Account, AccountState, Asset
from ticketonomics_server.webhooks.domain import WEBHOOKS
from ticketonomics_server.webhooks.model import (
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

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
SHOP = Caller("shop")
STRANGER = Caller("stranger", frozenset({"ledger.private", "ledger.debit_any"}))
OPERATOR = Caller("operator", frozenset({"identity.applications"}))
FOR_ANN = Caller("shop", frozenset({"identity.act_for", "identity.applications"}), "ann")


class Desk:
    def __init__(self) -> None:
        self.registry = Registry([ENGINE, LEDGER, IDENTITY, WEBHOOKS])
        self.state = State([table.row_type for table in self.registry.tables])
        self.sequence = 10
        self.now = START
        rows = self.state.rows
        rows[Account]["orgs/a"] = Account(3, "orgs/a", AccountState.OPEN, START)
        rows[Asset]["COIN"] = Asset(1, "COIN", 1, 0, "Coin", 0, 0, 0, 0, START)
        rows[Application]["shop"] = Application("shop", 1, "shop", "", 1_000, START)

    def decide(self, command: Any, caller: Caller = SHOP) -> Decision | NothingToDo:
        """Decides with just the rows that the command declared."""
        handling = self.registry.commands[type(command)]
        keys = Keys(set)
        handling.declare(command, caller, keys)
        for row_type, wanted in keys.items():
            for key in wanted:
                self.state.rows[row_type].setdefault(key, None)
        self.state.begin_command()
        context = Context(caller, self.now, self.sequence + 1, b"e" * 32)
        decision = handling.decide(self.state, command, context)
        if isinstance(decision, Decision):
            self.sequence += 1
        return decision

    def image(self) -> Any:
        return {
            (row_type, key): row.snapshot()
            for row_type, rows in self.state.rows.items()
            for key, row in rows.items()
            if row is not None and hasattr(row, "snapshot")
        }

    def outcome(self, command: Any, caller: Caller = SHOP) -> str:
        """OK, or the reason of the refusal; a refusal changes nothing."""
        before = self.image()
        try:
            self.decide(command, caller)
        except Rejection as rejection:
            self.state.undo_command()
            assert self.image() == before, "a refusal left something behind"
            return str(rejection.reason)
        return "OK"

    def ids(self) -> tuple[bytes, bytes]:
        return (self.sequence + 1_000).to_bytes(16, "big"), bytes(16)

    def creation(self, **changes: Any) -> CreateWebhook:
        fields: dict[str, Any] = {
            "application_id": "shop",
            "url": "https://example.org/hooks",
            "accounts": ("orgs/a",),
            "asset": "COIN",
            "kinds": (1, 2),
            "after_sequence": None,
            "sealed_secret": b"sealed",
            **changes,
        }
        return CreateWebhook(*self.ids(), **fields)

    def create(self, **changes: Any) -> Webhook:
        decision = self.decide(self.creation(**changes))
        found = self.state.rows[Webhook][decision.value]
        assert found is not None
        return found


@pytest.fixture
def desk() -> Desk:
    return Desk()


def fields_of(decision: Decision | NothingToDo) -> list[Any]:
    assert isinstance(decision, Decision)
    assert decision.event is not None
    return decode_fields(decision.event)


def test_a_webhook_begins_with_its_own_entry(desk: Desk) -> None:
    decision = desk.decide(desk.creation())
    webhook = desk.state.rows[Webhook][decision.value]
    assert webhook is not None
    assert (webhook.accounts, webhook.asset, webhook.kinds) == ("orgs/a", "COIN", "1 2")
    assert webhook.state == WebhookState.ACTIVE
    assert webhook.start_after == webhook.create_sequence == 11
    assert webhook.start_sequence == webhook.enable_sequence == webhook.change_sequence == 11
    assert webhook.secret == b"sealed"
    assert fields_of(decision) == [
        *(webhook.webhook_id, "shop", "https://example.org/hooks", "orgs/a", "COIN", "1 2"),
        *(11, "shop"),
    ]
    assert desk.state.rows[WebhookCount]["shop"].webhook_count == 1


def test_no_entry_holds_a_secret(desk: Desk) -> None:
    secret = b"sealed and secret"
    made = desk.decide(desk.creation(sealed_secret=secret))
    rotated = desk.decide(
        RotateWebhookSecret(*desk.ids(), made.value, timedelta(hours=1), secret + b"!")
    )
    for decision in (made, rotated):
        assert isinstance(decision, Decision)
        assert secret not in decision.leaf
        assert secret not in (decision.event or b"")


@pytest.mark.parametrize(
    ("caller", "changes", "reason"),
    [
        (SHOP, {}, "OK"),
        (OPERATOR, {}, "OK"),
        (STRANGER, {}, "SCOPE_MISSING"),
        (FOR_ANN, {}, "APPLICATION_ONLY"),
        (OPERATOR, {"application_id": "none"}, "APPLICATION_NOT_FOUND"),
        (SHOP, {"after_sequence": 0}, "OK"),
        (SHOP, {"after_sequence": 10}, "OK"),
        (SHOP, {"after_sequence": 11}, "INVALID_FIELD"),
        (SHOP, {"after_sequence": -1}, "INVALID_FIELD"),
        (SHOP, {"accounts": (), "asset": "", "kinds": ()}, "OK"),
        (SHOP, {"accounts": ("orgs/a", "orgs/none")}, "ACCOUNT_NOT_FOUND"),
        (SHOP, {"asset": "GOLD"}, "ASSET_NOT_FOUND"),
        # What comes first, where much is wrong.
        (FOR_ANN, {"application_id": "none"}, "APPLICATION_ONLY"),
        (STRANGER, {"application_id": "none"}, "SCOPE_MISSING"),
        (SHOP, {"after_sequence": -1, "asset": "GOLD"}, "INVALID_FIELD"),
        (SHOP, {"accounts": ("orgs/none",), "asset": "GOLD"}, "ACCOUNT_NOT_FOUND"),
    ],
)
def test_who_may_create_what(
    desk: Desk, caller: Caller, changes: dict[str, Any], reason: str
) -> None:
    assert desk.outcome(desk.creation(**changes), caller) == reason


def test_the_eleventh_is_one_too_many_until_one_is_deleted(desk: Desk) -> None:
    made = []
    for number in range(10):
        # The id is drawn from the entry's number.
        made.append(desk.create())
        assert len({webhook.webhook_id for webhook in made}) == number + 1
    assert desk.outcome(desk.creation()) == "TOO_MANY_WEBHOOKS"
    assert desk.outcome(desk.creation(), OPERATOR) == "TOO_MANY_WEBHOOKS"
    assert desk.outcome(DeleteWebhook(*desk.ids(), made[3].webhook_id, "shop")) == "OK"
    assert desk.state.rows[Webhook][made[3].webhook_id] is None
    assert desk.outcome(desk.creation()) == "OK"


Make = Callable[[Desk, str], Any]
CHANGES: list[tuple[str, Make]] = [
    ("update", lambda d, w: UpdateWebhook(*d.ids(), w, "https://example.org/", (), "", ())),
    ("pause", lambda d, w: PauseWebhook(*d.ids(), w)),
    ("resume", lambda d, w: ResumeWebhook(*d.ids(), w)),
    ("rotate", lambda d, w: RotateWebhookSecret(*d.ids(), w, timedelta(hours=1), b"new")),
    ("replay", lambda d, w: ReplayWebhook(*d.ids(), w, 3)),
    ("delete", lambda d, w: DeleteWebhook(*d.ids(), w, "shop")),
]


@pytest.mark.parametrize(
    ("caller", "known", "reason"),
    [
        (SHOP, True, "OK"),
        (OPERATOR, True, "OK"),
        (STRANGER, True, "SCOPE_MISSING"),
        (FOR_ANN, True, "APPLICATION_ONLY"),
        (SHOP, False, "WEBHOOK_NOT_FOUND"),
        (STRANGER, False, "WEBHOOK_NOT_FOUND"),
        (FOR_ANN, False, "APPLICATION_ONLY"),
    ],
)
@pytest.mark.parametrize("make", [make for _, make in CHANGES], ids=[name for name, _ in CHANGES])
def test_who_may_change_it(
    desk: Desk, make: Make, caller: Caller, known: bool, reason: str
) -> None:
    webhook_id = desk.create().webhook_id if known else "0" * 16
    assert desk.outcome(make(desk, webhook_id), caller) == reason


def test_an_update_replaces_url_and_filter(desk: Desk) -> None:
    webhook = desk.create()
    command = UpdateWebhook(*desk.ids(), webhook.webhook_id, "https://b.example/", (), "", (2,))
    decision = desk.decide(command)
    assert fields_of(decision) == [webhook.webhook_id, "https://b.example/", "", "", "2", "shop"]
    assert (webhook.url, webhook.accounts, webhook.asset) == ("https://b.example/", "", "")
    assert (webhook.change_sequence, webhook.start_sequence) == (12, 11)
    for wrong, reason in (
        (replace(command, accounts=("orgs/none",)), "ACCOUNT_NOT_FOUND"),
        (replace(command, asset="GOLD"), "ASSET_NOT_FOUND"),
    ):
        assert desk.outcome(wrong) == reason


def test_pausing_twice_changes_nothing_and_resuming_always_does(desk: Desk) -> None:
    webhook = desk.create()
    pause = PauseWebhook(*desk.ids(), webhook.webhook_id)
    assert isinstance(desk.decide(pause), Decision)
    assert webhook.state == WebhookState.PAUSED
    assert isinstance(desk.decide(pause), NothingToDo)
    for expected in (13, 14):
        decision = desk.decide(ResumeWebhook(*desk.ids(), webhook.webhook_id))
        assert isinstance(decision, Decision)
        assert decision.kind == EntryKind.WEBHOOK_RESUMED
        assert webhook.enable_sequence == webhook.change_sequence == expected
    assert webhook.state == WebhookState.ACTIVE


def test_a_rotation_keeps_one_old_secret_until_its_time(desk: Desk) -> None:
    webhook = desk.create()
    for new, old in ((b"second", b"sealed"), (b"third", b"second")):
        decision = desk.decide(
            RotateWebhookSecret(*desk.ids(), webhook.webhook_id, timedelta(hours=2), new)
        )
        assert (webhook.secret, webhook.previous_secret) == (new, old)
        assert webhook.previous_secret_expire_time == START + timedelta(hours=2)
        assert len(fields_of(decision)) == 3


@pytest.mark.parametrize(
    ("after", "reason"), [(-1, "INVALID_FIELD"), (0, "OK"), (11, "OK"), (12, "INVALID_FIELD")]
)
def test_a_replay_begins_in_the_past(desk: Desk, after: int, reason: str) -> None:
    webhook = desk.create()
    assert desk.outcome(ReplayWebhook(*desk.ids(), webhook.webhook_id, after)) == reason
    if reason == "OK":
        assert (webhook.start_after, webhook.start_sequence) == (after, 12)
