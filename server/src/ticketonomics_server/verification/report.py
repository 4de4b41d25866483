"""The invariants by name, and what a verification found out about them."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

# One wrong balance can make thousands of followers wrong: those are counted, the first are told.
DETAILS_AN_INVARIANT = 20


class Invariant(StrEnum):
    """What always holds in an economy."""

    POSTINGS_SUM_TO_ZERO = "postings_sum_to_zero"
    BALANCES_MATCH_JOURNAL = "balances_match_journal"
    NEVER_OVERDRAWN = "never_overdrawn"
    HELD_WITHIN_POSTED = "held_within_posted"
    CHAIN_UNBROKEN = "chain_unbroken"
    MERKLE_ROOTS_MATCH = "merkle_roots_match"
    EVERY_REQUEST_ONCE = "every_request_once"
    SUPPLY_MATCHES_POLICY = "supply_matches_policy"
    PEOPLE_MATCH_JOURNAL = "people_match_journal"
    ERASURES_RECORDED = "erasures_recorded"
    PROOFS_MATCH_BLOCKS = "proofs_match_blocks"
    PAYMENTS_MATCH_JOURNAL = "payments_match_journal"
    SPENDING_WITHIN_LIMITS = "spending_within_limits"
    IMPORTS_MARKED = "imports_marked"
    WEBHOOKS_MATCH_JOURNAL = "webhooks_match_journal"
    POOLS_MATCH_JOURNAL = "pools_match_journal"
    PARAMETERS_MATCH_JOURNAL = "parameters_match_journal"
    CANDLES_MATCH_TICKS = "candles_match_ticks"
    ROUNDS_MATCH_JOURNAL = "rounds_match_journal"
    PROGRESS_MATCHES_JOURNAL = "progress_matches_journal"
    REWARDS_WITHIN_BUDGETS = "rewards_within_budgets"
    PROPOSALS_MATCH_JOURNAL = "proposals_match_journal"
    PROFILES_MATCH_JOURNAL = "profiles_match_journal"


@dataclass(slots=True, frozen=True)
class Violation:
    """One thing that is not as it must be."""

    invariant: Invariant
    detail: str


@dataclass(slots=True, frozen=True)
class Report:
    """What a verification saw.

    Attributes:
        height: The block up to which everything was recomputed.
        last_sequence: That block's last entry.
        counts: How many blocks, entries, transactions, postings, balances and checkpoints.
        violations: The first 20 of each invariant.
        violation_counts: How many there are of each invariant that is violated.
    """

    economy: str
    height: int
    last_sequence: int
    counts: Mapping[str, int]
    violations: tuple[Violation, ...]
    violation_counts: Mapping[Invariant, int]

    @property
    def coherent(self) -> bool:
        return not self.violations


class Findings:
    """Collects violations of those invariants that were asked for."""

    def __init__(self, invariants: Collection[Invariant]) -> None:
        self._wanted = frozenset(invariants)
        self.violations: list[Violation] = []
        self.counts: Counter[Invariant] = Counter()

    def add(self, invariant: Invariant, detail: str) -> None:
        if invariant not in self._wanted:
            return
        self.counts[invariant] += 1
        if self.counts[invariant] <= DETAILS_AN_INVARIANT:
            self.violations.append(Violation(invariant, detail))
