"""Where a stream goes on: what all streams of the contracts have in common.

Messages carry `cursor`, and the request takes the last one as `after_sequence`. A cursor of 0 is no
place to resume. A contract without these fields is streamed all the same, from its beginning.
"""

import re

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from ticketonomics_gateway.contracts import Method
from ticketonomics_gateway.problems import invalid_field

CURSOR = "cursor"
AFTER = "after_sequence"
_CURSOR = re.compile(r"[0-9]{1,19}", re.ASCII)
_MAX = 2**63 - 1


def is_resumable(method: Method) -> bool:
    """Tells whether a stream can be resumed behind a message."""
    request, response = method.descriptor.input_type, method.descriptor.output_type
    return all(
        field is not None and field.type == FieldDescriptor.TYPE_INT64 and not field.is_repeated
        for field in (request.fields_by_name.get(AFTER), response.fields_by_name.get(CURSOR))
    )


def resume(request: Message, cursor: str) -> None:
    """Makes a request go on behind a cursor.

    Raises:
        Problem: It is none.
    """
    if not _CURSOR.fullmatch(cursor) or int(cursor) > _MAX:
        raise invalid_field("Last-Event-ID", "is no id that this stream has told")
    setattr(request, AFTER, int(cursor))


def cursor_of(message: Message) -> str:
    """Returns where to resume behind a message; empty where that is no place to."""
    return str(getattr(message, CURSOR) or "")


def is_heartbeat(message: Message) -> bool:
    """Tells whether a message says nothing but that the stream is alive, and how far it is."""
    return all(field.name == CURSOR for field, _ in message.ListFields())
