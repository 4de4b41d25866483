"""Who a Telegram user is in the economy, and calls on that person's behalf."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from aiogram.types import User
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics_client import Client, Principal, RefusedError

PROVIDER = "telegram"
_FRESH_SECONDS = 60.0
_MOST = 20_000
_LONGEST_NAME = 64


@dataclass(slots=True)
class _Known:
    person: Person
    read_at: float


class People:
    """Looks people up, and remembers the last ones for a minute: a copy, of what the server has."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: OrderedDict[int, _Known] = OrderedDict()

    async def of(self, user: User) -> Person:
        """Returns the person that a Telegram user is; the first time makes one."""
        known = self._known.get(user.id)
        if known is not None and self._clock() - known.read_at < _FRESH_SECONDS:
            self._known.move_to_end(user.id)
            return known.person
        answer = await self._client.get_or_create_person(
            provider=PROVIDER, subject=str(user.id), display_name=name_of(user)
        )
        self._remember(user.id, answer.person)
        return answer.person

    async def find(self, telegram_id: int) -> Person | None:
        """Returns the person of a Telegram id, or None where there is none yet."""
        try:
            return await self._client.look_up_person(provider=PROVIDER, subject=str(telegram_id))
        except RefusedError as error:
            if error.reason_name == "PERSON_NOT_FOUND":
                return None
            raise

    async def telegram_ids(self, person_id: str) -> list[int]:
        """Returns the Telegram ids of a person, whom the bot may then write to."""
        person = await self._client.person(person_id)
        return [
            int(identity.subject)
            for identity in person.linked_identities
            if identity.provider == PROVIDER and identity.subject.isdigit()
        ]

    def acting(self, person_id: str) -> Principal:
        """Returns the server's calls on behalf of a person."""
        return self._client.acting_for(person_id)

    def forget(self, telegram_id: int) -> None:
        """Asks the server anew who somebody is: after linking and merging."""
        self._known.pop(telegram_id, None)

    def _remember(self, telegram_id: int, person: Person) -> None:
        self._known[telegram_id] = _Known(person, self._clock())
        self._known.move_to_end(telegram_id)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)


def name_of(user: User) -> str:
    """Returns a user's name as the server takes it: without signs that no text may hold."""
    clean = "".join(sign for sign in user.full_name if sign.isprintable()).strip()
    return clean[:_LONGEST_NAME].strip()
