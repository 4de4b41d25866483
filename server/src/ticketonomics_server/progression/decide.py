"""Decides what becomes of the progress of somebody who is gone. Pure."""

from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.state import State
from ticketonomics_server.progression.counting import combine, renamed
from ticketonomics_server.progression.model import EndProgress, EntryKind, Progress, ProgressOfGone


def ending_of_timer(due: DueTimer) -> EndProgress:
    """Reads whose progress a timer ends."""
    return EndProgress(due.request_id, bytes(16), due.payload.decode())


def declare_end_progress(command: EndProgress, caller: Caller, keys: Keys) -> None:
    keys[ProgressOfGone].add(command.person_id)


def decide_end_progress(
    state: State, command: EndProgress, context: Context
) -> Decision | NothingToDo:
    """Combines a merged person's progress with the target's; that of an erased one goes."""
    target_id = state.rows[ProgressOfGone].pop(command.person_id)
    source = state.find(Progress, command.person_id)
    if source is None:
        return NothingToDo()
    if not target_id:
        state.remove(source)
        return decide_event(command, context, EntryKind.PROGRESS_ERASED, command.person_id)
    target = state.find(Progress, target_id)
    if target is None:
        state.add(renamed(source, target_id, context.sequence))
    else:
        state.change(target)
        combine(source, target, context.sequence)
    state.remove(source)
    return decide_event(command, context, EntryKind.PROGRESS_MERGED, command.person_id, target_id)
