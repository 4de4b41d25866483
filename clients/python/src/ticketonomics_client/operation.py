"""Calls for those who run the deployment."""

from collections.abc import AsyncIterator

from ticketonomics.operator.v1.operator_service_pb2 import (
    GetStatusRequest,
    GetStatusResponse,
    ListMethodsRequest,
    Method,
)

from ticketonomics_client.calling import Caller


class OperationCalls(Caller):
    """How the server is doing, and what it offers."""

    async def status(self) -> GetStatusResponse:
        """Tells how this server and the caller's economy are doing."""
        return await self.call(self.operator.GetStatus, GetStatusRequest())

    async def methods(self, *, page_size: int = 0) -> AsyncIterator[Method]:
        """Yields every method of this server with the permission that it needs."""
        request = ListMethodsRequest(page_size=page_size)
        async for page in self.pages(self.operator.ListMethods, request):
            for method in page.methods:
                yield method
