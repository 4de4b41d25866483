"""Imports: transactions that happened before, elsewhere."""

from datetime import datetime
from typing import NamedTuple

from ticketonomics_server.engine.model import Text
from ticketonomics_server.ledger.model import Posting


class ImportTransaction(NamedTuple):
    """Asks to take over a transaction that happened before, elsewhere.

    Attributes:
        effective_time: When it happened; None for the time of its block.
        reference: What the origin calls it; may be empty.
    """

    request_id: bytes
    body_hash: bytes
    postings: tuple[Posting, ...]
    effective_time: datetime | None = None
    reference: str = ""
    text: Text | None = None
