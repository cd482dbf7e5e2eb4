"""What the customer of an order does about a return."""

from __future__ import annotations

from services.aftersales.api.returns import AnswerInfo, AppealReturn, RequestReturn, WithdrawReturn
from services.aftersales.api.statuses import ReturnOutcome, ReturnStatus
from services.aftersales.api.terms import RETURN_REVIEW
from services.aftersales.domain import Return, ReturnUnit
from services.aftersales.handlers.clocks import keep_clocks, start_clock
from services.aftersales.handlers.files import name_files
from services.aftersales.handlers.returns import is_customer, of_customer, record, sees_all, take_back
from services.aftersales.repository import Work
from services.common.basics.api import OrderNotFound
from services.common.basics.ids import RETURN, new_number


def request_return(work: Work, request: RequestReturn) -> Return:
    """Take in an application made in time (standard, section 4: 60 days). The order's lock decides the order."""
    order = work.orders.get(request.order_number, lock=True)
    if not (sees_all(work.caller) or is_customer(work.caller, order.order_number, order.email)):
        raise OrderNotFound
    order.require_open(work.now)
    wanted = request.outcome or ReturnOutcome.REFUND
    limit = order.law(work.now) if wanted is ReturnOutcome.REFUND else None  # an exchange withdraws nothing
    chosen = order.choose(request.lines, work.returns.taken(order.order_number), work.now)
    number = new_number(RETURN)
    item = Return(
        number=number,
        order_number=order.order_number,
        email=order.email,
        zone=order.zone,
        description=request.description,
        evidence=list(request.evidence),
        requested_at=work.now,
        due_at=work.now,
        units=[
            ReturnUnit(number, unit.order_number, unit.line_id, unit.unit, unit.sku, unit.title, reason, unit.paid)
            for unit, reason in chosen
        ],
        requested_by=work.caller.actor if work.caller.is_staff else None,
        outcome=wanted,
    )
    work.returns.add(item)
    work.commitments.hold(number, new=True)
    work.journal.begin(number)
    if limit is not None:
        item.bind_by(limit)
    if limit is None or item.requested_by is not None:
        work.journal.record(item.requested())
        keep_clocks(work, item)
    else:
        withdraw_by_law(work, item)
    name_files(work, item, request.evidence)
    return item


def withdraw_by_law(work: Work, item: Return) -> None:
    """Take the declaration for what it is: the goods may come at once, without a decision."""
    review, rules = start_clock(work, RETURN_REVIEW, item), work.settings.rules
    sending = rules.send_by(work.now, item.zone)
    work.journal.record(*item.authorize_by_law(work.now, rules.instructions(item.number), sending))
    review.stop(work.now)
    work.commitments.save(review)
    item.due_at = sending


def answer_info(work: Work, number: str, told: AnswerInfo) -> Return:
    """Note the answer to the question, or that the goods were sent."""
    item = of_customer(work, number, told.version)
    if told.answer is not None:
        record(work, item, item.answer(told.answer, work.now))
        clock = work.commitments.resume(RETURN_REVIEW, number)
        item.due_at = clock.due_at if clock else work.now
        return item
    if item.status is ReturnStatus.LAPSED:
        work.orders.get(item.order_number).require_open(work.now)
        take_back(work, item)
    record(work, item, item.send(told.carrier, told.tracking_number, work.now))
    if item.law is not None:
        keep_clocks(work, item)
    return item


def appeal_return(work: Work, number: str, appeal: AppealReturn) -> Return:
    """Contest a rejection. Another person has as much time to decide as there was at first."""
    item = of_customer(work, number, appeal.version)
    record(work, item, item.contest(appeal.statement, work.now))
    keep_clocks(work, item)
    return item


def withdraw_return(work: Work, number: str, withdrawal: WithdrawReturn) -> Return:
    """Let the customer keep the goods; the pieces are free for another return."""
    item = of_customer(work, number, withdrawal.version)
    record(work, item, *item.withdraw(work.now))
    keep_clocks(work, item)
    return item
