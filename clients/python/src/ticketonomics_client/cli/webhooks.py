"""Commands about webhooks: telling an application of transactions by HTTP."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.arguments import AssetFilter, Limit, RequestId, address
from ticketonomics_client.cli.history import Kind
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import REFUSED, change, run

if TYPE_CHECKING:
    from ticketonomics.webhooks.v1.webhook_pb2 import TransactionFilter, Webhook
    from ticketonomics.webhooks.v1.webhook_service_pb2 import (
        CreateWebhookResponse,
        RotateWebhookSecretResponse,
    )

    from ticketonomics_client.client import Principal

WebhookId = Annotated[str, typer.Argument(help="Id of the webhook.")]
Url = Annotated[str, typer.Argument(help="Where events are sent: https://….")]
Application = Annotated[
    str, typer.Option("--application", help="Id of the application; the caller's by default.")
]
Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", help="Only of this account, or person. May be given many times."),
]
Kinds = Annotated[
    list[Kind] | None, typer.Option("--kind", help="Only this kind. May be given many times.")
]
After = Annotated[int | None, typer.Option("--after", min=0, help="Begin behind this entry.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(webhooks)
    group.command("create")(create_webhook)
    group.command("show")(show_webhook)
    group.command("update")(update_webhook)
    group.command("pause")(pause_webhook)
    group.command("resume")(resume_webhook)
    group.command("rotate")(rotate_secret)
    group.command("replay")(replay_webhook)
    group.command("delete")(delete_webhook)
    group.command("test")(send_test_event)
    group.command("dead-letters")(dead_letters)
    group.command("retry")(retry_dead_letters)
    app.add_typer(group, name="webhooks")


def webhooks(context: typer.Context, application: Application = "", limit: Limit = 100) -> None:
    """List webhooks; `create`, `test`, `replay`, `pause` them, `retry` dead letters and so on."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        found = await first(
            limit, client.webhooks(application_id=application, page_size=min(limit, 1000))
        )
        if output.json:
            output.document(found)
            return
        columns = ("Webhook", "State", "URL", ">Sent up to", ">Retrying", ">Dead letters")
        output.table(columns, [_row(item) for item in found])

    run(context, work)


def create_webhook(
    context: typer.Context,
    url: Url,
    *,
    accounts: Accounts = None,
    asset: AssetFilter = "",
    kinds: Kinds = None,
    after: After = None,
    application: Application = "",
    request_id: RequestId = "",
) -> None:
    """Make a webhook, from now or from --after. Its secret is printed once."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        answer = await client.create_webhook(
            url,
            filter=_filter(accounts, asset, kinds),
            after_sequence=after,
            application_id=application,
            request_id=chosen,
        )
        _print_secret(output, answer)

    change(context, work, request_id)


def show_webhook(context: typer.Context, webhook_id: WebhookId) -> None:
    """Show one webhook, and how far its deliveries are."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.webhook(webhook_id)
        if output.json:
            output.document(found)
            return
        progress = found.progress
        facts = [
            ("Webhook", found.webhook_id),
            ("Application", found.application_id),
            ("URL", found.url),
            ("State", _state(found)),
            ("Accounts", ", ".join(found.filter.accounts) or "all"),
            ("Asset", found.filter.asset or "all"),
            ("Kinds", ", ".join(_kinds(found)) or "all"),
            ("Sent up to", f"entry {progress.cursor:,}"),
            ("Delivered", f"{progress.delivered_count:,}"),
            ("Retrying", f"{progress.retrying_count:,}"),
            ("Dead letters", f"{progress.dead_letter_count:,}"),
            ("Last success", moment(progress.last_success_time) or "never"),
            ("Last failure", moment(progress.last_failure_time) or "never"),
        ]
        if progress.last_failure:
            facts.append(("Because", progress.last_failure))
        if progress.HasField("failing_since"):
            facts.append(("Failing since", moment(progress.failing_since)))
        if found.HasField("previous_secret_expire_time"):
            facts.append(("Old secret until", moment(found.previous_secret_expire_time)))
        output.facts(facts)

    run(context, work)


def update_webhook(
    context: typer.Context,
    webhook_id: WebhookId,
    url: Url,
    *,
    accounts: Accounts = None,
    asset: AssetFilter = "",
    kinds: Kinds = None,
    request_id: RequestId = "",
) -> None:
    """Replace a webhook's URL and filter, both: what is left out is no longer filtered by."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        updated = await client.update_webhook(
            webhook_id, url=url, filter=_filter(accounts, asset, kinds), request_id=chosen
        )
        output.result(updated, f"Updated {updated.webhook_id}.")

    change(context, work, request_id)


def pause_webhook(
    context: typer.Context, webhook_id: WebhookId, request_id: RequestId = ""
) -> None:
    """Let a webhook rest; nothing is lost meanwhile."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        paused = await client.pause_webhook(webhook_id, request_id=chosen)
        output.result(paused, f"{paused.webhook_id} is {_state(paused)}.")

    change(context, work, request_id)


def resume_webhook(
    context: typer.Context, webhook_id: WebhookId, request_id: RequestId = ""
) -> None:
    """Let a paused or disabled webhook go on."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        resumed = await client.resume_webhook(webhook_id, request_id=chosen)
        output.result(resumed, f"{resumed.webhook_id} is {_state(resumed)}.")

    change(context, work, request_id)


def rotate_secret(
    context: typer.Context,
    webhook_id: WebhookId,
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=720, help="How long the old secret goes on working.")
    ] = 24,
    request_id: RequestId = "",
) -> None:
    """Make a new secret. It is printed once."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        answer = await client.rotate_webhook_secret(
            webhook_id, overlap=timedelta(hours=overlap_hours), request_id=chosen
        )
        _print_secret(output, answer)

    change(context, work, request_id)


def replay_webhook(
    context: typer.Context,
    webhook_id: WebhookId,
    after: Annotated[int, typer.Option("--after", min=0, help="Send what is behind this entry.")],
    request_id: RequestId = "",
) -> None:
    """Send everything behind an entry again, with the same event ids."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        found = await client.replay_webhook(webhook_id, after_sequence=after, request_id=chosen)
        output.result(found, f"{found.webhook_id} begins again behind entry {after:,}.")

    change(context, work, request_id)


def delete_webhook(
    context: typer.Context, webhook_id: WebhookId, request_id: RequestId = ""
) -> None:
    """End a webhook for good, with everything that waits."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        await client.delete_webhook(webhook_id, request_id=chosen)
        if output.json:
            output.value({"webhookId": webhook_id})
        else:
            output.say(f"Deleted {webhook_id}.")

    change(context, work, request_id)


def send_test_event(context: typer.Context, webhook_id: WebhookId) -> None:
    """Send a test event, now and once. Ends with 1 where it did not arrive."""

    async def work(client: "Principal", output: Output) -> None:
        sent = await client.send_test_event(webhook_id)
        seconds = sent.duration.ToTimedelta().total_seconds()
        text = f"Delivered in {seconds:.2f} s." if sent.delivered else f"Failed: {sent.failure}."
        output.result(sent, text)
        if not sent.delivered:
            raise typer.Exit(REFUSED)

    run(context, work)


def dead_letters(context: typer.Context, webhook_id: WebhookId, limit: Limit = 100) -> None:
    """List events that could not be delivered, oldest first."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.dead_letters(webhook_id, page_size=min(limit, 1000))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        rows = [
            (str(item.sequence), str(item.attempts), moment(item.dead_time), item.last_failure)
            for item in found
        ]
        output.table((">Entry", ">Attempts", "Given up", "Because"), rows)

    run(context, work)


def retry_dead_letters(
    context: typer.Context,
    webhook_id: WebhookId,
    entries: Annotated[
        list[int] | None, typer.Argument(help="Entries of the events; all if left out.")
    ] = None,
) -> None:
    """Try dead letters anew."""

    async def work(client: "Principal", output: Output) -> None:
        count = await client.retry_dead_letters(webhook_id, entries or ())
        if output.json:
            output.value({"retriedCount": count})
        else:
            output.say(f"Retrying: {count:,}.")

    run(context, work)


def _filter(
    accounts: list[str] | None, asset: str, kinds: list[Kind] | None
) -> "TransactionFilter":
    from ticketonomics.ledger.v1.transaction_pb2 import Transaction
    from ticketonomics.webhooks.v1.webhook_pb2 import TransactionFilter

    wanted: Any = [Transaction.Kind.Value(f"KIND_{kind.upper()}") for kind in kinds or ()]
    return TransactionFilter(
        accounts=[address(account) for account in accounts or ()], asset=asset, kinds=wanted
    )


def _print_secret(
    output: Output, answer: "CreateWebhookResponse | RotateWebhookSecretResponse"
) -> None:
    if output.json:
        output.document(answer)
        return
    # The secret alone goes to stdout, so that it can be sent straight into a file.
    output.warn(f"Webhook {answer.webhook.webhook_id}. Its secret is not shown again:")
    output.say(answer.secret)


def _kinds(item: "Webhook") -> list[str]:
    from ticketonomics.ledger.v1.transaction_pb2 import Transaction

    return [Transaction.Kind.Name(kind).removeprefix("KIND_").lower() for kind in item.filter.kinds]


def _state(item: "Webhook") -> str:
    state = label(item, "state")
    if item.HasField("disable_time"):
        return f"{state} ({label(item, 'disable_reason')} since {moment(item.disable_time)})"
    return state


def _row(item: "Webhook") -> tuple[str, ...]:
    progress = item.progress
    return (
        item.webhook_id,
        _state(item),
        item.url,
        f"{progress.cursor:,}",
        f"{progress.retrying_count:,}",
        f"{progress.dead_letter_count:,}",
    )
