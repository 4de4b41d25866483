"""Amounts and assets, as they are said in a language."""

from ticketonomics_bot.amounts import format_amount, format_compact
from ticketonomics_bot.assets import Assets
from ticketonomics_bot.texts import Html, Texts


async def asset_name(t: Texts, assets: Assets, code: str) -> Html:
    """Writes what an asset is called; a tier in the language of the texts."""
    if (known := t.find(f"asset-{code.lower()}")) is not None:
        return known
    found = await assets.find(code)
    return t("asset-other", name=found.name if found else code)


async def money(t: Texts, assets: Assets, minor: int, code: str) -> Html:
    """Writes an amount exactly, with what it is of: `1,234.50 🥉 Bronze`."""
    number = format_amount(minor, await assets.decimals(code), t.language)
    return Html(f"{number} {await asset_name(t, assets, code)}")


async def short_money(t: Texts, assets: Assets, minor: int, code: str) -> Html:
    """Writes an amount shortly, and never as more than it is: `1.2k 🥉 Bronze`."""
    number = format_compact(minor, await assets.decimals(code))
    return Html(f"{number} {await asset_name(t, assets, code)}")
