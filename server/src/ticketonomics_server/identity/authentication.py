"""Finds out who calls, from the secret of an API key. In memory for as long as is safe: 2 s."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.identifiers import PERSON_ID_LENGTH, is_id
from ticketonomics_server.identity.model import PersonState, split_scopes
from ticketonomics_server.identity.queries import FoundKey, find_key, person_state
from ticketonomics_server.identity.scopes import Scope
from ticketonomics_server.identity.secret import hash_secret, read_bearer
from ticketonomics_server.rpc.call import Call
from ticketonomics_server.storage.reading import translated_failures

# Counted from before the read. A change is in force everywhere within 2 s, so some of them are left
# for the call itself.
LIFETIME_SECONDS = 1.8
# From this age on, an answer that is asked for is looked up again in the background: busy callers
# never wait for it.
REFRESH_SECONDS = 0.9
# Each of answers and of refusals, which bad secrets alone can fill.
MAX_KEPT = 10_000

Snapshots = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
NoteUse = Callable[[int, str, datetime], None]

_Asked = tuple[str, str]
T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class _Known:
    call: Call
    refresh_at: float
    end: float


@dataclass(slots=True, frozen=True)
class _Refused:
    """What a refusal is made of: an exception itself would grow with every raise."""

    reason: Reason
    message: str
    facts: Mapping[str, str]
    end: float

    def rejection(self) -> Rejection:
        rejection = Rejection(self.reason, self.message)
        rejection.metadata.update(self.facts)
        return rejection


class Authenticator:
    """Tells callers by their credentials.

    Args:
        snapshots: Opens snapshots of the primary, whose reads see every committed block.
        note_use: Called with economy, key and time for each look-up of a good key.
        clock: Seconds that only go up.
    """

    def __init__(
        self,
        snapshots: Snapshots,
        note_use: NoteUse,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._snapshots = snapshots
        self._note_use = note_use
        self._clock = clock
        self._known: OrderedDict[_Asked, _Known] = OrderedDict()
        self._refused: OrderedDict[_Asked, _Refused] = OrderedDict()
        self._running: dict[_Asked, asyncio.Task[Call]] = {}

    async def identify(self, authorization: str, acting_for: str = "") -> Call:
        """Tells who calls, and in which economy.

        Args:
            authorization: `Bearer {secret}`.
            acting_for: Id of the person acted for; empty for the application itself.

        Raises:
            Rejection: CREDENTIALS_MISSING, CREDENTIALS_INVALID, CREDENTIALS_EXPIRED, SCOPE_MISSING,
                PERSON_NOT_FOUND, PERSON_BLOCKED; DATABASE_UNAVAILABLE.
        """
        asked = authorization, acting_for
        now = self._clock()
        known = self._known.get(asked)
        if known is not None and now < known.end:
            if now >= known.refresh_at:
                self._look_up_once(asked)
            return known.call
        refused = self._refused.get(asked)
        if refused is not None and now < refused.end:
            raise refused.rejection()
        # Many may wait for one look-up, and each may go away.
        return await asyncio.shield(self._look_up_once(asked))

    def _look_up_once(self, asked: _Asked) -> asyncio.Task[Call]:
        """Starts a look-up, unless one is running."""
        task = self._running.get(asked)
        if task is None:
            task = self._running[asked] = asyncio.create_task(self._look_up(asked))
            task.add_done_callback(lambda done: self._forget_task(asked, done))
        return task

    def _forget_task(self, asked: _Asked, done: asyncio.Task[Call]) -> None:
        del self._running[asked]
        if not done.cancelled():
            # Fetched, or asyncio would complain when nobody waited: the next caller asks again.
            done.exception()

    async def _look_up(self, asked: _Asked) -> Call:
        began = self._clock()
        # What is malformed may be long, and costs no read: there is no need to keep it.
        secret, person_id = _guard_form(*asked)
        try:
            call, left_seconds = await self._read(secret, person_id)
        except Rejection as rejection:
            if rejection.reason is not Reason.DATABASE_UNAVAILABLE:
                self._known.pop(asked, None)
                facts, end = dict(rejection.metadata), began + LIFETIME_SECONDS
                refused = _Refused(rejection.reason, rejection.message, facts, end)
                _keep(self._refused, asked, refused)
            raise
        end = began + min(LIFETIME_SECONDS, left_seconds)
        _keep(self._known, asked, _Known(call, began + REFRESH_SECONDS, end))
        return call

    async def _read(self, secret: str, person_id: str) -> tuple[Call, float]:
        """Reads who calls, and for how many seconds the key goes on working."""
        with translated_failures():
            async with self._snapshots() as connection:
                found = await find_key(connection, hash_secret(secret))
                key, left_seconds = _guard_key(found)
                scopes = split_scopes(key.scopes)
                if person_id:
                    await _guard_person(connection, key, scopes, person_id)
        self._note_use(key.economy_id, key.api_key_id, key.read_time)
        caller = Caller(key.application_id, scopes, person_id)
        call = Call(
            key.economy_id,
            key.economy,
            caller,
            key.rate_limit_rps,
            key.economy_rate_limit_rps,
            key.suspended,
        )
        return call, left_seconds


def _guard_form(authorization: str, acting_for: str) -> tuple[str, str]:
    if not authorization:
        raise Rejection(
            Reason.CREDENTIALS_MISSING, "the call needs `authorization: Bearer {API key}`"
        )
    secret = read_bearer(authorization)
    if secret is None:
        raise _invalid("the authorization is not `Bearer` and an API key")
    if acting_for and not is_id(acting_for, PERSON_ID_LENGTH):
        raise _no_person(acting_for[:64])
    return secret, acting_for


def _guard_key(found: FoundKey | None) -> tuple[FoundKey, float]:
    if found is None:
        raise _invalid("there is no such API key")
    if found.revoke_time is not None:
        raise _invalid("this API key is revoked")
    if found.expire_time is None:
        return found, LIFETIME_SECONDS
    left_seconds = (found.expire_time - found.read_time).total_seconds()
    if left_seconds <= 0:
        raise Rejection(Reason.CREDENTIALS_EXPIRED, "this API key has expired")
    return found, left_seconds


async def _guard_person(
    connection: AsyncConnection, key: FoundKey, scopes: frozenset[str], person_id: str
) -> None:
    if Scope.IDENTITY_ACT_FOR not in scopes:
        raise Rejection(
            Reason.SCOPE_MISSING,
            f"acting for a person needs the scope {Scope.IDENTITY_ACT_FOR}",
            scope=Scope.IDENTITY_ACT_FOR,
        )
    state = await person_state(connection, key.economy_id, person_id)
    if state is None:
        raise _no_person(person_id)
    if state is not PersonState.ACTIVE:
        raise Rejection(Reason.PERSON_BLOCKED, f"{person_id} is blocked", person=person_id)


def _no_person(person_id: str) -> Rejection:
    return Rejection(Reason.PERSON_NOT_FOUND, f"there is no person {person_id}", person=person_id)


def _invalid(message: str) -> Rejection:
    return Rejection(Reason.CREDENTIALS_INVALID, message)


def _keep(kept: OrderedDict[_Asked, T], asked: _Asked, what: T) -> None:
    """Keeps one more, and lets the oldest go when there are too many."""
    kept[asked] = what
    kept.move_to_end(asked)
    if len(kept) > MAX_KEPT:
        kept.popitem(last=False)
