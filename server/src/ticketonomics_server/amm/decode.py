"""Decodes requests about pools into commands, or refuses them by the name of the field."""

import hashlib
import re
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from ticketonomics.amm.v1 import amm_service_pb2 as rpc
from ticketonomics.amm.v1.swap_pb2 import SwapInput

from ticketonomics_server.amm.model import (
    AddLiquidity,
    CreatePool,
    PausePool,
    Pool,
    RemoveLiquidity,
    SetPoolFee,
    Swap,
)
from ticketonomics_server.amm.parameters import MOST_FEE_BPS
from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.rpc.fields import (
    body_hash,
    check_address,
    check_asset_code,
    check_time,
    check_uuid,
    invalid,
)

MAX_SWAPS = 8_192
MOST_SINK_BPS = 10_000

P = TypeVar("P", bound=PausePool)

_POOL_ID = re.compile(r"[a-z][a-z0-9_-]{0,20}")


@lru_cache(maxsize=10_000)
def _pool_id(value: str) -> str | None:
    return value if _POOL_ID.fullmatch(value) else None


def check_pool_id(value: str) -> str:
    """Returns a pool's id, or refuses what has not the form of one."""
    found = _pool_id(value)
    if found is None:
        raise invalid("pool_id", "is not a pool's id such as iron-bronze")
    return found


def decode_create_pool(caller: Caller, request: rpc.CreatePoolRequest) -> CreatePool:
    """Decodes a new pool. Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE."""
    base = check_asset_code(request.base_asset, "base_asset")
    quote = check_asset_code(request.quote_asset, "quote_asset")
    if base == quote:
        raise invalid("quote_asset", "is the base asset as well")
    return CreatePool(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_pool_id(request.pool_id),
        base,
        quote,
        check_address(request.account, "account"),
        _positive(request.base_amount, "base_amount"),
        _positive(request.quote_amount, "quote_amount"),
        _bps(request.fee_bps, "fee_bps", MOST_FEE_BPS) if request.HasField("fee_bps") else None,
        _bps(request.sink_bps, "sink_bps", MOST_SINK_BPS) if request.HasField("sink_bps") else None,
    )


def decode_set_pool_fee(caller: Caller, request: rpc.SetPoolFeeRequest) -> SetPoolFee:
    """Decodes another fee. Guards: INVALID_FIELD."""
    return SetPoolFee(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_pool_id(request.pool_id),
        _bps(request.fee_bps, "fee_bps", MOST_FEE_BPS),
        _bps(request.sink_bps, "sink_bps", MOST_SINK_BPS),
    )


def decode_pause(kind: type[P], caller: Caller, request: Any) -> P:
    """Decodes pausing or resuming. Guards: INVALID_FIELD."""
    return kind(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_pool_id(request.pool_id),
    )


def decode_exact(message: SwapInput | rpc.SwapRequest | rpc.QuoteRequest) -> tuple[bool, int]:
    """Decodes which amount of a swap is fixed: whether it is what is given, and how much.

    Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE.
    """
    exact = message.WhichOneof("exact")
    if exact == "amount_in":
        return True, _positive(message.amount_in, "amount_in")
    if exact == "amount_out":
        return False, _positive(message.amount_out, "amount_out")
    raise invalid("amount_in", "or amount_out is needed")


def decode_pair(message: SwapInput | rpc.SwapRequest | rpc.QuoteRequest) -> tuple[str, str]:
    """Decodes the two assets of a swap. Guards: INVALID_FIELD."""
    asset_in = check_asset_code(message.asset_in, "asset_in")
    asset_out = check_asset_code(message.asset_out, "asset_out")
    if asset_in == asset_out:
        raise invalid("asset_out", "is given as well")
    return asset_in, asset_out


def decode_swap(caller: Caller, message: SwapInput | rpc.SwapRequest) -> Swap:
    """Decodes a swap: the same swap alone or in a batch is the same request.

    Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE.
    """
    transaction_id = check_uuid(message.transaction_id, "transaction_id")
    pool_id = check_pool_id(message.pool_id)
    account = check_address(message.account, "account")
    asset_in, asset_out = decode_pair(message)
    exact_in, amount = decode_exact(message)
    limit = message.limit_amount
    if limit < 0:
        raise _out_of_range(limit, "limit_amount")
    deadline = _deadline(message)
    # No part holds a NUL, so that two different bodies never join to the same.
    digest = hashlib.sha256(
        f"{caller.application_id}\0{caller.person_id}\0swap\0{pool_id}\0{account}\0{asset_in}\0"
        f"{asset_out}\0{exact_in}\0{amount}\0{limit}\0"
        f"{'' if deadline is None else to_micros(deadline)}".encode()
    ).digest()
    return Swap(
        transaction_id,
        digest[:16],
        pool_id,
        account,
        asset_in,
        asset_out,
        exact_in,
        amount,
        limit,
        deadline,
    )


def decode_swaps(caller: Caller, request: rpc.CreateSwapsRequest) -> list[Swap | Rejection]:
    """Decodes a batch into commands, or refusals of malformed ones. Guards: BATCH_SIZE."""
    swaps = request.swaps
    if not 1 <= len(swaps) <= MAX_SWAPS:
        wanted = f"a batch has 1 to {MAX_SWAPS} swaps, not {len(swaps)}"
        raise Rejection(Reason.BATCH_SIZE, wanted, field="swaps")
    return [_decode_or_refuse(caller, message) for message in swaps]


def _decode_or_refuse(caller: Caller, message: SwapInput) -> Swap | Rejection:
    try:
        return decode_swap(caller, message)
    except Rejection as rejection:
        return rejection


def decode_add_liquidity(
    caller: Caller, request: rpc.AddLiquidityRequest, pool: Pool
) -> AddLiquidity:
    """Decodes liquidity for a pool that was read beforehand.

    Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE.
    """
    return AddLiquidity(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        pool.pool_id,
        check_address(request.account, "account"),
        pool.base,
        pool.quote,
        _positive(request.base_amount, "base_amount"),
        _positive(request.quote_amount, "quote_amount"),
        *_minimums(request),
        _deadline(request),
    )


def decode_remove_liquidity(
    caller: Caller, request: rpc.RemoveLiquidityRequest, pool: Pool
) -> RemoveLiquidity:
    """Decodes the removal of liquidity from a pool that was read beforehand.

    Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE.
    """
    return RemoveLiquidity(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        pool.pool_id,
        check_address(request.account, "account"),
        pool.base,
        pool.quote,
        _positive(request.shares, "shares"),
        *_minimums(request),
        _deadline(request),
    )


def _minimums(request: Any) -> tuple[int, int]:
    for field in ("minimum_base_amount", "minimum_quote_amount"):
        if getattr(request, field) < 0:
            raise _out_of_range(getattr(request, field), field)
    return request.minimum_base_amount, request.minimum_quote_amount


def _deadline(message: Any) -> datetime | None:
    if not message.HasField("deadline_time"):
        return None
    return check_time(message.deadline_time, "deadline_time")


def _positive(amount: int, field: str) -> int:
    if amount <= 0:
        raise _out_of_range(amount, field)
    return amount


def _out_of_range(amount: int, field: str) -> Rejection:
    return Rejection(
        Reason.AMOUNT_OUT_OF_RANGE, f"{field} is {amount}, which no amount is", field=field
    )


def _bps(value: int, field: str, most: int) -> int:
    if not 0 <= value <= most:
        raise invalid(field, f"is not between 0 and {most:,}")
    return value
