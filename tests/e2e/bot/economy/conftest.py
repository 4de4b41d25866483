"""A town whose economy plays, trades and votes; its bot has admins. All tests here share it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from tests.conftest import migrated, run_server
from tests.e2e.bot.fake_api import fake_telegram
from tests.e2e.bot.running import Town, bot_key, running_bot
from tests.e2e.conftest import verify_all

ADMIN = 900
TREASURY = "orgs/treasury"
# Everybody may vote at once, and votes stay open as long as the tests look at them.
RULES = {
    "parliament.discussion_period": 1,
    "parliament.voting_period": 3_600,
    "parliament.age": 0,
    "parliament.active_days": 0,
    "parliament.deposit": 1_000,
    "parliament.open_proposals": 10,
}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("economy")
    async with migrated(postgres) as url:
        async with (
            run_server(url, folder) as server,
            Client(server.target, api_key=server.operator_key) as operator,
            fake_telegram() as telegram,
        ):
            await _found(operator)
            key_file = await bot_key(operator, folder, "ledger.private")
            operator_file = folder / "operator.key"
            operator_file.write_text(server.operator_key)
            async with running_bot(
                telegram,
                server.target,
                key_file,
                chat_messages_per_second="1000",
                operator_key_file=str(operator_file),
                admins=str(ADMIN),
            ) as bot:
                yield Town(server, operator, telegram, bot, key_file)
        for report in await verify_all(url):
            assert report.violations == (), f"{report.economy} is not coherent"


async def _found(operator: Client) -> None:
    """Opens the queues, and a pool of IRON at a price of 2."""
    await operator.open_queues()
    for name, value in RULES.items():
        await operator.set_parameter(name, value)
    await operator.create_asset(
        Asset(code="IRON", kind=Asset.KIND_MATERIAL, name="Iron", decimals=2)
    )
    await operator.open_account(TREASURY)
    for asset, amount in (("IRON", 100_000), ("BRONZE", 200_000)):
        await operator.mint(destination=TREASURY, asset=asset, amount=amount, reason="start")
    await operator.create_pool(
        "iron",
        base_asset="IRON",
        quote_asset="BRONZE",
        account=TREASURY,
        base_amount=100_000,
        quote_amount=200_000,
    )
