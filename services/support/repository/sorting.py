"""The rules that sort what comes in, and how far orders are."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.edge.schemas import load
from services.common.store.statements import change_later
from services.support import domain as d
from services.support import tables as t
from services.support.api.sorting import PREVIEWED, OrderState, SortingRule
from services.support.domain.sorting import ORDER_MOVES, RuleBook
from services.support.repository.people import read_again

_CONTACT, _ROW, _SAID = t.order_contacts.c, t.tickets.c, t.messages.c


def _moved(*before: OrderState | None) -> sa.Update:
    """Move an order that is in one of these states."""
    fits: sa.ColumnElement[bool] = _CONTACT.state.in_([each for each in before if each is not None])
    if None in before:
        fits = sa.or_(_CONTACT.state.is_(None), fits)
    row = sa.update(t.order_contacts).where(_CONTACT.order_number == sa.bindparam("of"), fits)
    return row.values(state=sa.bindparam("to"))


_MOVES = {state: _moved(*before) for state, before in ORDER_MOVES.items()}
_TAKEN_BACK = _moved(OrderState.DELIVERED)
_RULES = sa.select(t.rule_books.c.rules).where(t.rule_books.c.id == 1)


class Sorting:
    """The book of rules."""

    def __init__(self, session: Session):
        self._session = session

    def book(self, *, lock: bool = False) -> RuleBook:
        """Return the book of rules."""
        query = sa.select(RuleBook).where(t.rule_books.c.id == 1)
        return self._session.execute(query.with_for_update() if lock else query).scalar_one()

    def rules(self) -> list[SortingRule]:
        """Return the rules, in their order."""
        return [load(SortingRule, rule) for rule in self._session.scalars(_RULES).one()]

    def state_of(self, order_number: str | None) -> OrderState | None:
        """Return how far an order is; None if it is not known."""
        query = sa.select(_CONTACT.state).where(_CONTACT.order_number == order_number)
        return self._session.execute(query).scalar_one_or_none() if order_number else None

    def note(self, order_number: str, state: OrderState, *, taken_back: bool = False) -> None:
        """Note how far an order is, unless it is further already. taken_back: a delivery was none."""
        read_again(self._session, order_number)
        moved = _TAKEN_BACK if taken_back else _MOVES[state]
        change_later(self._session, moved, {"of": order_number, "to": state})

    def latest(self) -> list[tuple[d.Ticket, str]]:
        """Return the latest tickets that a customer opened, each with its first message."""
        first = sa.and_(_SAID.ticket_number == _ROW.number, _SAID.position == 1, _SAID.author == "customer")
        query = sa.select(d.Ticket, _SAID.body).join(t.messages, first)
        latest = query.order_by(_ROW.opened_at.desc(), _ROW.number.desc()).limit(PREVIEWED)
        return [(ticket, body) for ticket, body in self._session.execute(latest)]
