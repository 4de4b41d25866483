"""The numbers of this room that a community may want otherwise."""

from ticketonomics_server.parameters.model import Owner, Parameter, Type
from ticketonomics_server.progression.model import Deed

PARAMETERS = (
    EXPERIENCE := Parameter(
        "progression.experience",
        Type.INTEGER_LIST,
        default=(20, 1, 5, 2, 50, 10, 15, 10, 40, 25, 15),
        maximum=10_000,
        length=(len(Deed), len(Deed)),
        owner=Owner.PARLIAMENT,
        unit="points",
        description=(
            "What one deed of each sort comes to, in this order: "
            + ", ".join(deed.value for deed in Deed)
            + "."
        ),
    ),
    DAILY_FULL := Parameter(
        "progression.daily_full",
        Type.INTEGER,
        default=100,
        maximum=1_000_000,
        owner=Owner.PARLIAMENT,
        unit="points",
        description="How many points of a day count in full; of those beyond every second counts.",
    ),
    DAILY_MOST := Parameter(
        "progression.daily_most",
        Type.INTEGER,
        default=200,
        maximum=1_000_000,
        owner=Owner.PARLIAMENT,
        unit="points",
        description="How much experience a day brings at most.",
    ),
    LEVEL_STEP := Parameter(
        "progression.level_step",
        Type.INTEGER,
        default=100,
        minimum=1,
        maximum=1_000_000,
        owner=Owner.PARLIAMENT,
        unit="points",
        description=(
            "What the second level takes; each further one takes so much more than the one before."
        ),
    ),
    REPUTATION_MOST := Parameter(
        "progression.reputation_most",
        Type.INTEGER_LIST,
        default=(200, 250, 250, 300),
        maximum=1_000_000,
        length=(4, 4),
        owner=Owner.PARLIAMENT,
        unit="points",
        description=(
            "What reputation gains at most by tenure, trades, votes and help, in this order."
        ),
    ),
    REPUTATION_HALF := Parameter(
        "progression.reputation_half",
        Type.INTEGER_LIST,
        default=(180, 20, 10, 5),
        minimum=1,
        maximum=1_000_000,
        length=(4, 4),
        owner=Owner.PARLIAMENT,
        unit="days or deeds",
        description=(
            "With how many days, trades, votes and deeds of help reputation gains half of the most."
        ),
    ),
    FULL_ACTIVITY := Parameter(
        "progression.full_activity",
        Type.INTEGER,
        default=10,
        minimum=1,
        maximum=62,
        owner=Owner.PARLIAMENT,
        unit="days",
        description=(
            "On how many of the last 62 days somebody must have been active for the whole"
            " reputation; with fewer it is as much less."
        ),
    ),
)

# What a deed comes to depends on these.
TERMS = (EXPERIENCE, DAILY_FULL, DAILY_MOST)
