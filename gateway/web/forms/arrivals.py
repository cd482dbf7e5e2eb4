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
    pieces = (unit for item in order["returns"] for unit in item["units"])
    again = {unit["exchange"]["shipment_number"] for unit in pieces if unit["exchange"]}
    bought = [
        each
        for each in order["shipments"]
        if each["number"] not in again and not each["closed_at"] and each["status"] != "recalled"
    ]
    return bool(bought) and all(each["delivered_at"] for each in bought)
