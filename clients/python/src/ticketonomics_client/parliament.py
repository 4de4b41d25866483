"""Calls about what people decide together: proposals, votes, and who may vote."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import datetime

from ticketonomics.parliament.v1.parliament_service_pb2 import (
    CastVoteRequest,
    CreateProposalRequest,
    GetBallotRequest,
    GetEligibilityRequest,
    GetEligibilityResponse,
    GetProposalRequest,
    ListBallotsRequest,
    ListProposalsRequest,
    VetoProposalRequest,
    WatchProposalsRequest,
    WatchProposalsResponse,
    WithdrawProposalRequest,
)
from ticketonomics.parliament.v1.proposal_pb2 import (
    Ballot,
    Event,
    PolicyBurn,
    PolicyMint,
    Proposal,
    ProposedSetting,
)

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.parameters import Value, to_message
from ticketonomics_client.times import timestamp
from ticketonomics_client.watching import watch


class ParliamentCalls(Caller):
    """Proposals and votes. Who proposes or votes is the person that is acted for."""

    async def create_proposal(
        self,
        title: str,
        *,
        body: str = "",
        setting: tuple[str, Value] | None = None,
        mint: PolicyMint | None = None,
        burn: PolicyBurn | None = None,
        event_time: datetime | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Proposal:
        """Proposes something, at most one of the four; a text if it is none.

        Takes the deposit, which comes back when the proposal ends, unless it is vetoed as spam.

        Args:
            title: One line of at most 120 characters.
            body: At most 4,000 characters. Public.
            setting: A parameter of the Parliament's, and its new value.
            mint: BRONZE for an account, in minor units.
            burn: BRONZE of `parliament/treasury` or of the person, in minor units.
            event_time: When the event happens that is called.
            request_id: A new UUID when not given.

        Raises:
            RefusedError: NOT_ELIGIBLE, TOO_MANY_PROPOSALS, INSUFFICIENT_FUNDS and others.
        """
        request = CreateProposalRequest(
            request_id=request_id or new_id(),
            title=title,
            body=body,
            parameter_change=(
                ProposedSetting(name=setting[0], value=to_message(setting[1])) if setting else None
            ),
            policy_mint=mint,
            policy_burn=burn,
            event=Event(event_time=timestamp(event_time)) if event_time else None,
        )
        method = self.parliament.CreateProposal
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).proposal

    async def withdraw_proposal(
        self,
        proposal_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Proposal:
        """Takes one's own proposal back before voting has ended. The deposit comes back."""
        request = WithdrawProposalRequest(
            request_id=request_id or new_id(), proposal_id=proposal_id
        )
        method = self.parliament.WithdrawProposal
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).proposal

    async def veto_proposal(
        self,
        proposal_id: str,
        *,
        reason: str,
        spam: bool = False,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Proposal:
        """Ends what has passed, in its veto window; or spam, at any time.

        Args:
            proposal_id: Which proposal.
            reason: Why, at most 1,000 characters. Public.
            spam: Burns the deposit.
            request_id: A new UUID when not given.
        """
        request = VetoProposalRequest(
            request_id=request_id or new_id(), proposal_id=proposal_id, reason=reason, spam=spam
        )
        method = self.parliament.VetoProposal
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).proposal

    async def cast_vote(
        self,
        proposal_id: str,
        choice: Ballot.Choice,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Ballot:
        """Votes as the person who is acted for, or changes that person's vote.

        Raises:
            RefusedError: VOTING_NOT_OPEN, NOT_ELIGIBLE and others.
        """
        request = CastVoteRequest(
            request_id=request_id or new_id(), proposal_id=proposal_id, choice=choice
        )
        method = self.parliament.CastVote
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).ballot

    async def proposal(self, proposal_id: str, *, minimum_sequence: int = 0) -> Proposal:
        """Reads one proposal."""
        request = GetProposalRequest(proposal_id=proposal_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.parliament.GetProposal, request)).proposal

    async def proposals(
        self,
        *,
        state: Proposal.State = Proposal.STATE_UNSPECIFIED,
        type: Proposal.Type = Proposal.TYPE_UNSPECIFIED,  # noqa: A002 - the field's name.
        proposer_id: str = "",
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Proposal]:
        """Yields proposals that match all given filters, newest first.

        Args:
            state: Only those in this state.
            type: Only those of this type.
            proposer_id: Only this person's.
            page_size: How many travel together; 0 means 100.
            minimum_sequence: Least sequence number that the answers must have seen.
        """
        request = ListProposalsRequest(
            state=state,
            type=type,
            proposer_id=proposer_id,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.parliament.ListProposals, request):
            for proposal in page.proposals:
                yield proposal

    async def ballot(
        self, proposal_id: str, person_id: str, *, minimum_sequence: int = 0
    ) -> Ballot:
        """Reads one person's vote."""
        request = GetBallotRequest(
            proposal_id=proposal_id, person_id=person_id, minimum_sequence=minimum_sequence
        )
        return (await self.call(self.parliament.GetBallot, request)).ballot

    async def ballots(
        self, proposal_id: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Ballot]:
        """Yields the votes on a proposal, by when each was cast or changed last.

        While people vote, one that changes meanwhile comes again.
        """
        request = ListBallotsRequest(
            proposal_id=proposal_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.parliament.ListBallots, request):
            for ballot in page.ballots:
                yield ballot

    async def eligibility(
        self, person_id: str = "", *, proposal_id: str = "", minimum_sequence: int = 0
    ) -> GetEligibilityResponse:
        """Explains rule by rule whether a person may vote.

        Args:
            person_id: Who; empty means the person acted for.
            proposal_id: For which proposal's vote; empty means one that would open now.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = GetEligibilityRequest(
            person_id=person_id, proposal_id=proposal_id, minimum_sequence=minimum_sequence
        )
        return await self.call(self.parliament.GetEligibility, request)

    async def watch_proposals(
        self, *, after_sequence: int | None = None
    ) -> AsyncGenerator[Proposal, None]:
        """Yields proposals that have not ended, then each that changes, as it is then, for ever.

        Reconnects by itself. Leave the loop through `contextlib.aclosing`.

        Args:
            after_sequence: What has changed after this entry comes instead of those that are open.

        Raises:
            RefusedError: The server will not serve this stream, now or later.
        """
        async with aclosing(
            self.watch_proposal_messages(after_sequence=after_sequence)
        ) as messages:
            async for message in messages:
                for proposal in message.proposals:
                    yield proposal

    def watch_proposal_messages(
        self, *, after_sequence: int | None = None
    ) -> AsyncGenerator[WatchProposalsResponse, None]:
        """Yields what `watch_proposals` does, in whole messages, heartbeats included.

        A message's `cursor` is where to resume.
        """
        request = WatchProposalsRequest(after_sequence=after_sequence)
        return watch(self, self.parliament.WatchProposals, request)
