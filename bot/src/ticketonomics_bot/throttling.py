"""How often a person and a chat are heard. Who asks too much is told so once."""

from dataclasses import dataclass

from ticketonomics_bot.store import Store

_WINDOW_SECONDS = 60.0


@dataclass(slots=True, frozen=True)
class Heard:
    """Whether an update is handled, and whether the person is told that it is not."""

    handled: bool
    told: bool = False


class Throttle:
    """Counts what each person and each chat asks for, in windows of a minute, for all instances."""

    def __init__(self, store: Store, *, person_limit: int, chat_limit: int) -> None:
        self._store = store
        self._limits = {"person": person_limit, "chat": chat_limit}

    async def hear_inline(self, person: int) -> bool:
        """Counts a query that is typed inline: Telegram asks anew with every few letters."""
        counted = await self._store.count(f"heard:inline:{person}", seconds=_WINDOW_SECONDS)
        return counted <= 3 * self._limits["person"]

    async def hear(self, *, person: int, chat: int | None) -> Heard:
        """Counts one update."""
        asked = [("person", person)]
        if chat is not None and chat != person:
            asked.append(("chat", chat))
        for kind, number in asked:
            key = f"heard:{kind}:{number}"
            counted = await self._store.count(key, seconds=_WINDOW_SECONDS)
            if counted > self._limits[kind]:
                # Of a whole chat nobody is told: it would be one more message in the flood.
                return Heard(False, told=kind == "person" and counted == self._limits[kind] + 1)
        return Heard(True)
