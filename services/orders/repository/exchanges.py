"""Goods sent in exchange, in the database. The lock of the order is held by who changes one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.orders import tables
from services.orders.domain.exchange import Exchange

_ROW = tables.exchanges.c
_OF_ORDER = (
    sa.select(Exchange)
    .where(_ROW.order_number == sa.bindparam("order"))
    .order_by(_ROW.created_at, _ROW.shipment_number)
)


class Exchanges:
    """The exchanges."""

    def __init__(self, session: Session):
        self._session = session

    def add(self, exchange: Exchange) -> None:
        self._session.add(exchange)
        self._session.flush()

    def find(self, shipment_number: str) -> Exchange | None:
        """Return the exchange that this shipment was asked for by."""
        return self._session.get(Exchange, shipment_number)

    def of_order(self, order_number: str) -> list[Exchange]:
        """Return all exchanges of an order, oldest first."""
        return list(self._session.scalars(_OF_ORDER, {"order": order_number}))
