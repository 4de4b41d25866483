"""REST, event streams and the web app: an independent client of the contracts."""
