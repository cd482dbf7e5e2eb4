"""The order review over HTTP: what waits for a person, and what they found (standard, section 2)."""

from __future__ import annotations

from typing import Any

from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.schemas import Listing, page_of
from gateway.resources.schemas_orders import DecideReview, OrderSummary, Review
from services.common.basics.caller import REVIEWER

blp = Resource("reviews", "The review of orders: order information, payment, delivery")


@blp.route("/reviews", methods=["GET"])
@blp.allows(REVIEWER)
@blp.filters(Listing)
@blp.answers(200, page_of(OrderSummary))
def list_reviews(query: dict[str, Any]) -> dict[str, Any]:
    """List the reviews that are not over, the next due first."""
    return services().orders.list_reviews(query)  # type: ignore[no-any-return]


@blp.route("/orders/<number(ORD):number>/review", methods=["POST"])
@blp.allows(REVIEWER)
@blp.takes(DecideReview)
@blp.answers(200, Review)
def decide_review(body: dict[str, Any], number: str) -> dict[str, Any]:
    """Record what you found, and pass the order or have the customer asked.

    Passing needs all three checks passed, the latest finding of each counting. No decision here cancels an order.
    """
    return services().orders.decide_review(number, body)  # type: ignore[no-any-return]
