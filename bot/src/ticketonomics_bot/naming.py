"""What people are called, for lists that nobody in particular reads."""

from collections.abc import Iterable

from ticketonomics_client import Principal, RefusedError

from ticketonomics_bot.recipients import shown_name
from ticketonomics_bot.texts import Html

_AT_ONCE = 100


async def names_of(client: Principal, person_ids: Iterable[str]) -> dict[str, Html]:
    """Returns what people are called by id; who is not there any more is left out."""
    wanted = [number for number in dict.fromkeys(person_ids) if number]
    found: dict[str, Html] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        try:
            people = await client.people_by_id(wanted[start : start + _AT_ONCE])
        except RefusedError as error:
            if error.reason_name != "PERSON_NOT_FOUND":
                raise
            continue
        found |= {person.person_id: shown_name(person) for person in people}
    return found


def unnamed(person_id: str) -> Html:
    """Writes a person without a name."""
    return Html(f"<code>{person_id[:6]}…</code>")
