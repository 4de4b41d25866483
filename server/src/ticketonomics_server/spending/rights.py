"""Who may take from an account: its owner, who needs no leave, or who was allowed to. Pure."""

from datetime import datetime

from ticketonomics_server.engine.command import Caller, Context
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.spending.model import SpendingLimit

DEBIT_ANY = "ledger.debit_any"
CONSENT = "spending.consent"

PEOPLE = "users/"


def is_trusted(caller: Caller) -> bool:
    """Tells whether a caller needs nobody's allowance.

    Who acts for a person needs the right to speak that person's own word; who acts for nobody, the
    right to take from all.
    """
    return (CONSENT if caller.person_id else DEBIT_ANY) in caller.scopes


def owns(caller: Caller, address: str) -> bool:
    """Tells whether a caller acts for the owner of an account, or for the owners of all."""
    if caller.person_id:
        return address == PEOPLE + caller.person_id
    return DEBIT_ANY in caller.scopes or address.startswith(f"apps/{caller.application_id}/")


def guard_debit_right(caller: Caller, address: str) -> None:
    """Refuses with NOT_ACCOUNT_OWNER who may not take from an account without an allowance."""
    if not owns(caller, address) or (caller.person_id and CONSENT not in caller.scopes):
        raise not_owner(address)


def declare_allowances(sources: set[tuple[str, str]], caller: Caller, keys: Keys) -> None:
    """Names the allowances that a caller who is not trusted may need.

    Args:
        sources: Account and asset of all that is taken.
    """
    keys[SpendingLimit].update(
        (caller.application_id, address.removeprefix(PEOPLE), asset)
        for address, asset in sources
        if address.startswith(PEOPLE)
    )


def guard_debit(state: State, context: Context, address: str, asset: str) -> None:
    """Refuses who may not take an asset from an account.

    Guards: NOT_ACCOUNT_OWNER, ALLOWANCE_ASKS. Whether the allowance is large enough is looked at
    where the net is known; see `limits`.
    """
    caller = context.caller
    # As `owns` has it, spelled out: every transfer comes along here.
    if caller.person_id:
        if CONSENT in caller.scopes and address == PEOPLE + caller.person_id:
            return
    elif DEBIT_ANY in caller.scopes or address.startswith(f"apps/{caller.application_id}/"):
        return
    allowance = find_allowance(state, caller, address, asset, context.time)
    if allowance is None:
        raise not_owner(address)
    if allowance.asks:
        raise Rejection(
            Reason.ALLOWANCE_ASKS,
            f"the owner of {address} wants to be asked each time: by RequestPayment",
            account=address,
            asset=asset,
        )


def find_allowance(
    state: State, caller: Caller, address: str, asset: str, time: datetime
) -> SpendingLimit | None:
    """Finds what a person allows a caller that is not trusted; None where it is nothing."""
    if not address.startswith(PEOPLE) or (caller.person_id and not owns(caller, address)):
        return None
    allowance = state.find(
        SpendingLimit, (caller.application_id, address.removeprefix(PEOPLE), asset)
    )
    return None if allowance is None or allowance.expired_at(time) else allowance


def not_owner(address: str) -> Rejection:
    """Builds the refusal to take from somebody else's account, or to see what only owners see."""
    return Rejection(
        Reason.NOT_ACCOUNT_OWNER, f"the caller may not take from {address}", account=address
    )
