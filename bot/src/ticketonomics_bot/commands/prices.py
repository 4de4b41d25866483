"""`/prices`: what is traded and for how much, candle charts, and alerts."""

from decimal import Decimal

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from ticketonomics.prices.v1.candle_pb2 import Candle
from ticketonomics.prices.v1.price_pb2 import Price

from ticketonomics_bot import charts
from ticketonomics_bot.alerts import Alert, AlertWords, read_alert
from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.numbers import format_percent, format_price
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="prices")

INTERVALS = {
    "1m": Candle.INTERVAL_MINUTE,
    "5m": Candle.INTERVAL_FIVE_MINUTES,
    "1h": Candle.INTERVAL_HOUR,
    "1d": Candle.INTERVAL_DAY,
}
_USUAL = "5m"
_CANDLES = 60
_MOST_LISTED = 12
_STEP = Decimal("0.05")


class Prices(CallbackData, prefix="ps"):
    """All prices."""


class Chart(CallbackData, prefix="p"):
    """The chart of an instrument."""

    instrument: str
    interval: str


class Warn(CallbackData, prefix="pa"):
    """An alert when a price has risen or fallen by a twentieth."""

    instrument: str
    above: bool


class Unwarn(CallbackData, prefix="px"):
    """Takes an alert back."""

    alert: str


@router.message(Command("prices", "price", "chart", "p"))
async def prices(_: Message, command: CommandObject, visit: Visit) -> None:
    """Shows all prices, the chart of one, or takes an alert: `/prices iron >= 2.1`."""
    words = (command.args or "").strip()
    if not words:
        await _show_all(visit)
        return
    wanted = read_alert(words)
    if wanted is not None:
        await _take_alert(visit, wanted)
        return
    name, *rest = words.split()
    interval = rest[0].lower() if rest and rest[0].lower() in INTERVALS else _USUAL
    await _show_chart(visit, await find_price(visit, name), interval)


@router.message(
    F.text.func(lambda text: read_alert(text, natural=True)), F.chat.type == ChatType.PRIVATE
)
async def alert_in_words(message: Message, visit: Visit) -> None:
    """Takes an alert that was said without a command: `tell me when IRON ≥ 2.1`."""
    wanted = read_alert(message.text or "", natural=True)
    assert wanted is not None
    await _take_alert(visit, wanted)


@router.callback_query(Prices.filter())
async def all_prices(_: CallbackQuery, visit: Visit) -> None:
    """Shows all prices, in a message of their own behind a picture."""
    if visit.flow.place is not None and visit.flow.place.picture:
        visit.flow.begin_anew()
    await _show_all(visit)


@router.callback_query(Chart.filter())
async def chart(_: CallbackQuery, callback_data: Chart, visit: Visit) -> None:
    """Shows another interval, or the newest candles."""
    if callback_data.interval not in INTERVALS:
        raise Complaint("button-stale")
    price = await visit.client.price(callback_data.instrument)
    await _show_chart(visit, price, callback_data.interval)


@router.callback_query(Warn.filter())
async def warn(_: CallbackQuery, callback_data: Warn, visit: Visit) -> None:
    """Takes an alert at a twentieth above or below what the price is."""
    price = await visit.client.price(callback_data.instrument)
    share = 1 + _STEP if callback_data.above else 1 - _STEP
    level = (Decimal(price.last.price) * share).normalize()
    words = AlertWords(name=price.instrument, above=callback_data.above, level=_round(level))
    visit.flow.begin_anew()
    await _take_alert(visit, words)


@router.callback_query(Unwarn.filter())
async def unwarn(_: CallbackQuery, callback_data: Unwarn, visit: Visit) -> None:
    """Takes an alert back, if it is of who presses."""
    gone = await visit.services.alerts.remove(visit.user.id, callback_data.alert)
    await visit.flow.show(visit.t("alert-removed" if gone else "alert-gone"))


async def find_price(visit: Visit, name: str) -> Price:
    """Finds an instrument by what is traded, by its pool, or by its own name.

    Raises:
        Complaint: There is none.
    """
    code = (await visit.services.assets.finder())(name) or name.upper()
    lower = name.lower()
    found = [price async for price in visit.client.prices(page_size=1_000)]
    for price in found:
        if price.instrument in {lower, f"pools/{lower}"}:
            return price
    for price in found:
        if price.base == code:
            return price
    raise Complaint("price-none", name=name)


async def _show_all(visit: Visit) -> None:
    found = []
    async for price in visit.client.prices(page_size=_MOST_LISTED):
        found.append(price)
        if len(found) == _MOST_LISTED:
            break
    if not found:
        raise Complaint("price-nothing")
    lines = [visit.t("price-title"), ""]
    lines += [await _line(visit, price) for price in found]
    rows: list[Row] = []
    for price in found:
        if not rows or len(rows[-1]) == 3:
            rows.append([])
        label = price.base or price.instrument
        rows[-1].append(button(f"📈 {label}", Chart(instrument=price.instrument, interval=_USUAL)))
    mine = await visit.services.alerts.of(visit.user.id) if visit.is_private else []
    for alert in mine:
        said = visit.t.plain("button-alert-remove", alert=describe(visit, alert))
        rows.append([button(said, Unwarn(alert=alert.alert_id))])
    lines += ["", visit.t("price-alert-usage")]
    await visit.flow.show("\n".join(lines), keyboard(*rows))


async def _show_chart(visit: Visit, price: Price, interval: str) -> None:
    found = []
    listed = visit.client.candles(
        price.instrument, INTERVALS[interval], fill_gaps=True, page_size=_CANDLES
    )
    async for candle in listed:
        found.append(candle)
        if len(found) == _CANDLES:
            break
    found.reverse()
    decimals = await visit.services.assets.decimals(price.base)
    bars = [_bar(candle, decimals) for candle in found]
    title = f"{price.base or price.instrument} / {price.quote} · {interval}"
    picture = await charts.draw(charts.candles, bars, title)
    await visit.flow.show_picture(
        picture, await _caption(visit, price), _chart_buttons(visit, price, interval)
    )


def _chart_buttons(visit: Visit, price: Price, interval: str) -> InlineKeyboardMarkup | None:
    name = price.instrument
    intervals = [
        button(f"· {one} ·" if one == interval else one, Chart(instrument=name, interval=one))
        for one in INTERVALS
    ]
    alerts = [
        button(visit.t.plain("button-alert-above"), Warn(instrument=name, above=True)),
        button(visit.t.plain("button-alert-below"), Warn(instrument=name, above=False)),
    ]
    return keyboard(intervals, alerts, [button(visit.t.plain("button-prices"), Prices())])


async def _line(visit: Visit, price: Price) -> Html:
    return visit.t(
        "price-line",
        name=price.base or price.instrument,
        price=format_price(price.last.price, visit.language),
        quote=await visit.asset(price.quote),
        change=format_percent(change_of(price), visit.language, signed=True),
    )


async def _caption(visit: Visit, price: Price) -> Html:
    day = price.day
    text = visit.t(
        "price-caption",
        high=format_price(day.high or price.last.price, visit.language),
        low=format_price(day.low or price.last.price, visit.language),
        volume=await visit.short_money(int(day.volume or 0), price.base),
        trades=price.trade_count,
    )
    return Html(f"{await _line(visit, price)}\n{text}")


async def _take_alert(visit: Visit, words: AlertWords) -> None:
    if not visit.is_private:
        raise Complaint("alert-private")
    price = await find_price(visit, words.name)
    now = Decimal(price.last.price)
    if (now >= words.level) if words.above else (now <= words.level):
        raise Complaint("alert-already", price=format_price(now, visit.language))
    alert = Alert(
        alert_id=visit.request_uuid("alert").hex[:16],
        user_id=visit.user.id,
        instrument=price.instrument,
        base=price.base or price.instrument,
        quote=price.quote,
        above=words.above,
        level=str(words.level),
        language=visit.language,
    )
    if not await visit.services.alerts.add(alert):
        raise Complaint("alert-too-many")
    lines = [
        visit.t("alert-taken", alert=Html(describe(visit, alert))),
        visit.t("alert-now", price=format_price(now, visit.language)),
    ]
    if not visit.services.shelves.lasting:
        lines.append(visit.t("alert-memory"))
    take_back = button(visit.t.plain("button-alert-cancel"), Unwarn(alert=alert.alert_id))
    await visit.flow.show("\n".join(lines), keyboard([take_back]))
    if visit.flow.place is not None:
        await visit.services.alerts.noted_at(alert, visit.flow.place)


def describe(visit: Visit, alert: Alert) -> str:
    """Writes what an alert waits for: `IRON ≥ 2.1`."""
    sign = "≥" if alert.above else "≤"
    return f"{alert.base} {sign} {format_price(alert.level, visit.language)}"


def change_of(price: Price) -> Decimal:
    """Returns how much a price has changed in 24 hours, as a share of one."""
    before = Decimal(price.day.open or "0")
    return Decimal(price.last.price) / before - 1 if before else Decimal(0)


def _round(level: Decimal) -> Decimal:
    return level.quantize(Decimal(1).scaleb(level.adjusted() - 3)).normalize()


def _bar(candle: Candle, decimals: int) -> charts.Bar:
    return charts.Bar(
        start=candle.start_time.ToDatetime(),
        open=float(candle.open),
        high=float(candle.high),
        low=float(candle.low),
        close=float(candle.close),
        volume=int(candle.volume or 0) / 10**decimals,
    )
