"""How a round of a tier queue is told, to whoever is in it or looks at it."""

from datetime import UTC, datetime

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup
from ticketonomics.queues.v1.round_pb2 import Round

from ticketonomics_bot.assets import Assets
from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.moments import moment
from ticketonomics_bot.money import asset_name, money
from ticketonomics_bot.numbers import bar
from ticketonomics_bot.texts import Html, Texts


class Queues(CallbackData, prefix="qs"):
    """All queues."""


class Look(CallbackData, prefix="q"):
    """One queue."""

    tier: str
    size: str


class Move(CallbackData, prefix="qm"):
    """Join or leave a queue; asked about first."""

    verb: str
    tier: str
    size: str


OVER = (Round.STATE_FINISHED, Round.STATE_EXPIRED)


async def round_text(
    t: Texts, assets: Assets, found: Round, place: int, *, winner: Html | None = None
) -> Html:
    """Writes a round as it is.

    Args:
        t: The language.
        assets: What tiers are called.
        found: The round.
        place: The reader's place in the order of joining; 0 for who is not in it.
        winner: What the winner is called, of a round that is over.
    """
    stake = await money(t, assets, found.stake, found.tier)
    reward = await money(t, assets, found.reward, found.reward_tier)
    size = t(f"queue-size-{found.size}")
    lines = [
        t(
            "round-title",
            tier=await asset_name(t, assets, found.tier),
            size=size,
            number=found.number,
        )
    ]
    if found.state == Round.STATE_FINISHED:
        won = bool(place) and place == found.winner_position
        if won:
            lines.append(t("round-won", reward=reward))
        elif place:
            lines.append(t("round-lost", winner=winner or "", stake=stake))
        else:
            lines.append(t("round-over", winner=winner or ""))
        lines.append(t("round-drawn", places=found.places, place=found.winner_position))
        return Html("\n".join(lines))
    if found.state == Round.STATE_EXPIRED:
        lines.append(t("round-expired", stake=stake) if place else t("round-expired-other"))
        return Html("\n".join(lines))
    lines.append(t("round-terms", stake=stake, reward=reward, places=found.places))
    progress = bar(found.players, found.places)
    lines.append(t("round-progress", bar=progress, players=found.players, places=found.places))
    if found.state != Round.STATE_WAITING:
        lines.append(t("round-full"))
    else:
        lines.append(t("round-ends", time=t.time(moment(found.expire_time))))
        if found.HasField("estimated_fill_time"):
            left = (moment(found.estimated_fill_time) - datetime.now(UTC)).total_seconds()
            if left > 0:
                lines.append(t("round-estimate", wait=t.duration(left)))
    if place:
        lines.append(t("round-place", place=place))
    return Html("\n".join(lines))


def round_buttons(t: Texts, found: Round, *, joined: bool) -> InlineKeyboardMarkup | None:
    """Makes what can be done about a round."""
    queue = {"tier": found.tier, "size": found.size}
    row: Row = []
    if found.state in OVER or not joined:
        row.append(button(t.plain("button-join"), Move(verb="join", **queue)))
    elif found.state == Round.STATE_WAITING:
        row.append(button(t.plain("button-leave"), Move(verb="leave", **queue)))
    row.append(button(t.plain("button-refresh"), Look(**queue)))
    return keyboard(row, [button(t.plain("button-queues"), Queues())])
