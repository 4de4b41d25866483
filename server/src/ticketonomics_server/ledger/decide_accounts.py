"""Decides the opening and closing of accounts, new assets and their fees. Pure.

Callers get a copy of the row: the row itself goes on changing with the next commands.
"""

from copy import copy

from ticketonomics_server.engine.command import Caller, Context, Decision, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Counter, next_number
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.decide import closed, guard_not_shares, no_account, no_asset
from ticketonomics_server.ledger.model import (
    RESERVED_PREFIXES,
    Account,
    AccountState,
    AllBalances,
    Asset,
    Balance,
    CloseAccount,
    CreateAsset,
    EntryKind,
    OpenAccount,
    SetTransferFee,
)

MANAGE_ACCOUNTS = "ledger.accounts"
ACCOUNT_SERIES = "accounts"
ASSET_SERIES = "assets"


def declare_open_account(command: OpenAccount, caller: Caller, keys: Keys) -> None:
    keys[Account].add(command.address)
    keys[Counter].add(ACCOUNT_SERIES)


def decide_open_account(state: State, command: OpenAccount, context: Context) -> Decision:
    """Opens an account. Guards: ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER, ACCOUNT_EXISTS."""
    _guard_management(context.caller, command.address)
    if state.find(Account, command.address) is not None:
        raise Rejection(
            Reason.ACCOUNT_EXISTS, f"{command.address} exists already", account=command.address
        )
    account = open_account(state, command.address, context)
    return decide_event(
        command, context, EntryKind.ACCOUNT_OPENED, command.address, value=copy(account)
    )


def open_account(state: State, address: str, context: Context) -> Account:
    """Opens an account that is known not to exist; other domains use it too.

    `declare` must name (Account, address) and (Counter, ACCOUNT_SERIES).
    """
    number = next_number(state, ACCOUNT_SERIES)
    account = Account(number, address, AccountState.OPEN, context.time)
    state.add(account)
    return account


def declare_close_account(command: CloseAccount, caller: Caller, keys: Keys) -> None:
    keys[Account].add(command.address)
    keys[AllBalances].add(command.address)


def decide_close_account(state: State, command: CloseAccount, context: Context) -> Decision:
    """Closes an account.

    Guards: ACCOUNT_NOT_FOUND, ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER, ACCOUNT_CLOSED,
    ACCOUNT_NOT_EMPTY.
    """
    address = command.address
    account = state.find(Account, address)
    if account is None:
        raise no_account(address)
    _guard_management(context.caller, address)
    if account.state == AccountState.CLOSED:
        raise closed(address)
    for code in state.rows[AllBalances][address]:
        balance = state.rows[Balance].get((address, code))
        if balance is not None and balance.posted:
            raise Rejection(
                Reason.ACCOUNT_NOT_EMPTY,
                f"{address} still has {balance.posted} {balance.asset}",
                account=address,
                asset=balance.asset,
                posted=balance.posted,
            )

    state.change(account)
    account.state = AccountState.CLOSED
    account.close_time = context.time
    return decide_event(command, context, EntryKind.ACCOUNT_CLOSED, address, value=copy(account))


def _guard_management(caller: Caller, address: str) -> None:
    if address.startswith(("users/", *RESERVED_PREFIXES)):
        raise Rejection(
            Reason.ACCOUNT_RESERVED,
            f"{address} is opened and closed by the economy itself",
            account=address,
        )
    own = not caller.person_id and address.startswith(f"apps/{caller.application_id}/")
    if not own and not caller.may(MANAGE_ACCOUNTS):
        raise Rejection(
            Reason.NOT_ACCOUNT_OWNER, f"the caller does not own {address}", account=address
        )


def declare_create_asset(command: CreateAsset, caller: Caller, keys: Keys) -> None:
    keys[Asset].add(command.code)
    keys[Counter].add(ASSET_SERIES)


def decide_create_asset(state: State, command: CreateAsset, context: Context) -> Decision:
    """Creates an asset. Guards: ASSET_RESERVED, ASSET_EXISTS."""
    guard_not_shares(command.code)
    if state.find(Asset, command.code) is not None:
        raise Rejection(Reason.ASSET_EXISTS, f"{command.code} exists already", asset=command.code)
    asset = Asset(
        asset_id=next_number(state, ASSET_SERIES),
        code=command.code,
        kind=command.kind,
        decimals=command.decimals,
        name=command.name,
        supply_cap=command.supply_cap,
        fee_bps=command.fee_bps,
        fee_minimum=command.fee_minimum,
        fee_maximum=command.fee_maximum,
        create_time=context.time,
    )
    state.add(asset)
    return decide_event(
        command,
        context,
        EntryKind.ASSET_CREATED,
        asset.code,
        asset.kind,
        asset.decimals,
        asset.name,
        asset.supply_cap,
        asset.fee_bps,
        asset.fee_minimum,
        asset.fee_maximum,
        value=copy(asset),
    )


def declare_set_transfer_fee(command: SetTransferFee, caller: Caller, keys: Keys) -> None:
    keys[Asset].add(command.asset)


def decide_set_transfer_fee(state: State, command: SetTransferFee, context: Context) -> Decision:
    """Sets the fee on transfers of an asset. Guards: ASSET_RESERVED, ASSET_NOT_FOUND."""
    guard_not_shares(command.asset)
    asset = state.find(Asset, command.asset)
    if asset is None:
        raise no_asset(command.asset)
    state.change(asset)
    asset.fee_bps = command.fee_bps
    asset.fee_minimum = command.fee_minimum
    asset.fee_maximum = command.fee_maximum
    return decide_event(
        command,
        context,
        EntryKind.TRANSFER_FEE_SET,
        asset.code,
        asset.fee_bps,
        asset.fee_minimum,
        asset.fee_maximum,
        value=copy(asset),
    )
