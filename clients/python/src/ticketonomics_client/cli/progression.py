"""Commands about what people have done: profiles, achievements, and who is first."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import Limit, PersonId
from ticketonomics_client.cli.output import Output, first, moment
from ticketonomics_client.cli.session import run

if TYPE_CHECKING:
    from ticketonomics.progression.v1.progress_pb2 import Progress

    from ticketonomics_client.client import Principal


class By(StrEnum):
    """What a leaderboard is ordered by."""

    experience = "experience"
    wealth = "wealth"
    contribution = "contribution"
    reputation = "reputation"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(profile)
    app.command("top-people")(top_people)
    app.command()(achievements)


def profile(context: typer.Context, person_id: PersonId) -> None:
    """Show what a person has done: level, reputation, streak, achievements."""

    async def work(client: "Principal", output: Output) -> None:
        progress = await client.progress(person_id.removeprefix("users/"))
        if output.json:
            output.document(progress)
            return
        output.facts(_facts(progress))
        for earned in progress.achievements:
            output.say(f"{moment(earned.earn_time)}  {earned.achievement_id}")

    run(context, work)


def _facts(progress: "Progress") -> list[tuple[str, str]]:
    reputation = progress.reputation
    parts = ("tenure", "trades", "votes", "help")
    told = ", ".join(f"{part} {getattr(reputation, part):,}" for part in parts)
    return [
        ("Person", progress.person_id),
        ("Level", f"{progress.level:,}"),
        (
            "Experience",
            f"{progress.experience:,}, {progress.experience_to_next_level:,} to the next level",
        ),
        ("This month", f"{progress.month_experience:,}"),
        ("Reputation", f"{reputation.score:,} ({told})"),
        ("Active days", f"{reputation.active_days} of the last 62"),
        ("Streak", f"{progress.streak_days}, at most {progress.longest_streak_days}"),
        ("Deeds", ", ".join(f"{deed.deed} {deed.count:,}" for deed in progress.deeds) or "none"),
    ]


def top_people(
    context: typer.Context,
    by: Annotated[By, typer.Option(help="What they are ordered by.")] = By.experience,
    limit: Limit = 20,
) -> None:
    """List the first people by experience, wealth, contribution of this month, or reputation."""

    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics.progression.v1 import progression_service_pb2

        board = getattr(progression_service_pb2, f"BOARD_{by.name.upper()}")
        found = await first(limit, client.leaderboard(board, page_size=min(limit, 1_000)))
        if output.json:
            output.document(found)
            return
        rows = [
            [f"{item.rank:,}", item.person_id, item.display_name, item.value]
            + ([f"{item.level:,}"] if by is By.experience else [])
            for item in found
        ]
        level = (">Level",) if by is By.experience else ()
        output.table((">Rank", "Person", "Name", f">{by.name.capitalize()}", *level), rows)

    run(context, work)


def achievements(context: typer.Context) -> None:
    """List the achievements that there are."""

    async def work(client: "Principal", output: Output) -> None:
        found = [achievement async for achievement in client.achievements()]
        if output.json:
            output.document(found)
            return
        rows = [[item.achievement_id, item.name, item.description] for item in found]
        output.table(("Achievement", "Name", "What earns it"), rows)

    run(context, work)
