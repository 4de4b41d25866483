"""Calls the two servers, and writes down what they answered."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from time import monotonic_ns
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import grpc
from ticketonomics.amm.v1.amm_service_pb2_grpc import AmmServiceStub
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics.ledger.v1.transaction_pb2 import Posting, TransactionInput, TransactionResult
from ticketonomics.parameters.v1.parameter_service_pb2_grpc import ParameterServiceStub
from ticketonomics.parliament.v1.parliament_service_pb2_grpc import ParliamentServiceStub
from ticketonomics.payments.v1.payment_service_pb2_grpc import PaymentServiceStub
from ticketonomics.queues.v1.queue_service_pb2_grpc import QueueServiceStub
from ticketonomics.spending.v1.spending_service_pb2_grpc import SpendingServiceStub
from ticketonomics_client.connection import CHANNEL_OPTIONS
from ticketonomics_client.errors import TicketonomicsError, translate

from .checks import PASSING
from .records import (
    ASSET,
    Attempt,
    BalanceRead,
    Draft,
    Lookup,
    Movement,
    Report,
    Verdict,
    purse,
)

HOT = "orgs/hot"
GAME = "game"
TREASURY = "orgs/treasury"

# Answers with one of these leave open what became of the request.
_OPEN_REASONS = frozenset({"", "DATABASE_UNAVAILABLE", "INTERNAL"})
# gRPC's own, when a handler let something escape.
_FAULT_CODES = frozenset({grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL})

_PAUSE_SECONDS = 0.1
_OTHERS = (
    AmmServiceStub,
    IdentityServiceStub,
    ParameterServiceStub,
    ParliamentServiceStub,
    PaymentServiceStub,
    QueueServiceStub,
    SpendingServiceStub,
)


class Caller:
    """Somebody who calls both servers. What it was told is in `report`.

    Args:
        game: The application that takes what people allow, and its key.
    """

    def __init__(
        self, targets: Sequence[str], api_key: str, game: tuple[str, str] = ("", "")
    ) -> None:
        self.game_id, self._game_key = game
        self.report = Report()
        self._targets = targets
        self._metadata = (("authorization", f"Bearer {api_key}"),)
        # The stub's own type is that of synchronous calls.
        self._stubs: list[Any] = []
        # Methods of all services; no two share a name.
        self._methods: list[dict[str, Any]] = []
        self._channels = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for target in self._targets:
            channel = grpc.aio.insecure_channel(target, options=CHANNEL_OPTIONS)
            await self._channels.enter_async_context(channel)
            self._stubs.append(LedgerServiceStub(channel))
            others = (stub(channel) for stub in _OTHERS)
            self._methods.append(
                {
                    name: call
                    for stub in (self._stubs[-1], *others)
                    for name, call in vars(stub).items()
                }
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._channels.aclose()

    def take_report(self) -> Report:
        """Returns what was written down since the last time."""
        report, self.report = self.report, Report()
        return report

    def note_fault(self, fault: str) -> None:
        """Writes down that a server was at fault itself; begins with the method's name."""
        self.report.faults.append(fault)

    async def transfer(self, server: int, draft: Draft, *, timeout_seconds: float = 3.0) -> Attempt:
        """Sends a draft of one movement by Transfer."""
        (movement,) = draft.movements
        request = rpc.TransferRequest(
            transaction_id=draft.transaction_id, asset=ASSET, **movement._asdict()
        )
        sent_ns = monotonic_ns()
        try:
            answer = await self._call(self._stubs[server].Transfer, request, timeout_seconds)
        except TicketonomicsError as error:
            attempt = _unanswered(draft, server, sent_ns, error)
        else:
            attempt = Attempt(
                draft,
                server,
                sent_ns,
                monotonic_ns(),
                Verdict.ACCEPTED,
                sequence=answer.transaction.sequence,
                replayed=answer.replayed,
                last_sequence=answer.last_sequence,
            )
        self.report.attempts.append(attempt)
        return attempt

    async def send_batch(
        self, server: int, drafts: Sequence[Draft], *, timeout_seconds: float = 4.0
    ) -> list[Attempt]:
        """Sends drafts by CreateTransactions; a call that fails is an attempt of each."""
        request = rpc.CreateTransactionsRequest(transactions=[_input(draft) for draft in drafts])
        sent_ns = monotonic_ns()
        call = self._stubs[server].CreateTransactions
        try:
            answer = await self._call(call, request, timeout_seconds)
        except TicketonomicsError as error:
            attempts = [
                _unanswered(draft, server, sent_ns, error, batched=True) for draft in drafts
            ]
        else:
            attempts = [
                self._result(draft, server, sent_ns, result, answer.last_sequence)
                for draft, result in zip(drafts, answer.results, strict=True)
            ]
        self.report.attempts += attempts
        return attempts

    def _result(
        self, draft: Draft, server: int, sent_ns: int, result: TransactionResult, last: int
    ) -> Attempt:
        reason = result.refusal.reason
        if reason == "INTERNAL":
            self.note_fault(f"CreateTransactions: {result.refusal.message}")
        verdict = _verdict(reason) if result.HasField("refusal") else Verdict.ACCEPTED
        return Attempt(
            draft,
            server,
            sent_ns,
            monotonic_ns(),
            verdict,
            sequence=result.sequence,
            replayed=result.replayed,
            reason=reason,
            # A block that was given up saw nothing.
            last_sequence=0 if verdict is Verdict.UNKNOWN else last,
            batched=True,
        )

    async def ask(
        self, server: int, method: str, request: Any, *, by: str, timeout_seconds: float = 3.0
    ) -> tuple[Verdict, str, Any]:
        """Calls any method of any service; returns the verdict, the reason, and the answer.

        Args:
            by: GAME, a person's id for whom the operator acts, or empty.
        """
        metadata: tuple[tuple[str, str], ...] = self._metadata
        if by == GAME:
            metadata = (("authorization", f"Bearer {self._game_key}"),)
        elif by:
            metadata = (*metadata, ("ticketonomics-acting-for", by))
        call = self._methods[server][method]
        try:
            answer = await self._call(call, request, timeout_seconds, metadata)
        except TicketonomicsError as error:
            return _verdict(error.reason_name), error.reason_name, None
        return Verdict.ACCEPTED, "", answer

    async def insist(self, server: int, draft: Draft, *, patience_seconds: float) -> Attempt:
        """Sends a draft to one server until it answers for good.

        Raises:
            TimeoutError: It did not in this time.
        """
        async with asyncio.timeout(patience_seconds):
            while True:
                if len(draft.movements) == 1:
                    attempt = await self.transfer(server, draft)
                else:
                    (attempt,) = await self.send_batch(server, [draft])
                if attempt.verdict is not Verdict.UNKNOWN and attempt.reason not in PASSING:
                    return attempt
                await asyncio.sleep(_PAUSE_SECONDS)

    async def read_balance(self, server: int, account: str) -> None:
        """Reads what an account has; a read that fails tells nothing."""
        request = rpc.GetBalanceRequest(account=account, asset=ASSET)
        sent_ns = monotonic_ns()
        try:
            answer = await self._call(self._stubs[server].GetBalance, request, 3.0)
        except TicketonomicsError:
            return
        posted, last = answer.balance.posted, answer.last_sequence
        read = BalanceRead(account, posted, server, sent_ns, monotonic_ns(), last)
        self.report.balances.append(read)

    async def look_up(self, server: int, transaction_id: str) -> None:
        """Reads a transaction that was acknowledged."""
        request = rpc.GetTransactionRequest(transaction_id=transaction_id)
        sent_ns = monotonic_ns()
        try:
            answer = await self._call(self._stubs[server].GetTransaction, request, 3.0)
        except TicketonomicsError as error:
            if error.reason_name != "TRANSACTION_NOT_FOUND":
                return
            sequence, last = 0, error.last_sequence or 0
        else:
            sequence, last = answer.transaction.sequence, answer.last_sequence
        lookup = Lookup(transaction_id, sequence, server, sent_ns, monotonic_ns(), last)
        self.report.lookups.append(lookup)

    async def list_balances(self, server: int) -> dict[str, int]:
        """Reads what every account has."""
        request = rpc.ListBalancesRequest(page_size=1_000)
        found: dict[str, int] = {}
        while True:
            answer = await self._call(self._stubs[server].ListBalances, request, 10.0)
            found |= {purse(b.account, b.asset): b.posted for b in answer.balances}
            request.page_token = answer.next_page_token
            if not request.page_token:
                return found

    async def change(self, method: str, request: Any) -> Any:
        """Calls a method that changes something, once, at the first server; for setting up."""
        return await self._call(self._methods[0][method], request, 20.0)

    def be_game_too(self, game_id: str, api_key: str) -> None:
        """Lets `ask` call as the game."""
        self.game_id, self._game_key = game_id, api_key

    def watch(self, server: int, request: rpc.WatchTransactionsRequest) -> Any:
        """Begins a stream."""
        return self._stubs[server].WatchTransactions(request, metadata=self._metadata)

    async def _call(
        self,
        method: Callable[..., Awaitable[Any]],
        request: Any,
        timeout_seconds: float,
        metadata: tuple[tuple[str, str], ...] = (),
    ) -> Any:
        try:
            return await method(
                request, timeout=timeout_seconds, metadata=metadata or self._metadata
            )
        except grpc.aio.AioRpcError as error:
            translated = translate(error)
            if translated.reason_name == "INTERNAL" or (
                error.code() in _FAULT_CODES and not translated.reason_name
            ):
                self.note_fault(f"{type(request).__name__}: {error.code()} {translated}")
            raise translated from error


def new_draft(*movements: Movement) -> Draft:
    """Makes a draft with an id of its own."""
    return Draft(str(uuid4()), movements)


def fence_draft() -> Draft:
    """Makes a draft that every watcher is told about."""
    return new_draft(Movement(TREASURY, HOT, 1))


def _verdict(reason: str) -> Verdict:
    return Verdict.UNKNOWN if reason in _OPEN_REASONS else Verdict.REFUSED


def _unanswered(
    draft: Draft, server: int, sent_ns: int, error: TicketonomicsError, *, batched: bool = False
) -> Attempt:
    verdict = _verdict(error.reason_name)
    reason = error.reason_name or (error.code.name if error.code else "")
    last = 0 if verdict is Verdict.UNKNOWN else error.last_sequence or 0
    return Attempt(
        draft,
        server,
        sent_ns,
        monotonic_ns(),
        verdict,
        reason=reason,
        last_sequence=last,
        batched=batched,
    )


def _input(draft: Draft) -> TransactionInput:
    postings = [Posting(asset=ASSET, **movement._asdict()) for movement in draft.movements]
    return TransactionInput(transaction_id=draft.transaction_id, postings=postings)
