"""Exports: no cell is computed by a spreadsheet, and what is written is read back as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http.exports import FORMULA, harmless, row

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44 20", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "\uff1d1", "\n=1"]
)
def test_what_may_be_a_formula_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
def test_each_cell_is_read_back_and_none_is_computed(cells: list[str]) -> None:
    (back,) = csv.reader(io.StringIO(row(iter(cells)), newline=""))

    assert [each.removeprefix("'") for each in back] == [each.removeprefix("'") for each in cells]
    assert not any(each.startswith(FORMULA) or each.strip().startswith(FORMULA) for each in back)
