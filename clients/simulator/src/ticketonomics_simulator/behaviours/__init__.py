"""Everything that people do. A new behaviour is a module here and a line in a list."""

from ticketonomics_simulator.behaviours import (
    buying,
    chatting,
    claiming,
    donating,
    dreaming,
    earning,
    founding,
    investing,
    paying,
    proposing,
    providing,
    queueing,
    sharing_profit,
    tapping,
    tipping,
    trading,
    voting,
    wages,
    welcoming,
)
from ticketonomics_simulator.behaviours.behaviour import Behaviour

# Those whose plans are payments.
PAYING: tuple[Behaviour, ...] = (
    welcoming.BEHAVIOUR,
    earning.BEHAVIOUR,
    tipping.BEHAVIOUR,
    paying.BEHAVIOUR,
    buying.BEHAVIOUR,
    founding.BEHAVIOUR,
    wages.BEHAVIOUR,
    investing.BEHAVIOUR,
    sharing_profit.BEHAVIOUR,
    donating.BEHAVIOUR,
    dreaming.BEHAVIOUR,
)

# Those whose plans are acts.
ACTING: tuple[Behaviour, ...] = (
    claiming.BEHAVIOUR,
    tapping.BEHAVIOUR,
    chatting.BEHAVIOUR,
    trading.BUYING,
    trading.SELLING,
    trading.PLUNGING,
    providing.BEHAVIOUR,
    queueing.BEHAVIOUR,
    proposing.BEHAVIOUR,
    voting.BEHAVIOUR,
)

BEHAVIOURS = PAYING + ACTING
