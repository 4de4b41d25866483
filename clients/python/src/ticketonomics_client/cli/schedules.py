"""Commands about transfers that happen later."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.arguments import (
    TIMES,
    Account,
    Amount,
    Asset,
    Limit,
    RequestId,
    address,
)
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.ledger.v1.transaction_pb2 import Posting
    from ticketonomics.payments.v1.schedule_pb2 import Repeat, Schedule

    from ticketonomics_client.client import Principal

ScheduleId = Annotated[str, typer.Argument(help="Id of the schedule.")]


class Frequency(StrEnum):
    """How a schedule repeats."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class State(StrEnum):
    """What becomes of a schedule."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(schedules)
    group.command("create")(create_schedule)
    group.command("show")(show_schedule)
    group.command("runs")(schedule_runs)
    group.command("pause")(pause_schedule)
    group.command("resume")(resume_schedule)
    group.command("cancel")(cancel_schedule)
    app.add_typer(group, name="schedules")


def schedules(
    context: typer.Context,
    account: Annotated[
        str, typer.Option(help="Only those that take from this account, or person.")
    ] = "",
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    limit: Limit = 100,
) -> None:
    """List scheduled transfers; `create`, `pause`, `resume` and `cancel` them."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics.payments.v1.schedule_pb2 import Schedule

        wanted: Any = Schedule.State.Value(f"STATE_{state.name}" if state else "STATE_UNSPECIFIED")
        listed = client.schedules(
            account=address(account) if account else "", state=wanted, page_size=min(limit, 1000)
        )
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        columns = ("Schedule", "State", "Next", "Repeats", ">Runs", ">Failed", "Moves")
        units = Units(client)
        output.table(columns, [await _row(units, item) for item in found])

    run(context, work)


def create_schedule(
    context: typer.Context,
    source: Account,
    destination: Account,
    amount: Amount,
    asset: Asset,
    *,
    at: Annotated[
        datetime,
        typer.Option(
            formats=TIMES,
            metavar="TIME",
            help="When it runs first, such as 2026-01-31T09:00:00+01:00.",
        ),
    ],
    repeat: Annotated[Frequency | None, typer.Option(help="Once if left out.")] = None,
    every: Annotated[int, typer.Option(min=1, max=1000, help="So many days, weeks or months.")] = 1,
    time_zone: Annotated[
        str, typer.Option(help="Whose wall clock counts, such as Europe/Berlin.")
    ] = "UTC",
    until: Annotated[
        datetime | None,
        typer.Option(formats=TIMES, metavar="TIME", help="Nothing is due after it."),
    ] = None,
    runs: Annotated[int, typer.Option(min=0, help="At most so many runs; 0: no limit.")] = 0,
    attempts: Annotated[int, typer.Option(min=1, max=10, help="Attempts a run.")] = 3,
    retry_seconds: Annotated[
        int, typer.Option(min=1, max=86_400, help="From a refused attempt to the next.")
    ] = 3_600,
    stop_after: Annotated[
        int, typer.Option(min=0, help="Stops after so many failed runs in a row; 0: never.")
    ] = 0,
    memo: Annotated[str, typer.Option(help="Free text; only the parties see it.")] = "",
    request_id: RequestId = "",
) -> None:
    """Schedule a transfer, once or repeatedly."""
    if repeat is None and (every != 1 or until is not None or runs or time_zone != "UTC"):
        raise typer.BadParameter("--every, --until, --runs and --time-zone need --repeat")

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        from ticketonomics.ledger.v1.transaction_pb2 import Posting
        from ticketonomics.payments.v1.schedule_pb2 import RetryPolicy

        posting = Posting(
            source=address(source),
            destination=address(destination),
            asset=asset,
            amount=await Units(client).parse(amount, asset),
        )
        made = await client.create_schedule(
            [posting],
            first_time=at,
            repeat=_repeat(repeat, every, time_zone, until, runs) if repeat else None,
            retry_policy=RetryPolicy(attempts=attempts, delay_seconds=retry_seconds),
            stop_after_failures=stop_after,
            memo=memo,
            request_id=chosen,
        )
        output.result(made, f"Schedule {made.schedule_id} runs first {moment(made.first_time)}.")

    change(context, work, request_id)


def _repeat(
    frequency: Frequency, every: int, time_zone: str, until: datetime | None, runs: int
) -> "Repeat":
    from ticketonomics.payments.v1.schedule_pb2 import Repeat

    from ticketonomics_client.times import timestamp

    return Repeat(
        frequency=f"FREQUENCY_{frequency.name}",
        interval=every,
        time_zone=time_zone,
        end_time=timestamp(until),
        run_limit=runs,
    )


def show_schedule(context: typer.Context, schedule_id: ScheduleId) -> None:
    """Show one schedule."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.schedule(schedule_id)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        policy = found.retry_policy
        output.facts(
            (
                ("Schedule", found.schedule_id),
                ("State", label(found, "state")),
                *[("Moves", await _movement(units, posting)) for posting in found.postings],
                ("Memo", found.memo),
                ("First", moment(found.first_time)),
                ("Repeats", _rule(found)),
                ("Next", moment(found.due_time) or "never"),
                ("Next attempt", moment(found.next_attempt_time) or "never"),
                ("Attempts", f"{policy.attempts}, {policy.delay_seconds:,} s apart"),
                (
                    "Runs",
                    f"{found.run_count:,}, {found.succeeded_count:,} paid,"
                    f" {found.failed_count:,} failed",
                ),
            )
        )

    run(context, work)


def schedule_runs(context: typer.Context, schedule_id: ScheduleId, limit: Limit = 100) -> None:
    """List what became of a schedule's runs."""

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.schedule_runs(schedule_id, page_size=min(limit, 1000)))
        if output.json:
            output.document(found)
            return
        rows = [
            (
                f"{item.run:,}",
                moment(item.due_time),
                label(item, "state"),
                f"{item.attempts}",
                moment(item.attempt_time),
                f"{item.sequence:,}",
                item.refusal_reason,
            )
            for item in found
        ]
        columns = (">Run", "Due", "State", ">Attempts", "Last attempt", ">Entry", "Refused for")
        output.table(columns, rows)

    run(context, work)


def pause_schedule(
    context: typer.Context, schedule_id: ScheduleId, request_id: RequestId = ""
) -> None:
    """Let a schedule rest."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        found = await client.pause_schedule(schedule_id, request_id=chosen)
        output.result(found, f"Schedule {found.schedule_id} is {label(found, 'state')}.")

    change(context, work, request_id)


def resume_schedule(
    context: typer.Context, schedule_id: ScheduleId, request_id: RequestId = ""
) -> None:
    """Let a paused schedule go on; what was missed is skipped."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        found = await client.resume_schedule(schedule_id, request_id=chosen)
        following = f", next {moment(found.due_time)}" if moment(found.due_time) else ""
        text = f"Schedule {found.schedule_id} is {label(found, 'state')}{following}."
        output.result(found, text)

    change(context, work, request_id)


def cancel_schedule(
    context: typer.Context, schedule_id: ScheduleId, request_id: RequestId = ""
) -> None:
    """End a schedule for good."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        found = await client.cancel_schedule(schedule_id, request_id=chosen)
        output.result(found, f"Schedule {found.schedule_id} is {label(found, 'state')}.")

    change(context, work, request_id)


def _rule(schedule: "Schedule") -> str:
    if not schedule.HasField("repeat"):
        return "once"
    repeat = schedule.repeat
    text = label(repeat, "frequency")
    if repeat.interval != 1:
        text = f"{text} × {repeat.interval:,}"
    first_time = schedule.first_time.ToDatetime(UTC)
    return f"{text}, as at {first_time:%Y-%m-%d %H:%M}Z in {repeat.time_zone}"


async def _movement(units: Units, posting: "Posting") -> str:
    amount = await units.format(posting.amount, posting.asset)
    return f"{amount} {posting.asset} from {posting.source} to {posting.destination}"


async def _row(units: Units, schedule: "Schedule") -> tuple[str, ...]:
    return (
        schedule.schedule_id,
        label(schedule, "state"),
        moment(schedule.due_time),
        label(schedule.repeat, "frequency") if schedule.HasField("repeat") else "once",
        f"{schedule.run_count:,}",
        f"{schedule.failed_count:,}",
        ", ".join([await _movement(units, posting) for posting in schedule.postings]),
    )
