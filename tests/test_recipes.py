"""The recipes of CONTRIBUTING and docs/recipes, applied to a copy of the project: few files each, and all works."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[1]
COPIED = (
    "services", "gateway", "deploy", "tests", "conftest.py", "pyproject.toml", "README.md", "docs", ".env.example",
    "docker-compose.yml", "Makefile",
)  # fmt: skip
BLOCK = re.compile(r"```(?:python|json|html|js|po)\n(?:#|//|<!--) (\d) [^\n]*\n(.*?)```", re.DOTALL)
MOST = {
    "CONTRIBUTING.md": 5,
    "event.md": 6,
    "carrier.md": 3,
    "payment-provider.md": 3,
    "status.md": 2,
    "page.md": 3,
    "language.md": 3,
}
PROOF = (
    "services/aftersales/tests/test_service.py::test_each_declared_method_answers_over_the_bus",
    "services/logistics/tests/test_contracts.py", "services/logistics/tests/test_post.py",
    "services/orders/tests/test_acme.py", "services/support/tests/test_contracts.py",
    "services/support/tests/test_departures.py", "gateway/tests/test_openapi.py", "gateway/tests/test_frames.py",
    "deploy/tests/test_readme.py", "deploy/tests/test_front_pages.py", "deploy/tests/test_texts.py",
    "deploy/tests/test_known_secrets.py::test_an_adapter_with_empty_secrets_accepts_no_webhook",
    "deploy/tests/test_known_secrets.py::test_a_secret_is_known_and_refused_or_empty_and_of_no_use",
    "deploy/compose/tests/test_composed.py::test_every_setting_of_a_service_reaches_its_container",
    "services/common/tests/test_architecture.py::test_the_house_keeps_the_rule[libraries_stay_at_home]",
    "tests/shop/test_recipes_at_work.py",
)  # fmt: skip


def recipe(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the files of a recipe by number, and what goes into each."""
    path = ROOT / name if name == "CONTRIBUTING.md" else ROOT / "docs/recipes" / name
    text = path.read_text("utf-8")
    if name == "CONTRIBUTING.md":
        text = text.partition("## A new command\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (\d) \| `(\S+)` \|", text, re.MULTILINE)), dict(BLOCK.findall(text))


@pytest.mark.parametrize("name", MOST)
def test_a_recipe_is_complete_and_takes_few_files(name: str) -> None:
    paths, blocks = recipe(name)

    assert blocks
    assert set(paths) == set(blocks)
    assert len(paths) <= MOST[name]


def test_every_recipe_is_named_in_contributing() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")

    assert {path.name for path in (ROOT / "docs/recipes").glob("*.md")} == {*MOST} - {"CONTRIBUTING.md"}
    assert all(f"(docs/recipes/{name})" in text for name in MOST if name != "CONTRIBUTING.md")


@pytest.mark.timeout(900)
def test_what_the_recipes_make_works(tmp_path: Path) -> None:
    copy, touched = _copied(tmp_path / "copy"), list[str]()
    for name in MOST:
        paths, blocks = recipe(name)
        for number, block in blocks.items():
            path = copy / paths[number]
            path.write_text(applied(path.read_text("utf-8"), block) if path.exists() else block, "utf-8")
            touched.append(paths[number])
    shutil.copy(ROOT / "tests/recipes_at_work.py", copy / "tests/shop/test_recipes_at_work.py")
    code = sorted({name for name in touched if name.endswith(".py")})

    run = [sys.executable, "-m"]
    _succeeds(copy, *run, "ruff", "check", "-q", "--fix", *code)  # the order of imports
    _succeeds(copy, *run, "ruff", "format", "-q", *code)
    _succeeds(copy, *run, "deploy.checks.configuration")
    _succeeds(copy, *run, "deploy.checks.front_pages")
    _succeeds(copy, *run, "deploy.checks.texts")
    _succeeds(copy, *run, "mypy", "--cache-dir", str(tmp_path / "mypy"), *code)
    told = _succeeds(copy, *run, "pytest", "-q", "-p", "no:cacheprovider", *PROOF)

    assert " passed" in told


# a block of a recipe in its file


Edit = tuple[int, int, str]
"""The bytes from … to … become this text."""


def applied(source: str, block: str) -> str:
    """Return the source with the block's code.

    Imports come on top; what is there under the same name is replaced, members of a class each by itself; `…` among the
    items of a tuple or a mapping stands for those that are there. Lines of a function behind its `...` come before its
    last statement. What is new goes to the end of its class, before the class that is extended, or to the end.
    """
    tree, text, lines = ast.parse(source), source.encode(), source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    edits: list[Edit] = []
    known = {name: node for node in tree.body for name in _names(node)}
    added = ast.parse(block).body
    extended = next((known[each.name] for each in added if isinstance(each, ast.ClassDef) and each.name in known), None)
    for node in added:
        own = _text(block, node)
        old = next((known[name] for name in _names(node) if name in known), None)
        if isinstance(node, ast.ImportFrom):
            first = next(n for n, line in enumerate(lines) if line.startswith("from ") and "__future__" not in line)
            edits.append((starts[first], starts[first], own + "\n"))
        elif isinstance(node, ast.ClassDef) and isinstance(old, ast.ClassDef):
            edits += _of_class(block, node, old, starts, text)
        elif isinstance(node, ast.FunctionDef) and isinstance(old, ast.FunctionDef):
            before = starts[old.body[-1].lineno - 1]
            edits.append((before, before, "\n".join(own.splitlines()[2:]) + "\n\n"))
        elif old is not None:
            edits.append(_replacing(node, old, own, starts, text))
        else:
            at = starts[_first_line(extended) - 1] if extended else len(text)
            edits.append((at, at, f"{own}\n\n\n" if extended else f"\n\n{own}\n"))
    for begin, end, new in sorted(edits, key=lambda edit: edit[0], reverse=True):
        text = text[:begin] + new.encode() + text[end:]
    return text.decode()


def _of_class(block: str, node: ast.ClassDef, old: ast.ClassDef, starts: list[int], text: bytes) -> Iterator[Edit]:
    known = {name: each for each in old.body for name in _names(each)}
    end = starts[old.end_lineno or 0]
    for each in node.body:
        there = next((known[name] for name in _names(each) if name in known), None)
        own = _text(block, each)
        yield _replacing(each, there, own, starts, text) if there else (end, end, f"{own}\n")


def _replacing(node: ast.stmt, old: ast.stmt, own: str, starts: list[int], text: bytes) -> Edit:
    """Put a statement in the place of one of the same name, or only its new items into a tuple or a mapping."""
    value, items = getattr(node, "value", None), getattr(old, "value", None)
    if isinstance(value, ast.Tuple | ast.Dict) and any(map(_stands_for_all, _parts(value))) and items is not None:
        end = starts[items.end_lineno - 1] + items.end_col_offset - 1
        inside = ast.unparse(value)[1:-1].split("...", 1)[1].lstrip(", ")
        comma = "" if text[:end].rstrip().endswith(b",") else ", "
        return end, end, f"{comma}{inside}"
    return starts[_first_line(old) - 1], starts[old.end_lineno or 0], own + "\n"


def _parts(value: ast.Tuple | ast.Dict) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.Tuple) else [each for each in value.values if each is not None]


def _stands_for_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _names(node: ast.stmt) -> list[str]:
    """Return the names that the statement defines."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [each.id for each in targets if isinstance(each, ast.Name)]
    return [node.name] if isinstance(node, ast.ClassDef | ast.FunctionDef) else []


def _text(block: str, node: ast.stmt) -> str:
    return "\n".join(block.splitlines()[_first_line(node) - 1 : node.end_lineno])


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
    environ: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if not name.startswith(("PLEDGE_", "PYTEST_", "COV_"))
    }
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-8000:]}{done.stderr[-4000:]}"
    return done.stdout
