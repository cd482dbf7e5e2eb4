"""How carriers kept what we promised is counted by carrier and country."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.api import PeriodNotGood
from services.common.basics.shapes import BreachCause
from services.common.basics.shares import reached_by, share_of
from services.common.testing import fresh_store
from services.logistics.api.lanes import CarriersReportOf
from services.logistics.api.statuses import Missing, ParcelStatus
from services.logistics.domain import NewParcel
from services.logistics.domain.lanes import Cell, lanes
from services.logistics.handlers.lanes import report_carriers
from services.logistics.tests.builders import a_scan, an_order_number
from services.logistics.tests.scene import DISPATCHED, WAREHOUSE, Scene

S = ParcelStatus
DAY = timedelta(days=1)


def report(scene: Scene, **filters: Any) -> dict[tuple[str | None, str | None], Any]:
    """Return the rows by carrier and country."""
    of = CarriersReportOf(**{"since": DISPATCHED - DAY, "until": DISPATCHED + DAY, **filters})
    with scene.work(WAREHOUSE) as work:
        return {(row["carrier"], row["country"]): row for row in report_carriers(work, of)["items"]}


def test_parcels_are_counted_by_carrier_and_country(tmp_path: Path) -> None:
    with fresh_store("logistics", tmp_path) as store:
        scene = Scene(store)
        with clock.frozen(DISPATCHED):
            for place, carrier in enumerate(("fedex", "fedex", "ups", "fedex"), 1):
                order = an_order_number(place)
                scene.pass_review(order, seq=1)
                scene.dispatch(NewParcel(carrier, f"1Z{place}"), order_number=order)
        with clock.frozen(DISPATCHED + 60 * DAY):
            scene.scan(a_scan(S.DELIVERED, 50, number="1Z1"))
            scene.scan(a_scan(S.DELIVERED, 24 * 59, number="1Z2"))
            scene.scan(a_scan(S.LOST, 70, number="1Z3", carrier="ups"))

            rows = report(scene)

            assert rows["fedex", "US"] == {
                "by": "lane", "carrier": "fedex", "country": "US", "origin": "CN", "parcels": 3,
                "delivered": 2, "on_time": 1,
                "late": 2, "late_by_carrier": 0, "late_by_customs": 0, "late_by_customer": 0, "late_by_unknown": 2,
                "on_time_share": 0.3333, "lost": 0, "returned": 0, "days_half": 1, "days_most": 58,
            }  # fmt: skip
            assert (rows["ups", None]["lost"], rows["ups", None]["days_half"]) == (1, None)
            assert (rows[None, "US"]["parcels"], rows[None, None]["parcels"]) == (4, 4)
            assert report(scene, carrier="UPS")[None, None]["parcels"] == 1
            assert report(scene, country="DE")[None, None]["on_time_share"] is None
            assert report(scene, since=DISPATCHED + timedelta(hours=1))[None, None]["parcels"] == 0
            for until in (DISPATCHED - DAY, DISPATCHED + 400 * DAY):
                with pytest.raises(PeriodNotGood):
                    report(scene, until=until)
        with clock.frozen(DISPATCHED + DAY):
            assert report(scene)[None, None]["late"] == 1  # only what came late: the promise of the others runs


@pytest.mark.pure
def test_rows_add_up() -> None:
    cells = [
        Cell("ups", "US", True, 3, None, 5),
        Cell("ups", "DE", False, 9, Missing.LATE, 2, cause=BreachCause.CUSTOMS),
        Cell("dhl", "DE", None, None, None, 4),
        Cell("dhl", "DE", False, None, Missing.REFUSED, 1),
    ]

    rows = lanes(cells)

    for by in ("all", "carrier", "country", "lane"):
        assert sum(row["parcels"] for row in rows if row["by"] == by) == 12
    (everything,) = lanes([])
    assert (everything["by"], everything["parcels"], everything["on_time_share"]) == ("all", 0, None)


@pytest.mark.pure
def test_shares_name_the_least_value_that_reaches_them() -> None:
    reached = partial(reached_by, counted=[(9, 1), (3, 5), (5, 4), (1, 0)])

    assert [reached(share) for share in (0.0, 0.5, 0.51, 0.9, 0.91)] == [3, 3, 5, 5, 9]
    assert (reached_by(0.5, []), share_of(1, 3), share_of(0, 0)) == (None, 0.3333, None)
