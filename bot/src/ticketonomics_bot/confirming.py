"""Asks before something is done that cannot be undone, and does it once.

What was asked waits in the store under its request id: who was asked, and what for. The buttons
carry nothing but the id. Both answers can come twice, at the same time, to different instances; the
first one holds, and since the id goes to the server as the request id, twice is once.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from aiogram.types import InlineKeyboardMarkup
from ticketonomics_client import RefusedError, UnavailableError

from ticketonomics_bot.callbacks import Decide, button, keyboard
from ticketonomics_bot.errors import error_text
from ticketonomics_bot.store import Store

if TYPE_CHECKING:
    from ticketonomics_bot.visit import Visit

Payload = Mapping[str, Any]


@dataclass(slots=True, frozen=True)
class Outcome:
    """What is shown when it is done."""

    text: str
    markup: InlineKeyboardMarkup | None = None


# None where everything was shown already.
Doing = Callable[["Visit", Payload, str], Awaitable[Outcome | None]]
AnyDoing = TypeVar("AnyDoing", bound=Doing)

_DOINGS: dict[str, Doing] = {}
# What those do who look after the economy, during maintenance too.
_ALWAYS: set[str] = set()


def confirmed(action: str, *, always: bool = False) -> Callable[[AnyDoing], AnyDoing]:
    """Marks what is done when an action is confirmed: `(visit, payload, request_id)`.

    It must give the request id to the one call that changes something.

    Args:
        action: Its name.
        always: Whether it is done during maintenance, too.
    """
    if always:
        _ALWAYS.add(action)

    def register(doing: AnyDoing) -> AnyDoing:
        if action in _DOINGS:
            raise ValueError(f"{action!r} is done elsewhere already")
        _DOINGS[action] = doing
        return doing

    return register


class Confirmations:
    """Questions that wait for their answers."""

    def __init__(self, store: Store, *, wait_seconds: float) -> None:
        self._store = store
        self._wait_seconds = wait_seconds

    async def ask(
        self,
        visit: "Visit",
        action: str,
        payload: Payload,
        text: str,
        *,
        private: bool = False,
        yes: str = "",
        owner: int = 0,
        request_id: UUID | None = None,
    ) -> None:
        """Shows what will happen, with the buttons yes and no.

        Args:
            visit: Who asks for it.
            action: What to do, as `confirmed` has it.
            payload: What it needs, as JSON can hold it.
            text: HTML: what will happen.
            private: Asks where only the person reads it.
            yes: The text of the button; that of «Confirm» when empty.
            owner: Telegram id of who decides; who came when 0.
            request_id: The visit's own when None.
        """
        number = request_id or visit.request_uuid(action)
        record = {"action": action, "owner": owner or visit.user.id, "payload": dict(payload)}
        # Longer than it may be answered, so that a late press is told what has become of it.
        await self._store.put(
            f"asked:{number}", json.dumps(record, ensure_ascii=False), seconds=self._wait_seconds
        )
        await visit.flow.show(text, decision_buttons(visit, number, yes=yes), private=private)

    async def decide(self, visit: "Visit", press: Decide) -> None:
        """Does what was asked for, or leaves it."""
        number = press.request_id
        kept = await self._store.get(f"asked:{number}")
        if kept is None:
            await self._stale(visit, "confirm-stale")
            return
        record = json.loads(kept)
        if record["owner"] != visit.user.id:
            await visit.answer(visit.t.plain("not-yours"), alert=True)
            return
        said = "yes" if press.yes else "no"
        earlier = await self._store.claim(
            f"decided:{number}", said, seconds=self._wait_seconds + 60
        )
        if earlier not in {None, said}:
            text_id = "confirm-already-yes" if earlier == "yes" else "confirm-already-no"
            await visit.answer(visit.t.plain(text_id), alert=True)
            return
        if not press.yes:
            await visit.flow.show(visit.t("confirm-cancelled"))
            return
        quiet = record["action"] not in _ALWAYS and await visit.services.maintenance.is_on()
        if quiet:
            await self._store.drop(f"decided:{number}")
            await visit.answer(visit.t.plain("maintenance"), alert=True)
            return
        await self._do(visit, record, number)

    async def _do(self, visit: "Visit", record: dict[str, Any], number: UUID) -> None:
        try:
            outcome = await _DOINGS[record["action"]](visit, record["payload"], str(number))
        except UnavailableError:
            # It may have happened. The same press again, by itself or by hand, tells.
            raise
        except RefusedError as error:
            # Nothing happened, so there is still something to decide.
            await self._store.drop(f"decided:{number}")
            await visit.flow.show(
                await error_text(visit, error), decision_buttons(visit, number, again=True)
            )
            return
        if outcome is not None:
            await visit.flow.show(outcome.text, outcome.markup)

    async def _stale(self, visit: "Visit", text_id: str) -> None:
        await visit.answer(visit.t.plain(text_id), alert=True)
        await visit.flow.show(visit.t(text_id))


def decision_buttons(
    visit: "Visit", number: UUID, *, yes: str = "", again: bool = False
) -> InlineKeyboardMarkup | None:
    """Makes the buttons yes and no of a question."""
    agree = yes or visit.t.plain("button-try-again" if again else "button-confirm")
    return keyboard(
        [
            button(agree, Decide(yes=True, request_id=number)),
            button(visit.t.plain("button-cancel"), Decide(yes=False, request_id=number)),
        ]
    )
