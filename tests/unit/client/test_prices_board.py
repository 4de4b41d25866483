"""`ticketonomics prices watch`: what is drawn."""

from io import StringIO

import pytest
from rich.console import Console
from ticketonomics.prices.v1.price_pb2 import Tick
from ticketonomics.prices.v1.price_service_pb2 import WatchPricesResponse
from ticketonomics_client.cli.watching_prices import Board, shape


def message(*updates: tuple[str, str, int]) -> WatchPricesResponse:
    return WatchPricesResponse(
        updates=[
            WatchPricesResponse.Update(
                tick=Tick(instrument=name, price=price, size=5, sequence=9), trade_count=count
            )
            for name, price, count in updates
        ]
    )


def drawn(*messages: WatchPricesResponse) -> str:
    console = Console(file=StringIO(), force_terminal=True, width=120, color_system=None)
    board = Board(console)
    with board.open():
        for one in messages:
            board.show(one)
    console = Console(file=StringIO(), width=120)
    console.print(board.table())
    text = console.file.getvalue()
    assert isinstance(text, str)
    return text


def test_a_row_has_the_newest_price_and_where_it_goes() -> None:
    text = drawn(
        message(("pools/iron", "2", 10), ("pools/copper", "5", 1)),
        message(("pools/iron", "3", 11), ("pools/iron", "2.5", 14)),
        message(),
    )
    copper, iron = [line.split() for line in text.splitlines() if "pools/" in line]
    assert iron[:3] == ["pools/iron", "2.5", "▼"]
    assert iron[-2:] == ["14", "4"]
    assert copper == ["pools/copper", "5", "▄", "5", "1", "0"]


def test_names_cannot_steer_the_terminal() -> None:
    assert "\x1b[2J" not in drawn(message(("pools/\x1b[2J", "1", 1)))


def test_nothing_was_traded_yet() -> None:
    assert "Nothing was traded yet" in drawn(message())


def test_without_a_terminal_there_is_a_line_for_each_trade() -> None:
    out = StringIO()
    board = Board(Console(file=out, width=200))
    with board.open():
        board.show(message(("pools/iron", "2", 10), ("pools/[red]", "3", 11)))
    first, second = out.getvalue().splitlines()
    assert "pools/iron  2  size 5  trade 10" in first
    assert "pools/[red]  3" in second


@pytest.mark.parametrize(
    ("prices", "drawing"),
    [([], ""), ([7.0], "▄"), ([7.0, 7.0], "▄▄"), ([1.0, 2.0], "▁█"), ([2.0, 1.0, 1.5], "█▁▄")],
)
def test_the_shape_of_prices(prices: list[float], drawing: str) -> None:
    assert shape(prices) == drawing
