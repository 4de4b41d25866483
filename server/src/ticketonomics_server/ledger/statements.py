"""Statements: what moved one balance in a period, line by line."""

from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.statement_pb2 import StatementLine
from ticketonomics.ledger.v1.transaction_pb2 import Transaction

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.ledger import encode, histories, queries, selection
from ticketonomics_server.ledger.queries import JournalTransaction
from ticketonomics_server.rpc.paging import make_token, page_size, read_token
from ticketonomics_server.storage.reading import Snapshot


async def read_statement(
    snapshot: Snapshot, caller: Caller, request: rpc.GetStatementRequest
) -> rpc.GetStatementResponse:
    """Reads one page. A token holds the entry that the page lies below, and the period's last."""
    size = page_size(request)
    token = read_token(request, int, int)
    account = await queries.find_account(snapshot, request.account)
    asset = await queries.find_asset(snapshot, request.asset)
    after, below = await selection.requested_range(snapshot, request)
    end = below - 1
    if token:
        below, end = token

    async def posted_at(sequence: int) -> int:
        rows = await histories.list_balances(
            snapshot,
            account_id=account.account_id,
            asset_id=asset.asset_id,
            behind=(0, 0),
            limit=1,
            at=sequence,
        )
        return rows[0].posted if rows else 0

    sequences = await histories.list_history(
        snapshot,
        account_id=account.account_id,
        asset_id=asset.asset_id,
        after=after,
        below=below,
        limit=size + 1,
    )
    page, more = sequences[:size], sequences[size:]
    closing = await posted_at(end)
    found = await queries.read_transactions(snapshot, page)
    return rpc.GetStatementResponse(
        # A period that ends before it begins is empty: nothing lies between the two.
        opening=await posted_at(min(after, end)),
        closing=closing,
        lines=_lines(found, request, caller, await posted_at(below - 1) if token else closing),
        next_page_token=make_token(request, page[-1], end) if more else "",
        end_sequence=end,
        last_sequence=snapshot.last_sequence,
    )


def _lines(
    found: list[JournalTransaction],
    request: rpc.GetStatementRequest,
    caller: Caller,
    balance: int,
) -> list[StatementLine]:
    """Encodes a page, newest first.

    Args:
        balance: What was posted after the newest of them.
    """
    lines = []
    for one in reversed(found):
        transaction = encode.encode_for(caller, one)
        line = _line(transaction, request.account, request.asset, balance)
        lines.append(line)
        balance -= line.change
    return lines


def _line(transaction: Transaction, account: str, asset: str, balance: int) -> StatementLine:
    postings = [
        posting
        for posting in transaction.postings
        if posting.asset == asset and account in {posting.source, posting.destination}
    ]
    line = StatementLine(
        sequence=transaction.sequence,
        commit_time=transaction.commit_time,
        transaction_id=transaction.transaction_id,
        kind=transaction.kind,
        change=sum(p.amount if p.destination == account else -p.amount for p in postings),
        balance=balance,
        postings=postings,
        memo=transaction.memo,
        reference=transaction.reference,
    )
    if transaction.HasField("effective_time"):
        line.effective_time.CopyFrom(transaction.effective_time)
    return line
