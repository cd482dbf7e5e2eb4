"""What was read of customers is found by who read it: a person by the mailbox, a key by its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.caller import Caller, key_actor
from services.common.basics.errors import Invalid
from services.common.edge.schemas import load
from services.support.api import ListReads
from services.support.api.reads import RecordRead
from services.support.handlers import reads
from services.support.tests.builders import NOW
from services.support.tests.scene import GRACE, Scene, a_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def readers(scene: Scene, **query: Any) -> list[str]:
    with scene.work(GRACE, reading=True) as work:
        return sorted(each["email"] for each in reads.list_reads(work, ListReads(**query))["items"])


def test_what_a_key_read_is_found_by_its_name(scene: Scene) -> None:
    stock, other, longer = (key_actor(name, "ada@shop.example") for name in ("stock", "other", "stock-2"))
    again = key_actor("stock", "eve@shop.example")
    for number, actor in enumerate((stock, other, longer, again)):
        with scene.work(Caller(actor, None, frozenset({"agent"}))) as work:
            reads.record_read(work, RecordRead(str(number), "get_order", [], NOW))
    with scene.work(GRACE) as work:
        reads.record_read(work, RecordRead("9", "get_order", [], NOW))

    assert readers(scene, key="stock") == [stock, again]
    assert readers(scene, key="stoc") == []
    assert readers(scene, email=GRACE.email) == [GRACE.email]
    assert readers(scene, key="stock", email=GRACE.email) == []


@pytest.mark.parametrize("name", ["sto%", "Stock", "", "a:b"])
def test_what_is_no_name_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        load(ListReads, {"key": name})
