"""This room's plug: what the engine needs to know of it. Other rooms' commands change its rows."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.identity.model_people import PROGRESS_GONE_TIMER
from ticketonomics_server.progression import decide
from ticketonomics_server.progression.model import EndProgress
from ticketonomics_server.progression.rows import PROGRESS, ProgressOfGoneTable

PROGRESSION = Domain(
    name="progression",
    tables=(PROGRESS, ProgressOfGoneTable()),
    commands={EndProgress: Handling(decide.declare_end_progress, decide.decide_end_progress)},
    timers={PROGRESS_GONE_TIMER: decide.ending_of_timer},
)
