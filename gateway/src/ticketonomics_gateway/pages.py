"""The gateway's own pages: whether it lives, what it counts, and how to use it."""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from pathlib import Path
from time import monotonic

import grpc
import grpc.aio
from fastapi import FastAPI
from grpc_health.v1 import health_pb2, health_pb2_grpc
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from ticketonomics_gateway import __version__
from ticketonomics_gateway.comments import read_comments
from ticketonomics_gateway.contracts import Method, descriptor_sets
from ticketonomics_gateway.openapi import make_document
from ticketonomics_gateway.problems import SERVER_UNAVAILABLE, Problem
from ticketonomics_gateway.routes import not_found
from ticketonomics_gateway.settings import Settings, split

_HEALTH_SECONDS = 2.0
# So often the server is asked at most, however many ask us.
_HEALTH_KEPT_SECONDS = 0.5

_REFERENCE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ticketonomics · API reference</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="reference"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/reference.js"></script>
</body>
</html>
"""
# A file of its own: the pages' policy lets no script stand in a page.
_SCRIPT = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
"""


class Pages:
    """Adds the pages to FastAPI's routes.

    Args:
        web: Has the routes; those that it has when the document is first asked for are in it.
    """

    def __init__(self, settings: Settings, methods: Sequence[Method], web: FastAPI) -> None:
        self._methods = methods
        self._web = web
        self._readers = [ip_network(one) for one in split(settings.metrics_readers)]
        self._behind_proxies = bool(settings.trusted_proxies)
        self._health: _Health | None = None
        for path, page in (
            ("/healthz", self.alive),
            ("/readyz", self.ready),
            ("/metrics", self.metrics),
            ("/openapi.json", self.openapi),
            ("/docs", self.reference),
            ("/docs/reference.js", self.script),
        ):
            web.add_api_route(path, page, include_in_schema=False, response_class=Response)
        web.mount("/docs/assets", StaticFiles(directory=_assets()))

    def watch(self, channel: grpc.aio.Channel) -> None:
        """Tells whose health `/readyz` is about."""
        self._health = _Health(channel)

    async def alive(self) -> Response:
        """Answers as long as the process does."""
        return _text("alive")

    async def ready(self) -> Response:
        """Answers 200 while the ledger's server serves, and 503 otherwise."""
        if self._health is None or not await self._health.serving():
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                SERVER_UNAVAILABLE,
                "the ledger cannot be reached at the moment",
                retry_after_seconds=1.0,
            )
        return _text("ready")

    async def metrics(self, request: Request) -> Response:
        """Tells what is counted to those who may know."""
        if not self._may_read(request):
            raise not_found()
        return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})

    async def openapi(self, request: Request) -> Response:
        """Gives the OpenAPI document."""
        plain, packed, tag = self._document
        headers = {
            "content-type": "application/json",
            "cache-control": "no-cache",
            "etag": tag,
            "vary": "accept-encoding",
        }
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(plain, headers=headers)
        return Response(packed, headers={**headers, "content-encoding": "gzip"})

    async def reference(self) -> Response:
        """Shows the document to people."""
        return Response(_REFERENCE, media_type="text/html")

    async def script(self) -> Response:
        """Starts the page above."""
        return Response(_SCRIPT, media_type="text/javascript")

    def _may_read(self, request: Request) -> bool:
        if not self._behind_proxies and "x-forwarded-for" in request.headers:
            # Some proxy that nobody told us of; the address is its own.
            return False
        try:
            address = ip_address(request.client.host if request.client else "")
        except ValueError:
            return False
        return any(address in network for network in self._readers)

    @cached_property
    def _document(self) -> tuple[bytes, bytes, str]:
        comments = read_comments(descriptor_sets())
        document = make_document(self._methods, comments, self._web, version=__version__)
        plain = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        tag = f'"{sha256(plain).hexdigest()[:32]}"'
        return plain, gzip.compress(plain, mtime=0), tag


class _Health:
    """Whether the ledger's server serves, as it says itself."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = health_pb2_grpc.HealthStub(channel)
        self._asked = -_HEALTH_KEPT_SECONDS
        self._serving = False

    async def serving(self) -> bool:
        if monotonic() - self._asked >= _HEALTH_KEPT_SECONDS:
            self._serving = await self._ask()
            self._asked = monotonic()
        return self._serving

    async def _ask(self) -> bool:
        request = health_pb2.HealthCheckRequest()
        try:
            answer = await self._stub.Check(request, timeout=_HEALTH_SECONDS)
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _assets() -> Path:
    """Finds Swagger UI's files in the package that ships them; its code, Flask's, is not used."""
    spec = importlib.util.find_spec("flask_swagger_ui")
    assert spec is not None and spec.origin is not None, "it is among the dependencies"
    return Path(spec.origin).parent / "dist"


def _text(text: str) -> Response:
    return Response(f"{text}\n", media_type="text/plain", headers={"cache-control": "no-store"})
