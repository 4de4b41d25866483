"""A town that tests share: a server, a fake Telegram, and the bot between them."""

from collections.abc import AsyncIterator, Iterator
from threading import Thread

import pytest
import pytest_asyncio
from fakeredis import TcpFakeServer
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from tests.conftest import migrated, run_server
from tests.e2e.bot.running import Town, town
from tests.e2e.conftest import verify_all


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def here(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    """The bot polls; its messages in one chat need not be a second apart. Coherent in the end.

    One for all, since the bot's libraries take seconds to load: tests take people of their own.
    """
    folder = tmp_path_factory.mktemp("town")
    async with migrated(postgres) as url:
        async with (
            run_server(url, folder) as server,
            town(server, folder, chat_messages_per_second="1000") as made,
        ):
            yield made
        for report in await verify_all(url):
            assert report.violations == (), f"{report.economy} is not coherent"


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis over a socket, for instances to share."""
    serving = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    thread = Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{serving.server_address[1]}/0"
    serving.shutdown()
    serving.server_close()
    thread.join()
