"""The project is written in plain English: what functions do, what tests expect, and no figures of speech.

The rules stand in CONTRIBUTING.md under "Style". Each one is shown a planted violation.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[3]
LONGEST_TEST_NAME = 60

# A docstring that begins with one of these describes a thing. It should say what to do: "Return …", "Start …".
OPENERS = """
A After All Also An Another Any As At Before Between Both But By Called Each Either Every Everybody Everything Fewer For
From Half How If In Into It Its Like More Most Nobody None Not Nothing Of On Once One Only Or Other Our Out Several Some
Somebody Something Such That The Their There These They Those Three To True Two Until Up What Whatever When Where
Whether Which While Who Whoever Whose Why With Without
"""
RIDDLES = re.compile(r"\b(nobody|somebody|everybody|whoever|anew|hears? of|heard of|(?:came|comes?) of it)\b", re.I)
# The docstring of a chaos promise is the promise, as the report prints it.
LEFT_OUT = re.compile(r"deploy/lab/chaos/promises/|/migrations/versions/")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def read() -> dict[str, str]:
    """Return the project's Python files by their path."""
    tops = [ROOT / top for top in ("services", "gateway", "deploy", "tests")]
    paths = [ROOT / "conftest.py", *(path for top in tops for path in top.rglob("*.py"))]
    named = {path.relative_to(ROOT).as_posix(): path for path in sorted(paths)}
    own = Path(__file__).relative_to(ROOT).as_posix()
    return {name: path.read_text("utf-8") for name, path in named.items() if name != own and not LEFT_OUT.search(name)}


def described_functions(text: str) -> Iterator[tuple[Function, str]]:
    """Yield each function with a docstring, but not tests, whose docstring gives the context, nor properties."""
    for node in ast.walk(tree(text)):
        if isinstance(node, Function) and not node.name.startswith("test_"):
            decorators = {ast.unparse(each).rpartition(".")[2] for each in node.decorator_list}
            docstring = ast.get_docstring(node)
            if docstring and not decorators & {"property", "cached_property"}:
                yield node, docstring


def begins_with_a_verb(docstring: str) -> bool:
    """Return whether the first word may be an imperative: no opener, no "returns", no plural."""
    word = re.match(r"[A-Z][a-z]*(?=[\s.:,])", docstring)
    return word is not None and word[0] not in OPENERS.split() and (word[0][-1] != "s" or word[0].endswith("ss"))


def docstrings_begin_with_a_verb(sources: Mapping[str, str]) -> list[str]:
    return [
        f"{path}:{node.lineno} {node.name}: {docstring.splitlines()[0]}"
        for path, text in sources.items()
        for node, docstring in described_functions(text)
        if not begins_with_a_verb(docstring)
    ]


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, text) of all comments and docstrings."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(tree(text)):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node):
            yield node.body[0].lineno, ast.get_docstring(node) or ""


def descriptions(sources: Mapping[str, str]) -> list[str]:
    """Return the docstrings that describe a thing instead of saying what to do."""
    return [
        f"{path}:{node.lineno} {node.name}: {docstring.splitlines()[0]}"
        for path, text in sources.items()
        for node, docstring in described_functions(text)
        if not begins_with_a_verb(docstring)
    ]


def long_test_names(sources: Mapping[str, str]) -> list[str]:
    """Return the names of tests that are longer than 60 characters."""
    names = ((path, name) for path, text in sources.items() for name in re.findall(r"(?m)^ *def (test_\w+)", text))
    return [f"{path} {name}" for path, name in names if len(name) > LONGEST_TEST_NAME]


def riddles(sources: Mapping[str, str]) -> list[str]:
    """Return the comments, docstrings and test names that say "nobody", "somebody" or "hears of"."""
    found = [
        f"{path}:{line} {text.strip()[:100]}"
        for path, source in sources.items()
        if RIDDLES.search(source)
        for line, text in prose(source)
        if RIDDLES.search(text)
    ]
    names = ((path, name) for path, text in sources.items() for name in re.findall(r"(?m)^ *def (test_\w+)", text))
    return found + [f"{path} {name}" for path, name in names if RIDDLES.search(name.replace("_", " "))]


RULES = [descriptions, long_test_names, riddles]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule):
    assert rule(read()) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (descriptions, 'def f():\n    """The order, with its lines."""\n'),
        (descriptions, 'def f():\n    """Pieces per SKU."""\n'),
        (descriptions, 'class C:\n    def f(self):\n        """Returns the order."""\n'),
        (descriptions, 'async def f():\n    """`lock` keeps it."""\n'),
        (long_test_names, f"def test_{'x' * LONGEST_TEST_NAME}():\n    pass\n"),
        (riddles, "x = 1  # nobody waits\n"),
        (riddles, '"""What came of it."""\n'),
        (riddles, "def test_the_lead_hears_of_it():\n    pass\n"),
    ],
)
def test_a_planted_violation_is_found(rule, text):
    assert len(rule({"services/orders/planted.py": text})) == 1


@pytest.mark.parametrize(
    "text",
    [
        'def f():\n    """Return the order."""\n',
        'def f():\n    """Process it."""\n',
        'class C:\n    @property\n    def total(self):\n        """The price of the order."""\n',
        'def test_a_case():\n    """The order was paid before."""\n',
        'x = "nobody"\n',
    ],
)
def test_plain_english_is_left_alone(text):
    assert not any(rule({"services/orders/planted.py": text}) for rule in RULES)
