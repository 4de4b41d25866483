"""The numbers of pools that a community may want otherwise. Pure data."""

from ticketonomics_server.parameters.model import Owner, Parameter, Type

MOST_FEE_BPS = 5_000

PARAMETERS = (
    FEE := Parameter(
        "amm.fee_bps",
        Type.BASIS_POINTS,
        default=30,
        minimum=0,
        maximum=MOST_FEE_BPS,
        owner=Owner.PARLIAMENT,
        unit="basis points",
        description="Fee of a new pool on what is given to it, where its creator names none.",
    ),
    FEE_MAXIMUM := Parameter(
        "amm.fee_bps_maximum",
        Type.BASIS_POINTS,
        default=1_000,
        minimum=0,
        maximum=MOST_FEE_BPS,
        owner=Owner.PARLIAMENT,
        unit="basis points",
        description="Highest fee that a pool may be given from now on.",
    ),
    SINK := Parameter(
        "amm.sink_bps",
        Type.BASIS_POINTS,
        default=2_000,
        minimum=0,
        maximum=10_000,
        owner=Owner.PARLIAMENT,
        unit="basis points",
        description="Part of the fee of a new pool that is burned, where its creator names none.",
    ),
    LOCKED_SHARES := Parameter(
        "amm.locked_shares",
        Type.AMOUNT,
        default=1_000,
        minimum=1,
        maximum=1_000_000_000,
        owner=Owner.OPERATOR,
        unit="minor units",
        description="Shares of a new pool that are locked in its own account for ever.",
    ),
)
