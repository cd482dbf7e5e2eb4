"""What the tests of orders share: a scene on a fresh database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.testing import fresh_store
from services.orders.tests.scene import Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("orders", tmp_path) as store:
        yield Scene(store).stocked("MUG")
