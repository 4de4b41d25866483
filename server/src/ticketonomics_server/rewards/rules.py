"""The arithmetic of rewards: days, energy, what the next one earns. Pure, and only integers.

Decisions, `GetCooldowns` and `verify` use the same functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ticketonomics_server.engine.block import from_micros
from ticketonomics_server.rewards.model import Participant, ReferralState

DAY_MICROS = 86_400_000_000
HOUR_MICROS = 3_600_000_000
# One tap. What comes back in a microsecond at n taps an hour is then n, and nothing is rounded.
ENERGY_UNIT = HOUR_MICROS


def begin_of(day: int) -> datetime:
    """Returns when a day begins."""
    return from_micros(day * DAY_MICROS)


@dataclass(slots=True, frozen=True)
class EnergyRules:
    """As the parameters have them."""

    capacity: int
    per_hour: int
    taps_per_reward: int
    reward: int
    limit: int


class Counted(NamedTuple):
    """What becomes of taps.

    Attributes:
        counted: How many count.
        amount: What they earn, in minor units.
        carried: Taps that come to no reward yet.
        energy: What is left.
        short_of_budget: Whether more would have counted, were there more of the budget.
    """

    counted: int
    amount: int
    carried: int
    energy: int
    short_of_budget: bool


def energy_at(person: Participant | None, micros: int, rules: EnergyRules) -> int:
    """Returns the energy at a time; who is new has all.

    Linear in time and never rounded, so it is the same however often it is looked at.
    """
    full = rules.capacity * ENERGY_UNIT
    if person is None or not person.energy_micros:
        return full
    passed = max(micros - person.energy_micros, 0)
    return min(person.energy + passed * rules.per_hour, full)


def count_taps(
    wanted: int, *, energy: int, carried: int, used: int, left: int, rules: EnergyRules
) -> Counted:
    """Decides how many taps count.

    Args:
        energy: What there is.
        used: Taps that counted today.
        left: What is left of the budget.
    """
    counted = max(min(wanted, energy // ENERGY_UNIT, rules.limit - used), 0)
    payable = left // rules.reward
    # So many can be kept or paid at all.
    room = payable * rules.taps_per_reward + rules.taps_per_reward - 1 - carried
    short = counted > room
    counted = max(min(counted, room), 0)
    rewards, carry = divmod(carried + counted, rules.taps_per_reward)
    if rewards > payable:
        # The parameters have changed since the taps were carried: they wait for the next budget.
        rewards, carry = payable, carried + counted - payable * rules.taps_per_reward
    return Counted(counted, rewards * rules.reward, carry, energy - counted * ENERGY_UNIT, short)


def next_streak(person: Participant | None, day: int) -> int:
    """Returns which day of a streak a claim on a day is."""
    if person is None or person.claim_day != day - 1:
        return 1
    return person.streak + 1


def streak_now(person: Participant | None, day: int) -> int:
    """Returns the days in a row that a claim on this day could add to, or has added to."""
    return person.streak if person is not None and person.claim_day >= day - 1 else 0


def streak_amount(streak: int, amounts: Sequence[int]) -> int:
    """Returns what a claim on the nth day of a streak earns."""
    return amounts[min(streak, len(amounts)) - 1]


def chat_amount(number: int, reward: int, halving: int) -> int:
    """Returns what the nth message of a day earns: half after each `halving`, never less than 1."""
    return max(reward >> min((number - 1) // halving, 63), 1)


def roll_over(person: Participant, day: int) -> None:
    """Begins a new day for a participant."""
    if person.day == day:
        return
    person.day = day
    person.taps = person.cut_taps = person.views = person.messages = person.referred_today = 0


def used_today(person: Participant | None, day: int, name: str) -> int:
    """Returns how often something counted today."""
    return getattr(person, name) if person is not None and person.day == day else 0


def absorb(target: Participant, source: Participant) -> None:
    """Makes a participant of two: of each limit, what is used up more.

    Energy is the lesser of both. It is not the same moment's for both; so it is taken as of the
    later one, which can only be less. A referral goes along unless the target has one.
    """
    day = max(target.day, source.day)
    first, second = (target, source) if target.claim_day >= source.claim_day else (source, target)
    claim_day, streak = first.claim_day, first.streak
    if second.claim_day == first.claim_day:
        streak = max(streak, second.streak)
    fields = ("taps", "cut_taps", "views", "messages", "referred_today")
    used = {name: max(used_today(one, day, name) for one in (target, source)) for name in fields}
    target.day = day
    for name, value in used.items():
        setattr(target, name, value)
    target.claim_day, target.streak = claim_day, streak
    if source.energy_micros:
        known = target.energy_micros > 0
        target.energy = min(target.energy, source.energy) if known else source.energy
        target.energy_micros = max(target.energy_micros, source.energy_micros)
    if source.limit_day >= target.limit_day:
        days = target.limit_days if source.limit_day == target.limit_day else 0
        target.limit_day, target.limit_days = source.limit_day, max(source.limit_days, days)
    target.carried = max(target.carried, source.carried)
    target.view_micros = max(target.view_micros, source.view_micros)
    target.message_micros = max(target.message_micros, source.message_micros)
    target.referred += source.referred
    target.earned += source.earned
    target.depth = max(target.depth, source.depth)
    target.code = target.code or source.code
    itself = source.referrer_id == target.person_id
    if target.referral_state == ReferralState.NONE and not itself:
        target.referrer_id = source.referrer_id
        target.referral_state = source.referral_state
        target.redeem_micros = source.redeem_micros
