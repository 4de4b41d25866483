"""Reads of link codes, and of all that is kept about a person."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ticketonomics_server.engine.model import Text
from ticketonomics_server.identity.tables import handles, link_codes, linked_identities
from ticketonomics_server.storage.reading import Snapshot

# A person and all who became part of it: texts keep their owners when people merge.
PEOPLE_MERGED_INTO = (
    "WITH RECURSIVE parts (part) AS ("
    ' SELECT {person} COLLATE "C" UNION'
    " SELECT p.person_id FROM parts JOIN people p"
    " ON p.economy_id = {economy} AND p.merged_into = part)"
)

_PARTS = sa.text(
    PEOPLE_MERGED_INTO.format(economy=":economy_id", person="CAST(:person_id AS text)")
    + " SELECT part FROM parts"
)
_TEXTS = sa.text(
    PEOPLE_MERGED_INTO.format(economy=":economy_id", person="CAST(:person_id AS text)")
    + " SELECT t.sequence, b.block_time, t.memo, t.metadata FROM parts"
    " JOIN texts t ON t.owner = part"
    " JOIN LATERAL (SELECT block_time FROM blocks WHERE economy_id = t.economy_id"
    " AND last_sequence >= t.sequence ORDER BY last_sequence LIMIT 1) b ON true"
    " WHERE t.economy_id = :economy_id AND t.salt IS NOT NULL AND t.sequence > :after"
    " ORDER BY t.sequence LIMIT :limit"
)


@dataclass(slots=True, frozen=True)
class PersonalText:
    """A text of a person, and when it came."""

    sequence: int
    commit_time: datetime
    text: Text


async def list_texts(
    snapshot: Snapshot, person_id: str, *, after: int, limit: int
) -> list[PersonalText]:
    """Lists a person's texts in the order of their entries, those after the entry `after`."""
    rows = await snapshot.connection.execute(
        _TEXTS,
        {
            "economy_id": snapshot.economy_id,
            "person_id": person_id,
            "after": after,
            "limit": limit,
        },
    )
    return [
        PersonalText(sequence, time, Text(memo, tuple(sorted(metadata.items()))))
        for sequence, time, memo, metadata in rows
    ]


async def list_parts(snapshot: Snapshot, person_id: str) -> list[str]:
    """Lists the ids of a person, and of all who became part of it."""
    arguments = {"economy_id": snapshot.economy_id, "person_id": person_id}
    return list(await snapshot.connection.scalars(_PARTS, arguments))


async def list_former_handles(snapshot: Snapshot, person_id: str) -> list[str]:
    """Lists handles that a person has given up and that are kept for it, by name."""
    found = await snapshot.connection.scalars(
        sa.select(handles.c.handle)
        .where(
            handles.c.economy_id == snapshot.economy_id,
            handles.c.person_id == person_id,
            handles.c.release_time.is_not(None),
        )
        .order_by(handles.c.handle)
    )
    return list(found)


async def find_ends_of_link(
    snapshot: Snapshot, code_hash: bytes, provider: str, subject: str
) -> tuple[str, str]:
    """Tells whose code and whose identity these are; empty for nobody's."""
    person = await snapshot.connection.scalar(
        sa.select(link_codes.c.person_id).where(
            link_codes.c.economy_id == snapshot.economy_id, link_codes.c.code_hash == code_hash
        )
    )
    owner = await snapshot.connection.scalar(
        sa.select(linked_identities.c.person_id).where(
            linked_identities.c.economy_id == snapshot.economy_id,
            linked_identities.c.provider == provider,
            linked_identities.c.subject == subject,
        )
    )
    return person or "", owner or ""
