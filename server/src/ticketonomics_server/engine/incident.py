"""Faults of our own: logged with an id, which is all that the caller gets to see."""

from secrets import token_hex

import structlog

from ticketonomics_server import metrics
from ticketonomics_server.engine.rejection import Reason, Rejection

log = structlog.get_logger(__name__)


def report_incident(error: BaseException, what: str, **facts: object) -> Rejection:
    """Logs a fault and returns the refusal that tells its id."""
    incident = token_hex(6)
    metrics.poisoned_commands.inc()
    log.error(what, incident=incident, exc_info=error, **facts)
    return Rejection(
        Reason.INTERNAL, f"a fault of the server, incident {incident}", incident=incident
    )
