"""`WebhookService`: each method decodes, calls, encodes, and does nothing else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from ticketonomics.webhooks.v1 import webhook_service_pb2 as rpc
from ticketonomics.webhooks.v1.webhook_service_pb2_grpc import WebhookServiceServicer

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.fields import set_time
from ticketonomics_server.rpc.paging import next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.rpc.submitting import Done
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading, translated_failures
from ticketonomics_server.webhooks import decode, encode, queries
from ticketonomics_server.webhooks.decide import guard_application, guard_by_itself
from ticketonomics_server.webhooks.model import PauseWebhook, ResumeWebhook
from ticketonomics_server.webhooks.posting import Poster
from ticketonomics_server.webhooks.progress import requeue
from ticketonomics_server.webhooks.queries import FoundWebhook
from ticketonomics_server.webhooks.sealing import Sealer

# What of a call's time is left for the answer.
_MARGIN_SECONDS = 0.5


class WebhookServicer(Servicing, WebhookServiceServicer):
    """Where applications want to be told of transactions.

    Args:
        check_url: Raises ValueError where a URL may not be sent to.
        changed: Called when there is something new for deliveries.
    """

    def __init__(
        self,
        economies: Economies,
        database: Database,
        *,
        poster: Poster,
        sealer: Sealer,
        check_url: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        super().__init__(economies, database)
        self._poster = poster
        self._sealer = sealer
        self._check_url = check_url
        self._changed = changed

    # --- changes ------------------------------------------------------------------------------

    async def CreateWebhook(
        self, request: rpc.CreateWebhookRequest, context: Context
    ) -> rpc.CreateWebhookResponse:
        call = current_call()
        command = decode.decode_create_webhook(call.caller, request, self._check_url)
        guard_application(call.caller, command.application_id)
        secret = await self._sealer.draw()
        command = replace(command, sealed_secret=secret.sealed)
        done = await self._submit(call, context, command)
        self._changed()
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_created_webhook(
                snapshot, command.application_id, done.sequence
            )
        return rpc.CreateWebhookResponse(
            webhook=encode.encode_webhook(found),
            secret="" if done.replayed else secret.text,
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def UpdateWebhook(
        self, request: rpc.UpdateWebhookRequest, context: Context
    ) -> rpc.UpdateWebhookResponse:
        call = current_call()
        command = decode.decode_update_webhook(call.caller, request, self._check_url)
        done = await self._submit(call, context, command)
        return rpc.UpdateWebhookResponse(**await self._changed_fields(call, done, command))

    async def PauseWebhook(
        self, request: rpc.PauseWebhookRequest, context: Context
    ) -> rpc.PauseWebhookResponse:
        call = current_call()
        command = decode.decode_manage_webhook(PauseWebhook, call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.PauseWebhookResponse(**await self._changed_fields(call, done, command))

    async def ResumeWebhook(
        self, request: rpc.ResumeWebhookRequest, context: Context
    ) -> rpc.ResumeWebhookResponse:
        call = current_call()
        command = decode.decode_manage_webhook(ResumeWebhook, call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.ResumeWebhookResponse(**await self._changed_fields(call, done, command))

    async def RotateWebhookSecret(
        self, request: rpc.RotateWebhookSecretRequest, context: Context
    ) -> rpc.RotateWebhookSecretResponse:
        call = current_call()
        command = decode.decode_rotate_webhook_secret(call.caller, request)
        guard_by_itself(call.caller)
        secret = await self._sealer.draw()
        command = replace(command, sealed_secret=secret.sealed)
        done = await self._submit(call, context, command)
        return rpc.RotateWebhookSecretResponse(
            secret="" if done.replayed else secret.text,
            **await self._changed_fields(call, done, command),
        )

    async def ReplayWebhook(
        self, request: rpc.ReplayWebhookRequest, context: Context
    ) -> rpc.ReplayWebhookResponse:
        call = current_call()
        command = decode.decode_replay_webhook(call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.ReplayWebhookResponse(**await self._changed_fields(call, done, command))

    async def DeleteWebhook(
        self, request: rpc.DeleteWebhookRequest, context: Context
    ) -> rpc.DeleteWebhookResponse:
        call = current_call()
        webhook_id = decode.check_webhook_id(request.webhook_id)
        async with reading(self._database, call.economy_id) as snapshot:
            owner = await queries.find_owner(snapshot, webhook_id)
        # A replay finds the webhook gone, and must be answered all the same.
        command = decode.decode_delete_webhook(
            call.caller, request, owner or call.caller.application_id
        )
        done = await self._submit(call, context, command)
        self._changed()
        return rpc.DeleteWebhookResponse(replayed=done.replayed, last_sequence=done.last_sequence)

    async def _changed_fields(self, call: Call, done: Done, command: Any) -> dict[str, Any]:
        self._changed()
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_webhook(snapshot, command.webhook_id)
        return {
            "webhook": encode.encode_webhook(found),
            "replayed": done.replayed,
            "last_sequence": snapshot.last_sequence,
        }

    # --- reads --------------------------------------------------------------------------------

    async def GetWebhook(
        self, request: rpc.GetWebhookRequest, context: Context
    ) -> rpc.GetWebhookResponse:
        call = current_call()
        async with self._reading(call, request) as snapshot:
            found = await _find_own(call.caller, snapshot, request.webhook_id)
        return rpc.GetWebhookResponse(
            webhook=encode.encode_webhook(found), last_sequence=snapshot.last_sequence
        )

    async def ListWebhooks(
        self, request: rpc.ListWebhooksRequest, context: Context
    ) -> rpc.ListWebhooksResponse:
        call, size = current_call(), page_size(request)
        (after,) = read_token(request, int) or (0,)
        application_id = decode.decode_application(call.caller, request.application_id)
        guard_application(call.caller, application_id)
        async with self._reading(call, request) as snapshot:
            found = await queries.list_webhooks(
                snapshot, application_id, after=after, limit=size + 1
            )
        return rpc.ListWebhooksResponse(
            webhooks=[encode.encode_webhook(row) for row in found[:size]],
            next_page_token=next_token(request, found, size, "webhook.create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    # --- deliveries ---------------------------------------------------------------------------

    async def SendTestEvent(
        self, request: rpc.SendTestEventRequest, context: Context
    ) -> rpc.SendTestEventResponse:
        call = current_call()
        async with reading(self._database, call.economy_id) as snapshot:
            found = await _find_own(call.caller, snapshot, request.webhook_id)
        now, identifier = datetime.now(UTC), f"evt_test_{uuid4().hex}"
        webhook = found.webhook
        event = encode.trial_event(call.economy, webhook.webhook_id, identifier, now)
        left = context.time_remaining()
        outcome = await self._poster.post(
            webhook,
            identifier,
            encode.encode_body(event),
            timeout_seconds=None if left is None else max(0.1, left - _MARGIN_SECONDS),
        )
        response = rpc.SendTestEventResponse(
            delivered=outcome.delivered, status=outcome.status, failure=outcome.failure
        )
        set_time(response.send_time, now)
        response.duration.FromTimedelta(timedelta(seconds=outcome.seconds))
        return response

    async def ListDeadLetters(
        self, request: rpc.ListDeadLettersRequest, context: Context
    ) -> rpc.ListDeadLettersResponse:
        call, size = current_call(), page_size(request)
        (after,) = read_token(request, int) or (0,)
        async with self._reading(call, request) as snapshot:
            webhook = (await _find_own(call.caller, snapshot, request.webhook_id)).webhook
            found = await queries.list_dead_letters(
                snapshot, webhook.webhook_id, after=after, limit=size + 1
            )
        return rpc.ListDeadLettersResponse(
            dead_letters=[
                encode.encode_dead_letter(webhook.webhook_id, row) for row in found[:size]
            ],
            next_page_token=next_token(request, found, size, "event_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def RetryDeadLetters(
        self, request: rpc.RetryDeadLettersRequest, context: Context
    ) -> rpc.RetryDeadLettersResponse:
        call = current_call()
        decode.check_webhook_id(request.webhook_id)
        sequences = decode.decode_sequences(request.sequences)
        async with reading(self._database, call.economy_id) as snapshot:
            await _find_own(call.caller, snapshot, request.webhook_id)
        with translated_failures():
            async with self._database.connected() as connection:
                count = await requeue(connection, call.economy_id, request.webhook_id, sequences)
        self._changed()
        return rpc.RetryDeadLettersResponse(retried_count=count)


async def _find_own(caller: Caller, snapshot: Snapshot, webhook_id: str) -> FoundWebhook:
    """Finds a webhook that the caller may manage.

    Guards: INVALID_FIELD, APPLICATION_ONLY, WEBHOOK_NOT_FOUND, SCOPE_MISSING.
    """
    decode.check_webhook_id(webhook_id)
    guard_by_itself(caller)
    found = await queries.find_webhook(snapshot, webhook_id)
    guard_application(caller, found.webhook.application_id)
    return found
