"""The simulator's own application and key, with no more scopes than it needs."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from ticketonomics.identity.v1.application_pb2 import Application
from ticketonomics_client import Client, TicketonomicsError, new_id

from ticketonomics_simulator.patience import Patience

APPLICATION_NAME = "simulator"
# `ledger.debit_any` is for the faucet and for shops, whose accounts are nobody's person. People's
# money moves only on their own behalf, by `identity.act_for`.
SCOPES = frozenset(
    {
        "amm.swap",
        "identity.act_for",
        "spending.consent",
        "identity.people",
        "ledger.accounts",
        "ledger.debit_any",
        "ledger.mint",
        "ledger.transfer",
        "rewards.claim",
        "rewards.report",
        "queues.play",
        "parliament.take_part",
    }
)
RATE_LIMIT_RPS = 10_000
FAREWELL_SECONDS = 2.0
_MANAGES_APPLICATIONS = "identity.applications"


class SetUpError(Exception):
    """The simulation cannot begin; the message tells an operator what to change."""


@dataclass(slots=True, frozen=True)
class Key:
    """What the simulator calls with; the id is empty when the key is not its own to end."""

    api_key_id: str
    secret: str


async def simulator_key(operator: Client, *, api_key: str, patience: Patience) -> Key:
    """Returns a key with which to call as the application `simulator`.

    An operator's key makes a fresh key for this run, which ends with it: there is no secret to
    keep. A key that cannot manage applications is used as it is, if it has all scopes.

    Args:
        operator: A client that calls with the given key.
        api_key: The given key.
        patience: For a server that is away.

    Raises:
        SetUpError: The given key can do neither.
        RefusedError: The ledger does not take the given key.
    """
    me = await patience.ask(operator.who_am_i)
    if _MANAGES_APPLICATIONS in me.application.scopes:
        return await _create_key(operator, await _application(operator, patience), patience)
    missing = SCOPES.difference(me.application.scopes)
    if missing:
        raise SetUpError(
            f"the key of {me.application.name!r} lacks {', '.join(sorted(missing))}; "
            "give an operator's key, or one with these scopes"
        )
    return Key("", api_key)


async def end_key(client: Client, key: Key) -> None:
    """Revokes a key that was made for this run, unless the server is away."""
    if not key.api_key_id:
        return
    # What fails here does no harm: the secret goes with this process in any case.
    with suppress(TicketonomicsError, TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await client.revoke_api_key(key.api_key_id)


async def _application(operator: Client, patience: Patience) -> Application:
    """Finds or creates the application, and sets its scopes right."""

    async def find() -> Application | None:
        found = None
        async for application in operator.applications():
            if application.name == APPLICATION_NAME:
                found = found or application
        return found

    application = await patience.ask(find)
    scopes = sorted(SCOPES)
    request_id = new_id()
    if application is None:
        return await patience.ask(
            lambda: operator.create_application(
                name=APPLICATION_NAME,
                scopes=scopes,
                rate_limit_rps=RATE_LIMIT_RPS,
                request_id=request_id,
            )
        )
    if set(application.scopes) == SCOPES and application.rate_limit_rps == RATE_LIMIT_RPS:
        return application
    application_id = application.application_id
    return await patience.ask(
        lambda: operator.update_application(
            application_id,
            name=APPLICATION_NAME,
            scopes=scopes,
            rate_limit_rps=RATE_LIMIT_RPS,
            request_id=request_id,
        )
    )


async def _create_key(operator: Client, application: Application, patience: Patience) -> Key:
    while True:
        answer = await patience.ask(
            partial(operator.create_api_key, application.application_id, request_id=new_id())
        )
        api_key_id = answer.api_key.api_key_id
        if answer.secret:
            return Key(api_key_id, answer.secret)
        # The first answer was lost, and with it the secret: it is not told again.
        await patience.ask(partial(operator.revoke_api_key, api_key_id, request_id=new_id()))
