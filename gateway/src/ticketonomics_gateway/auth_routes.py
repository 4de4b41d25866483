"""Routes below `/api/v1/auth`: signing in, who is signed in, signing out."""

import json
from collections.abc import Mapping, Set
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from ticketonomics.identity.v1.person_pb2 import Person

from ticketonomics_gateway.auth_openapi import CITIZENS, NOTHING, SESSION, SIGNED_IN, add, body
from ticketonomics_gateway.bodies import read_body
from ticketonomics_gateway.calling import tracing
from ticketonomics_gateway.credentials import GatewayCredentials, foreign
from ticketonomics_gateway.csrf import CsrfTokens
from ticketonomics_gateway.origins import Origins, is_local
from ticketonomics_gateway.people import People, is_simulated
from ticketonomics_gateway.problems import (
    CREDENTIALS_EXPIRED,
    CREDENTIALS_MISSING,
    PERSON_NOT_FOUND,
    Problem,
    invalid_field,
)
from ticketonomics_gateway.routes import not_found
from ticketonomics_gateway.sessions import Header, Session, Sessions
from ticketonomics_gateway.sign_in import TelegramSignIn
from ticketonomics_gateway.transcoding import encode

_AUTH = "/api/v1/auth"
_MAX_BODY_BYTES = 16 << 10
_BODY_SECONDS = 10.0
_NO_STORE = {"cache-control": "no-store"}
# They end a session: who is signed in is not, or no longer, somebody who may act.
_ENDING = frozenset({"PERSON_BLOCKED", "PERSON_MERGED", "PERSON_ERASED", PERSON_NOT_FOUND})


class AuthRoutes:
    """What browsers ask about sessions.

    Args:
        people: Who is there; None where the gateway has no keys for it, and nobody can sign in.
        telegram: Signs in by init data; None where no bot is configured.
        dev_login: Whether anybody on this machine may be a citizen of the simulator.
    """

    def __init__(
        self,
        *,
        people: People | None,
        telegram: TelegramSignIn | None,
        credentials: GatewayCredentials,
        sessions: Sessions,
        tokens: CsrfTokens,
        origins: Origins,
        dev_login: bool,
    ) -> None:
        self._people = people
        self._telegram = telegram
        self._credentials = credentials
        self._sessions = sessions
        self._tokens = tokens
        self._origins = origins
        self._dev_login = dev_login

    def add_to(self, router: APIRouter) -> None:
        """Adds the routes."""
        telegram = body("initData", optional=("referralCode",))
        add(router, f"{_AUTH}/telegram", self.sign_in, "POST", SIGNED_IN, extra=telegram)
        add(router, f"{_AUTH}/me", self.me, "GET", SESSION, signed_in=True)
        add(router, f"{_AUTH}/logout", self.log_out, "POST", NOTHING, signed_in=True)
        if self._dev_login:
            citizen = body("personId")
            add(router, f"{_AUTH}/dev", self.citizens, "GET", CITIZENS)
            add(router, f"{_AUTH}/dev", self.sign_in_as_citizen, "POST", SIGNED_IN, extra=citizen)

    async def sign_in(self, request: Request) -> Response:
        """Signs in by what Telegram gives to a Mini App's page, and begins a session."""
        self._guard_own(request)
        fields = await _read(request, {"initData"}, {"referralCode"})
        if self._telegram is None or self._people is None:
            raise not_found()
        person = await self._telegram.sign_in(fields["initData"], tracing(request.scope))
        return await self._begin(request, person.person_id, fields.get("referralCode", ""))

    async def me(self, request: Request) -> Response:
        """Tells who is signed in, and renews the session."""
        session, ended = await self._credentials.session(request)
        if session is None or self._people is None:
            raise self._nobody(request, ended=ended)
        person = await self._read_person(request, session.person_id)
        renewed = self._sessions.renew(session)
        cookie = None if renewed is session else self._sessions.keep(request, renewed)
        return self._answer(person, renewed, cookie)

    async def log_out(self, request: Request) -> Response:
        """Ends the session, wherever its cookie may have been copied to."""
        self._guard_own(request)
        session, _ = await self._credentials.session(request)
        if session is not None:
            await self._sessions.end(session)
        return _json({}, self._sessions.forget(request))

    async def citizens(self, request: Request) -> Response:
        """Lists the simulator's citizens, for a developer to be one of."""
        people = self._guard_dev(request)
        citizens = [
            {
                "personId": person.person_id,
                "displayName": person.display_name,
                "handle": person.handle,
            }
            for person in await people.simulated(tracing(request.scope))
        ]
        return _json({"citizens": citizens})

    async def sign_in_as_citizen(self, request: Request) -> Response:
        """Begins a session of one of the simulator's citizens."""
        people = self._guard_dev(request)
        self._guard_own(request)
        fields = await _read(request, {"personId"})
        person = await people.read(fields["personId"], tracing(request.scope))
        if not is_simulated(person):
            raise Problem(
                HTTPStatus.NOT_FOUND, PERSON_NOT_FOUND, "there is no such simulated citizen"
            )
        return await self._begin(request, person.person_id)

    async def _begin(self, request: Request, person_id: str, referral_code: str = "") -> Response:
        assert self._people is not None
        # Also the proof that the person may act: a blocked one is refused here.
        person = await self._people.read(person_id, tracing(request.scope))
        session = self._sessions.begin(person_id)
        answer = {}
        if referral_code:
            answer["referral"] = await self._people.redeem(
                person_id, referral_code, tracing(request.scope)
            )
        return self._answer(person, session, self._sessions.keep(request, session), answer)

    def _answer(
        self,
        person: Person,
        session: Session,
        cookie: Header | None,
        more: Mapping[str, object] | None = None,
    ) -> Response:
        content = {
            "person": json.loads(encode(person)),
            "expireTime": Timestamp(seconds=session.end_time).ToJsonString(),
            "csrfToken": self._tokens.make(session),
            **(more or {}),
        }
        return _json(content, cookie)

    async def _read_person(self, request: Request, person_id: str) -> Person:
        assert self._people is not None
        try:
            return await self._people.read(person_id, tracing(request.scope))
        except Problem as problem:
            if problem.reason in _ENDING:
                # Nothing is wrong with the request, but with who makes it.
                problem.status = HTTPStatus.FORBIDDEN
                problem.headers = (*problem.headers, self._sessions.forget(request))
            raise

    def _nobody(self, request: Request, *, ended: bool) -> Problem:
        if not ended:
            return Problem(HTTPStatus.UNAUTHORIZED, CREDENTIALS_MISSING, "nobody is signed in")
        return Problem(
            HTTPStatus.UNAUTHORIZED,
            CREDENTIALS_EXPIRED,
            "the session is over; sign in again",
            headers=[self._sessions.forget(request)],
        )

    def _guard_own(self, request: Request) -> None:
        """Keeps others' pages from signing somebody in as somebody else, or out."""
        if self._origins.is_foreign(request):
            raise foreign()

    def _guard_dev(self, request: Request) -> People:
        """Hides the login of developers from everybody but them."""
        if not self._dev_login or self._people is None or not is_local(request):
            raise not_found()
        return self._people


async def _read(
    request: Request, needed: Set[str], optional: Set[str] = frozenset()
) -> dict[str, str]:
    """Reads a JSON object of texts, and nothing else."""
    body = await read_body(
        request.scope, request.receive, most_bytes=_MAX_BODY_BYTES, seconds=_BODY_SECONDS
    )
    try:
        fields: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise invalid_field("", "the body is no JSON") from None
    if not isinstance(fields, dict):
        raise invalid_field("", "the body is no JSON object")
    for name, value in fields.items():
        if name not in needed | optional:
            raise invalid_field(name, "is unknown")
        if not isinstance(value, str):
            raise invalid_field(name, "is no text")
    for name in needed:
        if not fields.get(name):
            raise invalid_field(name, "is missing")
    return fields


def _json(content: object, cookie: Header | None = None) -> Response:
    response = JSONResponse(content, headers=_NO_STORE)
    if cookie is not None:
        response.raw_headers.append(cookie)
    return response
