"""One platform for all tests of the fault harness: each leaves it in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.lab.chaos.customer import fill_shelves
from deploy.lab.chaos.run import ground, settle
from deploy.lab.chaos.stories import Stories
from tests.e2e.chaos.play import Play


@pytest.fixture(scope="package")
def play() -> Iterator[Play]:
    with ground(seed=1, replicas=1) as (stage, bank, shop):
        fill_shelves(shop, ["ada"])
        customer = Stories(shop, bank, "ada", seed=1)
        yield Play(stage, customer, lambda: settle(stage, bank, shop, lambda line: None))
        customer.http.close()
