"""Decides that a transaction of elsewhere is taken over. Pure.

Each posting keeps the rules of what it would be here: one from the mint is minting, one to the sink
is burning, any other a transfer. Only its time, its kind and its freedom of fees are different.
"""

from datetime import datetime

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import encode_fields, leaf_with_event
from ticketonomics_server.engine.command import Caller, Context, Decision
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger import decide
from ticketonomics_server.ledger.model import (
    MINT,
    SINK,
    CreateTransaction,
    EntryKind,
    Posting,
)
from ticketonomics_server.ledger.model_imports import ImportTransaction
from ticketonomics_server.spending.limits import guard_limits, spend

# What those postings need that are not between accounts.
_SCOPES = {EntryKind.MINT: "ledger.mint", EntryKind.BURN: "ledger.burn"}


def decide_import(state: State, command: ImportTransaction, context: Context) -> Decision:
    """Takes over a transaction: all its postings, or nothing.

    Guards: INVALID_FIELD (effective_time), NOT_ACCOUNT_OWNER (acting for a person); SCOPE_MISSING,
    ASSET_NOT_FOUND, ACCOUNT_NOT_FOUND, ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER,
    ALLOWANCE_ASKS, ACCOUNT_CLOSED, ACCOUNT_BLOCKED (posting by posting); then, on the net,
    SUPPLY_CAP_EXCEEDED, INSUFFICIENT_FUNDS, BALANCE_OVERFLOW, ALLOWANCE_EXCEEDED,
    BUDGET_EXCEEDED.
    """
    postings = command.postings
    effective_time = _effective_time(command.effective_time, context.time)
    _guard_for_nobody(context.caller, postings[0])
    for posting in postings:
        _guard_posting(state, posting, context)
    decide.guard_supply_cap(state, [posting for posting in postings if posting.source == MINT])
    net = decide.net_of(postings)
    decide.guard_net(state, net)
    spending = guard_limits(state, net, context)

    spend(state, spending, context)
    transaction = CreateTransaction(
        command.request_id, command.body_hash, EntryKind.IMPORTED, postings, command.text
    )
    decision = decide.post_transaction(state, transaction, context, postings, net)
    event = encode_fields(to_micros(effective_time), command.reference)
    return decision._replace(
        leaf=leaf_with_event(decision.leaf, event),
        value=decision.value._replace(effective_time=effective_time, reference=command.reference),
        event=event,
    )


def _effective_time(told: datetime | None, now: datetime) -> datetime:
    if told is None:
        return now
    if told > now:
        raise Rejection(
            Reason.INVALID_FIELD,
            f"effective_time is in the future: it is {now.isoformat()} now",
            field="effective_time",
        )
    return told


def _guard_for_nobody(caller: Caller, first: Posting) -> None:
    """Refuses to act for a person, whose movements pay fees: an import pays none."""
    if caller.person_id:
        raise Rejection(
            Reason.NOT_ACCOUNT_OWNER,
            "nothing is imported in the name of a person",
            account=first.source,
        )


def _guard_posting(state: State, posting: Posting, context: Context) -> None:
    kind = EntryKind.TRANSFER
    if posting.source == MINT:
        kind = EntryKind.MINT
    elif posting.destination == SINK:
        kind = EntryKind.BURN
    scope = _SCOPES.get(kind)
    if scope and not context.caller.may(scope):
        raise Rejection(Reason.SCOPE_MISSING, f"this needs the scope {scope}", scope=scope)
    decide.guard_postings(state, kind, (posting,), context)
