"""`/daily`, `/tap` and `/cd`: what taking part earns, and when."""

from datetime import UTC, datetime

from aiogram import Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from google.protobuf.timestamp_pb2 import Timestamp
from ticketonomics.rewards.v1.reward_pb2 import Cooldown, Source
from ticketonomics.rewards.v1.rewards_service_pb2 import GetCooldownsResponse
from ticketonomics_client import RefusedError

from ticketonomics_bot.callbacks import button, keyboard
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Visit

router = Router(name="rewards")

_TAPS = 10
_BAR = 10
# Sources that somebody can do something about in a chat, in the order of `/cd`.
_SOURCES = (
    *(Source.SOURCE_DAILY, Source.SOURCE_TAP, Source.SOURCE_CHAT),
    *(Source.SOURCE_AD, Source.SOURCE_REFERRAL),
)


class Claim(CallbackData, prefix="dc"):
    """The reward of the day."""


class Tap(CallbackData, prefix="tp"):
    """Some taps; none means as many as there is energy for."""

    count: int


@router.message(Command("daily"), flags={"begins": True})
async def daily(_: Message, visit: Visit) -> None:
    """Claims the reward of the day."""
    await _claim(visit)


@router.callback_query(Claim.filter(), flags={"begins": True})
async def claim(_: CallbackQuery, visit: Visit) -> None:
    """The same by a button."""
    await _claim(visit)


@router.message(Command("tap"))
async def tap(_: Message, visit: Visit) -> None:
    """Shows the energy, and the button."""
    await _show_taps(visit, "")


@router.callback_query(Tap.filter(), flags={"begins": True})
async def tapped(_: CallbackQuery, callback_data: Tap, visit: Visit) -> None:
    """Counts taps; the server decides how many count."""
    acting = await visit.acting()
    count = callback_data.count
    if count <= 0:
        cooldowns = await acting.cooldowns((await visit.person()).person_id)
        count = max(1, cooldowns.energy.now)
    reward = await acting.tap(min(count, 100_000), request_id=visit.request_id("tap"))
    counted = reward.tap.counted
    amount = await visit.money(reward.amount, reward.asset)
    text_id = "tap-earned" if reward.amount else "tap-counted" if counted else "tap-tired"
    said = visit.t(text_id, count=counted, amount=amount)
    await visit.answer(visit.t.plain(text_id, count=counted, amount=str(amount)))
    await _show_taps(visit, said, minimum_sequence=reward.sequence)


@router.message(Command("cd", "cooldowns"))
async def cooldowns(_: Message, visit: Visit) -> None:
    """Tells what can be earned now, and when the rest can."""
    found = await (await visit.acting()).cooldowns((await visit.person()).person_id)
    lines = [str(visit.t("cd-title"))]
    lines += [await _cooldown_line(visit, _cooldown(found, source), found) for source in _SOURCES]
    await visit.flow.show("\n".join(lines), _buttons(visit, found), private=True)


async def _claim(visit: Visit) -> None:
    acting = await visit.acting()
    try:
        reward = await acting.claim_daily(request_id=visit.request_id("daily"))
    except RefusedError as error:
        if error.reason_name != "REWARD_NOT_DUE":
            raise
        found = await acting.cooldowns((await visit.person()).person_id)
        next_time = _cooldown(found, Source.SOURCE_DAILY).next_time
        wait = visit.t.duration(_seconds_until(next_time, found.read_time))
        await visit.flow.show(
            visit.t("daily-not-due", wait=wait, streak=found.streak.days), private=True
        )
        return
    amount = await visit.money(reward.amount, reward.asset)
    await visit.flow.show(
        visit.t("daily-claimed", amount=amount, streak=reward.daily.streak_days), private=True
    )


async def _show_taps(visit: Visit, said: str, *, minimum_sequence: int = 0) -> None:
    found = await (await visit.acting()).cooldowns(
        (await visit.person()).person_id, minimum_sequence=minimum_sequence
    )
    energy = found.energy
    full = round(_BAR * energy.now / energy.capacity) if energy.capacity else 0
    next_amount = _cooldown(found, Source.SOURCE_TAP).next_amount
    lines = [
        visit.t(
            "tap-energy",
            bar="▰" * full + "▱" * (_BAR - full),
            now=energy.now,
            capacity=energy.capacity,
        ),
        visit.t(
            "tap-worth",
            count=energy.taps_per_reward,
            amount=await visit.money(next_amount, found.asset),
        ),
    ]
    if said:
        lines.insert(0, Html(said))
    markup = keyboard(
        [button(visit.t.plain("button-tap", count=_TAPS), Tap(count=_TAPS))],
        [button(visit.t.plain("button-tap-all"), Tap(count=0))],
    )
    await visit.flow.show("\n".join(lines), markup, private=True)


async def _cooldown_line(visit: Visit, cooldown: Cooldown, found: GetCooldownsResponse) -> str:
    name = Source.Name(cooldown.source).removeprefix("SOURCE_").lower()
    amount = await visit.money(cooldown.next_amount, found.asset)
    wait = _seconds_until(cooldown.next_time, found.read_time)
    if cooldown.source == Source.SOURCE_TAP:
        now, capacity = found.energy.now, found.energy.capacity
        return visit.t("cd-tap", now=now, capacity=capacity, left=cooldown.left_today)
    if wait > 0:
        return visit.t(f"cd-{name}-later", wait=visit.t.duration(wait), amount=amount)
    return visit.t(f"cd-{name}-now", left=cooldown.left_today, amount=amount)


def _buttons(visit: Visit, found: GetCooldownsResponse) -> InlineKeyboardMarkup | None:
    row = []
    due = _cooldown(found, Source.SOURCE_DAILY)
    if _seconds_until(due.next_time, found.read_time) <= 0:
        row.append(button(visit.t.plain("button-claim"), Claim()))
    if found.energy.now:
        row.append(button(visit.t.plain("button-tap", count=_TAPS), Tap(count=_TAPS)))
    return keyboard(row)


def _cooldown(found: GetCooldownsResponse, source: Source) -> Cooldown:
    for cooldown in found.cooldowns:
        if cooldown.source == source:
            return cooldown
    return Cooldown()


def _seconds_until(moment: Timestamp, now: Timestamp) -> float:
    """Counts by the server's clock, which decides."""
    there, here = (at.ToDatetime(UTC) for at in (moment, now))
    return (there - (here if now.seconds else datetime.now(UTC))).total_seconds()
