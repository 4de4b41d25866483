"""All rooms of the server, in the order in which their rows are loaded."""

from ticketonomics_server.engine.timers import ENGINE
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.ledger.domain import LEDGER

DOMAINS = (ENGINE, LEDGER, IDENTITY)
