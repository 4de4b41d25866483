"""Who may know whom: one-way imports, a pure core, and the same furniture in every room."""

import ast
import sys
from pathlib import Path

import pytest

from tests.tidy.repository import (
    CLIENTS,
    FACES,
    ROOT,
    SERVER,
    imports,
    is_of,
    modules,
    name,
    tree,
)

ROOMS = (
    "ledger",
    "identity",
    "payments",
    "spending",
    "webhooks",
    "parameters",
    "prices",
    "amm",
    "parliament",
    "proofs",
    "operator",
)
FURNITURE = {
    *("model", "decide", "tables", "queries", "decode", "encode", "servicer", "domain"),
}
# The operator's room only reads: it has nothing to decide.
# So does that of proofs: what it writes is a function of blocks.
WITHOUT = {
    # Others decide that something was traded.
    "prices": {"decide"},
    "operator": FURNITURE - {"servicer"},
    "proofs": {"decide", "decode", "domain"},
}
PURE = sorted(path for room in ROOMS for path in (SERVER / room).glob("decide*.py"))
IMPURE = (
    *("asyncio", "sqlalchemy", "asyncpg", "grpc", "google", "ticketonomics"),
    *("random", "secrets", "os", "time", "socket", "subprocess", "pathlib", "threading", "uuid"),
    *("structlog", "logging", "ticketonomics_server.storage", "ticketonomics_server.rpc"),
    "ticketonomics_server.settings",
)
CLIENT_PACKAGES = ("client", "simulator", "locales", "gateway", "bot")
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter", "time"}


def test_clients_know_the_contracts_and_never_the_server() -> None:
    for path in modules(*FACES):
        known = [i for i in imports(path) if is_of(i, "ticketonomics_server")]
        assert not known, f"{name(path)} imports {known}"


def test_the_server_knows_no_client() -> None:
    for path in modules(SERVER):
        known = [
            imported
            for imported in imports(path)
            if any(is_of(imported, f"ticketonomics_{client}") for client in CLIENT_PACKAGES)
        ]
        assert not known, f"{name(path)} imports {known}"


def test_the_sdk_knows_no_other_client() -> None:
    for path in modules(CLIENTS / "python"):
        others = [
            imported
            for imported in imports(path)
            if any(is_of(imported, f"ticketonomics_{other}") for other in CLIENT_PACKAGES[1:])
        ]
        assert not others, f"{name(path)} imports {others}"


def test_the_gateway_needs_nothing_but_the_contracts() -> None:
    for path in modules(ROOT / "gateway/src"):
        others = [
            imported
            for imported in imports(path)
            if any(is_of(imported, f"ticketonomics_{other}") for other in CLIENT_PACKAGES)
            and not is_of(imported, "ticketonomics_gateway")
        ]
        assert not others, f"{name(path)} imports {others}"


def test_there_is_something_to_decide() -> None:
    assert len(PURE) >= 4


@pytest.mark.parametrize("path", PURE, ids=name)
def test_decisions_are_pure(path: Path) -> None:
    impure = [i for i in imports(path) if any(is_of(i, package) for package in IMPURE)]
    assert not impure, f"{name(path)} imports {impure}"
    for node in ast.walk(tree(path)):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await), f"{name(path)} awaits"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCKS, (
                f"{name(path)}:{node.lineno} asks a clock; the context has the block's time"
            )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "print", "input"}, f"{name(path)}:{node.lineno}"


@pytest.mark.parametrize("path", modules(SERVER / "engine"), ids=name)
def test_the_engine_knows_no_domain_and_no_contract(path: Path) -> None:
    forbidden = (
        *(f"ticketonomics_server.{room}" for room in ROOMS),
        *("ticketonomics_server.rpc", "grpc", "google.protobuf", "ticketonomics"),
    )
    known = [i for i in imports(path) if any(is_of(i, package) for package in forbidden)]
    assert not known, f"{name(path)} imports {known}"


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_has_the_same_furniture(room: str) -> None:
    wanted = FURNITURE - WITHOUT.get(room, set())
    there = {path.stem for path in (SERVER / room).glob("*.py")}
    assert wanted <= there, f"{room} lacks {sorted(wanted - there)}"


def test_the_ledger_knows_no_other_room() -> None:
    for path in modules(SERVER / "ledger"):
        known = [
            imported
            for imported in imports(path)
            if is_of(imported, "ticketonomics_server.identity")
            or is_of(imported, "ticketonomics_server.operator")
        ]
        assert not known, f"{name(path)} imports {known}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    for path in [*modules(SERVER, *FACES, ROOT / "tests")]:
        for empty in ("utils", "util", "helpers", "helper", "manager", "common", "base", "misc"):
            assert path.stem != empty, name(path)


def test_the_standard_library_is_known_to_these_tests() -> None:
    """The names above are real: a misspelt one would forbid nothing."""
    ours = {"sqlalchemy", "asyncpg", "grpc", "google", "ticketonomics", "structlog"}
    for package in IMPURE:
        top = package.partition(".")[0]
        assert top in sys.stdlib_module_names or top in ours | {"ticketonomics_server"}, package
