"""Every setting is documented, with its name, its default and what it means."""

from collections.abc import Iterator
from typing import Any

import pytest
from ticketonomics_gateway.settings import Settings as GatewaySettings
from ticketonomics_server.settings import Settings

from tests.tidy.repository import ROOT, table

DOCUMENT = "docs/settings.md"
# Below which heading, what names begin with, and the settings.
PROGRAMS: list[tuple[str, str, Any]] = [
    ("## The server", "TICKETONOMICS_", Settings),
    ("## The gateway", "TICKETONOMICS_GATEWAY_", GatewaySettings),
]
# Defaults that are computed are told in words.
COMPUTED = {"data_folder": "see below", "session_secret_file": "see below"}

each_program = pytest.mark.parametrize(
    ("heading", "prefix", "settings"), PROGRAMS, ids=[heading for heading, _, _ in PROGRAMS]
)


def _default(settings: Any, name: str) -> str:
    default = settings.model_fields[name].default
    if name in COMPUTED:
        return COMPUTED[name]
    if default is None:
        return "unset"
    if default == "":
        return "empty"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _rows(heading: str, prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, default, meaning in table(DOCUMENT, heading):
        variable = name.strip("`")
        assert variable.startswith(prefix)
        yield variable.removeprefix(prefix).lower(), default, meaning


@each_program
def test_every_setting_is_listed_once_in_its_order(
    heading: str, prefix: str, settings: Any
) -> None:
    assert [name for name, _, _ in _rows(heading, prefix)] == list(settings.model_fields)


@each_program
def test_the_defaults_are_true(heading: str, prefix: str, settings: Any) -> None:
    told = {name: default for name, default, _ in _rows(heading, prefix)}
    assert told == {name: _default(settings, name) for name in settings.model_fields}


@each_program
def test_each_setting_says_what_it_means(heading: str, prefix: str, settings: Any) -> None:
    for name, _, meaning in _rows(heading, prefix):
        assert len(meaning) > 20, name
    assert all(field.description for field in settings.model_fields.values())


def test_the_command_lines_own_are_documented() -> None:
    text = (ROOT / DOCUMENT).read_text()
    own = ("TARGET", "API_KEY", "API_KEY_FILE", "ECONOMY", "CA", "CLIENT_CERTIFICATE", "CLIENT_KEY")
    for name in own:
        assert f"TICKETONOMICS_{name}`" in text
