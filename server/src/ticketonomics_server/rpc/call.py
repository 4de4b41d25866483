"""The call being answered: which economy, who asks. Set by the interceptors."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import grpc

from ticketonomics_server.engine.command import Caller

Context = grpc.aio.ServicerContext[Any, Any]

# What a public read without a key may do: nothing beyond it.
ANYBODY = Caller(application_id="")


@dataclass(slots=True, frozen=True)
class Call:
    """Who asks, in which economy, and how often it may.

    Attributes:
        rate_limit_rps: Of the application.
        economy_rate_limit_rps: Of all applications of the economy together; 0 for no limit.
        suspended: Whether the economy accepts no commands.
    """

    economy_id: int
    economy: str
    caller: Caller
    rate_limit_rps: int = 0
    economy_rate_limit_rps: int = 0
    suspended: bool = False


_current: ContextVar[Call] = ContextVar("call")

set_call = _current.set
current_call = _current.get
