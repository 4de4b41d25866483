"""Encodes rewards, networks, flags and what people may still earn into contract messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from ticketonomics.rewards.v1 import reward_pb2

from ticketonomics_server.engine.block import from_micros, to_micros
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.progression.model import date_of, day_of
from ticketonomics_server.rewards import parameters as p
from ticketonomics_server.rewards.decide import MICROS
from ticketonomics_server.rewards.model import Flag, Paid, Participant, Region, Scheme, Source
from ticketonomics_server.rewards.paying import series_of
from ticketonomics_server.rewards.queries import DayTally, NetworkWithKeys
from ticketonomics_server.rewards.rules import (
    ENERGY_UNIT,
    EnergyRules,
    begin_of,
    chat_amount,
    energy_at,
    next_streak,
    streak_amount,
    streak_now,
    used_today,
)
from ticketonomics_server.rpc.fields import set_time

Values = Mapping[str, tuple[int, ...]]


def encode_reward(paid: Paid, sequence: int, time: datetime | None) -> reward_pb2.Reward:
    """Encodes a reward, or what counted and paid nothing."""
    message = reward_pb2.Reward(
        sequence=sequence,
        source=cast(Any, int(paid.source)),
        person_id=paid.person_id,
        asset=BRONZE,
        amount=paid.amount,
    )
    if time is not None:
        set_time(message.reward_time, time)
    facts: tuple[Any, ...] = paid.facts
    if paid.source == Source.DAILY:
        message.daily.streak_days = facts[0]
    elif paid.source == Source.TAP:
        message.tap.counted, message.tap.carried = facts[:2]
        message.tap.SetInParent()
    elif paid.source == Source.AD:
        message.ad.network_id, message.ad.transaction_id = facts[:2]
        message.ad.region = facts[2]
    elif paid.source == Source.CHAT:
        message.chat.number = facts[0]
        message.chat.SetInParent()
    else:
        message.referral.referrer_id, message.referral.referred_id = facts
    return message


def encode_day(tally: DayTally) -> reward_pb2.RewardDay:
    """Encodes what a source paid on a day."""
    return reward_pb2.RewardDay(
        date=date_of(tally.day).isoformat(),
        source=cast(Any, int(tally.series)),
        reward_count=tally.counted,
        amount=tally.amount,
    )


def encode_view_count(tally: DayTally) -> reward_pb2.AdViewCount:
    """Encodes how many ads of a network were watched in a region on a day."""
    _, network_id, region = tally.series.split("/")
    return reward_pb2.AdViewCount(
        date=date_of(tally.day).isoformat(),
        network_id=network_id,
        region=cast(Any, int(region)),
        view_count=tally.counted,
        amount=tally.amount,
    )


def encode_network(found: NetworkWithKeys) -> reward_pb2.AdNetwork:
    """Encodes a network. Secrets stay where they are."""
    network = found.network
    message = reward_pb2.AdNetwork(
        network_id=network.network_id,
        display_name=network.display_name,
        scheme=cast(Any, int(network.scheme)),
        state=cast(Any, int(network.state)),
        default_region=cast(Any, int(Region(network.default_region))),
        transaction_parameter=network.transaction_parameter,
        person_parameter=network.person_parameter,
        country_parameter=network.country_parameter,
    )
    set_time(message.create_time, network.create_time)
    for key in found.keys:
        public = key.material if network.scheme == Scheme.ECDSA_P256 else b""
        one = message.keys.add(key_id=key.key_id, public_key=public)
        set_time(one.create_time, key.create_time)
        if key.expire_time is not None:
            set_time(one.expire_time, key.expire_time)
    return message


def encode_flag(flag: Flag) -> reward_pb2.Flag:
    """Encodes a flag."""
    message = reward_pb2.Flag(
        flag_id=flag.flag_id,
        rule=cast(Any, int(flag.rule)),
        subject=flag.subject,
        state=cast(Any, int(flag.state)),
        hits=flag.hits,
        value=flag.value,
        last_sequence=flag.last_sequence,
        note=flag.note,
    )
    set_time(message.open_time, flag.open_time)
    set_time(message.last_time, flag.last_time)
    return message


def encode_referral(person: Participant) -> reward_pb2.Referral:
    """Encodes who brought a person."""
    message = reward_pb2.Referral(
        referrer_id=person.referrer_id, state=cast(Any, int(person.referral_state))
    )
    set_time(message.redeem_time, from_micros(person.redeem_micros))
    return message


def encode_participation(person: Participant) -> reward_pb2.Participation:
    """Encodes what is kept of how a person takes part."""
    claimed = person.claim_day >= 0
    return reward_pb2.Participation(
        claim_date=f"{begin_of(person.claim_day):%Y-%m-%d}" if claimed else "",
        streak_days=person.streak,
        referral_code=person.code,
        referral=encode_referral(person) if person.referral_state else None,
        referred_count=person.referred,
        earned_amount=person.earned,
    )


# --- what may still be earned -------------------------------------------------------------------


def encode_cooldowns(
    person: Participant | None, spent: Mapping[str, int], values: Values, now: datetime
) -> list[reward_pb2.Cooldown]:
    """Works out for each source what decisions would say at this moment."""
    day, micros = day_of(now), to_micros(now)
    energy, rules = _energy(person, values, micros)
    tomorrow = begin_of(day + 1)
    claimed = person is not None and person.claim_day >= day
    taps = used_today(person, day, "taps")
    views = used_today(person, day, "views")
    messages = used_today(person, day, "messages")
    referred = used_today(person, day, "referred_today")
    brought = person.referred if person is not None else 0
    tap_left = max(rules.limit - taps, 0)
    tap_wait = -(-max(ENERGY_UNIT - energy, 0) // rules.per_hour)
    ad_left = max(_one(values, p.AD_LIMIT) - views, 0)
    chat_left = max(_one(values, p.CHAT_LIMIT) - messages, 0)
    referral_left = min(
        _one(values, p.REFERRAL_DAY_LIMIT) - referred, _one(values, p.REFERRAL_LIMIT) - brought
    )
    view_end = _pause_end(person, "view_micros", _one(values, p.AD_INTERVAL))
    message_end = _pause_end(person, "message_micros", _one(values, p.CHAT_INTERVAL))
    streak = person.streak + 1 if person and claimed else next_streak(person, day)
    claim = streak_amount(streak, values[p.STREAK.name])
    chat = chat_amount(messages + 1, _one(values, p.CHAT_REWARD), _one(values, p.CHAT_HALVING))
    referrer = _one(values, p.REFERRER_REWARD)
    rows = (
        (Source.DAILY, p.CLAIM_BUDGET, int(claimed), int(not claimed), 0, claim),
        (Source.TAP, p.TAP_BUDGET, taps, tap_left, micros + tap_wait, rules.reward),
        (Source.AD, p.AD_BUDGET, views, ad_left, view_end, _one(values, p.AD_REWARD)),
        (Source.CHAT, p.CHAT_BUDGET, messages, chat_left, message_end, chat),
        (Source.REFERRAL, p.REFERRAL_BUDGET, referred, max(referral_left, 0), 0, referrer),
    )
    found = []
    for source, budget_of, used, left, next_micros, amount in rows:
        budget = _one(values, budget_of)
        message = reward_pb2.Cooldown(
            source=cast(Any, int(source)),
            used_today=used,
            left_today=left,
            next_amount=amount,
            budget=budget,
            budget_left=max(budget - spent.get(series_of(source), 0), 0),
        )
        next_time = from_micros(max(next_micros, micros)) if left else tomorrow
        set_time(message.next_time, max(next_time, now))
        found.append(message)
    return found


def encode_energy(person: Participant | None, values: Values, now: datetime) -> reward_pb2.Energy:
    """Encodes how many taps a person has in store."""
    micros = to_micros(now)
    energy, rules = _energy(person, values, micros)
    message = reward_pb2.Energy(
        now=energy // ENERGY_UNIT,
        capacity=rules.capacity,
        regeneration_per_hour=rules.per_hour,
        taps_per_reward=rules.taps_per_reward,
        carried=person.carried if person is not None else 0,
    )
    missing = rules.capacity * ENERGY_UNIT - energy
    set_time(message.full_time, from_micros(micros - (-missing // rules.per_hour)))
    return message


def encode_streak(person: Participant | None, values: Values, now: datetime) -> reward_pb2.Streak:
    """Encodes the days in a row."""
    days = streak_now(person, day_of(now))
    return reward_pb2.Streak(days=days, amounts=values[p.STREAK.name])


def _energy(person: Participant | None, values: Values, micros: int) -> tuple[int, EnergyRules]:
    names = (p.TAP_CAPACITY, p.TAP_REGENERATION, p.TAPS_PER_REWARD, p.TAP_REWARD, p.TAP_LIMIT)
    rules = EnergyRules(*(_one(values, parameter) for parameter in names))
    return energy_at(person, micros, rules), rules


def _pause_end(person: Participant | None, name: str, seconds: int) -> int:
    last: int = getattr(person, name) if person is not None else 0
    return last + seconds * MICROS if last else 0


def _one(values: Values, parameter: Any) -> int:
    (value,) = values[parameter.name]
    return value
