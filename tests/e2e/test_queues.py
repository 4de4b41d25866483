"""Tier queues over a real socket, with real timers."""

import asyncio
from collections import Counter
from contextlib import aclosing

import pytest
from google.api import annotations_pb2
from ticketonomics.queues.v1 import queue_service_pb2
from ticketonomics.queues.v1.round_pb2 import Round
from ticketonomics_client import DrawVerificationError, RefusedError, new_id

from tests.conftest import Server
from tests.e2e.players import TICKET, playing
from tests.e2e.refusals import refused


async def test_opening_makes_tiers_and_a_round_of_each_queue_once(server: Server) -> None:
    async with playing(server, 0, opened=False) as players:
        assert await players.operator.queues() == []
        await refused("QUEUE_NOT_OPEN", players.join("0" * 16))
        queues = await players.operator.open_queues()
        assert [(q.tier, q.size) for q in queues][:4] == [
            *(("BRONZE", "small"), ("BRONZE", "medium"), ("BRONZE", "large"), ("SILVER", "small"))
        ]
        assert len({q.round.round_id for q in queues}) == len(queues) == 21
        assert {(q.size, q.round.places, q.round.reward) for q in queues} == {
            *(("small", 20, 100), ("medium", 40, 200), ("large", 60, 300))
        }
        assert {q.round.stake for q in queues} == {TICKET}
        assert {len(q.round.commitment) for q in queues} == {32}
        assert not any(q.round.secret for q in queues)
        assert len([asset async for asset in players.operator.assets()]) == 8
        again = await players.operator.open_queues()
        assert [q.round.round_id for q in again] == [q.round.round_id for q in queues]


async def test_a_round_fills_and_is_drawn(server: Server) -> None:
    async with playing(server, 21) as players:
        first, *_, late = players.people
        before = await players.waiting()
        answers = [await players.join(person) for person in players.people[:20]]
        assert [answer.entry.position for answer in answers] == list(range(1, 21))
        assert {answer.round.round_id for answer in answers} == {before.round_id}
        assert answers[-1].round.state == Round.STATE_FILLED
        assert await players.has(first) == 2 * TICKET

        drawn = await players.until_over(before.round_id)
        assert drawn.state == Round.STATE_FINISHED
        assert drawn.commitment == before.commitment
        assert drawn.fill_time.ToDatetime() <= drawn.resolve_time.ToDatetime()
        winner = await players.operator.verify_round(drawn.round_id, commitment=before.commitment)
        assert winner.person_id == players.people[drawn.winner_position - 1]
        assert await players.has(winner.person_id, "SILVER") == TICKET
        assert await players.supply("SILVER") == TICKET
        assert await players.supply("BRONZE") == (21 * 3 - 20) * TICKET
        assert (await players.operator.balance(drawn.escrow, "BRONZE")).posted == 0
        paid = await players.operator.transaction(drawn.resolve_sequence)
        assert [(p.source, p.destination, p.asset, p.amount) for p in paid.postings] == [
            (drawn.escrow, "system/sink", "BRONZE", 20 * TICKET),
            ("system/mint", f"users/{winner.person_id}", "SILVER", TICKET),
        ]

        following = await players.waiting()
        assert following.round_id != before.round_id
        assert following.number > before.number
        assert following.players == 0
        assert following.HasField("estimated_fill_time")
        assert (await players.join(late)).round.round_id == following.round_id

        with pytest.raises(DrawVerificationError, match="another commitment"):
            await players.operator.verify_round(drawn.round_id, commitment=bytes(32))
        with pytest.raises(DrawVerificationError, match="not finished"):
            await players.operator.verify_round(following.round_id)

        statistics = await players.operator.queue_statistics("BRONZE", "small")
        assert (statistics.finished_rounds, statistics.entries) == (1, 21)
        assert statistics.fill_time_rounds == 1
        assert statistics.fill_time_p50.ToTimedelta() <= statistics.fill_time_p95.ToTimedelta()
        assert sum(statistics.wins_by_position) == 1
        assert statistics.wins_by_position[drawn.winner_position - 1] == 1
        silver, *above = await players.operator.tier_progression()
        assert (silver.tier, silver.people_reached) == ("SILVER", 1)
        assert {count.wins: count.people for count in silver.win_counts} == {0: 20, 1: 1}
        assert not any(tier.people_reached for tier in above)
        top = [player async for player in players.operator.top_players("SILVER")]
        assert [(p.person_id, p.won, p.wins, p.entries) for p in top] == [
            (winner.person_id, TICKET, 1, 1)
        ]
        assert [player async for player in players.operator.top_players()] == []


async def test_leaving_gives_the_stake_back_until_the_round_fills(server: Server) -> None:
    async with playing(server, 20) as players:
        ann, bob, *others = players.people
        joined = await players.join(ann, nonce=b"ann's")
        assert joined.entry.nonce == b"ann's"
        await refused("ALREADY_IN_ROUND", players.join(ann))
        await players.join(bob)
        left = await players.operator.leave_queue("bronze", "SMALL", ann)
        assert left.players == 1
        assert await players.has(ann) == 3 * TICKET
        await refused("NOT_IN_ROUND", players.operator.leave_queue("BRONZE", "small", ann))
        (entry,) = [e async for e in players.operator.round_entries(left.round_id)]
        assert (entry.person_id, entry.position) == (bob, 1)
        again = await players.join(ann)
        assert again.entry.position == 2
        await asyncio.gather(*(players.join(person) for person in others))
        await refused("NOT_IN_ROUND", players.operator.leave_queue("BRONZE", "small", ann))
        assert (await players.until_over(left.round_id)).state == Round.STATE_FINISHED
        await players.operator.verify_round(left.round_id)


async def test_requests_are_idempotent(server: Server) -> None:
    async with playing(server, 2) as players:
        ann, _ = players.people
        request_id = new_id()
        first = await players.join(ann, nonce=b"a", request_id=request_id)
        replay = await players.join(ann, nonce=b"a", request_id=request_id)
        assert replay.replayed
        assert replay.entry == first.entry
        assert await players.has(ann) == 2 * TICKET
        await refused("REQUEST_ID_REUSED", players.join(ann, nonce=b"b", request_id=request_id))
        leave_id = new_id()
        for _ in range(2):
            await players.operator.leave_queue("BRONZE", "small", ann, request_id=leave_id)
        assert await players.has(ann) == 3 * TICKET
        # Of an entry that is gone, the replay still tells.
        replay = await players.join(ann, nonce=b"a", request_id=request_id)
        assert (replay.entry.nonce, replay.entry.position) == (b"a", 0)


async def test_bad_input_is_refused(server: Server) -> None:
    async with playing(server, 1, tickets=1) as players:
        (ann,) = players.people
        operator = players.operator
        for tier, size in (("DIAMOND", "small"), ("IRON", "small"), ("BRONZE", "tiny"), ("", "")):
            error = await refused("INVALID_FIELD", players.join(ann, tier, size))
            assert error.metadata["field"] in {"tier", "size"}
        await refused("INVALID_FIELD", players.join("ann"))
        await refused("INVALID_FIELD", players.join(ann, nonce=bytes(33)))
        await refused("ACCOUNT_NOT_FOUND", players.join("0" * 16))
        await refused("INSUFFICIENT_FUNDS", players.join(ann, "SILVER"))
        await refused("ROUND_NOT_FOUND", operator.round("0" * 16))
        await refused("INVALID_FIELD", operator.round("x"))
        await refused("CONVERSION_OFF", operator.convert_down("SILVER", ann))
        await refused("INVALID_FIELD", operator.convert_down("BRONZE", ann))
        await players.join(ann)
        await refused("INSUFFICIENT_FUNDS", players.join(ann, "BRONZE", "medium"))
        found = await players.waiting()
        assert found.players == 1
        with pytest.raises(RefusedError):
            await operator.mint(
                destination=found.escrow, asset="BRONZE", amount=1, reason="none of its business"
            )


@pytest.mark.parametrize(("people", "times"), [(200, 1), (20, 10)])
async def test_200_joins_at_once(server: Server, people: int, times: int) -> None:
    async with playing(server, people, tickets=10) as players:
        outcomes = await asyncio.gather(
            *(players.join(person) for person in players.people for _ in range(times)),
            return_exceptions=True,
        )
        joined = [answer for answer in outcomes if not isinstance(answer, BaseException)]
        for answer in outcomes:
            if isinstance(answer, BaseException):
                assert isinstance(answer, RefusedError)
                assert answer.reason_name == "ALREADY_IN_ROUND"
        counts = Counter(answer.round.round_id for answer in joined)
        full = [round_id for round_id, count in counts.items() if count == 20]
        assert len(full) == len(joined) // 20
        if times == 1:
            assert len(joined) == 200
            assert len(full) == len(counts) == 10
        for round_id in full:
            drawn = await players.until_over(round_id)
            assert drawn.state == Round.STATE_FINISHED
            entries = [e async for e in players.operator.round_entries(round_id)]
            assert len({entry.person_id for entry in entries}) == len(entries) == 20
            await players.operator.verify_round(round_id)
        # Whoever waits in the last round leaves, and everything is accounted for.
        waiting = await players.waiting()
        for entry in [e async for e in players.operator.round_entries(waiting.round_id)]:
            await players.operator.leave_queue("BRONZE", "small", entry.person_id)
        assert await players.supply("BRONZE") == (people * 10 - len(full) * 20) * TICKET
        assert await players.supply("SILVER") == len(full) * TICKET
        assert len(await players.operator.queues()) == 21


async def test_people_who_cannot_make_up_their_minds(server: Server) -> None:
    """Joins and leaves of the same people in the same blocks: nobody twice, nothing lost."""
    async with playing(server, 8) as players:

        async def waver(person: str) -> None:
            for _ in range(6):
                calls = [
                    players.join(person),
                    players.operator.leave_queue("BRONZE", "small", person),
                    players.join(person),
                ]
                for outcome in await asyncio.gather(*calls, return_exceptions=True):
                    if isinstance(outcome, BaseException):
                        assert isinstance(outcome, RefusedError)
                        assert outcome.reason_name in {"ALREADY_IN_ROUND", "NOT_IN_ROUND"}

        await asyncio.gather(*map(waver, players.people))
        found = await players.waiting()
        entries = [entry async for entry in players.operator.round_entries(found.round_id)]
        people = [entry.person_id for entry in entries]
        assert len(set(people)) == len(people) == found.players
        assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
        for person in players.people:
            assert await players.has(person) == (2 if person in people else 3) * TICKET
        held = await players.operator.balance(found.escrow, "BRONZE")
        assert held.posted == len(people) * TICKET


def test_joining_has_the_paths_that_games_call() -> None:
    service = queue_service_pb2.DESCRIPTOR.services_by_name["QueueService"]
    rule = service.methods_by_name["JoinQueue"].GetOptions().Extensions[annotations_pb2.http]
    assert rule.post == "/v1/tier-games/{tier}/{size}/join"
    assert [more.post for more in rule.additional_bindings] == ["/tier-games/{tier}/{size}/join"]


async def test_a_person_is_told_by_the_stream(server: Server) -> None:
    async with playing(server, 20) as players:
        ann, *others = players.people
        first = await players.join(ann)
        seen: list[tuple[str, int, int]] = []
        stream = players.operator.watch_queues(tier="BRONZE", size="small", person_id=ann)
        async with asyncio.timeout(30), aclosing(stream) as messages:
            async for message in messages:
                for told in message.rounds:
                    found = told.round
                    seen.append((found.round_id, found.state, told.position))
                    if len(seen) == 1:
                        cursor = message.cursor
                        filling = asyncio.gather(*(players.join(person) for person in others))
                if any(state == Round.STATE_FINISHED for _, state, _ in seen):
                    break
        await filling
        mine = [(state, position) for id_, state, position in seen if id_ == first.round.round_id]
        assert mine[0] == (Round.STATE_WAITING, 1)
        assert mine[-1] == (Round.STATE_FINISHED, 1)
        assert {position for _, position in mine} == {1}
        # Another reader goes on behind the first message, and learns what changed since, once.
        resumed = players.operator.watch_queues(after_sequence=cursor)
        async with asyncio.timeout(30), aclosing(resumed) as messages:
            told = [w.round async for m in _first(messages, 2) for w in m.rounds]
        assert [r.round_id for r in told].count(first.round.round_id) == 1
        assert {(r.tier, r.size) for r in told} == {("BRONZE", "small")}
        await refused("INVALID_FIELD", anext(players.operator.watch_queues(after_sequence=10**9)))


async def _first(messages, count):
    async for message in messages:
        yield message
        count -= 1
        if not count:
            return
