"""Locks on several tickets at once, taken in one order, so that they are never waited for in a circle.

What goes on in another ticket comes before the one in which it goes on, as a writer to it locks them; those that
have nothing to do with one another come in the order of their numbers.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.support import domain as d
from services.support import tables as t
from services.support.domain.merging import in_order

_ROW = t.tickets.c


def locked(session: Session, which: sa.ColumnElement[bool]) -> list[d.Ticket]:
    """Return the tickets that match, locked. One that matches no more once it is locked is left out."""
    goes_on: dict[str, str | None] = {}
    found = session.execute(sa.select(_ROW.number, _ROW.next_number).where(which)).all()
    wanted = {number for number, _ in found}
    while found:
        goes_on |= {number: after for number, after in found}
        missing = sorted({after for after in goes_on.values() if after} - goes_on.keys())
        query = sa.select(_ROW.number, _ROW.next_number).where(_ROW.number.in_(missing))
        found = session.execute(query).all() if missing else []
    held: list[d.Ticket] = []
    for level in in_order(goes_on):
        if mine := sorted(wanted.intersection(level)):
            own = sa.select(d.Ticket).where(_ROW.number.in_(mine), which).order_by(_ROW.number)
            held += session.scalars(own.with_for_update())
    return held
