"""Changes to an order as they are shown: what is proposed, what was agreed to, and an edit before it is made. Pure."""

from __future__ import annotations

from datetime import datetime

from services.common.basics.clock import rfc3339
from services.common.basics.money import Money
from services.common.basics.shapes import money_view
from services.orders.api import ChangeOptionView, ChangeView, Consent, ConsentView
from services.orders.api.changes import EditState
from services.orders.api.edits import EditPreview
from services.orders.api.statuses import EditBarrier
from services.orders.domain import Change, Option, Order
from services.orders.domain.values import address_view


def change_view(change: Change) -> ChangeView:
    """Show what the customer decides on. `digest` comes back with the answer."""
    return {
        "id": change.change_id,
        "order_number": change.order_number,
        "kind": change.kind,
        "status": change.status,
        "summary": change.summary,
        "options": [option_view(option) for option in change.options],
        "digest": change.digest,
        "consent": None if change.consent is None else consent_view(change.consent),
        "created_at": rfc3339(change.created_at),
        "expires_at": rfc3339(change.expires_at),
        "decided_at": rfc3339(change.decided_at) if change.decided_at else None,
        "own": change.own,
        "because": change.because,
    }


def option_view(option: Option) -> ChangeOptionView:
    return {
        "option": option["option"],
        "label": option["label"],
        "lines_after": option["lines_after"],
        "refund": option["refund"],
    }


def consent_view(consent: Consent) -> ConsentView:
    return {"by": consent.by, "at": consent.at, "how": consent.how, "option": consent.option, "digest": consent.digest}


def edit_state(barrier: EditBarrier | None) -> EditState:
    """Show whether the customer can edit the order now."""
    return {"possible": barrier is None, "because": barrier}


def edit_preview(
    order: Order, change: Change, option: Option, refund_by: datetime | None, *, asks_warehouse: bool,
    asks_mailbox: bool,
) -> EditPreview:  # fmt: skip
    """Show exactly what an edit would do; refund_by: None where nothing is paid back."""
    return {
        "order_number": order.order_number,
        "kind": change.kind,
        "summary": f"{change.summary} {option['label']}.",
        "lines_after": option["lines_after"],
        "delivery": option["delivery"] or address_view(order.delivery),
        "total_after": money_view(order.paid_for_rest - Money.parse(option["refund"]["amount"])),
        "refund": option["refund"],
        "refund_by": None if refund_by is None else rfc3339(refund_by),
        "asks_warehouse": asks_warehouse,
        "asks_mailbox": asks_mailbox,
        "version": order.version,
        "digest": change.seal(),
    }
