"""Settings, from environment variables `TICKETONOMICS_GATEWAY_…`. `docs/settings.md` lists them."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ticketonomics_gateway.telegram import PRODUCTION_KEY


def default_secret_file() -> Path:
    """Returns where the session secret is kept unless a setting says otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/ticketonomics/sessions.key")
    shared = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(shared) / "ticketonomics/sessions.key"


class Settings(BaseSettings):
    """What an operator can set. `docs/settings.md` documents every field; a test checks it."""

    model_config = SettingsConfigDict(
        env_prefix="TICKETONOMICS_GATEWAY_", extra="forbid", populate_by_name=True
    )

    listen: str = Field(
        default="127.0.0.1:8080",
        description="Address and port of HTTP. Beyond loopback it needs TLS or insecure.",
    )
    insecure: bool = Field(
        default=False, description="Allows listening beyond loopback without TLS."
    )
    tls_certificate: Path | None = Field(default=None, description="PEM file; with tls_key.")
    tls_key: Path | None = Field(default=None, description="PEM file; with tls_certificate.")
    server: str = Field(
        default="127.0.0.1:50051", description="The ledger's server, as host:port of gRPC."
    )
    server_ca: Path | None = Field(
        default=None, description="PEM file of authorities of the server's certificate."
    )
    server_insecure: bool = Field(
        default=False, description="Speaks to a server on another machine without TLS."
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks, by commas, whose X-Forwarded-For is believed.",
    )
    cors_origins: str = Field(
        default="",
        description="Origins, by commas, whose pages may call with API keys; * for all.",
    )
    timeout_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Deadline of calls that name none; unset takes each method's own.",
    )
    max_timeout_seconds: float = Field(
        default=60.0, gt=0, le=600, description="Longest deadline that a call may ask for."
    )
    request_timeout_seconds: float = Field(
        default=20.0, gt=0, description="How long a request may take to arrive."
    )
    keep_alive_seconds: int = Field(
        default=75, ge=1, description="How long a connection may be idle."
    )
    max_body_bytes: int = Field(
        default=4 << 20, ge=1, le=16 << 20, description="Largest body of a request."
    )
    max_header_bytes: int = Field(
        default=32 << 10, ge=1 << 10, description="Most bytes of a request's line and headers."
    )
    rate_limit_rps: int = Field(
        default=100, ge=1, description="Calls a second of one address without a good API key."
    )
    key_rate_limit_rps: int = Field(
        default=1_000, ge=1, description="Calls a second of one API key through this gateway."
    )
    drain_seconds: int = Field(
        default=20, ge=1, description="How long a shutdown waits for calls to finish."
    )
    metrics_readers: str = Field(
        default="127.0.0.1,::1",
        description="Addresses and networks, by commas, that may read /metrics.",
    )
    public_url: str | None = Field(
        default=None,
        pattern="^https?://[^/]+$",
        description="Where people reach the gateway, as https://example.org; unset believes "
        "what each request says.",
    )
    web_folder: Path = Field(
        default=Path("clients/web/dist"), description="The built web app, with its index.html."
    )
    people_key_file: Path | None = Field(
        default=None, description="File with the API key that acts for people who have signed in."
    )
    sign_in_key_file: Path | None = Field(
        default=None, description="File with the API key that finds and creates people."
    )
    bot_token: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "TICKETONOMICS_GATEWAY_BOT_TOKEN", "TICKETONOMICS_BOT_TOKEN", "TELEGRAM_BOT_TOKEN"
        ),
        description="The bot's token: people of its Mini App can sign in.",
    )
    bot_id: int | None = Field(
        default=None, gt=0, description="The bot's id, to check Telegram's signature instead."
    )
    bot_username: str = Field(
        default="", pattern="^[A-Za-z0-9_]{0,32}$", description="The bot's name, for links to it."
    )
    telegram_public_key: str = Field(
        default=PRODUCTION_KEY,
        pattern="^[0-9a-f]{64}$",
        description="Telegram's Ed25519 key, in hexadecimal.",
    )
    init_data_max_age_seconds: int = Field(
        default=3_600, ge=1, le=86_400, description="How old init data may be to sign in."
    )
    init_data_reuse_seconds: int = Field(
        default=300, ge=0, le=86_400, description="How long used init data signs in again."
    )
    redis_url: SecretStr | None = Field(
        default=None, description="Redis in which gateways remember together; unset: each alone."
    )
    session_secret: SecretStr | None = Field(
        default=None, description="What sessions are signed with; the newest first, by commas."
    )
    session_secret_file: Path = Field(
        default_factory=default_secret_file,
        description="File with it, one a line; made where there is none.",
    )
    session_hours: int = Field(
        default=24, ge=1, le=720, description="How long a session lasts that is not renewed."
    )
    session_max_days: int = Field(
        default=30, ge=1, le=365, description="How long a session lasts, however often renewed."
    )
    session_same_site: Literal["lax", "strict", "none"] = Field(
        default="lax", description="none also lets Telegram's web client show the app in a frame."
    )
    dev_login: bool = Field(
        default=False, description="Lets anybody on this machine be a simulated citizen."
    )
    max_streams: int = Field(default=2_000, ge=1, description="Most streams open at once.")
    max_streams_per_caller: int = Field(
        default=200, ge=1, description="Most streams of one person, key or address."
    )
    stream_hours: float = Field(
        default=1.0, gt=0, description="About how long a stream lasts until it is opened anew."
    )
    access_log: bool = Field(
        default=False, description="Logs every request, not just those that fail or are slow."
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern="^https?://",
        description="OpenTelemetry collector that spans are sent to, by gRPC; unset sends none.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="text for people, json for machines."
    )

    @property
    def has_bot(self) -> bool:
        """Whether a bot is configured, whose Mini App the web app can be."""
        return self.bot_token is not None or self.bot_id is not None

    @model_validator(mode="after")
    def _guard_listening(self) -> "Settings":
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        if not (self.tls_certificate or self.insecure or is_loopback(self.listen)):
            raise ValueError(
                f"listening on {self.listen} without TLS would send keys and sessions in the "
                "clear: set TICKETONOMICS_GATEWAY_TLS_CERTIFICATE and "
                "TICKETONOMICS_GATEWAY_TLS_KEY, or say --insecure"
            )
        if self.dev_login and not is_loopback(self.listen):
            raise ValueError(
                "TICKETONOMICS_GATEWAY_DEV_LOGIN lets everybody be anybody: it needs a loopback "
                "address to listen on"
            )
        return self


def wants_tracing(settings: Settings) -> bool:
    """Tells whether spans are sent: by our setting, or by OpenTelemetry's own variables."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    standard = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return bool(settings.otlp_endpoint or any(os.environ.get(name) for name in standard))


def is_loopback(address: str) -> bool:
    """Tells whether an address of the form host:port can be reached from this machine only."""
    host = address.rsplit(":", 1)[0].strip("[]")
    if host == "localhost" or address.startswith("unix:"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def split(text: str) -> list[str]:
    """Splits a setting that is a list."""
    return [part.strip() for part in text.split(",") if part.strip()]
