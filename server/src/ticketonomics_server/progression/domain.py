"""This room's plug: what the engine needs to know of it. Other rooms' commands change its rows."""

from ticketonomics_server.engine.domain import Domain
from ticketonomics_server.progression.rows import PROGRESS

PROGRESSION = Domain(name="progression", tables=(PROGRESS,), commands={})
