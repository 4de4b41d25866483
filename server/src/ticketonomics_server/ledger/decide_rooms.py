"""Decides the transactions that other rooms make: swaps, stakes, rewards, deposits. Pure.

A room works out its postings and calls this last: what a person pays is guarded as in a transfer,
what the room's own accounts pay is the room's affair. No transfer fee is taken.
"""

from collections.abc import Sequence
from typing import Any

from ticketonomics_server.engine.canonical import Canonical, leaf_with_event
from ticketonomics_server.engine.command import Caller, Command, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger import decide
from ticketonomics_server.ledger.model import (
    MINT,
    ROOMS_THAT_MINT,
    SINK,
    Account,
    AccountState,
    Asset,
    Balance,
    CreateTransaction,
    EntryKind,
    Posting,
)
from ticketonomics_server.spending.limits import guard_limits, spend
from ticketonomics_server.spending.model import SpendingLimit
from ticketonomics_server.spending.rights import declare_allowances, guard_debit, is_trusted


def declare_room_transaction(postings: Sequence[Posting], caller: Caller, keys: Keys) -> None:
    """Names accounts, assets, balances and limits of the postings; their amounts do not matter.

    Where something is minted, the sink's balance is named as well: the cap on supply needs it.
    """
    accounts, balances, assets = keys[Account], keys[Balance], keys[Asset]
    for source, destination, asset, _ in postings:
        accounts.update((source, destination))
        balances.update(((source, asset), (destination, asset)))
        assets.add(asset)
        keys[SpendingLimit].add((caller.application_id, "", asset))
        if source == MINT:
            # A balance is only found together with its account.
            accounts.add(SINK)
            balances.add((SINK, asset))
    if not is_trusted(caller):
        declare_allowances({(p.source, p.asset) for p in postings}, caller, keys)


def decide_room_transaction(
    state: State,
    command: Command,
    context: Context,
    kind: EntryKind,
    postings: tuple[Posting, ...],
    *,
    event: Canonical | None = None,
    text: Text | None = None,
    details: Any = None,
) -> Decision:
    """Makes the postings together, or nothing.

    Guards: ASSET_NOT_FOUND, ACCOUNT_NOT_FOUND, NOT_ACCOUNT_OWNER, ALLOWANCE_ASKS, ACCOUNT_CLOSED,
    ACCOUNT_BLOCKED (posting by posting); ASSET_RESERVED (shares of a pool, minted by another
    room); then, on the net, SUPPLY_CAP_EXCEEDED, INSUFFICIENT_FUNDS, BALANCE_OVERFLOW,
    ALLOWANCE_EXCEEDED, BUDGET_EXCEEDED.

    Args:
        kind: One of `_ROOMS_WITH_EVENT` with an event, or SWAP without.
        details: What the room tells its caller; the value is a `PostedTransaction` with it.
    """
    _guard_postings(state, postings, context)
    net = decide.net_of(postings)
    if kind in ROOMS_THAT_MINT:
        _guard_shares(kind, postings)
        decide.guard_supply_cap(state, [posting for posting in postings if posting.source == MINT])
    decide.guard_net(state, net)
    accounts = state.rows[Account]
    # What the room itself pays is nobody's spending.
    paid = {key: delta for key, delta in net.items() if not accounts[key[0]].reserved}
    spending = guard_limits(state, paid, context)

    if spending:
        spend(state, spending, context)
    transaction = CreateTransaction(command.request_id, command.body_hash, kind, postings, text)
    decision = decide.post_transaction(state, transaction, context, postings, net)
    if details is not None:
        decision = decision._replace(value=decision.value._replace(details=details))
    if event is None:
        return decision
    return decision._replace(leaf=leaf_with_event(decision.leaf, event), event=event)


def _guard_shares(kind: EntryKind, postings: Sequence[Posting]) -> None:
    if kind not in (EntryKind.POOL_CREATED, EntryKind.LIQUIDITY_ADDED):
        for posting in postings:
            if posting.source == MINT:
                decide.guard_not_shares(posting.asset)


def _guard_postings(state: State, postings: Sequence[Posting], context: Context) -> None:
    accounts, assets = state.rows[Account], state.rows[Asset]
    for source_address, destination_address, code, _ in postings:
        if assets[code] is None:
            raise decide.no_asset(code)
        source, destination = accounts[source_address], accounts[destination_address]
        if source is None:
            raise decide.no_account(source_address)
        if destination is None:
            raise decide.no_account(destination_address)
        if not source.reserved:
            guard_debit(state, context, source_address, code)
            if source.state == AccountState.CLOSED:
                raise decide.closed(source_address)
        if destination.state == AccountState.CLOSED:
            raise decide.closed(destination_address)
        if source.state != AccountState.OPEN:
            raise decide.blocked(source_address)
