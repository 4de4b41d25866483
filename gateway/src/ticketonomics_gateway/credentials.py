"""Who calls: an application with its own key, somebody who has signed in, or anybody."""

from http import HTTPStatus

from starlette.requests import HTTPConnection

from ticketonomics_gateway.access import Access, MethodAccess
from ticketonomics_gateway.calling import Metadata, header
from ticketonomics_gateway.contracts import Method
from ticketonomics_gateway.csrf import HEADER, SAFE_METHODS, CsrfTokens
from ticketonomics_gateway.memory import MemoryUnavailableError
from ticketonomics_gateway.origins import Origins
from ticketonomics_gateway.problems import (
    CREDENTIALS_EXPIRED,
    CREDENTIALS_INVALID,
    CREDENTIALS_MISSING,
    CSRF_TOKEN_INVALID,
    ORIGIN_FOREIGN,
    REQUEST_MALFORMED,
    SCOPE_MISSING,
    SERVER_UNAVAILABLE,
    Problem,
)
from ticketonomics_gateway.sessions import Session, SessionExpiredError, Sessions

AUTHORIZATION = "authorization"
ACTING_FOR = "ticketonomics-acting-for"
ECONOMY = "ticketonomics-economy"


class GatewayCredentials:
    """Turns what a request shows into what the server is shown.

    An application's own key is passed on, and the server judges it. Somebody who has signed in, and
    anybody, call with the gateway's key for people: the former acting for themselves, and nothing
    but what a person may do; the latter nothing but what is public.

    Args:
        people_key: The gateway's key for people; None where it has none, and nobody signs in.
    """

    def __init__(
        self,
        *,
        people_key: str | None,
        access: MethodAccess,
        sessions: Sessions,
        tokens: CsrfTokens,
        origins: Origins,
    ) -> None:
        self._people: Metadata = ((AUTHORIZATION, f"Bearer {people_key}"),) if people_key else ()
        self._access = access
        self._sessions = sessions
        self._tokens = tokens
        self._origins = origins

    async def metadata(self, connection: HTTPConnection, method: Method) -> Metadata:
        """Returns what tells the server who calls.

        Raises:
            Problem: CREDENTIALS_MISSING, CREDENTIALS_EXPIRED, SCOPE_MISSING, ORIGIN_FOREIGN,
                CSRF_TOKEN_INVALID, or the server cannot say what the method is open to.
        """
        if AUTHORIZATION in connection.headers or ACTING_FOR in connection.headers:
            return _own(connection)
        access = await self._access.of(method.path)
        if access is Access.PUBLIC and ECONOMY in connection.headers:
            # It may be another one than the gateway's key belongs to.
            return ((ECONOMY, header(connection.headers[ECONOMY])),)
        session, ended = await self.session(connection)
        if session is not None:
            return self._for_person(session, access, method)
        if access is Access.PUBLIC:
            return self._people
        if ended:
            raise Problem(
                HTTPStatus.UNAUTHORIZED, CREDENTIALS_EXPIRED, "the session is over; sign in again"
            )
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            CREDENTIALS_MISSING,
            f"{method.full_name} needs a session, or `Authorization: Bearer {{API key}}`",
        )

    async def session(self, connection: HTTPConnection) -> tuple[Session | None, bool]:
        """Returns the session that a request may use, and whether it had one that is over.

        Raises:
            Problem: ORIGIN_FOREIGN, CSRF_TOKEN_INVALID; the memory of ended sessions is away.
        """
        try:
            session = await self._sessions.read(connection)
        except SessionExpiredError:
            return None, True
        except MemoryUnavailableError as error:
            raise unavailable() from error
        if session is None:
            return None, False
        if self._origins.is_foreign(connection):
            if connection.scope.get("method", "GET") in SAFE_METHODS:
                # A page of others': it sees what anybody sees.
                return None, False
            raise foreign()
        self._guard_token(connection, session)
        return session, False

    def _guard_token(self, connection: HTTPConnection, session: Session) -> None:
        if connection.scope.get("method", "GET") in SAFE_METHODS:
            return
        if not self._tokens.fits(connection, session):
            raise Problem(
                HTTPStatus.FORBIDDEN,
                CSRF_TOKEN_INVALID,
                f"a call that changes something needs `{HEADER}`, from /api/v1/auth/me",
            )

    def _for_person(self, session: Session, access: Access, method: Method) -> Metadata:
        if access is Access.APPLICATIONS:
            raise Problem(
                HTTPStatus.FORBIDDEN,
                SCOPE_MISSING,
                f"{method.full_name} is for applications, not for people",
                metadata={"scope": "none"},
            )
        return (*self._people, (ACTING_FOR, session.person_id))


def _own(connection: HTTPConnection) -> Metadata:
    """Passes on what an application shows; its cookies do not matter."""
    metadata = []
    for name in (AUTHORIZATION, ACTING_FOR):
        values = connection.headers.getlist(name)
        if len(values) > 1:
            raise Problem(HTTPStatus.BAD_REQUEST, REQUEST_MALFORMED, f"{name} is there twice")
        if values:
            metadata.append((name, header(values[0])))
    if metadata[0][0] != AUTHORIZATION:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            CREDENTIALS_MISSING,
            f"{ACTING_FOR} needs `Authorization: Bearer {{API key}}`",
        )
    if not metadata[0][1].startswith("Bearer "):
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            CREDENTIALS_INVALID,
            "the authorization is not `Bearer` and an API key",
        )
    return tuple(metadata)


def foreign() -> Problem:
    """Makes the refusal of a request that another site's page has made."""
    return Problem(
        HTTPStatus.FORBIDDEN, ORIGIN_FOREIGN, "another site's page may not act for people here"
    )


def unavailable() -> Problem:
    """Makes the refusal where what must be remembered cannot be asked for."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        SERVER_UNAVAILABLE,
        "sessions cannot be checked at the moment",
        retry_after_seconds=1.0,
    )
