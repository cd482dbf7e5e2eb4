"""Where orders are kept: the unit of work and its repositories. Every query has a name, an index and a limit.

Locks are taken in one order, so that nobody waits in a circle: order, change, payment, refund, stock in SKU order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from services.common.store import database
from services.orders.repository.changes import ChangeNotFound, Changes
from services.orders.repository.orders import Checks, Fulfillments, OrderNotFound, Orders
from services.orders.repository.payments import Payments
from services.orders.repository.products import ProductNotFound, Products
from services.orders.repository.stock import Stock

__all__ = ["ChangeNotFound", "OrderNotFound", "ProductNotFound", "Work"]


class Work(database.Work):
    """One transaction of the orders service."""

    @cached_property
    def products(self) -> Products:
        return Products(self.session)

    @cached_property
    def stock(self) -> Stock:
        return Stock(self.session, self.caller.actor, self.now)

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.session)

    @cached_property
    def checks(self) -> Checks:
        return Checks(self.session)

    @cached_property
    def payments(self) -> Payments:
        return Payments(self.session, self.now)

    @cached_property
    def changes(self) -> Changes:
        return Changes(self.session)

    @cached_property
    def fulfillments(self) -> Fulfillments:
        return Fulfillments(self.session)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the transaction that may fail by itself (savepoint)."""
        with self.session.begin_nested():
            yield
