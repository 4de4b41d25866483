"""`/settings`: language, notifications, privacy and handle, in one message with buttons."""

from typing import cast

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.identity.v1.preferences_pb2 import Notification
from ticketonomics_client import RefusedError

from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.errors import error_text
from ticketonomics_bot.links import HANDLE
from ticketonomics_bot.texts import LANGUAGES, texts
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="preferences")

NOTIFICATIONS = tuple(number for number in Notification.values() if number)


class Naming(StatesGroup):
    """What a change of the handle still waits for."""

    handle = State()


class Open(CallbackData, prefix="so"):
    """One page of the settings."""

    page: str


class Speak(CallbackData, prefix="sl"):
    """Another language; empty for that of Telegram."""

    language: str


class Mute(CallbackData, prefix="sm"):
    """A kind of notification, on or off."""

    kind: int
    muted: bool


class Hide(CallbackData, prefix="sp"):
    """Who sees the name."""

    hidden: bool


class TakeHandle(CallbackData, prefix="sh"):
    """The username in Telegram as handle (`mine`), another one (`other`), or none (`none`)."""

    which: str


@router.message(Command("settings"))
async def settings(_: Message, visit: Visit) -> None:
    """Shows the settings, to nobody else."""
    await visit.state.clear()
    await _show(visit)


@router.callback_query(Open.filter())
async def opened(_: CallbackQuery, callback_data: Open, visit: Visit) -> None:
    """Turns to a page of the settings."""
    pages = {"language": _languages, "notifications": _notifications, "handle": _handles}
    await pages.get(callback_data.page, _show)(visit)


@router.callback_query(Speak.filter(), flags={"begins": True})
async def speak(_: CallbackQuery, callback_data: Speak, visit: Visit) -> None:
    """Sets the language."""
    if callback_data.language not in {"", *LANGUAGES}:
        raise Complaint("button-stale")
    person = await visit.person()
    acting = await visit.acting()
    before = await acting.preferences(person.person_id)
    await acting.set_preferences(
        person.person_id,
        language=callback_data.language,
        muted=before.muted,
        request_id=visit.request_id("preferences"),
    )
    visit.services.people.forget(visit.user.id)
    visit.t = texts(await visit.services.people.language(visit.user))
    await _show(visit)


@router.callback_query(Mute.filter(), flags={"begins": True})
async def mute(_: CallbackQuery, callback_data: Mute, visit: Visit) -> None:
    """Sets whether a kind of notification comes."""
    if callback_data.kind not in NOTIFICATIONS:
        raise Complaint("button-stale")
    kind = cast(Notification, callback_data.kind)
    person = await visit.person()
    acting = await visit.acting()
    before = await acting.preferences(person.person_id)
    muted = set(before.muted) - {kind}
    if callback_data.muted:
        muted.add(kind)
    await acting.set_preferences(
        person.person_id,
        language=before.language,
        muted=sorted(muted),
        request_id=visit.request_id("preferences"),
    )
    visit.services.people.forget(visit.user.id)
    await _notifications(visit)


@router.callback_query(Hide.filter(), flags={"begins": True})
async def hide(_: CallbackQuery, callback_data: Hide, visit: Visit) -> None:
    """Sets who sees the name."""
    person = await visit.person()
    wanted = Person.PRIVACY_PRIVATE if callback_data.hidden else Person.PRIVACY_PUBLIC
    acting = await visit.acting()
    await acting.set_privacy(person.person_id, wanted, request_id=visit.request_id("privacy"))
    visit.services.people.forget(visit.user.id)
    await _show(visit)


@router.callback_query(TakeHandle.filter(), flags={"begins": True})
async def take_handle(_: CallbackQuery, callback_data: TakeHandle, visit: Visit) -> None:
    """Takes the username, asks for another one, or gives the handle up."""
    if callback_data.which == "other":
        await visit.state.set_state(Naming.handle)
        await visit.flow.show(visit.t("settings-handle-type"))
        return
    username = (visit.user.username or "").lower()
    if callback_data.which == "mine" and not HANDLE.fullmatch(username):
        raise Complaint("settings-handle-malformed")
    await _set_handle(visit, username if callback_data.which == "mine" else "")


@router.message(StateFilter(Naming.handle), F.text, ~F.text.startswith("/"), flags={"begins": True})
async def name(message: Message, visit: Visit) -> None:
    """Takes the handle that was typed."""
    handle = (message.text or "").strip().lower().removeprefix("@")
    if not HANDLE.fullmatch(handle):
        raise Complaint("settings-handle-malformed")
    await _set_handle(visit, handle)
    await visit.state.clear()


async def _set_handle(visit: Visit, handle: str) -> None:
    person = await visit.person()
    acting = await visit.acting()
    try:
        await acting.set_handle(person.person_id, handle, request_id=visit.request_id("handle"))
    except RefusedError as error:
        if error.reason_name != "HANDLE_TAKEN":
            raise
        back = [button(visit.t.plain("button-back"), Open(page="handle"))]
        await visit.flow.show(await error_text(visit, error), keyboard(back))
        return
    visit.services.people.forget(visit.user.id)
    await _show(visit)


async def _show(visit: Visit) -> None:
    person = await visit.person()
    chosen = (await visit.services.people.preferences(visit.user)).language
    t = visit.t
    hidden = person.privacy != Person.PRIVACY_PUBLIC
    lines = [
        t("settings-title"),
        t("settings-language", language=t(f"language-{visit.language}")),
        t("settings-handle", handle=person.handle) if person.handle else t("settings-no-handle"),
        t("settings-hidden" if hidden else "settings-visible", name=person.display_name),
    ]
    if not chosen:
        lines[1] = t("settings-language-auto", language=t(f"language-{visit.language}"))
    privacy = "button-show-name" if hidden else "button-hide-name"
    await visit.flow.show(
        "\n".join(lines),
        keyboard(
            [
                button(t.plain("button-language"), Open(page="language")),
                button(t.plain("button-notifications"), Open(page="notifications")),
            ],
            [
                button(t.plain("button-handle"), Open(page="handle")),
                button(t.plain(privacy), Hide(hidden=not hidden)),
            ],
        ),
        private=True,
    )


async def _languages(visit: Visit) -> None:
    t = visit.t
    rows: list[Row] = [
        [button(texts(language).plain(f"language-{language}"), Speak(language=language))]
        for language in LANGUAGES
    ]
    rows.append([button(t.plain("button-language-auto"), Speak(language=""))])
    rows.append([button(t.plain("button-back"), Open(page="all"))])
    await visit.flow.show(t("settings-language-choose"), keyboard(*rows))


async def _notifications(visit: Visit) -> None:
    t = visit.t
    muted = set((await visit.services.people.preferences(visit.user)).muted)
    rows: list[Row] = []
    for kind in NOTIFICATIONS:
        said = Notification.Name(kind).removeprefix("NOTIFICATION_").lower().replace("_", "-")
        mark = "🔕" if kind in muted else "🔔"
        label = f"{mark} {t.plain(f'notification-{said}')}"
        rows.append([button(label, Mute(kind=kind, muted=kind not in muted))])
    rows.append([button(t.plain("button-back"), Open(page="all"))])
    await visit.flow.show(t("settings-notifications"), keyboard(*rows))


async def _handles(visit: Visit) -> None:
    t = visit.t
    await visit.state.clear()
    person = await visit.person()
    username = (visit.user.username or "").lower()
    rows: list[Row] = []
    if HANDLE.fullmatch(username) and username != person.handle:
        rows.append([button(f"@{username}", TakeHandle(which="mine"))])
    rows.append([button(t.plain("button-handle-other"), TakeHandle(which="other"))])
    if person.handle:
        rows.append([button(t.plain("button-handle-none"), TakeHandle(which="none"))])
    rows.append([button(t.plain("button-back"), Open(page="all"))])
    await visit.flow.show(t("settings-handle-choose"), keyboard(*rows))
