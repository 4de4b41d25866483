"""How fast things happen."""

import asyncio
import time
from collections.abc import Awaitable, Callable

# After a pause, such as a server that was away, this much is caught up and the rest let go.
BURST_SECONDS = 0.25
# A pace of nothing would never look whether it is over.
_SLOWEST_RATE = 0.1


class Pacer:
    """A token bucket: so many turns a second in the long run, and no stampede after a pause."""

    def __init__(
        self,
        rate_per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Makes a pacer whose first turn comes at once.

        Args:
            rate_per_second: Turns a second, more than 0.
            clock: Seconds that never go back.
            sleep: Waits so many seconds.
        """
        self._usual_rate = self._rate = rate_per_second
        self._capacity = max(1.0, rate_per_second * BURST_SECONDS)
        self._clock = clock
        self._sleep = sleep
        self._tokens = 1.0
        self._filled_at = clock()

    def hurry(self, factor: float) -> None:
        """Lets turns come so many times as fast as usual, from now on."""
        self._fill()
        self._rate = max(self._usual_rate * factor, _SLOWEST_RATE)

    async def take(self) -> None:
        """Waits for the next turn."""
        self._fill()
        if self._tokens < 1:
            await self._sleep((1 - self._tokens) / self._rate)
            self._fill()
        else:
            # Others run too, even when this pace is faster than the machine.
            await self._sleep(0)
        # A sleep that ended early leaves a debt, which the next turn waits for.
        self._tokens -= 1

    def _fill(self) -> None:
        now = self._clock()
        gained = (now - self._filled_at) * self._rate
        self._tokens = min(self._capacity, self._tokens + gained)
        self._filled_at = now
