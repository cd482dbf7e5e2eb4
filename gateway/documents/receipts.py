"""What the documents of an order say: receipt, shipping confirmation, refund confirmation. Pure.

Each names what was promised, in words (`services.promised`) and with the dates of this order, in the language that is
spoken. They raise NothingToPrint where there is nothing to confirm yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.documents.paper import Paper, Part
from gateway.http.words import _, ngettext
from gateway.resources.composition import WholeOrder
from services.common.basics.clock import parse_rfc3339
from services.common.basics.errors import Conflict
from services.common.basics.money import Money
from services.common.basics.shapes import CommitmentView, MoneyView
from services.common.language import N_, date_in_words, day_in_words, decimal
from services.logistics.api.replies import TrackedShipmentView
from services.orders.api.refunds import RefundView
from services.promised import promised

NONE = "0.00"
SELLER = N_("Sold by Pledge.")
KINDS: Mapping[str, str] = {
    "review": N_("Review of your order"),
    "shortage_contact": N_("Telling you about a shortage"),
    "backorder": N_("What was not in stock is here"),
    "dispatch": N_("Parcel leaves us"),
    "delivery": N_("Delivery"),
    "remedy": N_("Asking you about a parcel that does not arrive"),
    "return_review": N_("Decision about your return"),
    "postage": N_("Decision about the postage of your return"),
    "verification": N_("Checking what you sent back"),
    "send_back": N_("Sending your goods back to you"),
    "refund": N_("Refund to your original means of payment"),
}
"""Promises to a customer, as their page calls them."""
OTHERWISE = N_("your order")
CAUSES: Mapping[str, str] = {
    "return": N_("your return"),
    "postage": N_("the postage of your return"),
    "change": N_("the change of your order"),
    "cancellation": N_("your cancellation"),
    "remedy": N_("what did not arrive"),
    "goodwill": N_("your complaint"),
    "payment": N_("what was paid too much"),
    "bank": N_("what your bank paid back"),
    "chargeback": N_("what your bank took back"),
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
    goods = [
        (line["title"], f"{line['quantity']} × {money(line['unit_price'])}", _sum(line["paid"]))
        for line in order["lines"]
        if line["quantity"]
    ]
    sums = [
        *_discount(order),
        (_("Shipping"), money(totals["shipping"])),
        (_("Duties and fees"), money(totals["duties"])),
    ]
    total = [(_("Total"), money(totals["total"])), *_taxes(order)]
    where = [(_("Paid"), money(account["captured"]))]
    if account["refunded"]["amount"] != NONE:
        where.append((_("Paid back, or on its way back"), money(account["refunded"])))
    if account["missing"]["amount"] != NONE:
        where.append((_("Still to be paid"), money(account["missing"])))
    return Paper(
        _("Receipt"),
        (begun(order), _(SELLER)),
        (
            address(order),
            Part(_("What you bought"), rows=[*goods, *sums, *total], strong=True),
            Part(_("Your money"), rows=where),
            _promises(order, order["commitments"]),
        ),
        foot(order, now),
    )


def begun(order: WholeOrder, *, is_paid: bool = True) -> str:
    """Name the order with the day on which it was placed, and if asked for that on which it was paid."""
    number, placed = order["number"], day(order["placed_at"], _zone(order))
    captured = order["payment"] and order["payment"]["captured_at"]
    if not (is_paid and captured):
        return _("Order {number}, placed on {placed}.", number=number, placed=placed)
    paid = day(captured, _zone(order))
    return _("Order {number}, placed on {placed}, paid on {paid}.", number=number, placed=placed, paid=paid)


def _discount(order: WholeOrder) -> Iterator[tuple[str, str]]:
    """Say what the lines cost less than their prices; they name what was paid for them."""
    less = order["totals"].get("discount")
    if less and less["amount"] != NONE:
        applied = order.get("discount")
        yield _named(applied["code"] if applied else ""), money(less)


def _named(code: str) -> str:
    return _("Discount {code}, taken off above", code=code) if code else _("Discount, taken off above")


def _taxes(order: WholeOrder) -> Iterator[tuple[str, str]]:
    """Name the tax that is included in the total, by rate, with the shop's number."""
    found: dict[tuple[str, str, str], Money] = {}
    for line in order["lines"]:
        tax = line.get("tax")
        if tax:
            key = tax["jurisdiction"], tax["rate"], tax["number"]
            found[key] = found.get(key, Money(0)) + Money.total(map(_cents, tax["amounts"]))
    for (jurisdiction, rate, number), amount in found.items():
        yield included(rate, jurisdiction, number), f"{decimal(amount)} USD"


def included(rate: str, jurisdiction: str, number: str) -> str:
    """Name a tax that an amount includes."""
    named = {"rate": rate, "jurisdiction": jurisdiction, "number": number}
    return _("Included: {rate} % tax of {jurisdiction}, our number {number}", **named)


def shipping_confirmation(order: WholeOrder, now: datetime) -> Paper:
    """Confirm what was handed to carriers, and when it is promised to arrive."""
    sent = [each for each in order["shipments"] if each["dispatched_at"]]
    if not sent:
        raise NothingToPrint("Nothing of this order has left us yet.")
    clocks = [each for each in order["commitments"] if each["kind"] in ("dispatch", "delivery")]
    about = begun(order, is_paid=False)
    parts = [_shipment(each, _zone(order)) for each in sent]
    goods = [(line["title"], f"{line['quantity']} ×") for line in order["lines"] if line["quantity"]]
    return Paper(
        _("Shipping confirmation"),
        (about, _(SELLER), _("Freight, duties and fees are ours: you pay nothing.")),
        (address(order), *parts, Part(_("What the order holds"), rows=goods), _promises(order, clocks)),
        foot(order, now),
    )


def refund_confirmation(order: WholeOrder, now: datetime) -> Paper:
    """Confirm what was paid back, and what goes back by when."""
    refunds = order["refunds"]
    if not refunds:
        raise NothingToPrint("Nothing of this order is paid back.")
    settled = Money.total(_cents(each["amount"]) for each in refunds if each["settled_at"])
    clocks = [each for each in order["commitments"] if each["kind"] == "refund"]
    rows = [(_what(each, _zone(order)), money(each["amount"])) for each in refunds]
    about = begun(order, is_paid=False)
    return Paper(
        _("Refund confirmation"),
        (about, _("Money goes back to your original means of payment, in full.")),
        (
            Part(_("What goes back"), rows=rows),
            Part("", rows=[(_("Paid back so far"), f"{decimal(settled)} USD")], strong=True),
            _promises(order, clocks),
        ),
        foot(order, now),
    )


def day(text: str, zone: str) -> str:
    """Write the day of a moment there: "Friday 11 December 2026"."""
    return day_in_words(parse_rfc3339(text).astimezone(_known(zone)).date())


def moment(text: str, zone: str) -> str:
    """Write a moment there: "Friday 11 December 2026, 18:00 (Europe/London time)"."""
    return _at(parse_rfc3339(text), zone)


def _at(instant: datetime, zone: str) -> str:
    known = _known(zone)
    return _("{moment} ({zone} time)", moment=date_in_words(instant.astimezone(known)), zone=known.key)


def _promises(order: WholeOrder, clocks: Iterable[CommitmentView]) -> Part:
    """Return what was promised: each promise of the order with its date, then the terms in words."""
    return Part(_("What we promised"), [*_dated(order, clocks), *_terms(order)])


def _dated(order: WholeOrder, clocks: Iterable[CommitmentView]) -> Iterator[str]:
    for clock in clocks:
        if clock["kind"] in KINDS and clock["status"] != "recalled":
            zone = clock.get("zone") or _zone(order)
            said = {"promise": _(KINDS[clock["kind"]]), "moment": moment(clock["due_at"], zone)}
            said["verdict"] = _verdict(clock, zone)
            if "earliest_at" in clock:
                earliest = day(clock["earliest_at"], zone)
                yield _("{promise}: not before {earliest}, by {moment}{verdict}.", earliest=earliest, **said)
            else:
                yield _("{promise}: by {moment}{verdict}.", **said)


def _verdict(clock: CommitmentView, zone: str) -> str:
    if "stopped_at" not in clock:
        return _("; we are late, and sorry") if clock["status"] == "breached" else ""
    stopped = day(clock["stopped_at"], zone)
    return _("; kept on {day}", day=stopped) if clock["status"] == "kept" else _("; done late, on {day}", day=stopped)


def _terms(order: WholeOrder) -> list[str]:
    terms = promised()
    days, leaving = order["return_policy"]["days"], {name: terms[name] for name in ("dispatch", "delivery")}
    return [
        _("A parcel leaves us within {dispatch} and arrives within {delivery} after that.", **leaving),
        ngettext(
            "Everything can be returned for {count} day after the delivery, free of charge.",
            "Everything can be returned for {count} days after the delivery, free of charge.",
            days,
        ),
        _("A refund is back within {refund}.", refund=terms["refund"]),
    ]


def _shipment(shipment: TrackedShipmentView, zone: str) -> Part:
    sent = shipment["dispatched_at"]
    lines = [_("Handed over on {day}.", day=day(sent, zone))] if sent else []
    for each in shipment["parcels"]:
        carrier, number = each["carrier_name"], each["tracking_number"]
        lines.append(_("{carrier}, tracking number {number}.", carrier=carrier, number=number))
    if shipment["delivered_at"]:
        lines.append(_("Delivered on {day}.", day=day(shipment["delivered_at"], zone)))
    return Part(_("Shipment {number}", number=shipment["number"]), lines)


def _what(refund: RefundView, zone: str) -> str:
    """Say what money goes back for, and whether it has."""
    named = {"cause": _(CAUSES.get(refund["cause"], OTHERWISE)), "number": refund["id"]}
    if refund["settled_at"]:
        return _("For {cause}, {number}: paid back on {day}", day=day(refund["settled_at"], zone), **named)
    return _("For {cause}, {number}: goes back by {day}", day=day(refund["due_at"], zone), **named)


def foot(order: WholeOrder, now: datetime) -> str:
    made = _at(now, _zone(order))
    return _("Order {number}. Made on {moment}. In USD.", number=order["number"], moment=made)


def address(order: WholeOrder) -> Part:
    """Return the address, a line for each part: each is read in the direction of its script."""
    to = order["delivery"]
    parts: Sequence[str | None] = (
        to["name"], to.get("company"), to["line1"], to["line2"], to["city"], to["region"], to["postal_code"],
        to["country"],
    )  # fmt: skip
    return Part(_("To"), [part for part in parts if part])


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


def money(amount: MoneyView) -> str:
    return f"{decimal(amount['amount'])} {amount['currency']}"


def _sum(amounts: Iterable[MoneyView]) -> str:
    return f"{decimal(Money.total(map(_cents, amounts)))} USD"
