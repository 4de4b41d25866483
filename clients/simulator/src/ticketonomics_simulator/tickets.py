"""The ticket that this community pays with, and where it comes from."""

ASSET = "BRONZE"
FAUCET = "orgs/community/faucet"
DECIMALS = 2
# One whole ticket, in the minor units that the ledger counts. Amounts are in these everywhere.
WHOLE = 100


def bronze(amount: int) -> str:
    """Writes an amount as people read it."""
    return f"{tickets(amount)} {ASSET}"


def tickets(amount: int) -> str:
    """Writes an amount without its asset: whole tickets without decimals."""
    whole, rest = divmod(amount, WHOLE)
    return f"{whole:,}.{rest:0{DECIMALS}}" if rest else f"{whole:,}"
