"""`ticketonomics-server keys list` on screens of any width."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console
from ticketonomics_server.cli.keys import print_keys
from ticketonomics_server.identity.scopes import ALL_SCOPES

APPLICATION = "0190f5fe-7c00-7a00-8000-0123456789ab"
ROWS = [
    {
        "api_key_id": f"k{number:011}",
        "application_id": APPLICATION,
        "name": name,
        "scopes": " ".join(sorted(scopes)),
        "create_time": datetime(2026, 1, 2, tzinfo=UTC),
        "expire_time": None,
        "revoke_time": datetime(2026, 3, 4, tzinfo=UTC) if number else None,
        "last_use_time": None,
    }
    for number, name, scopes in [
        (0, "operator", ALL_SCOPES),
        (1, "a shop [bold]with\x1b[31m a long name", {"ledger.transfer", "ledger.assets"}),
    ]
]


def printed(width: int) -> list[str]:
    out = StringIO()
    print_keys(Console(file=out, width=width, highlight=False, markup=False), ROWS)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 10_000])
def test_ids_are_whole_and_nothing_is_wider_than_the_screen(width: int) -> None:
    lines = printed(width)
    assert all(len(line.rstrip()) <= width for line in lines)
    text = "\n".join(lines)
    for row in ROWS:
        assert row["api_key_id"] in text
    assert text.count(APPLICATION) == len(ROWS)
    assert "ledger.assets ledger.transfer" in text
    assert "revoked 2026-03-04" in text
    assert "[bold]" in text
    assert "\x1b" not in text


def test_a_wide_screen_has_a_line_for_each() -> None:
    assert len(printed(10_000)) == 1 + len(ROWS)


def test_a_narrow_screen_has_each_fact_on_a_line() -> None:
    lines = [line.split(maxsplit=1) for line in printed(80) if line]
    assert ["key", "k00000000000"] in lines
    assert ["scopes", "all"] in [[heading, rest.strip()] for heading, rest in lines]
