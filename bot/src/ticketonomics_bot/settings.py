"""Settings, from environment variables `TICKETONOMICS_BOT_…`. `docs/settings.md` lists them."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

TELEGRAM = "https://api.telegram.org"


class Settings(BaseSettings):
    """What an operator can set. `docs/settings.md` documents every field; a test checks it."""

    model_config = SettingsConfigDict(
        env_prefix="TICKETONOMICS_BOT_", extra="forbid", populate_by_name=True
    )

    token: SecretStr = Field(
        validation_alias=AliasChoices("TICKETONOMICS_BOT_TOKEN", "TELEGRAM_BOT_TOKEN"),
        description="The bot's token, as BotFather gives it. TELEGRAM_BOT_TOKEN will do, too.",
    )
    api_url: str = Field(
        default=TELEGRAM,
        pattern="^https?://",
        description="Where the Bot API is: a local Bot API server, or a fake one of a test.",
    )
    receive: Literal["polling", "webhook"] = Field(
        default="polling",
        description="How updates come: asked for, by one instance; or sent to a webhook, by any.",
    )
    webhook_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Public address that Telegram sends updates to; wanted with webhook.",
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="What Telegram must send along: 16–256 of A–Z, a–z, 0–9, _ and -.",
    )
    webhook_listen: str = Field(
        default="127.0.0.1:8081",
        description="Address and port of the webhook, behind a proxy that ends TLS.",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="Redis that instances share; unset keeps everything in memory, for one.",
    )
    target: str = Field(
        default="127.0.0.1:50051", description="The server, as host:port. TLS unless loopback."
    )
    economy: str = Field(
        default="main",
        pattern=r"^[a-z][a-z0-9-]{0,31}$",
        description="Economy that is read without a key; keys belong to one.",
    )
    insecure: bool = Field(
        default=False, description="Speaks to a server on another machine in clear text."
    )
    tls_ca: Path | None = Field(
        default=None, description="PEM file of authorities that the server's certificate is from."
    )
    tls_certificate: Path | None = Field(
        default=None, description="PEM file with a certificate to show; with tls_key."
    )
    tls_key: Path | None = Field(default=None, description="PEM file; with tls_certificate.")
    key_file: Path = Field(
        description="File with the API key that acts for people with their consent."
    )
    operator_key_file: Path | None = Field(
        default=None, description="File with the API key that admins' commands use; unset: none."
    )
    admins: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset(), description="Telegram ids of the admins, with commas between."
    )
    web_app_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Address of the web app, which opens as Mini App; unset shows no button.",
    )
    confirm_from: float = Field(
        default=100.0, ge=0, description="Payments of so many units and more are asked about first."
    )
    confirm_minutes: int = Field(
        default=60, ge=1, le=1_440, description="How long a question waits for its answer."
    )
    person_actions_per_minute: int = Field(
        default=40, ge=1, description="Commands and buttons of one person that are heard."
    )
    chat_actions_per_minute: int = Field(
        default=200, ge=1, description="Commands and buttons in one chat that are heard."
    )
    messages_per_second: float = Field(
        default=30.0,
        gt=0,
        le=1_000,
        description="Messages that this instance sends at most; instances share Telegram's 30.",
    )
    chat_messages_per_second: float = Field(
        default=1.0,
        gt=0,
        le=1_000,
        description="Messages that this instance sends to one chat at most; Telegram asks for 1.",
    )
    broadcasts_per_day: int = Field(
        default=3, ge=0, description="Broadcasts that admins may begin within 24 hours."
    )
    retry_minutes: float = Field(
        default=10.0,
        ge=0,
        le=60,
        description="How long an action is tried again by itself while the server is away.",
    )
    stop_seconds: float = Field(
        default=15.0, gt=0, description="How long a shutdown waits for updates to be handled."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="text for people, json for machines."
    )

    @field_validator("admins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @model_validator(mode="after")
    def _guard(self) -> "Settings":
        if self.receive == "webhook":
            if not self.webhook_url or self.webhook_secret is None:
                raise ValueError("a webhook needs webhook_url and webhook_secret")
            secret = self.webhook_secret.get_secret_value()
            if not (16 <= len(secret) <= 256 and secret.isascii()):
                raise ValueError("webhook_secret must have 16–256 characters")
            if not all(sign.isalnum() or sign in "_-" for sign in secret):
                raise ValueError("webhook_secret may hold A–Z, a–z, 0–9, _ and - only")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        if self.api_url.startswith("http://") and not _loopback(self.api_url):
            raise ValueError("api_url would send the token in clear text to another machine")
        return self


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
