"""The coalescer against a scripted peer in memory: no socket, so that every order can be forced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CreateTransactionsRequest,
    CreateTransactionsResponse,
)
from ticketonomics.ledger.v1.transaction_pb2 import (
    Posting,
    Refusal,
    TransactionInput,
    TransactionResult,
)
from ticketonomics_client import (
    Receipt,
    RefusedError,
    TicketonomicsError,
    UnavailableError,
)
from ticketonomics_client import coalescing as coalescing_module
from ticketonomics_client.coalescing import Coalescer
from ticketonomics_client.policies import Policy


class Peer:
    """Holds every attempt until the test answers it."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.timeouts: list[float] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._answers: asyncio.Queue[Callable[[list[str]], CreateTransactionsResponse]] = (
            asyncio.Queue()
        )

    async def send(
        self, request: CreateTransactionsRequest, timeout_seconds: float
    ) -> CreateTransactionsResponse:
        ids = [transaction.transaction_id for transaction in request.transactions]
        self.batches.append(ids)
        self.timeouts.append(timeout_seconds)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            async with asyncio.timeout(timeout_seconds):
                answer = await self._answers.get()
            return answer(ids)
        except TimeoutError:
            raise UnavailableError("deadline") from None
        finally:
            self.in_flight -= 1

    def accept(self, times: int = 1) -> None:
        for _ in range(times):
            self._answers.put_nowait(lambda ids: accepted(len(ids)))

    def reply(self, response: CreateTransactionsResponse) -> None:
        self._answers.put_nowait(lambda _ids: response)

    def fail(self, error: Exception) -> None:
        def raising(_ids: list[str]) -> CreateTransactionsResponse:
            raise error

        self._answers.put_nowait(raising)

    def refuse_batches_with(self, culprits: set[str], times: int) -> None:
        def answer(ids: list[str]) -> CreateTransactionsResponse:
            if culprits & set(ids):
                raise malformed()
            return accepted(len(ids))

        for _ in range(times):
            self._answers.put_nowait(answer)


def accepted(count: int) -> CreateTransactionsResponse:
    results = [TransactionResult(sequence=number) for number in range(1, count + 1)]
    return CreateTransactionsResponse(results=results)


def malformed() -> RefusedError:
    return RefusedError(
        "no UUID", reason_name="INVALID_FIELD", code=grpc.StatusCode.INVALID_ARGUMENT
    )


def queue_full() -> RefusedError:
    return RefusedError("full", reason_name="QUEUE_FULL", code=grpc.StatusCode.RESOURCE_EXHAUSTED)


def transaction(name: str, *, postings: int = 1, memo: str = "") -> TransactionInput:
    posting = Posting(source="users/a", destination="users/b", asset="BRONZE", amount=1)
    return TransactionInput(transaction_id=name, postings=[posting] * postings, memo=memo)


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def coalescer(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> Coalescer:
    monkeypatch.setattr(Policy, "pause_ceiling_seconds", lambda *_: 0.0)
    return Coalescer(peer.send)


@pytest.fixture
def begin(coalescer: Coalescer) -> Callable[..., asyncio.Task[Receipt]]:
    def begin(name: str, *, timeout_seconds: float = 5.0, **options: Any) -> asyncio.Task[Receipt]:
        return asyncio.ensure_future(
            coalescer.submit(transaction(name, **options), timeout_seconds=timeout_seconds)
        )

    return begin


Begin = Callable[..., asyncio.Task[Receipt]]


async def settle() -> None:
    """Lets everything run that can run without time passing."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_arrives_while_a_batch_is_in_flight_forms_the_next(
    peer: Peer, begin: Begin
) -> None:
    first = begin("a")
    await settle()
    rest = [begin(name) for name in "bcd"]
    await settle()
    assert peer.batches == [["a"]]
    peer.accept(2)
    await asyncio.gather(first, *rest)
    assert peer.batches == [["a"], ["b", "c", "d"]]
    assert peer.most_in_flight == 1


async def test_each_caller_gets_its_own_receipt_in_order_of_arrival(
    peer: Peer, begin: Begin
) -> None:
    peer.accept()
    tasks = [begin(f"{number}") for number in range(100)]
    receipts = await asyncio.gather(*tasks)
    assert receipts == [Receipt(f"{number}", number + 1, False) for number in range(100)]
    assert peer.batches == [[f"{number}" for number in range(100)]]


async def test_a_refusal_is_told_to_its_caller_only(peer: Peer, begin: Begin) -> None:
    refusal = Refusal(reason="INSUFFICIENT_FUNDS", message="too little")
    results = [
        TransactionResult(sequence=7, replayed=True),
        TransactionResult(refusal=refusal),
        TransactionResult(sequence=8),
    ]
    peer.reply(CreateTransactionsResponse(results=results))
    a, b, c = begin("a"), begin("b"), begin("c")
    with pytest.raises(RefusedError, match="INSUFFICIENT_FUNDS") as raised:
        await b
    assert raised.value.request_id == "b"
    assert await a == Receipt("a", 7, True)
    assert await c == Receipt("c", 8, False)


async def test_batches_keep_the_contracts_limits(
    peer: Peer, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coalescing_module, "MAX_TRANSACTIONS", 3)
    monkeypatch.setattr(coalescing_module, "MAX_POSTINGS", 5)
    peer.accept(4)
    tasks = [begin("a"), begin("b"), begin("c"), begin("d", postings=4)]
    tasks += [begin("e"), begin("f", postings=9)]
    await asyncio.gather(*tasks)
    assert peer.batches == [["a", "b", "c"], ["d", "e"], ["f"]]


async def test_a_batch_stays_below_the_message_size(
    peer: Peer, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coalescing_module, "MAX_BYTES", 1000)
    peer.accept(2)
    await asyncio.gather(*(begin(name, memo="m" * 256) for name in "abcd"))
    assert peer.batches == [["a", "b", "c"], ["d"]]


async def test_a_cancelled_caller_that_waits_is_not_sent(peer: Peer, begin: Begin) -> None:
    first = begin("a")
    await settle()
    b, c = begin("b"), begin("c")
    await settle()
    b.cancel()
    await settle()
    peer.accept(2)
    await asyncio.gather(first, c)
    assert peer.batches == [["a"], ["c"]]


async def test_a_cancelled_caller_in_flight_leaves_the_others_alone(
    peer: Peer, begin: Begin
) -> None:
    a, b, c = begin("a"), begin("b"), begin("c")
    await settle()
    b.cancel()
    await settle()
    peer.accept()
    assert (await a).sequence == 1
    assert (await c).sequence == 3
    assert b.cancelled()


@pytest.mark.parametrize("error", [queue_full(), UnavailableError("socket closed")])
async def test_a_batch_that_fails_as_a_whole_is_sent_again_with_the_same_ids(
    peer: Peer, begin: Begin, error: TicketonomicsError
) -> None:
    peer.fail(error)
    peer.fail(error)
    peer.accept()
    await asyncio.gather(begin("a"), begin("b"))
    assert peer.batches == [["a", "b"]] * 3
    assert peer.most_in_flight == 1


async def test_who_has_gone_is_not_sent_again(peer: Peer, begin: Begin) -> None:
    a, b = begin("a"), begin("b")
    await settle()
    a.cancel()
    await settle()
    peer.fail(queue_full())
    peer.accept()
    await b
    assert peer.batches == [["a", "b"], ["b"]]


async def test_a_lasting_refusal_of_the_call_is_told_to_everybody_separately(
    peer: Peer, begin: Begin
) -> None:
    peer.fail(RefusedError("who?", reason_name="CREDENTIALS_INVALID"))
    errors = await asyncio.gather(begin("a"), begin("b"), return_exceptions=True)
    assert [error.request_id for error in errors if isinstance(error, RefusedError)] == ["a", "b"]
    assert errors[0] is not errors[1]
    assert len(peer.batches) == 1


async def test_a_malformed_transaction_takes_nobody_along(peer: Peer, begin: Begin) -> None:
    peer.refuse_batches_with({"2", "5"}, times=30)
    tasks = [begin(f"{number}") for number in range(8)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    refused = [number for number, got in enumerate(outcomes) if isinstance(got, RefusedError)]
    assert refused == [2, 5]
    # Those that were accepted kept their order.
    sent = [ids[0] for ids in peer.batches if len(ids) == 1]
    assert sent == sorted(sent)


async def test_a_call_wide_complaint_costs_a_bounded_number_of_calls(
    peer: Peer, begin: Begin
) -> None:
    for _ in range(1000):
        peer.fail(malformed())
    tasks = [begin(f"{number}") for number in range(500)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(got, RefusedError) for got in outcomes)
    assert len(peer.batches) <= 2 * coalescing_module.MAX_SPLITS + 1


async def test_each_deadline_is_kept_and_the_attempt_gets_the_latest(
    peer: Peer, begin: Begin
) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    short, long = begin("a", timeout_seconds=0.05), begin("b", timeout_seconds=5.0)
    with pytest.raises(UnavailableError) as raised:
        await short
    assert 0.04 < loop.time() - started < 2
    assert raised.value.request_id == "a"
    assert not long.done()
    peer.accept()
    assert (await long).sequence == 2
    assert peer.timeouts[0] == pytest.approx(5.0, abs=0.5)


async def test_a_deadline_is_kept_while_waiting_behind_another_batch(
    peer: Peer, begin: Begin
) -> None:
    first = begin("a")
    await settle()
    with pytest.raises(UnavailableError):
        await begin("b", timeout_seconds=0.05)
    peer.accept()
    await first
    assert peer.batches == [["a"]]


async def test_one_deadline_after_another_is_kept(peer: Peer, begin: Begin) -> None:
    first = begin("a")
    await settle()
    started = asyncio.get_running_loop().time()
    waiting = [begin("b", timeout_seconds=0.1), begin("c", timeout_seconds=0.05)]
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(got, UnavailableError) for got in outcomes)
    assert asyncio.get_running_loop().time() - started < 2
    peer.accept()
    await first


async def test_who_has_no_time_for_another_attempt_gets_the_servers_reason(
    peer: Peer, begin: Begin
) -> None:
    peer.fail(
        RefusedError(
            "full",
            reason_name="QUEUE_FULL",
            code=grpc.StatusCode.RESOURCE_EXHAUSTED,
            retry_delay_seconds=60,
        )
    )
    with pytest.raises(RefusedError, match="QUEUE_FULL"):
        await begin("a")
    assert len(peer.batches) == 1


async def test_a_full_queue_after_an_unanswered_attempt_leaves_the_outcome_unknown(
    peer: Peer, begin: Begin
) -> None:
    peer.fail(UnavailableError("socket closed"))
    peer.fail(
        RefusedError(
            "full",
            reason_name="QUEUE_FULL",
            code=grpc.StatusCode.RESOURCE_EXHAUSTED,
            retry_delay_seconds=60,
        )
    )
    with pytest.raises(UnavailableError, match="QUEUE_FULL"):
        await begin("a")


async def test_an_answer_that_does_not_fit_is_asked_for_again(peer: Peer, begin: Begin) -> None:
    peer.reply(accepted(1))
    peer.accept()
    await asyncio.gather(begin("a"), begin("b"))
    assert peer.batches == [["a", "b"]] * 2


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_bug_leaves_nobody_waiting_and_the_next_transfer_works(
    peer: Peer, begin: Begin
) -> None:
    # The worker's task ends with the bug, and asyncio says so; that is wanted.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    first = begin("a")
    await settle()
    second = begin("b")
    peer.fail(ZeroDivisionError("bug"))
    for task in (first, second):
        with pytest.raises(UnavailableError):
            await task
    peer.accept()
    assert (await begin("c")).sequence == 1


async def test_drain_waits_for_everything_begun(
    peer: Peer, begin: Begin, coalescer: Coalescer
) -> None:
    first = begin("a")
    await settle()
    second = begin("b")
    await settle()
    drained = asyncio.ensure_future(coalescer.drain())
    await settle()
    assert not drained.done()
    peer.accept(2)
    await drained
    await settle()
    assert first.done()
    assert second.done()
