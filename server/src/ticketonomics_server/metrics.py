"""What the server counts, for Prometheus. Read at `/metrics` when a port is set."""

from prometheus_client import Counter, Gauge, Histogram

_FAST = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)

queued_commands = Gauge(
    "ticketonomics_queued_commands", "Commands that wait for a block.", ["economy"]
)
block_entries = Histogram(
    "ticketonomics_block_entries",
    "Entries in a block.",
    buckets=(1, 8, 64, 256, 1_024, 4_096, 8_192, 16_384),
)
block_phase_seconds = Histogram(
    "ticketonomics_block_phase_seconds",
    "Time of a block's phases: lock, load, decide, write, commit.",
    ["phase"],
    buckets=_FAST,
)
block_retries = Counter(
    "ticketonomics_block_retries_total", "Blocks begun again after a passing failure."
)
unknown_commits = Counter(
    "ticketonomics_unknown_commits_total",
    "Commits whose outcome was looked up afterwards, by what was found.",
    ["found"],
)
poisoned_commands = Counter(
    "ticketonomics_poisoned_commands_total", "Commands answered with INTERNAL."
)
dropped_states = Counter(
    "ticketonomics_dropped_states_total", "Times that the kept rows were no longer trusted."
)
refusals = Counter("ticketonomics_refusals_total", "Refused commands and calls.", ["reason"])
clock_jumps = Counter(
    "ticketonomics_clock_jumps_total", "Jumps of the database's clock by more than 60 s."
)
rpc_seconds = Histogram(
    "ticketonomics_rpc_seconds", "Time of calls.", ["method", "code"], buckets=_FAST
)
webhook_attempts = Counter(
    "ticketonomics_webhook_attempts_total",
    "Attempts to deliver an event: delivered, failed; and dead, the last one of an event.",
    ["outcome"],
)
webhook_attempt_seconds = Histogram(
    "ticketonomics_webhook_attempt_seconds",
    "Time of attempts to deliver an event.",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 20, 60),
)
webhook_waiting_events = Gauge(
    "ticketonomics_webhook_waiting_events",
    "Events that wait on this server, or are on their way.",
)
open_streams = Gauge("ticketonomics_open_streams", "Streams that are open.")
stream_lag_entries = Histogram(
    "ticketonomics_stream_lag_entries",
    "How many entries a stream is behind the head when it sends.",
    buckets=(0, 1, 10, 100, 1_000, 10_000, 100_000),
)
