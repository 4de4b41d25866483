"""Request and transaction ids."""

import uuid_utils


def new_id() -> str:
    """Makes a UUID of version 7: unique, and ordered by time, which indexes like."""
    return str(uuid_utils.uuid7())
