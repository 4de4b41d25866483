"""How a command runs: its connection, its failures, its exit code."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from ticketonomics_client.cli.output import Output
from ticketonomics_client.identifiers import new_id

if TYPE_CHECKING:  # gRPC takes longer to import than everything else: commands do it when they run.
    from ticketonomics_client.client import Client, Principal
    from ticketonomics_client.tls import TlsFiles

REFUSED, WRONG_USAGE, SERVER_AWAY, INTERRUPTED = 1, 2, 3, 130

Work = Callable[["Principal", Output], Awaitable[None]]
Change = Callable[["Principal", Output, str], Awaitable[None]]


@dataclass(slots=True, frozen=True, kw_only=True)
class Session:
    """The options that all commands share."""

    target: str
    api_key_file: str
    economy: str
    acting_for: str
    insecure: bool
    ca: str
    client_certificate: str
    client_key: str
    timeout_seconds: float
    json: bool

    def client(self) -> "Client":
        """Makes the client; raises ValueError when the options do not fit together."""
        from ticketonomics_client.client import Client

        return Client(
            self.target,
            api_key=self._api_key(),
            economy=self.economy,
            tls=self._tls(),
            insecure=self.insecure,
            timeout_seconds=self.timeout_seconds,
        )

    def _tls(self) -> "TlsFiles | None":
        from ticketonomics_client.tls import TlsFiles

        files = (self.ca, self.client_certificate, self.client_key)
        ca, certificate, key = (Path(file).expanduser() if file else None for file in files)
        return TlsFiles(ca=ca, certificate=certificate, key=key) if any(files) else None

    def _api_key(self) -> str | None:
        # There is no option for the key itself: everybody on a machine can read command lines.
        path = self.api_key_file
        if not path:
            if key := os.environ.get("TICKETONOMICS_API_KEY", "").strip():
                return key
            path = os.environ.get("TICKETONOMICS_API_KEY_FILE", "")
        if not path:
            return None
        try:
            key = Path(path).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"cannot read the API key file {path}: {error}") from error
        if not key:
            raise ValueError(f"the API key file {path} is empty")
        return key


def run(context: typer.Context, work: Work, *, request_id: str = "") -> None:
    """Runs a command's work with a client, and turns what goes wrong into text and an exit code.

    Args:
        context: The command's.
        work: Gets whoever calls, and where to print.
        request_id: Of the change that the command makes; told when its outcome is unknown.
    """
    session = context.find_object(Session)
    assert session is not None
    code = _run(session, work, Output(json=session.json), request_id)
    if code:
        raise typer.Exit(code)


def change(context: typer.Context, work: Change, request_id: str) -> None:
    """Runs a command that makes one change, as `run` does.

    Args:
        context: The command's.
        work: Gets whoever calls, where to print, and the request id to call with.
        request_id: The one that was given; a new one is chosen if it is empty.
    """
    chosen = request_id or new_id()
    run(context, lambda client, output: work(client, output, chosen), request_id=chosen)


def _run(session: Session, work: Work, output: Output, request_id: str) -> int:
    # gRPC's core would write about lost connections among our own lines.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    from ticketonomics_client.cli.units import in_display_units
    from ticketonomics_client.errors import RefusedError, SecretLostError, UnavailableError

    async def connected() -> None:
        async with session.client() as client:
            principal = client.acting_for(session.acting_for) if session.acting_for else client
            try:
                await work(principal, output)
            except RefusedError as error:
                if not output.json:
                    await in_display_units(principal, error)
                raise

    unknown = f"It may have happened or not. The same command with --id {request_id} tells, safely."
    try:
        asyncio.run(connected())
    except (RefusedError, SecretLostError) as error:
        output.failure(error)
        return REFUSED
    except UnavailableError as error:
        output.failure(error, target=session.target)
        if error.request_id and request_id:
            output.warn(unknown)
        return SERVER_AWAY
    except ValueError as error:
        output.usage_error(str(error))
        return WRONG_USAGE
    except KeyboardInterrupt:
        if request_id:
            output.warn(unknown)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us, such as `head`, has enough. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


class AnywhereOptions(TyperGroup):
    """Takes the options that all commands share before or after the command's name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Moves the shared options to the front, where click expects them."""
        takes_value = {
            option: not getattr(parameter, "is_flag", False)
            for parameter in self.params
            for option in parameter.opts
            if parameter.name in Session.__dataclass_fields__ or parameter.name == "timeout"
        }
        return super().parse_args(ctx, _shared_first(args, takes_value))


def _shared_first(args: list[str], takes_value: dict[str, bool]) -> list[str]:
    shared: list[str] = []
    others: list[str] = []
    left = iter(args)
    for argument in left:
        if argument == "--":
            others += [argument, *left]
        elif argument.partition("=")[0] in takes_value:
            shared.append(argument)
            if takes_value[argument.partition("=")[0]] and "=" not in argument:
                shared += [value for value in [next(left, None)] if value is not None]
        else:
            others.append(argument)
    return shared + others
