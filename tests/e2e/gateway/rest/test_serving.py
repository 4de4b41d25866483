"""`ticketonomics-gateway serve`: what it listens on, how it ends, what it tells about itself."""

import asyncio
import json
import signal
import ssl
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import httpx
import pytest
import trustme
from pydantic import ValidationError
from ticketonomics_gateway.serving import open_gateway
from ticketonomics_gateway.settings import Settings

from tests.conftest import Server, run_server
from tests.e2e.gateways import key, running_gateway
from tests.e2e.spans import collecting, facts
from tests.e2e.test_listening import free_port

PROGRAM = Path(sys.executable).with_name("ticketonomics-gateway")


@pytest.mark.parametrize("listen", ["0.0.0.0:8080", "[::]:8080", "gateway.example.org:80"])
def test_listening_beyond_loopback_needs_tls_or_a_word(listen: str) -> None:
    with pytest.raises(ValidationError, match="without TLS"):
        Settings(listen=listen)
    assert Settings(listen=listen, insecure=True).listen == listen


def test_half_of_a_certificate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="go together"):
        Settings(tls_key=tmp_path / "key.pem")


async def test_the_command_refuses_in_plain_words() -> None:
    for arguments, environment, told in (
        (["--listen", "0.0.0.0:1"], {}, "without TLS"),
        ([], {"TICKETONOMICS_GATEWAY_RATE_LIMIT_RPS": "many"}, "GATEWAY_RATE_LIMIT_RPS"),
    ):
        process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "serve", *arguments), env=environment, stderr=PIPE
        )
        _, errors = await process.communicate()
        assert process.returncode == 2
        assert told in errors.decode()
        assert "Traceback" not in errors.decode()


async def test_it_serves_until_it_is_told_to_stop(server: Server, tmp_path: Path) -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--server", server.target),
        env={
            "TICKETONOMICS_GATEWAY_LOG_FORMAT": "json",
            "TICKETONOMICS_GATEWAY_ACCESS_LOG": "true",
            "TICKETONOMICS_GATEWAY_SESSION_SECRET_FILE": str(tmp_path / "sessions.key"),
        },
        stderr=PIPE,
    )
    assert process.stderr is not None
    begun = json.loads(await asyncio.wait_for(process.stderr.readline(), 30))
    assert (begun["event"], begun["address"]) == ("serving", f"127.0.0.1:{port}")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        answer = await http.get(
            "/api/v1/accounts?pageToken=x",
            headers=key(server.operator_key, **{"x-request-id": "mine"}),
        )
        assert answer.status_code == 400
    process.send_signal(signal.SIGTERM)
    _, rest = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    told = [json.loads(line) for line in rest.decode().splitlines()]
    assert [line["event"] for line in told] == ["request", "draining", "stopped"]
    request = {"status": 400, "request_id": "mine", "reason": "INVALID_PAGE_TOKEN"}
    assert {**told[0], **request} == told[0]
    assert server.operator_key not in rest.decode()
    assert "pageToken" not in rest.decode()


async def test_both_ways_can_have_tls(database_url: str, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    chain, private, roots = (tmp_path / name for name in ("chain.pem", "key.pem", "ca.pem"))
    certificate.private_key_pem.write_to_path(private)
    authority.cert_pem.write_to_path(roots)
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(chain, append=True)
    files = {"tls_certificate": chain, "tls_key": private}
    async with run_server(database_url, tmp_path, **files) as running:
        settings = Settings(
            listen="127.0.0.1:0",
            # By name, and so as any other machine.
            server=running.target.replace("127.0.0.1", "localhost"),
            server_ca=roots,
            **files,
        )
        trust = ssl.create_default_context(cafile=str(roots))
        async with (
            open_gateway(settings) as port,
            httpx.AsyncClient(base_url=f"https://localhost:{port}", verify=trust) as http,
        ):
            answer = await http.get("/api/v1/me", headers=key(running.operator_key))
            assert answer.status_code == 200
            assert "strict-transport-security" in answer.headers


async def test_spans_join_the_callers_trace_and_the_servers_join_ours(
    database_url: str, tmp_path: Path
) -> None:
    trace, caller = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    async with collecting() as collector:
        async with (
            run_server(database_url, tmp_path, otlp_endpoint=collector.target) as running,
            running_gateway(running.target, otlp_endpoint=collector.target) as gateway,
        ):
            await gateway.http.get(
                "/api/v1/me",
                headers=key(running.operator_key, traceparent=f"00-{trace}-{caller}-01"),
            )
        (ours,) = collector.named("ticketonomics.identity.v1.IdentityService.WhoAmI")
        servers = [
            span
            for span in collector.named("ticketonomics.identity.v1.IdentityService/WhoAmI")
            if span.trace_id.hex() == trace
        ]
    assert collector.services == {"ticketonomics-gateway", "ticketonomics-server"}
    assert (ours.trace_id.hex(), ours.parent_span_id.hex()) == (trace, caller)
    assert facts(ours)["http.response.status_code"] == 200
    assert [span.parent_span_id for span in servers] == [ours.span_id]
