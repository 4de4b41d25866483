"""Asking until somebody answers: a server that is away is no reason to give up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from ticketonomics_client import ClosedError, RefusedError, UnavailableError

# The SDK has tried for its whole deadline before, so this adds little and spares the log.
PAUSE_SECONDS = 0.5

Answer = TypeVar("Answer")


class Watch(Protocol):
    """Somebody who is told, at every answer, whether the server is there."""

    def server_is_away(self) -> None:
        """Nobody answered."""
        ...

    def server_is_there(self) -> None:
        """Somebody answered."""
        ...


class Patience:
    """Repeats calls until they are answered."""

    def __init__(
        self, watch: Watch, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._watch = watch
        self._sleep = sleep

    async def ask(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Returns the answer of a call that may be repeated: with the same request id, or a read.

        Raises:
            RefusedError: The ledger said no, and no earlier attempt was accepted either.
            ClosedError: The client was closed.
        """
        in_doubt = False
        while True:
            try:
                answer = await call()
            except ClosedError:
                raise
            except UnavailableError:
                in_doubt = True
                self._watch.server_is_away()
            except RefusedError as error:
                self._watch.server_is_there()
                # "The queue is full" does not tell what became of an attempt before.
                if not (in_doubt and error.retryable):
                    raise
            else:
                self._watch.server_is_there()
                return answer
            await self._sleep(PAUSE_SECONDS)
