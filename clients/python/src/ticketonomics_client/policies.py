"""How long each method may take and whether it is tried again, as the contracts' package says."""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

from google.protobuf.message import Message

SERVICE_CONFIG = "service_config.json"


@dataclass(slots=True, frozen=True)
class Policy:
    """What a method's entry in the service config says.

    How often is not taken from it: gRPC counts at most five attempts, and the SDK, which knows the
    reasons, goes on until the deadline.

    Attributes:
        timeout_seconds: For all attempts together.
        retried: Whether it may be tried again.
        first_pause_seconds: Longest pause after the first attempt.
        longest_pause_seconds: Longest pause after any attempt.
        pause_multiplier: By how much the longest pause grows with each attempt.
    """

    timeout_seconds: float = 10.0
    retried: bool = True
    first_pause_seconds: float = 0.05
    longest_pause_seconds: float = 1.0
    pause_multiplier: float = 2.0

    def pause_ceiling_seconds(self, attempt: int) -> float:
        """Returns the longest pause after this attempt, counted from 1."""
        # The exponent is bounded because a watch may try thousands of times.
        growth = self.pause_multiplier ** min(attempt - 1, 16)
        return min(self.longest_pause_seconds, self.first_pause_seconds * growth)


# Of a method that is newer than the service config, and of streams that are resumed.
DEFAULT_POLICY = Policy()


def service_config() -> str:
    """Returns the service config, JSON, as gRPC channels take it in any language."""
    return resources.files("ticketonomics").joinpath(SERVICE_CONFIG).read_text(encoding="utf-8")


def policy_of(request: Message) -> Policy:
    """Finds the policy of the method that this request is for: each has a request of its own."""
    return _policies().get(request.DESCRIPTOR.full_name, DEFAULT_POLICY)


@cache
def _policies() -> dict[str, Policy]:
    policies = {}
    for entry in json.loads(service_config())["methodConfig"]:
        retry = entry.get("retryPolicy")
        policy = Policy(timeout_seconds=_seconds(entry.get("timeout", "10s")), retried=bool(retry))
        if retry:
            policy = Policy(
                timeout_seconds=policy.timeout_seconds,
                first_pause_seconds=_seconds(retry["initialBackoff"]),
                longest_pause_seconds=_seconds(retry["maxBackoff"]),
                pause_multiplier=retry["backoffMultiplier"],
            )
        for name in entry["name"]:
            package = name["service"].rpartition(".")[0]
            policies[f"{package}.{name['method']}Request"] = policy
    return policies


def _seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))
