"""Which public key is in use: published once, and replaced by rotation only."""

import asyncio

import asyncpg

from ticketonomics_server.proofs.key_file import (
    SigningKey,
    SigningKeyError,
    draft_file,
    load_key,
    new_key,
    read_key,
    signing_key_file,
    write_key,
)
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.database import Database

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('ticketonomics/signing-keys'))"
_UNPUBLISHED = """
SELECT economy_id FROM economies e
WHERE NOT EXISTS (SELECT FROM signing_keys k WHERE k.economy_id = e.economy_id)
"""
_PUBLISH = """
INSERT INTO signing_keys (economy_id, signing_key_id, number, public_key, start_time)
SELECT e.economy_id, $2, 1 + (
    SELECT coalesce(max(number), 0) FROM signing_keys k WHERE k.economy_id = e.economy_id
), $3, clock_timestamp()
FROM unnest($1::int[]) e(economy_id)
"""
_IN_USE = "SELECT DISTINCT signing_key_id FROM signing_keys WHERE end_time IS NULL"


async def publish_first_key(database: Database, settings: Settings) -> str | None:
    """Publishes this server's key for economies that have none yet; makes the very first one.

    A server that has no key never makes one where another server's is in use already.

    Returns:
        The key's id; None where this server has none.

    Raises:
        SigningKeyError: The key cannot be used.
    """
    async with database.connected() as connection, connection.transaction():
        await connection.execute(_LOCK)
        in_use = {row[0] for row in await connection.fetch(_IN_USE)}
        key = await asyncio.to_thread(_load_or_make, settings, make=not in_use)
        if key is None:
            return None
        economies = [row[0] for row in await connection.fetch(_UNPUBLISHED)]
        # A new economy gets the key of the others, or waits for a server that has it. One that
        # was imported may have yet another.
        if not in_use or key.signing_key_id in in_use:
            await _publish(connection, economies, key)
        return key.signing_key_id


def _load_or_make(settings: Settings, *, make: bool) -> SigningKey | None:
    found = load_key(settings)
    if found is not None or not make:
        return found
    try:
        write_key(signing_key_file(settings), new_key())
    except FileExistsError:
        pass
    except OSError as error:
        raise SigningKeyError(f"the signing key cannot be written: {error}") from error
    return load_key(settings)


async def _publish(connection: asyncpg.Connection, economies: list[int], key: SigningKey) -> None:
    await connection.execute(_PUBLISH, economies, key.signing_key_id, key.public_key)


async def rotate_key(database: Database, settings: Settings) -> str:
    """Ends the key in use, and publishes a new one for all economies.

    With the key in a file, makes the new one and puts it in the file's place. It is on disk before
    it is published, so that a crash loses no key: the next rotation then finishes this one. With
    the key in the setting, publishes what is set.

    Returns:
        The new key's id.

    Raises:
        SigningKeyError: The new key was published before, or cannot be used.
    """
    file = signing_key_file(settings)
    async with database.connected() as connection, connection.transaction():
        await connection.execute(_LOCK)
        in_use = {row[0] for row in await connection.fetch(_IN_USE)}
        key, interrupted = await asyncio.to_thread(_next_key, settings, in_use)
        if not interrupted:
            await _replace(connection, key)
    if settings.signing_key is None:
        await asyncio.to_thread(draft_file(file).replace, file)
    return key.signing_key_id


def _next_key(settings: Settings, in_use: set[str]) -> tuple[SigningKey, bool]:
    """Returns the key to publish, and whether an interrupted rotation has published it."""
    if settings.signing_key is not None:
        found = load_key(settings)
        assert found is not None, "it is set"
        return found, False
    draft = draft_file(signing_key_file(settings))
    waiting = read_key(draft)
    if waiting is None:
        waiting = new_key()
        try:
            write_key(draft, waiting)
        except OSError as error:
            raise SigningKeyError(f"the signing key cannot be written: {error}") from error
    return waiting, waiting.signing_key_id in in_use


async def _replace(connection: asyncpg.Connection, key: SigningKey) -> None:
    if await connection.fetchval(
        "SELECT EXISTS (SELECT FROM signing_keys WHERE signing_key_id = $1)", key.signing_key_id
    ):
        raise SigningKeyError(
            f"key {key.signing_key_id} was published before: set another one"
            " (openssl genpkey -algorithm ed25519)"
        )
    await connection.execute(
        "UPDATE signing_keys SET end_time = clock_timestamp() WHERE end_time IS NULL"
    )
    economies = [row[0] for row in await connection.fetch("SELECT economy_id FROM economies")]
    await _publish(connection, economies, key)
