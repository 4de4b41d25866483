"""Decides the opening of queues, and who joins and leaves. Pure but for the keys it is built with.

A domain is built over the server's draw keys: a function of round and key, the same on every server
that has the key. See ADR 0015.
"""

from datetime import timedelta

from ticketonomics_server.engine.canonical import encode_fields, leaf_with_event
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Timer, set_timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import Person, person_account
from ticketonomics_server.ledger.decide import no_asset
from ticketonomics_server.ledger.decide_rooms import (
    decide_room_transaction,
    declare_room_transaction,
)
from ticketonomics_server.ledger.model import MINT, SINK, Asset, Balance, Posting
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.ledger.tickets import TIERS
from ticketonomics_server.parameters.reading import declare_parameters, read
from ticketonomics_server.progression.model import Deed
from ticketonomics_server.progression.noting import declare_deed, note_deed
from ticketonomics_server.queues.draw_keys import DrawKeys, missing
from ticketonomics_server.queues.leaving import refunds_of, take_out
from ticketonomics_server.queues.model import (
    QUEUE_NAMES,
    RECENT_FILLS,
    TICKETS_BELOW,
    ConvertDown,
    Entry,
    EntryKind,
    JoinQueue,
    LeaveQueue,
    OpenQueues,
    Player,
    Queue,
    Round,
    RoundState,
    TimerKind,
    WinCount,
    escrow_of,
    next_tier,
    split_queue,
    tier_below,
)
from ticketonomics_server.queues.opening import (
    FULL_BPS,
    declare_opening,
    open_round,
    opened_fields,
    whole_ticket,
)
from ticketonomics_server.queues.parameters import CONVERT_DOWN, CONVERT_DOWN_FEE
from ticketonomics_server.spending.rights import not_owner, owns

MANAGE = "queues.manage"


def declare_open_queues(command: OpenQueues, caller: Caller, keys: Keys) -> None:
    keys[Queue].update(QUEUE_NAMES)
    for tier in TIERS[:-1]:
        declare_opening(tier, keys)


def decide_open_queues(
    state: State, command: OpenQueues, context: Context, draws: DrawKeys
) -> Decision | NothingToDo:
    """Opens the first round of each queue that has none, and takes this server's key for the next.

    Guards: DRAW_KEY_MISSING, ASSET_NOT_FOUND.
    """
    if not draws.current:
        raise missing("this server has no key that rounds are drawn with")
    for tier in TIERS:
        if state.find(Asset, tier) is None:
            raise no_asset(tier)

    opened: list[Round] = []
    changed = False
    for position, name in enumerate(QUEUE_NAMES):
        queue = state.find(Queue, name)
        if queue is None:
            queue = Queue(name, position, command.economy, draws.current)
            state.add(queue)
        elif queue.draw_key_id != draws.current:
            state.change(queue)
            queue.draw_key_id = draws.current
            changed = True
        if not queue.round_id:
            found = open_round(state, queue, draws, context)
            assert found is not None, "this server has the key"
            opened.append(found)
    if not opened and not changed:
        return NothingToDo()
    return decide_event(
        command,
        context,
        EntryKind.QUEUES_OPENED,
        command.economy,
        draws.current,
        *(field for found in opened for field in opened_fields(found)),
    )


def declare_join(command: JoinQueue, caller: Caller, keys: Keys) -> None:
    """Names what is the person's, and the queue, with which come its round and who is in it."""
    tier, _ = split_queue(command.queue)
    account = person_account(command.person_id)
    # Which escrow it is, only the queue tells.
    declare_room_transaction([Posting(account, SINK, tier, 0)], caller, keys)
    keys[Queue].add(command.queue)
    keys[Person].add(command.person_id)
    keys[Player].add((tier, command.person_id))
    keys[WinCount].add((tier, 0))
    keys[Balance].add((account, next_tier(tier)))
    declare_opening(tier, keys)
    declare_deed(command.person_id, keys)


def decide_join(state: State, command: JoinQueue, context: Context, draws: DrawKeys) -> Decision:
    """Puts a person into the queue's round; the one who fills it has it drawn, and opens the next.

    Guards: QUEUE_NOT_OPEN, DRAW_KEY_MISSING, ALREADY_IN_ROUND, then those of a transfer.
    """
    queue, found = _find_open(state, command.queue)
    person_id = command.person_id
    key = found.round_id, person_id
    if state.rows[Entry].get(key) is not None:
        raise Rejection(
            Reason.ALREADY_IN_ROUND,
            f"{person_id} is in round {found.round_id} of {queue.name} already",
            person=person_id,
            round=found.round_id,
        )
    stake = Posting(person_account(person_id), escrow_of(found.round_id), queue.tier, found.stake)
    decision = decide_room_transaction(state, command, context, LedgerKind.QUEUE_JOINED, (stake,))

    state.rows[Entry].setdefault(key, None)
    state.add(
        Entry(*key, context.sequence, context.time, context.caller.application_id, command.nonce)
    )
    state.change(found)
    found.players = f"{found.players} {person_id}".strip()
    found.change_sequence = context.sequence
    state.change(queue)
    queue.entries += 1
    _count_player(state, queue.tier, person_id)
    opened = None
    if len(found.people) == found.places:
        _fill(state, queue, found, context)
        opened = open_round(state, queue, draws, context)
    note_deed(state, person_id, Deed.JOINED_QUEUE, context)
    return with_event(
        decision,
        found.round_id,
        person_id,
        context.caller.application_id,
        command.nonce,
        *opened_fields(opened),
    )


def _fill(state: State, queue: Queue, found: Round, context: Context) -> None:
    """Closes a round that has no place left, and has it drawn at once."""
    expiry: Timer | None = state.rows[Timer].get(found.timer_id)
    if expiry is not None:
        state.remove(expiry)
    found.state = RoundState.FILLED
    found.fill_time = context.time
    payload = encode_fields(found.round_id, found.queue)
    found.timer_id = set_timer(state, context.time, TimerKind.DRAW, payload)
    seconds = (context.time - found.create_time) // timedelta(seconds=1)
    recent = [*queue.recent_fills.split(), str(seconds)][-RECENT_FILLS:]
    queue.recent_fills = " ".join(recent)


def _count_player(state: State, tier: str, person_id: str) -> None:
    player = state.find(Player, (tier, person_id))
    if player is not None:
        state.change(player)
        player.entries += 1
        return
    state.add(Player(tier, person_id, entries=1))
    count = state.find(WinCount, (tier, 0))
    if count is None:
        state.add(WinCount(tier, 0, 1))
    else:
        state.change(count)
        count.people += 1


def _find_open(state: State, name: str) -> tuple[Queue, Round]:
    queue = state.find(Queue, name)
    if queue is None:
        raise not_open(name)
    if not queue.round_id:
        raise missing(f"{name} waits for a server that has its draw key")
    found: Round = state.rows[Round][queue.round_id]
    return queue, found


def not_open(name: str) -> Rejection:
    """Builds the refusal of a queue that the operator has not opened."""
    return Rejection(Reason.QUEUE_NOT_OPEN, f"{name} was not opened yet", queue=name)


def declare_leave(command: LeaveQueue, caller: Caller, keys: Keys) -> None:
    tier, _ = split_queue(command.queue)
    # The stake comes back, from an escrow that only the queue tells.
    account = person_account(command.person_id)
    declare_room_transaction([Posting(SINK, account, tier, 0)], caller, keys)
    keys[Queue].add(command.queue)
    keys[Person].add(command.person_id)
    keys[Player].add((tier, command.person_id))


def decide_leave(state: State, command: LeaveQueue, context: Context) -> Decision:
    """Gives a stake back, and the place free.

    Guards: QUEUE_NOT_OPEN, DRAW_KEY_MISSING, NOT_IN_ROUND, NOT_ACCOUNT_OWNER, then ACCOUNT_CLOSED
    and BALANCE_OVERFLOW.
    """
    queue, found = _find_open(state, command.queue)
    person_id = command.person_id
    entry: Entry | None = state.rows[Entry].get((found.round_id, person_id))
    if entry is None:
        raise Rejection(
            Reason.NOT_IN_ROUND,
            f"{person_id} is not in the round of {queue.name} that is waiting",
            person=person_id,
            round=found.round_id,
        )
    caller, account = context.caller, person_account(person_id)
    joined_it = not caller.person_id and entry.application_id == caller.application_id
    if not joined_it and not owns(caller, account):
        raise not_owner(account)
    decision = decide_room_transaction(
        state,
        command,
        context,
        LedgerKind.QUEUE_LEFT,
        refunds_of(state, found, [person_id]),
    )

    take_out(state, found, person_id, context)
    return with_event(decision, person_id, found.round_id)


def declare_convert_down(command: ConvertDown, caller: Caller, keys: Keys) -> None:
    account, below = person_account(command.person_id), tier_below(command.tier)
    declare_room_transaction(
        [Posting(account, SINK, command.tier, 0), Posting(MINT, account, below, 0)], caller, keys
    )
    declare_parameters(keys, CONVERT_DOWN, CONVERT_DOWN_FEE)


def decide_convert_down(state: State, command: ConvertDown, context: Context) -> Decision:
    """Burns a ticket, and mints 20 of the tier below, less a fee.

    Guards: CONVERSION_OFF, ASSET_NOT_FOUND, then those of a transfer.
    """
    if not read(state, CONVERT_DOWN):
        raise Rejection(Reason.CONVERSION_OFF, "tickets are not turned into those of lower tiers")
    below = tier_below(command.tier)
    for code in (command.tier, below):
        if state.find(Asset, code) is None:
            raise no_asset(code)
    account = person_account(command.person_id)
    gross = TICKETS_BELOW * whole_ticket(state, below)
    fee = -(-gross * read(state, CONVERT_DOWN_FEE) // FULL_BPS)
    postings = [Posting(account, SINK, command.tier, whole_ticket(state, command.tier))]
    if gross > fee:
        postings.append(Posting(MINT, account, below, gross - fee))
    return decide_room_transaction(
        state,
        command,
        context,
        LedgerKind.TICKETS_CONVERTED,
        tuple(postings),
        event=encode_fields(command.person_id, command.tier, below, gross - fee, fee),
        details=(below, gross - fee),
    )


def with_event(decision: Decision, *fields: bytes | str | int) -> Decision:
    """Puts an event beside a transaction's postings: what only the effects could tell."""
    event = encode_fields(*fields)
    return decision._replace(leaf=leaf_with_event(decision.leaf, event), event=event)
