"""`ticketonomics-server parameters`: the page of all parameters, out of the catalogue."""

import typer


def parameters() -> None:
    """Prints a page of all parameters in Markdown: defaults and bounds, not what is set."""
    from ticketonomics_server.parameters.page import parameters_page

    typer.echo(parameters_page(), nl=False)
