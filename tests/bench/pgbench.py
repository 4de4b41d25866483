"""Plain Postgres: one SERIALIZABLE transaction a transfer, by Postgres' own benchmark."""

import asyncio
import re
import tempfile
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from ticketonomics_server.storage.embedded import DATABASE, EmbeddedPostgres

_FOLDER = Path(__file__).parent
_DATABASE = "bench"
_FUNDS = 1_000_000_000
_WARM_UP_SECONDS = 1


class PgbenchError(Exception):
    """pgbench failed, or lost something."""


@dataclass(frozen=True, slots=True)
class PgbenchResult:
    """What pgbench saw; a transaction that was retried counts once."""

    tps: float
    processed: int
    retried_percent: float


class Pgbench:
    """A database with the two tables of `pgbench_tables.sql`, beside the ledger's own."""

    def __init__(self, postgres: EmbeddedPostgres, *, accounts: int, clients: int) -> None:
        """Use a running Postgres."""
        self._postgres = postgres
        self._accounts = accounts
        self._clients = clients
        self._dsn = postgres.dsn.replace(f"/{DATABASE}?", f"/{_DATABASE}?")

    async def create(self) -> None:
        """Create the database, its tables and the funded accounts; number 0 is the hot one."""
        owner = await asyncpg.connect(self._postgres.dsn)
        try:
            await owner.execute(f"CREATE DATABASE {_DATABASE}")
        finally:
            await owner.close()
        connection = await asyncpg.connect(self._dsn)
        try:
            await connection.execute((_FOLDER / "pgbench_tables.sql").read_text())
            await connection.execute(
                "INSERT INTO bench_account SELECT id, $1 FROM generate_series(0, $2::int) id",
                _FUNDS,
                self._accounts,
            )
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()

    async def measure(self, script: str, *, protocol: str, seconds: float) -> PgbenchResult:
        """Run one of the scripts, after a short warm-up, and check that nothing was lost.

        Args:
            script: Name of the script.
            protocol: `simple`, pgbench's default, with which the aims were set; or `prepared`,
                which is the most that one transaction a transfer gets out of this Postgres.
            seconds: How long.
        """
        await self._run(script, protocol, _WARM_UP_SECONDS)
        before = await self._count()
        result = await self._run(script, protocol, round(seconds))
        if await self._count() != before + result.processed:
            raise PgbenchError(f"the journal does not hold the {result.processed} transfers")
        return result

    async def drop(self) -> None:
        """Drop the database, so that nothing of it is left to be written."""
        owner = await asyncpg.connect(self._postgres.dsn)
        try:
            await owner.execute(f"DROP DATABASE {_DATABASE} WITH (FORCE)")
        finally:
            await owner.close()

    async def _run(self, script: str, protocol: str, seconds: int) -> PgbenchResult:
        command = [
            *(str(self._postgres.binaries() / "pgbench"), self._dsn),
            *("--no-vacuum", "--protocol", protocol, "--file", str(_FOLDER / script)),
            *("--client", str(self._clients), "--jobs", "2", "--time", str(seconds)),
            # Retried until it succeeds; pgbench allows "without limit" because the time is limited.
            *("--max-tries", "0", "--define", f"accounts={self._accounts}"),
        ]
        with tempfile.TemporaryFile() as errors:
            process = await asyncio.create_subprocess_exec(
                *command, stdout=PIPE, stderr=errors, start_new_session=True
            )
            try:
                output = (await process.communicate())[0].decode()
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise
            if process.returncode != 0:
                errors.seek(0)
                raise PgbenchError(errors.read().decode())
        return _parse(output)

    async def _count(self) -> int:
        connection = await asyncpg.connect(self._dsn)
        try:
            row = await connection.fetchrow(
                "SELECT (SELECT sum(balance) FROM bench_account) AS funds,"
                " (SELECT count(*) FROM bench_transfer) AS transfers"
            )
        finally:
            await connection.close()
        if row["funds"] != _FUNDS * (self._accounts + 1):
            raise PgbenchError(f"the balances sum to {row['funds']}")
        return int(row["transfers"])


def _parse(output: str) -> PgbenchResult:
    def figure(pattern: str) -> float:
        found = re.search(pattern, output)
        if found is None:
            raise PgbenchError(f"cannot read pgbench's report:\n{output}")
        return float(found[1])

    if figure(r"number of failed transactions: (\d+)") != 0:
        raise PgbenchError(f"transactions failed:\n{output}")
    return PgbenchResult(
        tps=figure(r"tps = ([\d.]+) \(without initial connection time\)"),
        processed=int(figure(r"number of transactions actually processed: (\d+)")),
        retried_percent=figure(r"number of transactions retried: \d+ \(([\d.]+)%\)"),
    )
