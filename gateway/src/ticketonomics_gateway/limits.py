"""Rate limits: an approximation, for each gateway of its own, as the server's are."""

from __future__ import annotations

from hashlib import blake2b
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from math import ceil
from time import monotonic

from starlette.types import Scope

from ticketonomics_gateway.problems import RATE_LIMITED, Problem
from ticketonomics_gateway.settings import Settings

MAX_BUCKETS = 100_000
# Whoever has one IPv6 address has as many as fit behind this.
_IPV6_PREFIX_BYTES = 8

Headers = list[tuple[bytes, bytes]]


class Bucket:
    """A token bucket that holds one second's worth of calls."""

    __slots__ = ("_at", "left", "rate_rps")

    def __init__(self, rate_rps: int) -> None:
        self.rate_rps = rate_rps
        self.left = float(rate_rps)
        self._at = monotonic()

    def wait_seconds(self) -> float:
        """Returns how long until there is a call in it; 0 when there is one."""
        now = monotonic()
        self.left = min(self.left + (now - self._at) * self.rate_rps, self.rate_rps)
        self._at = now
        return 0.0 if self.left >= 1 else (1 - self.left) / self.rate_rps


class RateLimits:
    """Holds each address to its calls a second, and each API key to its own.

    A key is good until the ledger says otherwise: then the call counts among the bad keys of its
    address, of which there may be as many as calls without a key. Whoever guesses keys is so held
    up as one who has none, and one who has none does not hold up those with keys.
    """

    def __init__(self, settings: Settings) -> None:
        self._address_rps = settings.rate_limit_rps
        self._key_rps = settings.key_rate_limit_rps
        self._buckets: dict[bytes, Bucket] = {}

    def spend(self, scope: Scope) -> Headers:
        """Counts a call, and returns what its answer tells about the limit.

        Raises:
            Problem: There were too many, 429.
        """
        key = _key(scope)
        if key is None:
            name, bucket = b"address", self._bucket(_address(scope), self._address_rps)
            wait = bucket.wait_seconds()
        else:
            name, bucket = b"key", self._bucket(key, self._key_rps)
            wait = max(bucket.wait_seconds(), self._bad_keys(scope).wait_seconds())
        if wait:
            raise _refusal(name, bucket, wait)
        bucket.left -= 1
        return _headers(name, bucket)

    def spend_bad_key(self, scope: Scope) -> None:
        """Counts a call whose key was no good."""
        if _key(scope) is not None:
            self._bad_keys(scope).left -= 1

    def _bad_keys(self, scope: Scope) -> Bucket:
        return self._bucket(b"bad:" + _address(scope), self._address_rps)

    def _bucket(self, subject: bytes, rate_rps: int) -> Bucket:
        bucket = self._buckets.get(subject)
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[subject] = Bucket(rate_rps)
        return bucket


def _address(scope: Scope) -> bytes:
    client = scope.get("client")
    if not client:
        return b"unix"
    host = str(client[0])
    if ":" not in host:
        return host.encode()
    try:
        address = ip_address(host)
    except ValueError:
        return host.encode()
    assert isinstance(address, IPv6Address)
    mapped = address.ipv4_mapped
    return str(mapped).encode() if mapped else address.packed[:_IPV6_PREFIX_BYTES]


def _key(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            # The key itself is kept nowhere.
            return b"key:" + blake2b(value, digest_size=16).digest()
    return None


def _refusal(name: bytes, bucket: Bucket, wait: float) -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        RATE_LIMITED,
        f"more than {bucket.rate_rps} calls a second",
        metadata={"subject": name.decode(), "rate_limit_rps": str(bucket.rate_rps)},
        retry_after_seconds=round(wait, 3),
        headers=_headers(name, bucket),
    )


def _headers(name: bytes, bucket: Bucket) -> Headers:
    """Writes `RateLimit` as draft-ietf-httpapi-ratelimit-headers has it."""
    left = max(0, int(bucket.left))
    full_in = ceil((bucket.rate_rps - bucket.left) / bucket.rate_rps)
    return [
        (b"ratelimit-policy", b'"%b";q=%d;w=1' % (name, bucket.rate_rps)),
        (b"ratelimit", b'"%b";r=%d;t=%d' % (name, left, full_in)),
    ]
