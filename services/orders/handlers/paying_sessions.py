"""Sessions at providers: ended when they should not be paid any more; and what no webhook told us.

A session ends when its order expired or was cancelled, or when a newer attempt has one of its own: after a card that
was declined another one may be tried in it. A customer who pays at that very moment has paid: the provider says so, and
the money is kept or goes back.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from services.common.basics.errors import ServiceError, Unavailable
from services.orders.domain import Payment
from services.orders.handlers import payments
from services.orders.handlers.submissions import Calls
from services.orders.repository import Transaction, Work
from services.orders.settings import OrdersSettings

log = logging.getLogger(__name__)


def next_end(work: Work) -> datetime | None:
    """Return when there is a session to end: now, or not before something happens."""
    return work.now if work.payments.sessions_to_end() else None


def end_sessions(transaction: Transaction, calls: Calls) -> None:
    """End the sessions that are not wanted any more. One whose provider does not answer is ended later."""
    with transaction(reading=True) as work:
        over, settings = work.payments.sessions_to_end(), work.settings
    for payment in over:
        calls.run(partial(_end, transaction, settings, payment))
    while calls.wait():  # each call ends: it has a time-out
        pass


def _end(transaction: Transaction, settings: OrdersSettings, payment: Payment) -> None:
    try:
        settings.provider(payment.provider).end(payment.session or "")
    except Unavailable as problem:
        log.warning("session of %s: %s", payment.payment_id, problem)
        return
    with transaction() as work:
        work.payments.forget_session(payment.payment_id, payment.session)


def take_missed(transaction: Transaction) -> None:
    """Take what providers could not tell us by webhook, each report once and by itself."""
    with transaction(reading=True) as work:
        settings = work.settings
    for name, provider in settings.providers.items():
        try:
            for fact in provider.missed():
                with transaction() as work:
                    payments.take_facts(work, name, [fact])
        except ServiceError as problem:
            log.warning("what %s could not tell us: %s", name, problem)
