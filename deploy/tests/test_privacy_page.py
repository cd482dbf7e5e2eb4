"""docs/privacy.md lists what the code keeps and seals."""

from __future__ import annotations

import pytest

from deploy.checks.privacy_page import PAGE, page

pytestmark = pytest.mark.pure


def test_the_privacy_page_lists_what_the_code_has() -> None:
    text = PAGE.read_text("utf-8")

    assert text == page(text), "run `make settings`"


@pytest.mark.parametrize("row", ["| orders | `order_placed` |", "| support | mails: "])
def test_a_row_that_is_left_out_is_seen(row: str) -> None:
    text = PAGE.read_text("utf-8")

    slip = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(row))

    assert slip != text
    assert page(slip) == text
