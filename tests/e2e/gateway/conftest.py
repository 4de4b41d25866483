"""One server and one gateway for all tests of a module."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from tests.conftest import migrated
from tests.e2e.conftest import verify_all
from tests.e2e.gateway.stage import Browser, Stage, staged


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("gateway")
    async with migrated(postgres) as url:
        async with staged(url, folder) as opened:
            yield opened
        for report in await verify_all(url):
            assert report.violations == (), f"{report.economy} is not coherent"


@pytest_asyncio.fixture(loop_scope="module")
async def browser(stage: Stage) -> AsyncIterator[Browser]:
    async with stage.browser() as opened:
        yield opened
