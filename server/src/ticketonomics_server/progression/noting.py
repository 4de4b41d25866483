"""Notes what people do, where it is decided. Pure. Other rooms call it after their effects."""

from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters.model import ParameterValue
from ticketonomics_server.progression.counting import Terms, begin, count_deed
from ticketonomics_server.progression.model import Deed, Progress, day_of
from ticketonomics_server.progression.parameters import TERMS
from ticketonomics_server.spending.rights import PEOPLE


def person_of(address: str) -> str:
    """Returns whose account an address is; empty for an account that is nobody's own."""
    return address.removeprefix(PEOPLE) if address.startswith(PEOPLE) else ""


def declare_deed(person_id: str, keys: Keys) -> None:
    """Names what `note_deed` looks at and changes."""
    if person_id:
        keys[Progress].add(person_id)


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
    count_deed(progress, deed, count, day, _terms(state))


def _terms(state: State) -> Terms:
    """Reads what deeds come to: whoever loads progress has these parameters with it."""
    settings = state.rows[ParameterValue]
    experience, full, most = (
        parameter.defaults if (row := settings.get(parameter.name)) is None else row.values
        for parameter in TERMS
    )
    return Terms(experience, full[0], most[0])
