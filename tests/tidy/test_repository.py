"""What must not be in the repository: generated files, addresses, machine paths."""

import re
from pathlib import Path

import pytest

from tests.tidy.repository import ROOT, modules, name, tracked

# Put together from parts, so that this file does not hold what it looks for.
REGISTRIES = ["pypi." + "org", "pythonhosted." + "org", "npmjs." + "org", "buf." + "build/"]
MACHINE_PATHS = ["/" + "root/", "/" + "home/", "/" + "Users/", "/" + "work/", "C:" + "\\"]
# Examples of paths in tests and messages, of no machine in particular.
EXAMPLES = {
    "server/src/ticketonomics_server/storage/data_folder.py",
    "tests/integration/embedded_postgres/test_folders.py",
}
GENERATED = re.compile(
    r"(_pb2(_grpc)?\.pyi?|\.pyc|\.egg-info/.*|\.so|\.log|\.sqlite\d?|\.whl)$|(^|/)(__pycache__|"
    r"\.venv|node_modules|dist|build|\.bench|\.hypothesis|\.mypy_cache|\.ruff_cache|\.buf)/"
)
SECRET = re.compile(r"tkt_[0-9a-hjkmnp-tv-z]{12}_[0-9a-hjkmnp-tv-z]{52}")


def _texts() -> list[tuple[str, str]]:
    return [
        (name(path), path.read_text())
        for path in tracked()
        if path.suffix not in {".png", ".ico", ".woff2"}
    ]


def test_nothing_generated_is_tracked() -> None:
    generated = [name(path) for path in tracked() if GENERATED.search(name(path))]
    assert not generated


def test_nothing_tracked_is_large() -> None:
    large = [name(path) for path in tracked() if path.stat().st_size > 400_000]
    assert not large


def test_the_lock_file_pins_by_hash_and_names_no_address() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith(("-", "--index"))]
    packages = [line for line in lines if re.match(r"[a-zA-Z0-9]", line)]
    assert len(packages) > 20
    for line in packages:
        assert re.match(r"[A-Za-z0-9_.\[\]-]+==\S+", line), line
    text = "\n".join(lines)
    for block in re.split(r"\n(?=[a-zA-Z0-9])", text):
        assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.mark.parametrize("part", REGISTRIES + MACHINE_PATHS)
def test_no_file_names_a_machine_or_a_registry(part: str) -> None:
    found = {where for where, text in _texts() if _names(text, part)}
    assert not found - EXAMPLES


def _names(text: str, part: str) -> bool:
    """Whether it is there; in the middle of a path, as of an import, it is no machine's."""
    inner = r"(?<![\w@])" if part in MACHINE_PATHS else ""
    return re.search(inner + re.escape(part), text) is not None


@pytest.mark.parametrize("before", ["", " ", '"', "=", "file://", ":", "("])
def test_a_path_of_a_machine_is_recognised(before: str) -> None:
    assert all(_names(f"{before}{path}x", path) for path in MACHINE_PATHS)
    assert not _names("from pages" + MACHINE_PATHS[1], MACHINE_PATHS[1])


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "clients/web/node.lock", "clients/web/package-lock.json"]
)
def test_lock_files_have_no_addresses(lock: str) -> None:
    """Neither of downloads nor of sponsors, which npm adds: take those out again."""
    assert "://" not in (ROOT / lock).read_text()


def test_no_secret_is_tracked() -> None:
    assert not [where for where, text in _texts() if SECRET.search(text)]


def test_every_rpc_is_called_in_some_end_to_end_test() -> None:
    written = "\n".join(path.read_text() for path in (ROOT / "tests/e2e").glob("test_*.py"))
    rpcs = {
        rpc
        for path in (ROOT / "proto/ticketonomics").rglob("*_service.proto")
        for rpc in re.findall(r"^  rpc (\w+)\(", path.read_text(), re.M)
    }
    snake = {rpc: re.sub(r"(?<!^)(?=[A-Z])", "_", rpc).lower() for rpc in rpcs}
    missing = [
        rpc
        for rpc in sorted(rpcs)
        if not re.search(rf"\.{rpc}\(|\.{snake[rpc]}\(|\.{_of_the_sdk(snake[rpc])}\(", written)
    ]
    assert not missing


def _of_the_sdk(rpc: str) -> str:
    """`list_blocks` is `blocks` in the SDK, and `get_block` is `block`."""
    return rpc.removeprefix("get_").removeprefix("list_")


def test_unit_tests_do_no_io() -> None:
    for path in modules(Path(ROOT, "tests/unit")):
        text = path.read_text()
        for fixture in ("database_url", "postgres:", "server: Server", "run_server"):
            assert fixture not in text, f"{name(path)} uses {fixture}"
