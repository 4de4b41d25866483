"""Data folders of the embedded Postgres: odd, closed, full, somebody else's."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psutil
import pytest
from ticketonomics_server.storage import binaries, data_folder, embedded
from ticketonomics_server.storage.binaries import Binaries, find_binaries
from ticketonomics_server.storage.embedded import (
    EmbeddedPostgres,
    EmbeddedPostgresError,
    default_data_folder,
)

from tests.integration.embedded_postgres.trying import (
    answer,
    cluster_user,
    ended,
    needs_root,
    owner,
    postmaster_of,
    query,
)


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
