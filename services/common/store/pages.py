"""Lists in pages, by key and not by offset: a page costs the same however far down the list it lies.

The cursor is the sort key of the last item, opaque to the client: base64 of a JSON list. Queries order by columns
that end in a unique one and have an index in that order.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.common.basics.api import BadCursor
from services.common.basics.clock import parse_rfc3339, rfc3339
from services.common.basics.shapes import Page

T = TypeVar("T")
DEFAULT_LIMIT, MAX_LIMIT = 20, 100


def page(
    session: Session,
    query: sa.Select[object],
    keys: Sequence[Any],
    show: Callable[[Any], T],
    *,
    cursor: str | None = None,
    limit: int | None = None,
    descending: bool = False,
) -> Page[T]:
    """Return one page of `query` in the order of `keys` (columns, the last unique): `{"items", "next_cursor"}`.

    `query` selects either one mapped class or plain columns; the keys are read from the last row by their names.
    """
    limit = min(max(limit or DEFAULT_LIMIT, 1), MAX_LIMIT)
    if cursor:
        after = _decode(cursor, keys)
        row, last = sa.tuple_(*keys), sa.tuple_(*(sa.literal(value, key.type) for value, key in zip(after, keys)))  # noqa: B905
        query = query.where(row < last if descending else row > last)
    query = query.order_by(*(key.desc() if descending else key for key in keys)).limit(limit + 1)
    result = session.execute(query)
    rows: list[object] = list(result.scalars() if len(query.column_descriptions) == 1 else result)
    more, rows = len(rows) > limit, rows[:limit]
    values = [getattr(rows[-1], key.key) for key in keys] if more else None
    return {"items": [show(item) for item in rows], "next_cursor": _encode(values) if values else None}


def _encode(values: Sequence[object]) -> str:
    plain = [{"t": rfc3339(value)} if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[Any]) -> list[object]:
    try:
        plain = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        values = [parse_rfc3339(item["t"]) if isinstance(item, dict) else item for item in plain]
        for value, key in zip(values, keys, strict=True):
            plain_type = getattr(key.type, "impl", key.type)
            if not isinstance(value, plain_type.python_type) or isinstance(value, bool):
                raise TypeError
            if isinstance(value, int) and abs(value) > 2**62:
                raise ValueError
            if isinstance(value, str) and ("\0" in value or len(value) > 400 or not value.isprintable()):
                raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise BadCursor from None
    return values
