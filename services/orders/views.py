"""What orders shows of itself, with what is for staff's eyes left out for customers. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.common.basics.clock import rfc3339
from services.common.basics.money import Money
from services.common.basics.shapes import CommitmentView, MoneyView, Timestamp, money_view
from services.orders.api import (
    AccountView,
    AttentionView,
    CheckView,
    ClientData,
    Contact,
    ContactView,
    OrderBody,
    OrderHead,
    OrderStage,
    OrderStatus,
    OrderSummary,
    OrderView,
    PaymentView,
    PlacedOrder,
    ProductView,
    RefundCause,
    RefundView,
    Repetition,
    ReportedAmount,
    ReportedAmountView,
    ReviewedOrder,
    ReviewStatus,
    ReviewView,
    StaffRefundView,
    TotalsView,
)
from services.orders.api.ceiling import Ceiling, RefundCeilingView
from services.orders.api.remedies import RemedyView
from services.orders.api.terms import OF_STAFF
from services.orders.backorder_views import backorder_view, terms_view
from services.orders.change_views import change_view, consent_view, edit_state, option_view
from services.orders.domain import (
    Account,
    Attention,
    Change,
    Fulfillment,
    ListedOrder,
    Order,
    Payment,
    Product,
    RecordedCheck,
    Refund,
    Remedy,
    held_until,
)
from services.orders.domain.account import BORNE
from services.orders.domain.attention import HOLDS_DISPATCH, HOLDS_PAYOUTS
from services.orders.domain.backorder import Backorder
from services.orders.domain.ceiling import Payouts
from services.orders.domain.currencies import reported
from services.orders.domain.edit import barrier_of
from services.orders.domain.refund import UNSENT
from services.orders.domain.values import address_view, line_view
from services.orders.price_views import applied_view

NOT_YET: ClientData = {}
"""What the client needs to pay is added when the reply is made, and never stored."""
FIRST: Repetition = {}
NOT_OF_PRICE = BORNE | {RefundCause.PAYMENT}


@dataclass(frozen=True)
class OrderContext:
    """What belongs to an order besides itself."""

    payments: Sequence[Payment] = ()
    refunds: Sequence[Refund] = ()
    changes: Sequence[Change] = ()
    shipments: Sequence[Fulfillment] = ()
    remedies: Sequence[Remedy] = ()
    checks: Sequence[RecordedCheck] = ()
    commitments: Sequence[CommitmentView] = ()
    repaid: Collection[tuple[int, int]] = ()
    cases: Sequence[Attention] = ()
    backorders: Sequence[Backorder] = ()


def shown_stage(order: Order | ListedOrder) -> OrderStage:
    """Return what the customer sees: one word for all statuses of the order."""
    if order.status is not OrderStatus.CONFIRMED:
        return OrderStage(order.status.value)
    if order.review is ReviewStatus.NEEDS_CONTACT:
        return OrderStage.CONTACTING_YOU
    if order.review is not ReviewStatus.PASSED:
        return OrderStage.IN_REVIEW
    return OrderStage(order.stage) if order.stage else OrderStage.PREPARING


def order_summary(order: Order | ListedOrder) -> OrderSummary:
    """Show an order as one row of a list."""
    return {
        **_head(order),
        "contact": {"name": order.contact.name, "email": order.email},
        "review": {"status": order.review, "due_at": _time(order.review_due_at)},
    }


def order_view(order: Order, around: OrderContext, *, staff: bool) -> OrderView:
    """Show all of an order that this service knows."""
    current = _current(order, around.payments)
    borne = Money.total(each.amount for each in around.refunds if each.cause in BORNE)
    account = Account.of(order, around.payments, around.repaid, around.cases, borne)
    return {
        **_body(order, around, staff=staff),
        "payment": None if current is None else payment_view(current),
        "account": account_view(account),
        "edit": edit_state(barrier_of(order, around.shipments, around.changes, account)),
    }


def placed_order(order: Order, payment: Payment, waits: Sequence[Backorder] = ()) -> PlacedOrder:
    """Show an order that was just placed, without what its client needs to pay it."""
    around = OrderContext(backorders=waits)
    return {**_body(order, around, staff=False), "payment": {**payment_view(payment), **NOT_YET}, **FIRST}


def reviewed_order(order: Order, checks: Sequence[RecordedCheck]) -> ReviewedOrder:
    """Show what a reviewer sees of an order after their decision."""
    return {
        "number": order.order_number,
        "status": order.status,
        "version": order.version,
        "review": review_view(order, checks, staff=True),
    }


def review_view(order: Order, checks: Sequence[RecordedCheck], *, staff: bool) -> ReviewView:
    return {
        "status": order.review,
        "due_at": _time(order.review_due_at),
        "checks": [_check(check, staff) for check in checks],
    }


def payment_view(payment: Payment) -> PaymentView:
    return {
        "id": payment.payment_id,
        "status": payment.status,
        "provider": payment.provider,
        "amount": money_view(payment.amount),
        "captured": money_view(payment.captured),
        "refunded": money_view(payment.refunded),
        "captured_at": _time(payment.captured_at),
        "reason": payment.reason,
        "received": None if payment.received is None else _reported(payment.received),
        "disputed_at": _time(payment.disputed_at),
        "underway_until": _time(payment.underway_until if payment.status == "pending" else None),
    }


def account_view(account: Account) -> AccountView:
    return {
        "captured": money_view(account.captured),
        "kept": money_view(account.kept),
        "refunded": money_view(account.refunded),
        "attention": money_view(account.attention),
        "missing": money_view(account.missing),
    }


def attention_view(case: Attention) -> AttentionView:
    """Show money that waits for a person's decision, as leads see it."""
    return {
        "payment_id": case.payment_id,
        "order_number": case.order_number,
        "kind": case.kind,
        "amount": _reported(reported(case.cents, case.currency)),
        "reason": case.reason,
        "reference": case.reference,
        "opened_at": rfc3339(case.opened_at),
        "due_at": rfc3339(case.due_at),
        "holds_payouts": case.is_open and case.kind in HOLDS_PAYOUTS,
        "holds_dispatch": case.is_open and case.kind in HOLDS_DISPATCH,
        "decisions": list(case.decisions) if case.is_open else [],
        "settled_at": _time(case.settled_at),
        "decision": case.decision,
        "settled_by": case.settled_by if case.decision else None,
        "note": case.note or None,
        "version": case.version,
    }


def staff_refund_view(refund: Refund, *, held: bool) -> StaffRefundView:
    """Show a refund as leads see it."""
    by_hand = refund.paid_by_hand
    return {
        **refund_view(refund),
        "order_number": refund.order_number,
        "payment_id": refund.payment_id,
        "provider": refund.provider,
        "reason": refund.reason,
        "attempt": refund.attempt,
        "payment_reference": refund.payment_reference,
        "provider_reference": refund.provider_reference,
        "held": held and refund.status in UNSENT,
        "waits_since": _time(refund.waits_since),
        "paid_by_hand": None if by_hand is None else {"by": by_hand.by, "proof": by_hand.proof, "at": by_hand.at},
        "version": refund.version,
    }


def refund_ceiling_view(day: Payouts, ceiling: Ceiling, on: date, waiting: int) -> RefundCeilingView:
    """Show what was paid back on that day, and how much more may be."""
    return {
        "day": on.isoformat(),
        "alarm": money_view(ceiling.alarm),
        "stop": money_view(ceiling.stop),
        "raised": money_view(Money.total(each.amount for each in day.raised)),
        "sent": money_view(day.total),
        "room": money_view(day.room(ceiling)),
        "waiting": waiting,
        "version": day.version,
    }


def _reported(amount: ReportedAmount) -> ReportedAmountView:
    return {"amount": amount.amount, "currency": amount.currency}


def refund_view(refund: Refund) -> RefundView:
    return {
        "id": refund.refund_id,
        "status": refund.status,
        "amount": money_view(refund.amount),
        "cause": refund.cause,
        "reference": refund.reference,
        "created_at": rfc3339(refund.created_at),
        "due_at": rfc3339(refund.due_at),
        "submitted_at": _time(refund.submitted_at),
        "settled_at": _time(refund.settled_at),
    }


def remedy_view(remedy: Remedy, *, staff: bool) -> RemedyView:
    """Show what does not arrive and what its customer may choose. `digest` comes back with the answer."""
    titles = {line["line_id"]: line["title"] for option in remedy.options for line in option["lines_after"]}
    shown: RemedyView = {
        "id": remedy.remedy_id,
        "order_number": remedy.order_number,
        "shipment_number": remedy.shipment_number,
        "parcels": list(remedy.parcels),
        "reason": remedy.reason,
        "status": remedy.status,
        "summary": remedy.summary,
        "lines": [
            {
                "line_id": line.line_id,
                "sku": line.sku,
                "title": titles.get(line.line_id, line.sku),
                "quantity": line.quantity,
            }
            for line in remedy.pieces
        ],
        "options": [option_view(option) for option in remedy.options],
        "digest": remedy.digest,
        "consent": None if remedy.consent is None else consent_view(remedy.consent),
        "replacement": remedy.replacement,
        "created_at": rfc3339(remedy.created_at),
        "told_at": _time(remedy.told_at),
        "due_at": rfc3339(remedy.due_at),
        "decided_at": _time(remedy.decided_at),
        "goods_back_at": _time(remedy.goods_back_at),
    }
    return {**shown, "evidence": remedy.evidence, "proposed_by": remedy.proposed_by} if staff else shown


def product_view(product: Product) -> ProductView:
    return {
        "sku": product.sku,
        "title": product.title,
        "price": money_view(product.price),
        "weight_g": product.weight_g,
        "origin_country": product.origin_country,
        "hs_code": product.hs_code,
        "description": product.description,
        "parameters": dict(product.parameters),
        "materials": product.materials,
        "usage": product.usage,
        "matches": list(product.matches),
        "active": product.active,
        "backorder_until": product.backorder_until,
        "backorder_at_most": product.backorder_at_most,
        "low_stock": product.low_stock,
        "version": product.version,
    }


def product_page(product: Product, on_hand: int, reserved: int, today: str) -> ProductView:
    """Show a product with the number of pieces that can be ordered now, in stock and beyond it."""
    beyond = terms_view(product, on_hand, reserved, today)
    return {**product_view(product), "available": max(on_hand - reserved, 0), "backorder": beyond}


def _head(order: Order | ListedOrder) -> OrderHead:
    return {
        "number": order.order_number,
        "status": order.status,
        "stage": shown_stage(order),
        "version": order.version,
        "totals": _totals(order),
        "placed_at": rfc3339(order.placed_at),
    }


def _body(order: Order, around: OrderContext, *, staff: bool) -> OrderBody:
    unpaid, head = order.status is OrderStatus.AWAITING_PAYMENT, _head(order)
    return {
        **head,
        "totals": {**head["totals"], "refunded": _refunded(around.refunds)},
        "contact": _contact(order.contact),
        "delivery": address_view(order.delivery),
        "lines": [line_view(line) for line in order.bought_lines()],
        "discount": applied_view(order.discount),
        "review": review_view(order, around.checks, staff=staff),
        "refunds": [refund_view(refund) for refund in around.refunds],
        "changes": [change_view(change) for change in around.changes],
        "backorders": [backorder_view(each) for each in around.backorders],
        "remedies": [remedy_view(remedy, staff=staff) for remedy in around.remedies if staff or remedy.digest],
        "commitments": [each for each in around.commitments if staff or each["kind"] not in OF_STAFF],
        "cancellation": {"requested": order.cancellation_open, "reason": order.cancellation_reason},
        "return_policy": {"version": order.policy_version, "days": order.return_days},
        "expires_at": _time(held_until(order, around.payments)) if unpaid else None,
        "confirmed_at": _time(order.confirmed_at),
        "completed_at": _time(order.completed_at),
    }


def _totals(order: Order | ListedOrder) -> TotalsView:
    """Show what the rest of the order costs, so that it fits the lines beside it."""
    rest = order.rest
    return {
        "goods": money_view(rest.paid),
        "shipping": money_view(order.shipping),
        "duties": money_view(order.duties),
        "total": money_view(rest.paid + order.shipping + order.duties),
        "ordered": money_view(order.total),
        "discount": money_view(rest.reduction),
        "tax": money_view(rest.tax),
    }


def _refunded(refunds: Sequence[Refund]) -> MoneyView:
    """Sum what is refunded of the order's price. A surplus, and what is our own money, were never part of it."""
    return money_view(Money.total(each.amount for each in refunds if each.cause not in NOT_OF_PRICE))


def _contact(contact: Contact) -> ContactView:
    return {
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "language": contact.language,
        "time_zone": contact.time_zone,
    }


def _check(check: RecordedCheck, staff: bool) -> CheckView:
    shown: CheckView = {"check": check.check, "result": check.result, "at": rfc3339(check.at)}
    return {**shown, "evidence": check.evidence, "by": check.by} if staff else shown


def _current(order: Order, payments: Sequence[Payment]) -> Payment | None:
    """Return the payment that counts: the one that pays for the order, else the latest attempt."""
    return order.paid_by(payments) or (payments[-1] if payments else None)


def _time(moment: datetime | None) -> Timestamp | None:
    return None if moment is None else rfc3339(moment)
