"""Commands about people."""

from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli import personal_data, profiles
from ticketonomics_client.cli.arguments import Limit, PersonId, Reason, RequestId
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run

if TYPE_CHECKING:
    from ticketonomics.identity.v1.person_pb2 import Person

    from ticketonomics_client.client import Principal

COLUMNS = ("Person", "Handle", "Name", "State", "First seen", "Identities")

Provider = Annotated[str, typer.Argument(help="Where the identity is from, such as telegram.")]
Subject = Annotated[str, typer.Argument(help="The person's id there.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(people)
    group.command()(show)
    group.command()(find)
    group.command("by-handle")(by_handle)
    group.command("get-or-create")(get_or_create)
    group.command()(block)
    group.command()(unblock)
    personal_data.register(group)
    profiles.register(group)
    app.add_typer(group, name="people")


def people(context: typer.Context, limit: Limit = 100) -> None:
    """List people; find, create, block and unblock them."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.people(page_size=min(limit, 1000)))
        _print(output, found)

    run(context, work)


def show(
    context: typer.Context,
    person_ids: Annotated[list[str], typer.Argument(help="Ids of 1–100 people.")],
) -> None:
    """Show one person, or several."""

    async def work(client: "Principal", output: Output) -> None:
        bare = [_bare(person_id) for person_id in person_ids]
        one = len(bare) == 1
        _print(output, await (client.person(bare[0]) if one else client.people_by_id(bare)))

    run(context, work)


def by_handle(
    context: typer.Context,
    handle: Annotated[str, typer.Argument(help="With or without an at sign.")],
) -> None:
    """Find the person who has a handle."""

    async def work(client: "Principal", output: Output) -> None:
        _print(output, await client.person_by_handle(handle))

    run(context, work)


def find(context: typer.Context, provider: Provider, subject: Subject) -> None:
    """Find the person with an identity elsewhere."""

    async def work(client: "Principal", output: Output) -> None:
        _print(output, await client.look_up_person(provider=provider, subject=subject))

    run(context, work)


def get_or_create(
    context: typer.Context,
    provider: Provider,
    subject: Subject,
    name: Annotated[str, typer.Option(help="Shown to others; used for a new person only.")] = "",
) -> None:
    """Find the person with an identity elsewhere, or create the person."""

    async def work(client: "Principal", output: Output) -> None:
        answer = await client.get_or_create_person(
            provider=provider, subject=subject, display_name=name
        )
        if output.json:
            output.document(answer)
            return
        verb = "Created" if answer.created else "Found"
        output.say(f"{verb} {answer.person.person_id}, account {answer.person.account}.")

    run(context, work)


def block(
    context: typer.Context, person_id: PersonId, reason: Reason, request_id: RequestId = ""
) -> None:
    """Keep a person from acting; the account can still be credited."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        person = await client.block_person(_bare(person_id), reason=reason, request_id=chosen)
        output.result(person, f"{person.person_id} is {label(person, 'state')}.")

    change(context, work, request_id)


def unblock(
    context: typer.Context, person_id: PersonId, reason: Reason, request_id: RequestId = ""
) -> None:
    """Let a blocked person act again."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        person = await client.unblock_person(_bare(person_id), reason=reason, request_id=chosen)
        output.result(person, f"{person.person_id} is {label(person, 'state')}.")

    change(context, work, request_id)


def _bare(person_id: str) -> str:
    return person_id.removeprefix("users/")


def _print(output: Output, found: "Person | list[Person]") -> None:
    if output.json:
        output.document(found)
        return
    listed = found if isinstance(found, list) else [found]
    output.table(COLUMNS, [_row(person) for person in listed])


def _row(person: "Person") -> tuple[str, ...]:
    identities = [f"{item.provider}:{item.subject}" for item in person.linked_identities]
    return (
        person.person_id,
        f"@{person.handle}" if person.handle else "",
        person.display_name,
        label(person, "state"),
        moment(person.create_time),
        ", ".join(identities),
    )
