"""Decides what claims, taps and messages earn. Pure."""

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters.reading import read, read_list
from ticketonomics_server.progression.model import Deed, day_of
from ticketonomics_server.progression.noting import declare_deed, note_deed
from ticketonomics_server.rewards import parameters as p
from ticketonomics_server.rewards.commands import (
    ClaimDaily,
    ReportActivity,
    Tap,
)
from ticketonomics_server.rewards.model import (
    HASH_BYTES,
    KEPT_HASHES,
    Flag,
    NotCounted,
    Paid,
    Participant,
    Rule,
    Source,
)
from ticketonomics_server.rewards.paying import (
    Hit,
    budget_left,
    budget_spent,
    crosses,
    declare_earning,
    find_earner,
    meet_rule,
    pay,
)
from ticketonomics_server.rewards.rules import (
    Counted,
    EnergyRules,
    begin_of,
    chat_amount,
    count_taps,
    energy_at,
    next_streak,
    roll_over,
    streak_amount,
    used_today,
)

MICROS = 1_000_000
_TAP_PARAMETERS = (
    p.TAP_CAPACITY,
    p.TAP_REGENERATION,
    p.TAPS_PER_REWARD,
    p.TAP_REWARD,
    p.TAP_LIMIT,
)
_CHAT_PARAMETERS = (
    *(p.CHAT_REWARD, p.CHAT_HALVING, p.CHAT_LIMIT),
    *(p.CHAT_INTERVAL, p.CHAT_MINIMUM, p.CHAT_BUDGET),
)


# --- the daily claim ----------------------------------------------------------------------------


def declare_claim_daily(command: ClaimDaily, caller: Caller, keys: Keys) -> None:
    person_id = command.person_id
    declare_earning(Source.DAILY, person_id, caller, keys, p.STREAK, p.CLAIM_BUDGET)
    declare_deed(person_id, keys)


def decide_claim_daily(state: State, command: ClaimDaily, context: Context) -> Decision:
    """Pays the claim of the day.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED, NOT_ACCOUNT_OWNER,
    REWARD_NOT_DUE, REWARD_BUDGET_SPENT, then those of a room's transaction.
    """
    person = find_earner(state, command.person_id, context)
    day = day_of(context.time)
    if person is not None and person.claim_day >= day:
        raise Rejection(
            Reason.REWARD_NOT_DUE,
            "today's reward is claimed; the next one is due when the next day of UTC begins",
            source=Source.DAILY.name,
            next_time=begin_of(day + 1).isoformat(),
        )
    streak = next_streak(person, day)
    amount = streak_amount(streak, read_list(state, p.STREAK))
    budget = read(state, p.CLAIM_BUDGET)
    if amount > budget_left(state, Source.DAILY, budget, day):
        raise budget_spent(Source.DAILY, context)

    def effects(person: Participant) -> None:
        person.claim_day, person.streak = day, streak

    decision = pay(
        state,
        command,
        context,
        Paid(Source.DAILY, command.person_id, amount, (streak,)),
        budget=budget,
        facts=(streak,),
        hits=(),
        effects=effects,
    )
    note_deed(state, command.person_id, Deed.CLAIMED, context)
    return decision


# --- taps ---------------------------------------------------------------------------------------


def declare_tap(command: Tap, caller: Caller, keys: Keys) -> None:
    person_id = command.person_id
    declare_earning(
        Source.TAP,
        person_id,
        caller,
        keys,
        *_TAP_PARAMETERS,
        *(p.TAP_BUDGET, p.FLAG_CUT_TAPS, p.FLAG_LIMIT_DAYS),
    )
    keys[Flag].update({(Rule.TOO_FAST, person_id), (Rule.ALWAYS_AT_LIMIT, person_id)})
    declare_deed(person_id, keys)


def decide_tap(state: State, command: Tap, context: Context) -> Decision | NothingToDo:
    """Counts as many taps as there is energy for, up to the day's limit and budget.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED, NOT_ACCOUNT_OWNER,
    REWARD_LIMIT_REACHED, REWARD_BUDGET_SPENT, then those of a room's transaction.
    """
    person_id = command.person_id
    person = find_earner(state, person_id, context)
    rules = EnergyRules(*(read(state, parameter) for parameter in _TAP_PARAMETERS))
    day, micros = day_of(context.time), to_micros(context.time)
    used = used_today(person, day, "taps")
    if used >= rules.limit:
        raise limit_reached(Source.TAP, rules.limit, day)
    budget = read(state, p.TAP_BUDGET)
    carried = person.carried if person is not None else 0
    result = count_taps(
        command.count,
        energy=energy_at(person, micros, rules),
        carried=carried,
        used=used,
        left=budget_left(state, Source.TAP, budget, day),
        rules=rules,
    )
    if not result.counted:
        if result.short_of_budget:
            raise budget_spent(Source.TAP, context)
        return NothingToDo(Paid(Source.TAP, person_id, 0, (0, carried)))

    cut_before = used_today(person, day, "cut_taps")
    cut = cut_before + command.count - result.counted
    limit_days = _limit_days(person, day, used + result.counted >= rules.limit)
    hits = _tap_hits(state, context, person_id, (cut_before, cut), limit_days)

    def effects(person: Participant) -> None:
        roll_over(person, day)
        person.energy, person.energy_micros = result.energy, micros
        person.carried = result.carried
        person.taps += result.counted
        person.cut_taps = cut
        if limit_days:
            person.limit_day, person.limit_days = day, limit_days

    decision = pay(
        state,
        command,
        context,
        _paid_taps(person_id, result),
        budget=budget,
        facts=(result.counted, result.carried, result.energy, cut, limit_days),
        hits=hits,
        effects=effects,
    )
    note_deed(state, person_id, Deed.TAPPED, context, count=result.counted)
    return decision


def _paid_taps(person_id: str, result: Counted) -> Paid:
    return Paid(Source.TAP, person_id, result.amount, (result.counted, result.carried))


def _limit_days(person: Participant | None, day: int, at_limit: bool) -> int:
    """Returns on how many days in a row the limit was reached, this one too; 0 if it is not."""
    if not at_limit:
        return 0
    return person.limit_days + 1 if person is not None and person.limit_day == day - 1 else 1


def _tap_hits(
    state: State, context: Context, person_id: str, cut: tuple[int, int], limit_days: int
) -> list[Hit]:
    hits = []
    if crosses(*cut, read(state, p.FLAG_CUT_TAPS)):
        hits.append(meet_rule(state, context, Rule.TOO_FAST, person_id, cut[1]))
    if limit_days >= read(state, p.FLAG_LIMIT_DAYS):
        hits.append(meet_rule(state, context, Rule.ALWAYS_AT_LIMIT, person_id, limit_days))
    return hits


def limit_reached(source: Source, limit: int, day: int) -> Rejection:
    """Builds the refusal of what is over a person's limit of the day."""
    return Rejection(
        Reason.REWARD_LIMIT_REACHED,
        f"{limit} {source.name.lower()} rewards a day have counted, and no more do",
        source=source.name,
        limit=limit,
        next_time=begin_of(day + 1).isoformat(),
    )


# --- messages -----------------------------------------------------------------------------------


def declare_report_activity(command: ReportActivity, caller: Caller, keys: Keys) -> None:
    declare_earning(Source.CHAT, command.person_id, caller, keys, *_CHAT_PARAMETERS)
    declare_deed(command.person_id, keys)


def decide_report_activity(
    state: State, command: ReportActivity, context: Context
) -> Decision | NothingToDo:
    """Counts a message, unless it looks like spam.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED, NOT_ACCOUNT_OWNER,
    REWARD_BUDGET_SPENT, then those of a room's transaction.
    """
    person_id = command.person_id
    person = find_earner(state, person_id, context)
    day, micros = day_of(context.time), to_micros(context.time)
    number = used_today(person, day, "messages") + 1
    why = _why_not(state, command, person, number, micros)
    if why:
        return NothingToDo(Paid(Source.CHAT, person_id, 0, (0,), why))
    amount = chat_amount(number, read(state, p.CHAT_REWARD), read(state, p.CHAT_HALVING))
    budget = read(state, p.CHAT_BUDGET)
    if amount > budget_left(state, Source.CHAT, budget, day):
        raise budget_spent(Source.CHAT, context)

    def effects(person: Participant) -> None:
        roll_over(person, day)
        person.messages, person.message_micros = number, micros
        person.hashes = (person.hashes + command.message)[-HASH_BYTES * KEPT_HASHES :]

    decision = pay(
        state,
        command,
        context,
        Paid(Source.CHAT, person_id, amount, (number,)),
        budget=budget,
        facts=(number,),
        hits=(),
        effects=effects,
        text=Text(metadata=(("channel", command.channel),), owner=person_id),
    )
    note_deed(state, person_id, Deed.CHATTED, context)
    return decision


def _why_not(
    state: State, command: ReportActivity, person: Participant | None, number: int, micros: int
) -> NotCounted:
    """Tells why a message does not count."""
    if command.length < read(state, p.CHAT_MINIMUM):
        return NotCounted.TOO_SHORT
    if number > read(state, p.CHAT_LIMIT):
        return NotCounted.LIMIT
    if person is None:
        return NotCounted.COUNTED
    if micros < person.message_micros + read(state, p.CHAT_INTERVAL) * MICROS:
        return NotCounted.TOO_SOON
    if is_repeated(command.message, person.hashes):
        return NotCounted.REPEATED
    return NotCounted.COUNTED


def is_repeated(message: bytes, hashes: bytes) -> bool:
    """Tells whether a message's hash is among those that are kept."""
    return any(hashes[at : at + HASH_BYTES] == message for at in range(0, len(hashes), HASH_BYTES))
