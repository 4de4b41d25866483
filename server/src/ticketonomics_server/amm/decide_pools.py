"""Decides new pools, their fees, and whether they trade. Pure."""

from ticketonomics_server.amm.decide import guard_account, no_pool
from ticketonomics_server.amm.formulas import first_shares
from ticketonomics_server.amm.model import (
    CreatePool,
    EntryKind,
    PausePool,
    Pool,
    PoolState,
    ResumePool,
    SetPoolFee,
    pool_account,
    share_code,
)
from ticketonomics_server.amm.parameters import FEE, FEE_MAXIMUM, LOCKED_SHARES
from ticketonomics_server.amm.parameters import SINK as SINK_PART
from ticketonomics_server.engine.canonical import Canonical, encode_fields
from ticketonomics_server.engine.command import (
    Caller,
    Context,
    Decision,
    NothingToDo,
    decide_event,
)
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Counter, next_number
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.decide import no_asset
from ticketonomics_server.ledger.decide_accounts import (
    ACCOUNT_SERIES,
    ASSET_SERIES,
    open_account,
)
from ticketonomics_server.ledger.decide_rooms import (
    decide_room_transaction,
    declare_room_transaction,
)
from ticketonomics_server.ledger.model import MINT, POOL_SHARES, SHARE, Asset, Posting
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.parameters.reading import declare_parameters, read


def declare_create_pool(command: CreatePool, caller: Caller, keys: Keys) -> None:
    """Names what a transaction of the first liquidity would, and what is new."""
    keys[Pool].add(command.pool_id)
    keys[Counter].update((ACCOUNT_SERIES, ASSET_SERIES))
    declare_room_transaction(_first_liquidity(command, 1, 1), caller, keys)
    declare_parameters(keys, FEE, FEE_MAXIMUM, SINK_PART, LOCKED_SHARES)


def decide_create_pool(state: State, command: CreatePool, context: Context) -> Decision:
    """Makes a pool, its account, the asset of its shares, and its first liquidity.

    Guards: POOL_EXISTS, ASSET_EXISTS (the shares'), ASSET_NOT_FOUND, ASSET_RESERVED (shares of
    another pool), INVALID_FIELD (fee_bps), INSUFFICIENT_LIQUIDITY, ACCOUNT_NOT_FOUND,
    ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER, ALLOWANCE_ASKS, ACCOUNT_CLOSED, ACCOUNT_BLOCKED,
    INSUFFICIENT_FUNDS, BALANCE_OVERFLOW, ALLOWANCE_EXCEEDED, BUDGET_EXCEEDED.
    """
    base, quote = _guard_new(state, command)
    fee_bps = read(state, FEE) if command.fee_bps is None else command.fee_bps
    sink_bps = read(state, SINK_PART) if command.sink_bps is None else command.sink_bps
    if command.fee_bps is not None:
        _guard_fee(state, command.fee_bps)
    locked = read(state, LOCKED_SHARES)
    made = first_shares(command.base_amount, command.quote_amount)
    if made <= locked:
        raise Rejection(
            Reason.INSUFFICIENT_LIQUIDITY,
            f"the amounts make {made} shares, and {locked} are locked for ever: begin with more",
            pool=command.pool_id,
            required=locked + 1,
        )
    guard_account(state, context, command.account, command.base, command.quote)

    asset = _add_shares(state, command.pool_id, base, quote, context)
    account = open_account(state, pool_account(command.pool_id), context)
    pool = Pool(
        pool_id=command.pool_id,
        create_sequence=context.sequence,
        application_id=context.caller.application_id,
        account_id=account.account_id,
        base_id=base.asset_id,
        quote_id=quote.asset_id,
        share_id=asset.asset_id,
        base=base.code,
        quote=quote.code,
        state=PoolState.OPEN,
        fee_bps=fee_bps,
        sink_bps=sink_bps,
        locked_shares=locked,
        create_time=context.time,
    )
    state.add(pool)
    return decide_room_transaction(
        state,
        command,
        context,
        LedgerKind.POOL_CREATED,
        _first_liquidity(command, locked, made - locked),
        event=_creation(pool, command.account, asset),
    )


def _guard_new(state: State, command: CreatePool) -> tuple[Asset, Asset]:
    pool_id, shares = command.pool_id, share_code(command.pool_id)
    if state.find(Pool, pool_id) is not None:
        raise Rejection(Reason.POOL_EXISTS, f"there is a pool {pool_id}", pool=pool_id)
    if state.find(Asset, shares) is not None:
        raise Rejection(Reason.ASSET_EXISTS, f"{shares} exists already", asset=shares)
    return _find_asset(state, command.base), _find_asset(state, command.quote)


def _add_shares(state: State, pool_id: str, base: Asset, quote: Asset, context: Context) -> Asset:
    """Makes the asset of a pool's shares, with as many decimals as the root of the two has."""
    asset = Asset(
        asset_id=next_number(state, ASSET_SERIES),
        code=share_code(pool_id),
        kind=SHARE,
        decimals=(base.decimals + quote.decimals) // 2,
        name=f"Shares of pool {pool_id}",
        supply_cap=0,
        fee_bps=0,
        fee_minimum=0,
        fee_maximum=0,
        create_time=context.time,
    )
    state.add(asset)
    return asset


def _creation(pool: Pool, account: str, asset: Asset) -> Canonical:
    return encode_fields(
        pool.pool_id,
        account,
        pool.application_id,
        pool.base,
        pool.quote,
        pool.fee_bps,
        pool.sink_bps,
        pool.locked_shares,
        asset.decimals,
        asset.name,
    )


def _first_liquidity(command: CreatePool, locked: int, shares: int) -> tuple[Posting, ...]:
    giver, pool = command.account, pool_account(command.pool_id)
    code = share_code(command.pool_id)
    return (
        Posting(giver, pool, command.base, command.base_amount),
        Posting(giver, pool, command.quote, command.quote_amount),
        Posting(MINT, pool, code, locked),
        Posting(MINT, giver, code, shares),
    )


def _find_asset(state: State, code: str) -> Asset:
    asset = state.find(Asset, code)
    if asset is None:
        raise no_asset(code)
    if code.startswith(POOL_SHARES):
        raise Rejection(
            Reason.ASSET_RESERVED, f"{code} is a pool's own: no pool trades it", asset=code
        )
    return asset


def _guard_fee(state: State, fee_bps: int) -> None:
    most = read(state, FEE_MAXIMUM)
    if fee_bps > most:
        raise Rejection(
            Reason.INVALID_FIELD,
            f"fee_bps is above {most}, the most that is allowed",
            field="fee_bps",
            maximum=most,
        )


def declare_set_pool_fee(command: SetPoolFee, caller: Caller, keys: Keys) -> None:
    keys[Pool].add(command.pool_id)
    declare_parameters(keys, FEE_MAXIMUM)


def decide_set_pool_fee(state: State, command: SetPoolFee, context: Context) -> Decision:
    """Sets the fee of a pool. Guards: POOL_NOT_FOUND, INVALID_FIELD (fee_bps)."""
    pool = _find_pool(state, command.pool_id)
    _guard_fee(state, command.fee_bps)
    state.change(pool)
    pool.fee_bps, pool.sink_bps = command.fee_bps, command.sink_bps
    return decide_event(
        command,
        context,
        EntryKind.POOL_FEE_SET,
        pool.pool_id,
        pool.fee_bps,
        pool.sink_bps,
    )


def declare_pool(command: PausePool, caller: Caller, keys: Keys) -> None:
    keys[Pool].add(command.pool_id)


def decide_pause_pool(state: State, command: PausePool, context: Context) -> Decision | NothingToDo:
    """Stops a pool's trade; a paused one stays as it is. Guards: POOL_NOT_FOUND."""
    return _become(state, command, context, PoolState.PAUSED, EntryKind.POOL_PAUSED)


def decide_resume_pool(
    state: State, command: ResumePool, context: Context
) -> Decision | NothingToDo:
    """Lets a pool trade again; an open one stays as it is. Guards: POOL_NOT_FOUND."""
    return _become(state, command, context, PoolState.OPEN, EntryKind.POOL_RESUMED)


def _become(
    state: State, command: PausePool, context: Context, wanted: PoolState, kind: EntryKind
) -> Decision | NothingToDo:
    pool = _find_pool(state, command.pool_id)
    if pool.state == wanted:
        return NothingToDo()
    state.change(pool)
    pool.state = wanted
    return decide_event(command, context, kind, pool.pool_id)


def _find_pool(state: State, pool_id: str) -> Pool:
    pool = state.find(Pool, pool_id)
    if pool is None:
        raise no_pool(pool_id)
    return pool
