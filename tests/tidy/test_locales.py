"""What all faces tell players: each reason, kind, notification and tier, in each language."""

import ast
import re
from collections.abc import Iterator

import pytest
import ticketonomics_locales
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor
from ticketonomics.errors.v1.reason_pb2 import Reason
from ticketonomics.identity.v1.preferences_pb2 import Notification
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics_gateway import problems
from ticketonomics_server.ledger.tickets import TIERS

from tests.tidy.repository import SERVER, modules, tree

LANGUAGES = ticketonomics_locales.LANGUAGES


def _ids(names: list[str], prefix: str) -> set[str]:
    """The ids of an enum's values, such as `error-insufficient-funds`."""
    bare = [name.split("_", 1)[1] for name in names if not name.endswith("_UNSPECIFIED")]
    return {f"{prefix}-{name.lower().replace('_', '-')}" for name in bare}


# The gateway's own reasons are no others than those that it names there, in capitals.
OF_GATEWAY = [f"REASON_{name}" for name, value in vars(problems).items() if name == value]
WANTED = {
    "errors.ftl": _ids(Reason.keys(), "error") | _ids(OF_GATEWAY, "error"),
    "kinds.ftl": (
        _ids(Transaction.Kind.keys(), "kind")
        | _ids(Notification.keys(), "notification")
        | {f"tier-{tier.lower()}" for tier in TIERS}
    ),
}


class _Variables(Visitor):
    """Collects what is put into a text, and by which values it chooses among its forms."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.choices: dict[str, list[str]] = {}

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)

    def visit_SelectExpression(self, node: ftl.SelectExpression) -> None:  # noqa: N802
        assert isinstance(node.selector, ftl.VariableReference)
        keys = [v.key.name for v in node.variants if isinstance(v.key, ftl.Identifier)]
        self.choices[node.selector.id.name] = keys
        self.generic_visit(node)


def _messages(language: str, file: str) -> dict[str, _Variables]:
    text = (ticketonomics_locales.FOLDER / language / file).read_text(encoding="utf-8")
    found: dict[str, _Variables] = {}
    for entry in FluentParser().parse(text).body:
        assert not isinstance(entry, ftl.Junk), f"{language}/{file}: {entry.content}"
        if isinstance(entry, ftl.Message):
            assert entry.id.name not in found, f"{language}/{file} has {entry.id.name} twice"
            found[entry.id.name] = _Variables()
            found[entry.id.name].visit(entry)
    return found


@pytest.mark.parametrize("file", WANTED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_exactly_what_the_contracts_have(language: str, file: str) -> None:
    assert _messages(language, file).keys() == WANTED[file]


def test_there_are_no_other_files() -> None:
    for language in LANGUAGES:
        folder = ticketonomics_locales.FOLDER / language
        assert {path.name for path in folder.iterdir()} == WANTED.keys()


@pytest.mark.parametrize("file", WANTED)
def test_all_languages_have_the_same_put_into_them(file: str) -> None:
    first, *others = ({
        text_id: (found.names, found.choices)
        for text_id, found in _messages(language, file).items()
    } for language in LANGUAGES)  # fmt: skip
    assert all(other == first for other in others)


def _refusals() -> Iterator[tuple[str, set[str]]]:
    """Each place of the server that refuses: for which reason, and with which facts."""
    for path in modules(SERVER):
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Rejection"):
                continue
            reason = node.args[0]
            if isinstance(reason, ast.Attribute) and getattr(reason.value, "id", "") == "Reason":
                yield reason.attr, {keyword.arg for keyword in node.keywords if keyword.arg}


def test_every_refusal_tells_what_its_text_wants() -> None:
    """A face that is not told a fact could say nothing better than that something went wrong."""
    texts = _messages("en", "errors.ftl")
    seen = set()
    for reason, facts in _refusals():
        text_id = f"error-{reason.lower().replace('_', '-')}"
        seen.add(text_id)
        assert texts[text_id].names <= facts, f"{reason} is told without all of its facts"
    assert {text_id for text_id, found in texts.items() if found.names} <= seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_reads_well_whatever_is_put_in(language: str) -> None:
    bundle = FluentBundle([language], use_isolating=False)
    for file in WANTED:
        path = ticketonomics_locales.FOLDER / language / file
        bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    for file in WANTED:
        for text_id, found in _messages(language, file).items():
            pattern = bundle.get_message(text_id).value
            assert pattern is not None
            for choice in {"", *(key for keys in found.choices.values() for key in keys)}:
                given = dict.fromkeys(found.names, choice or "bronze")
                said, errors = bundle.format_pattern(pattern, given)
                assert not errors, (text_id, errors)
                # It is put into HTML as it is, and read by people: no ids, no gaps.
                assert not re.search(r"[<>&{}]|  |[A-Z]{2,}_", said), (text_id, said)
                assert said == said.strip(), text_id
                if file == "errors.ftl":
                    assert said.endswith((".", "!")), (text_id, said)
                    assert len(said) <= 200, text_id
