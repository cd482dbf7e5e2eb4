"""Shapes that several resources share, and the base for those of one resource.

`Strict` (what we are asked) and `Answer` (what we say) come from here, so that a resource file needs one import.
Answers describe; they are not run over each reply (see `resource`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import INCLUDE, Schema, fields, validate

from services.common.basics.money import CURRENCY
from services.common.edge.fields import Line, Strict, WholeNumber

__all__ = [
    "Answer", "Line", "Listing", "Money", "Page", "Problem", "Strict", "WholeNumber", "page_of", "sortable",
    "timestamp",
]  # fmt: skip

DEFAULT_LIMIT, MAX_LIMIT = 20, 100


class Answer(Schema):
    """What we say: may gain fields at any time, and clients must let them be."""

    class Meta:
        unknown = INCLUDE


class Money(Answer):
    """An exact amount."""

    amount = fields.String(required=True, metadata={"pattern": r"^-?\d+\.\d{2}$", "example": "12.34"})
    currency = fields.String(required=True, validate=validate.Equal(CURRENCY), metadata={"enum": [CURRENCY]})


class FieldError(Answer):
    """One field that is wrong."""

    field = fields.String(required=True, metadata={"example": "lines.0.sku"})
    message = fields.String(required=True)


class Problem(Answer):
    """Why the answer is no (RFC 9457); `code` is stable, texts may change. `MEMBERS`: what else it may hold."""

    MEMBERS = (
        "Some codes add members of their own: `next`, what to do instead; `sku` and `wanted` of `out_of_stock`; "
        "`checks`, `options`, `lines`, `last_day`, `version`, `retry_after` (seconds). Ignore those you do not know."
    )

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"example": "validation_failed"})
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldError))
    trace_id = fields.String(required=True)


class Listing(Strict):
    """The query of every list; lists that can be filtered add their fields."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(min=1, max=MAX_LIMIT),
        metadata={"description": "items in a page"},
    )
    cursor = Line(400, metadata={"description": "`next_cursor` of the page before"})


class Page(Answer):
    """One page of a list; `next_cursor` is null on the last."""

    items = fields.List(fields.Dict(), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of these items."""
    items = fields.List(fields.Nested(item), required=True)
    return type(f"{item.__name__}Page", (Page,), {"items": items, "__doc__": f"A page of: {item.__doc__}"})


def timestamp(**kwargs: Any) -> fields.String:
    """An RFC 3339 time in UTC, in an answer."""
    metadata = {"format": "date-time", "example": "2026-03-02T09:30:00Z", **kwargs.pop("metadata", {})}
    return fields.String(metadata=metadata, **kwargs)


def sortable(time: str) -> str:
    """A form of an RFC 3339 UTC time that sorts as text: `…:00Z` comes before `…:00.5Z`."""
    return time.replace("Z", "" if "." in time else ".")
