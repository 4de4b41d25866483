"""Clusters of the embedded Postgres: half made, damaged, forgetful."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ticketonomics_server.storage import data_folder
from ticketonomics_server.storage.binaries import find_binaries
from ticketonomics_server.storage.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    UnsafeDurabilityError,
    refuse_unsafe_durability,
)

from tests.integration.embedded_postgres.trying import (
    OWNER,
    SOURCES,
    connect,
    processes_in,
    query,
    wait_for,
)

# --- clusters ---


def test_an_interrupted_initdb_is_not_taken_for_a_cluster(place: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(place / "data"), "untethered", ""],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCES), *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    wait_for(lambda: list((place / "data").glob("pgdata.new-*/base/1")))
    process.kill()
    process.communicate()
    assert not (place / "data" / "pgdata").exists()
    with EmbeddedPostgres(place / "data") as pg:
        assert query(pg.dsn, "SELECT 1") == 1


def test_a_failed_initdb_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "ADMIN", "pg_not_allowed")
    with pytest.raises(EmbeddedPostgresError, match="initdb failed"):
        EmbeddedPostgres(place / "data").start()
    assert list((place / "data").glob("pgdata*/")) == []


def test_another_major_version_is_refused_untouched(folder: Path) -> None:
    (folder / "pgdata" / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedPostgresError, match="written by Postgres 15, but"):
        EmbeddedPostgres(folder).start()
    assert (folder / "pgdata" / "PG_VERSION").read_text() == "15\n"
    assert (folder / "pgdata" / "global" / "pg_control").exists()


def test_a_damaged_cluster_is_not_overwritten(folder: Path) -> None:
    (folder / "pgdata" / "PG_VERSION").unlink()
    with pytest.raises(EmbeddedPostgresError, match="restore a backup"):
        EmbeddedPostgres(folder).start()
    assert (folder / "pgdata" / "global" / "pg_control").exists()


# --- settings ---


def test_the_cluster_is_set_up_for_a_ledger(folder: Path) -> None:
    found = find_binaries()
    expected = {
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "wal_level": "replica",
        "wal_compression": "lz4" if found.built_with("--with-lz4") else "off",
        "max_connections": "100",
        "max_pred_locks_per_transaction": "1024",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "jit": "off",
        "autovacuum": "on",
        "work_mem": "7MB",
    }
    with EmbeddedPostgres(folder, settings={"work_mem": "7MB"}) as pg:
        shown = {name: query(pg.dsn, f"SHOW {name}") for name in expected}
        collation = (
            "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'template0'"
        )
        assert query(pg.dsn, collation) == "bC.UTF-8"
    assert shown == expected


@pytest.mark.parametrize(
    ("memory_mib", "buffers"), [(64, "16MB"), (1024, "128MB"), (9999, "256MB")]
)
def test_little_memory_means_small_buffers(
    memory_mib: int, buffers: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "_memory_bytes", lambda: memory_mib << 20)
    assert data_folder.default_settings(find_binaries())["shared_buffers"] == buffers


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("listen_addresses", "*", "is fixed"),
        ("work_mem = 1 #", "7MB", "not a Postgres setting"),
        ("work_mem", "7MB'\nfsync = off", "not a Postgres setting"),
    ],
)
def test_settings_that_would_break_out_are_refused(
    folder: Path, name: str, value: str, message: str
) -> None:
    with pytest.raises(EmbeddedPostgresError, match=message):
        EmbeddedPostgres(folder, settings={name: value}).start()


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("ALTER SYSTEM SET fsync = off", "fsync"),
        ("ALTER SYSTEM SET full_page_writes = off", "full_page_writes"),
        ("ALTER SYSTEM SET synchronous_commit = off", "synchronous_commit"),
        ("ALTER ROLE ticketonomics SET synchronous_commit = off", "synchronous_commit"),
        ("ALTER DATABASE ticketonomics SET synchronous_commit = off", "synchronous_commit"),
    ],
)
def test_a_forgetful_cluster_is_refused_and_stopped(folder: Path, sql: str, name: str) -> None:
    with EmbeddedPostgres(folder) as pg:
        query(pg.admin_dsn, sql)
    with pytest.raises(UnsafeDurabilityError, match=f"with {name} off"):
        EmbeddedPostgres(folder).start()
    assert processes_in(folder) == []


async def test_a_forgetful_session_of_any_postgres_is_refused(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as pg:
        await refuse_unsafe_durability(pg.dsn)
        connection = await connect(pg.dsn)
        await connection.execute("SET synchronous_commit = off")
        with pytest.raises(UnsafeDurabilityError, match="synchronous_commit off"):
            await refuse_unsafe_durability(connection)
        await connection.close()
