"""Money: to the cent, on both sides of the counter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from deploy.lab.chaos.evidence import Evidence
from services.orders.api import RefundCause

BESIDE_THE_PRICE = frozenset({RefundCause.GOODWILL, RefundCause.CHARGEBACK})
TAKEN_BACK = "taken back of"


def what_the_bank_took_is_captured(evidence: Evidence) -> Iterator[str]:
    """Captured is what the bank took, payment by payment: no more, no less."""
    taken = {each["payment_id"]: each["cents"] for each in evidence.recorded("captured")}
    captured = {row["payment_id"]: row["captured"] for row in evidence.rows("orders", "payments")}
    for payment_id in sorted({*taken, *(each for each, cents in captured.items() if cents)}):
        if taken.get(payment_id, 0) != captured.get(payment_id, 0):
            yield f"{payment_id}: the bank took {taken.get(payment_id, 0)}, captured is {captured.get(payment_id, 0)}"


def refunds_never_exceed_what_was_captured(evidence: Evidence) -> Iterator[str]:
    """Σ refunds of a payment is what is set aside on it, and never more than was captured."""
    refunds = evidence.by("orders", "refunds", "payment_id")
    for row in evidence.rows("orders", "payments"):
        total = sum(refund["amount"] for refund in refunds.get(row["payment_id"], []))
        if total != row["refunded"]:
            yield f"{row['payment_id']}: refunds make {total}, set aside is {row['refunded']}"
        if total > row["captured"]:
            yield f"{row['payment_id']}: refunds make {total}, captured is {row['captured']}"


def nothing_is_owed_and_nothing_paid_too_much(evidence: Evidence) -> Iterator[str]:
    """Captured − refunded is what the customer keeps: the units neither cancelled, removed nor returned.

    What was given for a complaint comes on top, and so does what a bank took in a dispute.
    """
    captured, refunded = Counter[str](), Counter[str]()
    for row in evidence.rows("orders", "payments"):
        captured[row["order_number"]] += row["captured"]
    for row in evidence.rows("orders", "refunds"):
        refunded[row["order_number"]] += row["amount"] if row["cause"] not in BESIDE_THE_PRICE else 0
    returned = {
        (row["order_number"], row["line_id"], row["unit"])
        for row in evidence.rows("aftersales", "return_units")
        if row["outcome"] == "accepted"
    }
    lines = evidence.by("orders", "order_lines", "order_number")
    for order in evidence.rows("orders", "orders"):
        number = order["order_number"]
        if not captured[number]:
            continue
        kept = 0
        for line in lines[number]:
            for unit, paid in enumerate(line["paid"]):
                gone = unit in line["removed"] or (number, line["line_id"], unit) in returned
                kept += 0 if gone or order["status"] == "cancelled" else paid
        if captured[number] - refunded[number] != kept:
            yield f"{number}: captured {captured[number]}, refunded {refunded[number]}, kept is worth {kept}"


def every_refund_was_paid_back_once_by_the_bank(evidence: Evidence) -> Iterator[str]:
    """Refunds that are settled here were paid back by the bank, once, to the payment they belong to; and no others."""
    paid = defaultdict(list)
    for each in evidence.recorded("paid_back"):
        paid[each["refund_id"]].append((each["reference"], each["amount_cents"]))
    for each in evidence.recorded("charged_back"):
        paid[f"{TAKEN_BACK} {each['reference']}"].append((each["reference"], each["amount_cents"]))
    known = set()
    for row in evidence.rows("orders", "refunds"):
        by_dispute = row["cause"] == RefundCause.CHARGEBACK
        name = f"{TAKEN_BACK} {row['payment_reference']}" if by_dispute else row["refund_id"]
        known.add(name)
        expected = [(row["payment_reference"], row["amount"])]
        if row["status"] != "settled" or paid[name] != expected:
            yield f"{row['refund_id']} is {row['status']}, the bank paid {paid[name]}, not {expected}"
    for refund_id in paid.keys() - known:
        yield f"the bank paid {paid[refund_id]} for {refund_id}, which we do not know"
    claims = {row["refund_id"] for row in evidence.rows("aftersales", "refund_claims") if row["status"] == "settled"}
    settled = {row["refund_id"] for row in evidence.rows("orders", "refunds") if row["cause"] == "return"}
    for refund_id in sorted(str(each) for each in claims ^ settled):
        yield f"{refund_id}: orders and after-sales do not agree that it is settled"
