"""Decides commands over a state, without a database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.block import Head
from ticketonomics_server.engine.command import (
    Accepted,
    Caller,
    Context,
    Decision,
    NothingToDo,
    Slice,
    Submission,
    decide_event,
)
from ticketonomics_server.engine.domain import Handling
from ticketonomics_server.engine.draft import Draft, Request
from ticketonomics_server.engine.merkle import leaf_hash, tree_root
from ticketonomics_server.engine.model import Counter, next_number
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State

TIME = datetime(2030, 1, 1, tzinfo=UTC)
HEAD = Head(height=3, last_sequence=10, hash=b"h" * 32, block_time=TIME)


@dataclass(frozen=True)
class Count:
    request_id: bytes
    body_hash: bytes = b"b" * 16
    fail: Exception | None = None
    nothing: bool = False


def decide_count(state: State, command: Count, context: Context) -> Decision | NothingToDo:
    number = next_number(state, "count")
    state.append("log", number)
    if command.fail:
        raise command.fail
    if command.nothing:
        return NothingToDo(number)
    return decide_event(command, context, 9, number, value=number)


class Done:
    """In the place of a future: nobody waits."""

    def __init__(self) -> None:
        self.result = False

    def done(self) -> bool:
        return self.result

    def set_result(self, _: None) -> None:
        self.result = True


class Desk:
    """A draft on a state of its own."""

    def __init__(self, seen: dict[bytes, Request] | None = None, time: datetime = TIME) -> None:
        self.state = State([Counter])
        self.state.rows[Counter]["count"] = None
        self.draft = Draft(
            handlings={Count: Handling(lambda *_: None, decide_count)},
            state=self.state,
            head=HEAD,
            time=time,
            entropy=b"e" * 32,
            seen=seen or {},
        )

    def decide(self, *commands: Count) -> Submission:
        submission = Submission(Caller("app"), commands, 0, None, Done())
        self.draft.decide(Slice(submission, 0, len(commands)))
        return submission

    def answer(self, *commands: Count) -> list[Any]:
        submission = self.decide(*commands)
        self.draft.answer()
        return submission.outcomes


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_accepted_commands_are_numbered_on_from_the_head(desk: Desk) -> None:
    outcomes = desk.answer(Count(b"1"), Count(b"2"))
    assert outcomes == [Accepted(11, value=1, kind=9), Accepted(12, value=2, kind=9)]
    assert [entry.sequence for entry in desk.draft.entries] == [11, 12]
    assert [request[:2] for request in desk.draft.requests] == [(11, b"1"), (12, b"2")]
    assert [event[:2] for event in desk.draft.events] == [(11, 9), (12, 9)]


def test_nobody_is_answered_before_all_are(desk: Desk) -> None:
    submission = desk.decide(Count(b"1"))
    assert submission.outcomes == [None]
    assert not submission.done.done()
    desk.draft.answer()
    assert submission.done.done()
    assert (submission.last_sequence, submission.block_time) == (11, TIME)


def test_a_submission_in_pieces_is_done_with_the_last(desk: Desk) -> None:
    commands = [Count(b"1"), Count(b"2"), Count(b"3")]
    submission = Submission(Caller("app"), commands, 0, None, Done())
    first, second = Slice(submission, 0, 3).split()
    assert (first.size, second.size) == (1, 2)
    desk.draft.decide(first)
    desk.draft.answer()
    assert not submission.done.done()
    desk.draft.decide(second)
    desk.draft.answer()
    assert submission.done.done()
    assert [outcome.sequence for outcome in submission.outcomes] == [11, 12, 13]


def test_what_was_accepted_before_is_replayed() -> None:
    desk = Desk(seen={b"1": Request(4, b"1", b"b" * 16)})
    assert desk.answer(Count(b"1")) == [Accepted(4, replayed=True)]
    assert desk.draft.build("main") is None


def test_the_same_id_with_another_body_is_refused() -> None:
    desk = Desk(seen={b"1": Request(4, b"1", b"b" * 16)})
    (outcome,) = desk.answer(Count(b"1", b"other"))
    assert outcome.reason == Reason.REQUEST_ID_REUSED
    assert outcome.metadata == {"sequence": "4"}


def test_the_same_id_twice_in_a_block_happens_once(desk: Desk) -> None:
    first, again, other = desk.answer(Count(b"1"), Count(b"1"), Count(b"1", b"other"))
    assert (first, again) == (Accepted(11, value=1, kind=9), Accepted(11, replayed=True))
    assert other.reason == Reason.REQUEST_ID_REUSED
    assert desk.state.find(Counter, "count").value == 1


@pytest.mark.parametrize("fail", [Rejection(Reason.ACCOUNT_CLOSED, "no"), ZeroDivisionError()])
def test_what_failed_may_be_tried_again_and_left_nothing(
    desk: Desk, fail: Exception, no_errors_logged
) -> None:
    desk.answer(Count(b"1"))
    (failed,) = desk.answer(Count(b"2", fail=fail))
    assert isinstance(failed, Rejection)
    assert desk.state.find(Counter, "count").value == 1
    assert desk.state.appended["log"] == [1]
    assert desk.answer(Count(b"2")) == [Accepted(12, value=2, kind=9)]
    no_errors_logged.clear()


def test_a_bug_is_told_by_an_incident_and_nothing_else(desk: Desk, no_errors_logged) -> None:
    (outcome,) = desk.answer(Count(b"1", fail=ZeroDivisionError("my secret")))
    assert outcome.reason == Reason.INTERNAL
    assert len(no_errors_logged) == 1
    assert "secret" not in outcome.message + str(outcome.metadata)
    no_errors_logged.clear()


def test_a_command_that_nobody_handles_is_a_bug_of_its_own(desk: Desk, no_errors_logged) -> None:
    @dataclass(frozen=True)
    class Stranger(Count):
        pass

    stranger, ordinary = desk.answer(Stranger(b"1"), Count(b"2"))
    assert stranger.reason == Reason.INTERNAL
    assert ordinary == Accepted(11, value=1, kind=9)
    no_errors_logged.clear()


def test_nothing_to_do_makes_no_entry_and_leaves_nothing(desk: Desk) -> None:
    # Once, what such a decision did to the state was written by the next block, without an entry.
    assert desk.answer(Count(b"1", nothing=True)) == [NothingToDo(1)]
    assert desk.draft.build("main") is None
    assert desk.state.find(Counter, "count") is None
    assert desk.state.added(Counter) == []


def test_the_block_holds_the_tree_of_its_entries(desk: Desk) -> None:
    submission = desk.decide(
        Count(b"1"), Count(b"2", fail=Rejection(Reason.ACCOUNT_CLOSED, "no")), Count(b"3")
    )
    block = desk.draft.build("main")
    assert (block.height, block.first_sequence, block.last_sequence) == (4, 11, 12)
    leaves = []
    state = State([Counter])
    state.rows[Counter]["count"] = None
    context = Context(Caller("app"), TIME, 11, b"e" * 32)
    for command in (submission.commands[0], submission.commands[2]):
        leaves.append(leaf_hash(decide_count(state, command, context).leaf))
        context.sequence += 1
    assert block.merkle_root == tree_root(leaves)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (TIME + timedelta(seconds=5), TIME + timedelta(seconds=5)),
        (TIME - timedelta(seconds=5), TIME),
    ],
)
def test_time_never_goes_back(now: datetime, expected: datetime) -> None:
    desk = Desk(time=now)
    desk.answer(Count(b"1"))
    assert desk.draft.build("main").block_time == expected


def test_entropy_is_the_entry_s_own() -> None:
    def draw(sequence: int, purpose: bytes, seed: bytes = b"e") -> bytes:
        return Context(Caller("app"), TIME, sequence, seed * 32).entropy(purpose, 16)

    assert draw(11, b"x") == draw(11, b"x")
    assert len({draw(11, b"x"), draw(12, b"x"), draw(11, b"y"), draw(11, b"x", b"f")}) == 4
    assert len(draw(11, b"x")) == 16
