"""Every parameter there is. A room's own are in its `parameters.py`; a new room is named here."""

from ticketonomics_server.amm.parameters import PARAMETERS as AMM
from ticketonomics_server.operator import parameters as operator
from ticketonomics_server.parameters.model import Owner, Parameter, Type
from ticketonomics_server.parliament import parameters as parliament
from ticketonomics_server.prices import parameters as prices
from ticketonomics_server.progression import parameters as progression
from ticketonomics_server.queues import parameters as queues
from ticketonomics_server.rewards.parameters import PARAMETERS as REWARDS

SEATED = Parameter(
    "parliament.seated",
    Type.BOOLEAN,
    default=0,
    owner=Owner.OPERATOR,
    one_way=True,
    description=(
        "Whether the Parliament alone sets what is its own. Until then the operator sets that as"
        " well, so that a young community is not stuck. It cannot be taken back."
    ),
)

PARAMETERS: tuple[Parameter, ...] = (
    SEATED,
    *prices.PARAMETERS,
    *progression.PARAMETERS,
    *REWARDS,
    *AMM,
    *queues.PARAMETERS,
    *parliament.PARAMETERS,
    *operator.PARAMETERS,
)

CATALOG: dict[str, Parameter] = {parameter.name: parameter for parameter in PARAMETERS}
if len(CATALOG) != len(PARAMETERS):
    raise ValueError("two parameters have one name")
