"""This room's plug: what the engine needs to know of it."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.parameters import decide
from ticketonomics_server.parameters.model import SetParameter
from ticketonomics_server.parameters.rows import VALUES, ChangeJournal

PARAMETERS = Domain(
    name="parameters",
    tables=(VALUES,),
    journals=(ChangeJournal(),),
    commands={SetParameter: Handling(decide.declare_set_parameter, decide.decide_set_parameter)},
)
