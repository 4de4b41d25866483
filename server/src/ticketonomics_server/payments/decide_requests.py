"""Decides what becomes of requests to pay. Pure."""

from datetime import timedelta

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import decode_fields, encode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import (
    TIMER_SERIES,
    Counter,
    KeptText,
    Text,
    Timer,
    attach_text,
    repeat_text,
    set_timer,
)
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.decide import (
    closed,
    decide_transaction,
    declare_transaction,
    no_account,
    no_asset,
    reserved,
    text_owner,
)
from ticketonomics_server.ledger.model import (
    Account,
    AccountState,
    Asset,
    CreateTransaction,
    Posting,
)
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.payments.decide import new_payment_id
from ticketonomics_server.payments.model import (
    AcceptPaymentRequest,
    CancelPaymentRequest,
    DeclinePaymentRequest,
    EntryKind,
    ExpirePaymentRequest,
    OpenRequests,
    PaymentRequest,
    RequestPayment,
    RequestState,
    TimerKind,
)
from ticketonomics_server.spending.rights import (
    PEOPLE,
    declare_allowances,
    find_allowance,
    guard_debit_right,
    is_trusted,
)

MAX_OPEN = 10
USUAL_LIFETIME = timedelta(days=7)
MAX_LIFETIME = timedelta(days=90)


def declare_request_payment(command: RequestPayment, caller: Caller, keys: Keys) -> None:
    keys[Asset].add(command.asset)
    keys[Account].update((command.payee, command.payer))
    keys[OpenRequests].add((command.payee, command.payer))
    keys[Counter].add(TIMER_SERIES)
    declare_allowances({(command.payer, command.asset)}, caller, keys)


def decide_request_payment(state: State, command: RequestPayment, context: Context) -> Decision:
    """Makes a request and sets the timer of its expiry.

    Guards: ASSET_NOT_FOUND, ACCOUNT_NOT_FOUND, ACCOUNT_RESERVED, NOT_ACCOUNT_OWNER,
    ALLOWANCE_NOT_FOUND, ACCOUNT_CLOSED, INVALID_FIELD (expire_time), TOO_MANY_PAYMENT_REQUESTS.
    """
    _guard_sides(state, command, context)
    expire_time = command.expire_time or context.time + USUAL_LIFETIME
    if not context.time < expire_time <= context.time + MAX_LIFETIME:
        raise Rejection(
            Reason.INVALID_FIELD,
            f"expire_time is in the past, or more than {MAX_LIFETIME.days} days away",
            field="expire_time",
        )
    pair = state.find(OpenRequests, (command.payee, command.payer))
    if pair is not None and pair.open_count >= MAX_OPEN:
        raise Rejection(
            Reason.TOO_MANY_PAYMENT_REQUESTS,
            f"{pair.open_count} requests of {command.payee} to {command.payer} are open",
            account=command.payer,
            limit=MAX_OPEN,
        )

    if pair is None:
        state.add(OpenRequests(command.payee, command.payer, 1))
    else:
        state.change(pair)
        pair.open_count += 1
    identifier = new_payment_id(context, b"payment request")
    payload = encode_fields(identifier, command.payee, command.payer)
    request = PaymentRequest(
        payment_request_id=identifier,
        create_sequence=context.sequence,
        application_id=context.caller.application_id,
        person_id=context.caller.person_id,
        payee=command.payee,
        payer=command.payer,
        asset=command.asset,
        amount=command.amount,
        state=RequestState.OPEN,
        create_time=context.time,
        expire_time=expire_time,
        timer_id=set_timer(state, expire_time, TimerKind.PAYMENT_REQUEST, payload),
    )
    state.add(request)
    posting = Posting(command.payer, command.payee, command.asset, command.amount)
    owner = text_owner(context.caller, (posting,))
    return decide_event(
        command,
        context,
        EntryKind.PAYMENT_REQUESTED,
        identifier,
        request.application_id,
        request.person_id,
        request.payee,
        request.payer,
        request.asset,
        request.amount,
        to_micros(expire_time),
        value=identifier,
        commitment=attach_text(state, Text(memo=command.memo), context, owner=owner),
    )


def _guard_sides(state: State, command: RequestPayment, context: Context) -> None:
    if state.find(Asset, command.asset) is None:
        raise no_asset(command.asset)
    sides = command.payee, command.payer
    for address in sides:
        account = state.find(Account, address)
        if account is None:
            raise no_account(address)
        if account.reserved:
            raise reserved(address)
    guard_debit_right(context.caller, command.payee)
    _guard_may_ask(state, command, context)
    for address in sides:
        account = state.find(Account, address)
        if account is not None and account.state == AccountState.CLOSED:
            raise closed(address)


def _guard_may_ask(state: State, command: RequestPayment, context: Context) -> None:
    """Nobody is asked by an application that they do not know: an allowance says that they do."""
    caller, payer = context.caller, command.payer
    if is_trusted(caller) or not payer.startswith(PEOPLE):
        return
    if find_allowance(state, caller, payer, command.asset, context.time) is None:
        raise Rejection(
            Reason.ALLOWANCE_NOT_FOUND,
            f"{payer} has not allowed this application to ask for {command.asset}",
            account=payer,
            asset=command.asset,
        )


def declare_accept_payment_request(
    command: AcceptPaymentRequest, caller: Caller, keys: Keys
) -> None:
    """Names the request, and everything that the transfer touches."""
    declare_close_payment_request(command, caller, keys)
    keys[KeptText].add(command.create_sequence)
    declare_transaction(_transfer(command), caller, keys)


def declare_close_payment_request(
    command: AcceptPaymentRequest, caller: Caller, keys: Keys
) -> None:
    """Names the request, its timer, and what counts the open ones."""
    keys[PaymentRequest].add(command.payment_request_id)
    keys[OpenRequests].add((command.payee, command.payer))
    keys[Timer].add(command.timer_id)


def decide_accept_payment_request(
    state: State, command: AcceptPaymentRequest, context: Context
) -> Decision:
    """Pays, and closes the request. The entry is the transaction itself.

    Guards: PAYMENT_REQUEST_NOT_FOUND, NOT_ACCOUNT_OWNER, PAYMENT_REQUEST_CLOSED, then those of a
    transfer.
    """
    request = _find_open(state, command, command.payer, context)
    named = "payment_request", request.payment_request_id
    memo = repeat_text(state, request.create_sequence, named)
    decision = decide_transaction(state, _transfer(command, memo), context)

    close_request(state, request, RequestState.ACCEPTED, context)
    _stop_timer(state, command)
    return decision


def _transfer(command: AcceptPaymentRequest, text: Text | None = None) -> CreateTransaction:
    posting = Posting(command.payer, command.payee, command.asset, command.amount)
    return CreateTransaction(
        command.request_id, command.body_hash, LedgerKind.TRANSFER, (posting,), text
    )


def decide_decline_payment_request(
    state: State, command: DeclinePaymentRequest, context: Context
) -> Decision:
    """Says no as the payer.

    Guards: PAYMENT_REQUEST_NOT_FOUND, NOT_ACCOUNT_OWNER, PAYMENT_REQUEST_CLOSED.
    """
    request = _find_open(state, command, command.payer, context)
    close_request(state, request, RequestState.DECLINED, context)
    _stop_timer(state, command)
    return _decide_closed(command, context, EntryKind.PAYMENT_REQUEST_DECLINED)


def decide_cancel_payment_request(
    state: State, command: CancelPaymentRequest, context: Context
) -> Decision:
    """Takes a request back as the payee.

    Guards: PAYMENT_REQUEST_NOT_FOUND, NOT_ACCOUNT_OWNER, PAYMENT_REQUEST_CLOSED.
    """
    request = _find_open(state, command, command.payee, context)
    close_request(state, request, RequestState.CANCELLED, context)
    _stop_timer(state, command)
    return _decide_closed(command, context, EntryKind.PAYMENT_REQUEST_CANCELLED)


def expiry_of_timer(due: DueTimer) -> ExpirePaymentRequest:
    """Reads the expiry that a timer stands for."""
    identifier, payee, payer = decode_fields(due.payload)
    return ExpirePaymentRequest(due.request_id, bytes(16), str(identifier), str(payee), str(payer))


def declare_expire_payment_request(
    command: ExpirePaymentRequest, caller: Caller, keys: Keys
) -> None:
    keys[PaymentRequest].add(command.payment_request_id)
    keys[OpenRequests].add((command.payee, command.payer))


def decide_expire_payment_request(
    state: State, command: ExpirePaymentRequest, context: Context
) -> Decision | NothingToDo:
    """Ends a request that is still open."""
    request = state.find(PaymentRequest, command.payment_request_id)
    if request is None or request.state != RequestState.OPEN:
        return NothingToDo()
    close_request(state, request, RequestState.EXPIRED, context)
    return decide_event(
        command,
        context,
        EntryKind.PAYMENT_REQUEST_EXPIRED,
        request.payment_request_id,
        value=request.payment_request_id,
    )


def _find_open(
    state: State, command: AcceptPaymentRequest, owner: str, context: Context
) -> PaymentRequest:
    identifier = command.payment_request_id
    request = state.find(PaymentRequest, identifier)
    if request is None:
        raise Rejection(
            Reason.PAYMENT_REQUEST_NOT_FOUND,
            f"there is no request to pay {identifier}",
            payment_request=identifier,
        )
    guard_debit_right(context.caller, owner)
    state_now = RequestState(request.state)
    if state_now == RequestState.OPEN and context.time >= request.expire_time:
        state_now = RequestState.EXPIRED
    if state_now != RequestState.OPEN:
        raise Rejection(
            Reason.PAYMENT_REQUEST_CLOSED,
            f"{identifier} is {state_now.name.lower()}",
            payment_request=identifier,
            state=state_now.name,
        )
    return request


def close_request(
    state: State, request: PaymentRequest, final: RequestState, context: Context
) -> None:
    """Ends an open request. `declare` must name what counts it."""
    pair = state.find(OpenRequests, (request.payee, request.payer))
    if pair is None or pair.open_count < 1:
        raise LookupError(f"open request {request.payment_request_id} is not counted")
    state.change(pair)
    pair.open_count -= 1
    state.change(request)
    request.state = final
    request.close_time, request.close_sequence = context.time, context.sequence


def _stop_timer(state: State, command: AcceptPaymentRequest) -> None:
    timer = state.find(Timer, command.timer_id)
    if timer is not None:
        state.remove(timer)


def _decide_closed(command: AcceptPaymentRequest, context: Context, kind: EntryKind) -> Decision:
    caller = context.caller
    return decide_event(
        command,
        context,
        kind,
        command.payment_request_id,
        caller.application_id,
        caller.person_id,
        value=command.payment_request_id,
    )
