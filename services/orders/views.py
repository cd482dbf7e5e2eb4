"""What orders shows of itself: REST-ready JSON, with what is for staff's eyes left out for customers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from services.common.basics.events import to_json
from services.orders.domain import Change, Order, OrderStatus, Payment, Product, Refund, ReviewStatus

SHOWN_OPTION = ("option", "label", "lines_after", "refund")


@dataclass(frozen=True)
class Around:
    """What belongs to an order besides itself."""

    payments: Sequence[Payment] = ()
    refunds: Sequence[Refund] = ()
    changes: Sequence[Change] = ()
    checks: Sequence[Mapping[str, Any]] = ()
    commitments: Sequence[Mapping[str, Any]] = field(default=())


def stage_of(order: Order) -> str:
    """What the customer sees: one word for all axes."""
    if order.status is not OrderStatus.CONFIRMED:
        return order.status.value
    if order.review is ReviewStatus.NEEDS_CONTACT:
        return "contacting_you"
    if order.review is not ReviewStatus.PASSED:
        return "in_review"
    return order.stage or "preparing"


def order_summary(order: Order) -> dict[str, Any]:
    """One row of a list of orders."""
    return {
        "number": order.order_number,
        "status": order.status.value,
        "stage": stage_of(order),
        "version": order.version,
        "contact": {"name": order.contact.name, "email": order.email},
        "totals": order.totals,
        "review": {"status": order.review.value, "due_at": to_json(order.review_due_at)},
        "placed_at": to_json(order.placed_at),
    }


def order_view(order: Order, around: Around, *, staff: bool) -> dict[str, Any]:
    """All of an order that this service knows."""
    return {
        **order_summary(order),
        "contact": asdict(order.contact),
        "delivery": asdict(order.delivery),
        "lines": list(order.lines_body()),
        "review": {
            "status": order.review.value,
            "due_at": to_json(order.review_due_at),
            "checks": [_check(check, staff) for check in around.checks],
        },
        "payment": payment_view(_current(order, around.payments)),
        "refunds": [refund_view(refund) for refund in around.refunds],
        "changes": [change_view(change) for change in around.changes],
        "commitments": list(around.commitments),
        "cancellation": {"requested": order.cancellation_open, "reason": order.cancellation_reason},
        "return_policy": {"version": order.policy_version, "days": order.return_days},
        "expires_at": to_json(order.expires_at) if order.status is OrderStatus.AWAITING_PAYMENT else None,
        "confirmed_at": to_json(order.confirmed_at),
        "completed_at": to_json(order.completed_at),
    }


def payment_view(payment: Payment | None) -> dict[str, Any] | None:
    if payment is None:
        return None
    return {
        "id": payment.payment_id,
        "status": payment.status.value,
        "provider": payment.provider,
        "amount": to_json(payment.amount),
        "captured": to_json(payment.captured),
        "refunded": to_json(payment.refunded),
        "captured_at": to_json(payment.captured_at),
        "reason": payment.reason,
    }


def refund_view(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.refund_id,
        "status": refund.status.value,
        "amount": to_json(refund.amount),
        "cause": refund.cause.value,
        "reference": refund.reference,
        "created_at": to_json(refund.created_at),
        "submitted_at": to_json(refund.submitted_at),
        "settled_at": to_json(refund.settled_at),
    }


def change_view(change: Change) -> dict[str, Any]:
    """What the customer decides on; `digest` comes back with the answer."""
    return {
        "id": change.change_id,
        "order_number": change.order_number,
        "kind": change.kind.value,
        "status": change.status.value,
        "summary": change.summary,
        "options": [{name: option[name] for name in SHOWN_OPTION} for option in change.options],
        "digest": change.digest,
        "consent": None if change.consent is None else asdict(change.consent),
        "created_at": to_json(change.created_at),
        "expires_at": to_json(change.expires_at),
        "decided_at": to_json(change.decided_at),
    }


def product_view(product: Product, available: int | None = None) -> dict[str, Any]:
    """A product page; `available` pieces where it is known."""
    shown = {
        "sku": product.sku,
        "title": product.title,
        "price": to_json(product.price),
        "weight_g": product.weight_g,
        "origin_country": product.origin_country,
        "hs_code": product.hs_code,
        "description": product.description,
        "parameters": dict(product.parameters),
        "materials": product.materials,
        "usage": product.usage,
        "matches": list(product.matches),
        "active": product.active,
        "version": product.version,
    }
    return shown if available is None else {**shown, "available": available}


def _check(check: Mapping[str, Any], staff: bool) -> dict[str, Any]:
    shown = {"check": check["check"], "result": check["result"], "at": to_json(check["at"])}
    return {**shown, "evidence": check["evidence"], "by": check["by"]} if staff else shown


def _current(order: Order, payments: Sequence[Payment]) -> Payment | None:
    """The payment that counts: the one that pays for the order, else the latest attempt."""
    return order.paid_by(payments) or (payments[-1] if payments else None)
