"""An entry as rooms see it when their history is replayed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.ledger.model import Posting


@dataclass(slots=True, frozen=True)
class ReplayedEntry:
    """An entry as the journal has it.

    Attributes:
        request_id: None where it is missing, which is told elsewhere.
        event: None for a transaction without one.
        postings: Of a transaction, in order; empty for others.
        time: That of its block.
    """

    sequence: int
    kind: int
    request_id: bytes | None
    event: bytes | None
    postings: tuple[Posting, ...]
    time: datetime

    @property
    def fields(self) -> list[Any]:
        """The fields of its event. Raises ValueError or struct.error for what is none."""
        return [] if self.event is None else decode_fields(self.event)
