"""Receipts and heads at the command line."""

import json
from pathlib import Path

import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client

from tests.conftest import Server
from tests.e2e.reading import blocks, run
from tests.e2e.test_cli import Shell
from tests.e2e.test_server_cli import Operator


@pytest.fixture
def shell(server: Server) -> Shell:
    return Shell(server.target, server.operator_key)


@pytest.fixture
def operator(server: Server) -> Operator:
    return Operator().also(DATABASE_URL=server.database_url, DATA_FOLDER=str(server.data_folder))


async def make_transfer(server: Server) -> str:
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        for name in ("a", "b"):
            await client.open_account(f"orgs/{name}")
        await client.mint(destination="orgs/a", asset="BRONZE", amount=10**6, reason="test")
        made = await client.transfer(
            source="orgs/a", destination="orgs/b", asset="BRONZE", amount=100, memo="tea"
        )
        return made.transaction_id


async def test_a_receipt_is_kept_and_verified_without_a_server(
    server: Server, shell: Shell, tmp_path: Path
) -> None:
    transaction_id = await make_transfer(server)
    file, key_file = tmp_path / "receipt.json", tmp_path / "operator.pub"
    got = await shell("receipts", "get", transaction_id, "--file", str(file))
    assert got.code == 0, got.err
    keys = await shell("blocks", "keys")
    assert "in use" in keys.out
    (key,) = (await shell("blocks", "keys", "--json")).json
    key_file.write_text(key["publicKey"])

    nobody = Shell("127.0.0.1:1", "")
    verified = await nobody("receipts", "verify", str(file), "--public-key", str(key_file))
    assert verified.code == 0, verified.err
    for told in ("The receipt is valid.", "orgs/a → orgs/b  100 BRONZE", "Text         proven"):
        assert told in verified.out
    told = await nobody("receipts", "verify", str(file), "--public-key", key["publicKey"], "--json")
    assert told.json["valid"] is True
    assert (await shell("receipts", "get", transaction_id)).out == file.read_text()

    file.write_text(file.read_text().replace('"100"', '"900"'))
    forged = await nobody("receipts", "verify", str(file), "--public-key", key["publicKey"])
    assert forged.code == 1
    assert "Not valid (transaction): its postings" in forged.err
    forged = await nobody(
        *("receipts", "verify", str(file), "--public-key", key["publicKey"], "--json")
    )
    assert forged.code == 1
    assert json.loads(forged.out)["check"] == "transaction"

    for wrong in ("nonsense", str(tmp_path / "none.pub")):
        bad = await nobody("receipts", "verify", str(file), "--public-key", wrong)
        assert bad.code == 2
        assert "--public-key" in bad.err
    missing = await nobody(
        "receipts", "verify", str(tmp_path / "none.json"), "--public-key", key["publicKey"]
    )
    assert missing.code == 2
    assert "cannot read" in missing.err
    unknown = await shell("receipts", "get", "999999")
    assert unknown.code == 1
    assert "TRANSACTION_NOT_FOUND" in unknown.err


async def test_a_kept_head_is_compared_with_the_newest(
    server: Server, shell: Shell, operator: Operator, tmp_path: Path
) -> None:
    kept = tmp_path / "head.json"
    kept.write_text((await shell("blocks", "head", "--json")).out)
    assert "Signature" in (await shell("blocks", "head", "1")).out
    await make_transfer(server)
    (key,) = (await shell("blocks", "keys", "--json")).json
    compare = ("blocks", "consistency", str(kept), "--public-key")
    same = await shell(*compare, key["publicKey"])
    assert same.code == 0, same.err
    assert "begins with the 2 of the head" in same.out

    rotated = await operator("signing-key", "rotate")
    assert rotated.code == 0, rotated.err
    shown = await operator("signing-key", "show", "--json")
    assert len(shown.json["published"]) == 2
    assert shown.json["signing_key_id"] in rotated.out
    assert "in use" in (await operator("signing-key", "show")).out
    (new, _) = (await shell("blocks", "keys", "--json")).json
    other = await shell(*compare, new["publicKey"])
    assert other.code == 1
    assert "Not valid (key)" in other.err
    both = await shell(*compare, new["publicKey"], "--earlier-key", key["publicKey"])
    assert both.code == 0, both.err

    head = json.loads(kept.read_text())
    kept.write_text(json.dumps({**head, "lastSequence": "1"}))
    forged = await shell(*compare, key["publicKey"])
    assert forged.code == 1
    assert "Not valid (signature)" in forged.err


async def test_a_key_that_is_set_is_published_by_rotation_once(
    server: Server, operator: Operator, shell: Shell, tmp_path: Path
) -> None:
    old = (server.data_folder / "signing.key").read_text()
    again = await operator.also(SIGNING_KEY=old)("signing-key", "rotate")
    assert again.code == 2
    assert "published before" in again.err
    bad = await operator.also(SIGNING_KEY="secret-nonsense")("signing-key", "rotate")
    assert bad.code == 2
    assert "secret-nonsense" not in bad.out + bad.err
    file = server.data_folder / "signing.key"
    file.chmod(0o644)
    wide = await operator("signing-key", "show")
    assert wide.code == 2
    assert "chmod 600" in wide.err
    file.chmod(0o600)


async def test_the_documents_example_runs(server: Server) -> None:
    transaction_id = await make_transfer(server)
    async with Client(server.target, api_key=server.operator_key) as client:
        key = await anext(client.signing_keys())
        names = {
            "client": client,
            "transaction_id": transaction_id,
            "public_key": key.public_key,
        }
        ((line, block),) = blocks("docs/proofs.md", "python")
        await run(block, "docs/proofs.md", line, names)


async def test_an_economy_that_is_younger_than_the_server_is_signed_for(
    server: Server, operator: Operator, tmp_path: Path
) -> None:
    key = tmp_path / "guild.key"
    made = await operator("economies", "create", "guild", "--file", str(key))
    assert made.code == 0, made.err
    async with (
        Client(server.target, economy="guild") as guild,
        Client(server.target) as main,
    ):
        head = await guild.signed_head()
        assert head.economy == "guild"
        assert head.signing_key_id == (await main.signed_head()).signing_key_id
