"""What those who run the deployment tell the programs that people use."""

from ticketonomics_server.parameters.model import Owner, Parameter, Type

PARAMETERS = (
    MAINTENANCE := Parameter(
        "faces.maintenance",
        Type.BOOLEAN,
        default=0,
        owner=Owner.OPERATOR,
        description=(
            "Whether the programs that people use, such as web pages and bots, show a calm notice"
            " and begin nothing new. They go on reading; the server refuses nothing for it."
        ),
    ),
)
