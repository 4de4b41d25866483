"""Arguments and options that several commands share."""

from datetime import datetime
from typing import Annotated

import typer

TIMES = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d%z"]

Account = Annotated[str, typer.Argument(help="Account address, or a bare person id.")]
Amount = Annotated[str, typer.Argument(help="In display units, such as 1.50.")]
Asset = Annotated[str, typer.Argument(help="Code of the asset.")]
AssetFilter = Annotated[str, typer.Option("--asset", help="Only this asset.")]
Height = Annotated[int | None, typer.Option(min=1, help="As of the block of this height.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many.")]
PersonId = Annotated[str, typer.Argument(help="Id of the person.")]
PoolId = Annotated[str, typer.Argument(metavar="POOL", help="Id of the pool, as iron-bronze.")]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]
RequestId = Annotated[
    str,
    typer.Option(
        "--id",
        metavar="UUID",
        help="Id of the request. With the id of an earlier one, tells what became of that.",
    ),
]
Time = Annotated[
    datetime | None,
    typer.Option(
        formats=TIMES, metavar="TIME", help="As of this time, such as 2026-01-31T12:00:00Z."
    ),
]
Deadline = Annotated[
    datetime | None,
    typer.Option(formats=TIMES, metavar="TIME", help="Not after this time."),
]
Expiry = Annotated[
    datetime | None,
    typer.Option(
        "--expires", formats=TIMES, metavar="TIME", help="When it ends; never if left out."
    ),
]


def address(text: str) -> str:
    """Takes a bare person id for the person's account; addresses always have a slash."""
    return text if "/" in text else f"users/{text}"
