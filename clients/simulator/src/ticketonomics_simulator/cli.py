"""`ticketonomics-simulator`: a community that lives on the ledger."""

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

REFUSED, WRONG_USAGE = 1, 2
KEY_FILE_SECONDS = 60.0

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


def _list_scenarios(wanted: bool) -> None:
    if not wanted:
        return
    from ticketonomics_simulator.behaviours import BEHAVIOURS
    from ticketonomics_simulator.scenario import load_scenario, scenario_names

    for name in scenario_names():
        scenario = load_scenario(name, BEHAVIOURS)
        typer.echo(f"{name:<12}  {scenario.title}: {scenario.shows}")
    raise typer.Exit


@app.command()
def simulate(
    *,
    target: Annotated[
        str,
        typer.Option(
            envvar="TICKETONOMICS_TARGET",
            help="The server, as host:port. Another machine is spoken to with TLS.",
        ),
    ] = "127.0.0.1:50051",
    api_key_file: Annotated[
        Path,
        typer.Option(
            envvar="TICKETONOMICS_API_KEY_FILE",
            help="File with an operator's key, which makes the simulator a key of its own. "
            "Waited for if it is not there yet.",
        ),
    ],
    people: Annotated[int, typer.Option(min=3, max=10_000, help="How many people live.")] = 60,
    seed: Annotated[int, typer.Option(help="Which community: names, characters, chance.")] = 1,
    rate: Annotated[float, typer.Option(min=0.01, help="Transactions a second.")] = 5.0,
    duration: Annotated[float, typer.Option(min=0, help="Seconds; 0 means for ever.")] = 0.0,
    daily_budget: Annotated[
        int,
        typer.Option(min=0, help="New tickets a day; 0 means what fits the people and the rate."),
    ] = 0,
    scenario: Annotated[
        str,
        typer.Option(
            help="What the community lives through: a name such as bank-run, or a TOML file."
        ),
    ] = "",
    scenarios: Annotated[
        bool,
        typer.Option(
            "--scenarios", is_eager=True, callback=_list_scenarios, help="List the scenarios."
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print nothing but the closing summary.")
    ] = False,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Speak to another machine in clear text.")
    ] = False,
) -> None:
    """Lets a simulated community live on a Ticketonomics server, until Ctrl-C.

    It continues where it left off: the same seed finds its people and shops again.
    """
    # gRPC's core would write about lost connections among our own lines.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    from rich.console import Console
    from ticketonomics_client import RefusedError

    from ticketonomics_simulator.access import SetUpError
    from ticketonomics_simulator.behaviours import BEHAVIOURS
    from ticketonomics_simulator.performing import KeyLostError
    from ticketonomics_simulator.running import Options, run
    from ticketonomics_simulator.scenario import load_scenario
    from ticketonomics_simulator.showing import LineShow, LiveShow, SilentShow, write_line

    console = Console()
    show = (
        SilentShow()
        if quiet
        else LiveShow(console, target=target)
        if console.is_terminal
        else LineShow(console)
    )

    async def until_stopped(api_key: str) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        options = Options(
            target=target,
            api_key=api_key,
            insecure=insecure,
            people=people,
            seed=seed,
            rate_per_second=rate,
            duration_seconds=duration,
            daily_budget=daily_budget,
            scenario=load_scenario(scenario, BEHAVIOURS) if scenario else None,
        )
        await run(options, show=show, say=lambda line: write_line(console, line), stop=stop)

    try:
        asyncio.run(until_stopped(_read_key(api_key_file)))
    except (SetUpError, KeyLostError, RefusedError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(REFUSED) from None
    except (OSError, ValueError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(WRONG_USAGE) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _read_key(file: Path) -> str:
    """Reads the key, which a server that was started together with us may be about to write."""
    deadline = time.monotonic() + KEY_FILE_SECONDS
    if not file.exists():
        typer.echo(f"Waiting for the key file {file}", err=True)
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    key = file.read_text(encoding="utf-8").strip()
    if not key:
        raise ValueError(f"{file} is empty")
    return key
