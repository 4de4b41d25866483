"""Decides holds: their creation, capture, release and expiry. Pure.

A hold sets aside the amounts of its postings and their transfer fees as they are then, each from
its source, whatever the source would receive by the same hold: so no capture, of whatever part,
ever lacks funds. A capture pays the fees of its own time, at most what was set aside for them.
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import encode_bytes, encode_fields
from ticketonomics_server.engine.command import (
    Caller,
    Context,
    Decision,
    NothingToDo,
    decide_event,
)
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, Timer, attach_text, set_timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger import decide
from ticketonomics_server.ledger.model import (
    SINK,
    Account,
    AccountState,
    Asset,
    Balance,
    CreateTransaction,
    EntryKind,
    Posting,
)
from ticketonomics_server.ledger.model_holds import (
    HOLD_TIMER,
    LONGEST,
    USUAL,
    CaptureHold,
    CreateHold,
    ExpireHold,
    HeldPosting,
    Hold,
    HoldState,
    ReleaseHold,
    hold_name,
)
from ticketonomics_server.spending.limits import give_back, guard_limits, spend
from ticketonomics_server.spending.rights import DEBIT_ANY, is_trusted

HELD_POSTINGS = "held_postings"

# --- creation ---------------------------------------------------------------------------------


def declare_create_hold(command: CreateHold, caller: Caller, keys: Keys) -> None:
    """Names what a transfer of the same postings would, so that its capture finds that too."""
    decide.declare_transaction(command, caller, keys)
    keys[Hold].add(command.request_id)
    keys[Counter].add(TIMER_SERIES)


def decide_create_hold(state: State, command: CreateHold, context: Context) -> Decision:
    """Sets amounts and fees aside.

    Guards: INVALID_FIELD (expire_time), then those of a transfer, posting by posting:
    ASSET_NOT_FOUND, ACCOUNT_NOT_FOUND, ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER, ALLOWANCE_ASKS,
    ACCOUNT_CLOSED, ACCOUNT_BLOCKED; then INSUFFICIENT_FUNDS, ALLOWANCE_EXCEEDED, BUDGET_EXCEEDED.
    """
    expire_time = _expire_time(command.expire_time, context.time)
    caller = context.caller
    decide.guard_postings(state, EntryKind.TRANSFER, command.postings, context)
    assets = state.rows[Asset]
    hold = Hold(
        hold_id=command.request_id,
        create_sequence=context.sequence,
        state=HoldState.OPEN,
        application_id=caller.application_id,
        person_id=caller.person_id,
        allowed=not is_trusted(caller),
        create_time=context.time,
        expire_time=expire_time,
        timer_id=0,
        postings=tuple(HeldPosting(*p, assets[p.asset].fee(p.amount)) for p in command.postings),
    )
    for key, amount in hold.reserved.items():
        balance = state.find(Balance, key)
        if balance is None or balance.available < amount:
            raise decide.insufficient(balance, *key, amount)
    taken = {key: -amount for key, amount in hold.reserved.items()}
    spending = guard_limits(state, taken, context)

    spend(state, spending, context)
    _reserve(state, hold, 1)
    hold.timer_id = set_timer(state, expire_time, HOLD_TIMER, hold.hold_id)
    state.add(hold)
    _record_postings(state, hold)
    commitment = attach_text(state, command.text, context)
    return decide_event(
        command,
        context,
        EntryKind.HOLD_CREATED,
        *creation_fields(hold),
        value=copy(hold),
        commitment=commitment,
    )


def _expire_time(wanted: datetime | None, now: datetime) -> datetime:
    if wanted is None:
        return now + USUAL
    if not now < wanted <= now + LONGEST:
        raise Rejection(
            Reason.INVALID_FIELD,
            f"expire_time is over already, or more than {LONGEST.days} days from now",
            field="expire_time",
        )
    return wanted


def _record_postings(state: State, hold: Hold) -> None:
    accounts, assets = state.rows[Account], state.rows[Asset]
    for position, (source, destination, code, amount, fee) in enumerate(hold.postings):
        source_id, destination_id = accounts[source].account_id, accounts[destination].account_id
        ids = source_id, destination_id, assets[code].asset_id
        state.append(HELD_POSTINGS, (hold.create_sequence, position, *ids, amount, fee))


def creation_fields(hold: Hold) -> tuple[bytes | str | int, ...]:
    """The event of a hold's creation: who, by what, until when; then five fields a posting."""
    fields = (part for posting in hold.postings for part in posting)
    return (
        hold.application_id,
        hold.person_id,
        int(hold.allowed),
        to_micros(hold.expire_time),
        *fields,
    )


def _reserve(state: State, hold: Hold, sign: int) -> None:
    """Sets aside what the hold takes, or with -1 gives it back."""
    for key, amount in hold.reserved.items():
        balance: Balance = state.rows[Balance][key]
        state.change(balance)
        balance.held += sign * amount


def _give_back(state: State, hold: Hold, context: Context, moved: Sequence[Posting] = ()) -> None:
    """Lets the limits count no more than was moved."""
    amounts = hold.reserved
    for posting in moved:
        amounts[posting.source, posting.asset] -= posting.amount
    give_back(
        state,
        hold.application_id,
        amounts,
        context,
        allowed=hold.allowed,
        taken_time=hold.create_time,
        taken_sequence=hold.create_sequence,
    )


# --- the ends of a hold -----------------------------------------------------------------------


def declare_by_hold(
    command: CaptureHold | ReleaseHold | ExpireHold, caller: Caller, keys: Keys
) -> None:
    """Names the hold: what it touches comes with it."""
    keys[Hold].add(command.hold_id)


def decide_capture_hold(state: State, command: CaptureHold, context: Context) -> Decision:
    """Moves what was set aside, in whole or in part, and gives the rest back.

    Guards: HOLD_NOT_FOUND, NOT_HOLD_OWNER, HOLD_NOT_OPEN, INVALID_FIELD (amounts),
    CAPTURE_EXCEEDS_HOLD, ACCOUNT_CLOSED, ACCOUNT_BLOCKED, BALANCE_OVERFLOW.
    """
    hold = _find_own(state, command.hold_id, context.caller)
    _guard_open(hold)
    # While the clock is not to be trusted, no timer happens either.
    if hold.expire_time <= context.time and not context.timers_held:
        raise _not_open(hold, HoldState.EXPIRED)
    amounts = _captured_amounts(hold, command.amounts)
    postings = tuple(
        Posting(held.source, held.destination, held.asset, amount)
        for held, amount in zip(hold.postings, amounts, strict=True)
        if amount
    )
    _guard_parties(state, postings)
    postings += _fees(state, hold, amounts)
    net = decide.net_of(postings)
    decide.guard_credits(state, net)

    _reserve(state, hold, -1)
    _give_back(state, hold, context, postings)
    _end(state, hold, HoldState.CAPTURED, context)
    transaction = CreateTransaction(
        command.request_id, command.body_hash, EntryKind.HOLD_CAPTURED, postings, command.text
    )
    decision = decide.post_transaction(state, transaction, context, postings, net)
    event = encode_fields(hold.hold_id, *amounts)
    return decision._replace(
        leaf=capture_leaf(decision.leaf, event),
        value=decision.value._replace(hold_id=hold.hold_id),
        event=event,
    )


def capture_leaf(transaction_leaf: bytes, event: bytes) -> bytes:
    """A capture's leaf is that of its transaction, and then the event, which names the hold."""
    return transaction_leaf + encode_bytes(event)


def decide_release_hold(state: State, command: ReleaseHold, context: Context) -> Decision:
    """Gives back what was set aside. Guards: HOLD_NOT_FOUND, NOT_HOLD_OWNER, HOLD_NOT_OPEN."""
    hold = _find_own(state, command.hold_id, context.caller)
    _guard_open(hold)

    _reserve(state, hold, -1)
    _give_back(state, hold, context)
    _end(state, hold, HoldState.RELEASED, context)
    return decide_event(command, context, EntryKind.HOLD_RELEASED, hold.hold_id, value=copy(hold))


def expire_hold(timer: DueTimer) -> ExpireHold:
    """Makes the command that a hold's timer becomes."""
    return ExpireHold(timer.request_id, bytes(16), timer.payload)


def decide_expire_hold(
    state: State, command: ExpireHold, context: Context
) -> Decision | NothingToDo:
    """Gives back what was set aside, when its time is over. The engine ends the timer itself."""
    hold = state.find(Hold, command.hold_id)
    if hold is None or hold.state != HoldState.OPEN:
        return NothingToDo()
    _reserve(state, hold, -1)
    _give_back(state, hold, context)
    _close(state, hold, HoldState.EXPIRED, context)
    return decide_event(command, context, EntryKind.HOLD_EXPIRED, hold.hold_id)


def _find_own(state: State, hold_id: bytes, caller: Caller) -> Hold:
    hold = state.find(Hold, hold_id)
    if hold is None:
        raise Rejection(Reason.HOLD_NOT_FOUND, "there is no such hold", hold=hold_name(hold_id))
    created = caller.application_id == hold.application_id
    if caller.person_id:
        own = created and caller.person_id == hold.person_id
    else:
        own = created or caller.may(DEBIT_ANY)
    if not own:
        raise Rejection(
            Reason.NOT_HOLD_OWNER,
            "the hold was created by another application, or for another person",
            hold=hold_name(hold_id),
        )
    return hold


def _guard_open(hold: Hold) -> None:
    if hold.state != HoldState.OPEN:
        raise _not_open(hold, HoldState(hold.state))


def _not_open(hold: Hold, state: HoldState) -> Rejection:
    return Rejection(
        Reason.HOLD_NOT_OPEN,
        f"the hold is {state.name.lower()}",
        hold=hold_name(hold.hold_id),
        state=state.name,
    )


def _captured_amounts(hold: Hold, wanted: tuple[int, ...]) -> tuple[int, ...]:
    if not wanted:
        return tuple(held.amount for held in hold.postings)
    if len(wanted) != len(hold.postings):
        raise Rejection(
            Reason.INVALID_FIELD,
            f"amounts has {len(wanted)} of them, the hold has {len(hold.postings)} postings",
            field="amounts",
        )
    for position, (held, amount) in enumerate(zip(hold.postings, wanted, strict=True)):
        if amount > held.amount:
            raise Rejection(
                Reason.CAPTURE_EXCEEDS_HOLD,
                f"{amount} {held.asset} are more than the {held.amount} held of {held.source}",
                account=held.source,
                asset=held.asset,
                position=position,
                held=held.amount,
                required=amount,
            )
    return wanted


def _guard_parties(state: State, postings: tuple[Posting, ...]) -> None:
    """Sources cannot be closed while something is held; they can be blocked."""
    accounts = state.rows[Account]
    for source, destination, _, _ in postings:
        if accounts[destination].state == AccountState.CLOSED:
            raise decide.closed(destination)
        if accounts[source].state != AccountState.OPEN:
            raise decide.blocked(source)


def _fees(state: State, hold: Hold, amounts: tuple[int, ...]) -> tuple[Posting, ...]:
    """One posting to the sink for each account and asset that pays a fee."""
    assets = state.rows[Asset]
    due: dict[tuple[str, str], int] = {}
    for held, amount in zip(hold.postings, amounts, strict=True):
        if amount:
            payer = held.source, held.asset
            fee = min(assets[held.asset].fee(amount), held.fee)
            due[payer] = due.get(payer, 0) + fee
    return tuple(Posting(account, SINK, code, fee) for (account, code), fee in due.items() if fee)


def _end(state: State, hold: Hold, ended: HoldState, context: Context) -> None:
    timer = state.find(Timer, hold.timer_id)
    if timer is not None:
        state.remove(timer)
    _close(state, hold, ended, context)


def _close(state: State, hold: Hold, ended: HoldState, context: Context) -> None:
    state.change(hold)
    hold.state = ended
    hold.end_time = context.time
    hold.end_sequence = context.sequence
