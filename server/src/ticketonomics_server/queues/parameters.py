"""The numbers of tier queues that a community may want otherwise."""

from ticketonomics_server.parameters.model import Owner, Parameter, Type

# Of one round, with room for the ledger's own limit of postings.
MOST_PLACES = 200

PARAMETERS = (
    PLACES := Parameter(
        "queues.places",
        Type.INTEGER_LIST,
        default=(20, 40, 60),
        minimum=2,
        maximum=MOST_PLACES,
        length=(3, 3),
        unit="people",
        owner=Owner.PARLIAMENT,
        description="How many people fill a small, a medium and a large round.",
    ),
    REWARDS := Parameter(
        "queues.rewards",
        Type.INTEGER_LIST,
        default=(1, 2, 3),
        minimum=1,
        maximum=MOST_PLACES // 20,
        length=(3, 3),
        unit="tickets of the next tier",
        owner=Owner.PARLIAMENT,
        description=(
            "What the winner of a small, a medium and a large round gets; never more than the"
            " stakes are worth."
        ),
    ),
    TIMEOUT := Parameter(
        "queues.timeout",
        Type.DURATION,
        default=86_400,
        minimum=60,
        maximum=30 * 86_400,
        owner=Owner.OPERATOR,
        description="How long a round may take to fill.",
    ),
    TIMEOUT_ACTION := Parameter(
        "queues.timeout_action",
        Type.CHOICE,
        default=0,
        choices=("refund", "extend_once"),
        owner=Owner.OPERATOR,
        description=(
            "What happens to a round that did not fill in its time: every stake goes back, or it"
            " is given as much time again, once."
        ),
    ),
    DRAW_TIMEOUT := Parameter(
        "queues.draw_timeout",
        Type.DURATION,
        default=3 * 86_400,
        minimum=60,
        maximum=30 * 86_400,
        owner=Owner.OPERATOR,
        description=(
            "How long a full round waits for a server that has its draw key, before every stake"
            " goes back."
        ),
    ),
    PRIORITY := Parameter(
        "queues.priority",
        Type.CHOICE,
        default=0,
        choices=("none",),
        owner=Owner.PARLIAMENT,
        description="Who comes first into a round: nobody, access is equal.",
    ),
    CONVERT_DOWN := Parameter(
        "queues.convert_down",
        Type.BOOLEAN,
        default=0,
        owner=Owner.PARLIAMENT,
        description="Whether a ticket can be turned into 20 of the tier below.",
    ),
    CONVERT_DOWN_FEE := Parameter(
        "queues.convert_down_fee",
        Type.BASIS_POINTS,
        default=0,
        owner=Owner.PARLIAMENT,
        description="What is kept back of the tickets of the tier below; rounded up.",
    ),
    DYNAMIC_REWARDS := Parameter(
        "queues.dynamic_rewards",
        Type.BOOLEAN,
        default=0,
        owner=Owner.PARLIAMENT,
        description=(
            "Whether queues that fill faster than the target pay less: the reward times the"
            " median of the last fill times, over the target, within the floor and the full reward."
        ),
    ),
    DYNAMIC_TARGET := Parameter(
        "queues.dynamic_target",
        Type.DURATION,
        default=3_600,
        minimum=1,
        maximum=30 * 86_400,
        owner=Owner.PARLIAMENT,
        description="With dynamic rewards, the fill time from which the full reward is paid.",
    ),
    DYNAMIC_FLOOR := Parameter(
        "queues.dynamic_floor",
        Type.BASIS_POINTS,
        default=8_000,
        minimum=1_000,
        owner=Owner.PARLIAMENT,
        description="With dynamic rewards, the least part of the full reward that is paid.",
    ),
)

# What a round is made of when it opens.
OF_ROUND = (PLACES, REWARDS, TIMEOUT, DYNAMIC_REWARDS, DYNAMIC_TARGET, DYNAMIC_FLOOR)
