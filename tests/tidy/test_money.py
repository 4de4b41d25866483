"""Money is the operator's business: no player, and no program of a player's, ever reads of it.

Figures in USD are in the operator's own report and its page. Every contract, every JSON name, every
other page, and every text that the programs can print is searched here.
"""

import re
from collections.abc import Iterator

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FileDescriptor
from ticketonomics_server.app import SERVICES
from typer.main import get_command

from tests.tidy.repository import FACES, ROOT, SERVER, documents, modules, name

# Exactly these are the operator's. Nothing may be added to them that a player can see.
OPERATORS = {
    "server/src/ticketonomics_server/cli/economics.py",
    "server/src/ticketonomics_server/economics/__init__.py",
    "server/src/ticketonomics_server/economics/files.py",
    "server/src/ticketonomics_server/economics/report.py",
    "server/src/ticketonomics_server/economics/supply.py",
    "server/src/ticketonomics_server/economics/tiers.py",
    "docs/economics.md",
}
# Put together from parts, so that this file does not hold what it looks for.
CURRENCIES = r"us" + r"d|doll" + r"ars?|eu" + r"ros?|cents"
WORDS = re.compile(
    rf"(?<![a-z])({CURRENCIES}|pric" + r"ed[ _-]?at|ad[ _-]?back" + r"ed)(?![a-z])", re.I
)
# A dollar sign is no mark of money where a shell or SQL counts its arguments with it.
MARKS = re.compile(r"[€£¥]|\$ ?\d+[.,]\d|\d ?\$(?![\w{(])")
NAMES = frozenset(
    ("us" + "d", "doll" + "ar", "doll" + "ars", "eu" + "ro", "cent", "cents", "priced")
)


def money_in(text: str) -> list[str]:
    return [match[0] for pattern in (WORDS, MARKS) for match in pattern.finditer(text)]


def words_of(identifier: str) -> list[str]:
    """The words of a name in any style: `priced_at`, `pricedAt`, `PRICED_AT`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", identifier)
    return apart.lower().split("_")


@pytest.mark.parametrize(
    "text",
    [
        "worth 5 us" + "d",
        "US" + "D: 3",
        "in doll" + "ars",
        "Priced" + " at 3",
        "pric" + "ed_at",
        "ad-back" + "ed",
        "costs $" + "0.05",
        "5 $" + " each",
        "3 " + "€",
    ],
)
def test_money_is_recognised(text: str) -> None:
    assert money_in(text)


@pytest.mark.parametrize(
    "text",
    ["WHERE a = $1, $2", "the price is 1.5 BRONZE", "echo $HOME", "used", "unpriced", "$(x)"],
)
def test_what_is_no_money_is_none(text: str) -> None:
    assert not money_in(text)


def _files() -> list[FileDescriptor]:
    pool = descriptor_pool.Default()
    found: dict[str, FileDescriptor] = {}
    waiting = [pool.FindServiceByName(service).file for service in SERVICES]
    while waiting:
        file = waiting.pop()
        if file.name.startswith("ticketonomics/") and file.name not in found:
            found[file.name] = file
            waiting.extend(file.dependencies)
    return list(found.values())


def _names(message: Descriptor) -> Iterator[str]:
    yield message.name
    for field in message.fields:
        yield field.name
        yield field.json_name
    for enum in message.enum_types:
        yield from (enum.name, *enum.values_by_name)
    for oneof in message.oneofs:
        yield oneof.name
    for nested in message.nested_types:
        yield from _names(nested)


def test_no_contract_has_a_name_of_money() -> None:
    """Packages, messages, fields, their names in JSON, enumerations, services and methods."""
    files = _files()
    assert len(files) > 15
    for file in files:
        names = [file.package]
        for message in file.message_types_by_name.values():
            names += _names(message)
        for enum in file.enum_types_by_name.values():
            names += [enum.name, *enum.values_by_name]
        for service in file.services_by_name.values():
            names += [service.name, *(method.name for method in service.methods)]
        told = [found for found in names if NAMES & set(words_of(found))]
        assert not told, f"{file.name} has {told}"


def test_no_contract_comments_on_money() -> None:
    for path in (ROOT / "proto/ticketonomics").rglob("*"):
        if path.is_file():
            found = money_in(path.read_text())
            assert not found, f"{name(path)} mentions {found}"


def test_no_program_can_print_of_money() -> None:
    """Messages, help and templates of the server and of every client."""
    scenarios = (ROOT / "clients/simulator").rglob("*.toml")
    for path in [*modules(SERVER, *FACES), *scenarios]:
        if name(path) not in OPERATORS:
            found = money_in(path.read_text())
            assert not found, f"{name(path)} mentions {found}"


def test_no_page_but_the_operators_tells_of_money() -> None:
    for path in documents():
        if name(path) not in OPERATORS:
            found = money_in(path.read_text())
            assert not found, f"{name(path)} mentions {found}"


def test_no_web_page_or_locale_tells_of_money() -> None:
    """Whatever is served to a browser or said by a bot, once it is there."""
    suffixes = {".html", ".js", ".ts", ".tsx", ".css", ".ftl", ".po", ".j2", ".json", ".svg"}
    from tests.tidy.repository import tracked

    for path in tracked():
        if path.suffix in suffixes and not name(path).startswith("tests/"):
            found = money_in(path.read_text())
            assert not found, f"{name(path)} mentions {found}"


def test_the_operators_files_are_there_and_tell_of_it() -> None:
    """The list stays exact: whoever takes a file away, or what it is for, takes it off."""
    pure = {"supply.py", "__init__.py"}
    for listed in OPERATORS:
        path = ROOT / listed
        assert path.exists(), listed
        if path.name not in pure:
            assert money_in(path.read_text()), listed


def test_nobody_imports_the_operators_figures_but_the_command() -> None:
    allowed = {SERVER / "cli/economics.py", *modules(SERVER / "economics")}
    for path in modules(SERVER):
        if path not in allowed:
            assert "ticketonomics_server.economics" not in path.read_text(), name(path)


def test_the_players_command_line_has_no_such_command() -> None:
    from ticketonomics_client.cli import app

    assert "economics" not in getattr(get_command(app), "commands", {})
