"""What people are called: by handle, by a name that everybody may know, or by a part of the id."""

from collections.abc import Iterable
from html import escape

from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics_client import Principal, RefusedError

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


def shown_name(person: Person) -> Html:
    """Writes what a person is called."""
    if person.handle:
        return Html(f"@{person.handle}")
    if person.display_name and person.privacy == Person.PRIVACY_PUBLIC:
        return Html(escape(person.display_name, quote=False))
    return unnamed(person.person_id)


def unnamed(person_id: str) -> Html:
    """Writes a person without a name."""
    return Html(f"<code>{person_id[:6]}…</code>")
