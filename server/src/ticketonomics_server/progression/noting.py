"""Notes what people do, where it is decided. Pure. Other rooms call it after their effects."""

from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.state import State
from ticketonomics_server.progression.model import DAYS_KEPT, Deed, Progress, day_of

_PEOPLE = "users/"
_DAYS_MASK = (1 << DAYS_KEPT) - 1


def person_of(address: str) -> str:
    """Returns whose account an address is; empty for an account that is nobody's own."""
    return address.removeprefix(_PEOPLE) if address.startswith(_PEOPLE) else ""


def declare_deed(person_id: str, keys: Keys) -> None:
    """Names what `note_deed` changes."""
    if person_id:
        keys[Progress].add(person_id)


def note_deed(
    state: State, person_id: str, deed: Deed, context: Context, *, count: int = 1
) -> None:
    """Counts what a person has done; organisations and applications have no progress.

    Args:
        person_id: Empty for nobody: then nothing is counted.
        count: How often.
    """
    if not person_id:
        return
    day = day_of(context.time)
    progress = state.find(Progress, person_id)
    if progress is None:
        progress = Progress(person_id, day, day, 1, context.sequence)
        state.add(progress)
    else:
        state.change(progress)
        gap = day - progress.last_day
        if gap > 0:
            kept = progress.active_days << gap if gap < DAYS_KEPT else 0
            progress.active_days = (kept | 1) & _DAYS_MASK
            progress.last_day = day
        progress.change_sequence = context.sequence
    setattr(progress, deed, getattr(progress, deed) + count)
