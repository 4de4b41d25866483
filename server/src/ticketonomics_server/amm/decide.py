"""Where a swap is decided. Pure, and on the hot path: it does what a room's transaction does.

A swap changes nothing but balances: those of the trader, those of the pool, and the sink's.
"""

from datetime import datetime

from ticketonomics_server.amm.model import (
    Pool,
    PoolState,
    Swap,
    pool_account,
)
from ticketonomics_server.amm.trading import work_out
from ticketonomics_server.engine.command import Caller, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger import decide as ledger
from ticketonomics_server.ledger.model import (
    SINK,
    Account,
    AccountState,
    Asset,
    Balance,
    EntryKind,
    Posting,
)
from ticketonomics_server.prices.recording import record_trade
from ticketonomics_server.progression.model import Deed
from ticketonomics_server.progression.noting import declare_deed, note_deed, person_of
from ticketonomics_server.spending.limits import guard_limits, spend
from ticketonomics_server.spending.model import SpendingLimit
from ticketonomics_server.spending.rights import declare_allowances, guard_debit, is_trusted

# Enumerations' members are slow to look up, and this is where every swap goes through.
PAUSED, OPEN, CLOSED = PoolState.PAUSED, AccountState.OPEN, AccountState.CLOSED
SWAP, TRADED = EntryKind.SWAP, Deed.TRADED


def declare_swap(command: Swap, caller: Caller, keys: Keys) -> None:
    """Names the pool, both sides' accounts and balances, the sink's, and limits."""
    _, _, pool_id, trader, asset_in, asset_out, *_ = command
    pool = pool_account(pool_id)
    keys[Pool].add(pool_id)
    keys[Account].update((trader, pool, SINK))
    keys[Asset].update((asset_in, asset_out))
    keys[Balance].update(
        (
            (trader, asset_in),
            (trader, asset_out),
            (pool, asset_in),
            (pool, asset_out),
            (SINK, asset_in),
        )
    )
    keys[SpendingLimit].add((caller.application_id, "", asset_in))
    if not is_trusted(caller):
        declare_allowances({(trader, asset_in)}, caller, keys)
    declare_deed(person_of(trader), keys)


def decide_swap(state: State, command: Swap, context: Context) -> Decision:
    """Trades with a pool at the price of its reserves.

    Guards: POOL_NOT_FOUND, ASSET_NOT_IN_POOL, POOL_PAUSED, TRADE_EXPIRED, ACCOUNT_NOT_FOUND,
    ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER, ALLOWANCE_ASKS, ACCOUNT_CLOSED, ACCOUNT_BLOCKED,
    INSUFFICIENT_LIQUIDITY, AMOUNT_TOO_SMALL, LIMIT_NOT_MET, INSUFFICIENT_FUNDS, BALANCE_OVERFLOW,
    ALLOWANCE_EXCEEDED, BUDGET_EXCEEDED.
    """
    request_id, _, pool_id, trader, asset_in, asset_out, exact_in, amount, limit, deadline = command
    pool: Pool | None = state.rows[Pool][pool_id]
    if pool is None:
        raise no_pool(pool_id)
    guard_pair(pool, asset_in, asset_out)
    if pool.state == PAUSED:
        raise paused(pool_id)
    if deadline is not None:
        guard_deadline(deadline, context)
    guard_account(state, context, trader, asset_in)
    account = pool.account
    balances = state.rows[Balance]
    taken, reserve_in, reserve_out = (trader, asset_in), (account, asset_in), (account, asset_out)
    given, received, burned = work_out(
        exact_in=exact_in,
        amount=amount,
        reserve_in=balances[reserve_in].posted,
        reserve_out=balances[reserve_out].posted,
        fee_bps=pool.fee_bps,
        sink_bps=pool.sink_bps,
        asset_out=asset_out,
    )
    if limit:
        _guard_limit(limit, given, received, exact_in=exact_in)
    kept = given - burned
    net = {
        taken: -given,
        reserve_in: kept,
        reserve_out: -received,
        (trader, asset_out): received,
    }
    postings: tuple[Posting, ...] = (
        Posting(trader, account, asset_in, kept),
        Posting(account, trader, asset_out, received),
    )
    if burned:
        net[SINK, asset_in] = burned
        postings += (Posting(trader, SINK, asset_in, burned),)
    changes = ledger.guard_net(state, net)
    # What the pool pays is nobody's spending.
    spending = guard_limits(state, {taken: -given}, context)

    if spending:
        spend(state, spending, context)
    decision = ledger.post_changes(
        state, context, postings, changes, request_id=request_id, kind=SWAP
    )
    note_deed(state, person_of(trader), TRADED, context)
    if asset_in == pool.base:
        _tell_price(state, pool, given, received, context)
    else:
        _tell_price(state, pool, received, given, context)
    return decision


def _tell_price(state: State, pool: Pool, base: int, quote: int, context: Context) -> None:
    """Tells the prices room of the trade: what was paid for what, the fee included."""
    assets = state.rows[Asset]
    record_trade(
        state,
        instrument=pool.account,
        numerator=quote * 10 ** assets[pool.base].decimals,
        denominator=base * 10 ** assets[pool.quote].decimals,
        size=base,
        context=context,
        base=pool.base,
        quote=pool.quote,
    )


def guard_pair(pool: Pool, asset_in: str, asset_out: str) -> None:
    """Refuses with ASSET_NOT_IN_POOL what are not the pool's two assets."""
    base, quote = pool.base, pool.quote
    if not ((asset_in == base and asset_out == quote) or (asset_in == quote and asset_out == base)):
        raise Rejection(
            Reason.ASSET_NOT_IN_POOL,
            f"pool {pool.pool_id} trades {base} and {quote}, not {asset_in} for {asset_out}",
            field="asset_in",
            pool=pool.pool_id,
        )


def guard_account(state: State, context: Context, address: str, *codes: str) -> None:
    """Refuses who cannot trade, or may not be traded for.

    Guards: ACCOUNT_NOT_FOUND, ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER, ALLOWANCE_ASKS, ACCOUNT_CLOSED,
    ACCOUNT_BLOCKED.

    Args:
        codes: Assets that are taken from it.
    """
    account = state.rows[Account][address]
    if account is None:
        raise ledger.no_account(address)
    if account.reserved:
        raise ledger.reserved(address)
    for code in codes:
        guard_debit(state, context, address, code)
    if account.state != OPEN:
        raise ledger.closed(address) if account.state == CLOSED else ledger.blocked(address)


def guard_deadline(deadline: datetime | None, context: Context) -> None:
    """Refuses with TRADE_EXPIRED what comes too late, by the time of the block."""
    if deadline is not None and context.time > deadline:
        raise Rejection(
            Reason.TRADE_EXPIRED,
            f"it is {context.time:%Y-%m-%dT%H:%M:%SZ}: the deadline is over",
            deadline_time=f"{deadline:%Y-%m-%dT%H:%M:%SZ}",
        )


def _guard_limit(limit: int, given: int, received: int, *, exact_in: bool) -> None:
    if exact_in and received < limit:
        raise limit_not_met(f"it would give {received}, not at least {limit}", received, limit)
    if not exact_in and given > limit:
        raise limit_not_met(f"it would cost {given}, not at most {limit}", given, limit)


def limit_not_met(message: str, amount: int, limit: int) -> Rejection:
    """Builds the refusal of a trade that is worse than its caller's limit."""
    return Rejection(Reason.LIMIT_NOT_MET, message, amount=amount, limit=limit)


def no_pool(pool_id: str) -> Rejection:
    """Builds the refusal of a pool that is not there."""
    return Rejection(Reason.POOL_NOT_FOUND, f"there is no pool {pool_id}", pool=pool_id)


def paused(pool_id: str) -> Rejection:
    """Builds the refusal to trade with a paused pool."""
    return Rejection(Reason.POOL_PAUSED, f"pool {pool_id} is paused", pool=pool_id)
