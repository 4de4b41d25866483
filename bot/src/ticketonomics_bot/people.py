"""Who a Telegram user is in the economy, and calls on that person's behalf."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from aiogram.types import User
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.identity.v1.preferences_pb2 import Preferences
from ticketonomics_client import Client, Principal, RefusedError

from ticketonomics_bot.store import Store
from ticketonomics_bot.texts import Texts, nearest_language, texts

PROVIDER = "telegram"
_FRESH_SECONDS = 60.0
_MOST = 20_000
_LANGUAGE_SECONDS = 90 * 86_400.0
_LONGEST_NAME = 64


@dataclass(slots=True)
class _Known:
    person: Person | None
    preferences: Preferences
    read_at: float


class People:
    """Looks people up, and remembers the last ones for a minute: a copy, of what the server has."""

    def __init__(
        self, client: Client, store: Store, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._store = store
        self._clock = clock
        self._known: OrderedDict[int, _Known] = OrderedDict()

    async def of(self, user: User) -> Person:
        """Returns the person that a Telegram user is; the first time makes one."""
        known = self._fresh(user.id)
        if known is None or known.person is None:
            answer = await self._client.get_or_create_person(
                provider=PROVIDER, subject=str(user.id), display_name=name_of(user)
            )
            await self._remember(user, answer.person)
            return answer.person
        return known.person

    async def known(self, user: User) -> Person | None:
        """Returns the person that a Telegram user is, or None where there is none yet."""
        known = self._fresh(user.id)
        if known is None:
            known = await self._remember(user, await self.find(user.id))
        return known.person

    async def preferences(self, user: User) -> Preferences:
        """Returns what a Telegram user prefers; nothing, where nobody knows the user yet."""
        known = self._fresh(user.id)
        if known is None:
            known = await self._remember(user, await self.find(user.id))
        return known.preferences

    async def language(self, user: User) -> str:
        """Returns the language that a user chose, or else that of the user's Telegram."""
        chosen = (await self.preferences(user)).language
        return nearest_language(chosen or user.language_code)

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

    async def voice(self, person_id: str, telegram_id: int) -> Texts:
        """Returns the texts for somebody who is not here, in the language as far as it is known."""
        chosen = (await self._client.preferences(person_id)).language
        last = await self._store.get(f"language:{telegram_id}")
        return texts(nearest_language(chosen or last))

    def acting(self, person_id: str) -> Principal:
        """Returns the server's calls on behalf of a person."""
        return self._client.acting_for(person_id)

    def forget(self, telegram_id: int) -> None:
        """Asks the server anew who somebody is: after linking and merging."""
        self._known.pop(telegram_id, None)

    def _fresh(self, telegram_id: int) -> _Known | None:
        known = self._known.get(telegram_id)
        if known is None or self._clock() - known.read_at >= _FRESH_SECONDS:
            return None
        self._known.move_to_end(telegram_id)
        return known

    async def _remember(self, user: User, person: Person | None) -> _Known:
        preferences = Preferences()
        if person is not None:
            preferences = await self._client.preferences(person.person_id)
            if user.language_code:
                # For when this person is told of what somebody else does.
                await self._store.put(
                    f"language:{user.id}", user.language_code, seconds=_LANGUAGE_SECONDS
                )
        known = self._known[user.id] = _Known(person, preferences, self._clock())
        self._known.move_to_end(user.id)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return known


def name_of(user: User) -> str:
    """Returns a user's name as the server takes it: without signs that no text may hold."""
    clean = "".join(sign for sign in user.full_name if sign.isprintable()).strip()
    return clean[:_LONGEST_NAME].strip()
