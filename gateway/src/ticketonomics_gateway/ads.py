"""Callbacks of ad networks: somebody watched an ad to its end, and the network signs that.

What was signed is passed on byte by byte: the ledger checks it, and pays once.
"""

from http import HTTPStatus
from uuid import uuid4

import grpc.aio
import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from ticketonomics.rewards.v1.rewards_service_pb2 import CompleteAdViewRequest
from ticketonomics.rewards.v1.rewards_service_pb2_grpc import RewardsServiceStub

from ticketonomics_gateway.auth_openapi import add
from ticketonomics_gateway.bodies import read_body
from ticketonomics_gateway.calling import tracing
from ticketonomics_gateway.credentials import AUTHORIZATION
from ticketonomics_gateway.problems import (
    CREDENTIALS_EXPIRED,
    CREDENTIALS_INVALID,
    CREDENTIALS_MISSING,
    RATE_LIMITED,
    SCOPE_MISSING,
    SERVER_UNAVAILABLE,
    Problem,
    from_rpc_error,
)
from ticketonomics_gateway.routes import not_found

PATH = "/api/v1/rewards/callbacks/{network_id}"
SIGNATURE_HEADER = "x-signature"
KEY_HEADER = "x-key-id"
ANSWER = {
    "type": "object",
    "properties": {"replayed": {"type": "boolean"}},
    "required": ["replayed"],
}
# The contract's bound on `content`.
_MAX_BYTES = 8_192
_BODY_SECONDS = 10.0
_TIMEOUT_SECONDS = 10.0
_RETRY_SECONDS = 30.0
_REPLAYED = "AD_VIEW_REPLAYED"
# Nothing is wrong with the callback: this gateway cannot pass it on, now or as it is set up.
_OURS = frozenset(
    {CREDENTIALS_EXPIRED, CREDENTIALS_INVALID, CREDENTIALS_MISSING, SCOPE_MISSING, RATE_LIMITED}
)

log = structlog.get_logger(__name__)


class AdCallbacks:
    """Passes on what ad networks call back.

    Args:
        people_key: The gateway's key for people, with `rewards.report`; None passes on nothing.
    """

    def __init__(self, channel: grpc.aio.Channel, people_key: str | None) -> None:
        self._stub = RewardsServiceStub(channel)
        self._people_key = people_key

    def add_to(self, router: APIRouter) -> None:
        """Adds the routes."""
        for method in ("GET", "POST"):
            add(router, PATH, self.complete, method, ANSWER, tag="AdCallbacks")

    async def complete(self, request: Request, network_id: str) -> Response:
        """Takes an ad network's callback: 200 it is done, 4xx never again, 5xx try again later."""
        if self._people_key is None:
            raise not_found()
        message = CompleteAdViewRequest(
            request_id=str(uuid4()),
            network_id=network_id,
            content=await _content(request),
            signature=request.headers.get(SIGNATURE_HEADER, "").removeprefix("sha256="),
            key_id=request.headers.get(KEY_HEADER, ""),
        )
        metadata = ((AUTHORIZATION, f"Bearer {self._people_key}"), *tracing(request.scope))
        try:
            await self._stub.CompleteAdView(message, metadata=metadata, timeout=_TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            problem = from_rpc_error(error)
            if problem.reason == _REPLAYED:
                return JSONResponse({"replayed": True})
            if problem.reason in _OURS:
                log.warning("an ad callback could not be passed on", reason=problem.reason)
                raise _again() from error
            raise problem from error
        return JSONResponse({"replayed": False})


async def _content(request: Request) -> bytes:
    """Returns what was signed: the query as it was sent, or the body."""
    if request.method != "POST":
        query: bytes = request.scope["query_string"]
        return query
    return await read_body(
        request.scope,
        request.receive,
        most_bytes=_MAX_BYTES,
        seconds=_BODY_SECONDS,
        json_only=False,
    )


def _again() -> Problem:
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        SERVER_UNAVAILABLE,
        "this gateway cannot take callbacks at the moment",
        retry_after_seconds=_RETRY_SECONDS,
    )
