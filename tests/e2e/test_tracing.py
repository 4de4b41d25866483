"""Spans as a collector receives them, over a socket, by OpenTelemetry's own protocol."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import TracerProvider
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client, RefusedError
from ticketonomics_server.settings import Settings, wants_tracing

from tests.conftest import run_server
from tests.e2e.spans import Collector, collecting, facts

LEDGER = "ticketonomics.ledger.v1.LedgerService/"


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with collecting() as made:
        yield made


async def test_calls_and_blocks_are_told_and_join_the_callers_trace(
    collector: Collector, database_url: str, tmp_path: Path
) -> None:
    tracer = TracerProvider().get_tracer("a program of the user's")
    async with (
        run_server(database_url, tmp_path, otlp_endpoint=collector.target) as running,
        Client(running.target, api_key=running.operator_key) as client,
    ):
        with tracer.start_as_current_span("work") as work:
            asset = Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze")
            await client.create_asset(asset)
            with pytest.raises(RefusedError):
                await client.asset("NONE")
            await anext(client.watch_messages())
        await client.assets().__anext__()
    # The server has sent what was left.
    trace = work.get_span_context().trace_id.to_bytes(16, "big")
    (created,) = collector.named(LEDGER + "CreateAsset")
    assert created.trace_id == trace
    assert created.parent_span_id == work.get_span_context().span_id.to_bytes(8, "big")
    assert created.kind == Span.SPAN_KIND_SERVER
    assert facts(created) | {"ticketonomics.application": ""} == {
        "rpc.system": "grpc",
        "rpc.service": "ticketonomics.ledger.v1.LedgerService",
        "rpc.method": "CreateAsset",
        "rpc.grpc.status_code": 0,
        "ticketonomics.code": "OK",
        "ticketonomics.economy": "main",
        "ticketonomics.application": "",
    }
    (refused,) = collector.named(LEDGER + "GetAsset")
    assert facts(refused)["ticketonomics.code"] == "NOT_FOUND"
    assert facts(refused)["rpc.grpc.status_code"] == 5
    assert facts(refused)["ticketonomics.reason"] == "ASSET_NOT_FOUND"
    assert refused.status.code == Status.STATUS_CODE_UNSET, "a refusal is no fault"
    (watched,) = collector.named(LEDGER + "WatchTransactions")
    assert watched.trace_id == trace
    assert facts(watched)["ticketonomics.code"] in {"CANCELLED", "UNAVAILABLE"}
    (apart,) = collector.named(LEDGER + "ListAssets")
    assert apart.trace_id != trace
    assert collector.services == {"ticketonomics-server"}

    blocks = collector.named("block")
    heights = [facts(block)["ticketonomics.height"] for block in blocks]
    assert heights == list(range(1, len(blocks) + 1))
    for block in blocks:
        assert facts(block)["ticketonomics.economy"] == "main"
        assert facts(block)["ticketonomics.entries"] >= 1
        assert [e.name for e in block.events] == ["lock", "load", "decide", "write", "commit"]
        times = [block.start_time_unix_nano, *(e.time_unix_nano for e in block.events)]
        assert times == sorted(times)
        assert times[-1] == block.end_time_unix_nano
    within = created.start_time_unix_nano, created.end_time_unix_nano
    assert any(
        within[0] - 1e9 < b.start_time_unix_nano and b.end_time_unix_nano < within[1] + 1e9
        for b in blocks
    )


async def test_a_collector_that_is_away_holds_nothing_up(database_url: str, tmp_path: Path) -> None:
    endpoint = "http://127.0.0.1:1"
    async with (
        asyncio.timeout(30),
        run_server(database_url, tmp_path, otlp_endpoint=endpoint) as running,
        Client(running.target, api_key=running.operator_key) as client,
    ):
        assert (await client.status()).economy == "main"


def test_without_an_endpoint_nothing_of_opentelemetry_is_loaded() -> None:
    code = (
        "import sys, ticketonomics_server.app, ticketonomics_server.serving, ticketonomics_client;"
        "ticketonomics_client.Client('127.0.0.1:1');"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_standard_variables_switch_it_on_and_off(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENDPOINT", "TRACES_ENDPOINT"):
        monkeypatch.delenv(f"OTEL_EXPORTER_OTLP_{name}", raising=False)
    assert not wants_tracing(Settings())
    assert wants_tracing(Settings(otlp_endpoint="http://collector:4317"))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317")
    assert wants_tracing(Settings())
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert not wants_tracing(Settings())


def test_an_endpoint_without_a_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="otlp_endpoint"):
        Settings(otlp_endpoint="127.0.0.1:4317")
