"""The embedded Postgres, killed and orphaned: what the next start does."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from ticketonomics_server.storage import postmaster
from ticketonomics_server.storage.binaries import find_binaries
from ticketonomics_server.storage.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
)

from tests.integration.embedded_postgres.trying import (
    answer,
    cluster_user,
    ended,
    owner,
    postmaster_of,
    processes_in,
    query,
    socket_folders,
    wait_for,
)

# --- killed ---


def test_a_killed_postmaster_comes_back_with_its_data(folder: Path) -> None:
    pg = EmbeddedPostgres(folder)
    pg.start()
    try:
        query(pg.dsn, "INSERT INTO kept VALUES (43)")
        postmaster_of(pg).kill()
        wait_for(lambda: not pg.alive)
        pg.start()
        assert query(pg.dsn, "SELECT sum(answer) FROM kept") == 85
    finally:
        pg.stop()


def test_an_orphan_is_ended_and_replaced(folder: Path) -> None:
    with owner(folder) as (server, first):
        query(first["dsn"], "INSERT INTO kept VALUES (43)")
        server.kill()
        server.wait()
        assert not ended(first["postmaster"])
        with EmbeddedPostgres(folder) as pg:
            assert ended(first["postmaster"])
            assert len(socket_folders()) == 1, "the orphan's socket folder is left"
            assert query(pg.dsn, "SELECT sum(answer) FROM kept") == 85
    shutdowns = (folder / "postgres.log").read_text().count("received fast shutdown request")
    assert shutdowns == 3, "the template's, the orphan's and the last one's: no crash"


def test_a_frozen_orphan_is_ended_by_force(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "_IMMEDIATE_SECONDS", 0.1)
    with owner(folder) as (server, first):
        os.kill(first["postmaster"], signal.SIGSTOP)
        server.kill()
        server.wait()
        with EmbeddedPostgres(folder, stop_timeout_seconds=0.1) as pg:
            assert ended(first["postmaster"])
            assert answer(pg.dsn) == 42


def test_stop_does_not_wait_for_ever(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "_IMMEDIATE_SECONDS", 0.1)
    pg = EmbeddedPostgres(folder, stop_timeout_seconds=0.1)
    pg.start()
    postmaster_of(pg).suspend()
    pg.stop()
    assert processes_in(folder) == []


def test_a_busy_backend_that_survived_its_postmaster_is_ended(folder: Path) -> None:
    with owner(folder) as (server, first):
        busy = subprocess.Popen(
            [find_binaries().folder / "psql", "-Xc", "DO 'BEGIN LOOP END LOOP; END'", first["dsn"]],
            stderr=subprocess.DEVNULL,
        )
        active = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'DO%' AND state = 'active'"
        wait_for(lambda: query(first["dsn"], active))
        backend = query(first["dsn"], active)
        server.kill()
        server.wait()
        os.kill(first["postmaster"], signal.SIGKILL)
        wait_for(lambda: len(processes_in(folder)) == 1)
        assert not ended(backend)
        with EmbeddedPostgres(folder) as pg:
            assert ended(backend)
            assert answer(pg.dsn) == 42
        busy.wait()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="SKIPPED LOUDLY: no setpriv here")
def test_postgres_ends_cleanly_when_its_server_is_killed(folder: Path) -> None:
    with owner(folder, "tethered") as (server, first):
        server.kill()
        server.wait()
        wait_for(lambda: ended(first["postmaster"]))
    last_words = (folder / "postgres.log").read_text().splitlines()[-1]
    assert "database system is shut down" in last_words
    # The socket folder was the server's to remove: the next one does.
    assert len(socket_folders()) == 1
    with EmbeddedPostgres(folder):
        pass
    assert socket_folders() == []


# --- pids that lie ---


def stale_pid_file(folder: Path, pid: int, start_seconds: int) -> None:
    """Write what a Postgres that died with its machine would have left."""
    path = folder / "pgdata" / "postmaster.pid"
    path.write_text(f"{pid}\n{path.parent}\n{start_seconds}\n5432\n/tmp\n\n  1 1\nready   \n")
    path.chmod(0o600)
    cluster_user(folder).give(path)


def test_a_dead_pid_is_forgotten(folder: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    stale_pid_file(folder, gone.pid, int(time.time()))
    with EmbeddedPostgres(folder) as pg:
        assert answer(pg.dsn) == 42


@pytest.mark.parametrize(
    ("name", "arguments", "age_seconds"),
    [
        pytest.param("sleep", [], 0, id="another program, started at the same second"),
        pytest.param("postgres", ["-D", "{pgdata}"], 3600, id="same command line, started later"),
        pytest.param("postgres", ["-D", "/elsewhere"], 0, id="a Postgres of another folder"),
    ],
)
def test_a_stranger_with_the_old_pid_survives(
    folder: Path, name: str, arguments: list[str], age_seconds: int
) -> None:
    user = cluster_user(folder)
    arguments = [part.format(pgdata=folder / "pgdata") for part in arguments]
    stranger = subprocess.Popen(
        [name, "-c", "echo here; read _", *arguments],
        executable="/bin/sh",
        user=user.uid if user.switched else None,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
    )
    try:
        assert stranger.stdout is not None
        stranger.stdout.readline()
        started = int(psutil.Process(stranger.pid).create_time())
        stale_pid_file(folder, stranger.pid, started - age_seconds)
        with EmbeddedPostgres(folder) as pg:
            assert answer(pg.dsn) == 42
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.communicate()


@pytest.mark.parametrize("content", ["", "garbage\n", "12\n/somewhere\n"])
def test_a_damaged_pid_file_is_forgotten(folder: Path, content: str) -> None:
    stale_pid_file(folder, 1, 1)
    (folder / "pgdata" / "postmaster.pid").write_text(content)
    with EmbeddedPostgres(folder) as pg:
        assert answer(pg.dsn) == 42


def test_a_postgres_started_by_hand_is_refused_and_left_alone(folder: Path, place: Path) -> None:
    user = cluster_user(folder)
    pgdata = folder / "pgdata"
    (place / "by-hand").mkdir()
    user.give(place / "by-hand")
    options = f"-c listen_addresses= -k {place / 'by-hand'}"
    pg_ctl = find_binaries().folder / "pg_ctl"
    log = place / "by-hand" / "log"
    assert user.run(pg_ctl, "start", "-w", "-D", pgdata, "-o", options, "-l", log).returncode == 0
    try:
        with pytest.raises(EmbeddedPostgresError, match="pg_ctl stop"):
            EmbeddedPostgres(folder).start()
        assert user.run(pg_ctl, "status", "-D", pgdata).returncode == 0
    finally:
        assert user.run(pg_ctl, "stop", "-w", "-D", pgdata).returncode == 0
