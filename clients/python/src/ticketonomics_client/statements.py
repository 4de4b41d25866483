"""Statements: what moved one balance in a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ticketonomics.ledger.v1.ledger_service_pb2 import GetStatementRequest, GetStatementResponse
from ticketonomics.ledger.v1.statement_pb2 import StatementLine

from ticketonomics_client.calling import Caller
from ticketonomics_client.times import timestamp


@dataclass(frozen=True, slots=True)
class Statement:
    """A balance over a period, in minor units: `opening` and all changes make `closing`.

    Attributes:
        account: Address of the account.
        asset: Code of the asset.
        opening: What was posted to the account before the period.
        closing: What was posted to it at the end of the period.
        lines: What moved it, oldest first.
        end_sequence: The last entry that the period includes.
    """

    account: str
    asset: str
    opening: int
    closing: int
    lines: Sequence[StatementLine]
    end_sequence: int


class StatementCalls(Caller):
    """Statements of balances."""

    async def statement(
        self,
        account: str,
        asset: str,
        *,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> Statement:
        """Reads a whole statement; all its pages tell the same period.

        Args:
            account: Address of the account.
            asset: Code of the asset.
            start_time: The period begins at this time; None means with the first entry.
            end_time: The period ends before this time; None means now.
            page_size: Lines a call, 1–1,000; 0 leaves it to the server.
            minimum_sequence: Least sequence number that the answers must have seen.
        """
        request = GetStatementRequest(
            account=account,
            asset=asset,
            start_time=timestamp(start_time),
            end_time=timestamp(end_time),
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        page = GetStatementResponse()
        newest_first: list[StatementLine] = []
        async for page in self.pages(self.ledger.GetStatement, request):
            newest_first += page.lines
        return Statement(
            account, asset, page.opening, page.closing, newest_first[::-1], page.end_sequence
        )
