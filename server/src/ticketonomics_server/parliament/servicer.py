"""`ParliamentService`: each method decodes, calls, encodes, and does nothing else."""

from collections.abc import AsyncIterator
from typing import Any

from ticketonomics.parliament.v1 import parliament_service_pb2 as rpc
from ticketonomics.parliament.v1.parliament_service_pb2_grpc import ParliamentServiceServicer

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.decide_profiles import guard_own
from ticketonomics_server.identity.decode import check_person_id
from ticketonomics_server.parliament import decode, encode, queries
from ticketonomics_server.parliament.model import Proposal
from ticketonomics_server.parliament.watching import PROPOSALS, follow, read_open
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.fields import invalid, set_time
from ticketonomics_server.rpc.paging import BEHIND_ALL, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.rpc.submitting import Done
from ticketonomics_server.storage.reading import reading


class ParliamentServicer(Servicing, ParliamentServiceServicer):
    """What people decide together."""

    async def CreateProposal(
        self, request: rpc.CreateProposalRequest, context: Context
    ) -> rpc.CreateProposalResponse:
        call = current_call()
        command = decode.decode_create_proposal(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_created_proposal(snapshot, done.sequence)
        return rpc.CreateProposalResponse(
            proposal=encode.encode_proposal(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def WithdrawProposal(
        self, request: rpc.WithdrawProposalRequest, context: Context
    ) -> rpc.WithdrawProposalResponse:
        call = current_call()
        found = await self._find(call, request.proposal_id)
        command = decode.decode_withdraw_proposal(call.caller, request, found)
        done = await self._submit(call, context, command)
        return rpc.WithdrawProposalResponse(**await self._fields(call, done, found.proposal_id))

    async def VetoProposal(
        self, request: rpc.VetoProposalRequest, context: Context
    ) -> rpc.VetoProposalResponse:
        call = current_call()
        found = await self._find(call, request.proposal_id)
        command = decode.decode_veto_proposal(call.caller, request, found)
        done = await self._submit(call, context, command)
        return rpc.VetoProposalResponse(**await self._fields(call, done, found.proposal_id))

    async def CastVote(
        self, request: rpc.CastVoteRequest, context: Context
    ) -> rpc.CastVoteResponse:
        call = current_call()
        command = decode.decode_cast_vote(call.caller, request)
        done = await self._submit(call, context, command)
        if done.replayed:
            async with self._reading_back(call, done) as snapshot:
                found: Proposal = await queries.find_proposal(snapshot, command.proposal_id)
                ballot = await queries.find_ballot(snapshot, command.proposal_id, command.person_id)
        else:
            ballot, found = done.value
        return rpc.CastVoteResponse(
            ballot=encode.encode_ballot(ballot) if ballot else None,
            proposal=encode.encode_bare_proposal(found),
            replayed=done.replayed,
            last_sequence=done.last_sequence,
        )

    async def _find(self, call: Call, proposal_id: str) -> queries.ShownProposal:
        """Finds a proposal before the block: its terms never change."""
        decode.check_proposal_id(proposal_id)
        async with reading(self._database, call.economy_id) as snapshot:
            return await queries.find_proposal(snapshot, proposal_id)

    async def _fields(self, call: Call, done: Done, proposal_id: str) -> dict[str, Any]:
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_proposal(snapshot, proposal_id)
        return {
            "proposal": encode.encode_proposal(found),
            "replayed": done.replayed,
            "last_sequence": snapshot.last_sequence,
        }

    async def GetProposal(
        self, request: rpc.GetProposalRequest, context: Context
    ) -> rpc.GetProposalResponse:
        identifier = decode.check_proposal_id(request.proposal_id)
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.find_proposal(snapshot, identifier)
        return rpc.GetProposalResponse(
            proposal=encode.encode_proposal(found), last_sequence=snapshot.last_sequence
        )

    async def ListProposals(
        self, request: rpc.ListProposalsRequest, context: Context
    ) -> rpc.ListProposalsResponse:
        call, size = current_call(), page_size(request)
        (below,) = read_token(request, int) or (BEHIND_ALL,)
        state, kind = decode.check_state(request.state), decode.check_type(request.type)
        proposer_id = check_person_id(request.proposer_id) if request.proposer_id else ""
        async with self._reading(call, request) as snapshot:
            found = await queries.list_proposals(
                snapshot,
                state=state,
                kind=kind,
                proposer_id=proposer_id,
                below=below,
                limit=size + 1,
            )
        return rpc.ListProposalsResponse(
            proposals=[encode.encode_proposal(row) for row in found[:size]],
            next_page_token=next_token(request, found, size, "create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def GetBallot(
        self, request: rpc.GetBallotRequest, context: Context
    ) -> rpc.GetBallotResponse:
        identifier = decode.check_proposal_id(request.proposal_id)
        person_id = check_person_id(request.person_id)
        async with self._reading(current_call(), request) as snapshot:
            await queries.find_proposal(snapshot, identifier)
            found = await queries.find_ballot(snapshot, identifier, person_id)
        if found is None:
            raise Rejection(
                Reason.BALLOT_NOT_FOUND,
                f"{person_id} has not voted on {identifier}",
                ballot=person_id,
                proposal=identifier,
            )
        return rpc.GetBallotResponse(
            ballot=encode.encode_ballot(found), last_sequence=snapshot.last_sequence
        )

    async def ListBallots(
        self, request: rpc.ListBallotsRequest, context: Context
    ) -> rpc.ListBallotsResponse:
        size = page_size(request)
        (after,) = read_token(request, int) or (0,)
        identifier = decode.check_proposal_id(request.proposal_id)
        async with self._reading(current_call(), request) as snapshot:
            await queries.find_proposal(snapshot, identifier)
            found = await queries.list_ballots(snapshot, identifier, after=after, limit=size + 1)
        return rpc.ListBallotsResponse(
            ballots=[encode.encode_ballot(row) for row in found[:size]],
            next_page_token=next_token(request, found, size, "sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def GetEligibility(
        self, request: rpc.GetEligibilityRequest, context: Context
    ) -> rpc.GetEligibilityResponse:
        call = current_call()
        person_id = check_person_id(request.person_id or call.caller.person_id)
        guard_own(call.caller, person_id)
        identifier = decode.check_proposal_id(request.proposal_id) if request.proposal_id else ""
        async with self._reading(call, request) as snapshot:
            time, judgements = await queries.judge_person(snapshot, person_id, identifier)
        response = rpc.GetEligibilityResponse(
            eligible=all(judgement.met for judgement in judgements),
            rules=[encode.encode_judgement(judgement) for judgement in judgements],
            last_sequence=snapshot.last_sequence,
        )
        set_time(response.judge_time, time)
        return response

    async def WatchProposals(
        self, request: rpc.WatchProposalsRequest, context: Context
    ) -> AsyncIterator[rpc.WatchProposalsResponse]:
        call = current_call()
        async with reading(self._database, call.economy_id) as snapshot:
            cursor, found = snapshot.last_sequence, None
            if request.HasField("after_sequence"):
                cursor = request.after_sequence
                if not 0 <= cursor <= snapshot.last_sequence:
                    raise invalid("after_sequence", "is not a sequence number of this economy yet")
            else:
                found = await read_open(snapshot)
        feed = (await self._economies.get(call.economy_id)).feeds[PROPOSALS]
        feed.hear(snapshot.last_sequence)
        async for message in follow(feed, cursor, found):
            yield message
