"""What the tests of orders share: a shop on a fresh database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.testing import fresh_store
from services.orders.tests.builders import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with fresh_store("orders", tmp_path) as store:
        yield Shop(store).stocked("MUG")
