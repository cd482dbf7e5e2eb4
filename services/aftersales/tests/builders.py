"""Orders, returns and the events that lead to them, as tests need them: say only what the test is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.aftersales.api.returns import Checked, RequestedLine
from services.aftersales.api.statuses import (
    Condition,
    Ground,
    Outcome,
    Part,
    Result,
    ReturnOutcome,
    ReturnReason,
    ReturnStatus,
)
from services.aftersales.domain import Finding, Order, OrderUnit, Receipt, Return, ReturnUnit
from services.aftersales.domain.rules import Rules
from services.aftersales.settings import AftersalesSettings
from services.common.basics import ids
from services.common.basics.money import Money
from services.common.testing import whole_body

ORDER_NUMBER, RETURN_NUMBER = ids.number(ids.ORDER, 7), ids.number(ids.RETURN, 7)
ADA, GRACE, ALAN, EDSGER = "ada@example.com", "staff:grace@pledge.example", "staff:alan@pledge.example", "staff:edsger"
DELIVERED = date(2026, 3, 2)
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ADDRESS = {"name": "Returns", "line1": "18 Binhe Road", "city": "Shenzhen", "postal_code": "518000", "country": "CN"}
SETTINGS = AftersalesSettings()
RULES = Rules(calendar="CN", zone="Asia/Shanghai", send_days=30, address=ADDRESS)


def at_noon(day: date, zone: str = "UTC") -> datetime:
    return datetime.combine(day, time(12), ZoneInfo(zone))


def an_order(
    *,
    delivered_on: date | None = DELIVERED,
    zone: str = "UTC",
    days: int = 60,
    paid: Sequence[int] = (1999, 1999, 1998),
    sku: str = "LAMP-1",
) -> Order:
    """Build an order of one line whose pieces were paid with these cents, delivered at noon."""
    order = Order(ORDER_NUMBER, ADA, zone, "1", days, NOW - timedelta(days=30))
    order.add(OrderUnit(ORDER_NUMBER, 1, unit, sku, "Lamp", Money(cents)) for unit, cents in enumerate(paid))
    if delivered_on is not None:
        order.deliver(at_noon(delivered_on, zone), zone)
    return order


def a_return(*, paid: Sequence[int] = (1999, 1998), status: ReturnStatus = ReturnStatus.REQUESTED) -> Return:
    """Build a return of one line whose pieces were paid with these cents, brought to `status`."""
    units = [
        ReturnUnit(RETURN_NUMBER, ORDER_NUMBER, 1, unit, "LAMP-1", "Lamp", ReturnReason.CHANGED_MIND, Money(cents))
        for unit, cents in enumerate(paid)
    ]
    item = Return(RETURN_NUMBER, ORDER_NUMBER, ADA, "UTC", "too bright", [], NOW, NOW, units)
    bring(item, status)
    return item


def bring(item: Return, status: ReturnStatus) -> None:
    """Take a fresh return to a state by the steps people would take."""
    s = ReturnStatus
    if status in (s.REJECTED, s.APPEALED, s.REJECTED_FINAL):
        item.reject(failing(Part.PRODUCT_STATUS), Ground.INCOMPLETE, "The plug is missing.", GRACE, NOW)
        item.reject(failing(Part.PRODUCT_STATUS), Ground.INCOMPLETE, "The plug is missing.", ALAN, NOW)
        if status is not s.REJECTED:
            item.contest("It is in the box.", NOW)
        if status is s.REJECTED_FINAL:
            item.reject(failing(Part.PRODUCT_STATUS), Ground.INCOMPLETE, "It is not.", EDSGER, NOW)
    elif status is s.NEEDS_INFO:
        item.ask({}, "Is the plug in the box?", GRACE, NOW)
    elif status is s.WITHDRAWN:
        item.withdraw(NOW)
    elif status is not s.REQUESTED:
        item.authorize(all_ok(), GRACE, NOW, ADDRESS, NOW + timedelta(days=30))
        if status is s.LAPSED:
            item.lapse(NOW + timedelta(days=31))
        elif status is not s.AUTHORIZED:
            item.send("ups", "1Z", NOW)
            _bring_goods(item, status)


def _bring_goods(item: Return, status: ReturnStatus) -> None:
    s = ReturnStatus
    number = len(item.units)
    if status is s.IN_TRANSIT:
        return
    item.receive([some(Condition.RECEIVED_OK, number)], GRACE, NOW)
    if status is s.RECEIVED:
        return
    disputed = status is s.INSPECTED
    if status is s.EXCHANGE_DUE:
        item.outcome = ReturnOutcome.EXCHANGE
    item.inspect([judged(Outcome.DISPUTED if disputed else Outcome.ACCEPTED, number, note="scratched")], GRACE, NOW)
    assert disputed or status in (s.REFUND_DUE, s.EXCHANGE_DUE, s.CLOSED), f"no way to {status}"


def some(condition: Condition, quantity: int = 1) -> Receipt:
    return Receipt(condition, sku="LAMP-1", quantity=quantity)


def judged(outcome: Outcome, quantity: int = 1, note: str = "") -> Finding:
    """Build a finding on lamps. A finding of a fault names its ground and its evidence."""
    if outcome is Outcome.ACCEPTED:
        return Finding(outcome, note, sku="LAMP-1", quantity=quantity)
    return Finding(outcome, note, None, None, "LAMP-1", quantity, Ground.INCOMPLETE, ["https://photos.example/1"])


def all_ok() -> dict[Part, Checked]:
    return {part: Checked(Result.OK, "") for part in Part}


def failing(part: Part) -> dict[Part, Checked]:
    return {**all_ok(), part: Checked(Result.NOT_OK, "photo 3 shows it")}


def a_line(quantity: int = 1, sku: str = "LAMP-1") -> RequestedLine:
    return RequestedLine(sku, quantity, ReturnReason.CHANGED_MIND)


# requests and events as they travel

FOUND = {"ground": "incomplete", "note": "The plug is missing.", "evidence": ["https://photos.example/1"]}


def parts_json(*, failed: str | None = None) -> dict[str, Any]:
    return {
        part.value: {"result": "not_ok", "note": "photo 3"} if part.value == failed else {"result": "ok"}
        for part in Part
    }


def order_placed(
    order_number: str = ORDER_NUMBER, *, paid: Sequence[str] = ("19.99", "19.99", "19.98")
) -> dict[str, Any]:
    money = [{"amount": amount, "currency": "USD"} for amount in paid]
    line = {
        "line_id": 1,
        "sku": "LAMP-1",
        "title": "Lamp",
        "quantity": len(paid),
        "unit_price": money[0],
        "paid": money,
        "units": [*range(len(paid))],
    }
    told = {
        "order_number": order_number,
        "customer": {"name": "Ada", "email": ADA, "phone": "", "language": "en", "time_zone": "UTC"},
        "lines": [line],
        "return_policy": {"version": "1", "days": 60},
        "placed_at": "2026-02-20T09:00:00Z",
    }
    return whole_body("orders", "order_placed", told)


def shipment_delivered(
    order_number: str = ORDER_NUMBER, at: str = "2026-03-02T12:00:00Z", country: str = "US"
) -> dict[str, Any]:
    where = {"country": country, "time_zone": "Europe/Berlin"}
    told = {"shipment_number": "SHP-1", "order_number": order_number, "delivered_at": at, **where}
    return whole_body("logistics", "shipment_delivered", told)


def refund_news(reference: str, amount: str, refund_id: str = "REF-1", **more: Any) -> dict[str, Any]:
    money = {"amount": amount, "currency": "USD"}
    return {
        "order_number": ORDER_NUMBER, "refund_id": refund_id, "amount": money, "cause": "return",
        "reference": reference, **more,
    }  # fmt: skip


def wanted(quantity: int = 1, **more: Any) -> dict[str, Any]:
    line = {"sku": "LAMP-1", "quantity": quantity, "reason": "changed_mind"}
    return {"order_number": ORDER_NUMBER, "lines": [line], "description": "too bright", **more}
