"""`/api/v1/app`: what the web app must know before it knows who is there."""

from time import monotonic

import grpc.aio
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response
from ticketonomics.identity.v1.identity_service_pb2 import WhoAmIRequest
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from ticketonomics.parameters.v1.parameter_service_pb2 import ListParametersRequest
from ticketonomics.parameters.v1.parameter_service_pb2_grpc import ParameterServiceStub

from ticketonomics_gateway.auth_openapi import APP, add
from ticketonomics_gateway.calling import Metadata
from ticketonomics_gateway.problems import from_rpc_error

AREA = "faces"
MAINTENANCE = "faces.maintenance"
_FRESH_SECONDS = 2.0
_TIMEOUT_SECONDS = 5.0


class AppRoutes:
    """Tells the web app what this gateway is.

    Args:
        metadata: What tells the server who asks; empty for anybody.
        bot_username: Empty where there is no bot.
        dev_login: Whether there is a login for developers.
    """

    def __init__(
        self,
        channel: grpc.aio.Channel,
        metadata: Metadata,
        *,
        bot_username: str,
        dev_login: bool,
    ) -> None:
        self._identity = IdentityServiceStub(channel)
        self._parameters = ParameterServiceStub(channel)
        self._metadata = metadata
        self._fixed = {"botUsername": bot_username, "devLogin": dev_login}
        self._economy = ""
        self._maintenance = False
        self._read_at = -_FRESH_SECONDS

    def add_to(self, router: APIRouter) -> None:
        """Adds the routes."""
        add(router, "/api/v1/app", self.tell, "GET", APP, tag="App")

    async def tell(self) -> Response:
        """Tells what the web app must know before it knows who is there."""
        # Asked of the server once in a while, however many pages are opened.
        if monotonic() - self._read_at >= _FRESH_SECONDS:
            await self._read()
        content = {"economy": self._economy, **self._fixed, "maintenance": self._maintenance}
        return JSONResponse(content, headers={"cache-control": "no-store"})

    async def _read(self) -> None:
        try:
            if self._metadata and not self._economy:
                who = await self._identity.WhoAmI(
                    WhoAmIRequest(), metadata=self._metadata, timeout=_TIMEOUT_SECONDS
                )
                self._economy = who.economy
            found = await self._parameters.ListParameters(
                ListParametersRequest(area=AREA),
                metadata=self._metadata,
                timeout=_TIMEOUT_SECONDS,
            )
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error
        self._maintenance = any(
            parameter.value.boolean
            for parameter in found.parameters
            if parameter.name == MAINTENANCE
        )
        self._read_at = monotonic()
