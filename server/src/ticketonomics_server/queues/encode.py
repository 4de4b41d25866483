"""Encodes queues, rounds and entries into contract messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median_low

from google.protobuf.duration_pb2 import Duration
from ticketonomics.queues.v1 import queue_pb2, round_pb2

from ticketonomics_server.ledger.tickets import TIERS
from ticketonomics_server.queues.model import (
    Entry,
    Player,
    Queue,
    Round,
    RoundState,
    WinCount,
    escrow_of,
    next_tier,
    split_queue,
)
from ticketonomics_server.queues.queries_statistics import FillFigures
from ticketonomics_server.rpc.fields import set_time


def encode_round(found: Round, queue: Queue, now: datetime) -> round_pb2.Round:
    """Encodes a round.

    Args:
        queue: Its queue, as of the same moment, for the estimate.
        now: The database's clock.
    """
    tier, size = split_queue(found.queue)
    players = len(found.people)
    message = round_pb2.Round(
        round_id=found.round_id,
        tier=tier,
        size=size,
        number=found.number,
        state=f"STATE_{RoundState(found.state).name}",
        players=players,
        places=found.places,
        stake=found.stake,
        reward_tier=next_tier(tier),
        reward=found.reward,
        commitment=found.commitment,
        draw_key_id=found.draw_key_id,
        secret=found.secret,
        winner_person_id=found.winner,
        winner_position=found.winner_position,
        escrow=escrow_of(found.round_id),
        resolve_sequence=found.resolve_sequence,
        change_sequence=found.change_sequence,
        extended=found.extended,
    )
    set_time(message.create_time, found.create_time)
    set_time(message.expire_time, found.expire_time)
    if found.fill_time is not None:
        set_time(message.fill_time, found.fill_time)
    if found.resolve_time is not None:
        set_time(message.resolve_time, found.resolve_time)
    if found.state == RoundState.WAITING:
        _set_duration(message.time_remaining, max(found.expire_time - now, timedelta()))
        if queue.recent_fills:
            typical = median_low(map(int, queue.recent_fills.split()))
            left = timedelta(seconds=typical) * (found.places - players) / found.places
            set_time(message.estimated_fill_time, now + left)
    return message


def encode_queue(queue: Queue, found: Round | None, now: datetime) -> queue_pb2.Queue:
    """Encodes a queue with its round."""
    return queue_pb2.Queue(
        tier=queue.tier,
        size=queue.size,
        round=None if found is None else encode_round(found, queue, now),
        finished_rounds=queue.finished,
        expired_rounds=queue.expired,
    )


def encode_entry(entry: Entry, position: int) -> round_pb2.Entry:
    """Encodes a person in a round, at a place in the order of joining."""
    message = round_pb2.Entry(
        round_id=entry.round_id,
        person_id=entry.person_id,
        position=position,
        nonce=entry.nonce,
        join_sequence=entry.join_sequence,
    )
    set_time(message.join_time, entry.join_time)
    return message


def encode_statistics(queue: Queue, fills: FillFigures) -> queue_pb2.QueueStatistics:
    """Encodes a queue's figures."""
    message = queue_pb2.QueueStatistics(
        tier=queue.tier,
        size=queue.size,
        finished_rounds=queue.finished,
        expired_rounds=queue.expired,
        entries=queue.entries,
        fill_time_rounds=fills.rounds,
        wins_by_position=fills.wins_by_position,
    )
    if fills.p50 is not None and fills.p95 is not None:
        _set_duration(message.fill_time_p50, fills.p50)
        _set_duration(message.fill_time_p95, fills.p95)
    return message


def encode_progression(counts: Sequence[WinCount]) -> list[queue_pb2.TierProgression]:
    """Encodes how people come from tier to tier, from the second tier up."""
    by_tier: Mapping[str, list[WinCount]] = {tier: [] for tier in TIERS[:-1]}
    for count in counts:
        by_tier[count.tier].append(count)
    return [_encode_tier(next_tier(tier), found) for tier, found in by_tier.items()]


def _encode_tier(tier: str, counts: list[WinCount]) -> queue_pb2.TierProgression:
    reached = sum(count.people for count in counts if count.wins)
    seconds = sum(count.reach_seconds for count in counts)
    message = queue_pb2.TierProgression(
        tier=tier,
        people_reached=reached,
        win_counts=[
            queue_pb2.WinCount(wins=count.wins, people=count.people)
            for count in counts
            if count.people
        ],
    )
    if reached:
        _set_duration(message.average_time, timedelta(seconds=seconds / reached))
    return message


def encode_top_player(player: Player) -> queue_pb2.TopPlayer:
    """Encodes a person on the top board."""
    return queue_pb2.TopPlayer(
        person_id=player.person_id, won=player.won, wins=player.wins, entries=player.entries
    )


def _set_duration(target: Duration, value: timedelta) -> None:
    target.FromTimedelta(value)
