"""Settings: a wrong one ends the bot with its name, and the token is never told."""

import pytest
from pydantic import ValidationError
from ticketonomics_bot.settings import Settings

from tests.tidy.repository import ROOT, table

DOCUMENT = "docs/settings.md"
HEADING = "## The Telegram bot"
WANTED = {"TELEGRAM_BOT_TOKEN": "42:secret", "TICKETONOMICS_BOT_KEY_FILE": "/tmp/key"}


def _settings(monkeypatch: pytest.MonkeyPatch, **more: str) -> Settings:
    for name, value in {**WANTED, **more}.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_admins_are_read_and_the_token_is_kept_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(monkeypatch, TICKETONOMICS_BOT_ADMINS="1, 22,")
    assert settings.admins == {1, 22}
    assert settings.token.get_secret_value() == "42:secret"
    assert "42:secret" not in repr(settings)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"TICKETONOMICS_BOT_RECEIVE": "webhook"}, "webhook_secret"),
        ({"TICKETONOMICS_BOT_API_URL": "http://telegram.example.org"}, "clear text"),
        ({"TICKETONOMICS_BOT_TLS_KEY": "/tmp/x"}, "go together"),
        (
            {
                "TICKETONOMICS_BOT_RECEIVE": "webhook",
                "TICKETONOMICS_BOT_WEBHOOK_URL": "https://bot.example.org",
                "TICKETONOMICS_BOT_WEBHOOK_SECRET": "short",
            },
            "16–256",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, str], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        _settings(monkeypatch, **more)


def test_every_setting_is_documented_in_its_order_with_its_default() -> None:
    rows = table(DOCUMENT, HEADING)
    assert [row[0].strip("`") for row in rows] == [
        f"TICKETONOMICS_BOT_{name.upper()}" for name in Settings.model_fields
    ]
    for row, field in zip(rows, Settings.model_fields.values(), strict=True):
        if field.is_required():
            told = "required"
        elif field.default is None or field.default == frozenset():
            told = "unset"
        elif isinstance(field.default, bool):
            told = f"`{str(field.default).lower()}`"
        elif isinstance(field.default, float):
            told = f"`{field.default:g}`"
        else:
            told = f"`{field.default}`"
        assert row[1] == told, row[0]
        assert field.description and len(row[2]) > 20, row[0]
    assert (ROOT / DOCUMENT).exists()
