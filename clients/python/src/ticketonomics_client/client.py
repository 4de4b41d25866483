"""The client: a connection, and those on whose behalf it calls."""

from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

import grpc

from ticketonomics_client.amm import AmmCalls
from ticketonomics_client.applications import ApplicationCalls
from ticketonomics_client.connection import Connection
from ticketonomics_client.history import HistoryCalls
from ticketonomics_client.holdings import HoldingCalls
from ticketonomics_client.holds import HoldCalls
from ticketonomics_client.imports import ImportCalls
from ticketonomics_client.movements import MovementCalls
from ticketonomics_client.operation import OperationCalls
from ticketonomics_client.parameters import ParameterCalls
from ticketonomics_client.parliament import ParliamentCalls
from ticketonomics_client.payments import PaymentCalls
from ticketonomics_client.people import PeopleCalls
from ticketonomics_client.personal_data import PersonalDataCalls
from ticketonomics_client.prices import PriceCalls
from ticketonomics_client.progression import ProgressionCalls
from ticketonomics_client.proofs import ProofCalls
from ticketonomics_client.queues import QueueCalls
from ticketonomics_client.rewards import RewardCalls
from ticketonomics_client.spending import SpendingCalls
from ticketonomics_client.statements import StatementCalls
from ticketonomics_client.statistics import StatisticsCalls
from ticketonomics_client.tls import TlsFiles
from ticketonomics_client.webhooks import WebhookCalls


class Principal(
    MovementCalls,
    ImportCalls,
    HoldCalls,
    HistoryCalls,
    HoldingCalls,
    PaymentCalls,
    SpendingCalls,
    StatementCalls,
    PriceCalls,
    ProofCalls,
    PeopleCalls,
    PersonalDataCalls,
    ApplicationCalls,
    AmmCalls,
    WebhookCalls,
    RewardCalls,
    ParameterCalls,
    QueueCalls,
    ProgressionCalls,
    StatisticsCalls,
    ParliamentCalls,
    OperationCalls,
):
    """Everything that one caller can do: an application, or one that acts for a person."""


class Client(Principal):
    """A connection to a Ticketonomics server, used with `async with`.

    Every mutating call carries a request id and is retried with it, within its deadline, while the
    server is away, busy or silent; it happens once however often it is sent. Tasks of one event
    loop may share a client, and should.
    """

    def __init__(
        self,
        target: str = "127.0.0.1:50051",
        *,
        api_key: str | None = None,
        economy: str = "main",
        tls: bool | TlsFiles | grpc.ChannelCredentials | None = None,
        insecure: bool = False,
        timeout_seconds: float | None = None,
    ) -> None:
        """Makes a client; the first call connects.

        Args:
            target: A gRPC target, such as `ledger.example.org:443`.
            api_key: The application's secret. Without one, only public reads work.
            economy: Which economy to read; a key belongs to one, so it is used without a key only.
            tls: Encryption: by default, unless the target is this machine. True takes the usual
                root certificates; `TlsFiles` names others, and a certificate to show; channel
                credentials bring their own.
            insecure: Sends everything, the key too, in clear text to another machine.
            timeout_seconds: Deadline of each call, all its attempts together. None: each method's
                own, as the contracts' service config has it.

        Raises:
            ValueError: No encryption to another machine without `insecure`, a malformed key, or
                TLS files that cannot be used.
        """
        super().__init__(
            Connection(target, api_key=api_key, economy=economy, tls=tls, insecure=insecure),
            acting_for="",
            timeout_seconds=timeout_seconds,
        )
        # Asking twice for one person gives one principal, whose transfers then travel together.
        self._people: WeakValueDictionary[str, Principal] = WeakValueDictionary()

    def acting_for(self, person_id: str) -> Principal:
        """Returns the same calls on behalf of a person, over the same connection."""
        principal = self._people.get(person_id)
        if principal is None:
            principal = Principal(
                self._connection, acting_for=person_id, timeout_seconds=self._timeout_seconds
            )
            self._people[person_id] = principal
        return principal

    async def close(self) -> None:
        """Waits for transfers that were begun, at most for their deadlines, then disconnects."""
        for principal in (self, *self._people.values()):
            await principal.drain()
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
