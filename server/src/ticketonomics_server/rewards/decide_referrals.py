"""Decides who brought whom, and when both are paid for it. Pure."""

from datetime import datetime, timedelta

from ticketonomics_server.engine.block import from_micros, to_micros
from ticketonomics_server.engine.canonical import decode_fields, encode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, set_timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_profiles import find_person
from ticketonomics_server.identity.identifiers import ID_ENTROPY_BYTES, encode_base32
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.ledger.decide_rooms import (
    decide_room_transaction,
    declare_room_transaction,
)
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.parameters.reading import declare_parameters, read
from ticketonomics_server.progression.model import Deed, Progress, day_of
from ticketonomics_server.progression.noting import declare_deed, note_deed
from ticketonomics_server.rewards import parameters as p
from ticketonomics_server.rewards.commands import (
    NO_BODY,
    CheckReferral,
    CreateReferralCode,
    RedeemReferral,
)
from ticketonomics_server.rewards.decide import MICROS, limit_reached
from ticketonomics_server.rewards.model import (
    CODE_LENGTH,
    EntryKind,
    Flag,
    Paid,
    Participant,
    ReferralCode,
    ReferralState,
    Rule,
    Source,
    Tally,
    TimerKind,
)
from ticketonomics_server.rewards.paying import (
    Hit,
    budget_left,
    count,
    find_earner,
    flag_fields,
    keep_record,
    meet_rule,
    minted,
    raise_flags,
    series_of,
    take_participant,
)
from ticketonomics_server.rewards.rules import begin_of, roll_over, used_today

_DAY = timedelta(days=1)


# --- codes --------------------------------------------------------------------------------------


def declare_create_referral_code(command: CreateReferralCode, caller: Caller, keys: Keys) -> None:
    """Names the person; the code has no name yet, and none can be there."""
    keys[Person].add(command.person_id)
    keys[Participant].add(command.person_id)


def decide_create_referral_code(
    state: State, command: CreateReferralCode, context: Context
) -> Decision | NothingToDo:
    """Gives a person a code.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED, NOT_ACCOUNT_OWNER.
    """
    person = find_earner(state, command.person_id, context)
    if person is not None and person.code:
        return NothingToDo(person.code)

    code = encode_base32(context.entropy(b"referral", ID_ENTROPY_BYTES), CODE_LENGTH)
    state.rows[ReferralCode].setdefault(code, None)
    state.add(ReferralCode(code, command.person_id))
    take_participant(state, command.person_id).code = code
    return decide_event(
        command, context, EntryKind.REFERRAL_CODE_CREATED, command.person_id, code, value=code
    )


def declare_redeem_referral(command: RedeemReferral, caller: Caller, keys: Keys) -> None:
    people = {command.person_id, command.expected_referrer} - {""}
    keys[Person].update(people)
    keys[Participant].update(people)
    keys[ReferralCode].add(command.code)
    keys[Progress].add(command.person_id)
    keys[Counter].add(TIMER_SERIES)
    rules = Rule.MANY_REFERRALS, Rule.REFERRAL_CHAIN
    keys[Flag].update((rule, person_id) for rule in rules for person_id in people)
    declare_parameters(
        keys,
        *(p.REFERRAL_WINDOW, p.REFERRAL_ACTIVE_DAYS, p.REFERRAL_DAY_LIMIT, p.REFERRAL_LIMIT),
        *(p.FLAG_REFERRALS, p.FLAG_CHAIN),
    )


def decide_redeem_referral(state: State, command: RedeemReferral, context: Context) -> Decision:
    """Keeps who brought a person, and sets the timer that looks whether the person is active.

    Only somebody who was there before may have: so no chain leads back to where it began.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED, NOT_ACCOUNT_OWNER,
    REFERRAL_CODE_NOT_FOUND, CONTENTION, REFERRAL_REFUSED, REWARD_LIMIT_REACHED.
    """
    person_id, referrer_id = command.person_id, command.expected_referrer
    person = find_earner(state, person_id, context)
    code = state.find(ReferralCode, command.code)
    if code is None or not code.person_id:
        raise Rejection(
            Reason.REFERRAL_CODE_NOT_FOUND,
            f"nobody has the code {command.code}",
            referral_code=command.code,
        )
    if code.person_id != referrer_id:
        raise Rejection(Reason.CONTENTION, "the code came to somebody else", retry_seconds=0.1)
    _guard_pair(state, person_id, referrer_id, context)
    referrer = state.find(Participant, referrer_id)
    assert referrer is not None, "whoever has a code takes part"
    day = day_of(context.time)
    today = used_today(referrer, day, "referred_today")
    if today >= (limit := read(state, p.REFERRAL_DAY_LIMIT)):
        raise limit_reached(Source.REFERRAL, limit, day)
    if referrer.referred >= (limit := read(state, p.REFERRAL_LIMIT)):
        raise limit_reached(Source.REFERRAL, limit, day)
    depth = referrer.depth + 1
    hits = _hits(state, context, (person_id, referrer_id), today=today + 1, depth=depth)

    state.change(referrer)
    roll_over(referrer, day)
    referrer.referred_today += 1
    referrer.referred += 1
    person = take_participant(state, person_id)
    person.referrer_id, person.referral_state = referrer_id, ReferralState.PENDING
    person.redeem_micros, person.depth = to_micros(context.time), depth
    raise_flags(state, hits, context)
    due = _first_look(state, person_id, day, context.time)
    set_timer(state, due, TimerKind.REFERRAL, encode_fields(person_id, referrer_id))
    return decide_event(
        command,
        context,
        EntryKind.REFERRAL_REDEEMED,
        person_id,
        referrer_id,
        day,
        depth,
        *flag_fields(hits),
        value=referrer_id,
    )


def _guard_pair(state: State, person_id: str, referrer_id: str, context: Context) -> None:
    """Refuses with REFERRAL_REFUSED, and with the rule that speaks against it."""
    person, known = find_person(state, person_id), state.find(Participant, person_id)
    referrer = state.find(Person, referrer_id)
    window = timedelta(seconds=read(state, p.REFERRAL_WINDOW))
    if known is not None and known.referral_state != ReferralState.NONE:
        raise _refused("TWICE", f"it was said before who brought {person_id}")
    if person_id == referrer_id:
        raise _refused("SELF", "nobody brings oneself")
    if context.time >= person.create_time + window:
        raise _refused("LATE", f"{person_id} is not new any more")
    if referrer is None or referrer.create_sequence >= person.create_sequence:
        raise _refused("OLDER", f"{person_id} was there before {referrer_id}")


def _refused(rule: str, message: str) -> Rejection:
    return Rejection(Reason.REFERRAL_REFUSED, message, rule=rule)


def _hits(
    state: State, context: Context, pair: tuple[str, str], *, today: int, depth: int
) -> list[Hit]:
    person_id, referrer_id = pair
    hits = []
    if today == read(state, p.FLAG_REFERRALS):
        hits.append(meet_rule(state, context, Rule.MANY_REFERRALS, referrer_id, today))
    if depth >= read(state, p.FLAG_CHAIN):
        hits.append(meet_rule(state, context, Rule.REFERRAL_CHAIN, person_id, depth))
    return hits


def _active_days(state: State, person_id: str) -> int:
    progress = state.find(Progress, person_id)
    return progress.active_days.bit_count() if progress is not None else 0


def _first_look(state: State, person_id: str, day: int, now: datetime) -> datetime:
    """Returns the end of the first day at which the person can have been active enough."""
    missing = read(state, p.REFERRAL_ACTIVE_DAYS) - _active_days(state, person_id)
    if missing <= 0:
        return now
    progress = state.find(Progress, person_id)
    began = progress is not None and progress.last_day == day
    return begin_of(day + missing + (1 if began else 0))


# --- the timer ----------------------------------------------------------------------------------


def check_of_timer(due: DueTimer) -> CheckReferral:
    """Reads whose referral a timer looks at."""
    person_id, referrer_id = decode_fields(due.payload)
    return CheckReferral(due.request_id, NO_BODY, str(person_id), str(referrer_id))


def declare_check_referral(command: CheckReferral, caller: Caller, keys: Keys) -> None:
    people = {command.person_id, command.referrer_id}
    keys[Person].update(people)
    keys[Participant].update(people)
    keys[Progress].add(command.person_id)
    keys[Tally].add(series_of(Source.REFERRAL))
    keys[Counter].add(TIMER_SERIES)
    declare_deed(command.referrer_id, keys)
    declare_parameters(
        keys,
        *(p.REFERRAL_ACTIVE_DAYS, p.REFERRAL_PATIENCE, p.REFERRAL_BUDGET),
        *(p.REFERRER_REWARD, p.REFERRED_REWARD),
    )
    postings = [minted(person_id, 1) for person_id in sorted(people)]
    declare_room_transaction(postings, caller, keys)


def decide_check_referral(
    state: State, command: CheckReferral, context: Context
) -> Decision | NothingToDo:
    """Pays both, ends the referral, or looks again later.

    A referrer who was erased is not paid, and one who was merged is followed. Whoever is blocked,
    and a budget that is spent, are waited for.
    """
    person_id, referrer_id = command.person_id, command.referrer_id
    participant = state.find(Participant, person_id)
    person, referrer = state.find(Person, person_id), state.find(Person, referrer_id)
    if (
        participant is None
        or participant.referral_state != ReferralState.PENDING
        or person is None
        or person.state in (PersonState.MERGED, PersonState.ERASED)
    ):
        # What a merged person has is handed on, with a timer of its own.
        return NothingToDo()
    if referrer is not None and referrer.state == PersonState.MERGED and referrer.merged_into:
        return _postpone(state, command, context, context.time, referrer.merged_into)
    deadline = from_micros(participant.redeem_micros + read(state, p.REFERRAL_PATIENCE) * MICROS)
    if person_id == referrer_id:
        return _end(state, command, context, participant)
    missing = read(state, p.REFERRAL_ACTIVE_DAYS) - _active_days(state, person_id)
    blocked = PersonState.BLOCKED in (person.state, referrer.state if referrer else None)
    if missing > 0 or blocked:
        if context.time >= deadline:
            return _end(state, command, context, participant)
        return _postpone(state, command, context, context.time + max(missing, 1) * _DAY)
    gone = referrer is None or referrer.state == PersonState.ERASED
    return _pay_both(state, command, context, participant, deadline, gone=gone)


def _pay_both(
    state: State,
    command: CheckReferral,
    context: Context,
    participant: Participant,
    deadline: datetime,
    *,
    gone: bool,
) -> Decision:
    person_id, referrer_id = command.person_id, command.referrer_id
    day, budget = day_of(context.time), read(state, p.REFERRAL_BUDGET)
    first = 0 if gone else read(state, p.REFERRER_REWARD)
    second = read(state, p.REFERRED_REWARD)
    if first + second > budget_left(state, Source.REFERRAL, budget, day):
        if context.time >= deadline:
            return _end(state, command, context, participant)
        return _postpone(state, command, context, begin_of(day + 1))
    postings = tuple(
        minted(who, amount) for who, amount in ((referrer_id, first), (person_id, second)) if amount
    )
    total = first + second
    paid = Paid(Source.REFERRAL, person_id, total, (referrer_id, person_id))
    event = encode_fields(
        *(int(Source.REFERRAL), person_id, day, total, budget, context.caller.application_id, 0),
        *(referrer_id, first, second),
    )
    try:
        decision = decide_room_transaction(
            state,
            command,
            context,
            LedgerKind.REWARD_PAID,
            postings,
            event=event,
            details=paid,
        )
    except Rejection:
        # No such asset yet, or its cap is reached: guards come before effects.
        if context.time >= deadline:
            return _end(state, command, context, participant)
        return _postpone(state, command, context, begin_of(day + 1))

    state.change(participant)
    participant.referral_state = ReferralState.PAID
    participant.earned += second
    keep_record(state, context, 0, Paid(Source.REFERRAL, person_id, second, ()))
    if not gone:
        referrer = take_participant(state, referrer_id)
        referrer.earned += first
        keep_record(state, context, 1, Paid(Source.REFERRAL, referrer_id, first, ()))
        note_deed(state, referrer_id, Deed.REFERRED, context)
    count(state, series_of(Source.REFERRAL), day, total)
    return decision


def _end(
    state: State, command: CheckReferral, context: Context, participant: Participant
) -> Decision:
    state.change(participant)
    participant.referral_state = ReferralState.ENDED
    return decide_event(
        command, context, EntryKind.REFERRAL_ENDED, command.person_id, command.referrer_id
    )


def _postpone(
    state: State,
    command: CheckReferral,
    context: Context,
    due: datetime,
    referrer_id: str = "",
) -> Decision:
    """Looks again later; from then on at another referrer, if one is given."""
    who = referrer_id or command.referrer_id
    set_timer(state, due, TimerKind.REFERRAL, encode_fields(command.person_id, who))
    return decide_event(
        command, context, EntryKind.REFERRAL_POSTPONED, command.person_id, who, to_micros(due)
    )
