"""Calls about the programs that may call, and their keys."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from ticketonomics.identity.v1.application_pb2 import ApiKey, Application, RotationPolicy
from ticketonomics.identity.v1.identity_service_pb2 import (
    CreateApiKeyRequest,
    CreateApiKeyResponse,
    CreateApplicationRequest,
    GetApplicationRequest,
    ListApiKeysRequest,
    ListApplicationsRequest,
    RevokeApiKeyRequest,
    RotateApiKeyRequest,
    RotateApiKeyResponse,
    UpdateApplicationRequest,
    WhoAmIRequest,
    WhoAmIResponse,
)

from ticketonomics_client.calling import Caller
from ticketonomics_client.errors import SecretLostError
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.times import timestamp


class ApplicationCalls(Caller):
    """Applications, API keys, and who the caller is."""

    async def create_application(
        self,
        *,
        name: str,
        scopes: Sequence[str],
        rate_limit_rps: int = 0,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Application:
        """Creates an application; it can call once it has a key. A rate limit of 0 means 1,000."""
        request = CreateApplicationRequest(
            request_id=request_id or new_id(),
            name=name,
            scopes=scopes,
            rate_limit_rps=rate_limit_rps,
        )
        return (
            await self.call(
                self.identity.CreateApplication, request, timeout_seconds=timeout_seconds
            )
        ).application

    async def update_application(
        self,
        application_id: str,
        *,
        name: str,
        scopes: Sequence[str],
        rate_limit_rps: int = 0,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Application:
        """Replaces an application's name, scopes and rate limit, all three."""
        request = UpdateApplicationRequest(
            request_id=request_id or new_id(),
            application_id=application_id,
            name=name,
            scopes=scopes,
            rate_limit_rps=rate_limit_rps,
        )
        return (
            await self.call(
                self.identity.UpdateApplication, request, timeout_seconds=timeout_seconds
            )
        ).application

    async def application(self, application_id: str, *, minimum_sequence: int = 0) -> Application:
        """Reads one application."""
        request = GetApplicationRequest(
            application_id=application_id, minimum_sequence=minimum_sequence
        )
        return (await self.call(self.identity.GetApplication, request)).application

    async def applications(
        self, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Application]:
        """Yields applications in the order of their creation."""
        request = ListApplicationsRequest(page_size=page_size, minimum_sequence=minimum_sequence)
        async for page in self.pages(self.identity.ListApplications, request):
            for application in page.applications:
                yield application

    async def create_api_key(
        self,
        application_id: str,
        *,
        expire_time: datetime | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> CreateApiKeyResponse:
        """Makes a key. Its secret is in this answer and nowhere else.

        Raises:
            SecretLostError: The key was made, but an earlier answer had its secret.
        """
        request = CreateApiKeyRequest(
            request_id=request_id or new_id(),
            application_id=application_id,
            expire_time=timestamp(expire_time),
        )
        answer = await self.call(
            self.identity.CreateApiKey, request, timeout_seconds=timeout_seconds
        )
        _guard_secret(answer, request.request_id)
        return answer

    async def rotate_api_key(
        self,
        api_key_id: str,
        *,
        overlap: timedelta = timedelta(0),
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> RotateApiKeyResponse:
        """Makes a new key in place of an old one, which goes on working for the overlap.

        The secret is in this answer and nowhere else. Give the key that you call with an overlap:
        should the answer be lost, it is what lets you rotate again.

        Raises:
            SecretLostError: The new key was made, but an earlier answer had its secret.
        """
        duration = Duration()
        duration.FromTimedelta(overlap)
        request = RotateApiKeyRequest(
            request_id=request_id or new_id(),
            api_key_id=api_key_id,
            policy=RotationPolicy(overlap=duration),
        )
        answer = await self.call(
            self.identity.RotateApiKey, request, timeout_seconds=timeout_seconds
        )
        _guard_secret(answer, request.request_id)
        return answer

    async def revoke_api_key(
        self,
        api_key_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> ApiKey:
        """Ends a key, on every server within 2 s."""
        request = RevokeApiKeyRequest(request_id=request_id or new_id(), api_key_id=api_key_id)
        return (
            await self.call(self.identity.RevokeApiKey, request, timeout_seconds=timeout_seconds)
        ).api_key

    async def api_keys(
        self, application_id: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[ApiKey]:
        """Yields an application's keys in the order of their creation."""
        request = ListApiKeysRequest(
            application_id=application_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.identity.ListApiKeys, request):
            for api_key in page.api_keys:
                yield api_key

    async def who_am_i(self) -> WhoAmIResponse:
        """Tells who the caller is: economy, application, scopes, and the person acted for."""
        return await self.call(self.identity.WhoAmI, WhoAmIRequest())


def _guard_secret(answer: CreateApiKeyResponse | RotateApiKeyResponse, request_id: str) -> None:
    if not answer.secret:
        key = answer.api_key.api_key_id
        raise SecretLostError(
            f"the key {key} had been made by an earlier attempt, whose answer had its secret: "
            "revoke or rotate it",
            metadata={"api_key_id": key},
            request_id=request_id,
        )
