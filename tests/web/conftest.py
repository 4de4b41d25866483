"""One community, one gateway and one browser for all tests of a module."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.verification import verify

from tests.conftest import migrated
from tests.e2e.gateway.stage import staged
from tests.web.life import live
from tests.web.scene import ROOT, WEB, Scene


@pytest.fixture(scope="module")
def chromium() -> str:
    found = subprocess.run([ROOT / "scripts/chromium"], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"NO BROWSER TESTS: {found.stderr.strip()}")
    return found.stdout.strip().splitlines()[-1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(
    chromium: str, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    build = partial(subprocess.run, [ROOT / "scripts/web"], check=True)
    await asyncio.to_thread(build)
    folder = tmp_path_factory.mktemp("web")
    async with migrated(postgres) as url:
        async with staged(url, folder, dev_login=True, web_folder=WEB / "dist") as stage:
            yield Scene(stage, await live(stage.operator), chromium)
        database = Database(url)
        report = await verify(database, 1)
        await database.close()
        assert report.violations == ()
