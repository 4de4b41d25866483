"""The blocking client has every call of the other one, with its signature, for people and types."""

import inspect
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import mypy.api
import pytest
from ticketonomics_client import client as aio
from ticketonomics_client import sync
from ticketonomics_client.blocking import Blocking, BlockingIterator, Stream, run

# What calls stand on, and what has no use or another form where one waits.
WITHOUT = {"attempt", "pages", "check_open", "raise_if_closed"}
DIFFERENT = {"call", "acting_for", "close"}


def calls() -> dict[str, object]:
    return {
        name: method
        for name, method in inspect.getmembers(aio.Client, inspect.isfunction)
        if not name.startswith("_") and name not in WITHOUT | DIFFERENT
    }


@pytest.mark.parametrize("name", sorted(calls()))
def test_each_call_is_there_and_waits(name: str) -> None:
    method = getattr(aio.Principal, name)
    returned = inspect.signature(method, eval_str=True).return_annotation
    streams = getattr(returned, "__origin__", None) in {AsyncIterator, AsyncGenerator}
    kind = "BlockingIterator" if streams else "Blocking"
    line = f"    {name} = {kind}(aio.Principal.{name})"
    assert name in vars(sync.Principal), f"sync.py lacks the line\n{line}"
    there = vars(sync.Principal)[name]
    assert isinstance(there, BlockingIterator if streams else Blocking), line


@pytest.mark.parametrize("name", sorted(calls()))
def test_people_see_the_signature_and_the_document(name: str) -> None:
    method = getattr(aio.Principal, name)
    shown = getattr(sync.Client("127.0.0.1:1"), name)
    _, *parameters = inspect.signature(method).parameters.values()
    assert list(inspect.signature(shown).parameters.values()) == parameters
    assert inspect.getdoc(shown) == inspect.getdoc(method)
    assert shown.__name__ == name


def test_there_is_nothing_else() -> None:
    there = {name for name in dir(sync.Client) if not name.startswith("_")}
    assert there == calls().keys() | DIFFERENT


def test_both_clients_are_made_with_the_same_arguments() -> None:
    ours = inspect.signature(sync.Client, eval_str=True)
    assert ours == inspect.signature(aio.Client, eval_str=True)


SNIPPET = """
from typing import assert_type
from ticketonomics.ledger.v1.ledger_service_pb2 import GetSupplyRequest, GetSupplyResponse
from ticketonomics_client import Balance, Receipt, Transaction
from ticketonomics_client.sync import Client, Stream
client = Client()
assert_type(client.transfer(source="a", destination="b", asset="c", amount=1), Receipt)
assert_type(client.transactions(account="a"), Stream[Transaction])
for transaction in client.watch_transactions(after_sequence=0):
    assert_type(transaction, Transaction)
assert_type(client.acting_for("a").balance("a", "b", height=3), Balance)
assert_type(client.call(lambda c: c.ledger.GetSupply, GetSupplyRequest()), GetSupplyResponse)
client.transfer(source="a", destination="b", asset="c", amount="1")
client.balance("a")
client.balance("a", "b", colour="c")
"""


def test_type_checkers_see_the_signatures(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SNIPPET)
    out, err, code = mypy.api.run(["--config-file", "pyproject.toml", str(script)])
    assert code == 1, err
    wrong = sorted(line.split("[")[-1] for line in out.splitlines() if "error:" in line)
    assert wrong == ["arg-type]", "call-arg]", "call-arg]"], out


def test_the_background_thread_refuses_to_wait_for_itself() -> None:
    async def nested() -> None:
        run(nothing())

    async def nothing() -> None:
        """Never begun."""

    with pytest.raises(RuntimeError, match="background thread"):
        run(nested())


def test_all_clients_share_one_thread() -> None:
    async def thread() -> threading.Thread:
        return threading.current_thread()

    assert run(thread()) is run(thread())
    assert run(thread()) is not threading.current_thread()


def test_a_stream_is_closed_when_it_is_left() -> None:
    ended = []

    async def numbers() -> AsyncGenerator[int, None]:
        try:
            for number in range(5):
                yield number
        finally:
            ended.append(True)

    with Stream(numbers) as stream:
        assert next(stream) == 0
    assert ended == [True]
    assert list(stream) == []
    assert list(Stream(numbers)) == [0, 1, 2, 3, 4]


def test_an_error_comes_through_and_ends_the_stream() -> None:
    async def broken() -> AsyncGenerator[int, None]:
        yield 1
        raise KeyError("two")

    stream = Stream(broken)
    assert next(stream) == 1
    with pytest.raises(KeyError):
        next(stream)
    assert list(stream) == []
