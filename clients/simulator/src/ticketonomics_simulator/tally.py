"""What is counted while the simulation runs. All of it is bounded, however long that is."""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ticketonomics_simulator.deeds import Act, Deed, Purpose

REMEMBERED_HAPPENINGS = 200
REMEMBERED_LATENCIES = 1_000
RATE_SECONDS = 10
HISTORY_SECONDS = 60
# Nobody reads faster. What goes untold is counted all the same.
STORY_SECONDS = 0.25


@dataclass(slots=True, frozen=True)
class Happening:
    """Something to tell.

    Attributes:
        time: When, as seconds since 1970.
        story: What, in human words.
        tone: Why money moved, `refused`, or `news` of the community as a whole.
    """

    time: float
    story: str
    tone: str


@dataclass(slots=True)
class Economy:
    """What the ledger told last.

    Attributes:
        first_supply: The supply when this run first looked.
        price_path: What a piece of iron cost in tickets at the end of each of the last minutes.
    """

    supply: int = 0
    minted: int = 0
    burned: int = 0
    faucet: int = 0
    height: int = 0
    holders: int = 0
    gini_ppm: int = 0
    top_tenth_ppm: int = 0
    rounds: int = 0
    votes: int = 0
    turnout_bps: int = 0
    first_supply: int | None = None
    price_path: tuple[Decimal, ...] = ()

    @property
    def inflation_percent(self) -> float:
        """How much the supply has grown in this run, of what it was; negative if it shrank."""
        if not self.first_supply:
            return 0.0
        return 100 * (self.supply - self.first_supply) / self.first_supply


class Tally:
    """Counts what happened since the start of this run."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._wall_clock = wall_clock
        self._started_at = clock()
        self._seconds: deque[tuple[int, int]] = deque(maxlen=HISTORY_SECONDS)
        self._latencies: deque[float] = deque(maxlen=REMEMBERED_LATENCIES)
        self._away_since: float | None = None
        self._story_told_at = float("-inf")
        self.accepted = 0
        self.last_sequence = 0
        self.refusals: Counter[str] = Counter()
        self.acts: Counter[str] = Counter()
        self.moved = 0
        self.gifts: Counter[str] = Counter()
        self.turnover: Counter[str] = Counter()
        self.happenings: deque[Happening] = deque(maxlen=REMEMBERED_HAPPENINGS)
        self.economy = Economy()

    def accept(self, deed: Deed, *, sequence: int, latency_seconds: float) -> None:
        """Counts a deed that the ledger accepted."""
        self.last_sequence = max(self.last_sequence, sequence)
        self.moved += deed.amount
        if deed.purpose is Purpose.GIFT:
            self.gifts[deed.person.name] += deed.amount
        if deed.purpose is Purpose.PURCHASE:
            self.turnover[deed.payments[0].destination] += deed.amount
        self._count(deed.story, tone=deed.purpose, latency_seconds=latency_seconds)

    def accept_act(self, act: Act, story: str, *, latency_seconds: float) -> None:
        """Counts an act that the ledger accepted."""
        self.acts[act.name] += 1
        self._count(story, tone=act.name, latency_seconds=latency_seconds)

    def _count(self, story: str, *, tone: str, latency_seconds: float) -> None:
        self.accepted += 1
        self._latencies.append(latency_seconds)
        second = int(self._clock())
        if self._seconds and self._seconds[-1][0] == second:
            self._seconds[-1] = (second, self._seconds[-1][1] + 1)
        else:
            self._seconds.append((second, 1))
        if self._clock() - self._story_told_at >= STORY_SECONDS:
            self._story_told_at = self._clock()
            self.tell(story, tone=tone)

    def refuse(self, deed: Deed, *, reason: str) -> None:
        """Counts a deed that the ledger refused."""
        self.refusals[reason] += 1
        self.tell(deed.refused_story or f"{deed.story}? Refused: {reason}", tone="refused")

    def refuse_act(self, act: Act, *, reason: str) -> None:
        """Counts an act that the ledger refused."""
        self.refusals[reason] += 1
        self.tell(f"{act.person.name}: {act.name}? Refused: {reason}", tone="refused")

    def tell(self, story: str, *, tone: str = "news") -> None:
        """Adds something to the news."""
        self.happenings.append(Happening(self._wall_clock(), story, tone))

    def server_is_away(self) -> None:
        """Notes that nobody answered."""
        if self._away_since is None:
            self._away_since = self._clock()
            self.tell("The ledger does not answer; everybody waits for it")

    def server_is_there(self) -> None:
        """Notes that somebody answered."""
        if self._away_since is not None:
            away_seconds = self._clock() - self._away_since
            self._away_since = None
            self.tell(f"The ledger is back after {away_seconds:.0f} s; life goes on")

    @property
    def away_seconds(self) -> float | None:
        """For how long nobody has answered; None while somebody does."""
        return None if self._away_since is None else self._clock() - self._away_since

    @property
    def up_seconds(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._started_at

    @property
    def rate_per_second(self) -> float:
        """Accepted transactions a second, lately."""
        window_seconds = min(RATE_SECONDS, max(1, int(self.up_seconds)))
        return sum(self.per_second(window_seconds)) / window_seconds

    def per_second(self, count: int) -> list[int]:
        """Returns accepted transactions of each of the last whole seconds, oldest first."""
        now = int(self._clock())
        counts = dict(self._seconds)
        return [counts.get(second, 0) for second in range(now - count, now)]

    def latency_seconds(self, *percents: int) -> list[float]:
        """Returns percentiles of the latest answers; zeros when there was none."""
        ordered = sorted(self._latencies)
        return [_percentile(ordered, percent) for percent in percents]


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile."""
    if not ordered:
        return 0.0
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, rank - 1)]
