"""`python -m ticketonomics_simulator`."""

from ticketonomics_simulator.cli import app

app()
