"""What tickets are found by: who they are with, what they are about, what was said, and the parcels of their order.

The terms are kept with the rows of tickets and messages, in every write of them. Tracking numbers are kept with the
number of their order, and lead to all its tickets.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics import ids
from services.common.basics.personal import ERASED
from services.common.basics.searching import number_terms, terms, wanted
from services.common.store import search
from services.support import domain as d
from services.support import tables as t

HEAD, SAID, PARCELS = "head", "said", "parcels"
PARTS = {
    HEAD: "the customer's name and mailbox, the subject, numbers of ticket, order and product",
    SAID: "the words of its messages and notes",
    PARCELS: "the tracking numbers of an order",
}
_WORDS = t.search_words
_FIELDS = ("customer_name", "customer_email", "subject", "order_number", "sku")


class Found:
    """Keeps by what tickets are found, as far as it does not stand in their rows."""

    def __init__(self, session: Session):
        self._session = session

    def by_parcels(self, contact: d.OrderContact, *numbers: str) -> None:
        """Let the tickets about an order be found by these tracking numbers, unless its customer is erased."""
        if contact.email != ERASED:
            words = [term for number in numbers for term in number_terms(number)]
            search.put(self._session.connection(), _WORDS, contact.order_number, PARCELS, words)

    def not_by_parcels(self, order_number: str) -> None:
        """Forget the tracking numbers of an order, for its erasure."""
        search.forget(self._session, _WORDS, order_number, PARCELS)

    def not_by_words(self, ticket_number: str) -> None:
        """Forget what was said in a ticket, for its erasure; what stands in its own row is kept up with that."""
        search.forget(self._session, _WORDS, ticket_number, SAID)

    def mend(self, limit: int = 500) -> int:
        """Write the words of tickets that code without a search has opened or erased, during an update or after one.

        Return how many there were: a page at most.
        """
        row = t.tickets.c
        told = search.is_told(_WORDS, HEAD, row.number, row.customer_email == ERASED)
        query = sa.select(d.Ticket).where(~told).order_by(row.number).limit(limit)
        found = self._session.scalars(query.with_for_update(skip_locked=True)).all()
        for ticket in found:
            search.replace(self._session.connection(), _WORDS, ticket.number, HEAD, _terms_of(ticket))
            if ticket.customer_email == ERASED:
                self.not_by_words(ticket.number)
        return len(found)


def mentions(text: str) -> sa.ColumnElement[bool]:
    """Match the tickets that a person may mean by these words."""
    words = wanted(text, *(ids.fold_number(text, kind) for kind in (ids.TICKET, ids.ORDER)))
    return search.matches(t.tickets.c.number, words, _having)


def _having(start: str) -> sa.Select[tuple[str]]:
    """Select the tickets with a term that begins so, their own or one of their order."""
    of_itself = search.begins(_WORDS)(start)
    about = t.tickets.alias("about").c
    of_order = sa.select(about.number).where(about.order_number.in_(of_itself))
    return sa.select(sa.union(of_itself, of_order).subquery().c[0])


@sa.event.listens_for(d.Ticket, "after_insert")
def _keep(_mapper: object, connection: sa.Connection, ticket: d.Ticket) -> None:
    search.put(connection, _WORDS, ticket.number, HEAD, _terms_of(ticket))


@sa.event.listens_for(d.Ticket, "after_update")
def _keep_right(_mapper: object, connection: sa.Connection, ticket: d.Ticket) -> None:
    told = sa.inspect(ticket).attrs
    if any(told[name].history.has_changes() for name in _FIELDS):
        search.replace(connection, _WORDS, ticket.number, HEAD, _terms_of(ticket))


@sa.event.listens_for(d.TicketMessage, "after_insert")
def _keep_said(_mapper: object, connection: sa.Connection, message: d.TicketMessage) -> None:
    search.put(connection, _WORDS, message.ticket_number, SAID, terms(message.body))


def _terms_of(ticket: d.Ticket) -> list[str]:
    return terms(ticket.number, *(getattr(ticket, name) for name in _FIELDS))
