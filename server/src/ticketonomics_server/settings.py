"""Settings, from environment variables `TICKETONOMICS_…`. `docs/settings.md` lists them."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ticketonomics_server.storage.embedded import default_data_folder


class Settings(BaseSettings):
    """What an operator can set. `docs/settings.md` documents every field; a test checks it."""

    model_config = SettingsConfigDict(env_prefix="TICKETONOMICS_", extra="forbid")

    database_url: SecretStr | None = Field(
        default=None,
        description="Postgres 15 or newer, as postgresql://…; unset starts an embedded one. "
        "May name several hosts. Session pooling or none.",
    )
    data_folder: Path = Field(
        default_factory=default_data_folder,
        description="Where the embedded Postgres and the first operator key live.",
    )
    signing_key_file: Path | None = Field(
        default=None,
        description="PEM file of the Ed25519 key that heads are signed with; unset means "
        "signing.key in the data folder. Servers of one database share it.",
    )
    signing_key: SecretStr | None = Field(
        default=None, description="The signing key itself, in PEM, instead of a file."
    )
    webhook_key_file: Path | None = Field(
        default=None,
        description="File of the keys that webhooks' secrets are encrypted with; unset means "
        "webhooks.key in the data folder. Servers of one database share it.",
    )
    webhook_key: SecretStr | None = Field(
        default=None, description="Those keys themselves, with commas between, instead of a file."
    )
    draw_key_file: Path | None = Field(
        default=None,
        description="File of the keys that rounds of tier queues are drawn with; unset means "
        "draw.key in the data folder. Servers of one database share it.",
    )
    draw_key: SecretStr | None = Field(
        default=None, description="Those keys themselves, with commas between, instead of a file."
    )
    webhook_allow_http: bool = Field(
        default=False, description="Sends events to URLs without TLS, too."
    )
    webhook_allow_private: bool = Field(
        default=False, description="Sends events to private and loopback addresses, too."
    )
    webhook_timeout_seconds: float = Field(
        default=15.0, gt=0, le=60, description="How long a receiver may take to answer."
    )
    webhook_attempts: int = Field(
        default=11, ge=1, le=20, description="Attempts until an event is a dead letter."
    )
    webhook_retry_seconds: float = Field(
        default=5.0,
        gt=0,
        le=3_600,
        description="Wait behind the first failed attempt; each next is three times as long.",
    )
    webhook_disable_hours: float = Field(
        default=120.0, gt=0, description="A webhook that fails for so long is disabled."
    )
    listen: str = Field(
        default="127.0.0.1:50051",
        description="Address and port of gRPC. Beyond loopback it needs TLS or insecure.",
    )
    insecure: bool = Field(
        default=False, description="Allows listening beyond loopback without TLS."
    )
    tls_certificate: Path | None = Field(default=None, description="PEM file; with tls_key.")
    tls_key: Path | None = Field(default=None, description="PEM file; with tls_certificate.")
    tls_client_ca: Path | None = Field(
        default=None,
        description="PEM file of authorities; every client must show a certificate of theirs.",
    )
    economy: str = Field(
        default="main",
        pattern=r"^[a-z][a-z0-9-]{0,31}$",
        description="Economy that is created at the first start, and the default of public reads.",
    )
    read_connections: int = Field(
        default=8, ge=1, le=100, description="Most database connections for reads."
    )
    anonymous_rate_limit_rps: int = Field(
        default=100, ge=1, description="Calls a second of one address without a key."
    )
    max_streams: int = Field(default=5_000, ge=1, description="Most streams open at once.")
    drain_seconds: float = Field(
        default=20.0, gt=0, description="How long a shutdown waits for calls to finish."
    )
    metrics_listen: str | None = Field(
        default=None, description="Address and port of Prometheus' /metrics; unset serves none."
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

    @model_validator(mode="after")
    def _guard_listening(self) -> "Settings":
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        if self.tls_client_ca and not self.tls_certificate:
            raise ValueError("tls_client_ca needs tls_certificate and tls_key")
        if not (self.tls_certificate or self.insecure or is_loopback(self.listen)):
            raise ValueError(
                f"listening on {self.listen} without TLS would send keys in the clear: set "
                "TICKETONOMICS_TLS_CERTIFICATE and TICKETONOMICS_TLS_KEY, or say --insecure"
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
