"""Sessions of people in browsers: a signed cookie that says who, and for how long."""

import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Literal

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import HTTPConnection

from ticketonomics_gateway.memory import Memory
from ticketonomics_gateway.origins import is_local_name

SameSite = Literal["lax", "strict", "none"]
Header = tuple[bytes, bytes]

MIN_SECRET_LENGTH = 32
# `__Host-`: browsers take it only with Secure, for this host alone and all of its paths.
SECURE_COOKIE = "__Host-ticketonomics"
LOCAL_COOKIE = "ticketonomics"


@dataclass(slots=True, frozen=True)
class Session:
    """Somebody who has signed in.

    Attributes:
        session_id: Names the session, through all its renewals.
        person_id: Who.
        sign_in_time: When the session began, in seconds since 1970.
        end_time: Until when it is good.
    """

    session_id: str
    person_id: str
    sign_in_time: int
    end_time: int


class SessionExpiredError(Exception):
    """A session of ours that is over."""


class Sessions:
    """Makes, reads, renews and ends sessions. Only those that were ended are remembered.

    Args:
        secret_keys: The newest first: it signs, and all of them are believed.
        memory: Where ended sessions are remembered until they would have expired.
        lifetime_seconds: How long a session is good, unless it is renewed.
        longest_seconds: When even a renewed one ends.
        same_site: With which requests from other sites browsers send the cookie.
        now: Seconds since 1970.
    """

    def __init__(
        self,
        secret_keys: Sequence[str],
        memory: Memory,
        *,
        lifetime_seconds: int,
        longest_seconds: int,
        same_site: SameSite = "lax",
        now: Callable[[], float] = time,
    ) -> None:
        # itsdangerous signs with the last one.
        self._serializer = URLSafeSerializer(
            list(reversed(secret_keys)),
            salt="ticketonomics session",
            signer_kwargs={"digest_method": hashlib.sha256},
        )
        self._memory = memory
        self._lifetime_seconds = lifetime_seconds
        self._longest_seconds = longest_seconds
        self._same_site = same_site
        self._now = now

    def begin(self, person_id: str) -> Session:
        """Begins a session."""
        now = int(self._now())
        return Session(secrets.token_urlsafe(16), person_id, now, now + self._lifetime_seconds)

    def renew(self, session: Session) -> Session:
        """Prolongs a session of which half is over; returns it as it is otherwise."""
        now = int(self._now())
        latest = session.sign_in_time + self._longest_seconds
        end_time = min(now + self._lifetime_seconds, latest)
        if session.end_time - now > self._lifetime_seconds / 2 or end_time <= session.end_time:
            return session
        return Session(session.session_id, session.person_id, session.sign_in_time, end_time)

    async def end(self, session: Session) -> None:
        """Ends a session before its time, wherever its cookie may have been copied to."""
        left_seconds = max(1, session.sign_in_time + self._longest_seconds - int(self._now()))
        await self._memory.put(_ended(session), 1, left_seconds)

    async def read(self, connection: HTTPConnection) -> Session | None:
        """Returns the session of a request; None where it has none, or none of ours.

        Raises:
            SessionExpiredError: It has one that is over.
            MemoryUnavailableError: Nobody can say whether it was ended.
        """
        token = connection.cookies.get(_cookie_name(connection))
        session = self._decode(token) if token else None
        if session is None:
            return None
        if self._now() >= session.end_time or await self._memory.get(_ended(session)):
            raise SessionExpiredError
        return session

    def keep(self, connection: HTTPConnection, session: Session) -> Header:
        """Returns the header that has the browser keep a session."""
        token = self._serializer.dumps(
            [session.session_id, session.person_id, session.sign_in_time, session.end_time]
        )
        return self._cookie(connection, str(token), session.end_time - int(self._now()))

    def forget(self, connection: HTTPConnection) -> Header:
        """Returns the header that has the browser forget its session."""
        return self._cookie(connection, "", 0)

    def _cookie(self, connection: HTTPConnection, value: str, max_age_seconds: int) -> Header:
        name = _cookie_name(connection)
        parts = [f"{name}={value}", "Path=/", f"Max-Age={max_age_seconds}", "HttpOnly"]
        parts.append(f"SameSite={self._same_site.capitalize()}")
        if name == SECURE_COOKIE:
            parts.append("Secure")
            if self._same_site == "none":
                # In the frame of one site it is another cookie than in that of the next.
                parts.append("Partitioned")
        return b"set-cookie", "; ".join(parts).encode()

    def _decode(self, token: str) -> Session | None:
        try:
            match self._serializer.loads(token):
                case [str(session_id), str(person_id), int(sign_in_time), int(end_time)]:
                    return Session(session_id, person_id, sign_in_time, end_time)
        except BadData:
            pass
        return None


def _cookie_name(connection: HTTPConnection) -> str:
    """Plain HTTP on this machine has no Secure cookies; everywhere else there are no others."""
    local = connection.url.scheme in {"http", "ws"} and is_local_name(connection.url.hostname)
    return LOCAL_COOKIE if local else SECURE_COOKIE


def _ended(session: Session) -> str:
    return f"ended:{session.session_id}"


def read_secret_keys(secret: str | None, file: Path) -> Sequence[str]:
    """Returns the keys that sessions are signed with: those given, or those of a file.

    A file that is not there is made, readable by its owner alone.

    Raises:
        ValueError: A key is short, or the file can be read by others.
    """
    text = secret if secret is not None else _read_or_make(file)
    keys = [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]
    if not keys or any(len(key) < MIN_SECRET_LENGTH for key in keys):
        raise ValueError(f"the session secret needs {MIN_SECRET_LENGTH} characters at least")
    return keys


def _read_or_make(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(secrets.token_urlsafe(48) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        # Of gateways that start at once, one makes it, whole.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise ValueError(f"{file} can be read by others: chmod 600 {file}")
    return file.read_text()
