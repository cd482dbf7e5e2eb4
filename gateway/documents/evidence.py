"""The evidence file as a page that stands for itself: no script, nothing from elsewhere, ready to print. Pure.

Whatever people wrote in it is text and nothing else. Notes of staff among themselves, and who of the staff it was, are
left out: a bank has no business with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from gateway.resources.composition import WholeOrder
from gateway.resources.timeline import TimelineStep
from services.common.basics.caller import kind_told
from services.common.basics.shapes import MoneyView
from services.logistics.api.replies import TrackedParcelView
from services.orders.api import ChangeView, ConsentView
from services.orders.api.disputes import DisputeView
from services.orders.api.parts import AppliedDiscountView
from services.orders.api.payments import ReportedAmountView
from services.orders.api.remedies import RemedyView
from services.support.api.replies import TicketSummary, TicketView

PAGE = Markup(
    """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:14px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}}
h1{{font-size:1.5rem}}h2{{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #999}}h3{{font-size:1rem}}
table{{border-collapse:collapse;width:100%}}td,th{{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;
vertical-align:top;overflow-wrap:anywhere}}th{{background:#eee}}blockquote{{margin:.5rem 0;padding:.25rem .75rem;
border-left:3px solid #999;white-space:pre-wrap;overflow-wrap:anywhere}}
@media print{{h2{{break-after:avoid}}tr{{break-inside:avoid}}}}
</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"""
)
FIRST, OTHER = Markup("<th scope=row>{}</th>"), Markup("<td>{}</td>")
Row = Sequence[object]


@dataclass(frozen=True)
class Conversations:
    """The conversations about an order, the oldest first.

    tickets: those with what was said; named: later ones without. complete: there are no others.
    """

    tickets: Sequence[TicketView] = ()
    named: Sequence[TicketSummary] = ()
    complete: bool = True


@dataclass(frozen=True)
class Evidence:
    """What the file is made of, each as its owner shows it to a lead."""

    shop: str
    made_at: str
    dispute: DisputeView
    order: WholeOrder
    story: Sequence[TimelineStep]
    conversations: Conversations


def document(evidence: Evidence) -> str:
    """Return the whole document, as HTML."""
    order, dispute = evidence.order, evidence.dispute
    title = f"Evidence: dispute {dispute['reference']}, order {order['number']}"
    parts = (
        _dispute(evidence), _order(order), _payment(order), _consents(order), _delivery(order), _returns(order),
        _conversations(evidence.conversations), _story(evidence.story),
    )  # fmt: skip
    return PAGE.format(title=title, body=Markup("").join(parts))


def _dispute(evidence: Evidence) -> Markup:
    dispute = evidence.dispute
    return _section(
        "The dispute",
        _table(
            [
                ("Dispute", dispute["reference"]),
                ("Payment", f"{dispute['payment_id']}, taken by {dispute['provider']}"),
                ("Amount", _money(dispute["amount"])),
                ("Reason given", dispute["reason"]),
                ("Opened", dispute["opened_at"]),
                ("Merchant", evidence.shop),
                ("This file was made", f"{evidence.made_at}, from the records of the shop; times are in UTC"),
            ]
        ),
    )


def _order(order: WholeOrder) -> Markup:
    contact, address = order["contact"], order["delivery"]
    lines = [(line["quantity"], line["title"], line["sku"], _money(line["unit_price"])) for line in order["lines"]]
    policy, applied = order["return_policy"], order.get("discount")
    return _section(
        "The order",
        _table(
            [
                ("Number", order["number"]),
                ("Placed", order["placed_at"]),
                ("State", f"{order['status']}, {order['stage']}"),
                ("Customer", f"{contact['name']}, {contact['email']}, {contact['phone'] or 'no telephone number'}"),
                (
                    "Delivery address",
                    ", ".join(str(part) for name, part in address.items() if part and name != "time_zone"),
                ),
                ("Goods, as ordered", _money(order["totals"]["ordered"])),
                *([("Discount, taken off before", _discount(applied))] if applied else []),
                ("Return policy agreed to", f"version {policy['version']}: {policy['days']} days"),
            ]
        ),
        _table(lines, "Pieces", "What", "SKU", "Price of a piece"),
    )


def _discount(applied: AppliedDiscountView) -> str:
    return f"{_money(applied['amount'])} by the code {applied['code']}"


def _payment(order: WholeOrder) -> Markup:
    payment, account = order["payment"], order["account"]
    rows: list[Row] = [
        ("Taken from the customer", _money(account["captured"])),
        ("Paid back, or on its way back", _money(account["refunded"])),
        ("Kept for the order", _money(account["kept"])),
        ("Waits for a decision", _money(account["attention"])),
    ]
    if payment is not None:
        rows += [("Payment that pays for the order", payment["id"]), ("Taken", payment["captured_at"])]
    refunds = [
        (each["id"], _money(each["amount"]), each["cause"], each["status"], each["created_at"], each["settled_at"])
        for each in order["refunds"]
    ]
    return _section(
        "Payment and refunds",
        _table(rows),
        _table(refunds, "Refund", "Amount", "For", "State", "Owed since", "Paid back", none="Nothing was paid back."),
    )


def _consents(order: WholeOrder) -> Markup:
    """Show what the customer was asked, in the words that they read, and what they answered."""
    asked = [
        *(_asked(each, "change") for each in order["changes"]),
        *(_asked(each, "parcel") for each in order["remedies"]),
    ]
    if order["cancellation"]["requested"] or order["cancellation"]["reason"]:
        wish = order["cancellation"]["reason"]
        asked.append(Markup("<h3>Wish to cancel</h3><blockquote>{}</blockquote>").format(wish))
    none = Markup("<p>The customer was asked nothing about this order after it was placed.</p>")
    return _section("What the customer agreed to", *(asked or [none]))


def _asked(question: ChangeView | RemedyView, about: str) -> Markup:
    chosen = question["consent"]["option"] if question["consent"] else None
    offered = Markup("").join(
        Markup("<li>{}{}</li>").format(
            each["label"], Markup(" <strong>(chosen)</strong>") if each["option"] == chosen else ""
        )
        for each in question["options"]
    )
    said = _consent(question["consent"])
    return Markup("<h3>{} {}, {}: {}</h3><blockquote>{}</blockquote><ul>{}</ul><p>{}</p>").format(
        "Change" if about == "change" else "Parcel", question["id"], question["created_at"], question["status"],
        question["summary"], offered, said,
    )  # fmt: skip


def _consent(consent: ConsentView | None) -> str:
    if consent is None:
        return "No consent was given."
    return (
        f"Agreed by {consent['by']} at {consent['at']}, through their {consent['how']}. "
        f"Digest of the text shown: {consent['digest']}"
    )


def _delivery(order: WholeOrder) -> Markup:
    parts: list[Markup] = []
    for shipment in order["shipments"]:
        head = Markup("<h3>Shipment {}: {}, handed to the carrier {}, delivered {}</h3>")
        sent, there = shipment["dispatched_at"] or "not yet", shipment["delivered_at"] or "not yet"
        parts.append(head.format(shipment["number"], shipment["status"], sent, there))
        parts += [_parcel(parcel) for parcel in shipment["parcels"]]
    return _section("Delivery, with proof", *(parts or [Markup("<p>Nothing has left yet.</p>")]))


def _parcel(parcel: TrackedParcelView) -> Markup:
    proof = f"Proof of delivery: the carrier scanned it as delivered at {parcel['delivered_at']}"
    facts: Mapping[str, object] = parcel.get("facts", {})  # a logistics of before has none
    held = ", ".join(f"{line['quantity']} × {line['title']}" for line in parcel.get("lines") or ())
    scans = [
        (scan["local_time"], scan["status"] or scan["carrier_code"], scan["message"], scan["location"])
        for scan in parcel["events"]
    ]
    about = _table(
        [
            ("Parcel", parcel["id"]),
            ("Carrier", parcel["carrier_name"]),
            ("Tracking number", parcel["tracking_number"]),
            ("The carrier's own page", parcel["tracking_url"]),
            ("What was in it", held or None),
            ("Taken by, as the carrier wrote it down", facts.get("received_by")),
            ("Photo of the delivery, at the carrier", facts.get("photo_url")),
            ("Signature, at the carrier", facts.get("signature_url")),
            ("State", f"{parcel['status']}. {proof if parcel['delivered_at'] else 'Not delivered by now'}"),
        ]
    )
    return about + _table(scans, "Local time", "Scan", "Message", "Place", none="No scan is known.")


def _returns(order: WholeOrder) -> Markup:
    rows = [(each["number"], each["status"], each["description"]) for each in order["returns"]]
    return _section("Returns", _table(rows, "Return", "State", "In the customer's words", none="None."))


def _conversations(found: Conversations) -> Markup:
    parts = [part for ticket in found.tickets for part in _thread(ticket)]
    if found.named:
        told = Markup("<h3>{} later conversations, without what was said in them</h3>").format(len(found.named))
        rows = [(each["number"], each["opened_at"], each["subject"], each["status"]) for each in found.named]
        parts += [told, _table(rows, "Conversation", "Opened", "Subject", "State")]
    if not found.complete:
        parts.append(Markup("<p>There are more conversations, of which nothing is shown here.</p>"))
    return _section("Conversations", *(parts or [Markup("<p>The customer did not write to us about it.</p>")]))


def _thread(ticket: TicketView) -> Iterator[Markup]:
    yield Markup("<h3>{}: {} ({})</h3>").format(ticket["number"], ticket["subject"], ticket["status"])
    if ticket["messages"] and ticket["messages"][0]["position"] > 1:
        yield Markup("<p>There are earlier messages, which are left out here.</p>")
    for message in ticket["messages"]:
        if not message["internal"]:
            said = Markup("<p>{}, {}:</p><blockquote>{}</blockquote>")
            yield said.format(message["posted_at"], message["author"], message["body"])


def _story(story: Iterable[TimelineStep]) -> Markup:
    rows = [
        (
            each["occurred_at"],
            each["type"].replace("_", " "),
            kind_told(each["actor"]),
            each["service"],
            each["id"],
        )
        for each in story
        if each["audience"] == "public"
    ]
    note = Markup("<p>From the journals of the shop, which nobody can change after the fact.</p>")
    return _section("What happened, step by step", note, _table(rows, "When", "What", "By", "Journal", "Entry"))


def _section(title: str, *parts: Markup) -> Markup:
    return Markup("<section><h2>{}</h2>{}</section>").format(title, Markup("").join(parts))


def _table(rows: Sequence[Row], *heads: str, none: str = "") -> Markup:
    """Return a table; without heads the first cell of each row is one."""
    if not rows:
        return Markup("<p>{}</p>").format(none)
    top = Markup("").join(Markup("<th scope=col>{}</th>").format(head) for head in heads)
    body = Markup("").join(Markup("<tr>{}</tr>").format(_cells(row, led=not heads)) for row in rows)
    return Markup("<table>{}{}</table>").format(Markup("<tr>{}</tr>").format(top) if heads else "", body)


def _cells(row: Row, *, led: bool) -> Markup:
    shown = [escape("–" if cell is None or cell == "" else cell) for cell in row]
    first = (FIRST if led else OTHER).format(shown[0])
    return first + Markup("").join(OTHER.format(cell) for cell in shown[1:])


def _money(amount: MoneyView | ReportedAmountView) -> str:
    return f"{amount['amount']} {amount['currency']}"
