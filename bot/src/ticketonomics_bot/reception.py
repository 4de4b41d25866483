"""What happens to every update around its handler: who came, may be heard, and what went wrong."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.dispatcher.flags import get_flag
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Chat, InlineQuery, TelegramObject, Update, User
from redis.exceptions import RedisError
from ticketonomics_client import TicketonomicsError, UnavailableError

from ticketonomics_bot.amounts import AmountError
from ticketonomics_bot.callbacks import keyboard, link_button
from ticketonomics_bot.errors import error_text
from ticketonomics_bot.flows import Flow, NoPrivateChatError
from ticketonomics_bot.services import Services
from ticketonomics_bot.texts import nearest_language, texts
from ticketonomics_bot.visit import Complaint, Visit

log = structlog.get_logger()

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

# Somebody was merged, erased or blocked since we looked.
_CHANGED_PEOPLE = frozenset({"PERSON_MERGED", "PERSON_ERASED", "PERSON_BLOCKED"})


class Reception(BaseMiddleware):
    """Makes the visit, hears or does not, and answers for what a handler raises.

    Handlers say by flags what they are: `begins` for what is not done during maintenance, `silent`
    for what nobody asked for, so that nobody is answered; `offline` for what needs no server.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Calls the handler with `visit`."""
        user: User | None = data.get("event_from_user")
        if user is None or user.is_bot:
            return None
        visit = data["visit"] = self._visit(event, data, user)
        silent = bool(get_flag(data, "silent"))
        with structlog.contextvars.bound_contextvars(visit=visit.request_id()[:8]):
            try:
                if not silent:
                    await self._choose_language(visit, needs_server=not get_flag(data, "offline"))
                if await self._may_go_on(visit, silent=silent, begins=get_flag(data, "begins")):
                    return await handler(event, data)
            except Exception as error:  # noqa: BLE001 - Whatever it is, the person is answered.
                if silent:
                    _note(error)
                else:
                    await self._answer_for(error, visit)
            finally:
                await visit.answer()
        return None

    async def _choose_language(self, visit: Visit, *, needs_server: bool) -> None:
        try:
            visit.t = texts(await self._services.people.language(visit.user))
        except UnavailableError:
            # It shall be answered soon, in some language, that the server is away.
            if needs_server:
                raise

    async def _may_go_on(self, visit: Visit, *, silent: bool, begins: object) -> bool:
        if not silent and not visit.resumed and not await self._heard(visit):
            return False
        if begins and await self._services.maintenance.is_on():
            if not silent:
                await visit.complain("maintenance")
            return False
        return True

    async def _answer_for(self, error: Exception, visit: Visit) -> None:
        match error:
            case UnavailableError() | RedisError():
                log.warning("the server is away", error=str(error))
                if visit.resumed:
                    raise error
                await self._services.retries.later(visit)
            case TicketonomicsError():
                if error.reason_name in _CHANGED_PEOPLE:
                    self._services.people.forget(visit.user.id)
                await _refuse(visit, error)
            case NoPrivateChatError():
                await _invite(visit)
            case Complaint():
                await visit.complain(error.text_id, **error.arguments)
            case AmountError():
                await visit.complain(error.text_id, decimals=error.decimals)
            case TelegramAPIError():
                log.warning("telegram refuses", error=str(error))
            case _:
                log.error("a handler failed", exc_info=error)
                await visit.complain("error-own")

    def _visit(self, event: TelegramObject, data: dict[str, Any], user: User) -> Visit:
        update: Update = data["event_update"]
        chat: Chat | None = data.get("event_chat")
        place = data.get("resumed_at")
        return Visit(
            services=self._services,
            bot=data["bot"],
            update=update,
            user=user,
            chat=chat,
            t=texts(nearest_language(user.language_code)),
            flow=Flow(data["bot"], event, place=place, person_id=user.id),
            state=data["state"],
            resumed=bool(data.get("resumed")),
        )

    async def _heard(self, visit: Visit) -> bool:
        if isinstance(visit.update.event, InlineQuery):
            return await self._services.throttle.hear_inline(visit.user.id)
        heard = await self._services.throttle.hear(
            person=visit.user.id, chat=visit.chat.id if visit.chat else None
        )
        if heard.told:
            await visit.complain("slow-down")
        return heard.handled


def _note(error: Exception) -> None:
    """Logs what nobody is told of: an outage calmly, a fault loudly."""
    if isinstance(error, UnavailableError | RedisError):
        log.info("the server is away", error=str(error))
    elif isinstance(error, TicketonomicsError | TelegramAPIError):
        log.info("refused", error=str(error))
    else:
        log.error("a handler failed", exc_info=error)


async def _refuse(visit: Visit, error: TicketonomicsError) -> None:
    """Says why not; to nobody else, for it may tell what somebody has."""
    if isinstance(visit.update.event, InlineQuery):
        return
    try:
        await visit.flow.show(await error_text(visit, error), private=True)
    except NoPrivateChatError:
        await _invite(visit)


async def _invite(visit: Visit) -> None:
    """Says in a group that the answer is private, and where to get it."""
    username = visit.services.bot_username
    markup = keyboard(
        [link_button(visit.t.plain("button-open-bot"), f"https://t.me/{username}?start=hello")]
    )
    visit.flow.begin_anew()
    await visit.flow.show(visit.t("private-first"), markup)
