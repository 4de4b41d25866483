"""A domain that trades, for tests of prices: what other rooms do by `record_trade`."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from ticketonomics_server.engine.command import Caller, Context, Decision, decide_event
from ticketonomics_server.engine.domain import Domain, Handling, Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.prices.recording import record_trade

IRON, COPPER = "pools/iron", "pools/copper"
KIND_TRADED = 910

# Instrument, numerator, denominator, size.
Deal = tuple[str, int, int, int]


@dataclass(slots=True, frozen=True)
class Trade:
    """Trades once or several times; and then thinks better of it, if `refused`."""

    request_id: bytes
    body_hash: bytes
    deals: tuple[Deal, ...]
    refused: bool = False


def trade(*deals: Deal, refused: bool = False) -> Trade:
    body = hashlib.sha256(repr((deals, refused)).encode()).digest()[:16]
    return Trade(uuid4().bytes, body, deals, refused)


def iron(numerator: int, denominator: int = 1, size: int = 1) -> Trade:
    return trade((IRON, numerator, denominator, size))


def declare_trade(command: Trade, caller: Caller, keys: Keys) -> None:
    """Declares nothing."""


def decide_trade(state: State, command: Trade, context: Context) -> Decision:
    for instrument, numerator, denominator, size in command.deals:
        record_trade(
            state,
            instrument=instrument,
            numerator=numerator,
            denominator=denominator,
            size=size,
            context=context,
            base=instrument.partition("/")[2].upper(),
            quote="BRONZE",
        )
    if command.refused:
        raise Rejection(Reason.ACCOUNT_CLOSED, "thought better of it")
    return decide_event(command, context, KIND_TRADED, len(command.deals))


TRADING = Domain(name="trading", tables=(), commands={Trade: Handling(declare_trade, decide_trade)})


def many(deals: Sequence[Deal]) -> list[Trade]:
    """A command for each deal."""
    return [trade(deal) for deal in deals]
