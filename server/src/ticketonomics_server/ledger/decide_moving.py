"""Decides that all that an account has moves at once. Pure. Other rooms use it."""

from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.decide import CHECKPOINT_EVERY, CHECKPOINTS, POSTINGS
from ticketonomics_server.ledger.model import (
    MAX_INT64,
    MAX_POSTINGS,
    Account,
    AllBalances,
    Balance,
    EntryKind,
    Posting,
)


def declare_moving(source: str, destination: str, keys: Keys) -> None:
    """Names what `gather_all` and `move_all` look at."""
    keys[Account].update((source, destination))
    keys[AllBalances].update((source, destination))


def gather_all(state: State, source: str, destination: str) -> list[Posting]:
    """Lists the postings that would move all that an account has, by asset.

    Guards: BALANCE_HELD, TOO_MANY_PARTS, BALANCE_OVERFLOW.
    """
    balances = state.rows[Balance]
    postings = []
    for code in sorted(state.rows[AllBalances][source]):
        balance = balances.get((source, code))
        if balance is None:
            continue
        if balance.held:
            raise Rejection(
                Reason.BALANCE_HELD,
                f"{balance.held} {code} of {source} is held",
                account=source,
                asset=code,
                held=balance.held,
            )
        if balance.posted:
            postings.append(Posting(source, destination, code, balance.posted))
    if len(postings) > MAX_POSTINGS:
        raise Rejection(
            Reason.TOO_MANY_PARTS,
            f"{source} has {len(postings)} assets; at most {MAX_POSTINGS} move at once",
            account=source,
        )
    for posting in postings:
        found = balances.get((destination, posting.asset))
        if found is not None and found.posted + posting.amount > MAX_INT64:
            raise Rejection(
                Reason.BALANCE_OVERFLOW,
                f"the balance of {destination} in {posting.asset} would leave an int64",
                account=destination,
                asset=posting.asset,
            )
    return postings


def move_all(
    state: State, request_id: bytes, kind: EntryKind, postings: list[Posting], context: Context
) -> None:
    """Changes the balances and appends the postings, without fees. All guards have passed."""
    transaction_id: bytes | None = request_id
    for position, posting in enumerate(postings):
        source = state.rows[Balance][posting.source, posting.asset]
        destination = _balance_beside(state, source, posting.destination)
        previous = source.last_sequence, destination.last_sequence
        _change(state, source, -posting.amount, context.sequence)
        _change(state, destination, posting.amount, context.sequence)
        state.append(
            POSTINGS,
            (
                context.sequence,
                posting.amount,
                *previous,
                transaction_id,
                source.account_id,
                destination.account_id,
                source.asset_id,
                position,
                kind,
            ),
        )
        transaction_id = None


def _balance_beside(state: State, balance: Balance, address: str) -> Balance:
    """Finds or opens another account's balance of the same asset."""
    found: Balance | None = state.rows[Balance].get((address, balance.asset))
    if found is None:
        account = state.rows[Account][address]
        found = Balance(address, balance.asset, account.account_id, balance.asset_id)
        state.add(found)
        state.rows[AllBalances][address].add(balance.asset)
    return found


def _change(state: State, balance: Balance, delta: int, sequence: int) -> None:
    state.change(balance)
    balance.posted += delta
    balance.last_sequence = sequence
    balance.entry_count += 1
    if not balance.entry_count % CHECKPOINT_EVERY:
        state.append(CHECKPOINTS, (balance.account_id, balance.asset_id, sequence, balance.posted))
