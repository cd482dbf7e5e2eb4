"""Goods sent in exchange, in the database. The lock of the order is held by who changes one."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.orders import tables
from services.orders.api.statuses import ExchangeStatus
from services.orders.domain.exchange import GoodsExchange

_ROW = tables.exchanges.c
_OF_ORDER = (
    sa.select(GoodsExchange)
    .where(_ROW.order_number == sa.bindparam("order"))
    .order_by(_ROW.created_at, _ROW.shipment_number)
)
_LINE, _SENT = tables.order_lines.c, tables.fulfillments.c
_OVER = [_SENT[name].is_not(None) for name in ("dispatched_at", "delivered_at", "recalled_at", "closed_at")]
_TO_LEAVE = (
    sa.select(GoodsExchange)
    .join(tables.fulfillments, _SENT.shipment_number == _ROW.shipment_number)
    .where(
        _ROW.status == ExchangeStatus.ARRANGED,
        ~sa.or_(*_OVER),
        sa.exists().where(_LINE.order_number == _ROW.order_number, _LINE.sku.in_(sa.bindparam("skus", expanding=True))),
    )
    .order_by(_ROW.created_at.desc(), _ROW.shipment_number)
    .execution_options(populate_existing=True)
)
"""Those that still have to leave, of orders that have one of these products; the newest first."""


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

    def to_leave(self, skus: Collection[str]) -> list[GoodsExchange]:
        """Return the exchanges that still have to leave, of orders that have one of these products; newest first."""
        return list(self._session.scalars(_TO_LEAVE, {"skus": sorted(skus)}))
