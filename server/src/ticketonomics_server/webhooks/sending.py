"""One attempt to deliver: an HTTP request that is bounded in every way, and what came of it."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

import aiohttp

from ticketonomics_server import metrics
from ticketonomics_server.webhooks.addresses import NotPublicError, PublicResolver, check_url

CONNECT_SECONDS = 5.0
# What of an answer's body is read, so that its connection can be used again: nothing looks at it.
_MAX_BODY_BYTES = 65_536
_BODY_SECONDS = 1.0
# Less than common servers keep an idle connection: one that they close fails the next attempt.
_KEEPALIVE_SECONDS = 3.0
GONE = 410


@dataclass(slots=True, frozen=True)
class Outcome:
    """What came of an attempt.

    Attributes:
        status: HTTP status; 0 where there was no answer.
        failure: Why it failed, for people; empty where it was delivered.
        retry_after_seconds: How long the receiver wants to be left alone, if it said so.
    """

    status: int
    failure: str = ""
    retry_after_seconds: float | None = None
    seconds: float = 0.0

    @property
    def delivered(self) -> bool:
        return not self.failure


class Sender:
    """Sends to public addresses. No redirects, cookies, proxies or decompression.

    Args:
        timeout_seconds: For a whole attempt.
    """

    def __init__(self, *, allow_http: bool, allow_private: bool, timeout_seconds: float) -> None:
        self._allow_http = allow_http
        self._allow_private = allow_private
        self._timeout_seconds = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    @property
    def timeout_seconds(self) -> float:
        return self._timeout_seconds

    def check_url(self, url: str) -> None:
        """Raises ValueError where events may not be sent to a URL."""
        check_url(url, allow_http=self._allow_http, allow_private=self._allow_private)

    async def send(
        self,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        timeout_seconds: float | None = None,
    ) -> Outcome:
        """Posts once. Whatever goes wrong is told by the outcome."""
        began = monotonic()
        timeout = min(timeout_seconds or self._timeout_seconds, self._timeout_seconds)
        try:
            status, retry_after = await self._post(url, headers, body, timeout)
        except Exception as error:  # noqa: BLE001 - receivers are strangers: any failure is theirs.
            status, retry_after, failure = 0, None, _explain(error, timeout)
        else:
            failure = "" if 200 <= status < 300 else f"HTTP status {status}"
        seconds = monotonic() - began
        metrics.webhook_attempts.labels("failed" if failure else "delivered").inc()
        metrics.webhook_attempt_seconds.observe(seconds)
        return Outcome(status, failure, retry_after, seconds)

    async def _post(
        self, url: str, headers: Mapping[str, str], body: bytes, timeout_seconds: float
    ) -> tuple[int, float | None]:
        parsed = check_url(url, allow_http=self._allow_http, allow_private=self._allow_private)
        timeout = aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=CONNECT_SECONDS)
        async with self._open().post(
            parsed, data=body, headers=dict(headers), allow_redirects=False, timeout=timeout
        ) as response:
            retry_after = _read_retry_after(response.headers.get("Retry-After", ""))
            await _drain(response)
            return response.status, retry_after

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=PublicResolver(allow_private=self._allow_private),
                    limit=0,
                    ttl_dns_cache=30,
                    keepalive_timeout=_KEEPALIVE_SECONDS,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                headers={
                    "User-Agent": "Ticketonomics-Webhooks/1",
                    "Content-Type": "application/json",
                },
            )
        return self._session

    async def close(self) -> None:
        """Closes all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Reads the rest of a short answer; the connection of a long or slow one is closed.

    What was answered counts, whatever becomes of its body.
    """
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError, ValueError):
        async with asyncio.timeout(_BODY_SECONDS):
            left = _MAX_BODY_BYTES
            while left > 0 and not response.content.at_eof():
                left -= len(await response.content.read(left)) or left
            if response.content.at_eof():
                return
    response.close()


def _read_retry_after(value: str) -> float | None:
    """Reads seconds, or a date; None for what is neither."""
    value = value.strip()[:64]
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _explain(error: BaseException, timeout_seconds: float) -> str:
    """Says what went wrong, and nothing about networks that the application cannot see."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NotPublicError):
            return "the host leads to an address that is not public"
        cause = cause.__cause__ or getattr(cause, "os_error", None)
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_seconds:g} s"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host's name cannot be resolved"
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ServerFingerprintMismatch):
        return "the receiver's certificate is not accepted"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "the receiver cannot be reached"
    if isinstance(error, aiohttp.ClientError | OSError):
        return "the connection was lost before an answer"
    if isinstance(error, ValueError):
        return f"the URL {error}"
    return f"the attempt failed: {type(error).__name__}"
