"""Whose order it is: its customer and staff see it, and a copy of the database does not tell it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.aftersales.handlers.returns import may_see_order
from services.aftersales.repository import Work
from services.aftersales.tests.builders import ORDER_NUMBER
from services.aftersales.tests.scene import ADA, Scene
from services.common.store.chain_keys import OWN
from services.common.testing import customer, fresh_store
from services.common.testing.rows import seal_rows, tables_that_say


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    OWN.use(f"2026-11-29-cd34:{'2e' * 32}")
    with fresh_store("aftersales", tmp_path) as store:
        yield Scene(store)
    OWN.use("")


def is_seen_by(scene: Scene, email: str) -> bool:
    with scene.work(customer(email)) as work:
        return may_see_order(work, ORDER_NUMBER)


@pytest.mark.parametrize("writes", [True, False])
def test_whose_order_it_is_stands_sealed(scene: Scene, writes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = str(ADA.email)
    with monkeypatch.context() as before:
        before.setattr(OWN, "writes", writes)
        scene.deliver()
    assert (seal_rows(scene.store, Work), seal_rows(scene.store, Work)) == (int(not writes), 0)

    assert tables_that_say(scene.store.engine, mailbox) == {}
    assert (is_seen_by(scene, mailbox), is_seen_by(scene, "eve@example.com")) == (True, False)
    assert scene.request().email == mailbox
    with scene.work() as work:
        work.orders.forget(ORDER_NUMBER)
    assert not is_seen_by(scene, mailbox)
    assert seal_rows(scene.store, Work) == 0
