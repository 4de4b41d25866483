"""This room's plug: what the engine needs to know of it. It decides nothing by itself."""

from ticketonomics_server.engine.domain import Domain
from ticketonomics_server.prices.journal import TickJournal

PRICES = Domain(name="prices", tables=(), journals=(TickJournal(),), commands={})
