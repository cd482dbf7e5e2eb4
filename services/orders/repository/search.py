"""What orders are found by: their number and their customer, and the numbers of their parcels.

The customer's part is kept with the order's row, in every write of it, so it is right after each change and an erasure.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics import ids
from services.common.basics.personal import ERASED
from services.common.basics.searching import number_terms, phone_terms, terms, wanted
from services.common.store import search
from services.orders import tables
from services.orders.domain import Order

CUSTOMER, PARCELS = "customer", "parcels"
PARTS = {
    CUSTOMER: "the number, names, company, mailbox and phone of contact and delivery",
    PARCELS: "the tracking numbers of its parcels",
}
_WORDS = tables.search_words


class Found:
    """Keeps by what orders are found, as far as it does not stand in their rows."""

    def __init__(self, session: Session):
        self._session = session

    def by_parcels(self, order: Order, numbers: Iterable[str]) -> None:
        """Let the order be found by these tracking numbers, unless its customer is erased."""
        if order.email != ERASED:
            words = [term for number in numbers for term in number_terms(number)]
            search.put(self._session.connection(), _WORDS, order.order_number, PARCELS, words)

    def not_by_parcels(self, order: Order) -> None:
        """Forget the tracking numbers of an order, for its erasure."""
        search.forget(self._session, _WORDS, order.order_number, PARCELS)

    def mend(self, limit: int = 500) -> int:
        """Write the words of orders that code without a search has placed or erased, during an update or after one.

        Return how many there were: a page at most.
        """
        row = tables.orders.c
        told = search.is_told(_WORDS, CUSTOMER, row.order_number, row.email == ERASED)
        query = sa.select(Order).where(~told).order_by(row.order_number).limit(limit)
        found = self._session.scalars(query.with_for_update(skip_locked=True)).all()
        for order in found:
            search.replace(self._session.connection(), _WORDS, order.order_number, CUSTOMER, _terms_of(order))
            if order.email == ERASED:
                self.not_by_parcels(order)
        return len(found)


def mentions(text: str) -> sa.ColumnElement[bool]:
    """Match the orders that a person may mean by these words."""
    words = wanted(text, ids.fold_number(text, ids.ORDER))
    return search.matches(tables.orders.c.order_number, words, search.begins(_WORDS))


@sa.event.listens_for(Order, "after_insert")
def _keep(_mapper: object, connection: sa.Connection, order: Order) -> None:
    search.put(connection, _WORDS, order.order_number, CUSTOMER, _terms_of(order))


@sa.event.listens_for(Order, "after_update")
def _keep_right(_mapper: object, connection: sa.Connection, order: Order) -> None:
    told = sa.inspect(order).attrs
    if any(told[name].history.has_changes() for name in ("contact", "delivery")):
        search.replace(connection, _WORDS, order.order_number, CUSTOMER, _terms_of(order))


def _terms_of(order: Order) -> list[str]:
    contact, delivery = order.contact, order.delivery
    names = terms(order.order_number, contact.name, contact.email, delivery.name, delivery.company)
    return [*names, *phone_terms(contact.phone)]
