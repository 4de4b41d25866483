"""The one channel to the ledger's server."""

import json
from importlib import resources

import grpc
import grpc.aio

from ticketonomics_gateway.settings import Settings, is_loopback

MAX_MESSAGE_BYTES = 16 << 20


class ChannelError(ValueError):
    """The server cannot be spoken to as the settings say."""


def open_channel(settings: Settings) -> grpc.aio.Channel:
    """Opens the channel; it belongs to the running event loop and connects with the first call.

    Raises:
        ChannelError: The server is on another machine, and nothing says how to trust the way.
    """
    options = [
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        # Time-outs are ours, but which calls may be tried again, and how often, the contracts say.
        ("grpc.service_config", retries()),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        # A server that was away is noticed within a second of its return.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 1_000),
        ("grpc.max_reconnect_backoff_ms", 1_000),
    ]
    if settings.server_ca is not None:
        roots = settings.server_ca.read_bytes()
        credentials = grpc.ssl_channel_credentials(roots)
        return grpc.aio.secure_channel(settings.server, credentials, options=options)
    if settings.server_insecure or is_loopback(settings.server):
        return grpc.aio.insecure_channel(settings.server, options=options)
    credentials = grpc.ssl_channel_credentials()
    return grpc.aio.secure_channel(settings.server, credentials, options=options)


def retries() -> str:
    """Returns the service config without its time-outs, which gRPC would let no caller extend."""
    config = json.loads(service_config())
    for entry in config["methodConfig"]:
        entry.pop("timeout", None)
    return json.dumps(config)


def service_config() -> str:
    """Returns the contracts' service config: time-outs and retries of each method, in JSON."""
    return resources.files("ticketonomics").joinpath("service_config.json").read_text("utf-8")
