"""Reads files of opening balances, past transactions and assets: CSV or JSONL.

A line that is wrong is told, and the reading goes on; only a file that cannot be understood at all
ends it.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from io import StringIO
from pathlib import Path
from typing import Any

from ticketonomics_client.importing.rows import (
    MAX_MEMO,
    MAX_NAME,
    MAX_PAIRS,
    MAX_POSTINGS,
    MINT,
    SINK,
    AssetRow,
    BadLine,
    Contents,
    FileError,
    Leg,
    Row,
    RowError,
    RowFile,
    check_asset,
    check_leg,
    check_party,
    check_reference,
    check_text,
)
from ticketonomics_client.importing.times import parse_time

_NEEDED = {
    Contents.BALANCES: ("account", "asset", "amount"),
    Contents.TRANSACTIONS: ("source", "destination", "asset", "amount", "time"),
}
# `line` and `reason` are those of a file of rejected lines, which can be mended and imported.
_OTHERS = {
    Contents.BALANCES: ("time", "reference", "memo", "name", "line", "reason"),
    Contents.TRANSACTIONS: ("reference", "memo", "line", "reason"),
}
_ASSET_NEEDED = ("code", "name", "decimals")
_ASSET_OTHERS = ("kind", "cap")
_KINDS = ("ticket", "material", "product", "share", "collectible")
_JSON_KEYS = {*_NEEDED[Contents.TRANSACTIONS], *_OTHERS[Contents.TRANSACTIONS]}
_JSON_KEYS |= {"postings", "metadata"}
_POSTING_KEYS = {"source", "destination", "asset", "amount"}

_Record = Mapping[str, Any]


def read_rows(file: Path, contents: Contents, *, zone: tzinfo | None = None) -> RowFile:
    """Reads a file of opening balances (CSV) or of past transactions (CSV or JSONL).

    Args:
        zone: What times without a zone are in; without one they are bad.

    Raises:
        FileError: It cannot be read, or its columns are not those of such a file.
    """
    text = _read_text(file)
    if file.suffix.lower() in {".jsonl", ".ndjson"}:
        if contents is Contents.BALANCES:
            raise FileError(f"{file}: opening balances come as CSV")
        return _collect(contents, _json_records(text), lambda n, r: _transaction(n, r, zone))
    make = _balance if contents is Contents.BALANCES else _flat_transaction
    columns, delimiter = _header(file, text, _NEEDED[contents], _OTHERS[contents])
    records = _csv_records(text, columns, delimiter)
    return _collect(
        contents, records, lambda n, r: make(n, r, zone), columns=columns, delimiter=delimiter
    )


def read_assets(file: Path) -> tuple[list[AssetRow], list[BadLine]]:
    """Reads a file of assets: CSV with code, name, decimals, and maybe kind and cap.

    Raises:
        FileError: It cannot be read, or its columns are not those of such a file.
    """
    text = _read_text(file)
    columns, delimiter = _header(file, text, _ASSET_NEEDED, _ASSET_OTHERS)
    assets, bad = [], []
    for line, record in _csv_records(text, columns, delimiter):
        if isinstance(record, str):
            bad.append(BadLine(line, record))
            continue
        try:
            assets.append(_asset(line, record))
        except RowError as error:
            bad.append(BadLine(line, str(error), record))
    return assets, bad


def _asset(line: int, record: _Record) -> AssetRow:
    decimals = record["decimals"]
    if decimals not in tuple("0123456789"):
        raise RowError(f"decimals is {decimals!r}, not 0 to 9")
    kind = record.get("kind") or "ticket"
    if kind not in _KINDS:
        raise RowError(f"{kind!r} is no kind: {', '.join(_KINDS)}")
    if not record["name"]:
        raise RowError("the asset has no name")
    name = check_text(record["name"], "name", longest=MAX_NAME)
    code = check_asset(record["code"])
    return AssetRow(line, code, name, kind, int(decimals), record.get("cap") or "")


def _collect(
    contents: Contents,
    records: Iterator[tuple[int, _Record | str]],
    make: Callable[[int, _Record], Row],
    *,
    columns: list[str] | None = None,
    delimiter: str = ",",
) -> RowFile:
    rows: list[Row] = []
    bad: list[BadLine] = []
    for line, record in records:
        if isinstance(record, str):
            bad.append(BadLine(line, record))
            continue
        try:
            rows.append(make(line, record))
        except RowError as error:
            bad.append(BadLine(line, str(error), record))
    return RowFile(contents, rows, bad, columns or (), delimiter)


def _read_text(file: Path) -> str:
    try:
        # Spreadsheets put a mark in front of UTF-8.
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FileError(f"cannot read {file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FileError(
            f"{file}, line {line}: it is not in UTF-8; save it as «CSV UTF-8»"
        ) from error


# --- CSV --------------------------------------------------------------------------------------


def _header(
    file: Path, text: str, needed: tuple[str, ...], others: tuple[str, ...]
) -> tuple[list[str], str]:
    first = text.split("\n", 1)[0]
    # What a spreadsheet puts between the columns depends on its owner's country.
    delimiter = max(",;\t", key=first.count)
    columns = [column.strip().lower() for column in next(csv.reader([first], delimiter=delimiter))]
    told = f"{file}, line 1:"
    if missing := [column for column in needed if column not in columns]:
        raise FileError(f"{told} there is no column {', '.join(missing)}")
    if unknown := [column for column in columns if column not in (*needed, *others)]:
        known = ", ".join((*needed, *others))
        raise FileError(f"{told} unknown column {', '.join(unknown)}; there are {known}")
    if len(set(columns)) != len(columns):
        raise FileError(f"{told} a column is there twice")
    return columns, delimiter


def _csv_records(
    text: str, columns: list[str], delimiter: str
) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Yields the line on which each record begins, and its cells or what is wrong with it."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, f"it is no CSV: {error}"
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            yield line, f"it has {len(cells)} columns, the first line has {len(columns)}"
            continue
        record = dict(zip(columns, cells, strict=True))
        yield (
            line,
            {name: cell if name == "memo" else cell.strip() for name, cell in record.items()},
        )


def _number(line: int, record: _Record) -> int:
    told = str(record.get("line") or line)
    if not (told.isascii() and told.isdecimal() and len(told) < 10):
        raise RowError(f"the column line has {told!r}, no number")
    return int(told)


def _balance(line: int, record: _Record, zone: tzinfo | None) -> Row:
    party, asset = check_party(record["account"]), check_asset(record["asset"])
    if party in {MINT, SINK}:
        raise RowError(f"{party} has no opening balance")
    amount = record["amount"]
    if amount.startswith("-"):
        raise RowError(f"the balance is {amount}: debts are not imported")
    nothing = bool(amount) and not amount.replace(".", "", 1).strip("0")
    leg = Leg(MINT, party, asset, amount)
    time = record.get("time")
    return Row(
        line,
        _number(line, record),
        () if nothing else (check_leg(leg),),
        party,
        parse_time(time, zone) if time else None,
        check_reference(record.get("reference", "")),
        check_text(record.get("memo", ""), "memo", longest=MAX_MEMO),
        name=check_text(record.get("name", ""), "name", longest=MAX_NAME),
        original=record,
    )


def _flat_transaction(line: int, record: _Record, zone: tzinfo | None) -> Row:
    leg = Leg(record["source"], record["destination"], record["asset"], record["amount"])
    if not record["time"]:
        raise RowError("it does not say when it happened")
    return Row(
        line,
        _number(line, record),
        (check_leg(leg),),
        time=parse_time(record["time"], zone),
        reference=check_reference(record.get("reference", "")),
        memo=check_text(record.get("memo", ""), "memo", longest=MAX_MEMO),
        original=record,
    )


# --- JSONL ------------------------------------------------------------------------------------


def _json_records(text: str) -> Iterator[tuple[int, dict[str, Any] | str]]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            # A float would not be the number that is written there.
            record = json.loads(content, parse_float=str, object_pairs_hook=_unique)
        except (ValueError, RecursionError) as error:
            yield line, f"it is no JSON: {error}"
            continue
        if not isinstance(record, dict):
            yield line, "it is no JSON object"
            continue
        yield line, record


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a name occurs twice")
    return record


def _transaction(line: int, record: _Record, zone: tzinfo | None) -> Row:
    if unknown := record.keys() - _JSON_KEYS:
        raise RowError(f"unknown name {', '.join(sorted(unknown))}")
    flat = {key: record[key] for key in _POSTING_KEYS if key in record}
    postings = record.get("postings")
    if (postings is None) == (not flat):
        raise RowError("it needs either postings, or source, destination, asset and amount")
    legs = _legs(postings if postings is not None else [flat])
    time = _text(record, "time") if not isinstance(record.get("time"), int) else str(record["time"])
    if not time:
        raise RowError("it does not say when it happened")
    return Row(
        line,
        _number(line, record),
        legs,
        time=parse_time(time, zone),
        reference=check_reference(_text(record, "reference")),
        memo=check_text(_text(record, "memo"), "memo", longest=MAX_MEMO),
        metadata=_metadata(record.get("metadata") or {}),
        original=record,
    )


def _legs(postings: Any) -> tuple[Leg, ...]:
    if not isinstance(postings, list) or not 1 <= len(postings) <= MAX_POSTINGS:
        raise RowError(f"postings is no list of 1 to {MAX_POSTINGS}")
    legs = []
    for posting in postings:
        if not isinstance(posting, dict) or posting.keys() != _POSTING_KEYS:
            raise RowError("a posting needs source, destination, asset and amount, and no more")
        amount = posting["amount"]
        if isinstance(amount, bool) or not isinstance(amount, str | int):
            raise RowError(f"the amount {amount!r} is no number")
        source, destination = _text(posting, "source"), _text(posting, "destination")
        leg = Leg(source, destination, _text(posting, "asset"), str(amount))
        legs.append(check_leg(leg))
    return tuple(legs)


def _text(record: _Record, key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RowError(f"{key} is no text")
    return value.strip() if key != "memo" else value


def _metadata(pairs: Any) -> dict[str, str]:
    if not isinstance(pairs, dict) or not all(isinstance(v, str) for v in pairs.values()):
        raise RowError("metadata is no object of texts")
    if len(pairs) > MAX_PAIRS:
        raise RowError(f"metadata has more than {MAX_PAIRS} pairs")
    if not all(pairs):
        raise RowError("metadata has a pair without a name")
    return {
        check_text(name, "metadata", longest=MAX_NAME): check_text(
            value, "metadata", longest=MAX_MEMO
        )
        for name, value in pairs.items()
    }
