"""How much the Parliament may mint and burn. Pure."""

from datetime import UTC, datetime, timedelta

from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.model import MINT, SINK, Balance
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.parameters.reading import declare_parameters, read
from ticketonomics_server.parliament.model import PolicyPeriod, Type
from ticketonomics_server.parliament.parameters import (
    BURN_LIMIT,
    MINT_LIMIT,
    POLICY,
    POLICY_PERIOD,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def declare_policy(keys: Keys) -> None:
    """Names what the guards look at and `record_policy` changes."""
    declare_parameters(keys, *POLICY)
    keys[PolicyPeriod].add(BRONZE)
    keys[Balance].update(((MINT, BRONZE), (SINK, BRONZE)))


def guard_proposed(state: State, kind: Type, amount: int) -> None:
    """Refuses with POLICY_LIMIT_EXCEEDED what would be too much for a whole period."""
    _guard(kind, amount, limit=_limit(state, kind, _circulating(state)), done=0)


def guard_policy(state: State, kind: Type, amount: int, context: Context) -> PolicyPeriod:
    """Refuses with POLICY_LIMIT_EXCEEDED what is too much for this period.

    Returns:
        The period as `record_policy` will leave it.
    """
    seconds = read(state, POLICY_PERIOD)
    start = context.time - (context.time - _EPOCH) % timedelta(seconds=seconds)
    row = state.find(PolicyPeriod, BRONZE)
    if row is not None and row.start_time == start:
        period = PolicyPeriod(*row.snapshot())
    else:
        period = PolicyPeriod(BRONZE, start, _circulating(state), 0, 0)
    minting = kind == Type.POLICY_MINT
    done = period.minted if minting else period.burned
    _guard(kind, amount, limit=_limit(state, kind, period.supply), done=done)
    if minting:
        period.minted += amount
    else:
        period.burned += amount
    return period


def record_policy(state: State, period: PolicyPeriod) -> None:
    """Keeps what `guard_policy` has returned."""
    row = state.find(PolicyPeriod, period.asset)
    if row is None:
        state.add(period)
    else:
        state.change(row)
        row.restore(period.snapshot())


def _limit(state: State, kind: Type, supply: int) -> int:
    share = read(state, MINT_LIMIT if kind == Type.POLICY_MINT else BURN_LIMIT)
    return supply * share // 10_000


def _guard(kind: Type, amount: int, *, limit: int, done: int) -> None:
    if done + amount > limit:
        raise Rejection(
            Reason.POLICY_LIMIT_EXCEEDED,
            f"the Parliament may {kind.name.removeprefix('POLICY_').lower()} {limit - done} more"
            f" minor units of {BRONZE} in a period, not {amount}",
            limit=limit,
            left=limit - done,
            required=amount,
        )


def _circulating(state: State) -> int:
    mint, sink = state.find(Balance, (MINT, BRONZE)), state.find(Balance, (SINK, BRONZE))
    return -(mint.posted if mint else 0) - (sink.posted if sink else 0)
