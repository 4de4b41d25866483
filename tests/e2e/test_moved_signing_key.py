"""The signing key of an economy that moved, and what the doctor says of keys that cannot sign."""

from pathlib import Path

import pytest
from ticketonomics_client import Client
from ticketonomics_client.errors import TicketonomicsError
from ticketonomics_client.receipts import (
    check_consistency,
    read_receipt,
    verify_head,
    verify_receipt,
    write_receipt,
)
from ticketonomics_server.proofs.key_file import new_key, write_key

from tests.conftest import Server
from tests.e2e.test_economies import Guild, exported, guild, host
from tests.e2e.test_server_cli import Operator, Result, folder, guest, operator

__all__ = ["exported", "folder", "guest", "guild", "host", "operator"]


async def refused(call: object) -> str:
    with pytest.raises(TicketonomicsError) as error:
        await call  # type: ignore[misc]
    return error.value.reason_name


async def test_an_imported_economy_is_signed_for_after_a_rotation(
    server: Server, host: Operator, guild: Guild, exported: Path, operator: Operator
) -> None:
    kept = write_receipt(await guild.client.receipt(guild.transaction_id))
    old_head = await guild.client.signed_head()
    old_key = (await anext(guild.client.signing_keys())).public_key
    assert (await host("economies", "suspend", "guild")).code == 0
    assert (await host("economies", "export", "guild", str(exported))).code == 0
    assert (await operator("migrate")).code == 0
    came = await operator("economies", "import", str(exported))
    assert came.code == 0, came.err

    # The private key stayed behind: nothing is signed here, and the doctor says what to do.
    examined = await operator("doctor")
    assert examined.code == 1
    assert "✗ signing key: heads are signed of guild with key" in examined.out
    assert "this server has none" in examined.out
    assert "signing-key rotate" in examined.out
    secret = guild.client.metadata[0][1].removeprefix("Bearer ")
    target = operator.env["TICKETONOMICS_LISTEN"]
    async with operator.serving():
        async with Client(target, api_key=secret, timeout_seconds=0.5) as moved:
            assert await refused(moved.signed_head()) == "SIGNING_KEY_NOT_ACTIVE"
        rotated = await operator("signing-key", "rotate")
        assert rotated.code == 0, rotated.err
        async with Client(target, api_key=secret) as moved:
            await moved.mint(destination=guild.account, asset="RUNE", amount=1, reason="here")
            new, ended = [key async for key in moved.signing_keys()]
            assert ended.public_key == old_key
            assert ended.HasField("end_time")
            assert new.public_key != old_key
            head = await moved.signed_head()
            verify_head(head, new.public_key)
            # The same transaction, proven anew, and by what its holder had kept.
            receipt = await moved.receipt(guild.transaction_id)
            verified = verify_receipt(receipt, new.public_key)
            assert verified.entry == verify_receipt(read_receipt(kept), old_key).entry
            # What was signed at the old place is the beginning of what is signed here.
            verify_head(old_head, old_key)
            proof = await moved.consistency_proof(old_head.tree_size)
            check_consistency(old_head, proof.signed_head, proof.path)
        examined = await operator("doctor")
        assert examined.code == 0, examined.out
        assert f"✓ signing key: {new.signing_key_id}" in examined.out
    verified_reports = (await operator("verify", "--json")).json
    assert {report["economy"]: report["violations"] for report in verified_reports}["guild"] == []


# --- the doctor -----------------------------------------------------------------------------------


def told(examined: Result) -> str:
    """What the doctor says of the signing key, with its advice."""
    lines = examined.out.splitlines()
    at = next(n for n, line in enumerate(lines) if " signing key: " in line)
    return "\n".join(lines[at : at + 2])


@pytest.fixture
async def patient(guest: Operator, folder: Path) -> Operator:
    """An operator whose server has been there, and has made its key."""
    async with guest.serving():
        pass
    examined = await guest("doctor")
    assert "✓ signing key: " in told(examined)
    assert "only its owner may read" in told(examined)
    return guest


async def test_the_doctor_sees_a_key_that_is_missing_or_another(
    patient: Operator, folder: Path
) -> None:
    file = folder / "signing.key"
    published = file.read_text()
    file.unlink()
    missing = await patient("doctor")
    assert missing.code == 1
    assert "✗ signing key: heads are signed of main with key" in told(missing)
    assert "this server has none" in told(missing)
    assert f"to {file}" in told(missing)
    write_key(file, new_key())
    other = await patient("doctor")
    assert other.code == 1
    assert "this server has key" in told(other)
    # The published one as a setting is as good as in the file, and it says so.
    in_setting = await patient.also(SIGNING_KEY=published)("doctor")
    assert in_setting.code == 0, in_setting.out
    assert "it is set" in told(in_setting)
    assert "PRIVATE" not in in_setting.out


async def test_the_doctor_sees_a_key_that_cannot_be_used(patient: Operator, folder: Path) -> None:
    file = folder / "signing.key"
    file.chmod(0o640)
    wide = await patient("doctor")
    assert wide.code == 1
    assert f"✗ signing key: {file} can be read by others: chmod 600 {file}" in told(wide)
    file.chmod(0o600)
    content = file.read_text()
    file.write_text("secret-nonsense")
    noise = await patient("doctor")
    assert noise.code == 1
    assert "is no private key in PEM" in told(noise)
    assert "secret-nonsense" not in noise.out + noise.err
    file.unlink()
    file.mkdir(mode=0o700)
    unreadable = await patient("doctor")
    assert unreadable.code == 1
    assert f"{file} cannot be read" in told(unreadable)
    file.rmdir()
    file.write_text(content)
    file.chmod(0o600)
    assert (await patient("doctor")).code == 0
    bad = await patient.also(SIGNING_KEY="secret-nonsense")("doctor")
    assert bad.code == 1
    assert "TICKETONOMICS_SIGNING_KEY is no private key" in told(bad)
    assert "secret-nonsense" not in bad.out + bad.err


async def test_the_doctor_sees_a_rotation_that_was_interrupted(
    patient: Operator, folder: Path
) -> None:
    write_key(folder / "signing.key.new", new_key())
    begun = await patient("doctor")
    assert begun.code == 0
    assert "• signing key: a rotation was begun and not finished" in told(begun)
    assert (await patient("signing-key", "rotate")).code == 0
    assert "✓ signing key: " in told(await patient("doctor"))


async def test_the_doctor_looks_at_the_key_without_the_ledger(folder: Path) -> None:
    away = Operator().also(
        DATABASE_URL="postgresql://me:hush@127.0.0.1:1/ledger", DATA_FOLDER=str(folder)
    )
    key = new_key()
    write_key(folder / "signing.key", key)
    assert f"✓ signing key: {key.signing_key_id}" in told(await away("doctor"))
    (folder / "signing.key").chmod(0o604)
    assert "✗ signing key: " in told(await away("doctor"))
