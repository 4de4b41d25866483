"""Commands about what taking part earns."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.arguments import Limit, PersonId, RequestId
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.rewards.v1.reward_pb2 import Reward

    from ticketonomics_client.client import Principal

Person = Annotated[str, typer.Argument(help="Id of the person; whom you act for if left out.")]
FlagId = Annotated[str, typer.Argument(help="Id of the flag.")]


class Source(StrEnum):
    """What somebody took part in."""

    DAILY = "daily"
    TAP = "tap"
    AD = "ad"
    CHAT = "chat"
    REFERRAL = "referral"


OfSource = Annotated[Source | None, typer.Option("--source", help="Only of this source.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="Claim, tap, and see what may be earned.")
    group.command("claim")(claim)
    group.command("tap")(tap)
    group.command("cooldowns")(cooldowns)
    group.command("list")(rewards)
    group.command("code")(code)
    group.command("redeem")(redeem)
    group.command("report")(report)
    group.command("stats")(stats)
    group.command("flags")(flags)
    group.command("resolve")(resolve)
    app.add_typer(group, name="rewards")


def source_number(source: Source | None) -> Any:
    """Returns the contract's number of a source; 0 for all."""
    return list(Source).index(source) + 1 if source else 0


def claim(context: typer.Context, person_id: Person = "", request_id: RequestId = "") -> None:
    """Claim the reward of the day."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.claim_daily(person_id, request_id=chosen)
        amount = await Units(client).format(made.amount, made.asset)
        days = made.daily.streak_days
        output.result(made, f"Claimed {amount} {made.asset}, on day {days} of the streak.")

    change(context, work, request_id)


def tap(
    context: typer.Context,
    count: Annotated[int, typer.Argument(min=1, max=100_000, help="Taps since the last time.")],
    person_id: Person = "",
    request_id: RequestId = "",
) -> None:
    """Send taps; tells how many counted."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.tap(count, person_id, request_id=chosen)
        amount = await Units(client).format(made.amount, made.asset)
        text = f"{made.tap.counted:,} of {count:,} taps counted: {amount} {made.asset}."
        output.result(made, text)

    change(context, work, request_id)


def cooldowns(context: typer.Context, person_id: PersonId) -> None:
    """Show what a person may still earn, and when."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.cooldowns(person_id)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                label(row, "source"),
                moment(row.next_time),
                f"{row.used_today:,}",
                f"{row.left_today:,}",
                await units.format(row.next_amount, found.asset),
                await units.format(row.budget_left, found.asset),
            )
            for row in found.cooldowns
        ]
        output.table(("Source", "Next", ">Today", ">Left", ">Earns", ">Budget left"), rows)
        energy = f"{found.energy.now:,} of {found.energy.capacity:,}"
        output.facts(
            [
                ("Energy", f"{energy}, full at {moment(found.energy.full_time)}"),
                ("Streak", f"{found.streak.days:,} days"),
                ("Brought by", _brought_by(found)),
                ("Code", found.referral_code or "none yet"),
                ("Day ends", moment(found.day_end_time)),
            ]
        )

    run(context, work)


def _brought_by(found: Any) -> str:
    if not found.HasField("referral"):
        return "nobody"
    return f"{found.referral.referrer_id}, {label(found.referral, 'state')}"


def rewards(
    context: typer.Context,
    person_id: PersonId,
    source: OfSource = None,
    limit: Limit = 100,
) -> None:
    """List what a person has earned, newest first."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.rewards(person_id, source=source_number(source), page_size=min(limit, 1000))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                f"{row.sequence:,}",
                moment(row.reward_time),
                label(row, "source"),
                await units.format(row.amount, row.asset),
                _details(row),
            )
            for row in found
        ]
        output.table((">Entry", "Time", "Source", ">Amount", "Details"), rows)

    run(context, work)


def _details(reward: "Reward") -> str:
    which = reward.WhichOneof("details")
    if which == "daily":
        return f"day {reward.daily.streak_days} of a streak"
    if which == "tap":
        return f"{reward.tap.counted:,} taps"
    if which == "ad":
        return f"{reward.ad.network_id} {reward.ad.transaction_id}, {label(reward.ad, 'region')}"
    if which == "chat":
        return f"message {reward.chat.number} of the day"
    return f"{reward.referral.referrer_id} brought {reward.referral.referred_id}"


def code(context: typer.Context, person_id: Person = "", request_id: RequestId = "") -> None:
    """Show the code with which a person brings others; it is made the first time."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        found = await client.create_referral_code(person_id, request_id=chosen)
        if output.json:
            output.value({"code": found})
        else:
            output.say(found)

    change(context, work, request_id)


def redeem(
    context: typer.Context,
    redeemed: Annotated[str, typer.Argument(metavar="CODE", help="Somebody's code.")],
    person_id: Person = "",
    request_id: RequestId = "",
) -> None:
    """Say who brought a new person."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.redeem_referral(redeemed, person_id, request_id=chosen)
        text = f"Brought by {made.referrer_id}: both are paid once the person has been active."
        output.result(made, text)

    change(context, work, request_id)


def report(
    context: typer.Context,
    person_id: PersonId,
    message: Annotated[str, typer.Argument(help="The message; only a hash of it is sent.")],
    channel: Annotated[str, typer.Option(help="Where it was written.")] = "console",
    request_id: RequestId = "",
) -> None:
    """Report that a person wrote a message."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.report_activity(
            person_id, channel=channel, message=message, request_id=chosen
        )
        if made.not_counted:
            text = f"It did not count: {label(made, 'not_counted').replace('_', ' ')}."
        else:
            amount = await Units(client).format(made.reward.amount, made.reward.asset)
            text = f"It counted: {amount} {made.reward.asset}."
        output.result(made, text)

    change(context, work, request_id)


def stats(context: typer.Context, source: OfSource = None, limit: Limit = 35) -> None:
    """Show what each source paid on each day."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.reward_statistics(source=source_number(source), page_size=min(limit, 1000))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                row.date,
                label(row, "source"),
                f"{row.reward_count:,}",
                await units.format(row.amount, "BRONZE"),
            )
            for row in found
        ]
        output.table(("Day", "Source", ">Rewards", ">BRONZE"), rows)

    run(context, work)


def flags(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that somebody has looked at.")
    ] = False,
    limit: Limit = 100,
) -> None:
    """List what looks like abuse; nobody is punished by it."""

    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics.rewards.v1.reward_pb2 import Flag

        state = Flag.STATE_UNSPECIFIED if everything else Flag.STATE_OPEN
        found = await first(limit, client.flags(state=state, page_size=min(limit, 1000)))
        if output.json:
            output.document(found)
            return
        rows = [
            (
                row.flag_id,
                label(row, "rule").replace("_", " "),
                row.subject,
                f"{row.value:,}",
                f"{row.hits:,}",
                moment(row.last_time),
                label(row, "state"),
                row.note,
            )
            for row in found
        ]
        columns = ("Flag", "Rule", "About", ">Value", ">Hits", "Last", "State", "Note")
        output.table(columns, rows)

    run(context, work)


def resolve(
    context: typer.Context,
    flag_id: FlagId,
    note: Annotated[str, typer.Option(help="What came of it; nothing personal.")] = "",
    request_id: RequestId = "",
) -> None:
    """Say that somebody has looked at a flag."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.resolve_flag(flag_id, note=note, request_id=chosen)
        output.result(made, f"Resolved {made.flag_id}.")

    change(context, work, request_id)
