"""Pages of orders: the columns that a list shows and no others, in two statements, whatever the length of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.shapes import Page
from services.common.store import pages
from services.common.store.tables import Json
from services.orders import tables
from services.orders.domain.rest import LineInCents, ListedOrder, Rest

Shown = TypeVar("Shown")
Found = sa.Row[tuple[object, ...]]
_ROW, _LINE = tables.orders.c, tables.order_lines.c
LISTED = sa.select(
    _ROW.order_number, _ROW.email, _ROW.contact, _ROW.placed_at, _ROW.version, _ROW.status, _ROW.review,
    _ROW.review_due_at, _ROW.stage, _ROW.goods, _ROW.shipping, _ROW.duties,
    _ROW.discount.is_not(None).label("discounted"),
)  # fmt: skip
_LINES = sa.select(
    _LINE.order_number,
    sa.type_coerce(_LINE.unit_price, sa.Integer),
    sa.type_coerce(_LINE.paid, Json),
    sa.type_coerce(_LINE.removed, Json),
    sa.type_coerce(_LINE.tax, Json),
).where(_LINE.order_number.in_(sa.bindparam("orders", expanding=True)))


def page_of_orders(
    session: Session,
    query: sa.Select[object],
    keys: Sequence[sa.Column[object]],
    show: Callable[[ListedOrder], Shown],
    *,
    cursor: str | None,
    limit: int | None,
    descending: bool = False,
) -> Page[Shown]:
    """Return a page of what `query`, LISTED with conditions, finds."""

    def as_it_is(row: Found) -> Found:
        return row

    found = pages.page(session, query, keys, as_it_is, cursor=cursor, limit=limit, descending=descending)
    lines: dict[str, list[LineInCents]] = {row.order_number: [] for row in found["items"]}
    for number, price, paid, removed, tax in session.execute(_LINES, {"orders": list(lines)}) if lines else ():
        lines[number].append(LineInCents(price, paid, removed, tax and tax["amounts"]))
    shown = [show(_listed(row, lines[row.order_number])) for row in found["items"]]
    return {"items": shown, "next_cursor": found["next_cursor"]}


def _listed(row: Found, lines: Sequence[LineInCents]) -> ListedOrder:
    return ListedOrder(
        order_number=row.order_number,
        email=row.email,
        contact=row.contact,
        placed_at=row.placed_at,
        version=row.version,
        status=row.status,
        review=row.review,
        review_due_at=row.review_due_at,
        stage=row.stage,
        shipping=row.shipping,
        duties=row.duties,
        total=row.goods + row.shipping + row.duties,
        rest=Rest.of(lines, discounted=row.discounted),
    )
