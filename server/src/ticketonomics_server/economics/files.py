"""Reads the operator's own files: prices and assumptions, and what ad networks paid."""

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ticketonomics_server.economics.tiers import ASSUMED_PER_VIEW, USUAL_PRICES
from ticketonomics_server.ledger.tickets import TIERS

REGIONS = ("US", "EU", "EM")
COLUMNS = ("day", "network", "region", "views", "revenue")
_KEYS = {"per_view", "tolerance", "days", "least_views", "priced_at"}
MOST = Decimal(10) ** 15


class EconomicsFileError(ValueError):
    """A file that cannot be read; the text says where and why."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Assumptions:
    """What the operator assumes and has set.

    Attributes:
        per_view: What one ad view earns, in USD.
        tolerance: By which share revenue may differ before anything is suggested.
        days: The latest days of revenue that count for suggestions.
        least_views: Below so many views nothing is suggested: chance alone may explain it.
        prices: In USD, by tier.
    """

    per_view: Decimal = ASSUMED_PER_VIEW
    tolerance: Decimal = Decimal("0.1")
    days: int = 30
    least_views: int = 1_000
    prices: Mapping[str, Decimal] = field(default_factory=lambda: dict(USUAL_PRICES))


@dataclass(slots=True, frozen=True)
class Revenue:
    """What a network paid for a day's views in a region, in USD."""

    day: date
    network: str
    region: str
    views: int
    revenue: Decimal


def read_assumptions(path: Path) -> Assumptions:
    """Reads a TOML file, or JSON if its name ends so; what it leaves out is as usual.

    Raises:
        EconomicsFileError: It is no such file.
    """
    text = _read(path)
    try:
        found = (
            json.loads(text, parse_float=Decimal)
            if path.suffix == ".json"
            else tomllib.loads(text, parse_float=Decimal)
        )
    except ValueError as error:
        raise EconomicsFileError(f"{path}: {error}") from error
    if not isinstance(found, dict):
        raise EconomicsFileError(f"{path}: is no table of settings")
    if unknown := found.keys() - _KEYS:
        raise EconomicsFileError(f"{path}: {min(unknown)} is none of {', '.join(sorted(_KEYS))}")
    usual = Assumptions()
    prices = found.get("priced_at", {})
    if not isinstance(prices, dict):
        raise EconomicsFileError(f"{path}: priced_at is no table of tiers")
    if strange := prices.keys() - set(TIERS):
        raise EconomicsFileError(f"{path}: priced_at.{min(strange)} is no tier")
    return Assumptions(
        per_view=_number(path, found, "per_view", usual.per_view),
        tolerance=_number(path, found, "tolerance", usual.tolerance),
        days=_whole(path, found, "days", usual.days),
        least_views=_whole(path, found, "least_views", usual.least_views),
        prices={
            code: _number(path, prices, code, USUAL_PRICES[code], where="priced_at.")
            for code in TIERS
        },
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EconomicsFileError(f"{path} cannot be read: {error}") from error


def _number(
    path: Path, found: Mapping[str, Any], key: str, usual: Decimal, *, where: str = ""
) -> Decimal:
    value = found.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise EconomicsFileError(f"{path}: {where}{key} is no number")
    number = _decimal(str(value))
    if number is None or number <= 0:
        raise EconomicsFileError(f"{path}: {where}{key} is not above 0: {value}")
    return number


def _whole(path: Path, found: Mapping[str, Any], key: str, usual: int) -> int:
    value = found.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10**9:
        raise EconomicsFileError(f"{path}: {key} is not a whole number from 1 up: {value}")
    return value


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= MOST else None


def read_revenue(path: Path) -> list[Revenue]:
    """Reads a CSV file with the columns day, network, region, views and revenue, in any order.

    A day, network and region may come once: the same figures twice would count twice.

    Raises:
        EconomicsFileError: With the line that cannot be read.
    """
    rows = list(_rows(path))
    seen: dict[tuple[date, str, str], int] = {}
    for number, row in rows:
        key = row.day, row.network, row.region
        if key in seen:
            raise EconomicsFileError(
                f"{path}, line {number}: {row.day} {row.network} {row.region} is in line"
                f" {seen[key]} already"
            )
        seen[key] = number
    return [row for _, row in rows]


def _rows(path: Path) -> Iterator[tuple[int, Revenue]]:
    reader = csv.DictReader(_read(path).splitlines())
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    if missing := [column for column in COLUMNS if column not in names]:
        raise EconomicsFileError(f"{path}: its first line has no column {missing[0]}")
    reader.fieldnames = names
    for line in reader:
        cells = {name: (line.get(name) or "").strip() for name in COLUMNS}
        yield reader.line_num, _row(f"{path}, line {reader.line_num}", cells)


def _row(where: str, cells: dict[str, str]) -> Revenue:
    try:
        day = date.fromisoformat(cells["day"])
    except ValueError as error:
        raise EconomicsFileError(f"{where}: {cells['day']!r} is no day as 2026-01-31") from error
    if not cells["network"]:
        raise EconomicsFileError(f"{where}: the network is missing")
    region = cells["region"].upper()
    if region not in REGIONS:
        raise EconomicsFileError(f"{where}: {cells['region']!r} is none of {', '.join(REGIONS)}")
    if not (cells["views"].isascii() and cells["views"].isdigit()):
        raise EconomicsFileError(f"{where}: {cells['views']!r} is no number of views")
    views, revenue = int(cells["views"]), _decimal(cells["revenue"])
    if views > 10**15:
        raise EconomicsFileError(f"{where}: {views} views are too many")
    if revenue is None or revenue < 0:
        raise EconomicsFileError(f"{where}: {cells['revenue']!r} is no revenue such as 12.34")
    return Revenue(day, cells["network"], region, views, revenue)
