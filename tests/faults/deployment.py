"""What is under test: a Postgres and two servers on it, in a folder of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from .postgres import Postgres
from .servers import Server, ServerError


class Deployment:
    """A Postgres and two servers."""

    def __init__(self, folder: Path) -> None:
        self.postgres = Postgres(folder)
        self.servers = (Server(0, folder), Server(1, folder))

    @property
    def targets(self) -> tuple[str, str]:
        return self.servers[0].target, self.servers[1].target

    async def start(self) -> None:
        """Starts Postgres, then whichever server does not run, both at once."""
        await self.postgres.start()
        await self.start_servers()

    async def start_servers(self) -> None:
        url = self.postgres.dsn
        await asyncio.gather(*(one.start(url) for one in self.servers if not one.alive))

    async def stop(self) -> None:
        """Ends everything, whatever state it is in."""
        try:
            for server in self.servers:
                with suppress(ServerError):
                    await server.kill()
        finally:
            await self.postgres.stop()


@asynccontextmanager
async def deployed(folder: Path) -> AsyncIterator[Deployment]:
    """Starts everything, and ends it with the context."""
    deployment = Deployment(folder)
    try:
        await deployment.start()
        yield deployment
    finally:
        await asyncio.shield(asyncio.ensure_future(deployment.stop()))
