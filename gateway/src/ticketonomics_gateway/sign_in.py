"""Signing in: by what Telegram says about who opened the Mini App."""

from http import HTTPStatus
from time import time

from ticketonomics.identity.v1.person_pb2 import Person

from ticketonomics_gateway.calling import Metadata
from ticketonomics_gateway.credentials import unavailable
from ticketonomics_gateway.memory import Memory, MemoryUnavailableError
from ticketonomics_gateway.people import People
from ticketonomics_gateway.problems import CREDENTIALS_EXPIRED, CREDENTIALS_INVALID, Problem
from ticketonomics_gateway.telegram import InitData, InitDataChecker, InitDataError


class TelegramSignIn:
    """Makes of init data the person that it is about.

    Args:
        memory: Where init data that was used is remembered for as long as it could be used again.
        reuse_seconds: For how long after its first use the same init data signs in again: a page
            that is reloaded has nothing else.
    """

    def __init__(
        self,
        checker: InitDataChecker,
        people: People,
        memory: Memory,
        *,
        max_age_seconds: int,
        reuse_seconds: int,
    ) -> None:
        self._checker = checker
        self._people = people
        self._memory = memory
        self._max_age_seconds = max_age_seconds
        self._reuse_seconds = reuse_seconds

    async def sign_in(self, text: str, tracing: Metadata) -> Person:
        """Returns the person, who is created where there is none yet.

        Raises:
            Problem: CREDENTIALS_INVALID, CREDENTIALS_EXPIRED; the server or the memory is away.
        """
        try:
            data = self._checker.check(text)
            await self._guard_first_use(data)
        except InitDataError as error:
            reason = CREDENTIALS_EXPIRED if error.expired else CREDENTIALS_INVALID
            raise Problem(HTTPStatus.UNAUTHORIZED, reason, str(error)) from None
        except MemoryUnavailableError as error:
            raise unavailable() from error
        return await self._people.find_or_create(str(data.user.user_id), data.user.name, tracing)

    async def _guard_first_use(self, data: InitData) -> None:
        now = int(time())
        kept_seconds = self._max_age_seconds + self._reuse_seconds
        first = await self._memory.put(f"used:{data.fingerprint}", now, kept_seconds)
        if now - first > self._reuse_seconds:
            raise InitDataError("the init data was used before; open the app again", expired=True)
