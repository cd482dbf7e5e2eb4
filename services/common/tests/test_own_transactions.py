"""Methods that open their transaction themselves run it again where the database ended it for another one's sake."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.common.store.database import ATTEMPTS, EndedForAnother, Work, in_one
from services.common.testing import fresh_store
from services.common.tests.toys import ThingHappened

ROOT = Path(__file__).parents[2]
AGAIN = {"in_one", "repeated"}


def its_own() -> Iterator[tuple[str, ast.FunctionDef, Path]]:
    """Yield each method that opens its transactions itself."""
    for path in sorted(ROOT.glob("*/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(each, ast.Name) and each.id == "opens_its_own" for each in node.decorator_list
            ):
                yield f"{path.parent.name}.{node.name}", node, path


def names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def is_repeated(method: ast.FunctionDef, path: Path) -> bool:
    """Return whether a method, or the handler that it calls, says so itself or one function further on."""
    if names(method) & AGAIN:
        return True
    calls = [each.func for each in ast.walk(method) if isinstance(each, ast.Call)]
    call = calls[0]
    if len(calls) > 1 or not isinstance(call, ast.Attribute) or not isinstance(call.value, ast.Name):
        return False
    module = ast.parse((path.parent / "handlers" / f"{call.value.id}.py").read_text())
    functions = {each.name: each for each in module.body if isinstance(each, ast.FunctionDef)}
    called = names(functions[call.attr])
    return bool(called & AGAIN) or any(names(functions[each]) & AGAIN for each in called & functions.keys())


@pytest.mark.pure
def test_what_opens_its_transactions_itself_runs_them_again() -> None:
    found = list(its_own())

    assert len(found) > 10
    assert [name for name, method, path in found if not is_repeated(method, path)] == []


def test_one_transaction_of_its_own_is_run_again(tmp_path: Path) -> None:
    with fresh_store("toy", tmp_path) as store:
        begun: list[Work] = []

        @contextmanager
        def transaction() -> Iterator[Work]:
            with store.work(Work) as work:
                yield work
                begun.append(work)
                if len(begun) < ATTEMPTS:
                    raise EndedForAnother

        def act(work: Work) -> int:
            work.journal.record(ThingHappened(thing="a", number=len(begun), order_number="ORD-1"))
            return len(begun)

        assert in_one(transaction, act) == ATTEMPTS - 1
        with store.work(Work, reading=True) as work:
            told = [entry["body"]["number"] for entry in work.journal.timeline("ORD-1", public_only=False)]
        assert (len(begun), told) == (ATTEMPTS, [ATTEMPTS - 1])
