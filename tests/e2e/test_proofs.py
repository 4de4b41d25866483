"""Receipts, heads and consistency over a socket, verified as a holder would."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from ticketonomics.proofs.v1 import proof_service_pb2 as rpc
from ticketonomics_client import (
    Asset,
    Client,
    Posting,
    RefusedError,
    Transaction,
    TransactionDraft,
)
from ticketonomics_client.errors import TicketonomicsError
from ticketonomics_client.receipts import (
    ProofError,
    read_receipt,
    verify_consistency,
    verify_head,
    verify_receipt,
    write_receipt,
)
from ticketonomics_server.proofs.key_file import SigningKeyError, load_key, new_key, write_key
from ticketonomics_server.proofs.publishing import rotate_key
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.database import Database

from tests.conftest import Server, run_server


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        await opened.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        for name in ("a", "b"):
            await opened.open_account(f"orgs/{name}")
        await opened.mint(destination="orgs/a", asset="BRONZE", amount=10**6, reason="test")
        yield opened


async def key_of(client: Client) -> bytes:
    return (await anext(client.signing_keys())).public_key


async def pay(client: Client, amount: int = 100, memo: str = "") -> tuple[str, int]:
    made = await client.transfer(
        source="orgs/a", destination="orgs/b", asset="BRONZE", amount=amount, memo=memo
    )
    return made.transaction_id, made.sequence


async def refused(call: object) -> str:
    with pytest.raises(TicketonomicsError) as error:
        await call
    assert isinstance(error.value, RefusedError) or error.value.reason_name, error.value
    return error.value.reason_name


async def test_a_receipt_proves_a_transfer_without_the_server(client: Client) -> None:
    transaction_id, sequence = await pay(client, memo="for tea")
    public_key = await key_of(client)
    receipt = await client.receipt(transaction_id)
    verified = verify_receipt(read_receipt(write_receipt(receipt)), public_key)
    assert verified.entry.sequence == sequence
    assert verified.entry.postings == (("orgs/a", "orgs/b", "BRONZE", 100),)
    assert verified.text_proven
    assert receipt.transaction.memo == "for tea"
    assert receipt == await client.receipt(sequence)


async def test_a_strangers_receipt_hides_the_text_and_proves_the_rest(
    server: Server, client: Client
) -> None:
    transaction_id, _ = await pay(client, memo="for tea")
    async with Client(server.target) as stranger:
        receipt = await stranger.receipt(transaction_id)
    assert not receipt.transaction.memo
    assert not receipt.HasField("text_opening")
    verified = verify_receipt(receipt, await key_of(client))
    assert verified.text_hidden
    assert not verified.text_proven


async def test_every_entry_of_a_block_of_many_has_its_receipt(client: Client) -> None:
    drafts = [
        TransactionDraft(
            postings=[
                Posting(source="orgs/a", destination="orgs/b", asset="BRONZE", amount=n + 1),
                Posting(source="orgs/b", destination="orgs/a", asset="BRONZE", amount=1),
            ],
            metadata={"n": str(n)},
        )
        for n in range(300)
    ]
    made = await client.create_transactions(drafts)
    public_key = await key_of(client)
    paths = set()
    for outcome in made[::37] + made[-1:]:
        receipt = await client.receipt(outcome.transaction_id)
        assert verify_receipt(receipt, public_key).text_proven
        paths.add(len(receipt.block_path))
    assert max(paths) >= 8, "they are in one block"


async def test_captures_merges_and_erasures_have_receipts_that_tell_what_moved(
    client: Client,
) -> None:
    """Their leaves are made in other ways than a transfer's; a later block must not fail either."""
    public_key = await key_of(client)
    people = []
    for subject in ("1", "2"):
        made = await client.get_or_create_person(provider="telegram", subject=subject)
        people.append(made.person)
        await client.transfer(
            source="orgs/a", destination=made.person.account, asset="BRONZE", amount=50
        )
    source, target = people
    held = Posting(source="orgs/a", destination="orgs/b", asset="BRONZE", amount=70)
    hold = await client.create_hold([held], memo="a deposit")
    captured = await client.capture_hold(hold.hold_id, amounts=[30])
    await client.merge_people(source.person_id, into=target.person_id)
    await client.erase_person(target.person_id, burn_balances=True)
    journal = [t async for t in client.transactions(page_size=10)]
    kinds = {Transaction.KIND_CAPTURE, Transaction.KIND_MERGE, Transaction.KIND_ERASURE}
    assert kinds <= {transaction.kind for transaction in journal}
    for transaction in journal:
        receipt = await client.receipt(transaction.sequence)
        verified = verify_receipt(read_receipt(write_receipt(receipt)), public_key)
        told = [(p.source, p.destination, p.asset, p.amount) for p in transaction.postings]
        assert list(verified.entry.postings) == told
        if transaction.kind == Transaction.KIND_CAPTURE:
            assert transaction.sequence == captured.transaction.sequence
            assert verified.entry.fields[1:] == (30,)
        # Somebody who changes what a receipt tells is found out, whatever its kind.
        receipt.transaction.postings[0].amount += 1
        with pytest.raises(ProofError, match="postings"):
            verify_receipt(receipt, public_key)


async def test_entries_that_are_no_transactions_have_receipts_for_who_may_read_all(
    server: Server, client: Client
) -> None:
    receipt = await client.receipt(1)
    verified = verify_receipt(receipt, await key_of(client))
    assert verified.entry.kind == 30
    assert verified.entry.fields is not None
    assert verified.entry.fields[1] == "operator"
    assert not receipt.HasField("transaction")
    async with Client(server.target) as stranger:
        assert await refused(stranger.receipt(1)) == "TRANSACTION_NOT_FOUND"


async def test_a_receipt_to_an_earlier_head_and_to_none_that_could_hold_it(client: Client) -> None:
    transaction_id, _ = await pay(client)
    first = await client.receipt(transaction_id)
    height = first.block.height
    await pay(client)
    again = await client.receipt(transaction_id, tree_size=height)
    assert again.signed_head == first.signed_head
    assert len((await client.receipt(transaction_id)).log_path) > 0
    assert await refused(client.receipt(transaction_id, tree_size=height - 1)) == "INVALID_FIELD"
    assert await refused(client.receipt(transaction_id, tree_size=10_000)) == "BLOCK_NOT_FOUND"


async def test_any_two_heads_are_consistent(client: Client) -> None:
    for _ in range(6):
        await pay(client)
    public_key = await key_of(client)
    newest = await client.signed_head()
    for size in range(1, newest.tree_size + 1):
        earlier = await client.signed_head(size)
        proof = await client.consistency_proof(size)
        assert proof.signed_head == newest
        verify_consistency(earlier, newest, proof.path, public_key)
        if size > 1:
            other = await client.signed_head(size - 1)
            with pytest.raises(ProofError):
                verify_consistency(other, newest, proof.path, public_key)


async def test_bad_requests_are_refused_by_their_field(server: Server, client: Client) -> None:
    newest = (await client.signed_head()).tree_size
    assert await refused(client.signed_head(-1)) == "INVALID_FIELD"
    assert await refused(client.signed_head(newest + 5)) == "BLOCK_NOT_FOUND"
    assert await refused(client.consistency_proof(0)) == "INVALID_FIELD"
    assert await refused(client.consistency_proof(2, 1)) == "INVALID_FIELD"
    assert await refused(client.consistency_proof(newest + 5)) == "BLOCK_NOT_FOUND"
    assert await refused(client.receipt("x")) == "INVALID_FIELD"
    assert await refused(client.receipt(0)) == "INVALID_FIELD"
    assert await refused(client.receipt(2**62)) == "TRANSACTION_NOT_FOUND"
    nothing = client.call(client.proofs.GetReceipt, rpc.GetReceiptRequest())
    assert await refused(nothing) == "INVALID_FIELD"
    unknown = "00000000-0000-4000-8000-000000000000"
    assert await refused(client.receipt(unknown)) == "TRANSACTION_NOT_FOUND"
    bad_token = rpc.ListSigningKeysRequest(page_token="x")
    assert await refused(client.call(client.proofs.ListSigningKeys, bad_token)) == (
        "INVALID_PAGE_TOKEN"
    )


# --- keys -------------------------------------------------------------------------------------


async def test_the_first_start_makes_a_key_for_its_owner_alone(
    server: Server, client: Client
) -> None:
    file = server.data_folder / "signing.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    loaded = load_key(Settings(data_folder=server.data_folder))
    assert loaded is not None
    assert loaded.public_key == await key_of(client)
    connection = await asyncpg.connect(server.database_url)
    for (table,) in await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    ):
        text = str([str(dict(row)) for row in await connection.fetch(f"SELECT * FROM {table}")])
        assert loaded.private.private_bytes_raw().hex() not in text, table
    await connection.close()


async def test_rotation_is_taken_up_while_serving_and_old_receipts_stay_valid(
    server: Server, client: Client, database: Database
) -> None:
    transaction_id, _ = await pay(client)
    old_key = await key_of(client)
    old_receipt = await client.receipt(transaction_id)
    settings = Settings(data_folder=server.data_folder)
    name = await rotate_key(database, settings)

    new_receipt = await client.receipt(transaction_id)
    assert new_receipt.signed_head.signing_key_id == name
    new, ended = [key async for key in client.signing_keys(page_size=1)]
    assert (new.signing_key_id, ended.public_key) == (name, old_key)
    assert ended.HasField("end_time")
    assert not new.HasField("end_time")
    verify_receipt(old_receipt, old_key)
    verify_receipt(new_receipt, new.public_key)
    with pytest.raises(ProofError) as error:
        verify_receipt(new_receipt, old_key)
    assert error.value.check == "key"


async def test_a_rotation_that_was_interrupted_is_finished_by_the_next(
    server: Server, client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_folder=server.data_folder)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            await rotate_key(database, settings)
    head = rpc.GetSignedHeadRequest()
    with pytest.raises(TicketonomicsError) as error:
        await client.attempt(client.proofs.GetSignedHead, head, timeout_seconds=5)
    assert error.value.reason_name == "SIGNING_KEY_NOT_ACTIVE"
    name = await rotate_key(database, settings)
    assert (await client.signed_head()).signing_key_id == name
    assert len([key async for key in client.signing_keys()]) == 2


async def test_a_server_with_another_key_or_none_refuses_to_sign_and_does_all_else(
    server: Server, client: Client, database_url: str, tmp_path: Path
) -> None:
    key = new_key()
    stranger = tmp_path / "stranger.key"
    write_key(stranger, key)
    for settings in ({}, {"signing_key_file": stranger}):
        folder = tmp_path / f"other{len(settings)}"
        folder.mkdir()
        (folder / "operator-main.key").write_text(server.operator_key)
        async with (
            run_server(database_url, folder, **settings) as other,
            Client(other.target, api_key=server.operator_key) as calls,
        ):
            with pytest.raises(TicketonomicsError) as error:
                await calls.attempt(
                    calls.proofs.GetSignedHead, rpc.GetSignedHeadRequest(), timeout_seconds=5
                )
            assert error.value.reason_name == "SIGNING_KEY_NOT_ACTIVE"
            assert (await client.signed_head()).signing_key_id in str(error.value)
            await pay(calls)
        assert not (folder / "signing.key").exists(), "it would be of no use"


async def test_servers_that_share_the_key_sign_the_same(
    server: Server, client: Client, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "operator-main.key").write_text(server.operator_key)
    pem = (server.data_folder / "signing.key").read_text()
    async with (
        run_server(database_url, folder, signing_key=pem.replace("\n", "\\n")) as other,
        Client(other.target) as calls,
    ):
        assert await calls.signed_head() == await client.signed_head()


async def test_unusable_key_files_are_told(tmp_path: Path) -> None:
    settings = Settings(data_folder=tmp_path)
    file = tmp_path / "signing.key"
    assert load_key(settings) is None
    write_key(file, new_key())
    with pytest.raises(FileExistsError):
        write_key(file, new_key())
    file.chmod(0o644)
    with pytest.raises(SigningKeyError, match="chmod 600"):
        load_key(settings)
    file.chmod(0o600)
    file.write_text("no key")
    with pytest.raises(SigningKeyError, match="PEM"):
        load_key(settings)
    with pytest.raises(SigningKeyError, match="SIGNING_KEY"):
        load_key(Settings(data_folder=tmp_path, signing_key="no key"))


# --- beyond one chunk -------------------------------------------------------------------------


async def test_proofs_over_hundreds_of_blocks_use_stored_nodes(
    server: Server, client: Client
) -> None:
    transaction_id, _ = await pay(client)
    early = await client.signed_head()
    while (await client.signed_head()).tree_size < 530:
        for _ in range(50):
            await pay(client, 1)
    public_key = await key_of(client)
    newest = await client.signed_head()
    verify_head(newest, public_key)
    verify_receipt(await client.receipt(transaction_id), public_key)
    for size in (early.tree_size, 255, 256, 257, 511, 512, 513):
        first = await client.signed_head(size)
        proof = await client.consistency_proof(size)
        verify_consistency(first, proof.signed_head, proof.path, public_key)
    connection = await asyncpg.connect(server.database_url)
    nodes = await connection.fetch("SELECT level, position FROM log_nodes ORDER BY 1, 2")
    heads = await connection.fetch("SELECT tree_size FROM signed_heads ORDER BY 1")
    await connection.close()
    assert [tuple(node) for node in nodes] == [(8, 0), (8, 1), (9, 0)]
    assert 512 in [head["tree_size"] for head in heads]
