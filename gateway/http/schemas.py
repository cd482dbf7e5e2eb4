"""The problem document (RFC 9457), as the API document shows it."""

from __future__ import annotations

from marshmallow import INCLUDE, Schema, fields, validate

from services.common.edge.bounds import COMPLAINTS


class Open(Schema):
    """May gain fields at any time, and clients must let them be."""

    class Meta:
        unknown = INCLUDE


class FieldError(Open):
    """One field that is wrong."""

    field = fields.String(required=True, metadata={"example": "lines.0.sku"})
    message = fields.String(required=True)


class Problem(Open):
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
    errors = fields.List(fields.Nested(FieldError), validate=validate.Length(max=COMPLAINTS))
    errors_left_out = fields.Integer(metadata={"description": "how many fields more are wrong"})
    trace_id = fields.String(required=True)
