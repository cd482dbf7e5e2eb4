"""One platform for all tests of the fault harness: each leaves it in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.lab.chaos.customer import fill_shelves
from deploy.lab.chaos.run import ground, settle
from deploy.lab.chaos.steps.stripe import card_bank
from deploy.lab.chaos.stories import Stories
from tests.e2e.chaos.play import Play


@pytest.fixture(scope="package")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    with (
        card_bank(tmp_path_factory.mktemp("stripe")) as cards,
        ground(seed=1, replicas=1, settings=cards.settings()) as (stage, bank, shop),
    ):
        cards.serves(stage.url, stage.record)
        fill_shelves(shop, ["ada"])
        customer = Stories(shop, bank, "ada", seed=1)
        yield Play(stage, customer, cards, lambda: settle(stage, bank, shop, lambda line: None))
        customer.http.close()
