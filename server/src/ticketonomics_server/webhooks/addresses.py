"""Where events may be sent: public addresses only, checked where the connection is made."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

MAX_URL_LENGTH = 2_048
# Names are looked up in threads of their own: slow ones hold nothing else up.
_LOOKUPS = 16

# Public as far as Python's library knows, and yet no business of a stranger's: the metadata of a
# cloud's machines, protocol assignments, local NAT64, old site-local addresses.
_CLOSED = tuple(
    map(ip_network, ("168.63.129.16/32", "192.0.0.0/24", "64:ff9b:1::/48", "fec0::/10"))
)
_NAT64 = IPv6Network("64:ff9b::/96")


class NotPublicError(OSError):
    """A name leads to an address of a private network."""


def is_public(address: str) -> bool:
    """Tells whether anybody on the internet may be at an address. Looks through embedded ones."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return all(_is_public(part) for part in (found, *_embedded(found)))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    closed = address.is_multicast or any(address in network for network in _CLOSED)
    return (mapped or address.is_global) and not closed


def _embedded(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """IPv4 addresses to which gateways would pass an IPv6 one on."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return [part for part in found if part is not None]


def check_url(url: str, *, allow_http: bool, allow_private: bool) -> URL:
    """Reads a URL that events may be sent to.

    Raises:
        ValueError: It may not be; the text says why.
    """
    if len(url) > MAX_URL_LENGTH:
        raise ValueError(f"has more than {MAX_URL_LENGTH} characters")
    if not url.isascii() or not url.isprintable() or any(c in url for c in ' \\"<>^`{|}'):
        raise ValueError("holds a character that no URL may hold")
    try:
        parsed = URL(url)
        port = parsed.explicit_port
    except ValueError as error:
        raise ValueError("is not a URL such as https://example.org/hooks") from error
    if parsed.scheme != "https" and not (parsed.scheme == "http" and allow_http):
        raise ValueError("does not begin with https://")
    if not parsed.host or port == 0:
        raise ValueError("names no host")
    if parsed.raw_user is not None or parsed.raw_password is not None:
        raise ValueError("holds a user or a password")
    if "#" in url:
        raise ValueError("holds a fragment")
    if not (allow_private or _may_be_public(parsed.host)):
        raise ValueError("leads to an address that is not public")
    return parsed


def _may_be_public(host: str) -> bool:
    """Tells whether a host is a public address, or a name that has to be looked up.

    What aiohttp takes for an address, short forms such as 127.1 too, never reaches the resolver.
    """
    if ":" in host or host.replace(".", "").isdigit():
        return is_public(host)
    return host.rstrip(".").lower().split(".")[-1] != "localhost"


class PublicResolver(AbstractResolver):
    """Looks names up for the connections, which then go to the very addresses that it checked."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Finds the addresses of a name.

        Raises:
            NotPublicError: One of them is not public.
        """
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
        )
        results = [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=found_family,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found_family, _, proto, _, address in found
        ]
        if not self._allow_private and not all(is_public(result["host"]) for result in results):
            raise NotPublicError("the name leads to an address that is not public")
        return results

    async def close(self) -> None:
        """Lets go of the threads, which may still wait for an answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)
