"""Commands about people's handles and what they wish of programs; part of `people`."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

from ticketonomics_client.cli.arguments import PersonId, RequestId
from ticketonomics_client.cli.output import Output
from ticketonomics_client.cli.session import change, run

if TYPE_CHECKING:
    from ticketonomics.identity.v1.preferences_pb2 import Notification, Preferences

    from ticketonomics_client.client import Principal

_PREFIX = "NOTIFICATION_"


def register(group: typer.Typer) -> None:
    """Adds the commands."""
    group.command()(handle)
    group.command()(preferences)
    group.command()(prefer)


def handle(
    context: typer.Context,
    person_id: PersonId,
    name: Annotated[str, typer.Argument(help="3–32 of a–z, 0–9 and _; without it, none.")] = "",
    request_id: RequestId = "",
) -> None:
    """Give a person a handle, in place of the one before, or take it away."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        person = await client.set_handle(_bare(person_id), name, request_id=chosen)
        now = f"@{person.handle}" if person.handle else "without a handle"
        output.result(person, f"{person.person_id} is {now}.")

    change(context, work, request_id)


def preferences(context: typer.Context, person_id: PersonId) -> None:
    """Show a person's language, and what it does not want to be told of."""

    async def work(client: "Principal", output: Output) -> None:
        _print(output, await client.preferences(_bare(person_id)))

    run(context, work)


def prefer(
    context: typer.Context,
    person_id: PersonId,
    language: Annotated[str, typer.Option(help="A BCP 47 tag such as ru.")] = "",
    mute: Annotated[
        list[str] | None,
        typer.Option(help="What not to tell, such as queue_result. May be given many times."),
    ] = None,
    request_id: RequestId = "",
) -> None:
    """Set a person's language and what it does not want to be told of; both are replaced."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        wished = await client.set_preferences(
            _bare(person_id),
            language=language,
            muted=[_notification(name) for name in mute or ()],
            request_id=chosen,
        )
        _print(output, wished)

    change(context, work, request_id)


def _notification(name: str) -> "Notification":
    from ticketonomics.identity.v1.preferences_pb2 import Notification

    known = {
        value.name.removeprefix(_PREFIX).lower(): value.number
        for value in Notification.DESCRIPTOR.values
        if value.number
    }
    if name.lower() not in known:
        raise typer.BadParameter(f"{name} is none of {', '.join(known)}", param_hint="--mute")
    return cast("Notification", known[name.lower()])


def _print(output: Output, wished: "Preferences") -> None:
    from ticketonomics.identity.v1.preferences_pb2 import Notification

    if output.json:
        output.document(wished)
        return
    muted = [Notification.Name(value).removeprefix(_PREFIX).lower() for value in wished.muted]
    output.facts((("Language", wished.language or "any"), ("Muted", ", ".join(muted) or "nothing")))


def _bare(person_id: str) -> str:
    return person_id.removeprefix("users/")
