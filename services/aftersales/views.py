"""A return as the API shows it: customers see what concerns them, staff also who found what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.aftersales.api.replies import (
    PostageView,
    ReturnDates,
    ReturnDecision,
    ReturnQuestion,
    ReturnRefund,
    ReturnRejection,
    ReturnReview,
    ReturnUnitView,
    ReturnView,
    SendTo,
)
from services.aftersales.api.statuses import ClaimCause, ClaimStatus, Decision, Outcome, PostageOutcome, ReturnStatus
from services.aftersales.domain import Postage, Return, ReturnUnit, Review
from services.common.basics.clock import rfc3339
from services.common.basics.money import Money
from services.common.basics.shapes import CommitmentView, money_view
from services.common.commitments import Clock

REJECTIONS = frozenset({Outcome.REJECTED, Outcome.APPEALED, Outcome.REJECTED_FINAL})


def return_view(item: Return, clocks: Iterable[Clock], now: datetime, *, to_staff: bool) -> ReturnView:
    view: ReturnView = {
        "number": item.number,
        "order_number": item.order_number,
        "status": item.status,
        "version": item.version,
        "outcome": item.outcome,
        "description": item.description,
        "evidence": item.evidence,
        "lines": [
            {"sku": line.sku, "quantity": line.quantity, "reason": line.reason} for line in item.requested().lines
        ],
        "units": [_unit(unit, to_staff=to_staff) for unit in item.units],
        "review": _review(item),
        "question": _question(item.reviews),
        "rejection": _rejection(item),
        "appeal": {"statement": item.appeal, "at": _time(item.appealed_at)} if item.appeal else None,
        "appeal_by": _time(item.appeal_by),
        "instructions": _send_to(item.instructions) if item.instructions else None,
        "send_by": _time(item.send_by),
        "shipment": {"carrier": item.carrier, "tracking_number": item.tracking_number} if item.sent_at else None,
        "refund": _refund(item),
        "postage": [_postage(item, each, to_staff=to_staff) for each in item.postage],
        "dates": _dates(item),
        "commitments": _commitments(item, clocks, now),
        "law": {"rule": item.law, "due_at": _time(item.law_due_at)} if item.law else None,
    }
    if to_staff:
        view["due_at"] = rfc3339(item.due_at)
        view["email"] = item.email
        view["requested_by"] = item.requested_by
        view["decisions"] = [_decision(review) for review in item.reviews]
    return view


def _time(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


def _unit(unit: ReturnUnit, *, to_staff: bool) -> ReturnUnitView:
    """Show a piece; what one person found and a second one has not confirmed is for staff."""
    tells = to_staff or unit.appealed_at is not None or unit.outcome not in (Outcome.DISPUTED, Outcome.UNCONFIRMED)
    view: ReturnUnitView = {
        "line_id": unit.line_id,
        "unit": unit.unit,
        "sku": unit.sku,
        "title": unit.title,
        "reason": unit.reason,
        "paid": money_view(unit.paid),
        "condition": unit.condition,
        "outcome": unit.outcome,
        "note": unit.note if tells else "",
        "ground": unit.ground if tells else None,
        "evidence": list(unit.evidence or ()) if tells else [],
        "sent_back": None,
        "withdrawn": unit.withdrawn_at is not None,
        "exchange": None,
    }
    if unit.replacement is not None:
        view["exchange"] = {"shipment_number": unit.replacement, "delivered_at": _time(unit.exchanged_at)}
    if unit.sent_back_at is not None:
        at = rfc3339(unit.sent_back_at)
        view["sent_back"] = {"carrier": unit.back_carrier, "tracking_number": unit.back_tracking, "at": at}
    if to_staff:
        view["disposition"], view["found_by"] = unit.disposition, unit.inspected_by
        view["confirmed_by"] = unit.confirmed_by or unit.rejected_by
    return view


def _review(item: Return) -> ReturnReview | None:
    """Show the three parts of the decision in force. A rejection without its confirmation does not count."""
    decided = [
        review
        for review in item.reviews
        if review.decision is Decision.AUTHORIZE or (review.decision is Decision.REJECT and item.ground is not None)
    ]
    if not decided:
        return None
    last = decided[-1]
    parts = {name: found["result"] for name, found in last.parts.items()}
    return {"decision": last.decision, "parts": parts, "at": rfc3339(last.at)}


def _question(reviews: Iterable[Review]) -> ReturnQuestion | None:
    asked = [review for review in reviews if review.decision is Decision.INFO]
    if not asked:
        return None
    last = asked[-1]
    return {
        "question": last.words,
        "asked_at": rfc3339(last.at),
        "answer": last.answer,
        "answered_at": _time(last.answered_at),
    }


def _rejection(item: Return) -> ReturnRejection | None:
    """Show the rejection of pieces after their inspection, or else that of the whole return."""
    pieces = [unit for unit in item.units if unit.outcome in REJECTIONS]
    if pieces and pieces[0].ground is not None:
        explanation = "\n\n".join(dict.fromkeys(unit.note for unit in pieces))
        final = all(unit.outcome is Outcome.REJECTED_FINAL for unit in pieces)
        return {"ground": pieces[0].ground, "explanation": explanation, "final": final}
    if item.ground is None:
        return None
    final = item.status is ReturnStatus.REJECTED_FINAL
    return {"ground": item.ground, "explanation": item.explanation, "final": final}


def _postage(item: Return, asked: Postage, *, to_staff: bool) -> PostageView:
    """Show a receipt; what one person found and a second one has not confirmed is for staff."""
    claim = next((claim for claim in item.claims if claim.claim == asked.claim), None)
    tells = to_staff or not asked.undecided
    view: PostageView = {
        "postage": asked.postage,
        "amount": money_view(asked.amount),
        "receipt": asked.receipt,
        "evidence": asked.evidence,
        "asked_at": rfc3339(asked.asked_at),
        "outcome": asked.outcome if tells else PostageOutcome.ASKED,
        "ground": asked.ground if tells else None,
        "note": asked.note if tells else "",
        "status": None if claim is None else claim.status,
        "settled_at": None if claim is None else _time(claim.settled_at),
    }
    if to_staff:
        view["asked_by"], view["found_by"], view["confirmed_by"] = asked.asked_by, asked.found_by, asked.confirmed_by
    return view


def _refund(item: Return) -> ReturnRefund:
    claims = [claim for claim in item.claims if claim.cause is ClaimCause.RETURN]
    settled = [claim for claim in claims if claim.status is ClaimStatus.SETTLED]
    return {
        "amount": money_view(item.refund),
        "settled": money_view(Money.total(claim.amount for claim in settled)),
        "claims": [
            {
                "amount": money_view(claim.amount),
                "status": claim.status,
                "claimed_at": rfc3339(claim.claimed_at),
                "settled_at": _time(claim.settled_at),
            }
            for claim in claims
        ],
    }


def _dates(item: Return) -> ReturnDates:
    settled = [claim.settled_at for claim in item.claims if claim.settled_at and claim.cause is ClaimCause.RETURN]
    dates: ReturnDates = {"requested_at": rfc3339(item.requested_at)}
    if item.authorized_at:
        dates["authorized_at"] = rfc3339(item.authorized_at)
    if item.sent_at:
        dates["sent_at"] = rfc3339(item.sent_at)
    if item.received_at:
        dates["received_at"] = rfc3339(item.received_at)
    if item.inspected_at:
        dates["inspected_at"] = rfc3339(item.inspected_at)
    if settled:
        dates["refunded_at"] = rfc3339(max(settled))
    if item.closed_at:
        dates["closed_at"] = rfc3339(item.closed_at)
    return dates


def _commitments(item: Return, clocks: Iterable[Clock], now: datetime) -> list[CommitmentView]:
    own = [clock for clock in clocks if clock.subject == item.number]
    return [clock.view(now) for clock in sorted(own, key=lambda clock: (clock.started_at, clock.kind))]


def _decision(review: Review) -> ReturnDecision:
    return {
        "decision": review.decision,
        "parts": review.parts,
        "ground": review.ground,
        "words": review.words,
        "by": review.by,
        "at": rfc3339(review.at),
        "answer": review.answer,
        "answered_at": _time(review.answered_at),
    }


def _send_to(address: Mapping[str, str]) -> SendTo:
    return {
        "name": address["name"],
        "line1": address["line1"],
        "city": address["city"],
        "postal_code": address["postal_code"],
        "country": address["country"],
        "reference": address["reference"],
    }
