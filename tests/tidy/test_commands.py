"""What documents tell people to type exists; and `make help` tells all of it."""

import re
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
import typer.main
from prometheus_client.metrics import MetricWrapperBase
from ticketonomics_bot.cli import app as bot_app
from ticketonomics_client.cli import app as client_app
from ticketonomics_gateway import metrics as gateway_metrics
from ticketonomics_gateway.cli import app as gateway_app
from ticketonomics_server import metrics
from ticketonomics_server.cli import app as server_app
from ticketonomics_server.verification.report import Invariant

from tests.tidy.repository import ROOT, documents, name, table

PROGRAMS = {
    "ticketonomics": typer.main.get_command(client_app),
    "ticketonomics-gateway": typer.main.get_command(gateway_app),
    "ticketonomics-bot": typer.main.get_command(bot_app),
    "ticketonomics-server": typer.main.get_command(server_app),
}
TOOLS = {"python", "ticketonomics-simulator", "pytest", "ruff", "mypy", "buf", "uv"}
# Written in sentences, not as commands.
MAKE = re.compile(r"(?:^|`|\s{2})make ([a-z]+)", re.M)
RUN = re.compile(r"\.venv/bin/([a-z-]+)((?: [^\s`|<>$;]+)*)")


@cache
def targets() -> dict[str, str]:
    text = (ROOT / "Makefile").read_text()
    return dict(re.findall(r"^([a-z]+):([^\n]*)$", text, re.M))


def test_make_help_lists_every_target() -> None:
    silent = [target for target, rest in targets().items() if "## " not in rest]
    assert not silent
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert phony
    assert set(phony[1].split()) == targets().keys()


@pytest.mark.parametrize("document", documents(), ids=name)
def test_make_targets_in_documents_exist(document: Path) -> None:
    told = set(MAKE.findall(document.read_text()))
    assert told <= targets().keys(), told - targets().keys()


@pytest.mark.parametrize("document", documents(), ids=name)
def test_commands_in_documents_exist(document: Path) -> None:
    for program, arguments in RUN.findall(document.read_text()):
        if program in TOOLS:
            continue
        assert program in PROGRAMS, program
        _check(program, arguments.split())


def _check(program: str, words: list[str]) -> None:
    command = PROGRAMS[program]
    said = [program]
    groups = [command]
    while words and not words[0].startswith("-") and hasattr(command, "commands"):
        said.append(words[0])
        if words[0] not in command.commands and getattr(command, "invoke_without_command", False):
            break
        assert words[0] in command.commands, f"there is no command {' '.join(said)}"
        command = command.commands[words.pop(0)]
        groups.append(command)
    options = {option for group in groups for p in group.params for option in p.opts}
    for word in words:
        if word.startswith("--"):
            assert word.split("=")[0] in options | {"--help"}, f"{' '.join(said)} has no {word}"


def test_links_in_documents_lead_somewhere() -> None:
    for document in documents():
        for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", document.read_text()):
            if "://" not in link:
                assert (document.parent / link).exists(), f"{name(document)} links to {link}"


@pytest.mark.parametrize(
    ("document", "module"),
    [("docs/operations.md", metrics), ("docs/gateway.md", gateway_metrics)],
)
def test_a_document_lists_every_metric(document: str, module: ModuleType) -> None:
    listed = {row[0].strip("`") for row in table(document, "## Metrics")}
    counted = {
        metric
        for module_value in vars(module).values()
        if isinstance(module_value, MetricWrapperBase)
        for metric in _names(module_value)
    }
    assert listed == counted


def _names(metric: MetricWrapperBase) -> list[str]:
    return [
        f"{described.name}_total" if described.type == "counter" else described.name
        for described in metric.describe()
    ]


def test_the_operators_document_explains_every_invariant() -> None:
    listed = [row[0].strip("`") for row in table("docs/operations.md", "## Verify")]
    assert listed == [str(invariant) for invariant in Invariant]
