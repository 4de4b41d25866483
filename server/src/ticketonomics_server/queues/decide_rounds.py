"""Decides what timers make of rounds: the draw, the end of their time, the next one. Pure.

As in `decide`, the server's draw keys come with the domain.
"""

from datetime import timedelta

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import decode_fields, encode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, set_timer
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import person_account
from ticketonomics_server.ledger.decide_rooms import decide_room_transaction
from ticketonomics_server.ledger.model import MINT, SINK, Account, Posting
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.parameters.reading import declare_parameters, read
from ticketonomics_server.progression.model import Deed
from ticketonomics_server.progression.noting import note_deed, person_of
from ticketonomics_server.queues.decide import with_event
from ticketonomics_server.queues.draw_keys import DrawKeys
from ticketonomics_server.queues.drawing import commitment_of, draw
from ticketonomics_server.queues.leaving import expire, payee_of, refunds_of, take_out
from ticketonomics_server.queues.model import (
    MOST_WINS,
    UNDRAWN,
    DrawRound,
    EndEntries,
    Entry,
    EntryKind,
    ExpireRound,
    Gathering,
    OpenRound,
    Player,
    Queue,
    Round,
    RoundState,
    TimerKind,
    WinCount,
    escrow_of,
    next_tier,
    split_queue,
)
from ticketonomics_server.queues.opening import (
    declare_opening,
    open_round,
    opened_fields,
    wait_until,
)
from ticketonomics_server.queues.parameters import DRAW_TIMEOUT, TIMEOUT_ACTION

EXTEND_ONCE = TIMEOUT_ACTION.choices.index("extend_once")


def draw_of_timer(due: DueTimer) -> DrawRound:
    """Reads which round a timer wants drawn."""
    round_id, queue = decode_fields(due.payload)
    return DrawRound(due.request_id, str(round_id), str(queue))


def declare_draw(command: DrawRound, caller: Caller, keys: Keys) -> None:
    keys[Queue].add(command.queue)
    keys[Gathering].add(("round", command.round_id))
    keys[Counter].add(TIMER_SERIES)
    declare_parameters(keys, DRAW_TIMEOUT)


def decide_draw(
    state: State, command: DrawRound, context: Context, draws: DrawKeys
) -> Decision | NothingToDo:
    """Draws a full round: burns all stakes and mints the reward, in one transaction.

    A server that has not the key leaves it to others, and looks again later; when the time for
    draws is over, every stake goes back. So it does when the reward cannot be paid.
    """
    found = _gathered(state, command.round_id)
    if found is None or found.state not in UNDRAWN:
        return NothingToDo()
    queue: Queue = state.rows[Queue][found.queue]
    secret = draws.secret(found.draw_key_id, queue.economy, found.round_id)
    if secret is None or commitment_of(secret) != found.commitment:
        assert found.fill_time is not None, "it has filled"
        if context.time < found.fill_time + timedelta(seconds=read(state, DRAW_TIMEOUT)):
            return _wait(state, found, command, context)
        return _refund(state, found, command, context)
    try:
        return _finish(state, found, secret, command, context)
    except Rejection:
        return _refund(state, found, command, context)


def _finish(
    state: State,
    found: Round,
    secret: bytes,
    command: DrawRound,
    context: Context,
) -> Decision:
    entries: dict[tuple[str, str], Entry] = state.rows[Entry]
    entrants = [(person, entries[found.round_id, person].nonce) for person in found.people]
    position = draw(found.round_id, secret, entrants)
    winner, _ = entrants[position]
    payee, tier = payee_of(state, winner), next_tier(found.tier)
    stakes = found.stake * len(entrants)
    postings = [Posting(escrow_of(found.round_id), SINK, found.tier, stakes)]
    if payee != SINK:
        postings.append(Posting(MINT, payee, tier, found.reward))
    decision = decide_room_transaction(
        state, command, context, LedgerKind.QUEUE_DRAWN, tuple(postings)
    )

    state.change(found)
    found.state = RoundState.FINISHED
    found.timer_id = 0
    found.secret, found.winner, found.winner_position = secret, winner, position + 1
    found.resolve_time = context.time
    found.resolve_sequence = found.change_sequence = context.sequence
    queue: Queue = state.rows[Queue][found.queue]
    state.change(queue)
    queue.finished += 1
    _count_win(state, found, winner, payee, context)
    note_deed(state, person_of(payee), Deed.WON_QUEUE, context)
    return with_event(decision, found.round_id, secret, winner, found.winner_position, payee)


def _count_win(state: State, found: Round, winner: str, payee: str, context: Context) -> None:
    """Counts the win, and with a first one how long it took."""
    player: Player = state.rows[Player][found.tier, winner]
    before, after = min(player.wins, MOST_WINS), min(player.wins + 1, MOST_WINS)
    state.change(player)
    player.wins += 1
    player.won += found.reward if payee != SINK else 0
    if player.wins == 1:
        account: Account = state.rows[Account][person_account(winner)]
        seconds = (context.time - account.open_time) // timedelta(seconds=1)
        _change_count(state, found.tier, 0, seconds=max(seconds, 0))
    if before != after:
        _change_count(state, found.tier, before, people=-1)
        _change_count(state, found.tier, after, people=1)


def _change_count(state: State, tier: str, wins: int, *, people: int = 0, seconds: int = 0) -> None:
    count = state.find(WinCount, (tier, wins))
    if count is None:
        state.add(WinCount(tier, wins, people, seconds))
        return
    state.change(count)
    count.people += people
    count.reach_seconds += seconds


def _wait(state: State, found: Round, command: DrawRound, context: Context) -> Decision:
    """Leaves the draw to a server that can: sets a timer to look again."""
    state.change(found)
    found.state = RoundState.IN_PROGRESS
    found.change_sequence = context.sequence
    time = wait_until(context, found.draw_tries)
    found.draw_tries += 1
    payload = encode_fields(found.round_id, found.queue)
    found.timer_id = set_timer(state, time, TimerKind.DRAW, payload)
    return decide_event(
        command, context, EntryKind.ROUND_WAITS, found.round_id, found.draw_tries, to_micros(time)
    )


def _refund(state: State, found: Round, command: DrawRound, context: Context) -> Decision:
    """Gives every stake of a full round back; if even that cannot be, tries again later."""
    try:
        decision = decide_room_transaction(
            state,
            command,
            context,
            LedgerKind.QUEUE_EXPIRED,
            refunds_of(state, found, found.people),
        )
    except Rejection:
        return _wait(state, found, command, context)
    expire(state, found, context)
    return with_event(decision, found.round_id)


def expiry_of_timer(due: DueTimer) -> ExpireRound:
    """Reads which round's time is over."""
    round_id, queue = decode_fields(due.payload)
    return ExpireRound(due.request_id, str(round_id), str(queue))


def declare_expire(command: ExpireRound, caller: Caller, keys: Keys) -> None:
    keys[Queue].add(command.queue)
    keys[Gathering].add(("round", command.round_id))
    declare_opening(split_queue(command.queue)[0], keys)
    declare_parameters(keys, TIMEOUT_ACTION)


def decide_expire(
    state: State, command: ExpireRound, context: Context, draws: DrawKeys
) -> Decision | NothingToDo:
    """Gives all stakes of a waiting round back, and opens the next one.

    An empty round just goes on, and so does, once, one that is to be extended.
    """
    found = _gathered(state, command.round_id)
    if found is None or found.state != RoundState.WAITING:
        return NothingToDo()
    people = found.people
    extends = read(state, TIMEOUT_ACTION) == EXTEND_ONCE and not found.extended
    if not people or extends:
        return _extend(state, found, command, context)
    try:
        decision = decide_room_transaction(
            state, command, context, LedgerKind.QUEUE_EXPIRED, refunds_of(state, found, people)
        )
    except Rejection:
        # Somebody cannot take the stake back now: it goes on, and comes here again.
        return _extend(state, found, command, context)

    expire(state, found, context)
    queue: Queue = state.rows[Queue][found.queue]
    opened = open_round(state, queue, draws, context)
    return with_event(decision, found.round_id, *opened_fields(opened))


def _extend(state: State, found: Round, command: ExpireRound, context: Context) -> Decision:
    state.change(found)
    found.extended = found.extended or bool(found.players)
    found.change_sequence = context.sequence
    found.expire_time = context.time + timedelta(seconds=found.timeout_seconds)
    payload = encode_fields(found.round_id, found.queue)
    found.timer_id = set_timer(state, found.expire_time, TimerKind.EXPIRE, payload)
    return decide_event(
        command,
        context,
        EntryKind.ROUND_EXTENDED,
        found.round_id,
        to_micros(found.expire_time),
        int(found.extended),
    )


def opening_of_timer(due: DueTimer) -> OpenRound:
    """Reads which queue has no round."""
    return OpenRound(due.request_id, due.payload.decode())


def declare_open_round(command: OpenRound, caller: Caller, keys: Keys) -> None:
    keys[Queue].add(command.queue)
    declare_opening(split_queue(command.queue)[0], keys)


def decide_open_round(
    state: State, command: OpenRound, context: Context, draws: DrawKeys
) -> Decision | NothingToDo:
    """Opens the round that no server could open before."""
    queue = state.find(Queue, command.queue)
    if queue is None or queue.round_id:
        return NothingToDo()
    opened = open_round(state, queue, draws, context)
    if opened is None:
        return decide_event(
            command, context, EntryKind.ROUND_WAITS, queue.name, queue.open_tries, 0
        )
    return decide_event(command, context, EntryKind.ROUND_OPENED, *opened_fields(opened))


def ending_of_timer(due: DueTimer) -> EndEntries:
    """Reads whose entries a timer ends."""
    return EndEntries(due.request_id, due.payload.decode())


def declare_end_entries(command: EndEntries, caller: Caller, keys: Keys) -> None:
    keys[Gathering].add(("person", command.person_id))


def decide_end_entries(
    state: State, command: EndEntries, context: Context
) -> Decision | NothingToDo:
    """Takes somebody who was merged or erased out of all rounds that wait.

    The stakes go to whom the person is part of, who may be in the same rounds; those of an erased
    person are burned. Full rounds stay as they are: what decides their draws is fixed.
    """
    round_ids = state.rows[Gathering].pop(("person", command.person_id), ())
    waiting = [
        found
        for found in (state.rows[Round][round_id] for round_id in round_ids)
        if found.state == RoundState.WAITING and command.person_id in found.people
    ]
    if not waiting:
        return NothingToDo()
    postings = [
        posting for found in waiting for posting in refunds_of(state, found, [command.person_id])
    ]
    decision = decide_room_transaction(
        state, command, context, LedgerKind.QUEUE_LEFT, tuple(postings)
    )

    for found in waiting:
        take_out(state, found, command.person_id, context)
    return with_event(decision, command.person_id, *(found.round_id for found in waiting))


def _gathered(state: State, round_id: str) -> Round | None:
    """Finds a round, with all that its end touches in the state for this one command."""
    state.rows[Gathering].pop(("round", round_id), None)
    return state.find(Round, round_id)
