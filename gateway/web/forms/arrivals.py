"""Whether what was bought has arrived, so that it can come back. Pure."""

from __future__ import annotations

from services.common.basics.untyped import JsonDict

ARRIVED = ("delivered", "completed")


def has_arrived(order: JsonDict) -> bool:
    """Return whether all that was bought is with the customer, also while pieces are sent in exchange.

    The stage of the order is that of its least advanced shipment, so it goes back while one brings an exchange.
    """
    if order["stage"] in ARRIVED:
        return True
    bought = _bringing(order)
    return bool(bought) and all(each["delivered_at"] for each in bought)


def is_divided(order: JsonDict) -> bool:
    """Return whether a part of what was bought has left or come, and another has not: what is sent again is no part."""
    again = {each["replacement"] for each in order["remedies"]}
    bought = [each for each in _bringing(order) if each["number"] not in again]
    steps = {(bool(each["dispatched_at"]), bool(each["delivered_at"])) for each in bought}
    return len(steps) > 1


def _bringing(order: JsonDict) -> list[JsonDict]:
    """Return the shipments that bring what was bought; what comes in exchange is none of them."""
    pieces = (unit for item in order["returns"] for unit in item["units"])
    again = {unit["exchange"]["shipment_number"] for unit in pieces if unit["exchange"]}
    return [
        each
        for each in order["shipments"]
        if each["number"] not in again and not each["closed_at"] and each["status"] != "recalled"
    ]
