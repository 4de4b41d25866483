"""Settings, from environment variables `TICKETONOMICS_GATEWAY_…`. `docs/settings.md` lists them."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator can set. `docs/settings.md` documents every field; a test checks it."""

    model_config = SettingsConfigDict(env_prefix="TICKETONOMICS_GATEWAY_", extra="forbid")

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
