"""What the bot says, in each language: Fluent files of its own, and those of all clients.

Texts are HTML, as Telegram understands it. What is put into them is escaped, unless it is `Html`.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path

import ticketonomics_locales
from babel.dates import format_datetime, format_timedelta
from fluent.runtime import FluentBundle, FluentResource

LANGUAGES: tuple[str, ...] = ("en", "ru")
FOLDER = Path(__file__).parent / "locales"
# Speakers of these read Russian more easily than English.
_RUSSIAN_READERS = frozenset({"ru", "be", "uk", "kk", "ky", "tg", "uz"})

Argument = str | int | float


class Html(str):
    """A text that is HTML already."""

    __slots__ = ()


def nearest_language(tag: str | None) -> str:
    """Chooses one of our languages for a BCP 47 tag."""
    primary = (tag or "").split("-")[0].split("_")[0].lower()
    if primary in LANGUAGES:
        return primary
    return "ru" if primary in _RUSSIAN_READERS else "en"


@cache
def texts(language: str) -> "Texts":
    """Returns the texts of one of our languages."""
    return Texts(language)


def files(language: str) -> list[Path]:
    """Returns the Fluent files of a language: the bot's own, then those of all clients."""
    shared = ticketonomics_locales.FOLDER / language
    return [*sorted((FOLDER / language).glob("*.ftl")), *sorted(shared.glob("*.ftl"))]


class Texts:
    """All texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._bundle = FluentBundle([language], use_isolating=False)
        for path in files(language):
            self._bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))

    def __call__(self, text_id: str, **arguments: Argument) -> Html:
        """Returns a text with its arguments put in.

        Raises:
            KeyError: There is no such text; a test finds these before people do.
        """
        found = self._format(text_id, arguments)
        if found is None:
            raise KeyError(f"no text {text_id!r} in {self.language!r}")
        return found

    def find(self, text_id: str, **arguments: Argument) -> Html | None:
        """Returns a text, or None where there is none of this id, or facts are missing for it."""
        found = self._format(text_id, arguments, strict=False)
        return None if found is None or "{$" in found.replace(" ", "") else found

    def plain(self, text_id: str, **arguments: Argument) -> str:
        """Returns a text for where no HTML is read: buttons, alerts, command descriptions."""
        found = self._format(text_id, {name: _raw(value) for name, value in arguments.items()})
        if found is None:
            raise KeyError(f"no text {text_id!r} in {self.language!r}")
        return str(found)

    def time(self, moment: datetime) -> str:
        """Writes a moment, in UTC, which the text says."""
        written = format_datetime(moment, "d MMM, HH:mm", locale=self.language)
        return f"{written} UTC"

    def duration(self, seconds: float) -> str:
        """Writes a time span in its largest unit: `3 hours`."""
        return str(
            format_timedelta(
                max(1, round(seconds)), threshold=1.4, locale=self.language, format="long"
            )
        )

    def _format(
        self, text_id: str, arguments: Mapping[str, Argument], *, strict: bool = True
    ) -> Html | None:
        if not self._bundle.has_message(text_id):
            return None
        message = self._bundle.get_message(text_id)
        if message.value is None:
            return None
        given = {name: _argument(value) for name, value in arguments.items()}
        text, errors = self._bundle.format_pattern(message.value, given)
        if errors and strict:
            raise ValueError(f"text {text_id!r} in {self.language!r}: {errors}")
        return Html(text)


class _Raw(str):
    """An argument that goes in as it is, for plain texts."""

    __slots__ = ()


def _raw(value: Argument) -> Argument:
    return _Raw(value) if isinstance(value, str) else value


def _argument(value: Argument) -> str | int | float:
    if isinstance(value, Html | _Raw):
        return str(value)
    if isinstance(value, str):
        return escape(value, quote=False)
    return value
