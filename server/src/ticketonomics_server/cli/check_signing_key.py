"""What `doctor` looks at of the signing key: is it there, is it safe, is it the published one."""

import asyncpg

from ticketonomics_server.cli.findings import Check
from ticketonomics_server.proofs.key_file import (
    SigningKeyError,
    draft_file,
    load_key,
    signing_key_file,
)
from ticketonomics_server.settings import Settings

_NAME = "signing key"
_ROTATE = "ticketonomics-server signing-key rotate"
_IN_USE = """
SELECT k.signing_key_id, array_agg(e.name ORDER BY e.name) AS economies
FROM signing_keys k JOIN economies e USING (economy_id)
WHERE k.end_time IS NULL GROUP BY k.signing_key_id ORDER BY k.signing_key_id
"""


def check_key_alone(settings: Settings) -> Check:
    """Checks the key without the ledger, which cannot be asked which one is published."""
    return _check(settings, {})


async def check_signing_key(settings: Settings, connection: asyncpg.Connection) -> Check:
    """Checks the key, and that it is the one that every economy's heads are signed with."""
    rows = await connection.fetch(_IN_USE)
    return _check(settings, {row["signing_key_id"]: row["economies"] for row in rows})


def _check(settings: Settings, in_use: dict[str, list[str]]) -> Check:
    try:
        key = load_key(settings)
    except SigningKeyError as error:
        advice = "Nothing is signed until it can be used; everything else goes on"
        return Check(_NAME, "bad", str(error), advice)
    own = key.signing_key_id if key else None
    others = {name: economies for name, economies in in_use.items() if name != own}
    if others:
        signed = "; ".join(
            f"{', '.join(economies)} with key {name}" for name, economies in others.items()
        )
        has = f"this server has key {own}" if own else "this server has none"
        return Check(_NAME, "bad", f"heads are signed of {signed}; {has}", _advice(settings))
    if own is None:
        file = signing_key_file(settings)
        return Check(_NAME, "note", f"there is no {file} yet; the first start makes it")
    if settings.signing_key is None and draft_file(signing_key_file(settings)).exists():
        return Check(_NAME, "note", "a rotation was begun and not finished", f"Run {_ROTATE} again")
    where = "it is set" if settings.signing_key else f"only its owner may read {_where(settings)}"
    return Check(_NAME, "good", f"{own}: {where}")


def _advice(settings: Settings) -> str:
    return (
        f"Bring the key of the server that has it to {_where(settings)}; or, where an economy was"
        f" imported or the key is lost: {_ROTATE}"
    )


def _where(settings: Settings) -> str:
    if settings.signing_key is not None:
        return "TICKETONOMICS_SIGNING_KEY"
    return str(signing_key_file(settings))
