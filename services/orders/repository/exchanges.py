"""Goods sent in exchange, in the database. The lock of the order is held by who changes one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.orders import tables
from services.orders.domain.exchange import GoodsExchange

_ROW = tables.exchanges.c
_OF_ORDER = (
    sa.select(GoodsExchange)
    .where(_ROW.order_number == sa.bindparam("order"))
    .order_by(_ROW.created_at, _ROW.shipment_number)
)


class Exchanges:
    """The exchanges."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, exchange: GoodsExchange) -> None:
        self._session.add(exchange)
        self._session.flush()

    def find(self, shipment_number: str) -> GoodsExchange | None:
        """Return the exchange that this shipment was asked for by."""
        return self._session.get(GoodsExchange, shipment_number)

    def of_order(self, order_number: str) -> list[GoodsExchange]:
        """Return all exchanges of an order, oldest first."""
        return list(self._session.scalars(_OF_ORDER, {"order": order_number}))
