"""Figures of a run: names, units, the ratios between them, and what they were taken on."""

import math
import os
import platform
from collections.abc import Sequence

# Key: what it is. The order is that of the report.
FIGURES = {
    "pg_uniform_tps": "Postgres alone, a transaction a transfer, uniform",
    "pg_hot_tps": "Postgres alone, all to one account",
    "pg_uniform_prepared_tps": "the same with prepared statements, uniform",
    "pg_hot_prepared_tps": "the same with prepared statements, all to one account",
    "echo_unary_rps": "bare gRPC echo, 64 in flight",
    "echo_unary_asyncio_rps": "the same server on asyncio's own loop instead of uvloop",
    "echo_fanout_1000_mps": "bare gRPC, messages to 1,000 streams",
    "batch_uniform_tps": "batches of 1,000, uniform",
    "batch_hot_tps": "batches of 1,000, all to one account",
    "unary_rps": "single transfers, 64 in flight",
    "unary_p50_ms": "the same, median latency",
    "unary_p99_ms": "the same, 99th percentile",
    "rest_unary_rps": "single transfers by REST, 64 in flight",
    "rest_unary_p50_ms": "the same, median latency",
    "rest_unary_p99_ms": "the same, 99th percentile",
    "rest_grpc_rps": "single transfers by gRPC, before and behind those by REST",
    "swap_batch_tps": "batches of 1,000 swaps, all with one pool",
    "swap_unary_rps": "single swaps with one pool, 64 in flight",
    "sdk_coalesced_tps": "concurrent callers of the SDK",
    "fanout_1000_mps": "transactions delivered to 1,000 watchers",
    "fanout_1000_messages_ps": "the same, messages",
    "fanout_1000_p50_ms": "block's time to receipt, 10 transfers/s, median",
    "fanout_1000_p99_ms": "the same, 99th percentile",
    "bytes_per_transfer": "growth of the database, bytes a transfer",
    "wal_bytes_per_transfer": "write-ahead log, bytes a transfer",
}

# Name: numerator, denominator, and what we aim at. Aims are for orientation and never asserted; 0
# is none.
RATIOS = {
    "batch_uniform": ("batch_uniform_tps", "pg_uniform_tps", 3.5),
    "batch_hot": ("batch_hot_tps", "pg_hot_tps", 28.0),
    "batch_uniform_prepared": ("batch_uniform_tps", "pg_uniform_prepared_tps", 0.0),
    "batch_hot_prepared": ("batch_hot_tps", "pg_hot_prepared_tps", 0.0),
    "unary": ("unary_rps", "echo_unary_rps", 0.6),
    "rest_unary": ("rest_unary_rps", "rest_grpc_rps", 0.5),
    "swap_batch": ("swap_batch_tps", "batch_uniform_tps", 0.7),
    "swap_unary": ("swap_unary_rps", "unary_rps", 0.7),
    "sdk_coalesced": ("sdk_coalesced_tps", "unary_rps", 3.0),
    "fanout": ("fanout_1000_mps", "echo_fanout_1000_mps", 0.5),
}
BYTES_AIM = 350

Figures = dict[str, float]


def ratios(figures: Figures) -> Figures:
    """Return the ratios whose two figures were both measured."""
    return {
        name: figures[above] / figures[below]
        for name, (above, below, _aim) in RATIOS.items()
        if above in figures and below in figures
    }


def percentile(values: Sequence[int], percent: float) -> float:
    """Return the smallest value that `percent` of all values do not exceed."""
    ordered = sorted(values)
    return float(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)])


def describe_machine(postgres_version: str) -> dict[str, str | float]:
    """Describe what the figures are taken on; asked before anything runs.

    A load that is not near 0 says that the machine was busy with something else, so that the
    figures are worth little.
    """
    return {
        "cores": os.cpu_count() or 0,
        "processor": platform.processor() or platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgres": postgres_version,
        "load": round(os.getloadavg()[0], 1),
    }
