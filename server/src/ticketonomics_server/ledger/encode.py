"""Encodes what the ledger has into contract messages."""

from datetime import datetime
from typing import Any, cast

from ticketonomics.ledger.v1.account_pb2 import Account, Balance
from ticketonomics.ledger.v1.asset_pb2 import Asset, Supply, TransferFee
from ticketonomics.ledger.v1.block_pb2 import Block
from ticketonomics.ledger.v1.hold_pb2 import Hold as HoldMessage
from ticketonomics.ledger.v1.transaction_pb2 import (
    Refusal,
    Transaction,
    TransactionResult,
)

from ticketonomics_server.engine.command import Accepted, Caller
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.histories import BalanceRow
from ticketonomics_server.ledger.model import PostedTransaction
from ticketonomics_server.ledger.model_holds import Hold
from ticketonomics_server.ledger.queries import JournalTransaction
from ticketonomics_server.ledger.queries import Supply as SupplyRow
from ticketonomics_server.rpc.fields import format_uuid, set_time

READ_PRIVATE = "ledger.private"


def may_read_text(caller: Caller, posted: PostedTransaction | Hold) -> bool:
    """Tells whether a caller may see memo and metadata: the parties may, and `ledger.private`."""
    if READ_PRIVATE in caller.scopes and not caller.person_id:
        return True
    if not caller.application_id:
        return False
    mine = f"users/{caller.person_id}" if caller.person_id else f"apps/{caller.application_id}/"
    return any(
        side == mine if caller.person_id else side.startswith(mine)
        for posting in posted.postings
        for side in (posting.source, posting.destination)
    )


def encode_transaction(found: JournalTransaction, *, with_text: bool) -> Transaction:
    """Encodes a transaction, with memo and metadata or without."""
    message = Transaction()
    write_transaction(message, found, with_text=with_text)
    return message


def write_transaction(message: Transaction, found: JournalTransaction, *, with_text: bool) -> None:
    """Encodes a transaction into a message that is part of another: nothing has to be copied."""
    posted = found.posted
    message.transaction_id = format_uuid(posted.transaction_id)
    message.sequence = found.sequence
    message.kind = cast(Any, posted.kind)
    for source, destination, asset, amount in posted.postings:
        message.postings.add(source=source, destination=destination, asset=asset, amount=amount)
    set_time(message.commit_time, found.commit_time)
    if with_text and posted.text:
        message.memo = posted.text.memo
        message.metadata.update(posted.text.metadata)
    if posted.hold_id:
        message.hold_id = format_uuid(posted.hold_id)
    if posted.effective_time is not None:
        set_time(message.effective_time, posted.effective_time)
        message.reference = posted.reference


def encode_for(caller: Caller, found: JournalTransaction) -> Transaction:
    """Encodes a transaction as far as the caller may see it."""
    return encode_transaction(found, with_text=may_read_text(caller, found.posted))


def encode_result(outcome: object) -> TransactionResult:
    """Encodes what became of one transaction of a batch."""
    if isinstance(outcome, Accepted):
        return TransactionResult(sequence=outcome.sequence, replayed=outcome.replayed)
    if isinstance(outcome, Rejection):
        return TransactionResult(
            refusal=Refusal(
                reason=outcome.reason, message=outcome.message, metadata=outcome.metadata
            )
        )
    raise TypeError(f"no transaction comes to {outcome!r}")


def encode_hold(hold: Hold, text: Text | None) -> HoldMessage:
    """Encodes a hold, with memo and metadata where they are given."""
    message = HoldMessage(
        hold_id=format_uuid(hold.hold_id),
        sequence=hold.create_sequence,
        state=cast(Any, hold.state),
        application_id=hold.application_id,
        person_id=hold.person_id,
        end_sequence=hold.end_sequence,
    )
    for source, destination, asset, amount, fee in hold.postings:
        message.postings.add(
            source=source, destination=destination, asset=asset, amount=amount, fee=fee
        )
    set_time(message.create_time, hold.create_time)
    set_time(message.expire_time, hold.expire_time)
    _set_optional_time(message, "end_time", hold.end_time)
    if text:
        message.memo = text.memo
        message.metadata.update(text.metadata)
    return message


def encode_hold_for(caller: Caller, hold: Hold, text: Text | None) -> HoldMessage:
    """Encodes a hold as far as the caller may see it."""
    return encode_hold(hold, text if may_read_text(caller, hold) else None)


def encode_account(row: Any) -> Account:
    """Encodes an account's row."""
    message = Account(address=row.address, state=row.state)
    set_time(message.open_time, row.open_time)
    _set_optional_time(message, "close_time", row.close_time)
    return message


def encode_asset(row: Any) -> Asset:
    """Encodes an asset's row."""
    message = Asset(
        code=row.code,
        kind=row.kind,
        decimals=row.decimals,
        name=row.name,
        supply_cap=row.supply_cap,
        transfer_fee=TransferFee(
            fee_bps=row.fee_bps, minimum=row.fee_minimum, maximum=row.fee_maximum
        ),
    )
    set_time(message.create_time, row.create_time)
    return message


def encode_balance(row: BalanceRow) -> Balance:
    """Encodes a balance."""
    return Balance(
        account=row.account,
        asset=row.asset,
        posted=row.posted,
        held=row.held,
        available=row.posted - row.held,
    )


def encode_supply(asset: Any, supply: SupplyRow) -> Supply:
    """Encodes the supply of an asset."""
    return Supply(
        asset=asset.code,
        minted=supply.minted,
        burned=supply.burned,
        circulating=supply.minted - supply.burned,
        supply_cap=asset.supply_cap,
    )


def encode_block(row: Any) -> Block:
    """Encodes a block's row."""
    message = Block(
        height=row.height,
        first_sequence=row.first_sequence,
        last_sequence=row.last_sequence,
        merkle_root=row.merkle_root,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
    set_time(message.block_time, row.block_time)
    return message


def _set_optional_time(message: Any, field: str, time: datetime | None) -> None:
    if time is not None:
        set_time(getattr(message, field), time)
