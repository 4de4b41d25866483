"""Turns commands into blocks. Knows no domain: rooms such as `ledger` plug in (see `domain`)."""
