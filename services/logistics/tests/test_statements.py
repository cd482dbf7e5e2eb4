"""How many statements a shipment takes: these numbers may only fall."""

from __future__ import annotations

from pathlib import Path

from services.common.basics import clock
from services.common.testing import fresh_store
from services.common.testing.statements import Counting
from services.logistics.domain import NewParcel
from services.logistics.tests.builders import a_scan, an_order_number
from services.logistics.tests.scene import DISPATCHED, Scene

MOST = {"review passed": 11, "sort, pack and dispatch": 32, "scan": 17, "track": 4}
"""On SQLite, where the journal takes four; PostgreSQL has two for it, and one for the lock on each number. One of the
first is for the products in a shipment, which it is found by."""


def test_a_shipment_takes_few_statements(tmp_path: Path) -> None:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        scene, counting = Scene(store), Counting(store)
        for n in (2, 3):  # the key of the search is made with the first, and read once by a process
            scene.pass_review(an_order_number(n))

        counting.note("review passed", scene.pass_review)
        counting.note("sort, pack and dispatch", lambda: scene.dispatch(NewParcel("fedex", "1Z1")))
        counting.note("scan", lambda: scene.scan(a_scan()))
        counting.note("track", scene.tracking)

        assert counting.beyond(MOST) == {}
