"""All rooms of the server, in the order in which their rows are loaded."""

import ticketonomics_server.proofs.tables  # noqa: F401 - this room has tables, and decides nothing.
from ticketonomics_server.amm.domain import AMM
from ticketonomics_server.engine.domain import Domain
from ticketonomics_server.engine.timers import ENGINE
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.parameters.domain import PARAMETERS
from ticketonomics_server.parliament.domain import PARLIAMENT
from ticketonomics_server.payments.domain import PAYMENTS
from ticketonomics_server.prices.domain import PRICES
from ticketonomics_server.progression.domain import PROGRESSION
from ticketonomics_server.queues.domain import make_queues
from ticketonomics_server.queues.draw_keys import DrawKeys
from ticketonomics_server.rewards.domain import REWARDS
from ticketonomics_server.spending.domain import SPENDING
from ticketonomics_server.webhooks.domain import WEBHOOKS


def make_domains(draws: DrawKeys) -> tuple[Domain, ...]:
    """Lists all rooms of a server that draws with these keys."""
    return (
        ENGINE,
        LEDGER,
        IDENTITY,
        PAYMENTS,
        SPENDING,
        WEBHOOKS,
        PARAMETERS,
        PROGRESSION,
        PRICES,
        AMM,
        REWARDS,
        PARLIAMENT,
        make_queues(draws),
    )


# For whoever draws nothing.
DOMAINS = make_domains(DrawKeys())
