"""What all rewards share: whose they are, budgets, the entry that pays, and flags. Pure."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from ticketonomics_server.engine.canonical import Canonical, encode_fields, event_leaf
from ticketonomics_server.engine.command import Caller, Command, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Text, attach_text
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_profiles import find_active_person
from ticketonomics_server.identity.identifiers import ID_ENTROPY_BYTES, encode_base32
from ticketonomics_server.identity.model import Person, person_account
from ticketonomics_server.ledger.decide_rooms import (
    decide_room_transaction,
    declare_room_transaction,
)
from ticketonomics_server.ledger.model import MINT, Posting
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.parameters.model import Parameter
from ticketonomics_server.parameters.reading import declare_parameters, read
from ticketonomics_server.progression.model import day_of
from ticketonomics_server.rewards.model import (
    FLAG_ID_LENGTH,
    REWARD_RECORDS,
    EntryKind,
    Flag,
    FlagState,
    NewPeople,
    Paid,
    Participant,
    PastTally,
    RewardRecord,
    Rule,
    Source,
    Tally,
)
from ticketonomics_server.rewards.parameters import FLAG_NEW_PEOPLE
from ticketonomics_server.rewards.rules import begin_of
from ticketonomics_server.spending.rights import not_owner

_HOUR_SECONDS = 3_600
_NEW = timedelta(days=1)


class Hit(NamedTuple):
    """A rule that is met: the flag that is to be raised."""

    rule: Rule
    subject: str
    value: int
    flag_id: str


def guard_acting(caller: Caller, person_id: str) -> None:
    """Refuses with NOT_ACCOUNT_OWNER who acts for somebody else than the person."""
    if caller.person_id and caller.person_id != person_id:
        raise not_owner(person_account(person_id))


def declare_earning(
    source: Source, person_id: str, caller: Caller, keys: Keys, *parameters: Parameter
) -> None:
    """Names what every reward of a person looks at."""
    keys[Person].add(person_id)
    keys[Participant].add(person_id)
    keys[Tally].add(series_of(source))
    keys[NewPeople].add(caller.application_id)
    keys[Flag].add((Rule.MANY_NEW_PEOPLE, caller.application_id))
    declare_parameters(keys, *parameters, FLAG_NEW_PEOPLE)
    declare_room_transaction((minted(person_id, 1),), caller, keys)


def minted(person_id: str, amount: int) -> Posting:
    """What a reward moves."""
    return Posting(MINT, person_account(person_id), BRONZE, amount)


def find_earner(state: State, person_id: str, context: Context) -> Participant | None:
    """Finds what a person who may earn has used up; None for who earns for the first time.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED, NOT_ACCOUNT_OWNER.
    """
    find_active_person(state, person_id)
    guard_acting(context.caller, person_id)
    return state.find(Participant, person_id)


def take_participant(state: State, person_id: str) -> Participant:
    """Returns the participant to change, a new one where there is none."""
    person = state.find(Participant, person_id)
    if person is None:
        person = Participant(person_id)
        state.add(person)
    else:
        state.change(person)
    return person


# --- budgets ------------------------------------------------------------------------------------


def series_of(source: Source) -> str:
    """Names what counts a source's rewards."""
    return str(int(source))


def budget_left(state: State, source: Source, budget: int, day: int) -> int:
    """Returns what is left of a source's budget of the day."""
    tally = state.find(Tally, series_of(source))
    return max(budget - (tally.amount if tally is not None and tally.day == day else 0), 0)


def budget_spent(source: Source, context: Context) -> Rejection:
    """Builds the refusal of what does not fit into the budget any more."""
    return Rejection(
        Reason.REWARD_BUDGET_SPENT,
        f"what is left of today's budget for {source.name.lower()} rewards is less than this one",
        source=source.name,
        next_time=begin_of(day_of(context.time) + 1).isoformat(),
    )


def count(state: State, series: str, day: int, amount: int) -> None:
    """Counts one on a day. Days only go up: when one is over, what it came to is kept."""
    tally = state.find(Tally, series)
    if tally is None:
        state.add(Tally(series, day, 1, amount))
        return
    state.change(tally)
    if tally.day != day:
        state.rows[PastTally].setdefault((series, tally.day), None)
        state.add(PastTally(series, tally.day, tally.count, tally.amount))
        tally.day, tally.count, tally.amount = day, 0, 0
    tally.count += 1
    tally.amount += amount


# --- new people ---------------------------------------------------------------------------------


def new_people_after(state: State, paid: Paid, context: Context) -> int:
    """Counts a person's first reward: how many new people the application has in this hour then.

    0 for who is not new, or has earned before.
    """
    person = state.find(Person, paid.person_id)
    known = state.find(Participant, paid.person_id)
    assert person is not None, "a person was found before"
    earned_before = known is not None and known.earned > 0
    if not paid.amount or earned_before or context.time >= person.create_time + _NEW:
        return 0
    row = state.find(NewPeople, context.caller.application_id)
    return row.count + 1 if row is not None and row.hour == _hour_of(context) else 1


def _hour_of(context: Context) -> int:
    return int(context.time.timestamp()) // _HOUR_SECONDS


def _keep_new_people(state: State, new_people: int, context: Context) -> None:
    if not new_people:
        return
    row = state.find(NewPeople, context.caller.application_id)
    if row is None:
        state.add(NewPeople(context.caller.application_id, _hour_of(context), new_people))
        return
    state.change(row)
    row.hour, row.count = _hour_of(context), new_people


# --- flags --------------------------------------------------------------------------------------


def meet_rule(state: State, context: Context, rule: Rule, subject: str, value: int) -> Hit:
    """Says that a rule is met; `pay` or `raise_flags` keeps it."""
    known = state.find(Flag, (rule, subject))
    if known is not None:
        return Hit(rule, subject, value, known.flag_id)
    purpose = f"flag {int(rule)}".encode()
    drawn = encode_base32(context.entropy(purpose, ID_ENTROPY_BYTES), FLAG_ID_LENGTH)
    return Hit(rule, subject, value, drawn)


def crosses(before: int, after: int, threshold: int) -> bool:
    """Tells whether something that only grows is at a threshold now, and was not before."""
    return before < threshold <= after


def raise_flags(state: State, hits: Sequence[Hit], context: Context) -> None:
    """Keeps flags: a new one, one hit more, or one that is opened again."""
    for rule, subject, value, flag_id in hits:
        flag = state.find(Flag, (rule, subject))
        if flag is None:
            state.add(
                Flag(
                    *(flag_id, rule, subject, FlagState.OPEN, 1, value),
                    *(context.time, context.time, context.sequence),
                )
            )
            continue
        state.change(flag)
        if flag.state == FlagState.RESOLVED:
            flag.state, flag.hits, flag.note = FlagState.OPEN, 0, ""
            flag.open_time = context.time
        flag.hits += 1
        flag.value, flag.last_time, flag.last_sequence = value, context.time, context.sequence


def flag_fields(hits: Sequence[Hit]) -> list[int | str]:
    """Writes flags as the last fields of an event, four each."""
    return [field for hit in hits for field in (int(hit.rule), *hit[1:])]


# --- the entry ----------------------------------------------------------------------------------


def pay(
    state: State,
    command: Command,
    context: Context,
    paid: Paid,
    *,
    budget: int,
    facts: Sequence[int | str],
    hits: Sequence[Hit],
    effects: Callable[[Participant], None],
    text: Text | None = None,
) -> Decision:
    """Makes the entry of one person's reward; with nothing to pay it is an event of its own kind.

    Its event is: source, person, day, amount, budget, application, new people, facts, flags. It
    holds what the participant becomes, so that whoever replays it need not know the parameters.

    Guards: those of a room's transaction.

    Args:
        budget: Of the source, for the day; it is in the event, so that `verify` knows it.
        facts: What the source adds to the event.
        hits: Rules that are met, but for that about new people.
        effects: Sets what becomes of the participant.
    """
    day = day_of(context.time)
    new_people = new_people_after(state, paid, context)
    application_id = context.caller.application_id
    if crosses(new_people - 1, new_people, read(state, FLAG_NEW_PEOPLE)):
        rule = Rule.MANY_NEW_PEOPLE
        hits = [*hits, meet_rule(state, context, rule, application_id, new_people)]
    event = encode_fields(
        *(int(paid.source), paid.person_id, day, paid.amount, budget, application_id, new_people),
        *facts,
        *flag_fields(hits),
    )
    decision = _enter(state, command, context, paid=paid, event=event, text=text)

    _keep_new_people(state, new_people, context)
    person = take_participant(state, paid.person_id)
    effects(person)
    raise_flags(state, hits, context)
    if paid.amount:
        person.earned += paid.amount
        count(state, series_of(paid.source), day, paid.amount)
        keep_record(state, context, 0, paid)
    return decision


def keep_record(state: State, context: Context, part: int, paid: Paid) -> None:
    """Lists a reward among the person's."""
    state.append(
        REWARD_RECORDS,
        RewardRecord(
            *(context.sequence, part, paid.person_id, int(paid.source)),
            *(paid.amount, context.time),
        ),
    )


def _enter(
    state: State,
    command: Command,
    context: Context,
    *,
    paid: Paid,
    event: Canonical,
    text: Text | None,
) -> Decision:
    if paid.amount:
        return decide_room_transaction(
            state,
            command,
            context,
            LedgerKind.REWARD_PAID,
            (minted(paid.person_id, paid.amount),),
            event=event,
            text=text,
            details=paid,
        )
    commitment = b"" if text is None else attach_text(state, text, context)
    leaf = event_leaf(
        EntryKind.REWARD_COUNTED, context.sequence, command.request_id, event, commitment
    )
    return Decision(EntryKind.REWARD_COUNTED, leaf, paid, event)
