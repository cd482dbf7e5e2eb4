"""A return as the API shows it: customers see what concerns them, staff also who found what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.aftersales.domain import ClaimStatus, Decision, Return, ReturnStatus, ReturnUnit, Review
from services.common.basics.events import to_json
from services.common.basics.money import Money
from services.common.commitments import Clock


def shown(item: Return, clocks: Iterable[Clock], now: datetime, *, to_staff: bool) -> dict[str, Any]:
    """The REST form; see the gateway's `returns` for its schema."""
    view: dict[str, Any] = {
        "number": item.number,
        "order_number": item.order_number,
        "status": item.status,
        "version": item.version,
        "description": item.description,
        "evidence": item.evidence,
        "lines": item.requested().lines,
        "units": [_unit(unit) for unit in item.units],
        "review": _review(item),
        "question": _question(item.reviews),
        "rejection": _rejection(item),
        "appeal": item.appeal and {"statement": item.appeal, "at": item.appealed_at},
        "instructions": item.instructions or None,
        "send_by": item.send_by,
        "shipment": item.sent_at and {"carrier": item.carrier, "tracking_number": item.tracking_number},
        "refund": _refund(item),
        "dates": _dates(item),
        "commitments": _commitments(item, clocks, now),
    }
    if to_staff:
        view["due_at"] = item.due_at
        view["email"] = item.email
        view["decisions"] = [_decision(review) for review in item.reviews]
    plain: dict[str, Any] = to_json(view)
    return plain


def _unit(unit: ReturnUnit) -> dict[str, Any]:
    names = ("line_id", "unit", "sku", "title", "reason", "paid", "condition", "outcome", "note")
    return {name: getattr(unit, name) for name in names}


def _review(item: Return) -> dict[str, Any] | None:
    """The three parts of the decision that is in force; a rejection that nobody confirmed is none."""
    decided = [
        review
        for review in item.reviews
        if review.decision is Decision.AUTHORIZE or (review.decision is Decision.REJECT and item.ground is not None)
    ]
    if not decided:
        return None
    last = decided[-1]
    parts = {name: found["result"] for name, found in last.parts.items()}
    return {"decision": last.decision, "parts": parts, "at": last.at}


def _question(reviews: Iterable[Review]) -> dict[str, Any] | None:
    asked = [review for review in reviews if review.decision is Decision.INFO]
    if not asked:
        return None
    last = asked[-1]
    return {"question": last.words, "asked_at": last.at, "answer": last.answer, "answered_at": last.answered_at}


def _rejection(item: Return) -> dict[str, Any] | None:
    if item.ground is None:
        return None
    final = item.status is ReturnStatus.REJECTED_FINAL
    return {"ground": item.ground, "explanation": item.explanation, "final": final}


def _refund(item: Return) -> dict[str, Any]:
    settled = [claim for claim in item.claims if claim.status is ClaimStatus.SETTLED]
    return {
        "amount": item.refund,
        "settled": Money.total(claim.amount for claim in settled),
        "claims": [
            {
                "amount": claim.amount,
                "status": claim.status,
                "claimed_at": claim.claimed_at,
                "settled_at": claim.settled_at,
            }
            for claim in item.claims
        ],
    }


def _dates(item: Return) -> dict[str, Any]:
    """When it came how far; what has not happened is left out."""
    settled = [claim.settled_at for claim in item.claims if claim.settled_at]
    dates = {
        "requested_at": item.requested_at,
        "authorized_at": item.authorized_at,
        "sent_at": item.sent_at,
        "received_at": item.received_at,
        "inspected_at": item.inspected_at,
        "refunded_at": max(settled) if settled else None,
        "closed_at": item.closed_at,
    }
    return {name: at for name, at in dates.items() if at is not None}


def _commitments(item: Return, clocks: Iterable[Clock], now: datetime) -> list[dict[str, Any]]:
    own = [clock for clock in clocks if clock.subject == item.number]
    return [clock.to_json(now) for clock in sorted(own, key=lambda clock: (clock.started_at, clock.kind))]


def _decision(review: Review) -> dict[str, Any]:
    names = ("decision", "parts", "ground", "words", "by", "at", "answer", "answered_at")
    return {name: getattr(review, name) for name in names}
