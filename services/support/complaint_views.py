"""How a complaint is shown: to its customer what they were told, to staff all of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.common.basics.clock import rfc3339
from services.common.basics.money import CURRENCY, Money
from services.common.basics.shapes import MoneyView
from services.support.api.complaint_views import (
    CauseCount,
    ComplaintReport,
    ComplaintView,
    DecidedComplaint,
    DecisionView,
    Improvement,
)
from services.support.api.statuses import ComplaintCause, ComplaintDecision, ComplaintStatus, RefundState
from services.support.api.terms import COMPLAINT_ACKNOWLEDGMENT, COMPLAINT_DECISION
from services.support.domain import Complaint, Ticket, TicketClocks
from services.support.domain.bodies import AS_OF, next_body
from services.support.domain.complaint import Decision

BETWEEN_US = frozenset({ComplaintStatus.PROPOSED, ComplaintStatus.ARRANGING})
MOST_IMPROVEMENTS = 100


def complaint(
    item: Complaint, ticket: Ticket, clocks: TicketClocks, now: datetime, *, to_staff: bool, proven: bool
) -> ComplaintView:
    """Show a complaint. proven: the reader has shown that they read the customer's mail; else what was said is left
    out."""
    between_us = item.status in BETWEEN_US and not to_staff
    shown: ComplaintView = {
        "ticket_number": item.ticket_number,
        "status": ComplaintStatus.INVESTIGATING if between_us else item.status,
        "received_at": rfc3339(item.received_at),
        "acknowledge_by": _moment(clocks.due(COMPLAINT_ACKNOWLEDGMENT)),
        "acknowledged_at": _moment(item.acknowledged_at),
        "told": item.told if proven else None,
        "told_at": _moment(item.told_at),
        "decide_by": _moment(clocks.due(COMPLAINT_DECISION)),
        "decision": _decision(item.decision, to_staff=to_staff) if proven else None,
        "may_object": item.may_object and proven and not ticket.too_late(now),
        "objected_at": _moment(item.objected_at),
        "earlier": _decision(item.earlier_decision, to_staff=to_staff) if proven else None,
        "version": ticket.version if to_staff else ticket.public_version,
    }
    if to_staff:
        shown["owner"], shown["findings"], shown["why"] = item.owner, item.findings, item.why
        shown["proposal"], shown["changed"] = _decision(item.waiting, to_staff=True), item.changed
    return shown


def row(item: Complaint) -> DecidedComplaint:
    """Show a decided complaint as a row of the report."""
    found = _last(item)
    return {
        "ticket_number": item.ticket_number,
        "received_at": rfc3339(item.received_at),
        "decided_at": _moment(found.decided_at) or "",
        "cause": found.cause,
        "decision": found.decision,
        "remedy": found.remedy,
        "refunded": _money(_refunded(item)),
        "objected": item.objected_at is not None,
        "changed": item.changed,
    }


def report(found: Iterable[Complaint], since: datetime, until: datetime, open_now: int) -> ComplaintReport:
    """Count decided complaints by cause, those that happen most first."""
    counts: dict[ComplaintCause, CauseCount] = {}
    sums: dict[ComplaintCause, int] = {}
    improvements: list[Improvement] = []
    decided = objected = 0
    for item in found:
        last = _last(item)
        decided, objected = decided + 1, objected + (item.objected_at is not None)
        count = counts.setdefault(last.cause, _empty(last.cause))
        count["total"] += 1
        match last.decision:
            case ComplaintDecision.UPHELD:
                count["upheld"] += 1
            case ComplaintDecision.PARTLY:
                count["partly"] += 1
            case ComplaintDecision.NOT_UPHELD:
                count["not_upheld"] += 1
        paid = _refunded(item)
        sums[last.cause] = sums.get(last.cause, 0) + (paid.cents if paid else 0)
        if item.changed:
            count["changed"] += 1
            improvements.append(
                {
                    "ticket_number": item.ticket_number,
                    "cause": last.cause,
                    "decided_at": _moment(last.decided_at) or "",
                    "changed": item.changed,
                }
            )
    for cause, count in counts.items():
        count["refunded"] = _usd(Money(sums[cause]))
    return {
        "since": rfc3339(since),
        "until": rfc3339(until),
        "decided": decided,
        "objected": objected,
        "open": open_now,
        "causes": sorted(counts.values(), key=lambda count: (-count["total"], count["cause"])),
        "improvements": improvements[:MOST_IMPROVEMENTS],
    }


def _empty(cause: ComplaintCause) -> CauseCount:
    zero = _usd(Money(0))
    return {"cause": cause, "total": 0, "upheld": 0, "partly": 0, "not_upheld": 0, "refunded": zero, "changed": 0}


def _last(item: Complaint) -> Decision:
    """Return the decision in force, or the one that was objected to before they decided again."""
    found = item.decision or item.earlier_decision
    assert found is not None, "only decided complaints are reported"
    return found


def _refunded(item: Complaint) -> Money | None:
    """Return what is or was paid back for it, if anything."""
    paid = [each.amount for each in (item.decision, item.earlier_decision) if each and each.refund_id and each.amount]
    return Money.total(paid) if paid else None


def _decision(found: Decision | None, *, to_staff: bool) -> DecisionView | None:
    if found is None:
        return None
    body = None if found.decision is ComplaintDecision.UPHELD else next_body(found.country)
    shown: DecisionView = {
        "decision": found.decision,
        "reasons": found.reasons,
        "remedy": found.remedy,
        "remedy_note": found.remedy_note,
        "amount": _money(found.amount),
        "remedy_id": found.remedy_id,
        "next_body": body and {"name": body.name, "url": body.url, "as_of": AS_OF.isoformat()},
        "decided_at": _moment(found.decided_at),
        "refund": None,
    }
    if found.refund_id is not None and found.amount is not None and found.refund_due_at is not None:
        shown["refund"] = {
            "amount": _usd(found.amount),
            "state": found.refund_state or RefundState.DUE,
            "due_at": rfc3339(found.refund_due_at),
            "settled_at": _moment(found.refund_settled_at),
        }
    if to_staff:
        shown["cause"], shown["by"], shown["agreed_by"] = found.cause, found.by, found.agreed_by
    return shown


def _money(amount: Money | None) -> MoneyView | None:
    return None if amount is None else _usd(amount)


def _usd(amount: Money) -> MoneyView:
    return {"amount": str(amount), "currency": CURRENCY}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
