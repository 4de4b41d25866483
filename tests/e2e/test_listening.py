"""What the server listens on: the refusal to go without TLS, and Prometheus' port."""

import asyncio
import socket
from pathlib import Path
from urllib.request import urlopen

import grpc
import pytest
from pydantic import ValidationError
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics_server.settings import Settings

from tests.conftest import run_server


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@pytest.mark.parametrize("listen", ["0.0.0.0:50051", "[::]:50051", "ledger.example.org:50051"])
def test_listening_beyond_loopback_needs_tls_or_a_word(listen: str) -> None:
    with pytest.raises(ValidationError, match="without TLS"):
        Settings(listen=listen)
    assert Settings(listen=listen, insecure=True).listen == listen


@pytest.mark.parametrize("listen", ["127.0.0.1:50051", "localhost:1", "[::1]:50051", "127.9.9.9:1"])
def test_loopback_needs_no_tls(listen: str) -> None:
    assert Settings(listen=listen).listen == listen


def test_half_of_a_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="go together"):
        Settings(tls_key=tmp_path / "key.pem")
    with pytest.raises(ValidationError, match="needs tls_certificate"):
        Settings(tls_client_ca=tmp_path / "clients.pem")


async def test_prometheus_reads_what_the_server_counts(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    async with run_server(database_url, tmp_path, metrics_listen=f"127.0.0.1:{port}") as running:
        await LedgerServiceStub(running.anonymous).ListAssets(rpc.ListAssetsRequest())
        with pytest.raises(grpc.aio.AioRpcError):
            await LedgerServiceStub(running.anonymous).GetAsset(rpc.GetAssetRequest(code="NONE"))
        page = await asyncio.to_thread(
            lambda: urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
        )
    for line in (
        'ticketonomics_rpc_seconds_count{code="OK",method="/ticketonomics.ledger.v1.LedgerService/ListAssets"}',
        'ticketonomics_refusals_total{reason="ASSET_NOT_FOUND"}',
        'ticketonomics_block_phase_seconds_count{phase="commit"}',
        'ticketonomics_queued_commands{economy="main"} 0.0',
        "ticketonomics_block_entries_count",
        "ticketonomics_open_streams",
        "ticketonomics_stream_lag_entries_count",
    ):
        assert line in page, line
