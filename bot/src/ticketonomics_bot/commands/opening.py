"""Who opens which deep link. A module says `@opens("queue")` over what handles it."""

from collections.abc import Awaitable, Callable

from ticketonomics_bot.links import Link
from ticketonomics_bot.visit import Visit

Opening = Callable[[Visit, Link], Awaitable[None]]

_OPENINGS: dict[str, Opening] = {}


def opens(kind: str) -> Callable[[Opening], Opening]:
    """Marks what is done with links of a kind."""

    def register(opening: Opening) -> Opening:
        if kind in _OPENINGS:
            raise ValueError(f"{kind!r} is opened elsewhere already")
        _OPENINGS[kind] = opening
        return opening

    return register


async def open_link(visit: Visit, link: Link) -> bool:
    """Opens a link; False where nobody does."""
    opening = _OPENINGS.get(link.kind)
    if opening is None:
        return False
    await opening(visit, link)
    return True
