"""How many statements a return takes: these numbers may only fall."""

from __future__ import annotations

from pathlib import Path

from services.aftersales.tests.scene import ADA, Scene
from services.common.testing import fresh_store
from services.common.testing.statements import Counting
from services.orders.api.events import RefundSettled, RefundSubmitted

MOST = {"order": 5, "request": 9, "review": 10, "receive": 10, "inspect": 14, "submitted": 4, "settled": 10}
"""On SQLite, where the journal takes four; PostgreSQL has two for it, and one for each lock."""


def test_a_return_takes_few_statements(tmp_path: Path) -> None:
    with fresh_store("aftersales", tmp_path) as store:
        scene, counting = Scene(store), Counting(store)
        note = counting.note

        note("order", scene.deliver)
        note("request", scene.request)
        number = scene.page(ADA)["items"][0].number
        note("review", lambda: scene.review(number))
        note("receive", lambda: scene.receive(number))
        note("inspect", lambda: scene.inspect(number))
        note("submitted", lambda: scene.refund(RefundSubmitted, number, "19.99", 3))
        note("settled", lambda: scene.refund(RefundSettled, number, "19.99", 4))

        assert counting.beyond(MOST) == {}
