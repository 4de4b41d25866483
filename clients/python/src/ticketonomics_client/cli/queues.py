"""Commands about tier queues."""

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import PersonId, RequestId
from ticketonomics_client.cli.output import Output, label, moment
from ticketonomics_client.cli.session import REFUSED, change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from google.protobuf.duration_pb2 import Duration
    from ticketonomics.queues.v1.round_pb2 import Round

    from ticketonomics_client.client import Principal

Tier = Annotated[str, typer.Argument(help="Tier that is staked, such as bronze.")]
Size = Annotated[str, typer.Argument(help="small, medium or large.")]
RoundId = Annotated[str, typer.Argument(metavar="ROUND", help="Id of the round.")]
Commitment = Annotated[
    str, typer.Option(help="The commitment that you kept, in hexadecimal: then nothing is trusted.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="Tier queues: join rounds, and check draws.")
    group.command("list")(list_queues)
    group.command("join")(join)
    group.command("leave")(leave)
    group.command("show")(show)
    group.command("watch")(watch)
    group.command("verify")(verify)
    group.command("stats")(stats)
    group.command("board")(board)
    group.command("open")(open_queues)
    group.command("convert-down")(convert_down)
    app.add_typer(group, name="queues")


def list_queues(context: typer.Context) -> None:
    """List all queues with the rounds that are waiting."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.queues()
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                item.tier,
                item.size,
                item.round.round_id or "–",
                f"{item.round.players}/{item.round.places}",
                f"{await units.format(item.round.reward, item.round.reward_tier)}"
                f" {item.round.reward_tier}"
                if item.round.round_id
                else "–",
                _duration(item.round.time_remaining),
                moment(item.round.estimated_fill_time)
                if item.round.HasField("estimated_fill_time")
                else "–",
                f"{item.finished_rounds:,}",
            )
            for item in found
        ]
        columns = ("Tier", "Size", "Round", ">In", ">Reward", ">Left", "Full about", ">Drawn")
        output.table(columns, rows)

    run(context, work)


def join(
    context: typer.Context,
    tier: Tier,
    size: Size,
    person: PersonId,
    *,
    nonce: Annotated[
        str, typer.Option(help="Text of at most 32 bytes that enters the draw; random if left out.")
    ] = "",
    request_id: RequestId = "",
) -> None:
    """Join a queue for a person: stakes one ticket of the tier."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.join_queue(
            tier, size, person, nonce=nonce.encode() if nonce else None, request_id=chosen
        )
        if output.json:
            output.document(made)
            return
        found = made.round
        output.say(f"In round {found.round_id}, {found.players} of {found.places} people.")
        output.say(f"Keep its commitment, to check the draw: {found.commitment.hex()}")

    change(context, work, request_id)


def leave(
    context: typer.Context, tier: Tier, size: Size, person: PersonId, *, request_id: RequestId = ""
) -> None:
    """Leave the round of a queue that is waiting: the stake comes back."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.leave_queue(tier, size, person, request_id=chosen)
        output.result(made, f"Left round {made.round_id}. The stake is back.")

    change(context, work, request_id)


def show(context: typer.Context, round_id: RoundId) -> None:
    """Show one round, and who is in it."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.round(round_id)
        if output.json:
            output.document(found)
            return
        output.facts(await _facts(found, Units(client)))
        entries = [entry async for entry in client.round_entries(round_id, page_size=1000)]
        rows = [
            (
                f"{entry.position:,}",
                entry.person_id,
                moment(entry.join_time),
                entry.nonce.hex(),
                "won" if entry.position == found.winner_position else "",
            )
            for entry in entries
        ]
        output.table((">Place", "Person", "Joined", "Nonce", ""), rows)

    run(context, work)


def watch(
    context: typer.Context,
    tier: Annotated[str, typer.Option(help="Only queues of this tier.")] = "",
    size: Annotated[str, typer.Option(help="Only queues of this size.")] = "",
    person: Annotated[str, typer.Option(help="Tell the place of this person.")] = "",
) -> None:
    """Print rounds as they change, until Ctrl-C: one line each."""

    async def work(client: "Principal", output: Output) -> None:
        stream = client.watch_queues(tier=tier, size=size, person_id=person)
        async with aclosing(stream) as messages:
            async for message in messages:
                for told in message.rounds:
                    if output.json:
                        output.line(told)
                    else:
                        output.say(_line(told.round, told.position))

    run(context, work)


def verify(context: typer.Context, round_id: RoundId, *, commitment: Commitment = "") -> None:
    """Draw a finished round again, on this machine, and tell whether it was fair."""

    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics_client.draws import DrawVerificationError

        kept = bytes.fromhex(commitment) if commitment else None
        try:
            winner = await client.verify_round(round_id, commitment=kept)
        except DrawVerificationError as error:
            output.refuted("draw", str(error))
            raise typer.Exit(REFUSED) from None
        if output.json:
            output.value({"valid": True, "round": round_id, "winner": winner.person_id})
            return
        output.say(f"{winner.person_id} won, at place {winner.position}: drawn as promised.")
        if kept is None:
            output.warn("Whether the commitment was there before the draw, only you can know.")

    run(context, work)


def stats(context: typer.Context, tier: Tier, size: Size) -> None:
    """Tell how fast a queue's rounds fill, and how many people reach each tier."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.queue_statistics(tier, size)
        if output.json:
            output.document(found)
            return
        facts = [
            ("Queue", f"{found.tier} {found.size}"),
            ("Rounds drawn", f"{found.finished_rounds:,}"),
            ("Rounds expired", f"{found.expired_rounds:,}"),
            ("Entries", f"{found.entries:,}"),
        ]
        if found.fill_time_rounds:
            facts += [
                ("Half fill within", _duration(found.fill_time_p50)),
                ("95 % fill within", _duration(found.fill_time_p95)),
            ]
        output.facts(facts)
        rows = [
            (item.tier, f"{item.people_reached:,}", _duration(item.average_time))
            for item in await client.tier_progression()
        ]
        output.table(("Tier", ">Reached by", ">After, on average"), rows)

    run(context, work)


def board(
    context: typer.Context,
    tier: Annotated[str, typer.Argument(help="Tier that was won; the highest if left out.")] = "",
) -> None:
    """List the ten who have won most tickets of a tier in queues."""

    async def work(client: "Principal", output: Output) -> None:
        found = []
        async for item in client.top_players(tier, page_size=10):
            found.append(item)
            if len(found) == 10:
                break
        if output.json:
            output.document(found)
            return
        units, asset = Units(client), tier.upper() or "DIAMOND"
        rows = [
            (
                item.person_id,
                await units.format(item.won, asset),
                f"{item.wins:,}",
                f"{item.entries:,}",
            )
            for item in found
        ]
        output.table(("Person", f">Won {asset}", ">Rounds won", ">Entries"), rows)

    run(context, work)


def open_queues(context: typer.Context, *, request_id: RequestId = "") -> None:
    """Open all queues, and create the tiers, where they are not there yet. For operators."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        found = await client.open_queues(request_id=chosen)
        if output.json:
            output.document(found)
            return
        output.say(f"{len(found)} queues are open.")

    change(context, work, request_id)


def convert_down(
    context: typer.Context, tier: Tier, person: PersonId, *, request_id: RequestId = ""
) -> None:
    """Turn one ticket of a person into 20 of the tier below, where the community allows it."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.convert_down(tier, person, request_id=chosen)
        amount = await Units(client).format(made.converted, made.converted_tier)
        output.result(made, f"Got {amount} {made.converted_tier}.")

    change(context, work, request_id)


async def _facts(found: "Round", units: Units) -> list[tuple[str, str]]:
    stake = await units.format(found.stake, found.tier)
    reward = await units.format(found.reward, found.reward_tier)
    facts = [
        ("Queue", f"{found.tier} {found.size}"),
        ("State", label(found, "state")),
        ("People", f"{found.players} of {found.places}"),
        ("Stake", f"{stake} {found.tier}"),
        ("Reward", f"{reward} {found.reward_tier}"),
        ("Opened", moment(found.create_time)),
        ("Expires", moment(found.expire_time)),
    ]
    if found.HasField("fill_time"):
        facts.append(("Filled", moment(found.fill_time)))
    if found.HasField("resolve_time"):
        facts.append(
            ("Resolved", f"{moment(found.resolve_time)}, entry {found.resolve_sequence:,}")
        )
    if found.winner_person_id:
        facts.append(("Winner", f"{found.winner_person_id}, at place {found.winner_position}"))
    facts.append(("Commitment", found.commitment.hex()))
    if found.secret:
        facts.append(("Secret", found.secret.hex()))
    return facts


def _line(found: "Round", position: int) -> str:
    parts = [
        f"{found.tier} {found.size} {found.round_id}",
        f"{found.players}/{found.places}",
        label(found, "state"),
    ]
    if position:
        parts.append(f"place {position}")
    if found.winner_person_id:
        parts.append(f"won by {found.winner_person_id}")
    return "  ".join(parts)


def _duration(value: "Duration") -> str:
    """Writes how long something takes, such as `1:02:03`."""
    days, seconds = divmod(value.seconds, 86_400)
    hours, rest = divmod(seconds, 3_600)
    text = f"{hours}:{rest // 60:02}:{rest % 60:02}"
    return f"{days} d {text}" if days else text
