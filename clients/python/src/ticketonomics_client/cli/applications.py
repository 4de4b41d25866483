"""Commands about applications and their keys."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import Expiry, Limit, RequestId
from ticketonomics_client.cli.output import Output, first, moment
from ticketonomics_client.cli.session import change, run

if TYPE_CHECKING:
    from ticketonomics.identity.v1.application_pb2 import ApiKey, Application
    from ticketonomics.identity.v1.identity_service_pb2 import (
        CreateApiKeyResponse,
        RotateApiKeyResponse,
    )

    from ticketonomics_client.client import Principal

ApplicationId = Annotated[str, typer.Argument(help="Id of the application.")]
ApiKeyId = Annotated[str, typer.Argument(help="Id of the key.")]
Name = Annotated[str, typer.Option(help="Shown to operators.")]
Scopes = Annotated[list[str] | None, typer.Option("--scope", help="May be given many times.")]
RateLimit = Annotated[int, typer.Option(min=0, help="Calls a second; 0 means 1,000.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    apps = typer.Typer(invoke_without_command=True)
    apps.callback()(applications)
    apps.command("create")(create_application)
    apps.command("update")(update_application)
    app.add_typer(apps, name="apps")
    keys = typer.Typer(help="List, create, rotate and revoke API keys.", no_args_is_help=True)
    keys.command("list")(list_keys)
    keys.command("create")(create_key)
    keys.command("rotate")(rotate_key)
    keys.command("revoke")(revoke_key)
    app.add_typer(keys, name="keys")


def applications(context: typer.Context, limit: Limit = 100) -> None:
    """List applications; `create` and `update` them."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.applications(page_size=min(limit, 1000)))
        if output.json:
            output.document(found)
            return
        columns = ("Application", "Name", ">Calls a second", "Created", "Scopes")
        output.table(columns, [_application_row(item) for item in found])

    run(context, work)


def create_application(
    context: typer.Context,
    name: Name,
    scopes: Scopes = None,
    rate_limit: RateLimit = 0,
    request_id: RequestId = "",
) -> None:
    """Create an application; it can call once it has a key."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        created = await client.create_application(
            name=name, scopes=scopes or (), rate_limit_rps=rate_limit, request_id=chosen
        )
        output.result(created, f"Created {created.application_id}.")

    change(context, work, request_id)


def update_application(
    context: typer.Context,
    application_id: ApplicationId,
    *,
    name: Name,
    scopes: Scopes = None,
    rate_limit: RateLimit = 0,
    request_id: RequestId = "",
) -> None:
    """Replace an application's name, scopes and rate limit, all three."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        updated = await client.update_application(
            application_id,
            name=name,
            scopes=scopes or (),
            rate_limit_rps=rate_limit,
            request_id=chosen,
        )
        output.result(updated, f"Updated {updated.application_id}.")

    change(context, work, request_id)


def list_keys(context: typer.Context, application_id: ApplicationId, limit: Limit = 100) -> None:
    """List an application's keys."""

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.api_keys(application_id, page_size=min(limit, 1000)))
        if output.json:
            output.document(found)
            return
        columns = ("Key", "Created", "Expires", "Revoked", "Last used")
        output.table(columns, [_key_row(item) for item in found])

    run(context, work)


def create_key(
    context: typer.Context,
    application_id: ApplicationId,
    expires: Expiry = None,
    request_id: RequestId = "",
) -> None:
    """Make a key. Its secret is printed once, and nobody can show it again."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        answer = await client.create_api_key(application_id, expire_time=expires, request_id=chosen)
        _print_secret(output, answer)

    change(context, work, request_id)


def rotate_key(
    context: typer.Context,
    api_key_id: ApiKeyId,
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=720, help="How long the old key goes on working.")
    ] = 0,
    request_id: RequestId = "",
) -> None:
    """Make a new key in place of an old one. Its secret is printed once."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        answer = await client.rotate_api_key(
            api_key_id, overlap=timedelta(hours=overlap_hours), request_id=chosen
        )
        _print_secret(output, answer)

    change(context, work, request_id)


def revoke_key(context: typer.Context, api_key_id: ApiKeyId, request_id: RequestId = "") -> None:
    """End a key, on every server within two seconds."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        revoked = await client.revoke_api_key(api_key_id, request_id=chosen)
        output.result(revoked, f"Revoked {revoked.api_key_id}.")

    change(context, work, request_id)


def _print_secret(output: Output, answer: "CreateApiKeyResponse | RotateApiKeyResponse") -> None:
    if output.json:
        output.document(answer)
        return
    # The secret alone goes to stdout, so that it can be sent straight into a file.
    output.warn(f"Key {answer.api_key.api_key_id}. This is its secret; it is not shown again:")
    output.say(answer.secret)


def _application_row(item: "Application") -> tuple[str, ...]:
    return (
        item.application_id,
        item.name,
        f"{item.rate_limit_rps:,}",
        moment(item.create_time),
        " ".join(item.scopes),
    )


def _key_row(item: "ApiKey") -> tuple[str, ...]:
    return (
        item.api_key_id,
        moment(item.create_time),
        moment(item.expire_time) or "never",
        moment(item.revoke_time),
        moment(item.last_use_time) or "never",
    )
