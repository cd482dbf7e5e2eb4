"""Stock: every piece is accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from deploy.lab.chaos.evidence import Evidence, Row

OPEN = ("awaiting_payment", "confirmed")


def shelves_equal_their_ledger(evidence: Evidence) -> Iterator[str]:
    """On hand and reserved are the sums of their movements, product by product."""
    on_hand, reserved = Counter[str](), Counter[str]()
    for row in evidence.rows("orders", "stock_ledger"):
        on_hand[row["sku"]] += row["on_hand_delta"]
        reserved[row["sku"]] += row["reserved_delta"]
    for row in evidence.rows("orders", "stock"):
        sums = (on_hand[row["sku"]], reserved[row["sku"]])
        if (row["on_hand"], row["reserved"]) != sums:
            yield f"{row['sku']}: {row['on_hand']} on hand, {row['reserved']} reserved; movements make {sums}"


def what_is_reserved_belongs_to_open_orders(evidence: Evidence) -> Iterator[str]:
    """Reserved is what orders still wait for that have not left the warehouse; order by order, too."""
    gone = {row["order_number"] for row in evidence.rows("orders", "fulfillments") if row["dispatched_at"]}
    lines = evidence.by("orders", "order_lines", "order_number")
    held = Counter[tuple[str, str]]()
    for row in evidence.rows("orders", "stock_ledger"):
        if row["reserved_delta"]:
            held[row["reference"], row["sku"]] += row["reserved_delta"]
    waited = Counter[tuple[str, str]]()
    for order in evidence.rows("orders", "orders"):
        number = order["order_number"]
        if order["status"] in OPEN and number not in gone:
            for line in lines[number]:
                waited[number, line["sku"]] += _left(line)
    for number, sku in sorted({*held, *waited}):
        if held[number, sku] != waited[number, sku]:
            yield f"{number}, {sku}: {held[number, sku]} reserved, {waited[number, sku]} waited for"


def corrections_are_counted_exactly_once(evidence: Evidence) -> Iterator[str]:
    """Every acknowledged correction of the stock is one movement."""
    moved = evidence.by("orders", "stock_ledger", "reference")
    for each in evidence.recorded("correction"):
        found = [row["on_hand_delta"] for row in moved.get(each["reason"], [])]
        if found != [each["delta"]]:
            yield f"{each['sku']}, {each['reason']}: {each['delta']} was acknowledged, there is {found}"


def _left(line: Row) -> int:
    return len(line["paid"]) - len(line["removed"])
