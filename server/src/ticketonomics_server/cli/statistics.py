"""`ticketonomics-server statistics`: the aggregates, made again from the journal."""

from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_server.cli.settings import DataFolder, load_settings, told_plainly

if TYPE_CHECKING:
    from ticketonomics_server.settings import Settings

statistics = typer.Typer(help="Looks after statistics and leaderboards.", no_args_is_help=True)


@statistics.callback()
def group() -> None:
    """Keeps the name of the only command."""


@statistics.command()
def rebuild(
    economy: Annotated[str | None, typer.Option(help="Only this economy.")] = None,
    data_folder: DataFolder = None,
) -> None:
    """Empties the aggregates and makes them again, while the server may run.

    Until it is done, answers tell how far it is.
    """
    settings = load_settings(log_level="warning", data_folder=data_folder)
    with told_plainly():
        import uvloop

        for name, entries in uvloop.run(_rebuild(settings, economy)).items():
            typer.echo(f"{name}: the statistics stand for {entries:,} entries.")


async def _rebuild(settings: "Settings", economy: str | None) -> dict[str, int]:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from ticketonomics_server.cli.reaching import check_schema, find_economies, open_database
    from ticketonomics_server.statistics.rebuilding import rebuild as rebuild_economy

    done = {}
    async with open_database(settings) as database:
        await check_schema(database)
        with Progress(console=Console(stderr=True), transient=True) as bars:
            for name, economy_id in (await find_economies(database, economy)).items():
                bar = bars.add_task(name, total=None)

                def advance(at: int, end: int, bar: TaskID = bar) -> None:
                    bars.update(bar, completed=at, total=end)

                done[name] = await rebuild_economy(database, economy_id, advance)
    return done
