"""Be a customer of the shop, with the client that is generated from the OpenAPI document.

    python customer.py http://127.0.0.1:8000        # pledge_client must be on the path

Buys, pays, follows the parcel, asks a question and sends everything back. A line such as "paid ORD-…" tells the shop
that it is its turn. Ends with exit code 0 when the money is back.
"""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx
from pledge_client import AuthenticatedClient, Client
from pledge_client.api.contact import open_ticket
from pledge_client.api.orders import get_order, place_order, start_payment
from pledge_client.api.products import list_products
from pledge_client.api.returns import get_return, request_return
from pledge_client.api.tickets import get_ticket
from pledge_client.api.timeline import get_timeline
from pledge_client.api.tracking import get_tracking
from pledge_client.models import ContactForm, PlaceOrder, RequestReturn, StartPayment

PATIENCE_SECONDS = 60


def good(response: Any, status: HTTPStatus = HTTPStatus.OK) -> Any:
    """Return the answer, read into its class."""
    assert response.status_code == status, f"{response.status_code}: {response.content[:600]}"
    assert response.parsed is not None
    return response.parsed


def until(ask: Callable[[], Any], wished: Callable[[Any], bool]) -> Any:
    """Return the first answer that meets the condition."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if wished(found := good(ask())):
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come to what was promised")


def tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (the shop reads it)


def main(url: str) -> None:
    email = f"ada.{uuid.uuid4().hex[:8]}@example.com"
    guest = Client(base_url=url)

    # she buys
    products = good(list_products.sync_detailed(client=guest, limit=20)).items
    wanted = [{"sku": product.sku, "quantity": 1} for product in products[:2]]
    wish = PlaceOrder.from_dict({
        "contact": {"name": "Ada Lovelace", "email": email, "phone": "+1 212 555 0147", "language": "en"},
        "delivery": {
            "name": "Ada Lovelace", "line1": "12 Analytical Row", "city": "New York", "region": "NY",
            "postal_code": "10001", "country": "US",
        },
        "lines": wanted,
    })  # fmt: skip
    key = str(uuid.uuid4())
    order = good(place_order.sync_detailed(client=guest, body=wish, idempotency_key=key), HTTPStatus.CREATED)
    assert order.totals.shipping.amount == "0.00"
    customer = AuthenticatedClient(base_url=url, token=order.access_token)

    # she pays at the bank
    choice = StartPayment(provider="sandbox")
    started = good(start_payment.sync_detailed(order.number, client=customer, body=choice), HTTPStatus.CREATED)
    httpx.post(started.url, json={"client_secret": started.client_secret}).raise_for_status()
    until(lambda: get_order.sync_detailed(order.number, client=customer), lambda o: o.payment.status == "captured")

    # she follows what happens
    tell(f"paid {order.number}")
    delivered = until(
        lambda: get_order.sync_detailed(order.number, client=customer),
        lambda o: o.status == "completed" and o.shipments[0].parcels[0].status == "delivered",
    )
    clocks = {clock.kind: clock.due_at for clock in delivered.commitments}
    assert clocks["delivery"].year
    tracking = good(get_tracking.sync_detailed(order.number, client=customer))
    assert [scan.message for scan in tracking.shipments[0].parcels[0].events]
    timeline = good(get_timeline.sync_detailed(order.number, client=customer))
    assert "order_completed" in {entry.type_ for entry in timeline.items}

    # she asks, and is answered
    question = ContactForm.from_dict({
        "name": "Ada Lovelace", "email": email, "category": "logistics", "order_number": order.number,
        "subject": "Where was it left?", "message": "I cannot find it.",
    })  # fmt: skip
    receipt = good(open_ticket.sync_detailed(client=customer, body=question), HTTPStatus.CREATED)
    tell(f"asked {receipt.ticket_number}")
    reader = AuthenticatedClient(base_url=url, token=receipt.access_token)
    ticket = until(
        lambda: get_ticket.sync_detailed(receipt.ticket_number, client=reader),
        lambda t: any(message.author == "agent" for message in t.messages),
    )
    assert ticket.commitments[0].due_at.year

    # she sends everything back, and has her money again
    lines = [{"sku": line.sku, "quantity": line.quantity, "reason": "changed_mind"} for line in delivered.lines]
    request = RequestReturn.from_dict({"order_number": order.number, "lines": lines})
    returned = good(request_return.sync_detailed(client=customer, body=request), HTTPStatus.CREATED)
    tell(f"returned {returned.number}")
    closed = until(lambda: get_return.sync_detailed(returned.number, client=customer), lambda r: r.status == "closed")
    assert closed.instructions.line1
    assert {claim.status for claim in closed.refund.claims} == {"settled"}
    assert closed.refund.settled.amount == order.totals.goods.amount
    refunds = good(get_order.sync_detailed(order.number, client=customer)).refunds
    tell(f"refunded {' '.join(refund.amount.amount for refund in refunds)}")


if __name__ == "__main__":
    main(sys.argv[1])
