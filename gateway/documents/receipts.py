"""What the documents of an order say: receipt, shipping confirmation, refund confirmation. Pure.

Each names what was promised, in words (`services.promised`) and with the dates of this order. They raise NothingToPrint
where there is nothing to confirm yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.documents.paper import Paper, Part
from gateway.resources.composition import WholeOrder
from services.common.basics.clock import parse_rfc3339
from services.common.basics.errors import Conflict
from services.common.basics.money import Money
from services.common.basics.shapes import CommitmentView, MoneyView
from services.logistics.api.replies import TrackedShipmentView
from services.orders.api.refunds import RefundView
from services.promised import promised

NONE = "0.00"
SELLER = "Sold by Pledge"
KINDS: Mapping[str, str] = {
    "review": "Review of your order",
    "shortage_contact": "Telling you about a shortage",
    "dispatch": "Parcel leaves us",
    "delivery": "Delivery",
    "remedy": "Asking you about a parcel that does not arrive",
    "return_review": "Decision about your return",
    "postage": "Decision about the postage of your return",
    "verification": "Checking what you sent back",
    "send_back": "Sending your goods back to you",
    "refund": "Refund to your original means of payment",
}
"""Promises to a customer, as their page calls them."""
CAUSES: Mapping[str, str] = {
    "return": "your return",
    "postage": "the postage of your return",
    "change": "the change of your order",
    "cancellation": "your cancellation",
    "remedy": "what did not arrive",
    "goodwill": "your complaint",
    "payment": "what was paid too much",
    "bank": "what your bank paid back",
    "chargeback": "what your bank took back",
}


class NothingToPrint(Conflict):
    """There is nothing to confirm yet: nothing was paid, sent or repaid."""

    code = "nothing_to_print"
    message = "There is nothing to confirm yet."


def receipt(order: WholeOrder, now: datetime) -> Paper:
    """Confirm what was bought and paid."""
    account, totals = order["account"], order["totals"]
    if account["captured"]["amount"] == NONE:
        raise NothingToPrint("Nothing was paid for this order yet.")
    paid = order["payment"] and order["payment"]["captured_at"]
    goods = [
        (line["title"], f"{line['quantity']} × {_money(line['unit_price'])}", _sum(line["paid"]))
        for line in order["lines"]
        if line["quantity"]
    ]
    sums = [*_discount(order), ("Shipping", _money(totals["shipping"])), ("Duties and fees", _money(totals["duties"]))]
    total = [("Total", _money(totals["total"])), *_taxes(order)]
    where = [("Paid", _money(account["captured"]))]
    if account["refunded"]["amount"] != NONE:
        where.append(("Paid back, or on its way back", _money(account["refunded"])))
    if account["missing"]["amount"] != NONE:
        where.append(("Still to be paid", _money(account["missing"])))
    begun = f"Order {order['number']}, placed on {day(order['placed_at'], _zone(order))}"
    return Paper(
        "Receipt",
        (f"{begun}, paid on {day(paid, _zone(order))}." if paid else f"{begun}.", f"{SELLER}."),
        (
            _address(order),
            Part("What you bought", rows=[*goods, *sums, *total], strong=True),
            Part("Your money", rows=where),
            _promises(order, order["commitments"]),
        ),
        _foot(order, now),
    )


def _discount(order: WholeOrder) -> Iterator[tuple[str, str]]:
    """Say what the lines cost less than their prices; they name what was paid for them."""
    less = order["totals"].get("discount")
    if less and less["amount"] != NONE:
        applied = order.get("discount")
        yield f"Discount {applied['code']}, taken off above" if applied else "Discount, taken off above", _money(less)


def _taxes(order: WholeOrder) -> Iterator[tuple[str, str]]:
    """Name the tax that is included in the total, by rate, with the shop's number."""
    found: dict[tuple[str, str, str], Money] = {}
    for line in order["lines"]:
        tax = line.get("tax")
        if tax:
            key = tax["jurisdiction"], tax["rate"], tax["number"]
            found[key] = found.get(key, Money(0)) + Money.total(map(_cents, tax["amounts"]))
    for (jurisdiction, rate, number), amount in found.items():
        yield f"Included: {rate} % tax of {jurisdiction}, our number {number}", f"{amount} USD"


def shipping_confirmation(order: WholeOrder, now: datetime) -> Paper:
    """Confirm what was handed to carriers, and when it is promised to arrive."""
    sent = [each for each in order["shipments"] if each["dispatched_at"]]
    if not sent:
        raise NothingToPrint("Nothing of this order has left us yet.")
    clocks = [each for each in order["commitments"] if each["kind"] in ("dispatch", "delivery")]
    about = f"Order {order['number']}, placed on {day(order['placed_at'], _zone(order))}."
    parts = [_shipment(each, _zone(order)) for each in sent]
    goods = [(line["title"], f"{line['quantity']} ×") for line in order["lines"] if line["quantity"]]
    return Paper(
        "Shipping confirmation",
        (about, f"{SELLER}.", "Freight, duties and fees are ours: you pay nothing."),
        (_address(order), *parts, Part("What the order holds", rows=goods), _promises(order, clocks)),
        _foot(order, now),
    )


def refund_confirmation(order: WholeOrder, now: datetime) -> Paper:
    """Confirm what was paid back, and what goes back by when."""
    refunds = order["refunds"]
    if not refunds:
        raise NothingToPrint("Nothing of this order is paid back.")
    settled = Money.total(_cents(each["amount"]) for each in refunds if each["settled_at"])
    clocks = [each for each in order["commitments"] if each["kind"] == "refund"]
    rows = [(f"{_what(each)}: {_where(each, _zone(order))}", _money(each["amount"])) for each in refunds]
    about = f"Order {order['number']}, placed on {day(order['placed_at'], _zone(order))}."
    return Paper(
        "Refund confirmation",
        (about, "Money goes back to your original means of payment, in full."),
        (
            Part("What goes back", rows=rows),
            Part("", rows=[("Paid back so far", f"{settled} USD")], strong=True),
            _promises(order, clocks),
        ),
        _foot(order, now),
    )


def day(text: str, zone: str) -> str:
    """Write the day of a moment there: "Friday 11 December 2026"."""
    local = parse_rfc3339(text).astimezone(_known(zone))
    return f"{local:%A} {local.day} {local:%B %Y}"


def moment(text: str, zone: str) -> str:
    """Write a moment there: "Friday 11 December 2026, 18:00 (Europe/London time)"."""
    known = _known(zone)
    return f"{day(text, zone)}, {parse_rfc3339(text).astimezone(known):%H:%M} ({known.key} time)"


def _promises(order: WholeOrder, clocks: Iterable[CommitmentView]) -> Part:
    """Return what was promised: each promise of the order with its date, then the terms in words."""
    return Part("What we promised", [*_dated(order, clocks), *_terms(order)])


def _dated(order: WholeOrder, clocks: Iterable[CommitmentView]) -> Iterator[str]:
    for clock in clocks:
        if clock["kind"] in KINDS and clock["status"] != "recalled":
            zone = clock.get("zone") or _zone(order)
            begins = f"not before {day(clock['earliest_at'], zone)}, " if "earliest_at" in clock else ""
            yield f"{KINDS[clock['kind']]}: {begins}by {moment(clock['due_at'], zone)}{_verdict(clock, zone)}."


def _verdict(clock: CommitmentView, zone: str) -> str:
    if "stopped_at" not in clock:
        return "; we are late, and sorry" if clock["status"] == "breached" else ""
    return f"; {'kept' if clock['status'] == 'kept' else 'done late,'} on {day(clock['stopped_at'], zone)}"


def _terms(order: WholeOrder) -> list[str]:
    terms = promised()
    return [
        f"A parcel leaves us within {terms['dispatch']} and arrives within {terms['delivery']} after that.",
        f"Everything can be returned for {order['return_policy']['days']} days after the delivery, free of charge.",
        f"A refund is back within {terms['refund']}.",
    ]


def _shipment(shipment: TrackedShipmentView, zone: str) -> Part:
    sent = shipment["dispatched_at"]
    lines = [f"Handed over on {day(sent, zone)}."] if sent else []
    lines += [f"{each['carrier_name']}, tracking number {each['tracking_number']}." for each in shipment["parcels"]]
    if shipment["delivered_at"]:
        lines.append(f"Delivered on {day(shipment['delivered_at'], zone)}.")
    return Part(f"Shipment {shipment['number']}", lines)


def _what(refund: RefundView) -> str:
    return f"For {CAUSES.get(refund['cause'], 'your order')}, {refund['id']}"


def _where(refund: RefundView, zone: str) -> str:
    if refund["settled_at"]:
        return f"paid back on {day(refund['settled_at'], zone)}"
    return f"goes back by {day(refund['due_at'], zone)}"


def _foot(order: WholeOrder, now: datetime) -> str:
    known = _known(_zone(order))
    local = now.astimezone(known)
    return f"Order {order['number']}. Made on {local:%A} {local.day} {local:%B %Y, %H:%M} ({known.key} time). In USD."


def _address(order: WholeOrder) -> Part:
    """Return the address, a line for each part: each is read in the direction of its script."""
    to = order["delivery"]
    parts: Sequence[str | None] = (
        to["name"], to.get("company"), to["line1"], to["line2"], to["city"], to["region"], to["postal_code"],
        to["country"],
    )  # fmt: skip
    return Part("To", [part for part in parts if part])


def _zone(order: WholeOrder) -> str:
    return order["contact"]["time_zone"]


def _known(zone: str) -> ZoneInfo:
    """Return the zone; UTC for one that is erased or unknown."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def _cents(amount: MoneyView) -> Money:
    return Money.parse(amount["amount"])


def _money(amount: MoneyView) -> str:
    return f"{amount['amount']} {amount['currency']}"


def _sum(amounts: Iterable[MoneyView]) -> str:
    return f"{Money.total(map(_cents, amounts))} USD"
