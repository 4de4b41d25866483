"""A whole economy as a file, and back: a ZIP with a table a member, and a manifest that seals it.

Tables are in the text format of COPY, without `economy_id`, which another deployment gives anew.
Everything that changes is read in one snapshot, with the head; the journal up to that head, which
never changes, is read in short transactions afterwards.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa

import ticketonomics_server.domains  # noqa: F401 - it makes every room's tables known.
from ticketonomics_server.engine.tables import economies, metadata

FORMAT = "ticketonomics economy 1"
MANIFEST = "manifest.json"
# Entries of the journal that are read in one transaction.
_RANGE = 200_000
_CHUNK_BYTES = 1 << 20

Progress = Callable[[str, int], None]


class MovingError(Exception):
    """A file that is no whole economy, or does not fit here; the text says why."""


async def export_economy(
    connection: asyncpg.Connection,
    economy_id: int,
    file: Path,
    *,
    schema_version: str | None,
    progress: Progress,
) -> dict[str, Any]:
    """Writes an economy as it is at its head, for its owner's eyes only, and returns the manifest.

    Personal data and the hashes of API keys' secrets are in the file. The economy may go on.

    Args:
        progress: Called with a table's name and how many bytes of it are written.
    """
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as opened:
        try:
            with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                exporting = _Export(connection, economy_id, archive, progress)
                manifest = {"format": FORMAT, "schema_version": schema_version}
                manifest |= await exporting.run()
                archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
            opened.flush()
            os.fsync(opened.fileno())
        except BaseException:
            draft.unlink()
            raise
    draft.replace(file)
    return manifest


class _Export:
    def __init__(
        self,
        connection: asyncpg.Connection,
        economy_id: int,
        archive: zipfile.ZipFile,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._economy_id = economy_id
        self._archive = archive
        self._progress = progress

    async def run(self) -> dict[str, Any]:
        tables = _tables()
        sealed: dict[str, dict[str, Any]] = {}
        async with self._connection.transaction(isolation="repeatable_read", readonly=True):
            name = await self._connection.fetchval(
                "SELECT name FROM economies WHERE economy_id = $1", self._economy_id
            )
            head = await self._connection.fetchrow(_HEAD, self._economy_id)
            last = head["last_sequence"] if head else 0
            for table in tables:
                if not _is_journal(table):
                    sealed[table.name] = await self._write(table, [""])
        for table in tables:
            if _is_journal(table):
                place = "last_sequence" if table.name == "blocks" else "sequence"
                ranges = [
                    f" AND {place} > {start} AND {place} <= {min(start + _RANGE, last)}"
                    for start in range(0, last, _RANGE)
                ]
                sealed[table.name] = await self._write(table, ranges)
        return {
            "economy": name,
            "export_time": datetime.now(UTC).isoformat(),
            "height": head["height"] if head else 0,
            "last_sequence": last,
            "head_hash": head["hash"].hex() if head else "",
            "tables": sealed,
        }

    async def _write(self, table: sa.Table, filters: list[str]) -> dict[str, Any]:
        columns = _columns(table)
        names = ", ".join(columns)
        digest, size = hashlib.sha256(), 0
        with self._archive.open(table.name, "w", force_zip64=True) as member:

            async def take(data: bytes) -> None:
                nonlocal size
                member.write(data)
                digest.update(data)
                size += len(data)

            for extra in filters:
                await self._connection.copy_from_query(
                    f"SELECT {names} FROM {table.name} WHERE economy_id = {self._economy_id}"
                    f"{extra} ORDER BY {_order(table)}",
                    output=take,
                )
                self._progress(table.name, size)
        return {"columns": columns, "bytes": size, "sha256": digest.hexdigest()}


async def import_economy(
    connection: asyncpg.Connection,
    file: Path,
    *,
    schema_version: str | None,
    progress: Progress,
) -> tuple[int, dict[str, Any]]:
    """Brings an economy into this deployment, suspended, all or nothing; returns its id.

    It keeps its name, which its blocks' hashes contain. Verify it, then let it go on.

    Raises:
        MovingError: The file is damaged or of another version, or the name is taken.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise MovingError(f"{file} cannot be read as an exported economy: {error}") from error
    with archive:
        manifest = _read_manifest(archive, schema_version)
        async with connection.transaction():
            economy_id = await _make_room(connection, manifest["economy"])
            for table in _tables():
                sealed = manifest["tables"][table.name]
                lines = _Lines(archive, table.name, sealed, economy_id, progress)
                await connection.copy_to_table(
                    table.name, source=lines.read(), columns=["economy_id", *sealed["columns"]]
                )
    return economy_id, manifest


async def remove_economy(connection: asyncpg.Connection, economy_id: int) -> None:
    """Takes an economy out again that proved to be incoherent."""
    async with connection.transaction():
        for table in reversed(_tables()):
            await connection.execute(f"DELETE FROM {table.name} WHERE economy_id = $1", economy_id)
        await connection.execute("DELETE FROM economies WHERE economy_id = $1", economy_id)


def _read_manifest(archive: zipfile.ZipFile, schema_version: str | None) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        kind, version = manifest["format"], manifest["schema_version"]
        told = {name: sealed["columns"] for name, sealed in manifest["tables"].items()}
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise MovingError(f"the file holds no exported economy: {error!r}") from error
    if kind != FORMAT:
        raise MovingError(f"the file is '{kind}', this program reads '{FORMAT}'")
    if version != schema_version:
        raise MovingError(
            f"the file is of schema version {version}, the database of {schema_version}: export and"
            " import with servers of the same version"
        )
    if told != {table.name: _columns(table) for table in _tables()}:
        raise MovingError("the file's tables are not those of this schema version")
    return manifest


async def _make_room(connection: asyncpg.Connection, name: str) -> int:
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('ticketonomics/economies'))")
    if await connection.fetchval("SELECT 1 FROM economies WHERE name = $1", name):
        raise MovingError(f"there is an economy {name} here already")
    economy_id: int = await connection.fetchval(
        "INSERT INTO economies (name, create_time, suspend_time)"
        " VALUES ($1, clock_timestamp(), clock_timestamp()) RETURNING economy_id",
        name,
    )
    return economy_id


class _Lines:
    """Reads a member of the archive line by line, puts the economy's id in front, and checks."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        name: str,
        sealed: dict[str, Any],
        economy_id: int,
        progress: Progress,
    ) -> None:
        self._archive = archive
        self._name = name
        self._sealed = sealed
        self._prefix = f"{economy_id}\t".encode()
        self._progress = progress

    async def read(self) -> AsyncIterator[bytes]:
        digest, size, at_start = hashlib.sha256(), 0, True
        try:
            with self._archive.open(self._name) as member:
                while chunk := member.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    # A line break inside of a value is written as \n: every real one ends a row.
                    lines = chunk.replace(b"\n", b"\n" + self._prefix)
                    if at_start:
                        lines = self._prefix + lines
                    at_start = chunk.endswith(b"\n")
                    yield lines.removesuffix(self._prefix) if at_start else lines
                    self._progress(self._name, size)
        except (KeyError, zipfile.BadZipFile, EOFError) as error:
            raise MovingError(f"{self._name} is missing or damaged: {error}") from error
        if digest.hexdigest() != self._sealed["sha256"]:
            raise MovingError(f"{self._name} is not what was exported: its hash is another")


_HEAD = (
    "SELECT height, last_sequence, hash FROM blocks WHERE economy_id = $1"
    " ORDER BY height DESC LIMIT 1"
)


def _tables() -> list[sa.Table]:
    """All tables of an economy; whatever a room adds is among them."""
    return [table for table in metadata.sorted_tables if table is not economies]


def _is_journal(table: sa.Table) -> bool:
    """Whether rows are only ever added, each by an entry."""
    return table.name == "blocks" or "sequence" in table.c


def _columns(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns if column.name != "economy_id"]


def _order(table: sa.Table) -> str:
    return ", ".join(column.name for column in table.primary_key.columns)
