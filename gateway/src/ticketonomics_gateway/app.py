"""The composition root: what the gateway is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ticketonomics_gateway.calling import Calls
from ticketonomics_gateway.channel import open_channel
from ticketonomics_gateway.contracts import PREFIX, Method, discover
from ticketonomics_gateway.faces import open_faces
from ticketonomics_gateway.keyring import read_keyring
from ticketonomics_gateway.limits import RateLimits
from ticketonomics_gateway.observing import REQUEST_ID, Observing
from ticketonomics_gateway.pages import Pages
from ticketonomics_gateway.places import Places
from ticketonomics_gateway.problems import (
    INTERNAL,
    METHOD_NOT_ALLOWED,
    REQUEST_MALFORMED,
    Problem,
    Violation,
    invalid_field,
)
from ticketonomics_gateway.rest import Rest
from ticketonomics_gateway.routes import Routes, not_found
from ticketonomics_gateway.security_headers import SecurityHeaders
from ticketonomics_gateway.settings import Settings, split
from ticketonomics_gateway.static import WebApp

_FAULT = 500
_FAREWELL_SECONDS = 3.0


class Gateway:
    """An ASGI application: the contracts' methods first, then everything else by FastAPI.

    Attributes:
        methods: Those of the contracts.
        web: Routes of the gateway's own.
    """

    def __init__(self, settings: Settings, methods: Sequence[Method] | None = None) -> None:
        self.settings = settings
        self.methods = tuple(discover() if methods is None else methods)
        self._keyring = read_keyring(settings)
        self._draining = asyncio.Event()
        self._places: Places | None = None
        self.web = FastAPI(lifespan=self._lifespan, openapi_url=None, docs_url=None, redoc_url=None)
        self._routes = Routes(self.methods)
        self._limits = RateLimits(settings)
        self._rest: Rest | None = None
        self._pages = Pages(settings, self.methods, self.web)
        _answer_problems(self.web)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or raises the Problem that is the answer."""
        if scope["type"] == "lifespan" or not scope["path"].startswith(PREFIX + "/"):
            await self.web(scope, receive, send)
            return
        scope["state"]["headers"] += self._limits.spend(scope)
        try:
            match = self._routes.find(scope.get("method", "GET"), _path(scope))
            if match is None:
                await self.web(scope, receive, send)
                return
            scope["state"]["called"] = match.method.full_name
            assert self._rest is not None, "requests come within the lifespan"
            await self._rest(scope, receive, send, match)
        except Problem as problem:
            if problem.status == HTTPStatus.UNAUTHORIZED:
                self._limits.spend_bad_key(scope)
            raise

    async def drain(self) -> None:
        """Ends all streams, and waits a little until their readers have been told so."""
        self._draining.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                if self._places is not None:
                    await self._places.until_empty()

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        async with (
            open_channel(self.settings) as channel,
            open_faces(
                self.settings,
                self._keyring,
                channel,
                draining=self._draining,
                trusted_origins=split(self.settings.cors_origins),
            ) as faces,
        ):
            calls = Calls(channel, faces.credentials, self.settings)
            self._rest = Rest(calls, self.settings, faces.streams)
            self._places = faces.places
            self._pages.watch(channel)
            self.web.include_router(faces.router)
            # Last: it has a page for every path.
            self.web.mount("/", WebApp(self.settings.web_folder))
            yield
            self._rest = None


def wrapped(gateway: Gateway) -> ASGIApp:
    """Puts around a gateway what every request goes through."""
    settings = gateway.settings
    app: ASGIApp = gateway
    origins = split(settings.cors_origins)
    if origins:
        # Never with cookies: other origins' pages call with keys of their own.
        app = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[REQUEST_ID.decode(), "retry-after", "ratelimit", "ratelimit-policy"],
        )
    app = SecurityHeaders(
        Observing(app, settings),
        telegram=settings.has_bot,
        framed=settings.session_same_site == "none",
    )
    if settings.trusted_proxies:
        app = ProxyHeadersMiddleware(app, trusted_hosts=split(settings.trusted_proxies))  # type: ignore[arg-type, assignment]
    return app


def _path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.decode("latin-1")


def _answer_problems(web: FastAPI) -> None:
    """Lets whatever FastAPI's routes refuse be problems, too."""

    @web.exception_handler(Problem)
    async def refuse(request: Request, problem: Problem) -> Response:
        request.state.reason = problem.reason
        return Response(
            problem.body(request.state.request_id),
            problem.status,
            headers={name.decode(): value.decode() for name, value in problem.all_headers()},
        )

    @web.exception_handler(HTTPException)
    async def refuse_by_code(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.NOT_FOUND:
            return await refuse(request, not_found())
        not_allowed = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        reason = METHOD_NOT_ALLOWED if not_allowed else REQUEST_MALFORMED
        headers = [(k.lower().encode(), v.encode()) for k, v in (error.headers or {}).items()]
        problem = Problem(error.status_code, reason, str(error.detail), headers=headers)
        return await refuse(request, problem)

    @web.exception_handler(RequestValidationError)
    async def refuse_fields(request: Request, error: RequestValidationError) -> Response:
        violations = [
            Violation(".".join(str(part) for part in one["loc"][1:]), str(one["msg"]))
            for one in error.errors()
        ]
        problem = invalid_field(violations[0].field, violations[0].description)
        problem.violations = tuple(violations)
        return await refuse(request, problem)

    @web.exception_handler(Exception)
    async def apologise(request: Request, _: Exception) -> Response:
        # Observing logs it: it is raised once more behind this answer.
        return await refuse(request, Problem(_FAULT, INTERNAL, "something went wrong here"))
