"""Keeps other sites' pages from acting with the cookie of somebody who has signed in here."""

import hmac
from collections.abc import Sequence

from starlette.requests import HTTPConnection

from ticketonomics_gateway.sessions import Session

HEADER = "x-csrf-token"
# What may not change anything, and so needs no token.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfTokens:
    """Tokens that only a page of this gateway's own can have read.

    A token belongs to a session, and lasts as long; nothing is stored for it.

    Args:
        secret_keys: The newest first: it makes tokens, and those of all are believed.
    """

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._keys = [key.encode() for key in secret_keys]

    def make(self, session: Session) -> str:
        """Returns the session's token."""
        return _make(self._keys[0], session)

    def fits(self, connection: HTTPConnection, session: Session) -> bool:
        """Tells whether a request brings its session's token."""
        told = connection.headers.get(HEADER, "").encode()
        return any(hmac.compare_digest(_make(key, session).encode(), told) for key in self._keys)


def _make(key: bytes, session: Session) -> str:
    content = f"csrf\n{session.session_id}\n{session.person_id}".encode()
    return hmac.new(key, content, "sha256").hexdigest()
