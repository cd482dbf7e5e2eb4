"""Settling labels: what was asked of a seller is asked until it is known, and what it cost is written down.

Each label by itself: claimed, the seller called outside of any transaction, the outcome written in another. What is
cut off in between is done again; the seller knows it by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from logging import getLogger

from prometheus_client import Counter

from services.common.basics import clock
from services.common.basics.errors import Conflict, ServiceError
from services.common.basics.events import Event
from services.logistics.adapters.carriers import Refund, Seller
from services.logistics.api.labels import CarrierBusy, CarrierUnavailable, CostKind, LabelStatus
from services.logistics.domain.labels import MOST_ATTEMPTS, Bought, Label
from services.logistics.handlers import costs
from services.logistics.repository import Work

UNANSWERED = Counter("pledge_label_calls_failed_total", "calls about labels that a seller did not answer", ["seller"])
Transaction = Callable[..., AbstractContextManager[Work]]
Sellers = Mapping[str, Seller]
log = getLogger(__name__)
MOST_IN_A_ROW = 20
"""Labels that one sweep asks about."""


def settle_labels(transaction: Transaction, sellers: Sellers) -> None:
    """Ask sellers about the labels of which something is not known yet, or not done."""
    for _ in range(MOST_IN_A_ROW):
        label = _claim(transaction)
        if label is None:
            return
        carry_on(transaction, sellers, label)


def _claim(transaction: Transaction) -> Label | None:
    """Claim the next one. One by one: a claim that waits for others' calls would be stale when its own is made."""
    with transaction() as work:
        label = work.labels.next_due(work.now)
        if label is not None:
            label.begin(work.now)
    return label


def carry_on(transaction: Transaction, sellers: Sellers, label: Label) -> None:
    """Do what a claimed label waits for. A seller that does not answer is asked again later."""
    try:
        if label.seller not in sellers:
            raise CarrierUnavailable("it is not set up any more")
        _ask(transaction, sellers[label.seller], label)
    except ServiceError as silent:
        UNANSWERED.labels(label.seller).inc()
        log.warning("%s, of label %s: %s", label.seller, label.id, silent)
        code, words = silent.code, silent.message
        _note(transaction, label, lambda work, found: found.unanswered(code, words, work.now))


def _ask(transaction: Transaction, seller: Seller, label: Label) -> None:
    if label.status is LabelStatus.WANTED:
        _buy(transaction, seller, label)
    elif label.status is LabelStatus.VOIDING:
        _void(transaction, seller, label)
    else:
        pdf = seller.paper(label)
        with transaction() as work:
            found = _locked(work, label)
            if work.orders.is_erased(found.order_number):
                found.forget_paper()
            else:
                work.labels.keep_paper(label.id, pdf, work.now)
                found.has_paper()


def _buy(transaction: Transaction, seller: Seller, label: Label) -> None:
    try:
        bought = seller.buy(label)
    except (Conflict, CarrierBusy) as refused:
        if isinstance(refused, CarrierBusy) and label.attempts > 1:
            raise  # an attempt before this one may have reached it
        _note_refused(transaction, label, refused.code, refused.message)
    else:
        _note_bought(transaction, label, bought)


def _void(transaction: Transaction, seller: Seller, label: Label) -> None:
    """Give it back; first find out whether it is paid, where that is not known."""
    if label.bought_at is None:
        bought = seller.find(label)
        if bought is None:
            if not label.may_be_on_its_way(clock.now()):
                code, words = label.problem_code or "given_back", label.problem or "It was not bought."
                _note(transaction, label, lambda work, found: found.not_bought(code, words))
            return
        label = _note_bought(transaction, label, bought)
    refund = seller.void(label)
    if refund is Refund.DONE:
        _note(transaction, label, _refunded)
    elif refund is Refund.REFUSED and label.attempts > MOST_ATTEMPTS:
        _note(transaction, label, lambda work, found: found.not_refunded("The carrier keeps the money."))


def _note_refused(transaction: Transaction, label: Label, code: str, words: str) -> None:
    """Note that it was not sold, if this attempt is the only one: another may have reached the seller."""

    def take(work: Work, found: Label) -> Iterable[Event]:
        if label.attempts == 1 and found.called_at == label.called_at:
            return found.not_bought(code, words)
        return found.doubted(code, words, work.now)

    _note(transaction, label, take)


def _note_bought(transaction: Transaction, label: Label, bought: Bought) -> Label:
    def take(work: Work, found: Label) -> Iterable[Event]:
        told = found.bought(bought, work.now)
        if told:
            work.labels.note_cost(found, CostKind.BOUGHT, work.now)
            costs.note_postage(work, found.shipment_number)
        return told

    return _note(transaction, label, take)


def _refunded(work: Work, found: Label) -> Iterable[Event]:
    told = found.refunded()
    if told:
        work.labels.note_cost(found, CostKind.REFUNDED, work.now)
        costs.note_postage(work, found.shipment_number)
    return told


def _note(transaction: Transaction, label: Label, take: Callable[[Work, Label], Iterable[Event]]) -> Label:
    """Write an outcome into the label as it is now; of an erased customer nothing is kept that tells of them."""
    with transaction() as work:
        found = _locked(work, label)
        work.journal.record(*take(work, found))
        if work.orders.is_erased(found.order_number):
            found.forget_paper()
    return found


def _locked(work: Work, label: Label) -> Label:
    """Return the label, locked after its shipment, as all do."""
    work.shipments.get(label.shipment_number, lock=True)
    return work.labels.get(label.id, lock=True)
