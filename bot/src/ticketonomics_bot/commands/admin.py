"""Admins' commands: maintenance, parameters, blocking, vetoes, what was done lately.

Admins are Telegram ids in the settings, and speak in private. The operator's key is used for these
commands only; to everybody else they do not exist.
"""

import re

import structlog
from aiogram import Router
from aiogram.enums import ChatType
from aiogram.filters import BaseFilter, Command, CommandObject
from aiogram.types import Message
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.parliament.v1.proposal_pb2 import Proposal
from ticketonomics_client import Client

from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.links import HANDLE, IDENTIFIER
from ticketonomics_bot.maintenance import PARAMETER
from ticketonomics_bot.moments import moment
from ticketonomics_bot.naming import names_of, shown_name, unnamed
from ticketonomics_bot.parameters import bounds_text, parse_value, value_text
from ticketonomics_bot.proposals import title_of
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="admin")
log = structlog.get_logger()

MAX_REASON, MAX_PARAMETER_REASON = 1_000, 256
_RECENT = 8
_ON, _OFF = {"on", "вкл"}, {"off", "выкл"}
_NAME = re.compile(r"[a-z_]+\.[a-z0-9_.]+")


class Admin(BaseFilter):
    """Whether an admin speaks in private."""

    async def __call__(self, message: Message, admins: frozenset[int]) -> bool:
        """Tells so; `admins` come from the settings, by the dispatcher."""
        private = message.chat.type == ChatType.PRIVATE
        return private and message.from_user is not None and message.from_user.id in admins


router.message.filter(Admin())


@router.message(Command("admin"))
async def admin(_: Message, visit: Visit) -> None:
    """Lists these commands."""
    await visit.flow.show(visit.t("admin-help"))


@router.message(Command("maintenance"))
async def maintenance(_: Message, command: CommandObject, visit: Visit) -> None:
    """Asks for quiet, or ends it; at once, since it is undone as quickly."""
    word, reason = _split(command.args)
    if word.lower() not in _ON | _OFF:
        on = await visit.services.maintenance.is_on()
        await visit.flow.show(visit.t("admin-maintenance-on" if on else "admin-maintenance-off"))
        return
    on = word.lower() in _ON
    await operator_of(visit).set_parameter(
        PARAMETER,
        on,
        reason=reason.strip()[:MAX_PARAMETER_REASON],
        request_id=visit.request_id("maintenance"),
    )
    visit.services.maintenance.forget()
    log.warning("maintenance", on=on, admin=visit.user.id)
    await visit.flow.show(visit.t("admin-maintenance-on" if on else "admin-maintenance-off"))


@router.message(Command("parameter", "param"))
async def parameter(_: Message, command: CommandObject, visit: Visit) -> None:
    """Shows a parameter, lists those of an area, or asks whether to set one."""
    name, rest = _split(command.args)
    if not _NAME.fullmatch(name):
        await _list_parameters(visit, name.rstrip("."))
        return
    found = await visit.client.parameter(name)
    if not rest.strip():
        lines = [
            f"<b>{found.name}</b> = <code>{value_text(found.value)}</code>",
            visit.t("verbatim-note", text=found.description),
            visit.t("admin-parameter-default", value=value_text(found.default_value)),
            bounds_text(visit.t, found),
        ]
        await visit.flow.show("\n".join(map(str, lines)))
        return
    text, reason = _split(rest, "#")
    value = parse_value(found, text)
    payload = {"name": name, "value": value, "reason": reason.strip()[:MAX_PARAMETER_REASON]}
    question = visit.t(
        "admin-parameter-ask", name=name, before=value_text(found.value), value=text.strip()
    )
    await visit.services.confirmations.ask(visit, "parameter", payload, question)


@confirmed("parameter", always=True)
async def do_parameter(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Sets the parameter."""
    found = await operator_of(visit).set_parameter(
        payload["name"], payload["value"], reason=payload["reason"], request_id=request_id
    )
    log.warning("parameter set", name=found.name, admin=visit.user.id)
    value = value_text(found.value)
    return Outcome(visit.t("admin-parameter-done", name=found.name, value=value))


@router.message(Command("block", "unblock"))
async def block(message: Message, command: CommandObject, visit: Visit) -> None:
    """Asks whether to block somebody, or to let them act again."""
    verb = command.command
    who, reason = _split(command.args)
    answered = message.reply_to_message
    found: Person | None = None
    if answered is not None and answered.from_user is not None and not answered.from_user.is_bot:
        found = await visit.services.people.of(answered.from_user)
        reason = (command.args or "").strip()
    elif IDENTIFIER.fullmatch(who):
        found = await visit.client.person(who)
    elif HANDLE.fullmatch(who.lower().removeprefix("@")):
        found = await visit.client.person_by_handle(who)
    if found is None or not reason.strip():
        raise Complaint(f"admin-{verb}-usage")
    payload = {"person": found.person_id, "reason": reason.strip()[:MAX_PARAMETER_REASON]}
    question = visit.t(
        f"admin-{verb}-ask",
        name=shown_name(found),
        person=found.person_id,
        reason=payload["reason"],
    )
    await visit.services.confirmations.ask(visit, verb, payload, question)


@confirmed("block", always=True)
async def do_block(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Blocks the person."""
    found = await operator_of(visit).block_person(
        payload["person"], reason=payload["reason"], request_id=request_id
    )
    log.warning("blocked", person=found.person_id, admin=visit.user.id)
    return Outcome(visit.t("admin-block-done", name=shown_name(found)))


@confirmed("unblock", always=True)
async def do_unblock(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Lets the person act again."""
    found = await operator_of(visit).unblock_person(
        payload["person"], reason=payload["reason"], request_id=request_id
    )
    log.warning("unblocked", person=found.person_id, admin=visit.user.id)
    return Outcome(visit.t("admin-unblock-done", name=shown_name(found)))


@router.message(Command("veto"))
async def veto(_: Message, command: CommandObject, visit: Visit) -> None:
    """Asks whether to veto a proposal; `spam` before the reason burns its deposit."""
    number, reason = _split(command.args)
    spam = reason.lower().startswith("spam ")
    reason = reason[len("spam ") :] if spam else reason
    if not IDENTIFIER.fullmatch(number) or not reason.strip():
        raise Complaint("admin-veto-usage")
    found = await visit.client.proposal(number)
    reason = reason[:MAX_REASON]
    payload = {"proposal": number, "reason": reason, "spam": spam}
    question = visit.t(
        "admin-veto-ask-spam" if spam else "admin-veto-ask",
        title=title_of(visit.t, found),
        reason=reason,
    )
    await visit.services.confirmations.ask(visit, "veto", payload, question)


@confirmed("veto", always=True)
async def do_veto(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Vetoes the proposal."""
    found = await operator_of(visit).veto_proposal(
        payload["proposal"],
        reason=payload["reason"],
        spam=payload["spam"],
        request_id=request_id,
    )
    log.warning("vetoed", proposal=found.proposal_id, admin=visit.user.id)
    return Outcome(visit.t("admin-veto-done", title=title_of(visit.t, found)))


@router.message(Command("audit"))
async def audit(_: Message, visit: Visit) -> None:
    """Shows the newest settings of parameters, vetoes, and who is blocked."""
    parts = [await _changes(visit), await _vetoes(visit), await _blocked(visit)]
    await visit.flow.show("\n\n".join(parts))


def operator_of(visit: Visit) -> Client:
    """Returns the calls with the operator's key.

    Raises:
        Complaint: The settings name none.
    """
    if visit.services.operator is None or visit.user.id not in visit.services.settings.admins:
        raise Complaint("admin-no-key")
    return visit.services.operator


def _split(text: str | None, at: str = " ") -> tuple[str, str]:
    """Returns the first word, and what is behind it."""
    first, _, rest = (text or "").strip().partition(at)
    return first.strip(), rest.strip()


async def _list_parameters(visit: Visit, area: str) -> None:
    if not area:
        areas = sorted(
            {one.name.partition(".")[0] async for one in visit.client.parameters(page_size=1_000)}
        )
        await visit.flow.show(visit.t("admin-parameter-usage", areas=", ".join(areas)))
        return
    lines = [
        f"<code>{one.name}</code> = {value_text(one.value)}"
        async for one in visit.client.parameters(area=area, page_size=1_000)
    ]
    await visit.flow.show("\n".join(lines[:60]) or visit.t("admin-nothing"))


async def _changes(visit: Visit) -> str:
    lines = [str(visit.t("admin-audit-parameters"))]
    async for change in visit.client.parameter_changes(page_size=_RECENT):
        line = visit.t(
            "admin-audit-parameter",
            time=visit.t.time(moment(change.set_time)),
            name=change.name,
            before=value_text(change.previous_value),
            value=value_text(change.value),
        )
        reason = f" – {visit.t('verbatim', text=change.reason)}" if change.reason else ""
        lines.append(f"{line}{reason}")
        if len(lines) > _RECENT:
            break
    return "\n".join(lines) if len(lines) > 1 else f"{lines[0]}\n{visit.t('admin-nothing')}"


async def _vetoes(visit: Visit) -> str:
    lines = [str(visit.t("admin-audit-vetoes"))]
    async for one in visit.client.proposals(state=Proposal.STATE_VETOED, page_size=_RECENT):
        reason = visit.t("verbatim", text=one.veto_reason)
        time = visit.t.time(moment(one.end_time))
        lines.append(f"{time} · {title_of(visit.t, one)} – {reason}")
        if len(lines) > _RECENT:
            break
    return "\n".join(lines) if len(lines) > 1 else f"{lines[0]}\n{visit.t('admin-nothing')}"


async def _blocked(visit: Visit) -> str:
    found = []
    async for person in visit.client.people(state=Person.STATE_BLOCKED, page_size=_RECENT):
        found.append(person.person_id)
        if len(found) == _RECENT:
            break
    called = await names_of(visit.client, found)
    names = [f"{called.get(one) or unnamed(one)} <code>{one}</code>" for one in found]
    title = visit.t("admin-audit-blocked")
    return "\n".join([str(title), *(names or [str(visit.t("admin-nothing"))])])
