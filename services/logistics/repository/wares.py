"""What the warehouse knows of products, and the shipments that are to be packed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.folding import code_key
from services.common.store.upsert import dialect_insert
from services.logistics import tables
from services.logistics.api.papers import PickListOf
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain.shipment import Shipment
from services.logistics.domain.wares import Ware

_ROW = tables.wares.c
_SHIPMENT, _HOLD = tables.shipments.c, tables.holds.c
_HELD = sa.exists().where(_HOLD.order_number == _SHIPMENT.order_number, ~_HOLD.released)
TO_PACK = (ShipmentStatus.QUEUED, ShipmentStatus.SORTING)


class Wares:
    """One row for each SKU, in any spelling."""

    def __init__(self, session: Session):
        self._session = session

    def find(self, sku: str) -> Ware | None:
        return self._session.get(Ware, code_key(sku))

    def remember(self, sku: str) -> Ware:
        """Return what is known of a product, locked. Add it if nothing is known yet."""
        key, insert = code_key(sku), dialect_insert(self._session)(tables.wares)
        new = insert.values(sku_key=key, sku=sku, product_version=0, version=0)
        self._session.execute(new.on_conflict_do_nothing())
        query = sa.select(Ware).where(_ROW.sku_key == key).with_for_update()
        return self._session.scalars(query, execution_options={"populate_existing": True}).one()

    def of_skus(self, skus: Iterable[str]) -> Mapping[str, Ware]:
        """Return what is known of these products, by SKU as it was asked for."""
        keys = {sku: code_key(sku) for sku in skus}
        query = sa.select(Ware).where(_ROW.sku_key.in_(sorted(set(keys.values()))))
        found = {each.sku_key: each for each in self._session.scalars(query)}
        return {sku: found[key] for sku, key in keys.items() if key in found}

    def with_gtin(self, gtin: str) -> Ware | None:
        return self._session.scalars(sa.select(Ware).where(_ROW.gtin == gtin)).one_or_none()

    def to_pack(self, of: PickListOf, most: int) -> Sequence[Shipment]:
        """Return the shipments that are to be packed and may leave, the next dispatch first."""
        query = sa.select(Shipment).where(*_to_pack(of), ~_HELD)
        return self._session.scalars(query.order_by(_SHIPMENT.dispatch_due_at, _SHIPMENT.number).limit(most)).all()

    def count_held(self, of: PickListOf) -> int:
        """Count the shipments that were to be packed, but whose order is on hold."""
        query = sa.select(sa.func.count()).select_from(tables.shipments).where(*_to_pack(of), _HELD)
        return self._session.execute(query).scalar_one()


def _to_pack(of: PickListOf) -> Iterator[sa.ColumnElement[bool] | sa.TextClause]:
    yield tables.IN_WAREHOUSE
    yield _SHIPMENT.status.in_(TO_PACK)
    if of.due_before is not None:
        yield _SHIPMENT.dispatch_due_at < of.due_before
    if of.place is not None:
        yield _SHIPMENT.place == of.place
