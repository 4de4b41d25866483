"""The first start: the first economy, and its operator's key in a file for its owner alone."""

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import structlog

from ticketonomics_server.engine.command import Accepted, Caller, Command
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.identity.model import CreateApiKey, CreateApplication
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.identity.secret import draw_secret
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy

OPERATOR_NAME = "operator"
MAX_RATE_LIMIT_RPS = 1_000_000

# Whoever can start the server may do everything.
_FOUNDER = Caller(application_id="", scopes=ALL_SCOPES)

log = structlog.get_logger(__name__)


def operator_key_file(data_folder: Path, economy: str) -> Path:
    """Where the first operator key of an economy is."""
    return data_folder / f"operator-{economy}.key"


async def found_economy(database: Database, economies: Economies, name: str, folder: Path) -> int:
    """Creates an economy and its operator's key, unless they are there, and returns its id.

    Servers that start at once take turns. The key's file is written before the key is committed: a
    crash in between leaves a file that the next start replaces, never a key that nobody has.
    """
    async with database.connected() as connection:
        await connection.execute("SELECT pg_advisory_lock(hashtext('ticketonomics/bootstrap'))")
        economy_id = await create_economy(connection, name)
        anybody = await connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM api_keys WHERE economy_id = $1)", economy_id
        )
        if not anybody:
            file = operator_key_file(folder, name)
            await create_operator_key(economies, economy_id, OPERATOR_NAME, file)
            log.info("an operator key was written", economy=name, file=str(file))
        return economy_id


async def create_operator_key(
    economies: Economies, economy_id: int, application_name: str, file: Path
) -> None:
    """Creates an application with all scopes and a key, which it writes to a file."""
    application = CreateApplication(
        uuid4().bytes, bytes(16), application_name, ALL_SCOPES, MAX_RATE_LIMIT_RPS
    )
    application_id = await _submit(economies, economy_id, application)
    secret = draw_secret()
    await asyncio.to_thread(_write_secret, file, secret.text)
    key = CreateApiKey(
        uuid4().bytes, bytes(16), application_id, None, secret.api_key_id, secret.hash
    )
    await _submit(economies, economy_id, key)


async def _submit(economies: Economies, economy_id: int, command: Command) -> str:
    sequencer = await economies.sequencer(economy_id)
    (outcome,) = (await sequencer.submit(_FOUNDER, [command])).outcomes
    if isinstance(outcome, Rejection):
        raise outcome
    assert isinstance(outcome, Accepted), "a founder's command makes an entry"
    return str(outcome.value)


def _write_secret(file: Path, secret: str) -> None:
    """Writes a file that was never readable by anybody else, or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secret + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
