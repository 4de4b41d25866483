"""`/broadcast`: tells everybody something, after a preview, within limits, and how far it is."""

import structlog
from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from ticketonomics_bot.campaigns import Campaign, StopCampaign
from ticketonomics_bot.commands.admin import Admin
from ticketonomics_bot.confirming import Payload, confirmed
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="broadcast")
log = structlog.get_logger()

MAX_TEXT = 3_500
_DAY_SECONDS = 86_400.0


@router.message(Command("broadcast"), Admin())
async def broadcast(message: Message, visit: Visit) -> None:
    """Shows the text as people will see it, and asks."""
    text = _text(message)
    if not text:
        raise Complaint("broadcast-usage")
    if len(text) > MAX_TEXT:
        raise Complaint("broadcast-long", most=MAX_TEXT)
    question = Html(f"{visit.t('broadcast-ask')}\n\n{text}")
    await visit.services.confirmations.ask(visit, "broadcast", {"text": text}, question)


@confirmed("broadcast", always=True)
async def do_broadcast(visit: Visit, payload: Payload, request_id: str) -> None:
    """Begins the campaign; the message then shows how far it has come."""
    if visit.user.id not in visit.services.settings.admins:
        raise Complaint("not-yours")
    store, known = visit.services.store, f"broadcast:{request_id}"
    if await store.get(known) is not None:
        # It was begun before, and its message shows how far it is.
        raise Complaint("confirm-already-yes")
    counted = await store.count("broadcasts", seconds=_DAY_SECONDS)
    if counted > visit.services.settings.broadcasts_per_day:
        raise Complaint("broadcast-limit")
    # Before it begins: then the message belongs to the campaign.
    await visit.flow.show(visit.t("broadcast-begun"))
    place = visit.flow.place
    await visit.services.campaigns.begin(
        Campaign(
            campaign_id=request_id,
            kind="broadcast",
            subject=payload["text"],
            chat_id=place.chat_id if place else 0,
            message_id=place.message_id if place else 0,
            language=visit.language,
        )
    )
    await store.put(known, "1", seconds=_DAY_SECONDS)
    log.warning("broadcast", admin=visit.user.id)


@router.callback_query(StopCampaign.filter())
async def stop(_: CallbackQuery, callback_data: StopCampaign, visit: Visit) -> None:
    """Stops a broadcast; what is on its way still arrives."""
    if visit.user.id not in visit.services.settings.admins:
        raise Complaint("not-yours")
    stopped = await visit.services.campaigns.stop(callback_data.campaign)
    text = visit.t.plain("broadcast-stopping" if stopped else "button-stale")
    await visit.answer(text, alert=not stopped)


def _text(message: Message) -> str:
    """Returns what is behind the command, with its bold and its links, as HTML."""
    _, _, text = message.html_text.partition(" ")
    first, newline, rest = message.html_text.partition("\n")
    if newline and " " not in first.strip():
        text = rest
    return text.strip()
