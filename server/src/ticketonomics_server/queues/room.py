"""What this room is made of on a running server: its keys, its domain, and its servicer."""

from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.queues.draw_keys import DrawKeyRing
from ticketonomics_server.queues.queries import has_queues
from ticketonomics_server.queues.servicer import QueueServicer
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import translated_failures


class QueueRoom:
    """Puts the parts together. The ring comes first: decisions stand on its keys."""

    def __init__(self, settings: Settings, database: Database) -> None:
        async def in_use() -> bool:
            with translated_failures():
                async with database.snapshot() as connection:
                    return await has_queues(connection)

        self._database = database
        self.ring = DrawKeyRing(settings, in_use)

    def servicer(self, economies: Economies) -> QueueServicer:
        """Makes the servicer."""
        return QueueServicer(economies, self._database, self.ring)
