"""Rate limits: an approximation, for each server of its own."""

from time import monotonic

from ticketonomics_server.engine.rejection import Reason, Rejection

MAX_BUCKETS = 100_000


class RateLimits:
    """Token buckets of one second, one for each application or address.

    Args:
        anonymous_rps: Calls a second of one address without a key.
    """

    def __init__(self, anonymous_rps: int) -> None:
        self._anonymous_rps = anonymous_rps
        self._buckets: dict[str, Bucket] = {}

    def spend_anonymously(self, peer: str, calls: int) -> None:
        """Counts calls of an address, as gRPC names it; its port does not matter."""
        self.spend(peer.rsplit(":", 1)[0], self._anonymous_rps, calls)

    def spend(self, subject: str, rate_rps: int, calls: int) -> None:
        """Counts calls, or refuses them with RATE_LIMITED."""
        bucket = self._buckets.get(subject)
        if bucket is None or bucket.rate_rps != rate_rps:
            if len(self._buckets) >= MAX_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[subject] = Bucket(rate_rps)
        wait_seconds = bucket.spend(calls)
        if wait_seconds:
            raise Rejection(
                Reason.RATE_LIMITED,
                f"more than {rate_rps} calls a second",
                retry_seconds=wait_seconds,
                subject=subject,
                rate_limit_rps=rate_rps,
            )


class Bucket:
    """A token bucket that holds one second's worth of calls."""

    __slots__ = ("_at", "_left", "rate_rps")

    def __init__(self, rate_rps: int) -> None:
        self.rate_rps = rate_rps
        self._left = float(rate_rps)
        self._at = monotonic()

    def spend(self, calls: int) -> float:
        """Takes calls out and returns 0, or returns how many seconds to wait.

        A call that is larger than the bucket passes when the bucket is full, and empties it below
        0.
        """
        now = monotonic()
        self._left = min(self._left + (now - self._at) * self.rate_rps, self.rate_rps)
        self._at = now
        needed = min(calls, self.rate_rps)
        if self._left >= needed:
            self._left -= calls
            return 0.0
        return (needed - self._left) / self.rate_rps
