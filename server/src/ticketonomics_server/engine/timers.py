"""Timers: rows that become commands when they are due. Any server may run them; each runs once."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import structlog

from ticketonomics_server.engine.command import (
    Caller,
    Command,
    Context,
    Decision,
    NothingToDo,
    decide_event,
    engine_request_id,
)
from ticketonomics_server.engine.domain import Domain, DueTimer, Handling, Keys, Registry
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.model import Timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.writing import (
    COUNTERS,
    TIMERS,
    KeptTextTable,
    TextErasure,
    TextJournal,
)

POLL_SECONDS = 0.5
DUE_A_TURN = 100
_FIRST_POSTPONEMENT = timedelta(seconds=5)
_MOST_DOUBLINGS = 10

# The economy itself; nobody can call as it.
ECONOMY = Caller(application_id="")

log = structlog.get_logger(__name__)


class EntryKind(IntEnum):
    """Kinds of entries that the engine itself makes."""

    TIMER_REFUSED = 100
    TIMER_POSTPONED = 101
    TIMER_IDLE = 102


@dataclass(slots=True, frozen=True)
class FireTimer:
    """Asks to let a due timer happen: its domain's command, and the end of the timer."""

    timer_id: int
    command: Any
    handling: Handling

    @property
    def request_id(self) -> bytes:
        return _timer_request_id(self.timer_id, "fire")

    @property
    def body_hash(self) -> bytes:
        return bytes(16)


@dataclass(slots=True, frozen=True)
class PostponeTimer:
    """Asks to try a timer again later: a bug kept it from happening."""

    timer_id: int
    failures: int

    @property
    def request_id(self) -> bytes:
        return _timer_request_id(self.timer_id, f"postpone {self.failures}")

    @property
    def body_hash(self) -> bytes:
        return bytes(16)


def declare_fire_timer(command: FireTimer, caller: Caller, keys: Keys) -> None:
    keys[Timer].add(command.timer_id)
    command.handling.declare(command.command, caller, keys)


def decide_fire_timer(state: State, command: FireTimer, context: Context) -> Decision | NothingToDo:
    """Lets a timer happen, unless it is gone, not due by the block's time, or held.

    A domain that refuses, or finds nothing to do, ends its timer too: it would do so again.
    """
    timer = state.find(Timer, command.timer_id)
    if timer is None or timer.due_time > context.time or context.timers_held:
        return NothingToDo()
    try:
        decision = command.handling.decide(state, command.command, context)
    except Rejection as rejection:
        state.undo_command()
        decision = decide_event(
            command, context, EntryKind.TIMER_REFUSED, timer.timer_id, timer.kind, rejection.reason
        )
    if isinstance(decision, NothingToDo):
        state.undo_command()
        decision = decide_event(command, context, EntryKind.TIMER_IDLE, timer.timer_id, timer.kind)
    state.remove(timer)
    return decision


def declare_postpone_timer(command: PostponeTimer, caller: Caller, keys: Keys) -> None:
    keys[Timer].add(command.timer_id)


def decide_postpone_timer(
    state: State, command: PostponeTimer, context: Context
) -> Decision | NothingToDo:
    """Moves a timer that failed into the future: 5 s, doubled with each failure."""
    timer = state.find(Timer, command.timer_id)
    if timer is None or timer.failures != command.failures:
        return NothingToDo()
    state.change(timer)
    timer.due_time = context.time + _FIRST_POSTPONEMENT * 2 ** min(timer.failures, _MOST_DOUBLINGS)
    timer.failures += 1
    return decide_event(command, context, EntryKind.TIMER_POSTPONED, timer.timer_id, timer.failures)


ENGINE = Domain(
    name="engine",
    tables=(COUNTERS, TIMERS, KeptTextTable()),
    journals=(TextJournal(), TextErasure()),
    commands={
        FireTimer: Handling(declare_fire_timer, decide_fire_timer),
        PostponeTimer: Handling(declare_postpone_timer, decide_postpone_timer),
    },
)


@dataclass(slots=True, frozen=True)
class Due:
    """A due timer of an economy, as the database has it."""

    economy_id: int
    timer_id: int
    due_time: datetime
    kind: int
    payload: bytes
    failures: int


class TimerRunner:
    """Turns due timers into commands, for all economies of the deployment.

    Args:
        find_due: Reads up to so many due timers of each economy, its earliest.
        sequencer: Finds an economy's sequencer.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        find_due: Callable[[int], Awaitable[list[Due]]],
        sequencer: Callable[[int], Awaitable[Sequencer]],
    ) -> None:
        self._registry = registry
        self._find_due = find_due
        self._sequencer = sequencer

    async def run(self) -> None:
        """Looks for due timers until it is cancelled."""
        while True:
            try:
                await self.turn()
            except Exception as error:  # noqa: BLE001 - the next turn may go better.
                log.warning("timers could not run", error=repr(error))
            await asyncio.sleep(POLL_SECONDS)

    async def turn(self) -> None:
        """Runs what is due now, a bounded number."""
        by_economy: dict[int, list[Due]] = {}
        for due in await self._find_due(DUE_A_TURN):
            by_economy.setdefault(due.economy_id, []).append(due)
        for economy_id, timers in by_economy.items():
            try:
                await self._fire(await self._sequencer(economy_id), timers)
            except Rejection as rejection:
                log.info("timers wait", economy_id=economy_id, reason=rejection.reason)

    async def _fire(self, sequencer: Sequencer, timers: list[Due]) -> None:
        commands: list[FireTimer] = []
        failed: list[Command] = []
        for due in timers:
            try:
                commands.append(self._command(due))
            except Exception as error:  # noqa: BLE001 - of a kind, or with a payload, not known here.
                report_incident(error, "a timer cannot be read", timer_id=due.timer_id)
                failed.append(PostponeTimer(due.timer_id, due.failures))
        submission = await sequencer.submit(ECONOMY, commands)
        failures = {due.timer_id: due.failures for due in timers}
        failed += [
            PostponeTimer(command.timer_id, failures[command.timer_id])
            for command, outcome in zip(commands, submission.outcomes, strict=True)
            if isinstance(outcome, Rejection) and outcome.reason == Reason.INTERNAL
        ]
        await sequencer.submit(ECONOMY, failed)

    def _command(self, due: Due) -> FireTimer:
        request_id = _timer_request_id(due.timer_id, "fire")
        command = self._registry.timers[due.kind](
            DueTimer(due.timer_id, request_id, due.kind, due.payload)
        )
        return FireTimer(due.timer_id, command, self._registry.commands[type(command)])


def _timer_request_id(timer_id: int, step: str) -> bytes:
    digest = hashlib.sha256(f"ticketonomics/timer/{timer_id}/{step}".encode()).digest()
    return engine_request_id(digest)
