"""Price alerts: told once, when a price has come to where somebody wanted to know of it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from ticketonomics_bot.flows import Place
from ticketonomics_bot.shelves import Change, Shelves

MOST_OF_A_PERSON = 10
_SHELF = "alerts"
_WORDS = re.compile(
    r"(?P<name>[\w/-]{1,64})\s*(?P<sign>>=|<=|≥|≤|>|<|=>|=<)\s*(?P<level>[0-9][0-9.,]{0,20})"
)
_NATURAL = re.compile(
    r"(?:tell me|notify me|let me know|alert me|скажи(?: мне)?|сообщи(?: мне)?|дай знать)"
    r",?\s+(?:when|if|когда|если)\s+(?P<rest>.+)",
    re.IGNORECASE,
)


@dataclass(slots=True, frozen=True, kw_only=True)
class AlertWords:
    """What somebody wants to know of, as it was said."""

    name: str
    above: bool
    level: Decimal


@dataclass(slots=True, frozen=True, kw_only=True)
class Alert:
    """Somebody who wants to know when a price has come so far.

    Attributes:
        user_id: Telegram id of who is told, in private.
        level: A decimal number.
        place: The message that says that it is waited for; edited when it happens.
    """

    alert_id: str
    user_id: int
    instrument: str
    base: str
    quote: str
    above: bool
    level: str
    language: str
    place: Place | None = None

    def reached(self, low: Decimal, high: Decimal) -> bool:
        """Tells whether a price that moved between these was there."""
        level = Decimal(self.level)
        return high >= level if self.above else low <= level


class Alerts:
    """All alerts that wait, on the shelves."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves

    async def add(self, alert: Alert) -> bool:
        """Keeps an alert; False where the person has too many."""
        mine = await self.of(alert.user_id)
        known = any(one.alert_id == alert.alert_id for one in mine)
        if not known and len(mine) >= MOST_OF_A_PERSON:
            return False
        # The list of a person comes first: an alert that is in none could not be taken back.
        await self._shelves.put(_mine(alert.user_id), alert.alert_id, alert.instrument)
        await self._put(alert)
        return True

    async def noted_at(self, alert: Alert, place: Place) -> None:
        """Remembers the message that says so, unless the alert is over already."""
        if await self._shelves.get(_of(alert.instrument), alert.alert_id) is not None:
            await self._put(replace(alert, place=place))

    async def of(self, user_id: int) -> list[Alert]:
        """Returns what a person waits for."""
        found = []
        for alert_id, instrument in (await self._shelves.all(_mine(user_id))).items():
            text = await self._shelves.get(_of(instrument), alert_id)
            if text is not None:
                found.append(alert_of(json.loads(text)))
        return found

    async def remove(self, user_id: int, alert_id: str) -> bool:
        """Takes an alert of this person back; False where there is none."""
        instrument = await self._shelves.get(_mine(user_id), alert_id)
        if instrument is None:
            return False
        gone = await self._shelves.remove(_of(instrument), alert_id)
        await self._shelves.remove(_mine(user_id), alert_id)
        return bool(gone)

    async def reached(self, ranges: Mapping[str, tuple[Decimal, Decimal]]) -> list[Alert]:
        """Returns the alerts whose prices were reached; by instrument, its lowest and highest."""
        found = []
        for instrument, (low, high) in ranges.items():
            for text in (await self._shelves.all(_of(instrument))).values():
                alert = alert_of(json.loads(text))
                if alert.reached(low, high):
                    found.append(alert)
        return found

    def taken(self, alert: Alert) -> list[Change]:
        """Returns the changes that take an alert away, because it is being told."""
        return [
            Change(_of(alert.instrument), remove=[alert.alert_id]),
            Change(_mine(alert.user_id), remove=[alert.alert_id]),
        ]

    async def _put(self, alert: Alert) -> None:
        await self._shelves.put(_of(alert.instrument), alert.alert_id, json.dumps(asdict(alert)))


def read_alert(text: str, *, natural: bool = False) -> AlertWords | None:
    """Reads `IRON ≥ 2.1`; with `natural`, only behind words such as `tell me when`."""
    if natural:
        said = _NATURAL.fullmatch(text.strip())
        if said is None:
            return None
        text = said["rest"]
    match = _WORDS.fullmatch(text.strip())
    if match is None:
        return None
    try:
        level = Decimal(match["level"].rstrip(".,").replace(",", "."))
    except InvalidOperation:
        return None
    if level <= 0:
        return None
    return AlertWords(
        name=match["name"], above=match["sign"] in {">=", "≥", ">", "=>"}, level=level
    )


def ranges_of(ticks: Iterable[tuple[str, str]]) -> dict[str, tuple[Decimal, Decimal]]:
    """Returns the lowest and the highest price of each instrument."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for instrument, text in ticks:
        price = Decimal(text)
        low, high = found.get(instrument, (price, price))
        found[instrument] = (min(low, price), max(high, price))
    return found


def alert_of(record: dict[str, Any]) -> Alert:
    """Reads an alert as it was kept."""
    place = Place(**record["place"]) if record["place"] else None
    return Alert(**{**record, "place": place})


def _of(instrument: str) -> str:
    return f"{_SHELF}:{instrument}"


def _mine(user_id: int) -> str:
    return f"{_SHELF}-of:{user_id}"
