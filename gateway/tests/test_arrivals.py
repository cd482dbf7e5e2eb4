"""What was bought stays arrived, whatever is sent in exchange for a part of it."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.web.forms.arrivals import has_arrived, is_divided

pytestmark = pytest.mark.pure

AT = "2026-03-08T12:00:00Z"


def shipment(number: str, **more: Any) -> dict[str, Any]:
    times = {"dispatched_at": more.get("delivered_at"), "delivered_at": None, "closed_at": None}
    return {"number": number, "status": "created", **times, **more}


def order(stage: str, *shipments: dict[str, Any], again: str | None = None) -> dict[str, Any]:
    units = [{"exchange": None}, {"exchange": {"shipment_number": again, "delivered_at": None} if again else None}]
    remedies = [{"replacement": "SHP-9"}, {"replacement": None}]
    return {"stage": stage, "shipments": [*shipments], "returns": [{"units": units}], "remedies": remedies}


CAME = shipment("SHP-1", status="delivered", delivered_at=AT)


@pytest.mark.parametrize(
    ("shown", "arrived"),
    [
        (order("completed", CAME), True),
        (order("preparing", shipment("SHP-1")), False),
        (order("preparing", CAME, shipment("SHP-2")), False),
        (order("preparing", CAME, shipment("SHP-2"), again="SHP-2"), True),
        (order("in_transit", CAME, shipment("SHP-2", closed_at=AT), shipment("SHP-3"), again="SHP-3"), True),
        (order("delivered"), True),
        (order("in_review"), False),
    ],
)
def test_an_exchange_leaves_the_rest_arrived(shown: dict[str, Any], arrived: bool) -> None:
    assert has_arrived(shown) is arrived


LEFT = shipment("SHP-2", dispatched_at=AT)


@pytest.mark.parametrize(
    ("shipments", "divided"),
    [
        ((CAME, shipment("SHP-2")), True),
        ((CAME, LEFT), True),
        ((LEFT, shipment("SHP-3")), True),
        ((LEFT,), False),
        ((CAME,), False),
        ((shipment("SHP-2"), shipment("SHP-3")), False),
        ((LEFT, shipment("SHP-9")), False),
        ((CAME, shipment("SHP-3", status="recalled")), False),
        ((), False),
    ],
)
def test_parts_of_which_one_has_left_divide_an_order(shipments: tuple[dict[str, Any], ...], divided: bool) -> None:
    assert is_divided(order("preparing", *shipments)) is divided
