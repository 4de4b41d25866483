"""`QueueService`: each method decodes, calls, encodes, and does nothing else."""

import hashlib
from collections.abc import AsyncIterator, Sequence

from ticketonomics.queues.v1 import queue_service_pb2 as rpc
from ticketonomics.queues.v1.queue_pb2 import Queue
from ticketonomics.queues.v1.queue_service_pb2_grpc import QueueServiceServicer
from ticketonomics.queues.v1.round_pb2 import Round as RoundMessage

from ticketonomics_server.engine.command import engine_request_id
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.ledger.model import CreateAsset
from ticketonomics_server.ledger.tickets import TICKET_DECIMALS
from ticketonomics_server.queues import decode, encode, queries, queries_statistics
from ticketonomics_server.queues.draw_keys import DrawKeyRing
from ticketonomics_server.queues.model import (
    NO_BODY,
    QUEUE_NAMES,
    Entry,
    Round,
    split_queue,
)
from ticketonomics_server.queues.watching import ROUNDS, Filter, follow
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.fields import invalid
from ticketonomics_server.rpc.paging import BEHIND_ALL, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading

TICKET_KIND = 1


class QueueServicer(Servicing, QueueServiceServicer):
    """Rounds that fill, are drawn, and lead from tier to tier."""

    def __init__(self, economies: Economies, database: Database, ring: DrawKeyRing) -> None:
        super().__init__(economies, database)
        self._ring = ring

    async def OpenQueues(
        self, request: rpc.OpenQueuesRequest, context: Context
    ) -> rpc.OpenQueuesResponse:
        call = current_call()
        command = decode.decode_open_queues(call.caller, request, call.economy)
        await self._ring.ready()
        async with reading(self._database, call.economy_id) as snapshot:
            missing = await queries.missing_tiers(snapshot)
        for tier in missing:
            await self._create_tier(call, context, command.request_id, tier)
        done = await self._submit(call, context, command, weight=len(QUEUE_NAMES))
        async with self._reading_back(call, done) as snapshot:
            found = await _encode_queues(snapshot)
        return rpc.OpenQueuesResponse(
            queues=found,
            replayed=done.replayed or not done.sequence,
            last_sequence=snapshot.last_sequence,
        )

    async def _create_tier(
        self, call: Call, context: Context, request_id: bytes, tier: str
    ) -> None:
        """Creates a tier's asset, in an entry of its own, as every asset is created."""
        digest = hashlib.sha256(b"ticketonomics/tier/1\0" + request_id + tier.encode()).digest()
        command = CreateAsset(
            request_id=engine_request_id(digest),
            body_hash=NO_BODY,
            code=tier,
            kind=TICKET_KIND,
            decimals=TICKET_DECIMALS,
            name=f"{tier.capitalize()} ticket",
            supply_cap=0,
            fee_bps=0,
            fee_minimum=0,
            fee_maximum=0,
        )
        try:
            await self._submit(call, context, command)
        except Rejection as rejection:
            # Somebody else was first.
            if rejection.reason != Reason.ASSET_EXISTS:
                raise

    async def JoinQueue(
        self, request: rpc.JoinQueueRequest, context: Context
    ) -> rpc.JoinQueueResponse:
        call = current_call()
        command = decode.decode_join(call.caller, request)
        if not self._ring.keys.current:
            await self._ring.load()
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            # The entry itself tells which round it was: in a replay, the person may have left.
            round_id, person_id, application_id, nonce, *_ = await queries.read_event(
                snapshot, done.sequence
            )
            found = await queries.find_round(snapshot, round_id)
            queue = await queries.find_queue(snapshot, found.queue)
            now = await queries.read_now(snapshot)
            joined = await queries.read_time(snapshot, done.sequence)
        entry = Entry(round_id, person_id, done.sequence, joined, application_id, nonce)
        people = found.people
        position = people.index(person_id) + 1 if person_id in people else 0
        return rpc.JoinQueueResponse(
            round=encode.encode_round(found, queue, now),
            entry=encode.encode_entry(entry, position),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def LeaveQueue(
        self, request: rpc.LeaveQueueRequest, context: Context
    ) -> rpc.LeaveQueueResponse:
        call = current_call()
        command = decode.decode_leave(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            _, round_id = await queries.read_event(snapshot, done.sequence)
            found = await queries.find_round(snapshot, round_id)
            queue = await queries.find_queue(snapshot, found.queue)
            now = await queries.read_now(snapshot)
        return rpc.LeaveQueueResponse(
            round=encode.encode_round(found, queue, now),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def ConvertDown(
        self, request: rpc.ConvertDownRequest, context: Context
    ) -> rpc.ConvertDownResponse:
        call = current_call()
        command = decode.decode_convert_down(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            _, _, below, converted, _ = await queries.read_event(snapshot, done.sequence)
        return rpc.ConvertDownResponse(
            converted_tier=below,
            converted=converted,
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    # --- reads --------------------------------------------------------------------------------

    async def ListQueues(
        self, request: rpc.ListQueuesRequest, context: Context
    ) -> rpc.ListQueuesResponse:
        async with self._reading(current_call(), request) as snapshot:
            found = await _encode_queues(snapshot)
        return rpc.ListQueuesResponse(queues=found, last_sequence=snapshot.last_sequence)

    async def GetRound(
        self, request: rpc.GetRoundRequest, context: Context
    ) -> rpc.GetRoundResponse:
        round_id = decode.check_round_id(request.round_id)
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.find_round(snapshot, round_id)
            (message,) = await _encode_rounds(snapshot, [found])
        return rpc.GetRoundResponse(round=message, last_sequence=snapshot.last_sequence)

    async def ListRounds(
        self, request: rpc.ListRoundsRequest, context: Context
    ) -> rpc.ListRoundsResponse:
        size = page_size(request)
        (below,) = read_token(request, int) or (BEHIND_ALL,)
        names = _names(request.tier, request.size)
        state = decode.check_state(request.state)
        person_id = decode.check_person_id(request.person_id) if request.person_id else ""
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.list_rounds(
                snapshot,
                names=names,
                state=state,
                person_id=person_id,
                below=below,
                limit=size + 1,
            )
            rounds = await _encode_rounds(snapshot, found[:size])
        return rpc.ListRoundsResponse(
            rounds=rounds,
            next_page_token=next_token(request, found, size, "number"),
            last_sequence=snapshot.last_sequence,
        )

    async def ListRoundEntries(
        self, request: rpc.ListRoundEntriesRequest, context: Context
    ) -> rpc.ListRoundEntriesResponse:
        size = page_size(request)
        (after,) = read_token(request, int) or (0,)
        round_id = decode.check_round_id(request.round_id)
        async with self._reading(current_call(), request) as snapshot:
            people = (await queries.find_round(snapshot, round_id)).people
            found = await queries.list_entries(snapshot, round_id, after=after, limit=size + 1)
        positions = {person_id: at for at, person_id in enumerate(people, start=1)}
        return rpc.ListRoundEntriesResponse(
            entries=[encode.encode_entry(row, positions[row.person_id]) for row in found[:size]],
            next_page_token=next_token(request, found, size, "join_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def GetQueueStatistics(
        self, request: rpc.GetQueueStatisticsRequest, context: Context
    ) -> rpc.GetQueueStatisticsResponse:
        name = decode.check_queue(request.tier, request.size)
        async with self._reading(current_call(), request) as snapshot:
            queue = await queries.find_queue(snapshot, name)
            fills = await queries_statistics.read_fills(snapshot, queue)
        return rpc.GetQueueStatisticsResponse(
            statistics=encode.encode_statistics(queue, fills),
            last_sequence=snapshot.last_sequence,
        )

    async def ListTierProgression(
        self, request: rpc.ListTierProgressionRequest, context: Context
    ) -> rpc.ListTierProgressionResponse:
        async with self._reading(current_call(), request) as snapshot:
            counts = await queries_statistics.list_win_counts(snapshot)
        return rpc.ListTierProgressionResponse(
            tiers=encode.encode_progression(counts), last_sequence=snapshot.last_sequence
        )

    async def ListTopPlayers(
        self, request: rpc.ListTopPlayersRequest, context: Context
    ) -> rpc.ListTopPlayersResponse:
        size = page_size(request)
        token = read_token(request, int, str)
        tier = decode.check_board(request.tier)
        async with self._reading(current_call(), request) as snapshot:
            found = await queries_statistics.list_top_players(
                snapshot, tier, below=(token[0], token[1]) if token else None, limit=size + 1
            )
        return rpc.ListTopPlayersResponse(
            players=[encode.encode_top_player(player) for player in found[:size]],
            next_page_token=next_token(request, found, size, "won", "person_id"),
            last_sequence=snapshot.last_sequence,
        )

    async def WatchQueues(
        self, request: rpc.WatchQueuesRequest, context: Context
    ) -> AsyncIterator[rpc.WatchQueuesResponse]:
        call = current_call()
        person_id = decode.check_person_id(request.person_id) if request.person_id else ""
        wanted = Filter(_names(request.tier, request.size), person_id)
        told = None
        async with reading(self._database, call.economy_id) as snapshot:
            cursor = snapshot.last_sequence
            if request.HasField("after_sequence"):
                if not 0 <= request.after_sequence <= cursor:
                    raise invalid("after_sequence", "is not a sequence number of this economy yet")
                cursor = request.after_sequence
            else:
                now = await queries.read_now(snapshot)
                of_queues = {queue.name: queue for queue in await queries.list_queues(snapshot)}
                rounds = await queries.list_open_rounds(snapshot, person_id)
                told = [(found, of_queues[found.queue], now) for found in rounds]
        economy = await self._economies.get(call.economy_id)
        economy.hear(snapshot.last_sequence)
        async for message in follow(economy.feeds[ROUNDS], wanted, told, cursor):
            yield message


def _names(tier: str, size: str) -> list[str]:
    """Lists the queues that a filter means; none where it leaves out none."""
    if not tier and not size:
        return []
    tier = tier and decode.check_tier(tier)
    size = size and decode.check_size(size)
    return [
        name
        for name in QUEUE_NAMES
        if tier in ("", split_queue(name)[0]) and size in ("", split_queue(name)[1])
    ]


async def _encode_queues(snapshot: Snapshot) -> list[Queue]:
    found = await queries.list_queues(snapshot)
    rounds = await queries.find_rounds(snapshot, [queue.round_id for queue in found])
    now = await queries.read_now(snapshot)
    return [encode.encode_queue(queue, rounds.get(queue.round_id), now) for queue in found]


async def _encode_rounds(snapshot: Snapshot, found: Sequence[Round]) -> list[RoundMessage]:
    if not found:
        return []
    names = sorted({row.queue for row in found})
    of_queues = {queue.name: queue for queue in await queries.list_queues(snapshot, names)}
    now = await queries.read_now(snapshot)
    return [encode.encode_round(row, of_queues[row.queue], now) for row in found]
