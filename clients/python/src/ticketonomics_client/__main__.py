"""`python -m ticketonomics_client`: the command line, for a Python without its scripts on PATH."""

from ticketonomics_client.cli import app

app(prog_name="ticketonomics")
