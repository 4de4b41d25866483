"""The languages say the same things, with the same arguments, and nothing is missing."""

import re
from pathlib import Path

import pytest
import ticketonomics_bot
from aiogram.filters.callback_data import CallbackData
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor
from ticketonomics_bot.commands.menu import MENU
from ticketonomics_bot.texts import FOLDER, LANGUAGES, Html, nearest_language, texts

SOURCES = sorted(Path(ticketonomics_bot.__file__).parent.rglob("*.py"))
# Ids that the code puts together; each is checked by the enumeration that it follows.
_LITERAL = re.compile(r"""\bt(?:exts)?(?:\.plain|\.find)?\(\s*f?["']([a-z0-9-]+)["']""")
_COMPLAINT = re.compile(r"""(?:Complaint|AmountError|complain)\(\s*["']([a-z0-9-]+)["']""")


class _Arguments(Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802
        self.found.add(node.id.name)


def _messages(language: str) -> dict[str, ast.Message]:
    found: dict[str, ast.Message] = {}
    for path in sorted((FOLDER / language).glob("*.ftl")):
        for entry in FluentParser().parse(path.read_text()).body:
            assert not isinstance(entry, ast.Junk), f"{path.name}: {entry.content}"
            if isinstance(entry, ast.Message):
                assert entry.id.name not in found, f"{entry.id.name} is there twice"
                found[entry.id.name] = entry
    return found


def _arguments(message: ast.Message) -> set[str]:
    visitor = _Arguments()
    visitor.visit(message)
    return visitor.found


def test_all_languages_have_the_same_texts_in_the_same_files() -> None:
    names = [sorted(p.name for p in (FOLDER / language).glob("*.ftl")) for language in LANGUAGES]
    assert all(found == names[0] for found in names)
    first, *others = ({**_messages(language)} for language in LANGUAGES)
    for other in others:
        assert sorted(first) == sorted(other)
        for name, message in first.items():
            assert _arguments(message) == _arguments(other[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_said_with_its_arguments(language: str) -> None:
    for name, message in _messages(language).items():
        for count in (0, 1, 2, 5, 21, 1_000):
            said = texts(language)(name, **dict.fromkeys(_arguments(message), count))
            assert said and "{" not in said, name


def test_russian_numbers_have_their_forms() -> None:
    said = [texts("ru")("tap-earned", count=n, amount="x") for n in (1, 2, 5, 11, 21, 22)]
    words = [line.split(":")[0] for line in said]
    assert words == [
        *("Засчитан 1 тап", "Засчитано 2 тапа", "Засчитано 5 тапов", "Засчитано 11 тапов"),
        *("Засчитан 21 тап", "Засчитано 22 тапа"),
    ]


def test_the_code_says_only_what_there_is() -> None:
    known = set(_messages("en"))
    used: set[str] = set()
    for path in SOURCES:
        text = path.read_text()
        used |= set(_LITERAL.findall(text)) | set(_COMPLAINT.findall(text))
    missing = {name for name in used if name not in known and not name.endswith("-")}
    assert not missing
    assert len(used) > 80


def test_every_command_has_a_description() -> None:
    for language in LANGUAGES:
        for entry in MENU:
            assert 3 <= len(texts(language).plain(f"menu-{entry.name}")) <= 256
            assert texts(language)(f"help-{entry.section}")


def test_what_people_write_is_escaped_unless_it_is_html() -> None:
    t = texts("en")
    assert "&lt;b&gt;" in t("start", name="<b>")
    assert "<b>x</b>" in t("verbatim", text=Html("<b>x</b>"))
    assert t.plain("verbatim", text="<b> & co") == "<b> & co"
    with pytest.raises(KeyError):
        t("no-such-text")


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("ru-RU", "ru"), ("uk", "ru"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_the_nearest_language_is_spoken(tag: str | None, language: str) -> None:
    assert nearest_language(tag) == language


def test_every_button_has_a_prefix_of_its_own_and_fits() -> None:
    import ticketonomics_bot.commands

    assert ticketonomics_bot.commands.ROUTERS
    kinds = CallbackData.__subclasses__()
    prefixes = [kind.__prefix__ for kind in kinds]
    assert len(set(prefixes)) == len(prefixes) >= 10
    assert all(len(prefix) <= 4 for prefix in prefixes)
