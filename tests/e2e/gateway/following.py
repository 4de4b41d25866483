"""Pages that follow streams, as browsers do."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass
class Event:
    """One Server-Sent Event; a heartbeat has no data."""

    kind: str
    last_id: str
    data: Any


class Page:
    """An answer that does not end.

    Attributes:
        events: What comes; heartbeats as events of the kind `:`.
    """

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.last_id = ""
        self.events = self._read()

    async def _read(self) -> AsyncIterator[Event]:
        kind, data, beat = "message", "", False
        async for line in self.answer.aiter_lines():
            if line:
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                beat = beat or not name
                if name == "event":
                    kind = value
                elif name == "data":
                    data += value
                elif name == "id":
                    self.last_id = value
                continue
            if data:
                yield Event(kind, self.last_id, json.loads(data))
            elif beat:
                yield Event(":", self.last_id, None)
            kind, data, beat = "message", "", False


@asynccontextmanager
async def following(
    http: httpx.AsyncClient, path: str, *, last_id: str = "", **params: Any
) -> AsyncIterator[Page]:
    """Opens a stream; it is closed with the block."""
    headers = {"accept": "text/event-stream"} | ({"last-event-id": last_id} if last_id else {})
    async with http.stream("GET", path, params=params, headers=headers, timeout=30) as answer:
        if answer.status_code != 200:
            await answer.aread()
        yield Page(answer)
