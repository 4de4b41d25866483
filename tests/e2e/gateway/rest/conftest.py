"""One server and one gateway for all tests of a module, and a little money to move."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from tests.conftest import Server, migrated, new_id, run_server
from tests.e2e.conftest import verify_all
from tests.e2e.gateways import RunningGateway, key, running_gateway
from tests.zoo_server import Zoo, zoo_serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ledger(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    async with migrated(postgres) as url:
        async with run_server(url, tmp_path_factory.mktemp("ledger")) as running:
            yield running
        for report in await verify_all(url):
            assert report.violations == (), f"{report.economy} is not coherent"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(ledger: Server) -> AsyncIterator[RunningGateway]:
    async with running_gateway(ledger.target) as running:
        await _found(running, key(ledger.operator_key))
        yield running


@pytest.fixture
async def zoo() -> AsyncIterator[Zoo]:
    """A server of a contract that only the tests know."""
    async with zoo_serving() as serving:
        yield serving


async def _found(gateway: RunningGateway, headers: dict[str, str]) -> None:
    """Makes an asset and two accounts, one of them funded."""
    asset = {"code": "BRONZE", "kind": "KIND_TICKET", "decimals": 2, "name": "Bronze"}
    start = {"destination": "orgs/rich", "asset": "BRONZE", "amount": "1000", "reason": "start"}
    for path, body in (
        ("assets", {"asset": asset}),
        ("accounts", {"address": "orgs/rich"}),
        ("accounts", {"address": "orgs/poor"}),
        ("supplies:mint", start),
    ):
        answer = await gateway.http.post(
            f"/api/v1/{path}", json=body, headers={**headers, "idempotency-key": new_id()}
        )
        assert answer.status_code == 200, answer.text
