"""The numbers of this room. What keeps the Parliament in bounds is the operator's."""

from ticketonomics_server.parameters.model import Owner, Parameter, Type

DAY = 86_400

PARAMETERS = (
    DISCUSSION_PERIOD := Parameter(
        "parliament.discussion_period",
        Type.DURATION,
        default=2 * DAY,
        minimum=1,
        maximum=14 * DAY,
        owner=Owner.PARLIAMENT,
        description="How long people talk about a proposal before they vote.",
    ),
    VOTING_PERIOD := Parameter(
        "parliament.voting_period",
        Type.DURATION,
        default=5 * DAY,
        minimum=1,
        maximum=21 * DAY,
        owner=Owner.PARLIAMENT,
        description="How long people vote.",
    ),
    VETO_PERIOD := Parameter(
        "parliament.veto_period",
        Type.DURATION,
        default=2 * DAY,
        minimum=1,
        maximum=14 * DAY,
        owner=Owner.OPERATOR,
        description="How long what has passed may be vetoed before it is executed.",
    ),
    QUORUM := Parameter(
        "parliament.quorum",
        Type.BASIS_POINTS,
        default=1_000,
        minimum=1,
        maximum=9_000,
        owner=Owner.PARLIAMENT,
        description="Share of the eligible people who must vote, abstentions included.",
    ),
    THRESHOLD := Parameter(
        "parliament.threshold",
        Type.BASIS_POINTS,
        default=5_000,
        minimum=5_000,
        maximum=9_000,
        owner=Owner.PARLIAMENT,
        description="Share of the votes for or against that those for must be more than.",
    ),
    DEPOSIT := Parameter(
        "parliament.deposit",
        Type.AMOUNT,
        default=10_000,
        minimum=1,
        maximum=1_000_000_000,
        owner=Owner.PARLIAMENT,
        description="What a proposer gives, in BRONZE, and gets back unless it is spam.",
    ),
    OPEN_PROPOSALS := Parameter(
        "parliament.open_proposals",
        Type.INTEGER,
        default=3,
        minimum=1,
        maximum=100,
        owner=Owner.PARLIAMENT,
        unit="proposals",
        description="How many proposals of one person may be open at a time.",
    ),
    AGE := Parameter(
        "parliament.age",
        Type.DURATION,
        default=7 * DAY,
        minimum=0,
        maximum=365 * DAY,
        owner=Owner.PARLIAMENT,
        description="How long somebody must have been here to vote.",
    ),
    IDENTITIES := Parameter(
        "parliament.identities",
        Type.INTEGER,
        default=1,
        minimum=0,
        maximum=10,
        owner=Owner.PARLIAMENT,
        unit="identities",
        description="How many linked identities somebody needs to vote.",
    ),
    ACTIVE_DAYS := Parameter(
        "parliament.active_days",
        Type.INTEGER,
        default=3,
        minimum=0,
        maximum=28,
        owner=Owner.PARLIAMENT,
        unit="days",
        description="On how many days somebody must have taken part lately to vote.",
    ),
    ACTIVITY_WINDOW := Parameter(
        "parliament.activity_window",
        Type.INTEGER,
        default=28,
        minimum=1,
        maximum=28,
        owner=Owner.PARLIAMENT,
        unit="days",
        description="How many days before the day on which voting opens are lately.",
    ),
    MINT_LIMIT := Parameter(
        "parliament.mint_limit",
        Type.BASIS_POINTS,
        default=200,
        minimum=0,
        maximum=1_000,
        owner=Owner.OPERATOR,
        description=(
            "How much BRONZE the Parliament may mint in a period, as a share of what circulated"
            " when its first decision of the period was executed."
        ),
    ),
    BURN_LIMIT := Parameter(
        "parliament.burn_limit",
        Type.BASIS_POINTS,
        default=200,
        minimum=0,
        maximum=1_000,
        owner=Owner.OPERATOR,
        description="How much BRONZE the Parliament may burn in a period, in the same way.",
    ),
    POLICY_PERIOD := Parameter(
        "parliament.policy_period",
        Type.DURATION,
        default=30 * DAY,
        minimum=60,
        maximum=366 * DAY,
        owner=Owner.OPERATOR,
        description="How long a period of these limits is; periods begin at multiples of it.",
    ),
)

# What a vote's rules are read from when it opens, and a proposer's eligibility before.
RULES = (AGE, IDENTITIES, ACTIVE_DAYS, ACTIVITY_WINDOW)
POLICY = (MINT_LIMIT, BURN_LIMIT, POLICY_PERIOD)
