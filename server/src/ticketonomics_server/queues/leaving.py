"""How stakes go back, and to whom. Pure."""

from collections.abc import Iterable

from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import Person, PersonState, person_account
from ticketonomics_server.ledger.model import SINK, Posting
from ticketonomics_server.queues.model import (
    Entry,
    Player,
    Queue,
    Round,
    RoundState,
    escrow_of,
)


def payee_of(state: State, person_id: str) -> str:
    """Returns the account that gets what is a person's: that of whom the person is part of by now.

    What is an erased person's is burned, as everything was that the person had. `declare` must name
    all of them.
    """
    person = state.find(Person, person_id)
    while person is not None and person.state == PersonState.MERGED:
        assert person.merged_into is not None, "a merged person is part of somebody"
        person_id = person.merged_into
        person = state.find(Person, person_id)
    if person is not None and person.state == PersonState.ERASED:
        return SINK
    return person_account(person_id)


def refunds_of(state: State, found: Round, people: Iterable[str]) -> tuple[Posting, ...]:
    """Gives each of these people the stake back; one posting an account, as postings must be."""
    escrow = escrow_of(found.round_id)
    due: dict[str, int] = {}
    for person_id in people:
        payee = payee_of(state, person_id)
        due[payee] = due.get(payee, 0) + found.stake
    return tuple(Posting(escrow, payee, found.tier, amount) for payee, amount in due.items())


def take_out(state: State, found: Round, person_id: str, context: Context) -> None:
    """Takes a person out of a waiting round; the others move up."""
    entry: Entry = state.rows[Entry][found.round_id, person_id]
    state.remove(entry)
    state.change(found)
    found.players = " ".join(other for other in found.people if other != person_id)
    found.change_sequence = context.sequence
    queue: Queue = state.rows[Queue][found.queue]
    state.change(queue)
    queue.entries -= 1
    player: Player = state.rows[Player][found.tier, person_id]
    state.change(player)
    player.entries -= 1


def expire(state: State, found: Round, context: Context) -> None:
    """Ends a round without a winner, by its timer. Its entries stay, as its history."""
    state.change(found)
    found.timer_id = 0
    found.state = RoundState.EXPIRED
    found.resolve_time = context.time
    found.resolve_sequence = found.change_sequence = context.sequence
    queue: Queue = state.rows[Queue][found.queue]
    state.change(queue)
    queue.expired += 1
