"""The review of orders: order information, payment, delivery (standard, section 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import REVIEWER
from services.common.basics.errors import Invalid
from services.common.basics.shapes import Length, Line, Page, PageQuery, Version
from services.orders.api.catalogue import VersionMoved
from services.orders.api.orders import OrderSummary, ReviewView
from services.orders.api.parts import Finding
from services.orders.api.refusals import OrderNotFound, WrongStatus
from services.orders.api.statuses import OrderStatus


class ChecksMissing(Invalid):
    """The findings do not carry the decision.

    details: checks.
    """

    code = "checks_missing"
    message = "A review passes with three passed checks; say what you found for those that failed."


@dataclass(frozen=True)
class DecideReview:
    """pass wants all three checks passed; contact wants one that failed."""

    decision: Literal["pass", "contact"]
    checks: Annotated[tuple[Finding, ...], Length(0, 3)] = ()
    note: Annotated[str, Line(1000, min=0)] = ""
    version: Version | None = None

    examples: ClassVar[Mapping[str, object]] = {
        "pass": {
            "decision": "pass",
            "checks": [{"check": "delivery", "result": "passed", "evidence": "called; the address is right"}],
        },
        "contact": {
            "decision": "contact",
            "checks": [{"check": "delivery", "result": "failed", "evidence": "nobody answers that number"}],
        },
    }


class ReviewedOrder(TypedDict):
    """An order after a decision of its review."""

    number: str
    status: OrderStatus
    version: int
    review: ReviewView


class Reviews(Api):
    """What waits for a person, and what they found."""

    @query(roles=(REVIEWER,), personal=True)
    def list_reviews(self, query: PageQuery) -> Page[OrderSummary]:
        """List the reviews that are not over, the next due first."""

    @command(roles=(REVIEWER,), errors=(OrderNotFound, WrongStatus, ChecksMissing, VersionMoved))
    def decide_review(self, number: str, decision: DecideReview) -> ReviewedOrder:
        """Record what you found, and pass the order or have the customer asked.

        Passing needs all three checks passed, the latest finding of each counting. No decision here cancels an order.
        With If-Match only if the order is still the version that was seen: 412 `version_moved`.
        """
