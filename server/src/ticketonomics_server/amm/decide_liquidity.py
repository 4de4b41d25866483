"""Decides what is added to a pool and removed from it. Pure."""

from ticketonomics_server.amm.decide import (
    guard_account,
    guard_deadline,
    limit_not_met,
    no_pool,
    paused,
)
from ticketonomics_server.amm.formulas import cost_of_shares, shares_for, worth_of_shares
from ticketonomics_server.amm.model import (
    AddLiquidity,
    Pool,
    PoolState,
    RemoveLiquidity,
    pool_account,
    share_code,
)
from ticketonomics_server.amm.trading import too_small
from ticketonomics_server.engine.canonical import encode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.decide import insufficient
from ticketonomics_server.ledger.decide_rooms import (
    decide_room_transaction,
    declare_room_transaction,
)
from ticketonomics_server.ledger.model import MINT, SINK, Account, Balance, EntryKind, Posting
from ticketonomics_server.progression.model import Deed
from ticketonomics_server.progression.noting import declare_deed, note_deed, person_of


def declare_add_liquidity(command: AddLiquidity, caller: Caller, keys: Keys) -> None:
    """Names the pool, and what a transaction of both assets and shares would."""
    _declare(command, caller, keys, _added(command, 1, 1, 1))
    declare_deed(person_of(command.account), keys)


def decide_add_liquidity(state: State, command: AddLiquidity, context: Context) -> Decision:
    """Gives as many shares as both amounts suffice for, and takes what those cost.

    Guards: POOL_NOT_FOUND, POOL_PAUSED, TRADE_EXPIRED, AMOUNT_TOO_SMALL, LIMIT_NOT_MET,
    ACCOUNT_NOT_FOUND, ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER, ALLOWANCE_ASKS, ACCOUNT_CLOSED,
    ACCOUNT_BLOCKED, INSUFFICIENT_FUNDS, BALANCE_OVERFLOW, ALLOWANCE_EXCEEDED, BUDGET_EXCEEDED.
    """
    pool = _find(state, command.pool_id)
    if pool.state == PoolState.PAUSED:
        raise paused(pool.pool_id)
    guard_deadline(command.deadline, context)
    reserves = reserves_of(state, pool)
    shares = shares_for(command.base_amount, command.quote_amount, *reserves)
    if not shares:
        raise too_small("the amounts are worth less than the smallest share")
    base, quote = cost_of_shares(shares, *reserves)
    _guard_minimums(command, base, quote)
    guard_account(state, context, command.account, pool.base, pool.quote)

    decision = decide_room_transaction(
        state,
        command,
        context,
        EntryKind.LIQUIDITY_ADDED,
        _added(command, base, quote, shares),
        event=encode_fields(pool.pool_id, command.account),
    )
    note_deed(state, person_of(command.account), Deed.PROVIDED_LIQUIDITY, context)
    return decision


def declare_remove_liquidity(command: RemoveLiquidity, caller: Caller, keys: Keys) -> None:
    """Names the pool, and what a transaction of shares and both assets would."""
    _declare(command, caller, keys, _removed(command, 1, 1))


def decide_remove_liquidity(state: State, command: RemoveLiquidity, context: Context) -> Decision:
    """Burns shares and gives their part of the reserves. A paused pool does, too.

    Guards: POOL_NOT_FOUND, TRADE_EXPIRED, AMOUNT_TOO_SMALL, LIMIT_NOT_MET, ACCOUNT_NOT_FOUND,
    ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER, ALLOWANCE_ASKS, ACCOUNT_CLOSED, ACCOUNT_BLOCKED,
    INSUFFICIENT_FUNDS, BALANCE_OVERFLOW, ALLOWANCE_EXCEEDED, BUDGET_EXCEEDED.
    """
    pool = _find(state, command.pool_id)
    guard_deadline(command.deadline, context)
    guard_account(state, context, command.account, pool.shares)
    reserves = reserves_of(state, pool)
    # More than the account has is refused in any case; the pool never gives more than it has.
    if command.shares > reserves[2] - pool.locked_shares:
        balance = state.find(Balance, (command.account, pool.shares))
        raise insufficient(balance, command.account, pool.shares, command.shares)
    base, quote = worth_of_shares(command.shares, *reserves)
    if not base or not quote:
        raise too_small("the shares are worth less than the smallest unit of an asset")
    _guard_minimums(command, base, quote)

    return decide_room_transaction(
        state,
        command,
        context,
        EntryKind.LIQUIDITY_REMOVED,
        _removed(command, base, quote),
        event=encode_fields(pool.pool_id, command.account),
    )


def _declare(
    command: AddLiquidity | RemoveLiquidity,
    caller: Caller,
    keys: Keys,
    postings: tuple[Posting, ...],
) -> None:
    keys[Pool].add(command.pool_id)
    declare_room_transaction(postings, caller, keys)
    shares = share_code(command.pool_id)
    # The supply of shares. A balance is only found together with its account.
    keys[Account].update((MINT, SINK))
    keys[Balance].update(((MINT, shares), (SINK, shares)))


def _added(command: AddLiquidity, base: int, quote: int, shares: int) -> tuple[Posting, ...]:
    account, pool = command.account, pool_account(command.pool_id)
    return (
        Posting(account, pool, command.base, base),
        Posting(account, pool, command.quote, quote),
        Posting(MINT, account, share_code(command.pool_id), shares),
    )


def _removed(command: RemoveLiquidity, base: int, quote: int) -> tuple[Posting, ...]:
    account, pool = command.account, pool_account(command.pool_id)
    return (
        Posting(pool, account, command.base, base),
        Posting(pool, account, command.quote, quote),
        Posting(account, SINK, share_code(command.pool_id), command.shares),
    )


def reserves_of(state: State, pool: Pool) -> tuple[int, int, int]:
    """Returns the reserves of base and quote, and the shares in circulation."""
    balances = state.rows[Balance]
    burned = balances[SINK, pool.shares]
    return (
        balances[pool.account, pool.base].posted,
        balances[pool.account, pool.quote].posted,
        -balances[MINT, pool.shares].posted - (burned.posted if burned else 0),
    )


def _find(state: State, pool_id: str) -> Pool:
    pool = state.find(Pool, pool_id)
    if pool is None:
        raise no_pool(pool_id)
    return pool


def _guard_minimums(command: AddLiquidity | RemoveLiquidity, base: int, quote: int) -> None:
    for amount, least, code in (
        (base, command.minimum_base, command.base),
        (quote, command.minimum_quote, command.quote),
    ):
        if amount < least:
            message = f"it would move {amount} {code}, not at least {least}"
            raise limit_not_met(message, amount, least)
