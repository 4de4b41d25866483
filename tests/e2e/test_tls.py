"""TLS as clients meet it: whom they trust, what they must show, and a certificate that changes."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
import structlog
import trustme
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics_client import Client, TlsFiles, UnavailableError
from ticketonomics_server import tls
from ticketonomics_server.app import open_app
from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.engine import economies
from ticketonomics_server.settings import Settings
from ticketonomics_server.tls import Certificate, TlsFilesError


@dataclass
class Files:
    """A folder with what a server and its clients read."""

    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    def serve(self, authority: trustme.CA) -> None:
        """Replaces the server's certificate as careful tools do: whole files, one after another."""
        issued = authority.issue_cert("localhost")
        chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
        for path, content in (
            (self.certificate, chain),
            (self.key, issued.private_key_pem.bytes()),
        ):
            draft = path.with_suffix(".new")
            draft.write_bytes(content)
            draft.replace(path)

    def trusting(self, authority: trustme.CA) -> TlsFiles:
        ca = self.folder / "trusted.pem"
        authority.cert_pem.write_to_path(ca)
        return TlsFiles(ca=ca)

    def showing(self, authority: trustme.CA, issuer: trustme.CA) -> TlsFiles:
        certificate, key = self.folder / "client.pem", self.folder / "client.key"
        issued = issuer.issue_cert("shop.example.org")
        issued.cert_chain_pems[0].write_to_path(certificate)
        issued.private_key_pem.write_to_path(key)
        return TlsFiles(ca=self.trusting(authority).ca, certificate=certificate, key=key)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def authority(files: Files) -> trustme.CA:
    made = trustme.CA()
    files.serve(made)
    return made


@asynccontextmanager
async def serving(database_url: str, files: Files, **settings: object) -> AsyncIterator[str]:
    chosen = Settings(
        data_folder=files.folder,
        listen="127.0.0.1:0",
        tls_certificate=files.certificate,
        tls_key=files.key,
        drain_seconds=5,
        **settings,
    )
    async with open_app(chosen, database_url) as port:
        yield f"localhost:{port}"


def operator_key(files: Files) -> str:
    return operator_key_file(files.folder, "main").read_text().strip()


async def calls(target: str, files: TlsFiles, key: str) -> bool:
    """Tells whether a client gets through the handshake."""
    async with Client(target, api_key=key, tls=files, timeout_seconds=2) as client:
        try:
            await client.who_am_i()
        except UnavailableError:
            return False
        return True


async def test_tls_serves_who_trusts_its_certificate_and_nobody_else(
    database_url: str, files: Files, authority: trustme.CA
) -> None:
    async with serving(database_url, files) as target:
        key = operator_key(files)
        assert await calls(target, files.trusting(authority), key)
        assert not await calls(target, files.trusting(trustme.CA()), key)
        async with grpc.aio.insecure_channel(target) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await LedgerServiceStub(channel).ListAssets(rpc.ListAssetsRequest(), timeout=5)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_with_a_client_authority_every_client_must_show_its_certificate(
    database_url: str, files: Files, authority: trustme.CA
) -> None:
    clients = trustme.CA()
    clients.cert_pem.write_to_path(files.folder / "clients.pem")
    settings = {"tls_client_ca": files.folder / "clients.pem"}
    async with serving(database_url, files, **settings) as target:
        key = operator_key(files)
        assert await calls(target, files.showing(authority, clients), key)
        assert not await calls(target, files.showing(authority, trustme.CA()), key)
        assert not await calls(target, files.trusting(authority), key)


async def test_a_new_certificate_is_for_new_connections_and_old_ones_go_on(
    database_url: str, files: Files, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(economies, "HEARTBEAT_SECONDS", 0.2)
    renewed = trustme.CA()
    async with serving(database_url, files) as target:
        key = operator_key(files)
        before = files.trusting(authority)
        async with Client(target, api_key=key, tls=before) as old:
            await old.who_am_i()
            async with aclosing(old.watch_messages()) as stream:
                await anext(stream)
                files.serve(renewed)
                async with asyncio.timeout(20):
                    while not await calls(target, files.trusting(renewed), key):
                        pass
                # The stream is the one that was opened before: it tells what happens now.
                await old.open_account("orgs/guild/treasury")
                async with asyncio.timeout(20):
                    while (await anext(stream)).cursor < (await old.status()).last_sequence:
                        pass
            await old.who_am_i()
        assert not await calls(target, files.trusting(authority), key)


async def test_the_command_line_takes_certificates(
    database_url: str, files: Files, authority: trustme.CA
) -> None:
    clients = trustme.CA()
    clients.cert_pem.write_to_path(files.folder / "clients.pem")
    async with serving(database_url, files, tls_client_ca=files.folder / "clients.pem") as target:
        shown = files.showing(authority, clients)
        outer = {k: v for k, v in os.environ.items() if not k.startswith("TICKETONOMICS_")}

        async def run(*arguments: str, **variables: str) -> tuple[int | None, str]:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "ticketonomics_client", "--target", target, *arguments),
                env={**outer, "TICKETONOMICS_API_KEY": operator_key(files), **variables},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            out, _ = await process.communicate()
            return process.returncode, out.decode()

        options = ("--ca", shown.ca, "--client-certificate", shown.certificate)
        code, out = await run("whoami", *map(str, (*options, "--client-key", shown.key)))
        assert code == 0, out
        assert "operator" in out
        code, out = await run(
            "whoami",
            TICKETONOMICS_CA=str(shown.ca),
            TICKETONOMICS_CLIENT_CERTIFICATE=str(shown.certificate),
            TICKETONOMICS_CLIENT_KEY=str(shown.key),
        )
        assert code == 0, out
        code, out = await run("whoami", "--timeout", "2", "--ca", str(shown.ca))
        assert code == 3, out
        code, out = await run("whoami", "--ca", str(files.folder / "none.pem"))
        assert code == 2, out
        assert "none.pem" in out
        code, out = await run("whoami", "--client-key", str(shown.key))
        assert code == 2, out
        assert "go together" in out


def test_half_written_files_change_nothing_and_are_told_once(
    files: Files, authority: trustme.CA
) -> None:
    certificate = Certificate(files.certificate, files.key, None)
    whole = files.certificate.read_bytes()
    assert not certificate.refresh()
    with structlog.testing.capture_logs() as told:
        files.certificate.write_bytes(whole[: len(whole) // 2])
        assert not certificate.refresh()
        assert not certificate.refresh()
    assert [line["log_level"] for line in told] == ["warning"]
    # A new certificate whose key is yet to come.
    files.certificate.write_bytes(trustme.CA().issue_cert("localhost").cert_chain_pems[0].bytes())
    assert not certificate.refresh()
    files.key.unlink()
    assert not certificate.refresh()
    files.serve(authority)
    assert certificate.refresh()
    assert not certificate.refresh()


def test_unusable_files_end_the_start_with_a_reason(files: Files, authority: trustme.CA) -> None:
    other = trustme.CA().issue_cert("localhost")
    missing = files.folder / "none.pem"
    with pytest.raises(TlsFilesError, match=r"none\.pem"):
        Certificate(missing, files.key, None)
    with pytest.raises(TlsFilesError, match=r"none\.pem"):
        Certificate(files.certificate, files.key, missing)
    other.private_key_pem.write_to_path(files.key)
    with pytest.raises(TlsFilesError, match="cannot be used"):
        Certificate(files.certificate, files.key, None)


@pytest.mark.parametrize("missing", ["certificate", "key"])
def test_half_of_a_client_certificate_is_refused(missing: str, files: Files) -> None:
    halves = {"certificate": files.certificate, "key": files.key}
    del halves[missing]
    with pytest.raises(ValueError, match="go together"):
        Client("localhost:1", tls=TlsFiles(**halves))
    with pytest.raises(ValueError, match="cannot be used"):
        Client("localhost:1", tls=TlsFiles(ca=files.folder / "none.pem"))
