"""People who do something, for tests: a domain whose entries are deeds and nothing else."""

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
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.progression import Deeds, ProgressionReplay

from tests.integration.verifying import Maker

DONE = 30_000


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
    return decide_event(command, context, DONE, command.person_id, Deed.VOTED, 1)


def _decide_tap(state: State, command: Tap, context: Context) -> Decision:
    note_deed(state, command.person_id, Deed.TAPPED, context, count=command.count)
    return decide_event(command, context, DONE, command.person_id, Deed.TAPPED, command.count)


def _replay(entry: ReplayedEntry) -> Deeds:
    person_id, deed, count = entry.fields
    yield person_id, Deed(deed), count


ProgressionReplay.more[DONE] = _replay


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
