from pathlib import Path

import pytest
from ticketonomics_simulator import cli
from typer.testing import CliRunner


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, arguments)
    return result.exit_code, result.output


def test_without_a_key_nothing_starts() -> None:
    code, output = invoke()
    assert code == 2
    assert "--api-key-file" in output


def test_an_empty_key_file_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("\n")
    code, output = invoke("--api-key-file", str(file))
    assert code == 2
    assert "is empty" in output


def test_a_key_file_that_never_comes_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "KEY_FILE_SECONDS", 0.0)
    code, output = invoke("--api-key-file", str(tmp_path / "key"))
    assert code == 2
    assert "Waiting for the key file" in output


def test_a_malformed_key_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("not\nprintable")
    code, output = invoke("--api-key-file", str(file))
    assert code == 2
    assert "printable" in output
