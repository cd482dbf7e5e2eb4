"""What we do about parcels that do not arrive: asked of the customer, decided by the customer alone, done as agreed.

A question is about one shipment, and each shipment has at most one that is open. Its handlers hold the
lock of its order, so that an answer, a parcel that turns up and a second replica come one after the other.

This is the only module that calls `Order.pay_back`, and it has no way round the consent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.common.basics import ids
from services.common.basics.shapes import Page
from services.common.bus.travel import write_argument
from services.common.store.database import in_one
from services.orders import views
from services.orders.api import OrderStatus, RefundCause, StockAdjusted, WrongStatus
from services.orders.api.parts import WantedLine
from services.orders.api.remedies import (
    AnswerRemedy,
    ListRemedies,
    MissingLinesNeeded,
    OpenRemedy,
    ReceiveGoods,
    RemedyNotFound,
    RemedyStale,
    RemedyView,
    ShipmentNotSent,
)
from services.orders.api.statuses import RemedyReason, RemedyStatus
from services.orders.api.terms import REMEDY
from services.orders.domain import (
    Fulfillment,
    Option,
    Order,
    PackedLine,
    Remedy,
    remedy_options,
    stage_of_shipments,
    withdrawal_term,
)
from services.orders.domain.remedy import DECIDED, OPEN, REFUND, RESEND, UNSETTLED
from services.orders.handlers import access, accounts, cancellations, low_stock, refunds
from services.orders.handlers.promises import start_promise
from services.orders.handlers.remedy_units import pool_of
from services.orders.repository import Transaction, Work

LAST_EVENING = timedelta(hours=6)
"""A customer who waits is asked again so long before the last day ends, so that it is asked in time."""
ANSWERING = "the customer decides"


def list_remedies(work: Work, query: ListRemedies) -> Page[RemedyView]:
    """List what does not arrive, the next due first."""

    def show(remedy: Remedy) -> RemedyView:
        return views.remedy_view(remedy, staff=True)

    return work.remedies.page(show, status=query.status, cursor=query.cursor, limit=query.limit)


# the question


def open_question(
    work: Work,
    order: Order,
    shipment: Fulfillment,
    reason: RemedyReason,
    *,
    parcels: tuple[str, ...],
    pieces: Mapping[int, int],
    since: datetime,
    evidence: str = "",
) -> Remedy:
    """Ask the customer about so many pieces by line. Without pieces it is a draft, for a person to say which."""
    remedy_id = ids.new_number(ids.REMEDY)
    clock = start_promise(work, REMEDY, remedy_id, order.order_number, since=since)
    remedy = Remedy(
        remedy_id=remedy_id,
        order_number=order.order_number,
        shipment_number=shipment.shipment_number,
        parcels=parcels,
        reason=reason,
        proposed_by=work.caller.actor,
        created_at=work.now,
        due_at=clock.due_at,
        evidence=evidence,
    )
    if not _ask(work, order, remedy, pieces):
        work.journal.record(remedy.drafted())
    work.remedies.add(remedy)
    shipment.missing = True
    order.stage = stage_of_shipments(work.fulfillments.of_order(order.order_number))
    return remedy


def _ask(work: Work, order: Order, remedy: Remedy, pieces: Mapping[int, int]) -> bool:
    lines = remedy_options.choose_lines(order, pieces, pool_of(work, order, remedy.shipment_number))
    if not lines:
        return False
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.sku] = counts.get(line.sku, 0) + line.quantity
    levels = work.stock.levels(counts)
    in_stock = all(sku in levels and levels[sku].on_hand - levels[sku].reserved >= n for sku, n in counts.items())
    options = remedy_options.options(order, lines, in_stock=in_stock)
    work.journal.record(remedy.ask(lines, remedy_options.summary(order, remedy.reason, lines), options))
    return True


def note_told(work: Work, remedy_id: str, at: datetime) -> None:
    """Record that the customer was told of the choice. The clock pauses until they decide."""
    number = work.remedies.order_of(remedy_id)
    if number is None:
        return
    work.orders.find(number, lock=True)
    remedy = work.remedies.get(remedy_id)
    remedy.told_at = remedy.told_at or at
    if remedy.status is RemedyStatus.AWAITING_CUSTOMER:
        work.commitments.pause(REMEDY, remedy_id, ANSWERING, at)


def end_question(work: Work, remedy: Remedy, status: RemedyStatus, *, delivered: bool = False) -> None:
    """End a question without an answer, or a waiting: nothing was changed."""
    work.journal.record(remedy.close(status, work.now, delivered=delivered))
    work.commitments.stop(REMEDY, remedy.remedy_id, work.now)
    work.session.flush()  # before another question about the same shipment


def withdraw_questions(work: Work, shipment: Fulfillment, parcels: Sequence[str], *, delivered: bool) -> list[Remedy]:
    """Withdraw the questions about these parcels (all, if none is named), because they have turned up.

    Return the questions that were decided and acted upon before: a person has to look at those.
    """
    questions = questions_of_shipment(work, shipment)
    asked = [each for each in questions if _is_about(each, parcels)]
    for remedy in asked:
        if remedy.status in UNSETTLED:
            end_question(work, remedy, RemedyStatus.WITHDRAWN, delivered=delivered)
    _refresh(shipment, questions)
    return [remedy for remedy in asked if remedy.status in DECIDED]


def questions_of_shipment(work: Work, shipment: Fulfillment) -> list[Remedy]:
    """Return the questions about one shipment, oldest first."""
    found = work.remedies.of_order(shipment.order_number)
    return [each for each in found if each.shipment_number == shipment.shipment_number]


def _is_about(remedy: Remedy, parcels: Sequence[str]) -> bool:
    return not parcels or not remedy.parcels or bool(set(parcels) & set(remedy.parcels))


def _refresh(shipment: Fulfillment, questions: Iterable[Remedy]) -> None:
    """Mark the shipment as missing while a question about it is not settled. questions: all about it."""
    shipment.missing = any(each.status in UNSETTLED for each in questions)


# the answer


def answer_remedy(transaction: Transaction, number: str, answer: AnswerRemedy) -> RemedyView:
    """Take the customer's decision. One that came too late closes the question, and is refused after the commit."""
    asked = [number, write_argument(answer)]
    remedy = in_one(
        transaction, lambda work: work.once("answer_remedy", asked, lambda: decide_remedy(work, number, answer))
    )
    refuse_settled(remedy)
    return remedy


def decide_remedy(work: Work, number: str, answer: AnswerRemedy) -> RemedyView:
    """Carry out the customer's decision at once. Close what can no longer be decided; see `refuse_settled`."""
    order = access.get_own_order(work, number)
    remedy = _asked(work.remedies.of_order(number), answer.digest)
    shipment = _shipment(work, order, remedy.shipment_number)
    if not shipment.is_on_its_way or order.status is not OrderStatus.CONFIRMED or order.cancellation_open:
        end_question(work, remedy, RemedyStatus.STALE)
    elif remedy.units - pool_of(work, order, remedy.shipment_number):
        end_question(work, remedy, RemedyStatus.STALE)  # some of it was paid back otherwise: ask about the rest
        _repeat(work, order, shipment, remedy)
    else:
        _decide(work, order, remedy, answer)
    _refresh(shipment, questions_of_shipment(work, shipment))
    order.stage = stage_of_shipments(work.fulfillments.of_order(number))
    return views.remedy_view(remedy, staff=False)


def _decide(work: Work, order: Order, remedy: Remedy, answer: AnswerRemedy) -> None:
    agreed = access.build_consent(work, order, answer.option, answer.digest)
    chosen = remedy.decide(agreed, work.now)
    work.commitments.stop(REMEDY, remedy.remedy_id, work.now)
    if chosen["option"] == RESEND:
        _send_again(work, order, remedy, chosen)
    elif chosen["option"] == REFUND:
        _pay_back(work, order, remedy, chosen)
    else:
        work.journal.record(remedy.accepted(chosen, ask_again_at=_wait(work, remedy)))


def refuse_settled(remedy: RemedyView) -> None:
    """Tell the caller, once it is committed, that there was nothing left to decide."""
    if remedy["status"] == RemedyStatus.STALE:
        raise RemedyStale


def _asked(remedies: Iterable[Remedy], digest: str) -> Remedy:
    """Return the open question with that digest, else the open one: its digest is compared when it is decided."""
    shown = [remedy for remedy in remedies if remedy.digest]
    if not shown:
        raise RemedyNotFound
    waiting = [remedy for remedy in shown if remedy.status is RemedyStatus.AWAITING_CUSTOMER]
    if not waiting:
        raise WrongStatus(f"the question is {shown[-1].status}", details={"status": shown[-1].status.value})
    return next((remedy for remedy in waiting if remedy.digest == digest), waiting[-1])


def _send_again(work: Work, order: Order, remedy: Remedy, chosen: Option) -> None:
    """Promise the pieces from the shelf, OutOfStock when they are not there, and have them sent as a new shipment."""
    remedy.replacement = ids.number_after(ids.SHIPMENT, remedy.remedy_id)
    lines: tuple[PackedLine, ...] = tuple({"sku": line.sku, "quantity": line.quantity} for line in remedy.pieces)
    (place,) = low_stock.reserve(work, remedy.counts(), order.order_number, one_of=())
    work.journal.record(replace(remedy.accepted(chosen), place=place))
    work.fulfillments.add(Fulfillment(remedy.replacement, order.order_number, lines, place=place))
    work.session.flush()


def _pay_back(work: Work, order: Order, remedy: Remedy, chosen: Option) -> None:
    """Owe what the pieces cost. An order of which nothing is left ends with that."""
    payments = refunds.payments_of(work, order)
    accepted = remedy.accepted(chosen)
    ended = order.pay_back(remedy)
    work.journal.record(accepted, ended)
    if accepted.refund:
        units, law = sorted(remedy.units), withdrawal_term(order, work.now)
        refunds.owe_claim(work, payments, accepted.refund, RefundCause.REMEDY, remedy.remedy_id, units, law)
    accounts.balance_account(work, order, payments)
    if ended is not None:
        cancellations.close_changes(work, order.order_number)


def _wait(work: Work, remedy: Remedy) -> datetime:
    """Start the clock by which the customer is asked again, and plan that."""
    clock = start_promise(work, REMEDY, remedy.remedy_id, remedy.order_number)
    remedy.due_at = clock.due_at - LAST_EVENING
    return remedy.due_at


# by the clock


def ask_again(transaction: Transaction) -> None:
    """Ask the customers who waited and whose time has come, each in its own transaction."""
    with transaction(reading=True) as work:
        waiting = work.remedies.to_ask_again(work.now)
    for remedy_id, number in waiting:
        with transaction() as work:
            repeat_question(work, remedy_id, number)


def repeat_question(work: Work, remedy_id: str, number: str) -> None:
    """Repeat the question, because the parcel has still not come."""
    order = work.orders.get(number, lock=True)
    remedy = work.remedies.get(remedy_id)
    if remedy.status is not RemedyStatus.WAITING or remedy.due_at > work.now:
        return
    end_question(work, remedy, RemedyStatus.STALE)
    shipment = _shipment(work, order, remedy.shipment_number)
    _refresh(shipment, questions_of_shipment(work, shipment))
    if order.status is OrderStatus.CONFIRMED and shipment.is_on_its_way:
        _repeat(work, order, shipment, remedy)


def _repeat(work: Work, order: Order, shipment: Fulfillment, remedy: Remedy) -> None:
    """Ask once more, about those of the pieces that are still in the order; about none there is nothing to ask."""
    left = remedy.units & pool_of(work, order, shipment.shipment_number)
    pieces = Counter(line_id for line_id, _ in left)
    if pieces:
        open_question(
            work, order, shipment, remedy.reason, parcels=remedy.parcels, pieces=pieces, since=work.now,
            evidence=remedy.evidence,
        )  # fmt: skip


def _shipment(work: Work, order: Order, number: str) -> Fulfillment:
    return next(each for each in work.fulfillments.of_order(order.order_number) if each.shipment_number == number)


# by hand


def open_remedy(work: Work, number: str, wanted: OpenRemedy) -> RemedyView:
    """Ask the customer about a shipment of which an agent knows that it does not arrive, in the place of a draft."""
    order = work.orders.get(number, lock=True)
    access.same_version(order, wanted.version)
    return views.remedy_view(ask_customer(work, order, wanted), staff=True)


def ask_customer(work: Work, order: Order, wanted: OpenRemedy) -> Remedy:
    """Open that question. The order is locked."""
    shipments = work.fulfillments.of_order(order.order_number)
    shipment = next((each for each in shipments if each.shipment_number == wanted.shipment_number), None)
    if shipment is None or shipment.dispatched_at is None:
        raise ShipmentNotSent
    if order.status is not OrderStatus.CONFIRMED or not shipment.is_on_its_way:
        raise WrongStatus("nobody waits for this shipment any more", details={"status": order.status.value})
    unsettled = [each for each in questions_of_shipment(work, shipment) if each.status in UNSETTLED]
    asked = next((each for each in unsettled if each.status is RemedyStatus.AWAITING_CUSTOMER), None)
    if asked is not None:
        raise WrongStatus("the customer is being asked about this shipment", details={"status": asked.status.value})
    parcels = wanted.parcels or next((each.parcels for each in unsettled if each.status in OPEN), ())
    pieces = _named(work, order, shipment, wanted, parcels)
    since = min((each.created_at for each in unsettled if each.status in OPEN), default=work.now)
    for each in unsettled:
        end_question(work, each, RemedyStatus.STALE)
    return open_question(
        work, order, shipment, wanted.reason, parcels=parcels, pieces=pieces, since=since, evidence=wanted.evidence
    )


def _named(
    work: Work, order: Order, shipment: Fulfillment, wanted: OpenRemedy, parcels: Sequence[str]
) -> dict[int, int]:
    """Return how many pieces of each line do not arrive. Raise MissingLinesNeeded if that is not clear."""
    some = len(shipment.parcels) > 1 and set(parcels) != set(shipment.parcels)
    if wanted.lines is None and some:
        raise MissingLinesNeeded
    packed: dict[str, int] = {}
    for line in shipment.lines:
        packed[line["sku"]] = packed.get(line["sku"], 0) + line["quantity"]
    asked = packed if wanted.lines is None else _counts(wanted.lines)
    pieces = _by_line(order, asked, pool_of(work, order, shipment.shipment_number))
    found = sum(pieces.values())
    too_many = any(count > packed.get(sku, 0) for sku, count in asked.items())
    if not found or too_many or (wanted.lines is not None and found < sum(asked.values())):
        raise MissingLinesNeeded
    return pieces


def _by_line(order: Order, counts: Mapping[str, int], pool: set[tuple[int, int]]) -> dict[int, int]:
    """Divide the pieces of each product among the lines of the order that have units in the pool."""
    left, pieces = dict(counts), dict[int, int]()
    for line in order.lines:
        there = sum((line.line_id, unit) in pool for unit in line.units)
        taken = min(there, left.get(line.sku, 0))
        if taken:
            pieces[line.line_id] = taken
            left[line.sku] -= taken
    return pieces


def receive_goods(work: Work, remedy_id: str, goods: ReceiveGoods) -> RemedyView:
    """Put on the shelf again what the carrier brought back; never more than was in the parcels."""
    number = work.remedies.order_of(remedy_id)
    if number is None:
        raise RemedyNotFound
    work.orders.get(number, lock=True)
    remedy = work.remedies.get(remedy_id)
    counts, most = _counts(goods.lines), remedy.counts()
    if any(count > most.get(sku, 0) for sku, count in counts.items()):
        raise MissingLinesNeeded("no more can come back than was in the parcels", details={"most": most})
    work.journal.record(remedy.receive_goods(counts, goods.note, work.now))
    reason = f"came back: {remedy_id}"
    for sku, count in sorted(counts.items()):
        level = work.stock.adjust(sku, count, reason)
        if level is not None:
            on_hand, reserved = level.on_hand, level.reserved
            work.journal.record(StockAdjusted(sku=sku, delta=count, reason=reason, on_hand=on_hand, reserved=reserved))
    return views.remedy_view(remedy, staff=True)


def _counts(lines: Sequence[WantedLine]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.sku] = counts.get(line.sku, 0) + line.quantity
    return counts
