"""Settings for commands, and failures told in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from ticketonomics_server.settings import Settings

# 1 is for what a command was asked to find out: violations, failed checks.
CANNOT = 2

DataFolder = Annotated[
    Path | None,
    typer.Option(help="Folder of the embedded Postgres; TICKETONOMICS_DATA_FOLDER."),
]
Economy = Annotated[str | None, typer.Option(help="The economy's name; TICKETONOMICS_ECONOMY.")]


class OperatorError(Exception):
    """Something that only the operator can put right; the text says how."""


def load_settings(*, log_level: str | None = None, **given: Any) -> "Settings":
    """Reads the settings, over them what the command line gives, and sets up the logs.

    Exits with a message that names each bad variable. Values are not repeated: some are secret.
    """
    from pydantic import ValidationError

    from ticketonomics_server.logs import configure_logs
    from ticketonomics_server.settings import Settings

    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        _fail("\n".join(_describe(e) for e in error.errors(include_input=False)))
    configure_logs(level=log_level or settings.log_level, form=settings.log_format)
    return settings


def _describe(error: "ErrorDetails") -> str:
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return message
    return f"TICKETONOMICS_{str(error['loc'][0]).upper()}: {message}"


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns failures that an operator can put right into a message, without a traceback."""
    from asyncpg.exceptions import InterfaceError, PostgresError
    from sqlalchemy.exc import DBAPIError

    from ticketonomics_server.engine.rejection import Rejection
    from ticketonomics_server.storage.embedded import EmbeddedPostgresError
    from ticketonomics_server.tls import TlsFilesError

    try:
        yield
    except (OperatorError, EmbeddedPostgresError, TlsFilesError) as error:
        _fail(str(error))
    except Rejection as rejection:
        _fail(f"{rejection.message} ({rejection.reason})")
    except DBAPIError as error:
        _fail(f"the database failed: {error.orig}")
    except (PostgresError, InterfaceError) as error:
        _fail(f"the database failed: {error}")
    except OSError as error:
        _fail(str(error) or type(error).__name__)
    except RuntimeError as error:
        # gRPC has no error of its own for this.
        if "bind" not in str(error):
            raise
        _fail(f"{str(error).partition(';')[0]}: is another program listening there?")


def _fail(message: str) -> NoReturn:
    for line in message.splitlines():
        typer.secho(f"error: {line}", err=True, fg=typer.colors.RED)
    raise typer.Exit(CANNOT)
