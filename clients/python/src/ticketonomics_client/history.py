"""Calls that read what happened: transactions, blocks, and the stream of both."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import datetime

from ticketonomics.ledger.v1.block_pb2 import Block
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    GetBlockRequest,
    GetTransactionRequest,
    ListBlocksRequest,
    ListTransactionsRequest,
    WatchTransactionsRequest,
    WatchTransactionsResponse,
)
from ticketonomics.ledger.v1.transaction_pb2 import Transaction

from ticketonomics_client.calling import Caller
from ticketonomics_client.times import timestamp
from ticketonomics_client.watching import watch


class HistoryCalls(Caller):
    """The journal, newest first, and its chain of blocks."""

    async def transaction(self, key: str | int, *, minimum_sequence: int = 0) -> Transaction:
        """Reads one transaction by its id (str) or its sequence number (int)."""
        request = GetTransactionRequest(minimum_sequence=minimum_sequence)
        if isinstance(key, str):
            request.transaction_id = key
        else:
            request.sequence = key
        return (await self.call(self.ledger.GetTransaction, request)).transaction

    async def transactions(
        self,
        *,
        account: str = "",
        asset: str = "",
        kind: Transaction.Kind = Transaction.KIND_UNSPECIFIED,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Transaction]:
        """Yields transactions that match all given filters, newest first, page by page.

        Args:
            account: Only those with a posting from or to this account.
            asset: Only those with a posting of this asset.
            kind: Only those of this kind.
            start_time: Only those not before this time.
            end_time: Only those before this time.
            page_size: Transactions a call, 1–1,000; 0 leaves it to the server.
            minimum_sequence: Least sequence number that the answers must have seen.
        """
        request = ListTransactionsRequest(
            account=account,
            asset=asset,
            kind=kind,
            start_time=timestamp(start_time),
            end_time=timestamp(end_time),
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.ledger.ListTransactions, request):
            for transaction in page.transactions:
                yield transaction

    async def watch_transactions(
        self,
        *,
        accounts: Sequence[str] = (),
        asset: str = "",
        kinds: Sequence[Transaction.Kind] = (),
        after_sequence: int | None = None,
    ) -> AsyncGenerator[Transaction, None]:
        """Yields transactions as they are accepted, for ever, without gap or repeat.

        Reconnects by itself. Keep the `sequence` of the last one that you handled to go on from it
        in another process. Leave the loop through `contextlib.aclosing`, so that the stream closes
        at once.

        Args:
            accounts: Only those with a posting from or to one of these, at most 100; none means
                all.
            asset: Only those with a posting of this asset.
            kinds: Only those of one of these kinds; none means all.
            after_sequence: What follows this is sent. 0 means from the very beginning, None from
                now.

        Raises:
            RefusedError: The server will not serve this stream, now or later.
        """
        async with aclosing(
            self.watch_messages(
                accounts=accounts, asset=asset, kinds=kinds, after_sequence=after_sequence
            )
        ) as messages:
            async for message in messages:
                for transaction in message.transactions:
                    yield transaction

    def watch_messages(
        self,
        *,
        accounts: Sequence[str] = (),
        asset: str = "",
        kinds: Sequence[Transaction.Kind] = (),
        after_sequence: int | None = None,
    ) -> AsyncGenerator[WatchTransactionsResponse, None]:
        """Yields what `watch_transactions` does, in whole messages, heartbeats included.

        A message's `cursor` is where to resume, also when nothing has matched for a long time.
        """
        request = WatchTransactionsRequest(
            accounts=accounts, asset=asset, kinds=kinds, after_sequence=after_sequence
        )
        return watch(self, self.ledger.WatchTransactions, request)

    async def block(self, height: int = 0, *, minimum_sequence: int = 0) -> Block:
        """Reads the block of this height; 0 means the newest."""
        request = GetBlockRequest(height=height, minimum_sequence=minimum_sequence)
        return (await self.call(self.ledger.GetBlock, request)).block

    async def blocks(
        self, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Block]:
        """Yields all blocks, newest first, page by page."""
        request = ListBlocksRequest(page_size=page_size, minimum_sequence=minimum_sequence)
        async for page in self.pages(self.ledger.ListBlocks, request):
            for block in page.blocks:
                yield block
