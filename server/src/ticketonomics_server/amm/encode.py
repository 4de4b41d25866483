"""Encodes pools, swaps and liquidity into contract messages."""

from datetime import datetime
from typing import cast

from ticketonomics.amm.v1 import amm_service_pb2 as rpc
from ticketonomics.amm.v1 import pool_pb2, swap_pb2
from ticketonomics.ledger.v1.transaction_pb2 import Refusal

from ticketonomics_server.amm import formulas
from ticketonomics_server.amm.model import Pool, PoolState, Swap, Trade, trade_of
from ticketonomics_server.amm.queries import Position, ShownPool
from ticketonomics_server.engine.command import Accepted
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.model import EntryKind, PostedTransaction
from ticketonomics_server.ledger.queries import JournalTransaction
from ticketonomics_server.rpc.fields import format_uuid, set_time

# Which posting of a transaction tells how many shares were made or burned for the account.
_SHARES_AT = {
    EntryKind.POOL_CREATED: 3,
    EntryKind.LIQUIDITY_ADDED: 2,
    EntryKind.LIQUIDITY_REMOVED: 2,
}


def encode_pool(pool: ShownPool) -> pool_pb2.Pool:
    """Encodes a pool with its reserves and price."""
    message = pool_pb2.Pool(
        pool_id=pool.pool_id,
        base_asset=pool.base,
        quote_asset=pool.quote,
        share_asset=pool.shares,
        account=pool.account,
        state=f"STATE_{PoolState(pool.state).name}",
        fee_bps=pool.fee_bps,
        sink_bps=pool.sink_bps,
        base_reserve=pool.base_reserve,
        quote_reserve=pool.quote_reserve,
        share_supply=pool.share_supply,
        locked_shares=pool.locked_shares,
        price=_price(pool, pool.base_reserve, pool.quote_reserve),
        create_sequence=pool.create_sequence,
    )
    set_time(message.create_time, pool.create_time)
    return message


def encode_quote(
    pool: ShownPool, asset_in: str, trade: Trade, last_sequence: int
) -> rpc.QuoteResponse:
    """Encodes what a swap would come to."""
    given, received, burned = trade
    reserve_in, reserve_out = pool.reserves(asset_in)
    after_in, after_out = reserve_in + given - burned, reserve_out - received
    sells = asset_in == pool.base
    base_after, quote_after = (after_in, after_out) if sells else (after_out, after_in)
    base, quote = (given, received) if sells else (received, given)
    return rpc.QuoteResponse(
        amount_in=given,
        amount_out=received,
        fee_amount=formulas.fee_of(given, pool.fee_bps),
        burned_amount=burned,
        price_impact_bps=formulas.price_impact_bps(
            given, received, reserve_in, reserve_out, pool.fee_bps
        ),
        price_before=_price(pool, pool.base_reserve, pool.quote_reserve),
        price_after=_price(pool, base_after, quote_after),
        execution_price=_price(pool, base, quote),
        last_sequence=last_sequence,
    )


def _price(pool: ShownPool, base: int, quote: int) -> str:
    return formulas.price_text(
        *formulas.price(quote, pool.quote_decimals, base, pool.base_decimals)
    )


def encode_swap(
    command: Swap, sequence: int, posted: PostedTransaction, commit_time: datetime
) -> swap_pb2.Swap:
    """Encodes a swap that happened."""
    given, received, burned = trade_of(posted.postings)
    message = swap_pb2.Swap(
        transaction_id=format_uuid(command.request_id),
        sequence=sequence,
        pool_id=command.pool_id,
        account=command.account,
        asset_in=command.asset_in,
        asset_out=command.asset_out,
        amount_in=given,
        amount_out=received,
        burned_amount=burned,
    )
    set_time(message.commit_time, commit_time)
    return message


def encode_result(outcome: object, replayed: dict[int, PostedTransaction]) -> swap_pb2.SwapResult:
    """Encodes what became of one swap of a batch.

    Args:
        replayed: Those that happened before, by sequence number.
    """
    if isinstance(outcome, Accepted):
        posted = replayed[outcome.sequence] if outcome.replayed else outcome.value
        given, received, burned = trade_of(posted.postings)
        return swap_pb2.SwapResult(
            sequence=outcome.sequence,
            replayed=outcome.replayed,
            amount_in=given,
            amount_out=received,
            burned_amount=burned,
        )
    refusal = cast(Rejection, outcome)
    return swap_pb2.SwapResult(
        refusal=Refusal(reason=refusal.reason, message=refusal.message, metadata=refusal.metadata)
    )


def encode_event(pool: Pool, found: JournalTransaction) -> pool_pb2.PoolEvent:
    """Encodes what changed a pool's reserves."""
    posted = found.posted
    first, second, *_ = posted.postings
    message = pool_pb2.PoolEvent(
        transaction_id=format_uuid(posted.transaction_id),
        sequence=found.sequence,
        account=first.destination if first.source == pool.account else first.source,
    )
    set_time(message.commit_time, found.commit_time)
    if posted.kind == EntryKind.SWAP:
        given, received, burned = trade_of(posted.postings)
        sold = first.asset == pool.base
        message.kind = pool_pb2.PoolEvent.KIND_SOLD if sold else pool_pb2.PoolEvent.KIND_BOUGHT
        message.base_amount, message.quote_amount = (given, received) if sold else (received, given)
        message.burned_amount = burned
        return message
    message.kind = _KINDS[posted.kind]
    message.base_amount, message.quote_amount = first.amount, second.amount
    message.shares = posted.postings[_SHARES_AT[posted.kind]].amount
    return message


_KINDS = {
    EntryKind.POOL_CREATED: pool_pb2.PoolEvent.KIND_CREATED,
    EntryKind.LIQUIDITY_ADDED: pool_pb2.PoolEvent.KIND_LIQUIDITY_ADDED,
    EntryKind.LIQUIDITY_REMOVED: pool_pb2.PoolEvent.KIND_LIQUIDITY_REMOVED,
}


def encode_position(position: Position) -> pool_pb2.Position:
    """Encodes an account's shares, with what removing all of them would give."""
    pool = position.pool
    base, quote = formulas.worth_of_shares(
        position.shares, pool.base_reserve, pool.quote_reserve, pool.share_supply
    )
    return pool_pb2.Position(
        pool_id=pool.pool_id,
        account=position.account,
        shares=position.shares,
        share_supply=pool.share_supply,
        base_amount=base,
        quote_amount=quote,
    )
