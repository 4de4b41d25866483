"""The numbers of this room that an operator sets."""

from ticketonomics_server.parameters.model import Owner, Parameter, Type

_DAY = 86_400

PARAMETERS = (
    KEEP_TICKS := Parameter(
        "prices.keep_ticks",
        Type.DURATION,
        default=30 * _DAY,
        minimum=3_600,
        maximum=3_650 * _DAY,
        owner=Owner.OPERATOR,
        description=(
            "How long single trades can be listed, and streams of prices resumed. Older ones are"
            " deleted in small portions; what they came to stays in the candles."
        ),
    ),
    KEEP_SECONDS := Parameter(
        "prices.keep_seconds",
        Type.DURATION,
        default=7 * _DAY,
        minimum=3_600,
        maximum=3_650 * _DAY,
        owner=Owner.OPERATOR,
        description=("How long candles of one second are kept. Longer ones are kept for ever."),
    ),
)
