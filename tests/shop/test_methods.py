"""OPTIONS says what can be done at an address."""

from __future__ import annotations

import pytest

from services.common.basics import ids
from tests.shop.conftest import Shop


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/products/import", {"POST"}), ("/products/MUG", {"GET", "PUT"}), ("/products/A%2FB", {"GET", "PUT"}),
        ("/products/MUG/stock", {"GET", "POST"}), (f"/changes/{ids.number(ids.CHANGE, 1)}", {"DELETE"}),
    ],
)  # fmt: skip
def test_options_names_the_methods_of_an_address(shop: Shop, path: str, methods: set[str]) -> None:
    answer = shop.ask("OPTIONS", path)

    allowed = {each.strip() for each in answer.headers["Allow"].split(",")}
    assert (answer.status_code, methods <= allowed) == (200, True), allowed
