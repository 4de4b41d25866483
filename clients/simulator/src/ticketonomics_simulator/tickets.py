"""The one asset of this community, and where it comes from."""

ASSET = "BRONZE"
FAUCET = "orgs/community/faucet"


def bronze(amount: int) -> str:
    """Writes an amount as people read it."""
    return f"{amount:,} {ASSET}"
