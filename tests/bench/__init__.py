"""Measures the ledger against what it stands on: plain Postgres and bare gRPC.

Run `make bench`, or `python -m tests.bench --help` from the root of the repository. Absolute
figures belong to one machine at one moment; the ratios, taken in one run on one Postgres, are what
counts.
"""
