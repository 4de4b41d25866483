"""Whether the operator has asked for quiet: nothing new is begun then, and reading goes on."""

import time
from contextlib import suppress

from ticketonomics_client import Client, TicketonomicsError

PARAMETER = "faces.maintenance"
_FRESH_SECONDS = 5.0


class Maintenance:
    """The parameter `faces.maintenance`, at most five seconds old."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._on = False
        self._read_at = float("-inf")

    async def is_on(self) -> bool:
        """Tells whether it is on. While the server is away, what it said last holds."""
        if time.monotonic() - self._read_at > _FRESH_SECONDS:
            self._read_at = time.monotonic()
            # An older server has no such parameter, and one that is away refuses by itself.
            with suppress(TicketonomicsError):
                self._on = (await self._client.parameter(PARAMETER)).value.boolean
        return self._on

    def forget(self) -> None:
        """Asks the server at the next time."""
        self._read_at = float("-inf")
