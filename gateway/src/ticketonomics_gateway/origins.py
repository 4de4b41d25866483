"""Where a request comes from, as browsers tell it and pages cannot."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_SECURE_SCHEMES = {"ws": "http", "wss": "https"}


class Origins:
    """Tells requests of this gateway's own pages from those of others.

    Args:
        public_url: Where people reach the gateway; None for wherever they say that they do.
        allowed: Further origins whose pages are trusted as much.
    """

    def __init__(self, public_url: str | None = None, allowed: Sequence[str] = ()) -> None:
        self._public = _origin(public_url) if public_url else None
        self._allowed = frozenset(_origin(origin) for origin in allowed)

    def is_foreign(self, connection: HTTPConnection) -> bool:
        """Tells whether the request was made by a page of somebody else's."""
        origin = connection.headers.get("origin")
        if origin is not None:
            return not self.is_own(connection, origin)
        # Browsers leave the origin out where they read, and say this instead.
        return connection.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}

    def is_own(self, connection: HTTPConnection, origin: str) -> bool:
        """Tells whether an origin is this gateway, as it is reached, or one that is trusted."""
        if origin in self._allowed:
            return True
        if self._public is not None:
            return origin == self._public
        url = connection.url
        scheme = _SECURE_SCHEMES.get(url.scheme, url.scheme)
        return origin == f"{scheme}://{url.netloc}"


def is_local(connection: HTTPConnection) -> bool:
    """Tells whether a request comes from this machine, asks for it, and through no proxy."""
    client = connection.client
    return (
        client is not None
        and is_local_name(client.host)
        and is_local_name(connection.url.hostname)
        and not any(name in connection.headers for name in _FORWARDED)
    )


def is_local_name(host: str | None) -> bool:
    """Tells whether a host is this machine, by name or address."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(f"{url} is not an origin such as https://example.org")
    return f"{parts.scheme}://{parts.netloc}"
