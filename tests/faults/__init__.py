"""The fault campaign: two servers and a Postgres are killed, frozen and cut off under load.

Run it with `python -m tests.faults`; every round draws one fault, mends what it broke, and then
compares what callers were told with what the ledger holds (`checks.py` has the rules).
"""

import os

# Processes are forked only to become other programs, which gRPC need not hear of, nor tell.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
