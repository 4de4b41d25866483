"""What two looks at a server's status say about the time between them."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ticketonomics.operator.v1.operator_service_pb2 import GetStatusResponse

# Looks come later than they should on a busy machine; another server's uptime is further away.
_UPTIME_TOLERANCE_SECONDS = 2.0


@dataclass(slots=True, frozen=True)
class Pace:
    """How fast the economy goes.

    Attributes:
        seconds: Between the two looks.
        blocks_per_second: Of the economy, whichever server made them.
        entries_per_second: Likewise.
        entries_per_block: Likewise; 0 where no block was made.
        phase_milliseconds: Time of each phase in one block, of those that this server made; empty
            where it made none, or where the two looks were at different servers.
        refusals_per_second: Of this server, by reason, the most frequent first; without those that
            did not happen.
    """

    seconds: float
    blocks_per_second: float
    entries_per_second: float
    entries_per_block: float
    phase_milliseconds: dict[str, float]
    refusals_per_second: dict[str, float]

    def document(self) -> dict[str, Any]:
        """Encodes it for programs, rounded to what it is worth."""
        return {_camel(name): _rounded(value) for name, value in asdict(self).items()}


def compare(before: "GetStatusResponse", after: "GetStatusResponse", *, seconds: float) -> Pace:
    """Computes what happened between two looks, so many seconds apart."""
    blocks = max(0, after.height - before.height)
    entries = max(0, after.last_sequence - before.last_sequence)
    phases: dict[str, float] = {}
    refusals: dict[str, float] = {}
    if _is_same_server(before, after, seconds):
        made = after.made_blocks - before.made_blocks
        earlier = {phase.name: _seconds(phase.total_duration) for phase in before.block_phases}
        for phase in after.block_phases if made else ():
            spent = _seconds(phase.total_duration) - earlier.get(phase.name, 0.0)
            phases[phase.name] = spent * 1_000 / made
        counts = {refusal.reason: refusal.count for refusal in before.refusals}
        grown = {r.reason: r.count - counts.get(r.reason, 0) for r in after.refusals}
        for reason, count in sorted(grown.items(), key=lambda item: (-item[1], item[0])):
            if count > 0:
                refusals[reason] = count / seconds
    return Pace(
        seconds, blocks / seconds, entries / seconds, entries / blocks if blocks else 0.0,
        phases, refusals,
    )  # fmt: skip


def _is_same_server(
    before: "GetStatusResponse", after: "GetStatusResponse", seconds: float
) -> bool:
    """Tells whether one server gave both answers: its totals go on, and so does its uptime."""
    passed = _seconds(after.uptime) - _seconds(before.uptime)
    return (
        after.made_blocks >= before.made_blocks
        and abs(passed - seconds) < _UPTIME_TOLERANCE_SECONDS
    )


def _seconds(duration: Any) -> float:
    return float(duration.seconds + duration.nanos / 1e9)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return round(value, 3)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)
