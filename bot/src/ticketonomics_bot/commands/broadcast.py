"""`/broadcast`: news to everybody who has met the bot and has not muted them, by admins.

A broadcast that is interrupted goes on where it was when its button is pressed again: who has got
it is kept in the store, and gets it once.
"""

import asyncio

import structlog
from aiogram import Router
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.filters import Command, CommandObject
from aiogram.types import Message
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.identity.v1.preferences_pb2 import NOTIFICATION_BROADCAST

from ticketonomics_bot.commands.admin import Admin, operator
from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.people import PROVIDER
from ticketonomics_bot.visit import Complaint, Visit

log = structlog.get_logger()

router = Router(name="broadcast")
router.message.filter(Admin())

_LONGEST = 2_000
_A_DAY = 3
_DAY_SECONDS = 86_400.0
# Answers to people come first: news take two thirds of the rate at most.
_SHARE = 0.66


@router.message(Command("broadcast"))
async def broadcast(_: Message, command: CommandObject, visit: Visit) -> None:
    """Shows the news as they will be, and asks."""
    text = (command.args or "").strip()
    if not text or len(text) > _LONGEST:
        raise Complaint("admin-broadcast-usage", most=_LONGEST)
    await visit.services.confirmations.ask(
        visit, "broadcast", {"text": text}, visit.t("admin-broadcast-ask", text=text), private=True
    )


@confirmed("broadcast", in_maintenance=True)
async def do_broadcast(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Sends the news, and tells how many got them."""
    store = visit.services.store
    calls = operator(visit)
    if await store.claim(f"news:{request_id}", "1", seconds=2 * _DAY_SECONDS) is None:
        sent_today = await store.count(f"news:{visit.bot.id}", seconds=_DAY_SECONDS)
        if sent_today > _A_DAY:
            raise Complaint("admin-broadcast-often", most=_A_DAY)
        log.info("admin broadcasts", admin=visit.user.id, request_id=request_id)
    reached = missed = 0
    pause = 1.0 / (visit.services.settings.messages_per_second * _SHARE)
    async for person in calls.people(state=Person.STATE_ACTIVE, page_size=1_000):
        chats = [i.subject for i in person.linked_identities if i.provider == PROVIDER]
        if not any(subject.isdigit() for subject in chats):
            continue
        if NOTIFICATION_BROADCAST in (await visit.client.preferences(person.person_id)).muted:
            continue
        for chat in chats:
            key = f"news:{request_id}:{chat}"
            if await store.claim(key, "1", seconds=2 * _DAY_SECONDS) is not None:
                reached += 1
                continue
            if await _send(visit, int(chat), payload["text"]):
                reached += 1
            else:
                missed += 1
            await asyncio.sleep(pause)
    return Outcome(visit.t("admin-broadcast-done", reached=reached, missed=missed))


async def _send(visit: Visit, chat_id: int, text: str) -> bool:
    """Sends to one; who has blocked the bot is not reached."""
    try:
        await visit.bot.send_message(chat_id, visit.t("verbatim", text=text))
    except TelegramForbiddenError:
        return False
    except TelegramAPIError as error:
        log.info("news did not arrive", error=str(error))
        return False
    return True
