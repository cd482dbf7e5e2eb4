"""OPTIONS says what can be done at an address."""

from __future__ import annotations

import pytest

from services import SERVICES
from services.common.basics import ids
from services.common.runtime.timers import Every
from services.common.testing import service_class
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


def test_each_job_says_in_words_what_it_does() -> None:
    jobs = [
        method
        for name in SERVICES
        for method in vars(service_class(name)).values() for each in getattr(method, "nameko_entrypoints", ())
        if isinstance(each, Every)
    ]  # fmt: skip

    assert len(jobs) > 10
    assert [each.__name__ for each in jobs if not (each.__doc__ or "").strip().endswith(".")] == []
