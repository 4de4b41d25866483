"""`ticketonomics-server economics` beside a server that runs."""

import json
from pathlib import Path

from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client

from tests.conftest import Server
from tests.e2e.test_server_cli import Operator


async def test_an_operator_sees_what_it_is_worth(server: Server, tmp_path: Path) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        for code in ("BRONZE", "GOLD"):
            kind = Asset.KIND_TICKET
            await client.create_asset(Asset(code=code, kind=kind, name=code, decimals=2))
        await client.open_account("orgs/a")
        await client.mint(destination="orgs/a", asset="BRONZE", amount=1_000_050, reason="x")
        await client.mint(destination="orgs/a", asset="GOLD", amount=200, reason="x")
        await client.burn(source="orgs/a", asset="BRONZE", amount=50, reason="x")
        await client.set_parameter("rewards.ad_reward", 200)
    shell = Operator(
        {
            "TICKETONOMICS_DATABASE_URL": server.database_url,
            "TICKETONOMICS_DATA_FOLDER": str(server.data_folder),
        }
    )
    ads, assumed = tmp_path / "ads.csv", tmp_path / "economics.toml"
    ads.write_text("day,network,region,views,revenue\n2026-11-01,n,US,1000,5\n")
    assumed.write_text("[priced_at]\nGOLD = 1.6\n")
    files = ("--revenue", str(ads), "--assumptions", str(assumed))
    found = (await shell("economics", *files, "--json")).json["main"]
    tiers = {tier["value"]["code"]: tier for tier in found["tiers"]}
    assert (tiers["BRONZE"]["supply"], tiers["BRONZE"]["supply_priced_at"]) == (
        "10000.00",
        "50.00000",
    )
    assert (tiers["GOLD"]["supply"], tiers["GOLD"]["supply_priced_at"]) == ("2.00", "3.200")
    assert (found["earned"]["ratio"], found["covered"][:5]) == ("0.5", "0.093")
    assert [s["rule"] for s in found["suggestions"]] == ["assumption", "cover"]
    told = await shell("economics", *files)
    assert told.code == 0
    assert "pay 1 BRONZE instead" in told.out
    assert "GOLD" in told.out
    ads.write_text("day,network,region,views,revenue\n2026-11-01,n,XX,1000,5\n")
    refused = await shell("economics", *files)
    assert refused.code != 0
    assert "line 2: 'XX' is none of US, EU, EM" in refused.err
    assert json.loads((await shell("economics", "--json")).out)["main"]["earned"] is None
