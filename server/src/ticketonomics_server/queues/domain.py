"""The plug of this room: what the engine needs to know of it."""

from functools import partial

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.identity.model_people import QUEUES_GONE_TIMER
from ticketonomics_server.queues import decide, decide_rounds, rows
from ticketonomics_server.queues.draw_keys import DrawKeys
from ticketonomics_server.queues.model import (
    ConvertDown,
    DrawRound,
    EndEntries,
    ExpireRound,
    JoinQueue,
    LeaveQueue,
    OpenQueues,
    OpenRound,
    TimerKind,
)


def make_queues(draws: DrawKeys) -> Domain:
    """Makes the plug for a server with these draw keys, which may come and go."""
    return Domain(
        name="queues",
        tables=(
            rows.QUEUES,
            rows.ROUNDS,
            rows.ENTRIES,
            rows.PLAYERS,
            rows.WIN_COUNTS,
            rows.GatheringTable(),
        ),
        commands={
            OpenQueues: Handling(
                decide.declare_open_queues, partial(decide.decide_open_queues, draws=draws)
            ),
            JoinQueue: Handling(decide.declare_join, partial(decide.decide_join, draws=draws)),
            LeaveQueue: Handling(decide.declare_leave, decide.decide_leave),
            ConvertDown: Handling(decide.declare_convert_down, decide.decide_convert_down),
            DrawRound: Handling(
                decide_rounds.declare_draw, partial(decide_rounds.decide_draw, draws=draws)
            ),
            ExpireRound: Handling(
                decide_rounds.declare_expire, partial(decide_rounds.decide_expire, draws=draws)
            ),
            OpenRound: Handling(
                decide_rounds.declare_open_round,
                partial(decide_rounds.decide_open_round, draws=draws),
            ),
            EndEntries: Handling(
                decide_rounds.declare_end_entries, decide_rounds.decide_end_entries
            ),
        },
        timers={
            TimerKind.DRAW: decide_rounds.draw_of_timer,
            TimerKind.EXPIRE: decide_rounds.expiry_of_timer,
            TimerKind.OPEN: decide_rounds.opening_of_timer,
            QUEUES_GONE_TIMER: decide_rounds.ending_of_timer,
        },
    )
