"""Decides what becomes of what a merged or erased person has here. Pure."""

from ticketonomics_server.engine.canonical import encode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, set_timer
from ticketonomics_server.engine.state import State
from ticketonomics_server.rewards.commands import (
    NO_BODY,
    MoveRewards,
)
from ticketonomics_server.rewards.model import (
    HASH_BYTES,
    KEPT_HASHES,
    EntryKind,
    Participant,
    ReferralCode,
    ReferralState,
    RewardsOf,
    TimerKind,
)
from ticketonomics_server.rewards.paying import take_participant
from ticketonomics_server.rewards.rules import absorb


def moving_of_timer(due: DueTimer) -> MoveRewards:
    """Reads who is gone."""
    return MoveRewards(due.request_id, NO_BODY, due.payload.decode())


def declare_move_rewards(command: MoveRewards, caller: Caller, keys: Keys) -> None:
    keys[RewardsOf].add(command.person_id)
    keys[Counter].add(TIMER_SERIES)


def decide_move_rewards(
    state: State, command: MoveRewards, context: Context
) -> Decision | NothingToDo:
    """Hands what a person has used up and is due on to whom the person is part of; else erases it.

    A referral of an erased person is over. Nobody was merged or erased again since: such people
    are active, and what becomes of them later sets a timer of its own.
    """
    target_id: str = state.rows[RewardsOf].pop(command.person_id, "")
    source = state.rows[Participant].get(command.person_id)
    if source is None:
        return NothingToDo()

    code = state.rows[ReferralCode].get(source.code) if source.code else None
    if target_id:
        target = take_participant(state, target_id)
        pending = target.referral_state
        absorb(target, source)
        target.hashes = (source.hashes + target.hashes)[-HASH_BYTES * KEPT_HASHES :]
        if pending != target.referral_state == ReferralState.PENDING:
            payload = encode_fields(target_id, target.referrer_id)
            set_timer(state, context.time, TimerKind.REFERRAL, payload)
        if code is not None:
            state.change(code)
            code.person_id = target_id
    elif code is not None:
        state.remove(code)
    state.remove(source)
    return decide_event(command, context, EntryKind.REWARDS_MOVED, command.person_id, target_id)
