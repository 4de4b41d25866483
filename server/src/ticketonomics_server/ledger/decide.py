"""Where a transfer is decided, and minting and burning with it. Pure."""

from collections.abc import Sequence
from struct import Struct

from ticketonomics_server.engine.canonical import LEAF_DOMAIN, encode_bytes
from ticketonomics_server.engine.command import Caller, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Text, attach_text
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.model import (
    MAX_INT64,
    MINT,
    POOL_SHARES,
    SINK,
    Account,
    AccountState,
    AllBalances,
    Asset,
    Balance,
    CreateTransaction,
    EntryKind,
    PostedTransaction,
    Posting,
)
from ticketonomics_server.ledger.model_holds import CreateHold
from ticketonomics_server.ledger.model_imports import ImportTransaction
from ticketonomics_server.spending.limits import guard_limits, spend
from ticketonomics_server.spending.model import SpendingLimit
from ticketonomics_server.spending.rights import declare_allowances, guard_debit, is_trusted

POSTINGS = "postings"
CHECKPOINTS = "checkpoints"
CHECKPOINT_EVERY = 64

# Enumerations' members are slow to look up, and this is where every transfer goes through.
TRANSFER, MINT_KIND, BURN_KIND = EntryKind.TRANSFER, EntryKind.MINT, EntryKind.BURN
OPEN, CLOSED = AccountState.OPEN, AccountState.CLOSED

# Account and asset; then the balance, if there is one, and what it gains or loses.
_Key = tuple[str, str]
_Change = tuple[_Key, Balance | None, int]


def declare_transaction(
    command: CreateTransaction | CreateHold | ImportTransaction, caller: Caller, keys: Keys
) -> None:
    """Names accounts, assets and balances of all postings, the sink's for the fees, and limits."""
    accounts, balances = keys[Account], keys[Balance]
    accounts.add(SINK)
    assets = set()
    for source, destination, asset, _ in command.postings:
        accounts.add(source)
        accounts.add(destination)
        assets.add(asset)
        balances.add((source, asset))
        balances.add((destination, asset))
    keys[Asset].update(assets)
    for asset in assets:
        balances.add((SINK, asset))
        keys[SpendingLimit].add((caller.application_id, "", asset))
    if not is_trusted(caller):
        declare_allowances({(p.source, p.asset) for p in command.postings}, caller, keys)


def decide_transaction(state: State, command: CreateTransaction, context: Context) -> Decision:
    """Decides a transaction: all its postings, and their fees, or nothing.

    Guards look at the net of all postings and fees, in this order: ASSET_NOT_FOUND,
    ASSET_RESERVED (minting only), ACCOUNT_NOT_FOUND, ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER,
    ALLOWANCE_ASKS, ACCOUNT_CLOSED, ACCOUNT_BLOCKED (each posting by posting, in their order),
    SUPPLY_CAP_EXCEEDED, INSUFFICIENT_FUNDS, BALANCE_OVERFLOW, ALLOWANCE_EXCEEDED, BUDGET_EXCEEDED.
    """
    request_id, _, kind, postings, text = command
    guard_postings(state, kind, postings, context)
    if kind == TRANSFER and (fees := _fees(state, postings)):
        postings += fees
    net = net_of(postings)
    if kind == MINT_KIND:
        guard_supply_cap(state, command.postings)
    changes = guard_net(state, net)
    spending = guard_limits(state, net, context)

    if spending:
        spend(state, spending, context)
    return post_changes(
        state, context, postings, changes, request_id=request_id, kind=kind, text=text
    )


def post_transaction(
    state: State,
    command: CreateTransaction,
    context: Context,
    postings: tuple[Posting, ...],
    net: dict[_Key, int],
) -> Decision:
    """Makes a transaction whose own guards another decision has passed.

    Args:
        postings: Those of the command, and their fees.
        net: As `net_of` makes it of these.
    """
    balances = state.rows[Balance]
    changes = [(key, balances[key], delta) for key, delta in net.items()]
    request_id, _, kind, _, text = command
    return post_changes(
        state, context, postings, changes, request_id=request_id, kind=kind, text=text
    )


def post_changes(
    state: State,
    context: Context,
    postings: tuple[Posting, ...],
    changes: Sequence[_Change],
    *,
    request_id: bytes,
    kind: EntryKind,
    text: Text | None = None,
) -> Decision:
    """Makes a transaction with the changes that `guard_net` returned."""
    accounts, assets = state.rows[Account], state.rows[Asset]
    sequence = context.sequence
    previous = _post(state, changes, sequence)
    commitment = b""
    if text:
        owner = text.owner
        if owner is None:
            owner = text_owner(context.caller, postings)
        commitment = attach_text(state, text, context, owner=owner)
    encoded = []
    records = []
    transaction_id: bytes | None = request_id
    for position, (source_address, destination_address, code, amount) in enumerate(postings):
        source, destination = accounts[source_address], accounts[destination_address]
        asset = assets[code]
        encoded.append((source.encoded, destination.encoded, asset.encoded, amount))
        records.append(
            (
                sequence,
                amount,
                previous[source_address, code],
                previous[destination_address, code],
                transaction_id,
                source.account_id,
                destination.account_id,
                asset.asset_id,
                position,
                kind,
            )
        )
        transaction_id = None
    state.extend(POSTINGS, records)
    return Decision(
        kind=kind,
        leaf=transaction_leaf(kind, sequence, request_id, encoded, commitment),
        value=PostedTransaction(request_id, kind, postings, text),
    )


def guard_postings(
    state: State, kind: EntryKind, postings: Sequence[Posting], context: Context
) -> None:
    """Refuses what no transaction of this kind may touch, posting by posting."""
    accounts, assets = state.rows[Account], state.rows[Asset]
    for source_address, destination_address, code, _ in postings:
        if assets[code] is None:
            raise no_asset(code)
        if kind == MINT_KIND:
            guard_not_shares(code)
        source, destination = accounts[source_address], accounts[destination_address]
        if source is None:
            raise no_account(source_address)
        if destination is None:
            raise no_account(destination_address)
        if source.reserved and kind != MINT_KIND:
            raise reserved(source_address)
        if destination.reserved and kind != BURN_KIND:
            raise reserved(destination_address)
        if kind != MINT_KIND:
            guard_debit(state, context, source_address, code)
        if source.state == CLOSED:
            raise closed(source_address)
        if destination.state == CLOSED:
            raise closed(destination_address)
        if source.state != OPEN:
            raise blocked(source_address)


def guard_not_shares(code: str) -> None:
    """Refuses with ASSET_RESERVED to make shares of a pool: they would be worth a part of it."""
    if code.startswith(POOL_SHARES):
        raise Rejection(Reason.ASSET_RESERVED, f"only its pool makes {code}", asset=code)


def _fees(state: State, postings: Sequence[Posting]) -> tuple[Posting, ...]:
    """One posting to the sink for each account and asset that pays a fee."""
    assets = state.rows[Asset]
    due: dict[tuple[str, str], int] = {}
    for source, _, code, amount in postings:
        asset = assets[code]
        if asset.fee_bps or asset.fee_minimum:
            payer = (source, code)
            due[payer] = due.get(payer, 0) + asset.fee(amount)
    if not due:
        return ()
    for (account, code), fee in due.items():
        if fee > MAX_INT64:
            raise insufficient(state.rows[Balance][account, code], account, code, fee)
    return tuple(Posting(a, SINK, code, fee) for (a, code), fee in due.items() if fee)


def net_of(postings: Sequence[Posting]) -> dict[_Key, int]:
    """What each balance gains or loses in all."""
    if len(postings) == 1:
        ((source, destination, asset, amount),) = postings
        return {(source, asset): -amount, (destination, asset): amount}
    net: dict[_Key, int] = {}
    for source, destination, asset, amount in postings:
        debited, credited = (source, asset), (destination, asset)
        net[debited] = net.get(debited, 0) - amount
        net[credited] = net.get(credited, 0) + amount
    return net


def guard_supply_cap(state: State, postings: Sequence[Posting]) -> None:
    """Refuses with SUPPLY_CAP_EXCEEDED what postings from the mint would make too much of."""
    assets, balances = state.rows[Asset], state.rows[Balance]
    minted: dict[str, int] = {}
    for posting in postings:
        minted[posting.asset] = minted.get(posting.asset, 0) + posting.amount
    for code, amount in minted.items():
        cap = assets[code].supply_cap
        circulating = -_posted(balances[MINT, code]) - _posted(balances[SINK, code])
        if cap and circulating + amount > cap:
            raise Rejection(
                Reason.SUPPLY_CAP_EXCEEDED,
                f"{circulating} + {amount} {code} is more than the cap of {cap}",
                asset=code,
                circulating=circulating,
                supply_cap=cap,
            )


def guard_net(state: State, net: dict[_Key, int]) -> list[_Change]:
    """Returns the net with the balances that it changes.

    Guards: INSUFFICIENT_FUNDS, BALANCE_OVERFLOW.
    """
    balances = state.rows[Balance]
    overflow = None
    changes = []
    for key, delta in net.items():
        balance = balances[key]
        changes.append((key, balance, delta))
        if delta < 0:
            if key[0] == MINT:
                # What was minted is told as a positive number.
                if _posted(balance) + delta < -MAX_INT64:
                    overflow = overflow or key
            elif balance is None or balance.posted - balance.held + delta < 0:
                raise insufficient(balance, *key, -delta)
        elif (balance is not None and balance.posted + delta > MAX_INT64) or delta > MAX_INT64:
            overflow = overflow or key
    if overflow:
        raise balance_overflow(*overflow)
    return changes


def guard_credits(state: State, net: dict[_Key, int]) -> None:
    """Refuses with BALANCE_OVERFLOW what a balance cannot take, where funds are known to do."""
    for key, delta in net.items():
        if delta > 0 and _posted(state.rows[Balance][key]) + delta > MAX_INT64:
            raise balance_overflow(*key)


def balance_overflow(account: str, asset: str) -> Rejection:
    """Builds the refusal of more than a balance can hold."""
    return Rejection(
        Reason.BALANCE_OVERFLOW,
        f"the balance of {account} in {asset} would leave the range of an int64",
        account=account,
        asset=asset,
    )


def _post(state: State, changes: Sequence[_Change], sequence: int) -> dict[_Key, int]:
    """Changes the balances, and returns for each where its history went on before."""
    previous: dict[_Key, int] = {}
    for key, found, delta in changes:
        balance = found or _open_balance(state, *key)
        if found:
            state.change(balance)
        previous[key] = balance.last_sequence
        balance.posted += delta
        balance.last_sequence = sequence
        balance.entry_count += 1
        if not balance.entry_count % CHECKPOINT_EVERY:
            state.append(
                CHECKPOINTS, (balance.account_id, balance.asset_id, sequence, balance.posted)
            )
    return previous


_INT64 = Struct(">q")
_COUNT = Struct(">I")
_KIND_AND_SEQUENCE = Struct(">Hq")
_NO_COMMITMENT = encode_bytes(b"")


def transaction_leaf(
    kind: int,
    sequence: int,
    transaction_id: bytes,
    postings: Sequence[tuple[bytes, bytes, bytes, int]],
    commitment: bytes,
) -> bytes:
    """Builds the leaf of a transaction.

    Args:
        postings: Source, destination and asset, each as `encode_text` gives it, and the amount.
        commitment: That of its text; none where it has none.
    """
    parts = [
        LEAF_DOMAIN,
        _KIND_AND_SEQUENCE.pack(kind, sequence),
        transaction_id,
        _COUNT.pack(len(postings)),
    ]
    pack = _INT64.pack
    for source, destination, asset, amount in postings:
        parts += (source, destination, asset, pack(amount))
    parts.append(encode_bytes(commitment) if commitment else _NO_COMMITMENT)
    return b"".join(parts)


def text_owner(caller: Caller, postings: Sequence[Posting]) -> str:
    """Tells whose personal data a text is: who is acted for, or the first person to pay or get."""
    if caller.person_id:
        return caller.person_id
    sides = [posting.source for posting in postings]
    sides += [posting.destination for posting in postings]
    people = (side.removeprefix("users/") for side in sides if side.startswith("users/"))
    return next(people, "")


def _open_balance(state: State, address: str, code: str) -> Balance:
    account, asset = state.rows[Account][address], state.rows[Asset][code]
    balance = Balance(address, code, account.account_id, asset.asset_id)
    state.add(balance)
    held_codes = state.rows[AllBalances].get(address)
    if held_codes is not None:
        held_codes.add(code)
    return balance


def _posted(balance: Balance | None) -> int:
    return balance.posted if balance else 0


def insufficient(balance: Balance | None, account: str, asset: str, required: int) -> Rejection:
    """Builds the refusal of what a balance has not."""
    available = balance.available if balance else 0
    return Rejection(
        Reason.INSUFFICIENT_FUNDS,
        f"{account} has {available} {asset} available and needs {required}",
        account=account,
        asset=asset,
        available=available,
        required=required,
    )


def no_account(address: str) -> Rejection:
    """Builds the refusal of an account that is not there."""
    return Rejection(Reason.ACCOUNT_NOT_FOUND, f"there is no account {address}", account=address)


def no_asset(code: str) -> Rejection:
    """Builds the refusal of an asset that is not there."""
    return Rejection(Reason.ASSET_NOT_FOUND, f"there is no asset {code}", asset=code)


def closed(address: str) -> Rejection:
    """Builds the refusal of a closed account."""
    return Rejection(Reason.ACCOUNT_CLOSED, f"{address} is closed", account=address)


def blocked(address: str) -> Rejection:
    """Builds the refusal to take from a blocked person."""
    return Rejection(Reason.ACCOUNT_BLOCKED, f"{address} is blocked", account=address)


def reserved(address: str) -> Rejection:
    """Builds the refusal to move what is the ledger's own, or another room's."""
    return Rejection(
        Reason.ACCOUNT_RESERVED, f"{address} is not moved by this method", account=address
    )
