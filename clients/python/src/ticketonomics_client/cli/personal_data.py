"""Commands about people's links, names and data; part of `people`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import PersonId, RequestId
from ticketonomics_client.cli.output import Output, encoded, moment
from ticketonomics_client.cli.session import change, run

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal

Provider = Annotated[str, typer.Argument(help="Where the identity is from, such as telegram.")]
Subject = Annotated[str, typer.Argument(help="The person's id there.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")]


class Who(StrEnum):
    """Who sees a name."""

    PUBLIC = "public"
    PRIVATE = "private"


def register(group: typer.Typer) -> None:
    """Adds the commands."""
    group.command("link-code")(link_code)
    group.command()(link)
    group.command()(unlink)
    group.command()(merge)
    group.command()(rename)
    group.command()(privacy)
    group.command("export")(export_data)
    group.command()(erase)


def link_code(context: typer.Context, person_id: PersonId, request_id: RequestId = "") -> None:
    """Make a code that links one more identity to a person; it works once, for 10 minutes."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        answer = await client.create_link_code(_bare(person_id), request_id=chosen)
        text = f"{answer.code}  until {moment(answer.expire_time)}"
        if not answer.code:
            text = "This request made its code before; make a new one."
        output.result(answer, text)

    change(context, work, request_id)


def link(  # noqa: PLR0917 - typer makes arguments and options of them.
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The link code.")],
    provider: Provider,
    subject: Subject,
    merge: Annotated[
        bool, typer.Option(help="Make one person of two if the identity belongs to another.")
    ] = False,
    request_id: RequestId = "",
) -> None:
    """Link an identity to the person that a code was made for."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        person = await client.redeem_link_code(
            code, provider=provider, subject=subject, merge=merge, request_id=chosen
        )
        output.result(person, f"{provider}:{subject} is {person.person_id} now.")

    change(context, work, request_id)


def unlink(
    context: typer.Context,
    person_id: PersonId,
    provider: Provider,
    subject: Subject,
    request_id: RequestId = "",
) -> None:
    """Take an identity away from a person, never the last one."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        person = await client.unlink_identity(
            _bare(person_id), provider=provider, subject=subject, request_id=chosen
        )
        output.result(person, f"{provider}:{subject} is not {person.person_id} any more.")

    change(context, work, request_id)


def merge(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Id of the person who becomes part of the other.")],
    target: Annotated[str, typer.Argument(help="Id of the person who stays.")],
    yes: Yes = False,
    request_id: RequestId = "",
) -> None:
    """Make one person of two, with all identities and balances; it cannot be undone."""
    if not yes:
        typer.confirm(f"Merge {source} into {target} for good?", abort=True, err=True)

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        person = await client.merge_people(_bare(source), into=_bare(target), request_id=chosen)
        output.result(person, f"{_bare(source)} is part of {person.person_id} now.")

    change(context, work, request_id)


def rename(
    context: typer.Context,
    person_id: PersonId,
    name: Annotated[str, typer.Argument(help="Shown to others, 1–32 characters.")],
    request_id: RequestId = "",
) -> None:
    """Set the name that is shown to others."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        person = await client.set_display_name(_bare(person_id), name, request_id=chosen)
        output.result(person, f"{person.person_id} is called {person.display_name}.")

    change(context, work, request_id)


def privacy(
    context: typer.Context,
    person_id: PersonId,
    who: Annotated[Who, typer.Argument(help="Who sees the name.")],
    request_id: RequestId = "",
) -> None:
    """Set who sees a person's name."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        from ticketonomics.identity.v1.person_pb2 import Person

        wanted = Person.PRIVACY_PUBLIC if who is Who.PUBLIC else Person.PRIVACY_PRIVATE
        person = await client.set_privacy(_bare(person_id), wanted, request_id=chosen)
        output.result(person, f"The name of {person.person_id} is {who}.")

    change(context, work, request_id)


def export_data(context: typer.Context, person_id: PersonId) -> None:
    """Print everything personal that is kept about a person, as one JSON document."""

    async def work(client: "Principal", output: Output) -> None:
        pages = client.export_personal_data(_bare(person_id), page_size=1_000)
        content = encoded(await anext(pages))
        async for page in pages:
            more = encoded(page)
            for name in ("texts", "schedules", "paymentRequests", "ballots"):
                content[name] += more[name]
        del content["nextPageToken"]
        output.value(content)

    run(context, work)


def erase(
    context: typer.Context,
    person_id: PersonId,
    burn: Annotated[
        bool, typer.Option("--burn-balances", help="Destroy what the person has.")
    ] = False,
    yes: Yes = False,
    request_id: RequestId = "",
) -> None:
    """Erase everything personal about a person; it cannot be undone."""
    if not yes:
        typer.confirm(f"Erase {person_id} for good?", abort=True, err=True)

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        answer = await client.erase_person(_bare(person_id), burn_balances=burn, request_id=chosen)
        rest = " More texts go in the next blocks." if answer.texts_left else ""
        output.result(answer, f"{answer.person.person_id} is erased.{rest}")

    change(context, work, request_id)


def _bare(person_id: str) -> str:
    return person_id.removeprefix("users/")
