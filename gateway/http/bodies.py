"""What is read from a request, and how strictly: JSON bodies, raw bodies of webhooks, query strings, headers.

What cannot be read exactly as it was meant (a key given twice, NaN, half a surrogate pair, a number that other
parsers would round) is refused here with 400 and a code, before a schema or a service sees it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable
from functools import cache
from typing import TypeVar, cast, get_args, get_type_hints

import orjson
from flask import request

from gateway.http.errors import Refused
from services.common.basics.errors import Invalid
from services.common.basics.shapes import Seen
from services.common.edge import bounds
from services.common.edge.schemas import Mode, load

T = TypeVar("T")
MAX_KEY = 255
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}\Z")
_VERSION = re.compile(r'(?:W/)?"?(\d{1,18})"?\Z', re.ASCII)
_EXACT_INTEGER = 2**53
_NO_VERSION = 2**31 - 1  # the largest that requests take; nothing is changed that often


class Malformed(Refused):
    """The body is not JSON, or not JSON that all readers read alike."""

    def __init__(self, message: str, code: str = "malformed_json"):
        super().__init__(400, code, message)


def raw_body() -> bytes:
    """Return the bytes as they were sent. The connection has refused more than the route takes."""
    body: bytes = request.environ["wsgi.input"].read()
    return body


def charset() -> str:
    """Return the charset that the Content-Type names, in lower case; UTF-8 if it names none."""
    return request.mimetype_params.get("charset", "utf-8").strip().lower()


def request_body(kind: type[T]) -> T:
    """Read the body as JSON and build the request; nothing sent counts as {}.

    Where the request has a version that its caller saw, If-Match says it too, and wins.
    """
    document = _json()
    field = version_field(cast(Hashable, kind))
    if field and isinstance(document, dict) and (seen := _if_match()) is not None:
        document = {**document, field: seen}
    return load(kind, document)


def request_query(kind: type[T]) -> T:
    """Read the query string and build the request; unknown and repeated parameters are refused."""
    return load(kind, _parameters(), Mode.QUERY)


@cache
def version_field(kind: object) -> str | None:
    """Return the name of the field that takes If-Match."""
    hints = get_type_hints(kind, include_extras=True).items()
    return next((name for name, hint in hints if _is_seen(hint)), None)


def _is_seen(hint: object) -> bool:
    return any(isinstance(each, Seen) for each in getattr(hint, "__metadata__", ())) or any(
        map(_is_seen, get_args(hint))
    )


def _json() -> object:
    body = raw_body()
    if not body:
        return {}
    if not request.is_json:
        raise Refused(415, "unsupported_media_type", "Send application/json.")
    if charset() not in ("utf-8", "utf8", "us-ascii"):
        raise Refused(415, "unsupported_media_type", "Send the body in UTF-8.")
    if request.content_encoding not in (None, "", "identity"):
        raise Refused(415, "unsupported_content_encoding", "Send the body without a content encoding.")
    return read_json(body)


def read_json(body: bytes) -> object:
    """Return the document. Raise `Malformed` for what is no JSON or what two readers could read differently."""
    try:
        document = _STRICT.decode(body.decode("utf-8"))
        bounds.check(document)
        orjson.dumps(document)  # what cannot be carried on: half a surrogate pair, nesting without end
    except bounds.TooLarge:
        raise Malformed(f"The body has more than {bounds.NODES} values and names.", "json_too_large") from None
    except (RecursionError, bounds.TooDeep):
        raise Malformed("The body is nested too deeply.", "json_too_deep") from None
    except orjson.JSONEncodeError as exc:
        deep = "ecursion" in str(exc)
        raise Malformed(
            "The body is nested too deeply." if deep else "The body holds characters that are not text.",
            "json_too_deep" if deep else "malformed_json",
        ) from None
    except ValueError:
        raise Malformed("The body is not JSON in UTF-8.") from None
    return document


def _parameters() -> dict[str, str]:
    given = request.args.to_dict(flat=False)
    twice = [{"field": name, "message": "Given more than once."} for name, values in given.items() if len(values) > 1]
    if twice:
        raise Invalid("some fields are wrong", code="validation_failed", details=bounds.complaints(twice))
    return {name: values[0] for name, values in given.items()}


def idempotency_key() -> str | None:
    """Return the key the client gave, if any. Raise 422 if it is not 1 to 255 printable ASCII characters."""
    key = request.headers.get("Idempotency-Key")
    if key is None or _PRINTABLE.match(key):
        return key
    message = f"Idempotency-Key must be 1 to {MAX_KEY} printable ASCII characters."
    raise Invalid(message, code="bad_idempotency_key")


def _if_match() -> int | None:
    """Return the version that If-Match names; None without it, and for `*`: whatever version there is."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return None
    found = _VERSION.match(header)
    if not found:
        raise Refused(400, "bad_if_match", "If-Match must name one version, as the ETag did.")
    return int(found[1]) if 0 < int(found[1]) < _NO_VERSION else _NO_VERSION


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise Malformed("A name is given twice in one object.", "duplicate_key")
    return document


def _no_constant(name: str) -> object:
    raise Malformed(f"{name} is not JSON.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Malformed("A number is out of range.", "number_out_of_range")
    return value


def _exact(text: str) -> int:
    if len(text) > 17 or abs(value := int(text)) > _EXACT_INTEGER:
        raise Malformed("A number is out of range.", "number_out_of_range")
    return value


_STRICT = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite, parse_int=_exact
)  # made once: making one takes longer than most bodies
