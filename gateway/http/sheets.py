"""Bodies that are a CSV, as people save them from their spreadsheet."""

from __future__ import annotations

import codecs

from flask import request

from gateway.http import bodies
from gateway.http.errors import Refused
from services.common.basics.errors import Invalid

MOST_BYTES = 1 << 20
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class MalformedCsv(Invalid):
    """The body is not text."""

    code = "malformed_csv"
    message = "The body is not text in UTF-8 or UTF-16."


def csv_body(example: str) -> dict[str, object]:
    """Return what the document says of such a body."""
    return {
        "description": "At most 1 MiB. UTF-8, or UTF-16 with a byte order mark; with a header row.",
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}, "example": example}},
    }


def csv_text() -> str:
    """Return the text of the body. Refuse what is none."""
    raw = bodies.raw_body()
    if request.mimetype not in ("text/csv", "text/plain") or bodies.charset() not in ("utf-8", "utf-16"):
        raise Refused(415, "unsupported_media_type", "Send text/csv in UTF-8 or UTF-16.")
    try:
        return raw.decode("utf-16" if raw[:2] in BYTE_ORDER_MARKS else "utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedCsv from None
