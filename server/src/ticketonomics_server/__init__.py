"""The core ledger: one total order of commands for each community's economy."""

__version__ = "0.1.0"
