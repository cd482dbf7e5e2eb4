"""Sending refunds: claimed in one transaction, the provider called outside of any, the outcome written in another."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

from services.common.basics.errors import Conflict, Unavailable
from services.orders.api import RefundStatus
from services.orders.domain import Refund
from services.orders.handlers import ceilings, payments, refunds
from services.orders.repository import Transaction, Work
from services.orders.settings import OrdersSettings

KEY_IS_OLD = "there was no answer while the provider kept its key: look at the provider's desk whether it was paid"
ROUNDS = 20  # of looking for more while a bank takes its time; after them the timer comes again
log = logging.getLogger(__name__)


def claim_due(work: Work) -> list[Refund]:
    """Take up the refunds whose time has come: due, failed before, or never confirmed; not beyond the day's ceiling."""
    return _take_up(work)[0]


def _take_up(work: Work) -> tuple[list[Refund], bool]:
    """Return what is to be sent, and whether the ceiling stopped a refund or let one go that had waited."""
    gate = ceilings.Gate(work)
    going = [refund for refund in _repeatable(work) if gate.lets(refund)]
    for refund in going:
        refunds.record(work, refund, refund.submit(work.now))
    return going, gate.moved


def _repeatable(work: Work) -> list[Refund]:
    """Return what is due, but for what might be paid twice: its provider does not know its key any more."""
    found = []
    for refund in _due(work):
        if refund.outlived_key(work.settings.provider(refund.provider).keeps_keys, work.now):
            refunds.record(work, refund, refund.stop(KEY_IS_OLD))
        else:
            found.append(refund)
    return found


def _due(work: Work) -> list[Refund]:
    """Return the refunds whose time has come. What waits for a decision is put off until there is one."""
    due, doubtful = work.payments.refunds_to_drive(), work.payments.refunds_in_doubt()
    waiting = {number: refunds.stopped_of(work, number) for number in {each.order_number for each in doubtful}}
    for refund in doubtful:
        if refund.refund_id in waiting[refund.order_number]:
            refund.put_off(work.now)
        else:
            due.append(refund)
    return due


class Calls(Protocol):
    """How calls to the bank are made beside each other (services.common.runtime.parallel)."""

    def run(self, call: Callable[[], None]) -> None:
        """Start a call beside those under way. Wait while there are too many."""

    def wait(self) -> bool:
        """Wait a moment for calls that are under way. Return False when there are none any more."""


def drive_refunds(transaction: Transaction, calls: Calls) -> None:
    """Submit what is due or failed before, repeat what was never confirmed, ask after what has not settled.

    Each is carried on by itself: one that fails, or whose bank takes its time, holds up no other, and what becomes due
    meanwhile is taken up too.
    """
    for _ in range(ROUNDS):
        with transaction() as work:
            (claimed, moved), settings = _take_up(work), work.settings
        if moved:
            ceilings.put_in_front(transaction)
        for refund in claimed:
            calls.run(partial(_drive, transaction, settings, refund))
        if not calls.wait():
            return
    while calls.wait():  # each call ends: it has a time-out
        pass


def _drive(transaction: Transaction, settings: OrdersSettings, refund: Refund) -> None:
    """Submit a claimed refund, or ask after one that the provider has; write down the outcome.

    When the provider does not answer nothing is known: the timer repeats it later, under the same key.
    """
    provider, at_bank = settings.provider(refund.provider), refund.status is RefundStatus.PENDING
    try:
        facts = provider.fetch(refund) if at_bank else []
        reference = "" if at_bank else provider.refund(refund)
    except Unavailable as exc:
        log.warning("refund %s: %s", refund.refund_id, exc)
    except Conflict as exc:
        with transaction() as work:
            note_refusal(work, refund.refund_id, refund.attempt, exc.message)
    else:  # beyond the try: a Conflict of our own database is no refusal of the provider
        with transaction() as work:
            if at_bank:
                payments.take_facts(work, provider.name, facts)
            else:
                note_acceptance(work, refund.refund_id, refund.attempt, reference)


def note_acceptance(work: Work, refund_id: str, attempt: int, reference: str) -> None:
    """Record that the provider accepted the refund, if this attempt is still the one under way."""
    refund = work.payments.find_refund(refund_id)
    if refund is not None and refund.attempt == attempt:
        refund.accepted(reference, work.now)


def note_refusal(work: Work, refund_id: str, attempt: int, reason: str) -> None:
    """Record that the provider refused the refund: no money moved, and it is still owed."""
    number = work.payments.order_of_refund(refund_id)
    if number is not None:
        work.orders.find(number, lock=True)
    refund = work.payments.find_refund(refund_id)
    if refund is not None and refund.attempt == attempt:
        refunds.record(work, refund, refund.fail(reason, f"refused:{refund.key}", work.now))
