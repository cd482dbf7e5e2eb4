"""What is told to who waits for goods: that their day moved, or passed and no other is known."""

from __future__ import annotations

from services.orders.api import ChangeStatus, OrderStatus
from services.orders.domain import Order
from services.orders.domain.backorder import Backorder, News, news_of
from services.orders.domain.options import waiting_options
from services.orders.handlers import backorders, shortages
from services.orders.repository import Transaction, Work


def tell_of_moves(transaction: Transaction) -> None:
    """Tell each customer whose day is another one by now, in a transaction of its own."""
    with transaction(reading=True) as work:
        found = work.backorders.with_news(backorders.today(work))
    for number, sku in found:
        with transaction() as work:
            tell(work, number, sku)


def tell(work: Work, number: str, sku: str) -> None:
    """Ask the customer whether they wait for another day; a day that is no later is shown, and needs no answer."""
    order, product = work.orders.get(number, lock=True), work.products.get(sku)
    if order.status is not OrderStatus.CONFIRMED or order.cancellation_open:
        return
    for waiting in work.backorders.of_order(number):
        news = news_of(waiting, product.backorder_until, backorders.today(work)) if waiting.sku == sku else None
        if news is not None and not _is_asked_otherwise(work, waiting):
            _tell(work, order, waiting, news)


def _is_asked_otherwise(work: Work, waiting: Backorder) -> bool:
    """Return whether the customer is asked about other missing pieces of the product: one question at a time."""
    asked = work.changes.of_order(waiting.order_number, ChangeStatus.AWAITING_CUSTOMER)
    return any(each.sku == waiting.sku and each.change_id != waiting.change_id for each in asked)


def _tell(work: Work, order: Order, waiting: Backorder, news: News) -> None:
    backorders.withdraw_question(work, waiting)
    work.session.flush()  # one question at a time, also to the database
    waiting.told, waiting.change_id = news.until, None
    if not news.asks:
        return
    title = shortages.title_of(order, waiting.sku)
    expected = f"we expect them by {news.until}" if news.until else "we do not know yet by when they come"
    summary = f"{waiting.quantity} × {title} will not be here by {waiting.until}, as we had said: {expected}."
    match = shortages.match_of(work, waiting.sku, waiting.quantity)
    options = waiting_options(order, waiting.sku, waiting.quantity, match, news.until)
    change = shortages.ask(work, order, waiting.sku, summary, options, missing=waiting.quantity)
    waiting.change_id = change.change_id
