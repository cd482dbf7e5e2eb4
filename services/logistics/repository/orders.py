"""What is remembered of orders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.personal import ERASED
from services.common.store.blind import Blind
from services.common.store.upsert import Insert, dialect_insert
from services.logistics import tables
from services.logistics.domain import KnownOrder


class Orders:
    """What is remembered of orders, and the changes that wait for their customers."""

    def __init__(self, session: Session, blind: Blind):
        self._session, self._blind = session, blind
        self._held: dict[str, bool] = {}

    def find(self, number: str) -> KnownOrder | None:
        return self._session.get(KnownOrder, number)

    def is_erased(self, number: str) -> bool:
        known = self.find(number)
        return known is not None and known.email == ERASED

    def is_of(self, number: str, email: str) -> bool:
        """Return whether the order is known to be of the customer with this mailbox."""
        known = self.find(number)
        return known is not None and known.email in self._blind.forms(email)

    def remember(self, number: str, email: str | None = None, time_zone: str | None = None) -> KnownOrder:
        """Return the order, locked. Add it if it was not known yet. Note whose it is, if they are named."""
        remember, anew = _remember(dialect_insert(self._session)), {"populate_existing": True}
        whose = self._blind.of(email) if email else None
        given = {"order": number, "customer": whose, "zone": time_zone}
        order: KnownOrder = self._session.scalars(remember, given, execution_options=anew).one()
        if whose and order.email != ERASED:  # what is told of it late changes nothing of that
            order.email, order.time_zone = whose, time_zone
        return order

    def hold(self, order_number: str, change_id: str, at: datetime, *, pauses: bool = True) -> None:
        """Hold the order since `at`, because a change waits for the customer. One that was released stays released.

        pauses: whether the promise of its shipments stands still meanwhile.
        """
        self._held.pop(order_number, None)
        insert = dialect_insert(self._session)(tables.holds)
        new = insert.values(change_id=change_id, order_number=order_number, released=False, pauses=pauses, held_at=at)
        self._session.execute(new.on_conflict_do_nothing())

    def release(self, order_number: str, change_id: str, at: datetime) -> None:
        """Release the hold of a change at `at`. Do so even if the hold arrives later."""
        self._held.pop(order_number, None)
        insert = dialect_insert(self._session)(tables.holds)
        new = insert.values(change_id=change_id, order_number=order_number, released=True, pauses=True, released_at=at)
        known = {
            "released": True,
            "released_at": sa.func.coalesce(tables.holds.c.released_at, new.excluded.released_at),
        }
        self._session.execute(new.on_conflict_do_update(index_elements=["change_id"], set_=known))

    def kept_back(self, order_number: str) -> list[tuple[datetime, datetime | None]]:
        """Return from when until when staff kept an order here while its promise went on."""
        hold = tables.holds.c
        query = sa.select(hold.held_at, hold.released_at).where(hold.order_number == order_number, ~hold.pauses)
        return [(begin, end) for begin, end in self._session.execute(query.limit(100)) if begin is not None]

    def held(self, order_numbers: Iterable[str]) -> set[str]:
        """Return which of these orders have a change that waits. Each is asked for once."""
        wanted = set(order_numbers)
        if unknown := wanted - self._held.keys():
            found = set(self._session.scalars(_HELD, {"orders": sorted(unknown)}))
            self._held.update({number: number in found for number in unknown})
        return {number for number in wanted if self._held[number]}

    def is_paused(self, order_number: str) -> bool:
        """Return whether a hold makes the promise of the order's shipments stand still."""
        return bool(set(self._session.scalars(_HELD.where(tables.holds.c.pauses), {"orders": [order_number]})))


_HELD = sa.select(tables.holds.c.order_number).where(
    tables.holds.c.order_number.in_(sa.bindparam("orders", expanding=True)), ~tables.holds.c.released
)


@cache
def _remember(insert: Insert) -> sa.Executable:
    new = insert(KnownOrder).values(
        order_number=sa.bindparam("order"),
        email=sa.bindparam("customer"),
        time_zone=sa.bindparam("zone"),
        changed_seq=0,
        changed_lines=(),
        cancelled=False,
        recall_asked=False,
    )
    own = {"order_number": new.excluded.order_number}  # changes nothing, and locks the row that is there
    return new.on_conflict_do_update(index_elements=["order_number"], set_=own).returning(KnownOrder)
