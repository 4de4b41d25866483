"""What the servicers of all rooms share: they hand commands on, and read."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from ticketonomics_server.engine.command import Command
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.rpc.call import Call, Context
from ticketonomics_server.rpc.submitting import Done, submit_one
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading


class Servicing:
    """Beside the generated class, it is what a servicer is made of."""

    def __init__(self, economies: Economies, database: Database) -> None:
        self._economies = economies
        self._database = database

    async def _submit(
        self, call: Call, context: Context, command: Command, *, weight: int = 1
    ) -> Done:
        return await submit_one(self._economies, call, context, command, weight=weight)

    def _reading(self, call: Call, request: Any) -> AbstractAsyncContextManager[Snapshot]:
        """Reads as new a state as the request demands."""
        return reading(self._database, call.economy_id, request.minimum_sequence)

    def _reading_back(self, call: Call, done: Done) -> AbstractAsyncContextManager[Snapshot]:
        """Reads what a command left behind: the answer tells it as it is now."""
        return reading(self._database, call.economy_id, done.last_sequence)
