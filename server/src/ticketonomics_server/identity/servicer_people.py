"""The calls of `IdentityService` about people's links, names, wishes and data."""

from dataclasses import replace
from typing import Any

from ticketonomics.identity.v1 import identity_service_pb2 as rpc

from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity import decode_people as decode
from ticketonomics_server.identity import encode, model_people, queries, queries_people
from ticketonomics_server.identity.decide_profiles import guard_own
from ticketonomics_server.identity.decode import check_person_id
from ticketonomics_server.identity.link_code import draw_code
from ticketonomics_server.identity.model import person_account
from ticketonomics_server.identity.wrong_codes import WrongCodes
from ticketonomics_server.parliament import queries as parliament
from ticketonomics_server.parliament.encode import encode_ballot
from ticketonomics_server.payments import queries as payments
from ticketonomics_server.payments.encode import encode_payment_request, encode_schedule
from ticketonomics_server.rewards import queries as rewards
from ticketonomics_server.rewards.encode import encode_participation
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.fields import set_time
from ticketonomics_server.rpc.paging import make_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.rpc.submitting import Done
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import reading


class PeopleServicer(Servicing):
    """A part of `IdentityServicer`."""

    def __init__(self, economies: Economies, database: Database) -> None:
        super().__init__(economies, database)
        self._wrong_codes = WrongCodes()

    async def CreateLinkCode(
        self, request: rpc.CreateLinkCodeRequest, context: Context
    ) -> rpc.CreateLinkCodeResponse:
        call, code = current_call(), draw_code()
        command = decode.decode_create_link_code(call.caller, request, code)
        done = await self._submit(call, context, command)
        answer = rpc.CreateLinkCodeResponse(
            replayed=done.replayed, last_sequence=done.last_sequence
        )
        if not done.replayed:
            answer.code = code.text
            set_time(answer.expire_time, done.value)
        return answer

    async def RedeemLinkCode(
        self, request: rpc.RedeemLinkCodeRequest, context: Context
    ) -> rpc.RedeemLinkCodeResponse:
        call = current_call()
        command = decode.decode_redeem_link_code(call.caller, request)
        done = await self._redeem(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_profile_by_identity(
                snapshot, command.provider, command.subject
            )
        return rpc.RedeemLinkCodeResponse(
            person=encode.encode_person(call.caller, found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def _redeem(
        self, call: Call, context: Context, command: model_people.RedeemLinkCode
    ) -> Done:
        """Counts the try, looks whom it is about, and submits it."""
        who = call.economy_id, call.caller.application_id, (command.provider, command.subject)
        self._wrong_codes.begin(*who)
        wrong = False
        try:
            async with reading(self._database, call.economy_id) as snapshot:
                person, owner = await queries_people.find_ends_of_link(
                    snapshot, command.code_hash, command.provider, command.subject
                )
            seen = replace(command, expected_person=person, expected_owner=owner)
            return await self._submit(call, context, seen)
        except Rejection as rejection:
            wrong = rejection.reason is Reason.LINK_CODE_INVALID
            raise
        finally:
            if not wrong:
                self._wrong_codes.take_back(*who)

    async def UnlinkIdentity(
        self, request: rpc.UnlinkIdentityRequest, context: Context
    ) -> rpc.UnlinkIdentityResponse:
        call = current_call()
        command = decode.decode_unlink_identity(call.caller, request)
        done = await self._submit(call, context, command)
        fields = await self._person_fields(call, done, command.person_id)
        return rpc.UnlinkIdentityResponse(**fields)

    async def MergePeople(
        self, request: rpc.MergePeopleRequest, context: Context
    ) -> rpc.MergePeopleResponse:
        call = current_call()
        command = decode.decode_merge_people(call.caller, request)
        done = await self._submit(call, context, command)
        fields = await self._person_fields(call, done, command.target_id)
        return rpc.MergePeopleResponse(**fields)

    async def SetDisplayName(
        self, request: rpc.SetDisplayNameRequest, context: Context
    ) -> rpc.SetDisplayNameResponse:
        call = current_call()
        command = decode.decode_set_display_name(call.caller, request)
        done = await self._submit(call, context, command)
        fields = await self._person_fields(call, done, command.person_id)
        return rpc.SetDisplayNameResponse(**fields)

    async def SetPrivacy(
        self, request: rpc.SetPrivacyRequest, context: Context
    ) -> rpc.SetPrivacyResponse:
        call = current_call()
        command = decode.decode_set_privacy(call.caller, request)
        done = await self._submit(call, context, command)
        fields = await self._person_fields(call, done, command.person_id)
        return rpc.SetPrivacyResponse(**fields)

    async def SetHandle(
        self, request: rpc.SetHandleRequest, context: Context
    ) -> rpc.SetHandleResponse:
        call = current_call()
        command = decode.decode_set_handle(call.caller, request)
        done = await self._submit(call, context, command)
        fields = await self._person_fields(call, done, command.person_id)
        return rpc.SetHandleResponse(**fields)

    async def GetPersonByHandle(
        self, request: rpc.GetPersonByHandleRequest, context: Context
    ) -> rpc.GetPersonByHandleResponse:
        call = current_call()
        handle = decode.check_handle(request.handle)
        async with self._reading(call, request) as snapshot:
            found = await queries.find_profile_by_handle(snapshot, handle)
        return rpc.GetPersonByHandleResponse(
            person=encode.encode_person(call.caller, found),
            last_sequence=snapshot.last_sequence,
        )

    async def GetPreferences(
        self, request: rpc.GetPreferencesRequest, context: Context
    ) -> rpc.GetPreferencesResponse:
        call = current_call()
        person_id = check_person_id(request.person_id)
        guard_own(call.caller, person_id)
        async with self._reading(call, request) as snapshot:
            found = await queries.find_profile(snapshot, person_id)
        return rpc.GetPreferencesResponse(
            preferences=encode.encode_preferences(found), last_sequence=snapshot.last_sequence
        )

    async def SetPreferences(
        self, request: rpc.SetPreferencesRequest, context: Context
    ) -> rpc.SetPreferencesResponse:
        call = current_call()
        command = decode.decode_set_preferences(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_profile(snapshot, command.person_id)
        return rpc.SetPreferencesResponse(
            preferences=encode.encode_preferences(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def ExportPersonalData(
        self, request: rpc.ExportPersonalDataRequest, context: Context
    ) -> rpc.ExportPersonalDataResponse:
        call, size = current_call(), page_size(request)
        (after,) = read_token(request, int) or (0,)
        person_id = check_person_id(request.person_id)
        guard_own(call.caller, person_id)
        async with self._reading(call, request) as snapshot:
            profile = await queries.find_profile(snapshot, person_id)
            former_handles = await queries_people.list_former_handles(snapshot, person_id)
            participant = await rewards.find_participant(snapshot, person_id)
            parts = await queries_people.list_parts(snapshot, person_id)
            accounts = [person_account(part) for part in parts]
            wanted: dict[str, int] = {"after": after, "limit": size + 1}
            texts = await queries_people.list_texts(snapshot, person_id, **wanted)
            schedules = await payments.list_schedules_from(snapshot, accounts, **wanted)
            requests = await payments.list_payment_requests_of(snapshot, accounts, **wanted)
            ballots = await parliament.list_ballots_of(snapshot, parts, **wanted)
        found: dict[str, list[tuple[int, Any]]] = {
            "texts": [(row.sequence, encode.encode_personal_text(row)) for row in texts],
            "schedules": [(row.create_sequence, encode_schedule(row)) for row in schedules],
            "payment_requests": [
                (row.create_sequence, encode_payment_request(row)) for row in requests
            ],
            "ballots": [(row.sequence, encode_ballot(row)) for row in ballots],
        }
        # A page ends with an entry: all that is of it, and nothing that is of later ones.
        entries = {sequence for rows in found.values() for sequence, _ in rows}
        last = max(sorted(entries)[:size], default=after)
        listed = {
            name: [message for sequence, message in rows if sequence <= last]
            for name, rows in found.items()
        }
        answer = rpc.ExportPersonalDataResponse(
            person=encode.encode_person(call.caller, profile),
            next_page_token=make_token(request, last) if len(entries) > size else "",
            last_sequence=snapshot.last_sequence,
            preferences=encode.encode_preferences(profile),
            former_handles=former_handles,
            participation=encode_participation(participant) if participant else None,
            **listed,
        )
        for time in encode.read_change_times(profile.person.name_change_times):
            set_time(answer.name_change_times.add(), time)
        for time in encode.read_change_times(profile.person.handle_change_times):
            set_time(answer.handle_change_times.add(), time)
        return answer

    async def ErasePerson(
        self, request: rpc.ErasePersonRequest, context: Context
    ) -> rpc.ErasePersonResponse:
        call = current_call()
        command = decode.decode_erase_person(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_profile(snapshot, command.person_id)
            left = await queries_people.list_texts(snapshot, command.person_id, after=0, limit=1)
        return rpc.ErasePersonResponse(
            person=encode.encode_person(call.caller, found),
            texts_left=bool(left),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def _person_fields(self, call: Call, done: Done, person_id: str) -> dict[str, Any]:
        """The person as it is now, in the fields that these answers share."""
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_profile(snapshot, person_id)
        return {
            "person": encode.encode_person(call.caller, found),
            "replayed": done.replayed,
            "last_sequence": snapshot.last_sequence,
        }
