"""Calls about webhooks: where an application wants to be told of transactions."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from ticketonomics.webhooks.v1.webhook_pb2 import DeadLetter, TransactionFilter, Webhook
from ticketonomics.webhooks.v1.webhook_service_pb2 import (
    CreateWebhookRequest,
    CreateWebhookResponse,
    DeleteWebhookRequest,
    GetWebhookRequest,
    ListDeadLettersRequest,
    ListWebhooksRequest,
    PauseWebhookRequest,
    ReplayWebhookRequest,
    ResumeWebhookRequest,
    RetryDeadLettersRequest,
    RotateWebhookSecretRequest,
    RotateWebhookSecretResponse,
    SendTestEventRequest,
    SendTestEventResponse,
    UpdateWebhookRequest,
)

from ticketonomics_client.calling import Caller
from ticketonomics_client.errors import SecretLostError
from ticketonomics_client.identifiers import new_id


class WebhookCalls(Caller):
    """Webhooks of the calling application; of any with the scope `identity.applications`.

    What a webhook sends is checked by `verify_webhook`.
    """

    async def create_webhook(
        self,
        url: str,
        *,
        filter: TransactionFilter | None = None,  # noqa: A002 - the contract's name.
        after_sequence: int | None = None,
        application_id: str = "",
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> CreateWebhookResponse:
        """Makes a webhook. Its secret is in this answer and nowhere else.

        Args:
            url: `https://…`, which leads to a public address. It is in the ledger for good.
            filter: Which transactions; None means all.
            after_sequence: Behind which entry to begin; 0 for the very first, None for now.
            application_id: Whose; empty means the calling application.
            request_id: A new UUID when not given.
            timeout_seconds: For all attempts together.

        Raises:
            SecretLostError: The webhook was made, but an earlier answer had its secret.
        """
        request = CreateWebhookRequest(
            request_id=request_id or new_id(),
            application_id=application_id,
            url=url,
            filter=filter,
            after_sequence=after_sequence,
        )
        answer = await self.call(
            self.webhook_calls.CreateWebhook, request, timeout_seconds=timeout_seconds
        )
        _guard_secret(answer, request.request_id)
        return answer

    async def update_webhook(
        self,
        webhook_id: str,
        *,
        url: str,
        filter: TransactionFilter | None = None,  # noqa: A002 - the contract's name.
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Webhook:
        """Replaces a webhook's URL and filter, both; no filter means all transactions."""
        request = UpdateWebhookRequest(
            request_id=request_id or new_id(), webhook_id=webhook_id, url=url, filter=filter
        )
        return (
            await self.call(
                self.webhook_calls.UpdateWebhook, request, timeout_seconds=timeout_seconds
            )
        ).webhook

    async def pause_webhook(
        self,
        webhook_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Webhook:
        """Lets a webhook rest; what happens meanwhile is sent when it goes on."""
        request = PauseWebhookRequest(request_id=request_id or new_id(), webhook_id=webhook_id)
        return (
            await self.call(
                self.webhook_calls.PauseWebhook, request, timeout_seconds=timeout_seconds
            )
        ).webhook

    async def resume_webhook(
        self,
        webhook_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Webhook:
        """Lets a webhook go on that was paused, or that the server has disabled."""
        request = ResumeWebhookRequest(request_id=request_id or new_id(), webhook_id=webhook_id)
        return (
            await self.call(
                self.webhook_calls.ResumeWebhook, request, timeout_seconds=timeout_seconds
            )
        ).webhook

    async def rotate_webhook_secret(
        self,
        webhook_id: str,
        *,
        overlap: timedelta = timedelta(hours=24),
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> RotateWebhookSecretResponse:
        """Makes a new secret; events are signed with the old one, too, for the overlap.

        The secret is in this answer and nowhere else.

        Raises:
            SecretLostError: The secret was made, but an earlier answer had it.
        """
        duration = Duration()
        duration.FromTimedelta(overlap)
        request = RotateWebhookSecretRequest(
            request_id=request_id or new_id(), webhook_id=webhook_id, overlap=duration
        )
        answer = await self.call(
            self.webhook_calls.RotateWebhookSecret, request, timeout_seconds=timeout_seconds
        )
        _guard_secret(answer, request.request_id)
        return answer

    async def replay_webhook(
        self,
        webhook_id: str,
        *,
        after_sequence: int,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Webhook:
        """Sends everything behind an entry again, with the same event ids."""
        request = ReplayWebhookRequest(
            request_id=request_id or new_id(), webhook_id=webhook_id, after_sequence=after_sequence
        )
        return (
            await self.call(
                self.webhook_calls.ReplayWebhook, request, timeout_seconds=timeout_seconds
            )
        ).webhook

    async def delete_webhook(
        self,
        webhook_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> int:
        """Ends a webhook for good. Returns the newest entry that the answer saw."""
        request = DeleteWebhookRequest(request_id=request_id or new_id(), webhook_id=webhook_id)
        return (
            await self.call(
                self.webhook_calls.DeleteWebhook, request, timeout_seconds=timeout_seconds
            )
        ).last_sequence

    async def webhook(self, webhook_id: str, *, minimum_sequence: int = 0) -> Webhook:
        """Reads one webhook, and how far its deliveries are."""
        request = GetWebhookRequest(webhook_id=webhook_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.webhook_calls.GetWebhook, request)).webhook

    async def webhooks(
        self, *, application_id: str = "", page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Webhook]:
        """Yields an application's webhooks, by default the caller's, in order of creation."""
        request = ListWebhooksRequest(
            application_id=application_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.webhook_calls.ListWebhooks, request):
            for webhook in page.webhooks:
                yield webhook

    async def send_test_event(
        self, webhook_id: str, *, timeout_seconds: float | None = None
    ) -> SendTestEventResponse:
        """Sends an event of type `webhook.test` once, now, and tells what became of it."""
        request = SendTestEventRequest(webhook_id=webhook_id)
        return await self.call(
            self.webhook_calls.SendTestEvent, request, timeout_seconds=timeout_seconds
        )

    async def dead_letters(
        self, webhook_id: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[DeadLetter]:
        """Yields events that could not be delivered, oldest first."""
        request = ListDeadLettersRequest(
            webhook_id=webhook_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.webhook_calls.ListDeadLetters, request):
            for dead_letter in page.dead_letters:
                yield dead_letter

    async def retry_dead_letters(
        self,
        webhook_id: str,
        sequences: Sequence[int] = (),
        *,
        timeout_seconds: float | None = None,
    ) -> int:
        """Tries dead letters anew: those of these entries, all or none; without any, all there are.

        Returns how many.
        """
        request = RetryDeadLettersRequest(webhook_id=webhook_id, sequences=sequences)
        return (
            await self.call(
                self.webhook_calls.RetryDeadLetters, request, timeout_seconds=timeout_seconds
            )
        ).retried_count


def _guard_secret(
    answer: CreateWebhookResponse | RotateWebhookSecretResponse, request_id: str
) -> None:
    if not answer.secret:
        webhook = answer.webhook.webhook_id
        raise SecretLostError(
            f"the secret of the webhook {webhook} had been made by an earlier attempt, whose "
            "answer had it: rotate it",
            metadata={"webhook_id": webhook},
            request_id=request_id,
        )
