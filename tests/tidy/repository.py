"""What the tidy tests look at: the files of the repository, and nothing beside them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "server/src/ticketonomics_server"
CLIENTS = ROOT / "clients"
# Each is a client of the contracts, whatever else it is.
FACES = (CLIENTS, ROOT / "gateway", ROOT / "bot")


def modules(*folders: Path) -> list[Path]:
    found = (path for folder in folders for path in folder.rglob("*.py"))
    return sorted(path for path in found if "node_modules" not in path.parts)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> Iterator[str]:
    """Full names of what a module imports, wherever in it: modules, and names from them."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_of(imported: str, package: str) -> bool:
    return imported == package or imported.startswith(package + ".")


@cache
def tracked() -> list[Path]:
    """Files that are committed, or would be by `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [path for part in listed.split("\0") if part and (path := ROOT / part).is_file()]


def documents() -> list[Path]:
    return sorted(path for path in tracked() if path.suffix == ".md")


def table(document: str, heading: str = "") -> list[list[str]]:
    """Cells of the rows of a document's first table below a heading, without its header."""
    text = (ROOT / document).read_text()
    if heading:
        assert f"\n{heading}\n" in text, f"{document} has no {heading}"
        text = text.split(f"\n{heading}\n", 1)[1]
    rows: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[2:]
