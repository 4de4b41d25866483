"""`IdentityService`: each method decodes, calls, encodes, and does nothing else."""

from typing import Any

from ticketonomics.identity.v1 import identity_service_pb2 as rpc
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceServicer

from ticketonomics_server.identity import decode, encode, queries
from ticketonomics_server.identity.decide_applications import guard_own_application
from ticketonomics_server.identity.decode_people import check_people
from ticketonomics_server.identity.secret import NewSecret, draw_secret
from ticketonomics_server.identity.servicer_people import PeopleServicer
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.paging import next_token, page_size, read_token
from ticketonomics_server.rpc.submitting import Done
from ticketonomics_server.storage.reading import reading


class IdentityServicer(PeopleServicer, IdentityServiceServicer):
    """Who takes part, and which programs may act."""

    # --- people -------------------------------------------------------------------------------

    async def GetOrCreatePerson(
        self, request: rpc.GetOrCreatePersonRequest, context: Context
    ) -> rpc.GetOrCreatePersonResponse:
        call = current_call()
        command = decode.decode_get_or_create_person(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_profile_by_identity(
                snapshot, command.provider, command.subject
            )
        return rpc.GetOrCreatePersonResponse(
            person=encode.encode_person(call.caller, found),
            created=done.sequence > 0,
            last_sequence=snapshot.last_sequence,
        )

    async def GetPerson(
        self, request: rpc.GetPersonRequest, context: Context
    ) -> rpc.GetPersonResponse:
        call = current_call()
        person_id = decode.check_person_id(request.person_id)
        async with self._reading(call, request) as snapshot:
            found = await queries.find_profile(snapshot, person_id)
        return rpc.GetPersonResponse(
            person=encode.encode_person(call.caller, found),
            last_sequence=snapshot.last_sequence,
        )

    async def BatchGetPeople(
        self, request: rpc.BatchGetPeopleRequest, context: Context
    ) -> rpc.BatchGetPeopleResponse:
        call = current_call()
        person_ids = check_people(request.person_ids)
        async with self._reading(call, request) as snapshot:
            found = await queries.get_profiles(snapshot, person_ids)
        return rpc.BatchGetPeopleResponse(
            people=[encode.encode_person(call.caller, profile) for profile in found],
            last_sequence=snapshot.last_sequence,
        )

    async def LookUpPerson(
        self, request: rpc.LookUpPersonRequest, context: Context
    ) -> rpc.LookUpPersonResponse:
        call = current_call()
        provider, subject = decode.decode_identity(request)
        async with self._reading(call, request) as snapshot:
            found = await queries.find_profile_by_identity(snapshot, provider, subject)
        return rpc.LookUpPersonResponse(
            person=encode.encode_person(call.caller, found),
            last_sequence=snapshot.last_sequence,
        )

    async def ListPeople(
        self, request: rpc.ListPeopleRequest, context: Context
    ) -> rpc.ListPeopleResponse:
        call = current_call()
        state, size = decode.decode_state(request.state), page_size(request)
        (after,) = read_token(request, int) or (0,)
        async with self._reading(call, request) as snapshot:
            found = await queries.list_profiles(snapshot, state=state, after=after, limit=size + 1)
        return rpc.ListPeopleResponse(
            people=[encode.encode_person(call.caller, profile) for profile in found[:size]],
            next_page_token=next_token(request, found, size, "person.create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def BlockPerson(
        self, request: rpc.BlockPersonRequest, context: Context
    ) -> rpc.BlockPersonResponse:
        call = current_call()
        command = decode.decode_block_person(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_profile(snapshot, command.person_id)
        return rpc.BlockPersonResponse(
            person=encode.encode_person(call.caller, found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def UnblockPerson(
        self, request: rpc.UnblockPersonRequest, context: Context
    ) -> rpc.UnblockPersonResponse:
        call = current_call()
        command = decode.decode_unblock_person(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_profile(snapshot, command.person_id)
        return rpc.UnblockPersonResponse(
            person=encode.encode_person(call.caller, found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    # --- applications -------------------------------------------------------------------------

    async def CreateApplication(
        self, request: rpc.CreateApplicationRequest, context: Context
    ) -> rpc.CreateApplicationResponse:
        call = current_call()
        command = decode.decode_create_application(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_created_application(snapshot, done.sequence)
        return rpc.CreateApplicationResponse(
            application=encode.encode_application(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def UpdateApplication(
        self, request: rpc.UpdateApplicationRequest, context: Context
    ) -> rpc.UpdateApplicationResponse:
        call = current_call()
        command = decode.decode_update_application(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_application(snapshot, command.application_id)
        return rpc.UpdateApplicationResponse(
            application=encode.encode_application(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def GetApplication(
        self, request: rpc.GetApplicationRequest, context: Context
    ) -> rpc.GetApplicationResponse:
        call = current_call()
        application_id = decode.check_application_id(request.application_id)
        guard_own_application(call.caller, application_id)
        async with self._reading(call, request) as snapshot:
            found = await queries.find_application(snapshot, application_id)
        return rpc.GetApplicationResponse(
            application=encode.encode_application(found), last_sequence=snapshot.last_sequence
        )

    async def ListApplications(
        self, request: rpc.ListApplicationsRequest, context: Context
    ) -> rpc.ListApplicationsResponse:
        size = page_size(request)
        (after,) = read_token(request, int) or (0,)
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.list_applications(snapshot, after=after, limit=size + 1)
        return rpc.ListApplicationsResponse(
            applications=[encode.encode_application(row) for row in found[:size]],
            next_page_token=next_token(request, found, size, "create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    # --- keys ---------------------------------------------------------------------------------

    async def CreateApiKey(
        self, request: rpc.CreateApiKeyRequest, context: Context
    ) -> rpc.CreateApiKeyResponse:
        call, secret = current_call(), draw_secret()
        command = decode.decode_create_api_key(call.caller, request, secret)
        done = await self._submit(call, context, command)
        return rpc.CreateApiKeyResponse(**await self._new_key_fields(call, done, secret))

    async def RotateApiKey(
        self, request: rpc.RotateApiKeyRequest, context: Context
    ) -> rpc.RotateApiKeyResponse:
        call, secret = current_call(), draw_secret()
        command = decode.decode_rotate_api_key(call.caller, request, secret)
        done = await self._submit(call, context, command)
        return rpc.RotateApiKeyResponse(**await self._new_key_fields(call, done, secret))

    async def RevokeApiKey(
        self, request: rpc.RevokeApiKeyRequest, context: Context
    ) -> rpc.RevokeApiKeyResponse:
        call = current_call()
        command = decode.decode_revoke_api_key(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_api_key(snapshot, command.api_key_id)
        return rpc.RevokeApiKeyResponse(
            api_key=encode.encode_api_key(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def ListApiKeys(
        self, request: rpc.ListApiKeysRequest, context: Context
    ) -> rpc.ListApiKeysResponse:
        call, size = current_call(), page_size(request)
        (after,) = read_token(request, int) or (0,)
        application_id = decode.check_application_id(request.application_id)
        guard_own_application(call.caller, application_id)
        async with self._reading(call, request) as snapshot:
            await queries.find_application(snapshot, application_id)
            found = await queries.list_api_keys(
                snapshot, application_id, after=after, limit=size + 1
            )
        return rpc.ListApiKeysResponse(
            api_keys=[encode.encode_api_key(used) for used in found[:size]],
            next_page_token=next_token(request, found, size, "key.create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def WhoAmI(self, request: rpc.WhoAmIRequest, context: Context) -> rpc.WhoAmIResponse:
        call = current_call()
        answer = rpc.WhoAmIResponse(economy=call.economy)
        async with reading(self._database, call.economy_id) as snapshot:
            application = await queries.find_application(snapshot, call.caller.application_id)
            answer.application.CopyFrom(encode.encode_application(application))
            if call.caller.person_id:
                profile = await queries.find_profile(snapshot, call.caller.person_id)
                answer.person.CopyFrom(encode.encode_person(call.caller, profile))
        return answer

    async def _new_key_fields(self, call: Call, done: Done, secret: NewSecret) -> dict[str, Any]:
        """The new key, and its secret; in a replay the key that was made then, without."""
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_created_api_key(snapshot, done.sequence)
        return {
            "api_key": encode.encode_api_key(found),
            "secret": "" if done.replayed else secret.text,
            "replayed": done.replayed,
            "last_sequence": snapshot.last_sequence,
        }
