"""`/economy`: how the economy is doing, in figures and a chart."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from ticketonomics_bot import charts
from ticketonomics_bot.assets import TICKET, TIERS
from ticketonomics_bot.callbacks import keyboard, web_app_button
from ticketonomics_bot.numbers import format_bps, format_count, format_percent
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Visit

router = Router(name="economy")

_DAYS = 30
_MILLION = 1_000_000


@router.message(Command("economy", "stats", "eco"))
async def economy(_: Message, visit: Visit) -> None:
    """Shows the chart of tickets, with the figures below."""
    url = visit.services.settings.web_app_url
    said = visit.t.plain("button-web-app")
    row = [web_app_button(said, url, private=visit.is_private)] if url else []
    text = await figures_text(visit)
    if TICKET not in await visit.services.assets.all():
        await visit.flow.show(text, keyboard(row))
        return
    days = await _days(visit)
    picture = await charts.draw(charts.supply, days, f"{TICKET} · {_DAYS} d")
    await visit.flow.show_picture(picture, text, keyboard(row))


async def figures_text(visit: Visit) -> Html:
    """Writes supply, people, wealth, queues and votes."""
    t, client = visit.t, visit.client
    people = await client.active_people()
    wealth = await client.wealth_distribution()
    taking_part = await client.participation()
    queues, parliament = taking_part.queues, taking_part.parliament
    lines = [
        t("economy-title"),
        await _supply(visit),
        t(
            "economy-people",
            day=people.day_count,
            week=people.week_count,
            month=people.month_count,
        ),
        t(
            "economy-wealth",
            holders=wealth.holder_count,
            total=format_count(Decimal(wealth.total_wealth or "0"), visit.language),
            gini=format_count(Decimal(wealth.gini_ppm) / _MILLION, visit.language),
        ),
    ]
    lines += [
        t(
            "economy-top",
            part=format_bps(share.people_bps, visit.language),
            share=format_percent(Decimal(share.wealth_ppm) / _MILLION, visit.language),
        )
        for share in wealth.top_shares
    ]
    lines += [
        t(
            "economy-queues",
            finished=queues.finished_rounds,
            waiting=queues.waiting_players,
        ),
        t(
            "economy-votes",
            open=parliament.voted_proposals,
            turnout=format_bps(parliament.turnout_bps, visit.language),
        ),
    ]
    return Html("\n".join(str(line) for line in lines if line))


async def _supply(visit: Visit) -> Html:
    known = await visit.services.assets.all()
    amounts = []
    for code in TIERS:
        if code not in known:
            continue
        supply = await visit.client.supply(code)
        if supply.circulating:
            amounts.append(str(await visit.short_money(supply.circulating, code)))
    if not amounts:
        return visit.t("economy-empty")
    velocity = await visit.client.velocity(TICKET)
    turnover = format_count(Decimal(velocity.velocity_milli) / 1000, visit.language)
    return visit.t("economy-supply", supply=Html(", ".join(amounts)), velocity=turnover)


async def _days(visit: Visit) -> list[charts.DayFigures]:
    start = datetime.now(UTC).date() - timedelta(days=_DAYS - 1)
    rows = [row async for row in visit.client.daily_supplies(asset=TICKET)]
    unit = 10 ** await visit.services.assets.decimals(TICKET)
    return days_of(
        [
            (date.fromisoformat(row.day), int(row.minted), int(row.burned), int(row.circulating))
            for row in rows
        ],
        start=start,
        end=datetime.now(UTC).date(),
        unit=unit,
    )


def days_of(
    rows: list[tuple[date, int, int, int]], *, start: date, end: date, unit: int
) -> list[charts.DayFigures]:
    """Turns totals by day into figures of each day; a day without a row is as the one before.

    Args:
        rows: Day, all that was ever minted and burned, and what is circulating; oldest first.
        start: The first day that is wanted; the economy may be younger.
        end: The last one.
        unit: Minor units in one.
    """
    if not rows:
        return []
    by_day = {row[0]: row[1:] for row in rows}
    before = (0, 0, 0)
    figures = []
    day = rows[0][0]
    while day <= end:
        minted, burned, circulating = by_day.get(day, before)
        if day >= start:
            figures.append(
                charts.DayFigures(
                    day=day,
                    circulating=circulating / unit,
                    minted=(minted - before[0]) / unit,
                    burned=(burned - before[1]) / unit,
                )
            )
        before = (minted, burned, circulating)
        day += timedelta(days=1)
    return figures
