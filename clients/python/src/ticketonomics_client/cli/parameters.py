"""Commands about the economy's parameters."""

from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import Limit, RequestId
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run

if TYPE_CHECKING:
    from ticketonomics.parameters.v1.parameter_pb2 import Parameter, ParameterValue

    from ticketonomics_client.client import Principal
    from ticketonomics_client.parameters import Value

Name = Annotated[str, typer.Argument(help="Name of the parameter, such as queues.timeout.")]
Why = Annotated[str, typer.Option(help="Why. Public, and never erased.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(parameters)
    group.command("show")(show_parameter)
    group.command("set")(set_parameter)
    group.command("history")(parameter_history)
    app.add_typer(group, name="parameters")


def parameters(
    context: typer.Context,
    area: Annotated[str, typer.Option(help="Only those of this area, such as queues.")] = "",
) -> None:
    """List the numbers of the economy; `show`, `set`, and see their `history`."""
    if context.invoked_subcommand is not None:
        return

    async def work(client: "Principal", output: Output) -> None:
        found = [item async for item in client.parameters(area=area, page_size=1000)]
        if output.json:
            output.document(found)
            return
        rows = [
            (item.name, show_value(item.value), item.unit, _bounds(item), label(item, "owner"))
            for item in found
        ]
        output.table(("Name", ">Value", "Unit", ">Between", "Set by"), rows)

    run(context, work)


def show_parameter(context: typer.Context, name: Name) -> None:
    """Show one parameter: what it does, what it is, and what it may be."""

    async def work(client: "Principal", output: Output) -> None:
        item = await client.parameter(name)
        if output.json:
            output.document(item)
            return
        facts = [
            ("Name", item.name),
            ("What it does", item.description),
            ("Value", f"{show_value(item.value)} {item.unit}".rstrip()),
            ("Default", show_value(item.default_value)),
            ("May be", _bounds(item)),
            ("Set by the", label(item, "owner")),
        ]
        if item.set_sequence:
            facts.append(("Last set", f"{moment(item.set_time)} by {item.set_by}"))
        output.facts(facts)

    run(context, work)


def set_parameter(
    context: typer.Context,
    name: Name,
    value: Annotated[
        str, typer.Argument(help="A number, yes or no, a choice, or numbers with commas between.")
    ],
    *,
    reason: Why = "",
    request_id: RequestId = "",
) -> None:
    """Give a parameter another value, from the next entry on."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        parsed = parse_value(await client.parameter(name), value)
        made = await client.set_parameter(name, parsed, reason=reason, request_id=chosen)
        output.result(
            made, f"{made.name} is {show_value(made.value)} {made.unit}".rstrip() + " now."
        )

    change(context, work, request_id)


def parameter_history(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Only of this parameter.")] = "",
    limit: Limit = 100,
) -> None:
    """List what parameters were set to, newest first."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.parameter_changes(name=name, page_size=min(limit, 1000))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        rows = [
            (
                f"{item.sequence:,}",
                moment(item.set_time),
                item.name,
                show_value(item.previous_value),
                show_value(item.value),
                item.set_by,
                item.reason,
            )
            for item in found
        ]
        output.table((">Entry", "Time", "Name", ">Before", ">After", "By", "Why"), rows)

    run(context, work)


def _bounds(item: "Parameter") -> str:
    """Writes what it may be."""
    kind = label(item, "type")
    if kind == "choice":
        return ", ".join(item.choices)
    if kind == "boolean":
        return "no, or yes for ever" if item.one_way else "yes, no"
    bounds = f"{item.minimum:,} – {item.maximum:,}"
    if kind == "integer_list":
        return f"{item.least_count} to {item.greatest_count} of {bounds}"
    return bounds


def show_value(value: "ParameterValue") -> str:
    """Writes a value as people do."""
    from ticketonomics_client.parameters import from_message

    found = from_message(value)
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, str):
        return found
    numbers = found if isinstance(found, list) else [found]
    return ", ".join(f"{number:,}" for number in numbers)


def parse_value(item: "Parameter", text: str) -> "Value":
    """Reads what was typed as a value of the parameter's type."""
    kind = label(item, "type")
    if kind == "choice":
        return text
    if kind == "boolean":
        answers = {"yes": True, "true": True, "no": False, "false": False}
        if text.lower() not in answers:
            raise ValueError(f"{item.name} is yes or no, not {text}")
        return answers[text.lower()]
    try:
        if kind == "integer_list":
            return [int(part) for part in text.split(",")]
        return int(text.replace(",", "").replace("_", ""))
    except ValueError:
        wanted = "numbers with commas between" if kind == "integer_list" else "a number"
        raise ValueError(f"{item.name} is {wanted}, not {text}") from None
