"""Builders for logistics' tests: each gives something whole, and lets the test name what matters to it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.common.basics.ids import ORDER, number
from services.common.basics.money import Money
from services.common.testing import whole_body
from services.logistics.adapters.carriers import simulator
from services.logistics.api.parts import PickUp, Promise, ShipmentLine
from services.logistics.api.statuses import ParcelStatus, ShipmentStatus
from services.logistics.domain import Destination, NewParcel, Place, Shipment, TrackingEvent
from services.logistics.domain.facts import Told

PASSED_AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, ten in the morning in Shanghai
DISPATCHED_AT = PASSED_AT + timedelta(days=1)
DUE_AT = datetime(2026, 3, 19, 5, 59, 59, 999999, tzinfo=UTC)
PROMISE = Promise(datetime(2026, 3, 11, 6, 0, tzinfo=UTC), DUE_AT, "US", "holidays-test", False)
ORIGIN = Place("CN", "Asia/Shanghai")
SECRET = "shared with the carrier"
EMAIL = "ada@example.com"


def an_order_number(n: int = 1) -> str:
    return number(ORDER, n)


def a_line(line_id: int = 1, sku: str = "MUG-1", quantity: int = 2) -> ShipmentLine:
    return ShipmentLine(line_id, sku, f"A {sku}", quantity, weight_g=350, unit_price=Money(1250))


def a_destination(city: str = "Denver", time_zone: str = "America/Denver") -> Destination:
    address = {"name": "Ada Lovelace", "line1": "1 Main St", "city": city, "postal_code": "80202"}
    return Destination(address, "US", "CO", time_zone)


def a_shipment(status: ShipmentStatus = ShipmentStatus.QUEUED, lines: Sequence[ShipmentLine] | None = None) -> Shipment:
    return Shipment(
        number="SHP-0000-0001-1",
        order_number=an_order_number(),
        review_passed_at=PASSED_AT,
        dispatch_due_at=PASSED_AT + timedelta(days=3),
        lines=tuple([a_line()] if lines is None else lines),
        destination=a_destination(),
        status=status,
    )


def a_dispatched_shipment(*numbers: str, carrier: str = "fedex") -> Shipment:
    shipment = a_shipment(ShipmentStatus.PACKED)
    parcels = [NewParcel(carrier, number) for number in numbers or ("1Z1",)]
    shipment.dispatch(parcels, PROMISE, DISPATCHED_AT, ORIGIN, on_hold=False)
    return shipment


def a_scan(
    status: ParcelStatus | None = ParcelStatus.IN_TRANSIT,
    hours: float = 1,
    *,
    number: str = "1Z1",
    carrier: str = "fedex",
    source: str = "easypost",
    sequence: int = 0,
    heard_after: float | None = None,
    code: str | None = None,
    message: str = "",
    reason: str | None = None,
) -> TrackingEvent:
    """Build a scan so many hours after the dispatch. heard_after: hours until we receive it, if not at once."""
    occurred_at = DISPATCHED_AT + timedelta(hours=hours)
    return TrackingEvent(
        carrier=carrier,
        source=source,
        tracking_number=number,
        occurred_at=occurred_at,
        local_time=occurred_at.isoformat(),
        received_at=DISPATCHED_AT + timedelta(hours=hours if heard_after is None else heard_after),
        code=code or (status.value if status else "?"),
        status=status,
        message=message,
        reason=reason,
        sequence=sequence,
        unmapped=status is None,
        time_zone="UTC",
    )


def a_told(hours: float = 1, *, number: str = "1Z1", carrier: str = "fedex", **facts: Any) -> Told:
    """Build what a carrier says beside its scans so many hours after the dispatch."""
    return Told(carrier, "easypost", number, DISPATCHED_AT + timedelta(hours=hours), **facts)


def a_place(name: str = "Kiosk Schmidt", until: date | None = date(2026, 3, 18)) -> PickUp:
    return PickUp(name, "Valentinskamp 88, Hamburg", "Mo-Sa 8-20", None, until)


def review_passed(order_number: str, **changes: Any) -> dict[str, Any]:
    """Build the body of the event from orders."""
    body = {
        "order_number": order_number,
        "passed_at": "2026-03-02T02:00:00Z",
        "customer": {
            "name": "Ada Lovelace",
            "email": EMAIL,
            "phone": "+13035550100",
            "language": "en",
            "time_zone": "America/Denver",
        },
        "delivery": {
            "name": "Ada Lovelace",
            "line1": "1 Main St",
            "line2": None,
            "city": "Denver",
            "region": "CO",
            "postal_code": "80202",
            "country": "US",
        },
        "lines": [
            {
                "line_id": 1,
                "sku": "MUG-1",
                "title": "A mug",
                "quantity": 2,
                "weight_g": 350,
                "hs_code": "691200",
                "origin_country": "CN",
                "unit_price": {"amount": "12.50", "currency": "USD"},
            }
        ],
    }
    return whole_body("orders", "review_passed", {**body, **changes})


def simulated(raw: bytes, at: datetime, secret: str = SECRET) -> tuple[dict[str, str], str]:
    """Return (headers in lower case, body in base64), as the gateway passes on a webhook of the simulated carrier."""
    headers = {name.lower(): value for name, value in simulator.headers(secret, raw, at).items()}
    return headers, encoded(raw)


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def a_webhook(webhook_id: str, *events: Mapping[str, Any]) -> bytes:
    """Build a simulated carrier's webhook. Each event names what matters; the rest is made up."""
    usual = {"tracking_number": "SIM1", "code": "in_transit", "occurred_at": "2026-03-03T12:00:00+08:00"}
    return simulator.write(webhook_id, [{**usual, "sequence": place, **each} for place, each in enumerate(events)])
