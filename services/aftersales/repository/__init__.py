"""Aftersales' unit of work: the orders it was told about, and its returns. Every query has an index and a limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from functools import cached_property, partial

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from services.aftersales import tables
from services.aftersales.api.refusals import ReturnNotFound
from services.aftersales.api.returns import ListReturns
from services.aftersales.api.statuses import Outcome, PostageOutcome, ReturnStatus, WaitsFor
from services.aftersales.domain import Order, Return, ReturnUnit
from services.aftersales.domain.postage import UNDECIDED as UNDECIDED_POSTAGE
from services.aftersales.domain.units import NOT_HERE, UNDECIDED
from services.aftersales.settings import AftersalesSettings
from services.common.basics.api import OrderNotFound
from services.common.basics.caller import AFTERSALES, AGENT, CUSTOMER, LEAD, Caller
from services.common.basics.money import Money
from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.commitments import Clock
from services.common.store import statements
from services.common.store import tables as kit
from services.common.store.database import Work as BaseWork
from services.common.store.pages import page
from services.common.store.upsert import add_those_new, values_of

ORDER_GRANT = "order:"


def none_open(ended: Iterable[ReturnStatus]) -> sa.ColumnElement[bool]:
    """Match the orders that wait to be erased (`kit.erasures`) and have no return but ended ones."""
    row = tables.returns.c
    return ~sa.exists().where(row.order_number == kit.erasures.c.subject, row.status.not_in(sorted(ended)))


class Work(BaseWork):
    """One transaction of aftersales."""

    settings: AftersalesSettings
    seals = (partial(tables.WHO.seal_plain, table=tables.orders),)

    def __init__(self, session: Session, caller: Caller, now: datetime, settings: AftersalesSettings):
        super().__init__(session, caller, now, settings)
        session.autoflush = False  # handlers read before they change: a flush in between only writes rows twice

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.session)

    @cached_property
    def returns(self) -> Returns:
        return Returns(self.session)

    def open_clocks(self, number: str) -> list[Clock]:
        """Return the clocks on a return that have not stopped, locked."""
        return [clock for clock in self.commitments.hold(number) if clock.stopped_at is None]

    def clock(self, number: str, clock_id: str) -> Clock:
        """Return one clock on a return, locked. One with several refund claims has several of a kind."""
        return next(clock for clock in self.commitments.hold(number) if clock.id == clock_id)


class Orders:
    """What is known of orders."""

    def __init__(self, session: Session):
        self._session = session

    def find(self, order_number: str, *, lock: bool = False) -> Order | None:
        """Find an order with its pieces. lock: lock it first, for as long as the transaction lasts."""
        if lock:
            self.lock(order_number)
        found = self._session.scalars(_ORDER, {"number": order_number}, execution_options={"populate_existing": lock})
        return found.unique().one_or_none()

    def get(self, order_number: str, *, lock: bool = False) -> Order:
        """Return the order. Raise OrderNotFound for an order that aftersales does not know."""
        order = self.find(order_number, lock=lock)
        if order is None:
            raise OrderNotFound
        return order

    def lock(self, order_number: str) -> None:
        """Lock the order until the transaction ends."""
        statements.lock(self._session, tables.orders.c.order_number, order_number)

    def email_of(self, order_number: str) -> str | None:
        """Return the customer's e-mail address, or None for an order that aftersales does not know."""
        row = tables.orders.c
        query = sa.select(row.email, row.own_key, row.sealed).where(row.order_number == order_number)
        known = self._session.execute(query).one_or_none()
        return None if known is None else str(tables.WHO.texts(known._asdict())["email"])

    def hold(self, order_number: str) -> None:
        """Lock the order without reading whose it is, which may want a key that is missing. Raise OrderNotFound."""
        row = tables.orders.c.order_number
        if self._session.scalar(sa.select(row).where(row == order_number).with_for_update()) is None:
            raise OrderNotFound

    def forget(self, order_number: str) -> None:
        """Forget whose order it is, with the key of it."""
        row = sa.update(tables.orders).where(tables.orders.c.order_number == order_number)
        self._session.execute(row.values(email=ERASED, own_key="", sealed=None))

    def paid_back(self, order_number: str) -> set[tuple[int, int]]:
        """Return the pieces that the order refunded itself: removed ones, and all of a cancelled order."""
        unit, order = tables.order_units.c, tables.orders.c
        query = (
            sa.select(unit.line_id, unit.unit)
            .join(tables.orders, order.order_number == unit.order_number)
            .where(unit.order_number == order_number, sa.or_(unit.removed, order.cancelled_at.is_not(None)))
        )
        return {(row.line_id, row.unit) for row in self._session.execute(query)}

    def remember(self, order: Order) -> None:
        """Keep an order, unless it is known."""
        row = {each.name: getattr(order, each.name) for each in fields(order) if each.name != "units"}
        add_those_new(self._session, tables.orders, tables.WHO.stored(row, tables.WHO.new_key()))
        add_those_new(self._session, tables.order_units, [values_of(unit, tables.order_units) for unit in order.units])


class Returns:
    """The returns."""

    def __init__(self, session: Session):
        self._session = session

    def get(self, number: str, *, lock: bool = False) -> Return:
        """Return the return of that number. Raise ReturnNotFound if there is none.

        lock: lock it until the transaction ends. It is read in statements of its own then: one that waits for the lock
        sees the pieces of before the wait.
        """
        if lock:
            statements.lock(self._session, tables.returns.c.number, number)
        anew = {"populate_existing": lock}
        found = self._session.scalars(_ONE, {"number": number}, execution_options=anew)
        item = found.unique().one_or_none()
        if item is None:
            raise ReturnNotFound
        units = self._session.scalars(_UNITS, {"number": number}, execution_options=anew)
        set_committed_value(item, "units", list(units))
        return item

    def add(self, item: Return) -> None:
        self._session.add(item)

    def of_order(self, order_number: str) -> list[Return]:
        """Return all returns of an order, oldest first. The lock on the order guards them."""
        row = tables.returns.c
        query = sa.select(Return).where(row.order_number == order_number).order_by(row.requested_at, row.number)
        return list(self._session.execute(query).scalars())

    def taken(self, order_number: str) -> set[tuple[int, int]]:
        """Return the pieces of an order that are in an active return, or were refunded by one."""
        unit = tables.return_units.c
        query = sa.select(unit.line_id, unit.unit).where(unit.order_number == order_number, unit.holds)
        return {(row.line_id, row.unit) for row in self._session.execute(query)}

    def brought_by(self, order_number: str, shipment_number: str) -> list[Return]:
        """Return the returns with pieces that this shipment brings in exchange, locked; before their order is."""
        unit = tables.return_units.c
        query = (
            sa.select(unit.return_number)
            .where(unit.replacement == shipment_number, unit.order_number == order_number)
            .distinct()
            .order_by(unit.return_number)
        )
        return [self.get(number, lock=True) for number in self._session.scalars(query).all()]

    def unsent(self, now: datetime, limit: int = 50) -> list[Return]:
        """Return authorized returns that were not sent in time, locked.

        Those another replica has locked are left out.
        """
        row = tables.returns.c
        query = (
            sa.select(Return)
            .where(row.status == ReturnStatus.AUTHORIZED, row.send_by < now)
            .order_by(row.send_by)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self._session.execute(query).scalars())

    def paid_alone(self, order_number: str) -> Money:
        """Sum what was accepted of an order's pieces and postage by one person alone, without a second one.

        Another piece that was sent is worth what the first one cost.
        """
        unit = tables.return_units.c
        pieces = sa.select(unit.paid).where(
            unit.order_number == order_number,
            unit.holds,
            unit.outcome == Outcome.ACCEPTED,
            unit.confirmed_by.is_(None),
        )
        postage = tables.return_postage.c
        sent = sa.select(postage.amount).where(
            postage.order_number == order_number,
            postage.outcome == PostageOutcome.ACCEPTED,
            postage.confirmed_by.is_(None),
        )
        exchanged = sa.select(unit.paid).where(
            unit.order_number == order_number,
            unit.replacement.is_not(None),
            unit.outcome == Outcome.EXCHANGED,
            unit.confirmed_by.is_(None),
        )
        return Money.total(self._session.execute(sa.union_all(pieces, exchanged, sent)).scalars())

    def unappealed(self, now: datetime, limit: int = 50) -> list[Return]:
        """Return returns with a rejection that was not appealed in time, locked.

        Those another replica has locked are left out.
        """
        row = tables.returns.c
        query = (
            sa.select(Return)
            .where(row.appeal_by < now)
            .order_by(row.appeal_by)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(self._session.execute(query).scalars())

    def page_for(self, caller: Caller, wanted: ListReturns) -> Page[Return]:
        """List returns. Staff: what waits longest comes first. Customers: their own, the newest first."""
        row = tables.returns.c
        query = sa.select(Return)
        if wanted.order_number is not None:
            query = query.where(row.order_number == wanted.order_number)
        if wanted.status is not None:
            query = query.where(row.status == wanted.status)
        if wanted.waits_for is not None:
            caller.require(AGENT, AFTERSALES, LEAD)
            query = query.where(_has_piece_that_waits_for(wanted.waits_for))
        if caller.has(AGENT, AFTERSALES, LEAD):
            keys = (row.due_at, row.number)
            return page(self._session, query, keys, _itself, cursor=wanted.cursor, limit=wanted.limit)
        query = query.where(sa.or_(sa.false(), *_own(caller)))
        keys = (row.requested_at, row.number)
        return page(self._session, query, keys, _itself, cursor=wanted.cursor, limit=wanted.limit, descending=True)


_ORDER = sa.select(Order).where(tables.orders.c.order_number == sa.bindparam("number")).options(joinedload("*"))
_ONE = (
    sa.select(Return)
    .where(tables.returns.c.number == sa.bindparam("number"))
    .options(
        *(joinedload(getattr(Return, few)) for few in ("reviews", "claims", "postage")),
        lazyload(getattr(Return, "units")),  # noqa: B009 (an attribute of the mapping)
    )
)
_UNITS = (
    sa.select(ReturnUnit)
    .where(tables.return_units.c.return_number == sa.bindparam("number"))
    .order_by(tables.return_units.c.line_id, tables.return_units.c.unit)
)
"""Its pieces, which may be many, come in a second statement, asked by hand; of all else there is a handful."""


def _has_piece_that_waits_for(wanted: WaitsFor) -> sa.ColumnElement[bool]:
    if wanted is WaitsFor.POSTAGE:
        postage = tables.return_postage.c
        return sa.exists().where(
            postage.return_number == tables.returns.c.number, postage.outcome.in_(sorted(UNDECIDED_POSTAGE))
        )
    unit = tables.return_units.c
    waiting = [unit.return_number == tables.returns.c.number]
    if wanted is WaitsFor.SECOND_LOOK:
        waiting.append(unit.outcome.in_(sorted(UNDECIDED)))
    else:
        waiting += [
            unit.outcome == Outcome.REJECTED_FINAL,
            unit.sent_back_at.is_(None),
            unit.condition.not_in(sorted(NOT_HERE)),
        ]
    return sa.exists().where(*waiting)


def _itself(item: Return) -> Return:
    """Return the return itself: a page of returns is shown after their clocks were looked up together."""
    return item


def _own(caller: Caller) -> Iterable[sa.ColumnElement[bool]]:
    row = tables.returns.c
    if CUSTOMER in caller.roles and caller.email:
        yield row.email == caller.email
    numbers = sorted(grant.removeprefix(ORDER_GRANT) for grant in caller.grants if grant.startswith(ORDER_GRANT))
    if numbers:
        yield row.order_number.in_(numbers)
