"""Calls about tier queues: joining and leaving, rounds and their draws, and the stream of them."""

import os
from collections.abc import AsyncGenerator, AsyncIterator

from ticketonomics.queues.v1.queue_pb2 import Queue, QueueStatistics, TierProgression, TopPlayer
from ticketonomics.queues.v1.queue_service_pb2 import (
    ConvertDownRequest,
    ConvertDownResponse,
    GetQueueStatisticsRequest,
    GetRoundRequest,
    JoinQueueRequest,
    JoinQueueResponse,
    LeaveQueueRequest,
    ListQueuesRequest,
    ListRoundEntriesRequest,
    ListRoundsRequest,
    ListTierProgressionRequest,
    ListTopPlayersRequest,
    OpenQueuesRequest,
    WatchQueuesRequest,
    WatchQueuesResponse,
)
from ticketonomics.queues.v1.round_pb2 import Entry, Round

from ticketonomics_client.calling import Caller
from ticketonomics_client.draws import verify_draw
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.watching import watch

NONCE_BYTES = 16


class QueueCalls(Caller):
    """Tier queues. A tier is the code of its asset, a size is `small`, `medium` or `large`.

    Amounts are in minor units.
    """

    async def open_queues(
        self, *, request_id: str | None = None, timeout_seconds: float | None = None
    ) -> list[Queue]:
        """Creates the assets of the tiers and opens all queues, where they are not there yet.

        Raises:
            RefusedError: DRAW_KEY_MISSING: the server has not the key that the others draw with.
        """
        request = OpenQueuesRequest(request_id=request_id or new_id())
        answer = await self.call(
            self.queue_calls.OpenQueues, request, timeout_seconds=timeout_seconds
        )
        return list(answer.queues)

    async def join_queue(
        self,
        tier: str,
        size: str,
        person_id: str,
        *,
        nonce: bytes | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> JoinQueueResponse:
        """Stakes one ticket of a person, in the round of a queue that is waiting.

        Keep the `round.commitment` of the answer: with it the draw can be checked without any trust
        in what is said later; see `verify_round`.

        Args:
            nonce: At most 32 bytes that enter the draw and are public; 16 random ones when None.
            request_id: A new UUID when not given; the id of the stake's transaction.

        Raises:
            RefusedError: ALREADY_IN_ROUND, INSUFFICIENT_FUNDS, NOT_ACCOUNT_OWNER, QUEUE_NOT_OPEN
                and the like.
        """
        request = JoinQueueRequest(
            request_id=request_id or new_id(),
            tier=tier,
            size=size,
            person_id=person_id,
            nonce=os.urandom(NONCE_BYTES) if nonce is None else nonce,
        )
        return await self.call(self.queue_calls.JoinQueue, request, timeout_seconds=timeout_seconds)

    async def leave_queue(
        self,
        tier: str,
        size: str,
        person_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Round:
        """Leaves the round of a queue that is waiting: the stake comes back.

        Raises:
            RefusedError: NOT_IN_ROUND: maybe the round has filled meanwhile.
        """
        request = LeaveQueueRequest(
            request_id=request_id or new_id(), tier=tier, size=size, person_id=person_id
        )
        return (
            await self.call(self.queue_calls.LeaveQueue, request, timeout_seconds=timeout_seconds)
        ).round

    async def convert_down(
        self,
        tier: str,
        person_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> ConvertDownResponse:
        """Burns one ticket of a person for 20 of the tier below, less a fee.

        Raises:
            RefusedError: CONVERSION_OFF, unless the parameter `queues.convert_down` is on.
        """
        request = ConvertDownRequest(
            request_id=request_id or new_id(), tier=tier, person_id=person_id
        )
        return await self.call(
            self.queue_calls.ConvertDown, request, timeout_seconds=timeout_seconds
        )

    async def queues(self, *, minimum_sequence: int = 0) -> list[Queue]:
        """Lists all queues with the rounds that are waiting, lowest tier first."""
        request = ListQueuesRequest(minimum_sequence=minimum_sequence)
        return list((await self.call(self.queue_calls.ListQueues, request)).queues)

    async def round(self, round_id: str, *, minimum_sequence: int = 0) -> Round:
        """Reads one round."""
        request = GetRoundRequest(round_id=round_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.queue_calls.GetRound, request)).round

    async def rounds(
        self,
        *,
        tier: str = "",
        size: str = "",
        state: Round.State = Round.STATE_UNSPECIFIED,
        person_id: str = "",
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Round]:
        """Yields rounds, newest first, page by page; by tier, size, state and person."""
        request = ListRoundsRequest(
            tier=tier,
            size=size,
            state=state,
            person_id=person_id,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.queue_calls.ListRounds, request):
            for item in page.rounds:
                yield item

    async def round_entries(
        self, round_id: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Entry]:
        """Yields who is in a round, in the order of joining."""
        request = ListRoundEntriesRequest(
            round_id=round_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.queue_calls.ListRoundEntries, request):
            for item in page.entries:
                yield item

    async def verify_round(self, round_id: str, *, commitment: bytes | None = None) -> Entry:
        """Reads a finished round and checks its draw here, in this process; returns who won.

        Args:
            commitment: What you kept from when the round opened, or from when you joined.

        Raises:
            DrawVerificationError: The round was not drawn as promised, or not at all.
        """
        found = await self.round(round_id)
        entries = [entry async for entry in self.round_entries(round_id)]
        return verify_draw(found, entries, commitment=commitment)

    async def queue_statistics(
        self, tier: str, size: str, *, minimum_sequence: int = 0
    ) -> QueueStatistics:
        """Tells how fast a queue's rounds fill, and who wins."""
        request = GetQueueStatisticsRequest(tier=tier, size=size, minimum_sequence=minimum_sequence)
        return (await self.call(self.queue_calls.GetQueueStatistics, request)).statistics

    async def tier_progression(self, *, minimum_sequence: int = 0) -> list[TierProgression]:
        """Tells how many people reach each tier but the lowest, and how long it takes."""
        request = ListTierProgressionRequest(minimum_sequence=minimum_sequence)
        return list((await self.call(self.queue_calls.ListTierProgression, request)).tiers)

    async def top_players(
        self, tier: str = "", *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[TopPlayer]:
        """Yields who has won most tickets of a tier in queues, by default of the highest."""
        request = ListTopPlayersRequest(
            tier=tier, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.queue_calls.ListTopPlayers, request):
            for item in page.players:
                yield item

    def watch_queues(
        self,
        *,
        tier: str = "",
        size: str = "",
        person_id: str = "",
        after_sequence: int | None = None,
    ) -> AsyncGenerator[WatchQueuesResponse, None]:
        """Yields messages with rounds as they change; one without rounds is a heartbeat.

        Begins with the rounds that are waiting, unless it goes on behind an entry. Each round comes
        as it is now: a slow reader misses states, never the last one. Reconnects by itself. Leave
        the loop through `contextlib.aclosing`, so that the stream closes at once.

        Args:
            tier: Only queues of this tier; empty for all.
            size: Only queues of this size; empty for all.
            person_id: Tells each round's `position` of this person, 0 for none.
            after_sequence: The `cursor` of a message, to go on behind it.

        Raises:
            RefusedError: The server will not serve this stream, now or later.
        """
        request = WatchQueuesRequest(
            tier=tier, size=size, person_id=person_id, after_sequence=after_sequence
        )
        return watch(self, self.queue_calls.WatchQueues, request)
