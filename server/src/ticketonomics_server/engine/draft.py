"""A block before it is committed: commands are decided one after the other over the state."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from ticketonomics_server import metrics
from ticketonomics_server.engine.block import Block, Head, build_block
from ticketonomics_server.engine.command import (
    Accepted,
    Command,
    Context,
    Decision,
    NothingToDo,
    Outcome,
    Slice,
    Submission,
)
from ticketonomics_server.engine.domain import Handling
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.merkle import leaf_hash, tree_root
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State


class Request(NamedTuple):
    """An accepted request: its entry, its id, and the hash of what it asked for."""

    sequence: int
    request_id: bytes
    body_hash: bytes


class Draft:
    """Decides commands in order and collects what the block will write.

    Attributes:
        seen: Requests accepted before, and in this draft, by their ids.
        requests: That of each entry.
        entries: Accepted commands, as streams tell them.
        events: Sequence, kind and event of each entry that is stored as one.
    """

    def __init__(
        self,
        *,
        handlings: Mapping[type, Handling],
        state: State,
        head: Head,
        time: datetime,
        entropy: bytes,
        seen: dict[bytes, Request],
        timers_held: bool = False,
    ) -> None:
        self._handlings = handlings
        self._state = state
        self._head = head
        self._leaf_hashes: list[bytes] = []
        self._answers: list[tuple[Submission, int, Outcome]] = []
        self.time = max(time, head.block_time)
        self._entropy = entropy
        self._timers_held = timers_held
        self.seen = seen
        self.requests: list[Request] = []
        self.events: list[tuple[int, int, bytes]] = []
        self.entries: list[Accepted] = []

    @property
    def last_sequence(self) -> int:
        return self._head.last_sequence + len(self.requests)

    def decide(self, part: Slice) -> None:
        """Decides the commands of one slice, each on its own."""
        submission = part.submission
        context = Context(
            submission.caller,
            self.time,
            self.last_sequence + 1,
            self._entropy,
            self._timers_held,
        )
        for index in range(part.start, part.stop):
            outcome = self._decide_command(submission.commands[index], context)
            self._answers.append((submission, index, outcome))

    def _decide_command(self, command: Command, context: Context) -> Outcome:
        seen = self.seen.get(command.request_id)
        if seen is not None:
            if seen.body_hash != command.body_hash:
                return Rejection(
                    Reason.REQUEST_ID_REUSED,
                    "this id was used for another request",
                    sequence=seen.sequence,
                )
            return Accepted(seen.sequence, replayed=True)
        state = self._state
        state.begin_command()
        try:
            decision = self._handlings[type(command)].decide(state, command, context)
        except Rejection as rejection:
            state.undo_command()
            return rejection
        except Exception as error:  # noqa: BLE001 - a bug in one command must not harm the others.
            state.undo_command()
            return report_incident(error, "a command failed", command=type(command).__name__)
        if isinstance(decision, NothingToDo):
            # What makes no entry leaves no trace.
            state.undo_command()
            return decision
        return self._accept(command, decision, context)

    def _accept(self, command: Command, decision: Decision, context: Context) -> Accepted:
        sequence = context.sequence
        context.sequence += 1
        kind, leaf, value, event = decision
        self._leaf_hashes.append(leaf_hash(leaf))
        request = Request(sequence, command.request_id, command.body_hash)
        self.seen[request.request_id] = request
        self.requests.append(request)
        if event is not None:
            self.events.append((sequence, kind, event))
        accepted = Accepted(sequence, False, value, kind)
        self.entries.append(accepted)
        return accepted

    def build(self, economy: str) -> Block | None:
        """Builds the block's header; None where nothing was accepted."""
        if not self.requests:
            return None
        root = tree_root(self._leaf_hashes)
        return build_block(economy, self._head, len(self.requests), self.time, root)

    def answer(self) -> None:
        """Gives every caller its outcome. To be called when all of it is durable, not before."""
        last_sequence = self.last_sequence
        for submission, index, outcome in self._answers:
            submission.last_sequence = last_sequence
            submission.block_time = self.time
            submission.answer(index, outcome)
            if isinstance(outcome, Rejection):
                metrics.refusals.labels(outcome.reason).inc()
                outcome.counted = True
