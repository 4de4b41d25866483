"""Rules under which a community decides within minutes what others decide within weeks."""

from ticketonomics_client import Client, RefusedError

from ticketonomics_simulator.patience import Patience
from ticketonomics_simulator.tickets import WHOLE

RULES = {
    "parliament.discussion_period": 20,
    "parliament.voting_period": 60,
    "parliament.veto_period": 15,
    "parliament.age": 0,
    "parliament.active_days": 0,
    "parliament.open_proposals": 1,
    "parliament.deposit": 20 * WHOLE,
}
# The operator of an economy that has a Parliament of its own has decided otherwise.
_NOT_OURS = frozenset({"SCOPE_MISSING", "PARAMETER_OF_PARLIAMENT"})


async def govern(operator: Client, *, patience: Patience) -> None:
    """Sets the rules that nobody has set yet, where the given key may."""

    async def set_missing() -> None:
        for name, value in RULES.items():
            if not (await operator.parameter(name)).set_sequence:
                await operator.set_parameter(name, value, reason="a simulated community is quick")

    try:
        await patience.ask(set_missing)
    except RefusedError as error:
        if error.reason_name not in _NOT_OURS:
            raise
