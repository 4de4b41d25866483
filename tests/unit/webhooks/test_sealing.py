"""Secrets: encrypted with a key of a file or a setting, opened with any of several."""

import base64
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.settings import Settings
from ticketonomics_server.webhooks.sealing import Sealer, UnreadableSecretError, webhook_key_file


def sealer(folder: Path, *, in_use: bool = False, **settings: object) -> Sealer:
    async def look() -> bool:
        return in_use

    return Sealer(Settings(data_folder=folder, **settings), look)


async def test_a_secret_is_opened_again_and_is_not_what_is_stored(tmp_path: Path) -> None:
    seals = sealer(tmp_path)
    drawn = await seals.draw()
    key = base64.b64decode(drawn.text.removeprefix("whsec_"))
    assert len(key) == 32
    assert key not in drawn.sealed
    assert drawn.text not in repr(drawn)
    assert await seals.open(drawn.sealed) == key
    assert await sealer(tmp_path).open(drawn.sealed) == key
    assert (await seals.draw()).text != drawn.text
    assert (tmp_path / "webhooks.key").stat().st_mode & 0o777 == 0o600


async def test_only_the_very_first_webhook_makes_a_key(tmp_path: Path) -> None:
    with pytest.raises(Rejection) as refused:
        await sealer(tmp_path, in_use=True).draw()
    assert refused.value.reason == "WEBHOOK_KEY_MISSING"
    assert not (tmp_path / "webhooks.key").exists()


async def test_a_key_is_replaced_by_a_new_line_in_front(tmp_path: Path) -> None:
    file = tmp_path / "webhooks.key"
    before = await sealer(tmp_path).draw()
    old = file.read_text()
    file.write_text(Fernet.generate_key().decode() + "\n" + old)
    seals = sealer(tmp_path, in_use=True)
    await seals.open(before.sealed)
    after = await seals.draw()
    file.write_text(old)
    with pytest.raises(UnreadableSecretError):
        await sealer(tmp_path).open(after.sealed)


async def test_a_key_may_be_a_setting(tmp_path: Path) -> None:
    first, second = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    drawn = await sealer(tmp_path, webhook_key=first).draw()
    await sealer(tmp_path, webhook_key=f"{second},{first}").open(drawn.sealed)
    with pytest.raises(UnreadableSecretError):
        await sealer(tmp_path, webhook_key=second).open(drawn.sealed)
    assert not (tmp_path / "webhooks.key").exists()


@pytest.mark.parametrize("content", ["short", "ä", "x" * 44])
async def test_a_file_that_holds_no_key_is_told(tmp_path: Path, content: str) -> None:
    seals = sealer(tmp_path)
    file = tmp_path / "webhooks.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(Rejection, match="holds no keys"):
        await seals.draw()
    with pytest.raises(UnreadableSecretError):
        await seals.open(b"sealed")


async def test_a_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    await sealer(tmp_path).draw()
    (tmp_path / "webhooks.key").chmod(0o644)
    with pytest.raises(Rejection, match="chmod 600"):
        await sealer(tmp_path).draw()


def test_the_file_is_where_it_is_said(tmp_path: Path) -> None:
    chosen = Settings(data_folder=tmp_path, webhook_key_file=tmp_path / "other.key")
    assert webhook_key_file(chosen) == tmp_path / "other.key"
