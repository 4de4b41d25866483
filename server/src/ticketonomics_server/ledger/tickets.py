"""The tickets: eight tiers of the one currency, each worth twenty of the tier below."""

TIERS = (
    "BRONZE",
    "SILVER",
    "GOLD",
    "EMERALD",
    "SAPPHIRE",
    "RUBY",
    "AMETHYST",
    "DIAMOND",
)
BRONZE = TIERS[0]
TIER_RATIO = 20
# Of a tier's asset: one whole ticket is 100 minor units.
TICKET_DECIMALS = 2

_EQUIVALENTS: dict[str, int] = {code: TIER_RATIO**order for order, code in enumerate(TIERS)}


def bronze_equivalents(code: str) -> int:
    """Returns what one ticket of a tier is worth in Bronze: `20^(order−1)`, with BRONZE as order 1.

    Raises:
        KeyError: The asset is no tier.
    """
    return _EQUIVALENTS[code]
