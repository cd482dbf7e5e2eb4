"""What a client was told is done is done, and done once: also what was asked for several times under one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from deploy.lab.chaos.evidence import Evidence

CAPTURED = "payment.captured"


def orders_exist_exactly_once(evidence: Evidence) -> Iterator[str]:
    """Every acknowledged order exists as it was placed; no customer's wish became two."""
    by_email = evidence.by("orders", "orders", "email")
    for each in evidence.recorded("order"):
        found = by_email.get(each["email"], [])
        numbers = [row["order_number"] for row in found]
        if numbers != [each["order"]]:
            yield f"{each['order']} of {each['email']}: there is {numbers}"
        elif found[0]["goods"] != each["cents"]:
            yield f"{each['order']}: {each['cents']} was quoted, {found[0]['goods']} is kept"
    regulars = {each["email"] for each in evidence.recorded("regular")}
    for email, rows in by_email.items():
        if len(rows) > 1 and email not in regulars:
            yield f"{email} has {len(rows)} orders"
    placed = Counter(event["subject"] for event in evidence.events("orders", "order_placed"))
    yield from _not_once(placed, (row["order_number"] for row in evidence.rows("orders", "orders")), "order_placed of")


def payments_are_captured_exactly_once(evidence: Evidence) -> Iterator[str]:
    """Every payment that the bank reported and we acknowledged is captured, in full, once."""
    payments = evidence.by("orders", "payments", "payment_id")
    captured = Counter(event["data"]["payment_id"] for event in evidence.events("orders", "payment_captured"))
    told = {each["about"] for each in evidence.recorded("told") if each["kind"] == CAPTURED}
    yield from _not_once(captured, told, "payment_captured of")
    for each in evidence.recorded("payment"):
        rows = payments.get(each["payment_id"], [])
        if [row["order_number"] for row in rows] != [each["order"]]:
            yield f"{each['payment_id']} of {each['order']}: there is {rows}"
        elif each["payment_id"] in told and rows[0]["captured"] != each["cents"]:
            yield f"{each['payment_id']}: {each['cents']} was paid, {rows[0]['captured']} is captured"


def messages_exist_exactly_once(evidence: Evidence) -> Iterator[str]:
    """Every acknowledged question and message is in its ticket, once, to the letter."""
    tickets = evidence.by("support", "tickets", "customer_email")
    said = Counter((row["ticket_number"], row["body"]) for row in evidence.rows("support", "messages"))
    for each in evidence.recorded("ticket"):
        numbers = [row["number"] for row in tickets.get(each["email"], [])]
        if numbers != [each["ticket"]]:
            yield f"{each['ticket']} of {each['email']}: there is {numbers}"
    for each in [*evidence.recorded("ticket"), *evidence.recorded("message")]:
        count = said[each["ticket"], each["body"]]
        if count != 1:
            yield f"{each['ticket']}: {each['body']!r} is there {count} times"
    status = {row["number"]: row["resolution_code"] for row in evidence.rows("support", "tickets")}
    for each in evidence.recorded("resolution"):
        if status.get(each["ticket"]) != "answered":
            yield f"{each['ticket']} was resolved and is not"


def returns_exist_exactly_once(evidence: Evidence) -> Iterator[str]:
    """Every acknowledged return exists once, and every acknowledged inspection led to one claim."""
    returns = evidence.by("aftersales", "returns", "order_number")
    for each in evidence.recorded("return"):
        numbers = [row["number"] for row in returns.get(each["order"], [])]
        if numbers != [each["number"]]:
            yield f"{each['number']} of {each['order']}: there is {numbers}"
    claims = Counter(row["return_number"] for row in evidence.rows("aftersales", "refund_claims"))
    inspected = [each["number"] for each in evidence.recorded("inspection")]
    yield from _not_once(claims, inspected, "refund claim of")


def dispatches_and_scans_exist_exactly_once(evidence: Evidence) -> Iterator[str]:
    """Every acknowledged hand-over is one parcel, and every acknowledged scan one line of its log."""
    parcels = evidence.by("logistics", "parcels", "tracking_number")
    for each in evidence.recorded("shipment"):
        owners = [row["shipment_number"] for row in parcels.get(each["parcel"], [])]
        if owners != [each["shipment"]]:
            yield f"{each['parcel']} of {each['shipment']}: there is {owners}"
    scans = Counter(row["message"] for row in evidence.rows("logistics", "tracking_events"))
    wanted = [message for each in evidence.recorded("scans") for message in each["messages"]]
    yield from _not_once(scans, wanted, "scan")
    status = {number: rows[0]["status"] for number, rows in parcels.items()}
    for each in evidence.recorded("scans"):
        if status.get(each["parcel"]) != "delivered":
            yield f"{each['parcel']} was reported delivered and is {status.get(each['parcel'])}"


def decisions_are_kept_as_given(evidence: Evidence) -> Iterator[str]:
    """Every acknowledged answer to a change request and every wish to cancel is kept, with the customer's consent."""
    changes = evidence.by("orders", "changes", "change_id")
    for each in evidence.recorded("decision"):
        (row,) = changes.get(each["change"], [None])
        status = row and row["status"]
        consented = row and row["consent"] and row["consent"]["option"]
        if each["option"] == "decline":
            if status != "declined":
                yield f"{each['change']} was declined and is {status}"
        elif consented != each["option"] or status != "applied":
            yield f"{each['change']}: {each['option']} was agreed to; it is {status} with {consented}"
    orders = evidence.by("orders", "orders", "order_number")
    for each in evidence.recorded("cancellation"):
        status = [row["status"] for row in orders.get(each["order"], [])]
        if status != ["cancelled"]:
            yield f"{each['order']} was to be cancelled and is {status}"


def _not_once(counts: Counter[object], wanted: Iterable[object], what: str) -> Iterator[str]:
    for each in wanted:
        if counts[each] != 1:
            yield f"{what} {each}: {counts[each]} times"
