"""Which event may be sent next: tables, and a search for an order that must never be."""

import random

import pytest
from ticketonomics_server.webhooks.ordering import MAX_WEIGHT, EventQueue, QueuedEvent


def event(sequence: int, accounts: str, **fields: object) -> QueuedEvent:
    return QueuedEvent(sequence, frozenset(accounts), **fields)  # type: ignore[arg-type]


def filled(*events: tuple[int, str]) -> EventQueue:
    queue = EventQueue(0)
    for sequence, accounts in events:
        queue.add(event(sequence, accounts))
        queue.read_to = sequence
    return queue


def numbers(events: list[QueuedEvent]) -> list[int]:
    return [found.sequence for found in events]


def test_the_first_of_each_account_may_go() -> None:
    queue = filled((1, "a"), (2, "a"), (3, "b"), (4, "ab"), (5, "c"))
    first = queue.take(0, 10)
    assert numbers(first) == [1, 3, 5]
    assert queue.take(0, 10) == []
    queue.finish(first[0])
    second = queue.take(0, 10)
    assert numbers(second) == [2]
    queue.finish(second[0])
    assert queue.take(0, 10) == [], "4 waits for b, too"
    queue.finish(first[1])
    assert numbers(queue.take(0, 10)) == [4]


def test_a_limit_leaves_the_rest_for_later() -> None:
    queue = filled((1, "a"), (2, "b"), (3, "c"))
    assert numbers(queue.take(0, 2)) == [1, 2]
    assert numbers(queue.take(0, 2)) == [3]


def test_a_failed_event_holds_up_its_accounts_until_its_time() -> None:
    queue = filled((1, "a"), (2, "a"), (3, "b"))
    first, third = queue.take(0, 10)
    first.attempts, first.due = 1, 50.0
    queue.put_back(first)
    queue.finish(third)
    assert queue.take(49, 10) == []
    assert queue.next_due() == 50.0
    assert numbers(queue.take(50, 10)) == [1]
    assert queue.next_due() is None


@pytest.mark.parametrize("done", [(1,), (1, 2), (2,), (2, 3), (1, 2, 3), ()])
def test_the_cursor_stops_below_what_is_not_done(done: tuple[int, ...]) -> None:
    queue = filled((1, "a"), (2, "b"), (3, "c"))
    queue.read_to = 9
    events = {found.sequence: found for found in queue.take(0, 10)}
    for sequence in done:
        queue.finish(events[sequence])
    missing = [sequence for sequence in (1, 2, 3) if sequence not in done]
    assert queue.cursor == (missing[0] - 1 if missing else 9)


def test_the_cursor_passes_what_is_saved() -> None:
    queue = filled((1, "a"), (2, "a"), (3, "b"))
    first, third = queue.take(0, 10)
    first.attempts = 1
    queue.put_back(first)
    assert queue.cursor == 0
    held_up = queue.held_up()
    assert numbers(held_up) == [1, 2], "2 waits behind 1; 3 waits for nobody"
    for found in held_up:
        found.saved = True
    assert queue.cursor == 2
    queue.finish(third)
    assert queue.cursor == 3


def test_what_waits_behind_what_waits_is_held_up_too() -> None:
    queue = filled((1, "a"), (2, "ab"), (3, "bc"), (4, "d"))
    taken = queue.take(0, 10)
    taken[0].attempts = 1
    queue.put_back(taken[0])
    assert numbers(queue.held_up()) == [1, 2, 3]


def test_without_failures_nothing_is_held_up() -> None:
    assert filled((1, "a"), (2, "a")).held_up() == []


def test_what_was_overtaken_is_told_at_the_end() -> None:
    queue = filled((1, "a"), (2, "a"), (3, "b"), (4, "a"))
    first, third = queue.take(0, 10)
    assert queue.overtaken() == []
    queue.finish(third)
    assert numbers(queue.overtaken()) == [1, 2]
    queue.finish(first)
    assert numbers(queue.overtaken()) == [2]


def test_nothing_comes_twice() -> None:
    queue = EventQueue(5, {8})
    queue.add(event(7, "a", saved=True))
    for sequence in (6, 7, 8, 9):
        queue.add(event(sequence, "b"))
    assert numbers(queue.take(0, 10)) == [6, 7]
    assert len(queue) == 3
    taken = EventQueue(5)
    taken.add(event(7, "a", saved=True))
    (seventh,) = taken.take(0, 1)
    taken.finish(seventh)
    taken.add(event(7, "a"))
    assert len(taken) == 0, "it is done before the reader came to it"


def test_an_older_event_goes_in_front_of_its_account() -> None:
    queue = filled((5, "a"), (6, "a"))
    (fifth,) = queue.take(0, 10)
    queue.add(event(2, "a", saved=True))
    assert queue.cursor == 4
    assert numbers(queue.take(0, 10)) == [2], "5 is on its way already; 6 waits for both"
    queue.finish(fifth)
    assert queue.take(0, 10) == []


def test_it_says_when_it_is_full() -> None:
    queue = EventQueue(0)
    count = 0
    while not queue.full:
        count += 1
        queue.add(event(count, "ab"))
    assert count == -(-MAX_WEIGHT // 3)
    queue.finish(queue.take(0, 1)[0])
    assert not queue.full or MAX_WEIGHT % 3


def test_whatever_fails_the_order_of_each_account_holds() -> None:
    rng = random.Random(4711)
    for _ in range(200):
        count = rng.randint(1, 60)
        accounts = {n: "".join(rng.sample("abcde", rng.randint(1, 3))) for n in range(1, count + 1)}
        queue, done, now, waiting = EventQueue(0), [], 0.0, list(accounts)
        under_way: list[QueuedEvent] = []
        while len(done) < count:
            now += rng.random()
            for _ in range(rng.randint(0, 5)):
                if waiting:
                    sequence = waiting.pop(0)
                    queue.add(event(sequence, accounts[sequence]))
                    queue.read_to = sequence
            for taken in queue.take(now, rng.randint(0, 4)):
                earlier = [s for s in range(1, taken.sequence) if s not in done]
                assert not [s for s in earlier if set(accounts[s]) & taken.accounts]
                under_way.append(taken)
            rng.shuffle(under_way)
            while under_way and rng.random() < 0.6:
                one = under_way.pop()
                if rng.random() < 0.3:
                    one.attempts, one.due = one.attempts + 1, now + rng.random()
                    queue.put_back(one)
                else:
                    queue.finish(one)
                    done.append(one.sequence)
            if rng.random() < 0.3:
                for found in queue.held_up():
                    found.saved = True
            unsaved = [
                s for s in range(1, queue.read_to + 1)
                if s not in done and not queue._events[s].saved
            ]  # fmt: skip
            assert queue.cursor == (unsaved[0] - 1 if unsaved else queue.read_to)
        assert len(queue) == 0
        assert queue._lanes == {}
