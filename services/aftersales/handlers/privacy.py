"""A customer's own data: the copy that they may have, and its erasure, for each order that orders has erased.

While a return of an order is open, its customer is still needed: that order waits, and a timer erases it.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.aftersales.api.events import ReturnsErased
from services.aftersales.api.returns import ListReturns
from services.aftersales.api.statuses import ReturnStatus
from services.aftersales.domain import Return
from services.aftersales.handlers import returns
from services.aftersales.repository import ORDER_GRANT, Work, none_open
from services.common.basics.message import Message
from services.common.basics.personal import CUSTOMER_ERASED, ERASED
from services.orders.api.events import OrderErased

ENDED = frozenset({ReturnStatus.CLOSED, ReturnStatus.REJECTED_FINAL, ReturnStatus.WITHDRAWN, ReturnStatus.LAPSED})
OPEN_RETURN = "a return of it is not finished"
SHOWN = 100


def on_order_erased(work: Work, event: OrderErased, message: Message) -> None:
    """Forget whose order it is and what was said about its returns, unless one of them is open."""
    work.orders.hold(event.order_number)
    if _is_open(work, event.order_number):
        work.erasures.wait(event.order_number, event.request_id)
        work.journal.record(
            ReturnsErased(order_number=event.order_number, request_id=event.request_id, waiting=OPEN_RETURN)
        )
        return
    _erase(work, event.order_number, event.request_id)


def erase_what_ended(work: Work) -> None:
    """Erase the orders whose returns were open, and have ended by now."""
    for number, request_id in work.erasures.waiting(none_open(ENDED)):
        work.orders.hold(number)
        if not _is_open(work, number):
            _erase(work, number, request_id)
            work.erasures.done(number)


def export_returns(work: Work) -> Mapping[str, object]:
    """Return the returns of the orders that the caller was found to be the customer of."""
    numbers = sorted(grant.removeprefix(ORDER_GRANT) for grant in work.caller.grants if grant.startswith(ORDER_GRANT))
    pages = (returns.list_returns(work, ListReturns(order_number=number, limit=SHOWN)) for number in numbers)
    return {"returns": [item for page in pages for item in page["items"]]}


def _is_open(work: Work, number: str) -> bool:
    return any(item.status not in ENDED for item in work.returns.of_order(number))


def _erase(work: Work, number: str, request_id: str) -> None:
    work.orders.forget(number)
    for item in work.returns.of_order(number):
        _erase_return(item)
    work.session.flush()
    work.erasures.forget_copies(number)
    work.erasures.drop_keys_of_order(number)
    work.journal.record(ReturnsErased(order_number=number, request_id=request_id))


def _erase_return(item: Return) -> None:
    """Overwrite what the customer wrote and sent; what staff found about the goods, and why, stays."""
    item.email = item.description = ERASED
    item.evidence = []
    item.appeal = item.appeal and ERASED
    for review in item.reviews:
        review.answer = review.answer and ERASED
    for postage in item.postage:
        postage.receipt, postage.evidence = ERASED, []
        if postage.asked_by.startswith("customer:"):
            postage.asked_by = CUSTOMER_ERASED
