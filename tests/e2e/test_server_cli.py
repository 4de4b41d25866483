"""`ticketonomics-server` as operators run it, in processes of its own."""

import asyncio
import json
import os
import re
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import pytest
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.storage.migrating import newest_version

PROGRAM = Path(sys.executable).with_name("ticketonomics-server")
SECRET = re.compile(r"tkt_[0-9a-z]+_[0-9a-z]+")
PATIENCE_SECONDS = 60.0
NEWEST = newest_version()


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code in {0, 1}, self.err
        return json.loads(self.out)


@dataclass
class Operator:
    """Somebody at a shell."""

    env: dict[str, str] = field(default_factory=dict)

    def also(self, **env: str) -> "Operator":
        return Operator({**self.env, **{f"TICKETONOMICS_{k}": v for k, v in env.items()}})

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        outer = {k: v for k, v in os.environ.items() if not k.startswith("TICKETONOMICS_")}
        return await asyncio.create_subprocess_exec(
            str(PROGRAM),
            *arguments,
            env={**outer, **self.env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def __call__(self, *arguments: str) -> Result:
        process = await self.start(*arguments)
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, err = await process.communicate()
        assert b"Traceback" not in err, err.decode()
        assert process.returncode is not None
        return Result(process.returncode, out.decode(), err.decode())

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Serves until the end of the context, if the process has not ended before."""
        process = await self.start("serve")
        try:
            assert process.stderr is not None
            async with asyncio.timeout(PATIENCE_SECONDS):
                lines: list[bytes] = []
                while not lines or b" serving " not in lines[-1]:
                    lines.append(await process.stderr.readline())
                    assert lines[-1], b"".join(lines).decode()
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE_SECONDS):
                _, err = await process.communicate()
        assert b"Traceback" not in err, err.decode()


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's own folder: as root, Postgres runs as a user who may not enter that one.
    with TemporaryDirectory(prefix="ticketonomics-cli-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture
def operator(folder: Path) -> Operator:
    """An operator with a data folder of his own, which is not there yet."""
    return Operator().also(DATA_FOLDER=str(folder / "data"), LISTEN=f"127.0.0.1:{free_port()}")


@pytest.fixture
def guest(database_url: str, folder: Path) -> Operator:
    """An operator with a Postgres of somebody else's, whose schema is there."""
    return Operator().also(
        DATABASE_URL=database_url,
        DATA_FOLDER=str(folder),
        LISTEN=f"127.0.0.1:{free_port()}",
    )


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def open_to_all(folder: Path) -> None:
    folder.chmod(0o757)


async def create_asset(operator: Operator, key: str, code: str) -> None:
    target = operator.env["TICKETONOMICS_LISTEN"]
    async with grpc.aio.insecure_channel(target) as channel:
        await LedgerServiceStub(channel).CreateAsset(
            rpc.CreateAssetRequest(
                request_id=str(uuid4()),
                asset=Asset(code=code, kind=Asset.KIND_TICKET, name=code.title()),
            ),
            metadata=[("authorization", f"Bearer {key}")],
        )


async def code_of(creating: Any) -> grpc.StatusCode:
    try:
        await creating
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


async def test_a_ledger_is_looked_after_while_it_serves_and_offline(
    operator: Operator, folder: Path
) -> None:
    new_key = folder / "new.key"
    async with operator.serving() as server:
        examined = await operator("doctor")
        assert examined.code == 0, examined.out
        assert "a healthy server serves on" in examined.out
        assert "main (block 2)" in examined.out

        created = await operator("keys", "create", "--file", str(new_key))
        assert created.code == 0, created.err
        assert not SECRET.search(created.out + created.err)
        assert stat.S_IMODE(new_key.stat().st_mode) == 0o600
        await create_asset(operator, new_key.read_text().strip(), "BRONZE")

        verified = (await operator("verify", "--json")).json
        assert [(report["economy"], report["height"]) for report in verified] == [("main", 5)]

        shop = await operator(
            *("keys", "create", "--application-name", "Shop", "--scopes", "ledger.assets")
        )
        assert SECRET.fullmatch(shop.out.strip())
        assert "not shown again" in shop.err
        await create_asset(operator, shop.out.strip(), "SILVER")
        listed = (await operator("keys", "list", "--json")).json
        assert [row["name"] for row in listed] == ["operator", "operator", "Shop"]
        assert (await operator("keys", "revoke", listed[-1]["api_key_id"])).code == 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            # Servers remember keys for two seconds.
            while (
                await code_of(create_asset(operator, shop.out.strip(), "SILVER"))
                == grpc.StatusCode.ALREADY_EXISTS
            ):
                pass
        refused = await code_of(create_asset(operator, shop.out.strip(), "SILVER"))
        assert refused == grpc.StatusCode.UNAUTHENTICATED
    assert server.returncode == 0

    verified_offline = await operator("verify")
    assert verified_offline.code == 0, verified_offline.err
    assert "✓ merkle_roots_match" in verified_offline.out
    application = listed[0]["application_id"]
    another = await operator("keys", "create", "--application", application)
    offline = await operator("doctor")
    assert offline.code == 0, offline.out
    assert re.search(r"port: \S+ is free", offline.out)
    async with operator.serving():
        await create_asset(operator, another.out.strip(), "GOLD")


async def test_a_killed_server_leaves_a_ledger_that_can_be_verified(operator: Operator) -> None:
    async with operator.serving() as server:
        server.kill()
        await server.wait()
    verified = await operator("verify")
    assert verified.code == 0, verified.err


async def test_a_second_server_says_who_has_the_folder(operator: Operator) -> None:
    async with operator.serving() as server:
        second = await operator.also(LISTEN="127.0.0.1:0")("serve")
    assert second.code == 2
    assert f"in use by the process with pid {server.pid}" in second.err


async def test_what_was_changed_behind_the_ledgers_back_is_listed(
    guest: Operator, database_url: str, incoherent: None
) -> None:
    async with guest.serving():
        pass
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE entries SET event = event || '\\x00' WHERE sequence = 1")
    await connection.execute("DELETE FROM requests WHERE sequence = 2")
    await connection.close()
    verified = await guest("verify")
    assert verified.code == 1
    assert "✗ merkle_roots_match" in verified.out
    assert "block 1 has another root" in verified.out
    assert "✗ every_request_once" in verified.out
    assert "✓ chain_unbroken" in verified.out
    (report,) = (await guest("verify", "--json")).json
    assert set(report["violation_counts"]) == {"merkle_roots_match", "every_request_once"}
    chosen = await guest("verify", "--invariant", "chain_unbroken")
    assert (chosen.code, chosen.out.count("✓")) == (0, 1)
    assert "none of" in (await guest("verify", "--invariant", "luck")).err
    nowhere = await guest("verify", "--economy", "atlantis")
    assert nowhere.code == 2
    assert "there is no economy atlantis; there are: main" in nowhere.err


async def test_an_operators_own_postgres_is_looked_after(guest: Operator) -> None:
    before = await guest("doctor")
    assert before.code == 0, before.out
    assert "economies: none yet" in before.out
    async with guest.serving():
        assert (await guest("keys", "create")).code == 0
        during = await guest("doctor")
        assert during.code == 0, during.out
        assert "a healthy server serves" in during.out
    assert (await guest("migrate")).out == f"The schema is at version {NEWEST} already.\n"


async def test_the_doctor_sees_what_is_wrong(guest: Operator, folder: Path) -> None:
    async with guest.serving():
        pass
    (folder / "operator-main.key").chmod(0o644)
    open_to_all(folder)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        # Whoever accepts and says nothing is no healthy server.
        examined = await guest.also(LISTEN=f"127.0.0.1:{port}")("doctor")
    assert examined.code == 1
    red = [line.removeprefix("✗ ") for line in examined.out.splitlines() if line[0] == "✗"]
    assert [line.partition(":")[0] for line in red] == ["data folder", "operator key", "port"]
    assert f"chmod 600 '{folder}/operator-main.key'" in examined.out
    assert not SECRET.search(examined.out)


async def test_the_doctor_sees_a_database_that_is_not_ready(
    guest: Operator, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    await connection.execute("UPDATE alembic_version SET version_num = '0000'")
    examined = await guest("doctor")
    assert examined.code == 1
    assert "✗ durability: Postgres runs with synchronous_commit off" in examined.out
    assert "✗ schema: version 0000" in examined.out
    refused = await guest("verify")
    assert refused.code == 2
    assert "ticketonomics-server migrate" in refused.err
    await connection.execute(f"UPDATE alembic_version SET version_num = '{NEWEST}'")
    await connection.close()


async def test_an_unreachable_postgres_is_named_without_its_password(folder: Path) -> None:
    away = Operator().also(
        DATABASE_URL=f"postgresql://me:hush@127.0.0.1:{free_port()}/ledger",
        DATA_FOLDER=str(folder),
    )
    for command in (("verify",), ("keys", "list"), ("migrate",)):
        failed = await away(*command)
        assert failed.code == 2
        assert "TICKETONOMICS_DATABASE_URL cannot be reached" in failed.err
        assert "hush" not in failed.err + failed.out
    examined = await away("doctor")
    assert examined.code == 1
    assert "✗ Postgres: the Postgres of TICKETONOMICS_DATABASE_URL" in examined.out
    assert "hush" not in examined.out
    wrong = await away.also(DATABASE_URL="mysql://me:hush@there/ledger")("verify")
    assert wrong.code == 2
    assert "hush" not in wrong.err


async def test_nothing_is_made_by_looking(operator: Operator, folder: Path) -> None:
    for command in (("verify",), ("keys", "list"), ("keys", "create")):
        failed = await operator(*command)
        assert failed.code == 2
        assert "there is no ledger in" in failed.err
    examined = await operator("doctor")
    assert examined.code == 0, examined.out
    assert "the first start makes it" in examined.out
    assert names_in(folder) == []
    migrated = await operator("migrate")
    assert migrated.out == f"The schema is at version {NEWEST} now.\n"
    assert (await operator("verify")).out == "There is no economy yet.\n"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("READ_CONNECTIONS", "900"),
        ("ECONOMY", "Not A Name"),
        ("LOG_LEVEL", "loud"),
        ("DRAIN_SECONDS", "soon"),
    ],
)
async def test_a_bad_setting_is_named(operator: Operator, variable: str, value: str) -> None:
    for command in ("serve", "doctor"):
        failed = await operator.also(**{variable: value})(command)
        assert failed.code == 2
        assert failed.err.startswith(f"error: TICKETONOMICS_{variable}: ")
        assert value not in failed.err


async def test_listening_in_the_clear_is_refused(operator: Operator) -> None:
    failed = await operator("serve", "--listen", "0.0.0.0:50051")
    assert failed.code == 2
    assert "--insecure" in failed.err


async def test_a_taken_port_is_told(guest: Operator) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        failed = await guest("serve", "--listen", f"127.0.0.1:{port}")
    assert failed.code == 2
    assert f"127.0.0.1:{port}: is another program listening there?" in failed.err


async def test_keys_ask_for_what_they_need(guest: Operator, folder: Path) -> None:
    async with guest.serving():
        pass
    unsaid = await guest("keys", "create", "--application-name", "Shop")
    assert (unsaid.code, unsaid.err) == (2, "error: say with --scopes what the application may\n")
    unknown = await guest("keys", "create", "--scopes", "ledger.transfer,moon")
    assert unknown.code == 2
    assert "moon: no such scope" in unknown.err
    file = folder / "kept.key"
    file.write_text("as it was")
    failed = await guest("keys", "create", "--application", "nobody", "--file", str(file))
    assert failed.code == 2
    assert "APPLICATION_NOT_FOUND" in failed.err
    assert file.read_text() == "as it was"
    assert names_in(folder) == ["kept.key", "operator-main.key", "signing.key"]
    assert "API_KEY_NOT_FOUND" in (await guest("keys", "revoke", "nokey")).err
    (row,) = (await guest("keys", "list", "--json")).json
    assert set(row["scopes"].split()) == ALL_SCOPES
    assert row["api_key_id"] in (await guest("keys", "list")).out


async def test_a_server_whose_postgres_is_killed_ends_with_a_clear_word(
    operator: Operator, folder: Path
) -> None:
    async with operator.serving() as process:
        postmaster = int((folder / "data/pgdata/postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await process.wait() == 2
    async with operator.serving():
        assert (await operator("verify")).code == 0
