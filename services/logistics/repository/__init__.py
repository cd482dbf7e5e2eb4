"""Logistics' unit of work: every query has a name, an index and a limit.

Locks are always taken in one order: tracking numbers, then shipments, then the clocks and the journal. The lock
on a tracking number is what makes a parcel and a scan of it meet that are written at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from services.common.basics import ids
from services.common.basics.folding import fold
from services.common.basics.personal import ERASED
from services.common.basics.shapes import Page
from services.common.store import statements
from services.common.store.blind import MARK, Blind, begin, blind_plain_texts
from services.common.store.database import Work as KitWork
from services.common.store.pages import page
from services.common.store.sealed_rows import seal_plain_rows
from services.logistics import tables
from services.logistics.api.parts import fold_number, fold_parcel
from services.logistics.api.refusals import ParcelNotFound, ShipmentNotFound
from services.logistics.api.shipments import ListShipments
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain import KnownOrder, NewParcel, Place, Shipment
from services.logistics.domain.carriers import ALONE, is_same, names_of
from services.logistics.domain.tracking import FINISHED
from services.logistics.repository.costs import Costs
from services.logistics.repository.flaws import Flaws
from services.logistics.repository.labels import Labels
from services.logistics.repository.lanes import Lanes
from services.logistics.repository.manifests import Manifests
from services.logistics.repository.orders import Orders
from services.logistics.repository.parcels import Unmatched, Watches
from services.logistics.repository.raw import RawWebhooks
from services.logistics.repository.said import SaidOfNumbers
from services.logistics.repository.stock_places import StockPlaces
from services.logistics.repository.tracking import Tracking, spelled
from services.logistics.repository.wares import Wares
from services.logistics.settings import LogisticsSettings

PARCELS: Any = Shipment.parcels  # an attribute of the mapping, whatever the dataclass says
MOST_LOOKED_AT = 20
"""So many pages are looked through for one that holds something."""

_ONE = sa.select(Shipment).where(tables.shipments.c.number == sa.bindparam("number")).options(joinedload(PARCELS))
_ROW = tables.shipments.c
_OF_ORDER = sa.select(Shipment).where(_ROW.order_number == sa.bindparam("order")).order_by(_ROW.part).limit(100)
_OF_ORDER_LOCKED = _OF_ORDER.with_for_update()
_OF_ORDER_WITH_PARCELS = _OF_ORDER.options(joinedload(PARCELS))
_KEYS: sa.BindParameter[str] = sa.bindparam("keys", expanding=True)
_SPELLED: sa.BindParameter[str] = sa.bindparam("spelled", expanding=True)


def _holds_one() -> sa.ColumnElement[bool]:
    """Match the shipments of parcels that have these tracking numbers, or that scans of one were attached to."""
    shipped, scans = tables.parcels.c, tables.unmatched_scans.c
    unfolded = sa.and_(shipped.tracking_key.is_(None), shipped.tracking_number.in_(_SPELLED))
    attached = sa.select(scans.parcel_id).where(scans.tracking_number.in_(_KEYS), scans.parcel_id.is_not(None))
    theirs = sa.or_(shipped.tracking_key.in_(_KEYS), unfolded, shipped.id.in_(attached))
    return tables.shipments.c.number.in_(sa.select(shipped.shipment_number).where(theirs))


_NUMBERED = sa.select(tables.shipments.c.number).where(_holds_one()).order_by(tables.shipments.c.number)
_NUMBERED_LOCKED = _NUMBERED.with_for_update()
_WITH_NUMBERS = sa.select(Shipment).where(_holds_one()).order_by(tables.shipments.c.number).options(joinedload(PARCELS))
_ERASED = tables.shipments.c.order_number.in_(
    sa.select(tables.orders.c.order_number).where(tables.orders.c.email == ERASED)
)
_ERASED_WITH_NUMBERS = _NUMBERED.where(_ERASED).limit(1)


class Shipments:
    """Shipments with their parcels."""

    def __init__(self, session: Session, blind: Blind):
        self._session, self._blind = session, blind

    def add(self, shipment: Shipment) -> None:
        self._session.add(shipment)

    def get(self, number: str, *, lock: bool = False) -> Shipment:
        """Return the shipment.

        Raise NotFound `shipment_not_found`. lock: lock it and its parcels until the transaction ends. It is read in a
        statement of its own then: one that waits for the lock sees the parcels of before the wait.
        """
        if not ids.is_number(number, ids.SHIPMENT):
            raise ShipmentNotFound
        if lock:
            statements.lock(self._session, tables.shipments.c.number, number)
        found = self._session.scalars(_ONE, {"number": number}, execution_options={"populate_existing": lock})
        shipment = found.unique().one_or_none()
        if shipment is None:
            raise ShipmentNotFound
        return shipment

    def of_parcel(self, parcel_id: str) -> Shipment:
        """Return the shipment that holds this parcel. Raise NotFound `parcel_not_found` if there is none."""
        mine = sa.select(tables.parcels.c.shipment_number).where(tables.parcels.c.id == parcel_id)
        found = self._session.scalars(sa.select(Shipment).where(tables.shipments.c.number.in_(mine))).one_or_none()
        if found is None:
            raise ParcelNotFound
        return found

    def of_order(self, order_number: str, *, lock: bool = False) -> Sequence[Shipment]:
        """Return the shipments of an order. Locked, their parcels are read once the lock is held."""
        query = _OF_ORDER_LOCKED if lock else _OF_ORDER_WITH_PARCELS
        return self._session.scalars(query, {"order": order_number}).unique().all()

    def with_numbers(self, numbers: Iterable[str], *, lock: bool = False) -> Sequence[Shipment]:
        """Return the shipments that hold a parcel with one of these tracking numbers, in any spelling and with any
        carrier.

        This includes shipments with a parcel to which scans of such a number were attached. lock: their numbers are
        locked (`Tracking.lock`), and they are too, before they are read.
        """
        given = spelled(numbers)
        if lock:
            statements.lock_all(self._session, _NUMBERED_LOCKED, given)
        found = self._session.scalars(_WITH_NUMBERS, given, execution_options={"populate_existing": lock})
        return found.unique().all()

    def are_erased(self, numbers: Iterable[str]) -> bool:
        """Return whether one of the shipments of these numbers went to a customer who is erased."""
        return self._session.scalar(_ERASED_WITH_NUMBERS, spelled(numbers)) is not None

    def taken(self, parcels: Sequence[NewParcel], at: datetime, but: str = "") -> list[str]:
        """Return which of these numbers went out with the same carrier recently, under any of its names.

        at: when they are handed over; recently means in that year, or less than `ALONE` before. but: except for this
        parcel.
        """
        row, sent = tables.parcels.c, tables.shipments.c
        keys = {fold_number(parcel.tracking_number) for parcel in parcels}
        known = sa.func.coalesce(row.tracking_key, row.tracking_number)
        late = sa.or_(row.shipped_year == at.year, sent.dispatched_at > at - ALONE)
        query = sa.select(known, row.carrier).join_from(tables.parcels, tables.shipments)
        query = query.where(known.in_(sorted(keys)), row.id != but, late)
        others = [tuple(found) for found in self._session.execute(query)]
        mine = [(fold_number(parcel.tracking_number), parcel) for parcel in parcels]
        return sorted(
            parcel.tracking_number
            for place, (number, parcel) in enumerate(mine)
            if any(number == other and is_same(parcel.carrier, carrier) for other, carrier in others)
            or any(number == other and is_same(parcel.carrier, each.carrier) for other, each in mine[:place])
        )

    def of_carrier(self, carrier: str, limit: int = 100) -> Sequence[Shipment]:
        """Return the shipments that were handed over last and have a parcel of this carrier that may be on its way."""
        row, sent = tables.parcels.c, tables.shipments.c
        under_way = sa.and_(row.carrier == carrier, row.closed_at.is_(None), row.status.not_in(FINISHED))
        mine = sa.select(row.shipment_number).where(under_way)
        query = sa.select(Shipment).where(sent.dispatched_at.is_not(None), sent.number.in_(mine))
        return self._session.scalars(query.order_by(sent.dispatched_at.desc()).limit(limit)).all()

    def to_check(self, now: datetime, limit: int = 50) -> Sequence[Shipment]:
        """Return shipments that may have a late or stuck parcel. Each is locked for one replica."""
        row = tables.shipments.c
        query = sa.select(Shipment).where(row.check_at <= now).order_by(row.check_at).limit(limit)
        return self._session.execute(query.with_for_update(skip_locked=True)).scalars().all()

    def page(self, wanted: ListShipments, now: datetime) -> Page[Shipment]:
        """List them by the time at which they must have left; without a filter those still in the warehouse.

        How a shipment is doing is worked out for each, so a page of those that do may hold fewer than its limit; where
        it goes on is told all the same.
        """
        row, cursor = tables.shipments.c, wanted.cursor
        query, keys = self._looking_for(wanted), (row.dispatch_due_at, row.number)
        for _ in range(MOST_LOOKED_AT):
            found = page(self._session, query, keys, _itself, cursor=cursor, limit=wanted.limit)
            if wanted.health is None:
                return found
            items = [item for item in found["items"] if item.health(now, by_lane=True) is wanted.health]
            cursor = found["next_cursor"]
            if items or cursor is None:
                break
        return {"items": items, "next_cursor": cursor}

    def _looking_for(self, wanted: ListShipments) -> sa.Select[Any]:
        row, parcel = tables.shipments.c, tables.parcels.c
        query = sa.select(Shipment)
        if wanted.place is not None:
            query = query.where(row.place == wanted.place)
        if not wanted.looks_everywhere:
            return query.where(tables.IN_WAREHOUSE)
        if wanted.order_number is not None:
            query = query.where(row.order_number == wanted.order_number)
        if wanted.status is not None:
            query = query.where(row.status == wanted.status)
        if wanted.health is not None:
            query = query.where(row.status == ShipmentStatus.DISPATCHED)
        if wanted.doubted is not None:
            query = query.where(row.doubted if wanted.doubted else ~row.doubted)
        if wanted.carrier is not None:
            names = sorted(names_of(wanted.carrier))
            query = query.where(row.number.in_(sa.select(parcel.shipment_number).where(parcel.carrier.in_(names))))
        if wanted.due_before is not None:
            leaves = sa.and_(tables.IN_WAREHOUSE, row.dispatch_due_at < wanted.due_before)
            query = query.where(sa.or_(leaves, sa.and_(row.delivered_at.is_(None), row.due_at < wanted.due_before)))
        return query if wanted.q is None else query.where(self._mentions(wanted.q))

    def _mentions(self, text: str) -> sa.ColumnElement[bool]:
        """Match shipments that have that number, or hold a parcel with it, or go to a person of that name."""
        row, parcel = tables.shipments.c, tables.parcels.c
        holding = sa.or_(parcel.tracking_key == fold_number(text), parcel.tracking_number == text.strip())
        plainly = sa.and_(row.search.contains(fold(text), autoescape=True), sa.not_(row.search.startswith(MARK)))
        return sa.or_(
            row.order_number == ids.fold_number(text, ids.ORDER),
            row.number == (ids.fold_number(text, ids.SHIPMENT) or fold_parcel(text).rpartition("-")[0]),
            row.number.in_(sa.select(parcel.shipment_number).where(holding)),
            plainly if fold(text) else sa.false(),
            self._blind.mentions(row.search, text),
        )


def _itself(item: Shipment) -> Shipment:
    """Return the shipment itself: a page of shipments is shown after their holds were looked up together."""
    return item


class Work(KitWork):
    """One transaction of logistics."""

    settings: LogisticsSettings
    seals = (
        begin,
        partial(seal_plain_rows, kind=Shipment, name="destination"),
        partial(seal_plain_rows, kind=KnownOrder, name="changed_destination"),
        partial(blind_plain_texts, column=tables.orders.c.email),
    )

    @cached_property
    def orders(self) -> Orders:
        return Orders(self.session, self.blind)

    @cached_property
    def shipments(self) -> Shipments:
        return Shipments(self.session, self.blind)

    @cached_property
    def tracking(self) -> Tracking:
        return Tracking(self.session)

    @cached_property
    def unmatched(self) -> Unmatched:
        return Unmatched(self.session)

    @cached_property
    def flaws(self) -> Flaws:
        return Flaws(self.session)

    @cached_property
    def raw(self) -> RawWebhooks:
        return RawWebhooks(self.session)

    @cached_property
    def said(self) -> SaidOfNumbers:
        return SaidOfNumbers(self.session)

    @cached_property
    def watches(self) -> Watches:
        return Watches(self.session)

    @cached_property
    def wares(self) -> Wares:
        return Wares(self.session)

    @cached_property
    def labels(self) -> Labels:
        return Labels(self.session)

    @cached_property
    def manifests(self) -> Manifests:
        return Manifests(self.session)

    @cached_property
    def costs(self) -> Costs:
        return Costs(self.session)

    @cached_property
    def lanes(self) -> Lanes:
        return Lanes(self.session)

    @cached_property
    def stock_places(self) -> StockPlaces:
        return StockPlaces(self.session, self.settings)

    def origin_of(self, shipment: Shipment) -> Place:
        """Return where a shipment leaves from, and where a parcel of it is while nothing says otherwise."""
        return self.stock_places.working_days(shipment.place)

    @property
    def origin(self) -> Place:
        """Where the goods of the default place leave from."""
        return Place(self.settings.origin_calendar, self.settings.origin_zone)
