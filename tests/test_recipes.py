"""The recipe for a new command of CONTRIBUTING, applied to a copy of the project: five files, and it works."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[1]
COPIED = ("services", "gateway", "deploy", "tests", "conftest.py", "pyproject.toml", "README.md", "docs")
BLOCK = re.compile(r"```python\n# (\d) \S+\n(.*?)```", re.DOTALL)


@pytest.mark.timeout(300)
def test_a_new_command_takes_five_files_and_works(tmp_path: Path) -> None:
    recipe = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## A new command\n")[2].partition("\n## ")[0]
    paths = dict(re.findall(r"^\| (\d) \| `(\S+)` \|", recipe, re.MULTILINE))
    blocks = dict(BLOCK.findall(recipe))
    assert set(paths) == set(blocks) == set("12345")
    copy = _copied(tmp_path / "copy")

    for number, block in blocks.items():
        path = copy / paths[number]
        path.write_text(applied(path.read_text("utf-8"), block), "utf-8")

    run = [sys.executable, "-m"]
    _succeeds(copy, *run, "ruff", "check", "-q", "--fix", *paths.values())  # the order of imports
    _succeeds(copy, *run, "ruff", "format", "-q", *paths.values())
    _succeeds(copy, *run, "mypy", "--cache-dir", str(tmp_path / "mypy"), *paths.values())
    tests = ("services/aftersales", "services/common/tests/test_architecture.py", "gateway/tests/test_openapi.py")
    told = _succeeds(copy, *run, "pytest", "-q", "-p", "no:cacheprovider", *tests)

    assert " passed" in told


def applied(source: str, block: str) -> str:
    """Return the source with the block's code.

    Imports come on top, methods at the end of their class, lines of a function (behind its `...`) before its last
    statement, other definitions before the class that is extended, or at the end of the file.
    """
    lines, tree = source.splitlines(), ast.parse(source)
    known = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    added = ast.parse(block).body
    extended = next((known[each.name] for each in added if isinstance(each, ast.ClassDef) and each.name in known), None)
    insertions: list[tuple[int, list[str]]] = []
    for node in added:
        text = block.splitlines()[_first_line(node) - 1 : node.end_lineno]
        if isinstance(node, ast.ImportFrom):
            at = next(n for n, line in enumerate(lines) if line.startswith("from ") and "__future__" not in line)
            insertions.append((at, text))
        elif isinstance(node, ast.ClassDef) and node.name in known:
            insertions.append((known[node.name].end_lineno or 0, ["", *text[1:]]))
        elif isinstance(node, ast.FunctionDef) and node.name in known:
            insertions.append((known[node.name].body[-1].lineno - 1, [*text[2:], ""]))
        elif extended:
            insertions.append((_first_line(extended) - 1, [*text, "", ""]))
        else:
            insertions.append((len(lines), ["", "", *text]))
    for at, new in sorted(insertions, key=lambda insertion: insertion[0], reverse=True):
        lines[at:at] = new
    return "\n".join(lines) + "\n"


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _copied(folder: Path) -> Path:
    folder.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


def _succeeds(folder: Path, *command: str) -> str:
    """Run a command in the folder, without our own settings; return what it prints."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PLEDGE_", "PYTEST_", "COV_"))}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout
