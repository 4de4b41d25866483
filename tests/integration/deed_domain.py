"""People who vote and tap, for tests: entries as those rooms make them, and no more of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from ticketonomics_server.domains import DOMAINS
from ticketonomics_server.engine.command import Caller, Context, Decision, decide_event
from ticketonomics_server.engine.domain import Domain, Handling, Keys, Registry
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.engine.state import State
from ticketonomics_server.progression.model import Deed
from ticketonomics_server.progression.noting import declare_deed, note_deed
from ticketonomics_server.storage.database import Database

from tests.integration.verifying import Maker

REWARD_COUNTED, VOTE_CAST = 221, 236
TAP_SOURCE = 2


@dataclass(slots=True, frozen=True)
class Vote:
    """Somebody votes on a proposal for the first time."""

    request_id: bytes
    body_hash: bytes
    person_id: str


@dataclass(slots=True, frozen=True)
class Tap:
    """Somebody taps so often, and is paid nothing."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    count: int


def vote(person_id: str) -> Vote:
    return Vote(uuid4().bytes, bytes(16), person_id)


def tap(person_id: str, count: int) -> Tap:
    return Tap(uuid4().bytes, bytes(16), person_id, count)


def _declare(command: Vote | Tap, caller: Caller, keys: Keys) -> None:
    declare_deed(command.person_id, keys)


def _decide_vote(state: State, command: Vote, context: Context) -> Decision:
    note_deed(state, command.person_id, Deed.VOTED, context)
    return decide_event(command, context, VOTE_CAST, "proposal", command.person_id, 1, 0, "app")


def _decide_tap(state: State, command: Tap, context: Context) -> Decision:
    note_deed(state, command.person_id, Deed.TAPPED, context, count=command.count)
    said = (TAP_SOURCE, command.person_id, 0, 0, 0, "app", 0, command.count)
    return decide_event(command, context, REWARD_COUNTED, *said)


DEEDS = Domain(
    name="deeds",
    tables=(),
    commands={Vote: Handling(_declare, _decide_vote), Tap: Handling(_declare, _decide_tap)},
)


@asynccontextmanager
async def doing(database: Database, economy_id: int, economy: str) -> AsyncIterator[Maker]:
    """Makes entries of an economy that is there, of all rooms and of this domain."""
    sequencer = Sequencer(
        economy_id=economy_id,
        economy=economy,
        registry=Registry([*DOMAINS, DEEDS]),
        connect=database.connect_sequencer,
        on_commit=lambda *_: None,
    )
    running = asyncio.create_task(sequencer.run())
    yield Maker(sequencer)
    await sequencer.drain()
    await running
