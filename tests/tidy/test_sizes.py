"""Files and functions stay small; what is larger says why."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.repository import FACES, ROOT, SERVER, modules, name, tree

MOST_LINES = 400
MOST_FUNCTION_LINES = 60
LARGER_FILES: dict[str, str] = {}
LARGER_FUNCTIONS: dict[str, str] = {}


def test_files_are_small_or_say_why() -> None:
    sizes = {name(path): len(path.read_text().splitlines()) for path in _sources()}
    large = {path for path, lines in sizes.items() if lines > MOST_LINES}
    unexplained = large - LARGER_FILES.keys()
    assert not unexplained, f"past {MOST_LINES} lines, ask why: {sorted(unexplained)}"
    obsolete = LARGER_FILES.keys() - large
    assert not obsolete, f"small again, so no reason is needed: {sorted(obsolete)}"


def test_functions_fit_on_a_screen() -> None:
    large = {where: lines for where, lines in _functions() if lines > MOST_FUNCTION_LINES}
    assert large.keys() == LARGER_FUNCTIONS.keys(), large


def _functions() -> Iterator[tuple[str, int]]:
    for path in _sources():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                first = node.body[0]
                documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
                start = (first.end_lineno or 0) if documented else node.lineno
                yield f"{name(path)}:{node.name}", node.end_lineno - start


def _sources() -> list[Path]:
    migrations = SERVER / "storage/migrations"
    found = [*modules(SERVER, *FACES), *(ROOT / "scripts").glob("*.py")]
    return [path for path in found if migrations not in path.parents]
