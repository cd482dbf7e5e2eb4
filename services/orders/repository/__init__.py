"""Where orders are kept: the unit of work and its repositories. Every query has a name, an index and a limit.

Locks are taken in one order, so that no deadlock is possible: order, change or remedy, payment, refund, day of payouts,
product, stock place, stock in SKU order, discount; as the transaction ends, the series of documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Protocol

from services.common.store import database
from services.orders.repository.attention import Cases
from services.orders.repository.backorders import Backorders
from services.orders.repository.books import BankBooks
from services.orders.repository.changes import Changes
from services.orders.repository.discounts import Discounts
from services.orders.repository.disputes import Disputes
from services.orders.repository.documents import Documents
from services.orders.repository.exchanges import Exchanges
from services.orders.repository.ledger import LedgerEntries
from services.orders.repository.order_holds import OrderHolds
from services.orders.repository.orders import Checks, Fulfillments, Orders
from services.orders.repository.payments import Payments
from services.orders.repository.payouts import PayoutDays
from services.orders.repository.places import Places
from services.orders.repository.privacy import Erasing
from services.orders.repository.products import Products
from services.orders.repository.remedies import Remedies
from services.orders.repository.search import Found
from services.orders.repository.stock import Stock
from services.orders.settings import OrdersSettings

__all__ = ["Transaction", "Work"]

OURSELVES = "service:orders"


class Work(database.Work):
    """One transaction of the orders service."""

    settings: OrdersSettings

    @cached_property
    def products(self) -> Products:
        return Products(self.session)

    @cached_property
    def places(self) -> Places:
        return Places(self.session)

    @cached_property
    def stock(self) -> Stock:
        return Stock(self.session, self.caller.actor, self.now)

    @cached_property
    def backorders(self) -> Backorders:
        return Backorders(self.session)

    @cached_property
    def discounts(self) -> Discounts:
        return Discounts(self.session)

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.session)

    @cached_property
    def order_holds(self) -> OrderHolds:
        return OrderHolds(self.session)

    @cached_property
    def found(self) -> Found:
        return Found(self.session)

    @cached_property
    def checks(self) -> Checks:
        return Checks(self.session)

    @cached_property
    def payments(self) -> Payments:
        return Payments(self.session, self.now)

    @cached_property
    def payouts(self) -> PayoutDays:
        return PayoutDays(self.session, self.now)

    @cached_property
    def ledger(self) -> LedgerEntries:
        return LedgerEntries(self.session)

    @cached_property
    def cases(self) -> Cases:
        return Cases(self.session)

    @cached_property
    def disputes(self) -> Disputes:
        return Disputes(self.session)

    @cached_property
    def documents(self) -> Documents:
        return Documents(self.session, self.journal, self.now)

    @cached_property
    def books(self) -> BankBooks:
        return BankBooks(self.session)

    @cached_property
    def changes(self) -> Changes:
        return Changes(self.session)

    @cached_property
    def remedies(self) -> Remedies:
        return Remedies(self.session)

    @cached_property
    def exchanges(self) -> Exchanges:
        return Exchanges(self.session)

    @cached_property
    def fulfillments(self) -> Fulfillments:
        return Fulfillments(self.session)

    @cached_property
    def erasing(self) -> Erasing:
        return Erasing(self.session)

    def end(self) -> None:
        """Issue the documents of money that moved."""
        super().end()
        if "documents" in vars(self):
            self.documents.end()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Open a savepoint: a part of the transaction that may fail by itself."""
        with self.session.begin_nested():
            yield

    @contextmanager
    def as_ourselves(self) -> Iterator[None]:
        """Record as our own act what follows from what a customer did, without their name."""
        caller, self.caller = self.caller, replace(self.caller, actor=OURSELVES)
        try:
            yield
        finally:
            self.caller = caller


class Transaction(Protocol):
    """How a handler that does something outside of a transaction opens its own."""

    def __call__(self, *, reading: bool = False) -> AbstractContextManager[Work]: ...
