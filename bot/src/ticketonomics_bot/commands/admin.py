"""For admins, whose ids the settings name: maintenance, blocking, parameters, vetoes, audit.

They call with the operator's key, and what they change is asked about first and noted in the log.
"""

import structlog
from aiogram import Router
from aiogram.filters import Command, CommandObject, Filter
from aiogram.types import Message
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics_client import Client, Parameter, Proposal
from ticketonomics_client.parameters import Value, from_message

from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.links import IDENTIFIER
from ticketonomics_bot.maintenance import PARAMETER
from ticketonomics_bot.parsing import clean_memo
from ticketonomics_bot.recipients import Recipient, by_handle, by_user, shown_name
from ticketonomics_bot.services import Services
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

log = structlog.get_logger()

_YES = {"on", "true", "yes", "1", "вкл", "да"}
_NO = {"off", "false", "no", "0", "выкл", "нет"}
_SHOWN = 8


class Admin(Filter):
    """Lets admins through, where there is an operator's key."""

    async def __call__(self, message: Message, services: Services) -> bool:
        """Tells whether the message is from an admin."""
        known = message.from_user is not None and message.from_user.id in services.settings.admins
        return known and services.operator is not None


router = Router(name="admin")
router.message.filter(Admin())


def operator(visit: Visit) -> Client:
    """Returns the calls with the operator's key.

    Raises:
        Complaint: Who came is no admin; a button may have been forged.
    """
    if visit.services.operator is None or visit.user.id not in visit.services.settings.admins:
        raise Complaint("not-yours")
    return visit.services.operator


@router.message(Command("admin"))
async def overview(_event: Message, visit: Visit) -> None:
    """Lists what admins can do."""
    on = await visit.services.maintenance.is_on()
    state = visit.t("admin-maintenance-on" if on else "admin-maintenance-off")
    await visit.flow.show(f"{visit.t('admin-help')}\n\n{state}", private=True)


@router.message(Command("maintenance"))
async def maintenance(_event: Message, command: CommandObject, visit: Visit) -> None:
    """Asks whether to begin or end maintenance."""
    wanted = (command.args or "").strip().lower()
    if wanted not in _YES | _NO:
        raise Complaint("admin-maintenance-usage")
    on = wanted in _YES
    text = visit.t("admin-maintenance-ask-on" if on else "admin-maintenance-ask-off")
    payload = {"name": PARAMETER, "value": on, "reason": "maintenance"}
    await visit.services.confirmations.ask(visit, "parameter", payload, text, private=True)


@router.message(Command("param"))
async def param(_event: Message, command: CommandObject, visit: Visit) -> None:
    """Shows a parameter, or asks whether to set it: `/param name [value [reason]]`."""
    name, _, rest = (command.args or "").strip().partition(" ")
    if not name:
        raise Complaint("admin-param-usage")
    found = await operator(visit).parameter(name)
    if not rest.strip():
        await visit.flow.show(_described(visit, found), private=True)
        return
    written, _, reason = rest.strip().partition(" ")
    value = _read_value(found, written)
    text = visit.t(
        "admin-param-ask",
        name=found.name,
        before=_written(from_message(found.value)),
        after=_written(value),
    )
    payload = {"name": found.name, "value": value, "reason": clean_memo(reason)}
    await visit.services.confirmations.ask(visit, "parameter", payload, text, private=True)


@confirmed("parameter", in_maintenance=True)
async def set_parameter(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Sets a parameter."""
    value: Value = payload["value"]
    name, reason = payload["name"], payload["reason"]
    found = await operator(visit).set_parameter(name, value, reason=reason, request_id=request_id)
    visit.services.maintenance.forget()
    log.info("admin sets a parameter", admin=visit.user.id, parameter=name)
    return Outcome(_described(visit, found))


@router.message(Command("block", "unblock"))
async def block(message: Message, command: CommandObject, visit: Visit) -> None:
    """Asks whether to block or unblock somebody: `/block @name reason`."""
    blocks = command.command == "block"
    first, _, rest = (command.args or "").strip().partition(" ")
    answered = message.reply_to_message
    if first.startswith("@"):
        target, reason = await by_handle(visit, first[1:]), rest
    elif IDENTIFIER.fullmatch(first):
        person = await operator(visit).person(first)
        target, reason = Recipient(person_id=first, name=shown_name(person)), rest
    elif answered is not None and answered.from_user is not None:
        target, reason = await by_user(visit, answered.from_user), command.args or ""
    else:
        raise Complaint("admin-block-usage")
    reason = clean_memo(reason)
    if not reason:
        raise Complaint("admin-block-usage")
    text_id = "admin-block-ask" if blocks else "admin-unblock-ask"
    await visit.services.confirmations.ask(
        visit,
        "block",
        {"person": target.person_id, "name": target.name, "blocks": blocks, "reason": reason},
        visit.t(text_id, name=target.name, person=target.person_id, reason=reason),
        private=True,
    )


@confirmed("block", in_maintenance=True)
async def do_block(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Blocks or unblocks."""
    calls = operator(visit)
    call = calls.block_person if payload["blocks"] else calls.unblock_person
    await call(payload["person"], reason=payload["reason"], request_id=request_id)
    log.info("admin blocks", admin=visit.user.id, person=payload["person"], on=payload["blocks"])
    text_id = "admin-block-done" if payload["blocks"] else "admin-unblock-done"
    return Outcome(visit.t(text_id, name=Html(payload["name"])))


@router.message(Command("veto"))
async def veto(_event: Message, command: CommandObject, visit: Visit) -> None:
    """Asks whether to veto a proposal: `/veto id reason`, or `/veto id spam reason`."""
    number, _, rest = (command.args or "").strip().partition(" ")
    first, _, more = rest.strip().partition(" ")
    spam = first.lower() == "spam"
    reason = clean_memo(more if spam else rest)
    if not IDENTIFIER.fullmatch(number) or not reason:
        raise Complaint("admin-veto-usage")
    found = await operator(visit).proposal(number)
    text_id = "admin-veto-ask-spam" if spam else "admin-veto-ask"
    await visit.services.confirmations.ask(
        visit,
        "veto",
        {"proposal": number, "spam": spam, "reason": reason},
        visit.t(text_id, title=found.title, reason=reason),
        private=True,
    )


@confirmed("veto", in_maintenance=True)
async def do_veto(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Vetoes; the reason is public."""
    found = await operator(visit).veto_proposal(
        payload["proposal"], reason=payload["reason"], spam=payload["spam"], request_id=request_id
    )
    log.info("admin vetoes", admin=visit.user.id, proposal=payload["proposal"])
    return Outcome(visit.t("admin-veto-done", title=found.title))


@router.message(Command("audit"))
async def audit(_event: Message, visit: Visit) -> None:
    """Shows the last changes of parameters, the last vetoes, and who is blocked."""
    calls = operator(visit)
    lines = [str(visit.t("admin-audit-parameters"))]
    count = 0
    async for change in calls.parameter_changes(page_size=_SHOWN):
        lines.append(
            visit.t(
                "admin-audit-change",
                when=visit.t.time(change.set_time.ToDatetime()),
                name=change.name,
                before=_written(from_message(change.previous_value)),
                after=_written(from_message(change.value)),
                by=change.set_by,
                reason=change.reason or "–",
            )
        )
        count += 1
        if count == _SHOWN:
            break
    lines.append(f"\n{visit.t('admin-audit-vetoes')}")
    count = 0
    async for proposal in calls.proposals(state=Proposal.STATE_VETOED, page_size=_SHOWN):
        reason = proposal.veto_reason
        lines.append(visit.t("admin-audit-veto", title=proposal.title, reason=reason))
        count += 1
        if count == _SHOWN:
            break
    lines.append(f"\n{visit.t('admin-audit-blocked')}")
    count = 0
    async for person in calls.people(state=Person.STATE_BLOCKED, page_size=_SHOWN):
        lines.append(f"<code>{person.person_id}</code> {shown_name(person)}")
        count += 1
        if count == _SHOWN:
            break
    await visit.flow.show("\n".join(lines)[:4_000], private=True)


def _described(visit: Visit, found: Parameter) -> Html:
    return visit.t(
        "admin-param",
        name=found.name,
        value=_written(from_message(found.value)),
        default=_written(from_message(found.default_value)),
        unit=found.unit or "–",
        bounds="|".join(found.choices) or f"{found.minimum} … {found.maximum}",
        description=found.description,
    )


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ",".join(str(number) for number in value)
    return str(value)


def _read_value(parameter: Parameter, written: str) -> Value:
    """Reads a value as its parameter's type has it; the server checks bounds."""
    if parameter.type == Parameter.TYPE_BOOLEAN:
        if written.lower() not in _YES | _NO:
            raise Complaint("admin-param-value")
        return written.lower() in _YES
    if parameter.type == Parameter.TYPE_CHOICE:
        return written
    try:
        if parameter.type == Parameter.TYPE_INTEGER_LIST:
            return [int(part) for part in written.split(",")]
        return int(written)
    except ValueError as error:
        raise Complaint("admin-param-value") from error
