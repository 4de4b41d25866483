"""Notes what people do, where it is decided. Pure. Other rooms call it after their effects."""

from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters.reading import declare_parameters, read, read_list
from ticketonomics_server.progression.counting import Terms, begin, count_deed
from ticketonomics_server.progression.model import Deed, Progress, day_of
from ticketonomics_server.progression.parameters import DAILY_FULL, DAILY_MOST, EXPERIENCE

_PEOPLE = "users/"


def person_of(address: str) -> str:
    """Returns whose account an address is; empty for an account that is nobody's own."""
    return address.removeprefix(_PEOPLE) if address.startswith(_PEOPLE) else ""


def declare_deed(person_id: str, keys: Keys) -> None:
    """Names what `note_deed` looks at and changes."""
    if person_id:
        keys[Progress].add(person_id)
        declare_parameters(keys, EXPERIENCE, DAILY_FULL, DAILY_MOST)


def note_deed(
    state: State, person_id: str, deed: Deed, context: Context, *, count: int = 1
) -> None:
    """Counts what a person has done; organisations and applications have no progress.

    Experience grows by it, and what achievements it earns are earned by this very entry.

    Args:
        person_id: Empty for nobody: then nothing is counted.
        count: How often.
    """
    if not person_id:
        return
    day = day_of(context.time)
    progress = state.find(Progress, person_id)
    if progress is None:
        progress = begin(person_id, day, context.sequence)
        state.add(progress)
    else:
        state.change(progress)
        progress.change_sequence = context.sequence
    terms = Terms(read_list(state, EXPERIENCE), read(state, DAILY_FULL), read(state, DAILY_MOST))
    count_deed(progress, deed, count, day, terms)
