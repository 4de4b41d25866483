"""Data folders for the embedded Postgres, with nothing left behind."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from tests.integration.embedded_postgres.trying import processes_in, query


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
