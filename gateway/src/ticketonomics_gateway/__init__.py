"""REST, event streams and the web app: an independent client of the contracts."""

__version__ = "0.1.0"
