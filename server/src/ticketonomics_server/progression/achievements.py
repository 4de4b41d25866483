"""The achievements, as data. Each is earned once, by the first deed that fulfils its rule.

An achievement that is once here stays as it is: `verify` earns it again from the journal.
"""

from dataclasses import dataclass

from ticketonomics_server.progression.model import Progress


@dataclass(slots=True, frozen=True)
class Achievement:
    """Something that is earned once.

    Attributes:
        achievement_id: Short and lasting; in lower case.
        counter: The field of `Progress` that it looks at.
        least: What that field must have reached.
    """

    achievement_id: str
    name: str
    description: str
    counter: str
    least: int

    def fulfilled(self, progress: Progress) -> bool:
        reached: int = getattr(progress, self.counter)
        return reached >= self.least


ACHIEVEMENTS = (
    Achievement("newcomer", "Newcomer", "Claim for the first time.", "claimed", 1),
    Achievement("first_trade", "First trade", "Swap in a pool.", "traded", 1),
    Achievement("trader", "Trader", "Swap a hundred times.", "traded", 100),
    Achievement("market_maker", "Market maker", "Provide liquidity.", "provided_liquidity", 1),
    Achievement("voter", "Voter", "Vote on a proposal.", "voted", 1),
    Achievement("citizen", "Citizen", "Vote twenty-five times.", "voted", 25),
    Achievement("patron", "Patron", "Make a proposal.", "proposed", 1),
    Achievement("first_win", "First win", "Win a tier queue.", "won_queues", 1),
    Achievement("regular_player", "Regular player", "Join fifty queues.", "joined_queues", 50),
    Achievement("hundred_taps", "A hundred taps", "Tap a hundred times.", "tapped", 100),
    Achievement("viewer", "Viewer", "Watch fifty ads.", "watched_ads", 50),
    Achievement("talker", "Talker", "Be rewarded for a hundred messages.", "chatted", 100),
    Achievement("host", "Host", "Bring somebody who stays.", "referred", 1),
    Achievement("ten_day_streak", "Ten days", "Be active ten days in a row.", "streak", 10),
    Achievement("fifty_day_streak", "Fifty days", "Be active fifty days in a row.", "streak", 50),
    Achievement("veteran", "Veteran", "Gain ten thousand experience.", "experience", 10_000),
)

BY_ID = {achievement.achievement_id: achievement for achievement in ACHIEVEMENTS}
