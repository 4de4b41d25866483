"""This room's plug: what the engine needs to know of it."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.spending import decide
from ticketonomics_server.spending.model import (
    GrantAllowance,
    RemoveBudget,
    RevokeAllowance,
    SetBudget,
)
from ticketonomics_server.spending.rows import LIMITS, SpendingJournal

SPENDING = Domain(
    name="spending",
    tables=(LIMITS,),
    journals=(SpendingJournal(),),
    commands={
        GrantAllowance: Handling(decide.declare_grant_allowance, decide.decide_grant_allowance),
        RevokeAllowance: Handling(decide.declare_revoke_allowance, decide.decide_revoke_allowance),
        SetBudget: Handling(decide.declare_set_budget, decide.decide_set_budget),
        RemoveBudget: Handling(decide.declare_remove_budget, decide.decide_remove_budget),
    },
)
