"""The operator's own files: what they may say, and which line is wrong."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from ticketonomics_server.economics.files import (
    Assumptions,
    EconomicsFileError,
    Revenue,
    read_assumptions,
    read_revenue,
)

HEAD = "day,network,region,views,revenue\n"


def written(folder: Path, text: str, name: str = "file.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_a_file_leaves_out_is_as_usual(tmp_path: Path) -> None:
    assert read_assumptions(written(tmp_path, "")) == Assumptions()
    found = read_assumptions(written(tmp_path, "per_view = 0.004\n[priced_at]\nGOLD = 1.25\n"))
    assert (found.per_view, found.prices["GOLD"]) == (Decimal("0.004"), Decimal("1.25"))
    assert found.prices["SILVER"] == Decimal("0.08")


def test_json_says_the_same(tmp_path: Path) -> None:
    text = '{"per_view": 0.004, "priced_at": {"GOLD": "1.25"}}'
    found = read_assumptions(written(tmp_path, text, "file.json"))
    assert (found.per_view, found.prices["GOLD"]) == (Decimal("0.004"), Decimal("1.25"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("per_view =", "Invalid"),
        ("per_views = 1", "per_views is none of"),
        ("per_view = 0", "per_view is not above 0"),
        ("per_view = -1", "per_view is not above 0"),
        ("per_view = true", "per_view is no number"),
        ("per_view = 'much'", "per_view is not above 0"),
        ("per_view = nan", "per_view is not above 0"),
        ("per_view = 1e99", "per_view is not above 0"),
        ("days = 0", "days is not a whole number"),
        ("days = 1.5", "days is not a whole number"),
        ("least_views = false", "least_views is not a whole number"),
        ("priced_at = 3", "priced_at is no table"),
        ("[priced_at]\nTIN = 1", "priced_at.TIN is no tier"),
        ("[priced_at]\nGOLD = [1]", "priced_at.GOLD is no number"),
    ],
)
def test_what_is_wrong_with_assumptions(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(EconomicsFileError, match=says):
        read_assumptions(written(tmp_path, text))


def test_json_that_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(EconomicsFileError, match="no table of settings"):
        read_assumptions(written(tmp_path, "[]", "file.json"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EconomicsFileError, match="cannot be read"):
        read_assumptions(tmp_path / "nothing.toml")
    with pytest.raises(EconomicsFileError, match="cannot be read"):
        read_revenue(tmp_path / "nothing.csv")


def test_revenue_is_read_in_any_order_of_columns(tmp_path: Path) -> None:
    text = "Region, Day,views,network,revenue,note\r\nus,2026-11-01,5200,admob,61.40,ok\r\n"
    assert read_revenue(written(tmp_path, "\ufeff" + text)) == [
        Revenue(date(2026, 11, 1), "admob", "US", 5_200, Decimal("61.40"))
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column day"),
        ("day,network,region,views\n", "no column revenue"),
        (HEAD + "1.11.2026,a,US,1,1", "line 2: '1.11.2026' is no day"),
        (HEAD + "2026-11-01,,US,1,1", "line 2: the network is missing"),
        (HEAD + "2026-11-01,a,XX,1,1", "line 2: 'XX' is none of US, EU, EM"),
        (HEAD + "2026-11-01,a,US,-1,1", "line 2: '-1' is no number of views"),
        (HEAD + "2026-11-01,a,US,1.5,1", "line 2: '1.5' is no number of views"),
        (HEAD + "2026-11-01,a,US,1" + "0" * 16 + ",1", "views are too many"),
        (HEAD + "2026-11-01,a,US,1,-1", "line 2: '-1' is no revenue"),
        (HEAD + "2026-11-01,a,US,1,nan", "line 2: 'nan' is no revenue"),
        (HEAD + "2026-11-01,a,US,1", "line 2: '' is no revenue"),
        (
            HEAD + "2026-11-01,a,US,1,1\n2026-11-02,a,US,1,1\n2026-11-01,a,us,2,2",
            "line 4: 2026-11-01 a US is in line 2 already",
        ),
    ],
)
def test_what_is_wrong_with_revenue(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(EconomicsFileError, match=says):
        read_revenue(written(tmp_path, text, "ads.csv"))


def test_no_line_is_no_revenue(tmp_path: Path) -> None:
    assert read_revenue(written(tmp_path, HEAD)) == []
