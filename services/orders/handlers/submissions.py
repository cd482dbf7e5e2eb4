"""Sending refunds: claimed in one transaction, the provider called outside of any, the outcome written in another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from services.common.basics.errors import Conflict, Unavailable
from services.orders.domain import Refund, RefundStatus
from services.orders.handlers import paying
from services.orders.repository import Work
from services.orders.settings import OrdersSettings

UnitOfWork = Callable[[], AbstractContextManager[Work]]

log = logging.getLogger(__name__)


def claim_due(work: Work) -> list[Refund]:
    """Take up the refunds whose time has come: due, failed before, or never confirmed."""
    refunds = work.payments.refunds_to_drive()
    for refund in refunds:
        work.journal.record(refund.submit(work.now))
    return refunds


def drive(unit_of_work: UnitOfWork, settings: OrdersSettings, claimed: Iterable[Refund]) -> None:
    """Carry claimed refunds on, each by itself: one that fails holds up no other."""
    for refund in claimed:
        _drive(unit_of_work, settings, refund)


def _drive(unit_of_work: UnitOfWork, settings: OrdersSettings, refund: Refund) -> None:
    """Submit a claimed refund, or ask after one that the provider has; write down the outcome.

    When the provider does not answer nothing is known: the timer repeats it later, under the same key.
    """
    provider = settings.provider(refund.provider)
    try:
        if refund.status is RefundStatus.PENDING:
            facts = provider.fetch(refund)
            with unit_of_work() as work:
                paying.take_facts(work, settings, provider.name, facts)
            return
        reference = provider.refund(refund)
    except Unavailable as exc:
        log.warning("refund %s: %s", refund.refund_id, exc)
    except Conflict as exc:
        with unit_of_work() as work:
            refused(work, refund.refund_id, refund.attempt, exc.message)
    else:
        with unit_of_work() as work:
            accepted(work, refund.refund_id, refund.attempt, reference)


def accepted(work: Work, refund_id: str, attempt: int, reference: str) -> None:
    """The provider has it, if this attempt is still the one under way."""
    refund = work.payments.find_refund(refund_id)
    if refund is not None and refund.attempt == attempt:
        refund.accepted(reference, work.now)


def refused(work: Work, refund_id: str, attempt: int, reason: str) -> None:
    """The provider said no: no money moved, and it is still owed."""
    refund = work.payments.find_refund(refund_id)
    if refund is not None and refund.attempt == attempt:
        work.journal.record(refund.fail(reason, f"refused:{refund.key}", work.now))
