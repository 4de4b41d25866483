"""What people read when the server says no."""

from typing import TYPE_CHECKING

from ticketonomics_client import TicketonomicsError

from ticketonomics_bot.texts import Argument, Html

if TYPE_CHECKING:
    from ticketonomics_bot.visit import Visit

# Facts that come as minor units of the asset that the refusal names.
_AMOUNTS = ("available", "required", "left", "limit", "amount", "held")
_TIMES = ("next_time", "renew_time", "expire_time")


async def error_text(visit: "Visit", error: TicketonomicsError) -> Html:
    """Returns what a refusal means to a player, in the player's language."""
    text_id = "error-" + error.reason_name.lower().replace("_", "-")
    found = visit.t.find(text_id, **await _arguments(visit, error))
    return found or visit.t("error-unknown", reason=error.reason_name or "UNKNOWN")


async def _arguments(visit: "Visit", error: TicketonomicsError) -> dict[str, Argument]:
    arguments: dict[str, Argument] = dict(error.metadata)
    if asset := error.metadata.get("asset"):
        for name in _AMOUNTS:
            value = error.metadata.get(name, "")
            if value.lstrip("-").isdigit():
                arguments[name] = await visit.money(int(value), asset)
        arguments["asset"] = await visit.asset(asset)
    if error.retry_delay_seconds:
        arguments["wait"] = visit.t.duration(error.retry_delay_seconds)
    return arguments
