"""Every refusal leaves as one problem document (RFC 9457), and this file alone decides its HTTP status.

    application/problem+json   {type, title, status, code, detail, errors?, trace_id, …}

A person at a browser gets the same refusal as a page (error_page.py). Its words are in the language that the request
asks for, where there is a catalogue (words.py); code and fields are for programs and stay as they are.

What else a refusal has to say, its `details`, stands beside these as extension members (RFC 9457, 3.2): `next`, what
to do instead; `sku` and `wanted` of `out_of_stock`. A member of the standard always keeps its own meaning.

The kind of a ServiceError gives the status; a few codes have a status of their own. `Refused` is what the gateway
itself says no to, before any service is asked. An unforeseen error is logged with its trace id and answered with 500,
without a word about the inside.
"""

from __future__ import annotations

import http
from collections.abc import Iterable, Mapping
from logging import getLogger

import orjson
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from gateway.http import error_page
from gateway.http.security import API_POLICY, HEADERS, PAGE_POLICY
from gateway.http.words import retold, tongue
from services.common.basics.errors import ServiceError, from_wire
from services.common.basics.untyped import Fields
from services.common.edge.bounds import COMPLAINTS
from services.common.language import ENGLISH

STATUS_OF_KIND: Mapping[str, int] = {
    "not_found": 404, "invalid": 422, "conflict": 409, "forbidden": 403, "unavailable": 503,
}  # fmt: skip
STATUS_OF_CODE: Mapping[str, int] = {
    "version_moved": 412, "too_many_requests": 429, "malformed_csv": 400, "storage_full": 507,
}  # fmt: skip
CODE_OF_STATUS: Mapping[int, str] = {
    400: "bad_request", 404: "not_found", 405: "method_not_allowed", 410: "gone", 413: "body_too_large",
    414: "address_too_long", 415: "unsupported_media_type", 500: "internal",
}  # fmt: skip
RETRY_AFTER_SECONDS = 2
PROBLEM = "application/problem+json"

_log = getLogger(__name__)


class Refused(ServiceError):
    """The gateway's own refusal: `status` and `headers` besides the stable code."""

    kind = "refused"

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(message, code=code, details=details)
        self.status = status
        self.headers = dict(headers or {})


def status_of(error: ServiceError) -> int:
    """Return the HTTP status of a refusal; 500 for a kind that no client should ever see."""
    if isinstance(error, Refused):
        return error.status
    return STATUS_OF_CODE.get(error.code) or STATUS_OF_KIND.get(error.kind, 500)


def status_of_class(error: type[ServiceError]) -> int:
    """Return the HTTP status of a declared refusal."""
    return STATUS_OF_CODE.get(error.code) or STATUS_OF_KIND.get(error.kind, 500)


def status_of_reply(kind: str, code: str) -> int:
    """Return the HTTP status of a refusal that stands in a reply: what one of many things was answered."""
    return status_of(from_wire({"kind": kind, "code": code}))


def document(
    status: int, code: str, detail: str, trace_id: str, details: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Build the problem document, in the language of who asks. `errors` in the details is [{field, message}] if single
    fields are wrong; `next` says what to do instead.
    """
    extensions = {name: _told(name, value) for name, value in _bounded(details or {}).items() if _is_json(value)}
    return {
        **extensions,
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": retold(detail),
        "trace_id": trace_id,
    }


def _told(name: str, value: object) -> object:
    """Return a detail with its words in the language of who asks."""
    if name == "next" and isinstance(value, str):
        return retold(value)
    if name == "errors" and isinstance(value, list):
        return [{**each, "message": retold(str(each["message"]))} if "message" in each else each for each in value]
    return value


def _bounded(details: Mapping[str, object]) -> Mapping[str, object]:
    """Return at most 20 complaints, wherever they were found."""
    errors = details.get("errors")
    if not isinstance(errors, list) or len(errors) <= COMPLAINTS:
        return details
    left_out = len(errors) - COMPLAINTS
    return {**details, "errors": errors[:COMPLAINTS], "errors_left_out": left_out}


def plain(status: int, code: str, detail: str, trace_id: str, accept: str) -> tuple[dict[str, str], bytes]:
    """Return (headers, body) of a refusal from below Flask: from the web server and its connections."""
    headers, body = _shown(document(status, code, detail, trace_id), accept)
    headers |= {"Content-Length": str(len(body)), "X-Trace-Id": trace_id, "Cache-Control": "no-store", **HEADERS}
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return headers, body


def headers_of(error: ServiceError, status: int) -> dict[str, str]:
    """Return the headers of a refusal: when to come back, how to sign in."""
    headers = dict(error.headers) if isinstance(error, Refused) else {}
    if status in (429, 503):
        headers.setdefault("Retry-After", str(error.details.get("retry_after", RETRY_AFTER_SECONDS)))
    return headers


def problem_of(error: ServiceError, trace_id: str) -> tuple[int, dict[str, str], dict[str, object]]:
    """Return (status, headers, document) of a refusal, for Flask and for the live stream."""
    status = status_of(error)
    if status == 500:
        _log.error("a service failed: %s", error, extra={"trace_id": trace_id})
        return 500, {}, document(500, "internal", "Something went wrong on our side.", trace_id)
    body = document(status, error.code, error.message, trace_id, error.details)
    return status, headers_of(error, status), body


def register(app: Flask) -> None:
    """Have all of Flask's errors, 404 and 405 included, answered as problem documents."""
    app.register_error_handler(ServiceError, on_refusal)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_surprise)


def on_refusal(error: ServiceError) -> Response:
    status, headers, body = problem_of(error, g.trace_id)
    return _response(status, headers, body)


def on_http_error(error: HTTPException) -> Response:
    """Answer what Flask itself refuses. Its headers (Allow of a 405) are kept; its texts hold nothing secret."""
    if isinstance(error, MethodNotAllowed) and not _is_there(error.valid_methods or ()):
        error = NotFound()
    status = error.code or 500
    code = CODE_OF_STATUS.get(status, "bad_request" if status < 500 else "internal")
    headers = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
    return _response(status, headers, document(status, code, str(error.description or ""), g.trace_id))


def _is_there(methods: Iterable[str]) -> bool:
    """Return whether the address exists: a number with a wrong check character fits none of its rules."""
    routes = current_app.create_url_adapter(request)
    for method in {*methods} - {"OPTIONS", "HEAD"}:
        try:
            routes and routes.match(method=method)
        except HTTPException:
            continue
        return True
    return False


def on_surprise(error: Exception) -> Response:
    _log.error("an unforeseen error", exc_info=error, extra={"trace_id": g.trace_id})
    return _response(500, {}, document(500, "internal", "Something went wrong on our side.", g.trace_id))


def _is_json(value: object) -> bool:
    match value:
        case None | bool() | int() | float() | str():
            return True
        case list():
            return all(map(_is_json, value))
        case dict():
            return all(isinstance(name, str) and _is_json(inner) for name, inner in value.items())
    return False


def _shown(refusal: Fields, accept: str) -> tuple[dict[str, str], bytes]:
    """Return (headers, body) of a refusal: a page for a person, the problem document for other clients."""
    if error_page.wants_page(accept):
        page = error_page.render(refusal["status"], refusal["trace_id"])
        return {"Content-Type": error_page.HTML, "Content-Security-Policy": PAGE_POLICY}, page
    headers = {"Content-Type": PROBLEM, "Content-Security-Policy": API_POLICY}
    if (tag := tongue()) != ENGLISH:
        headers["Content-Language"] = tag
    return headers, orjson.dumps(refusal)


def _response(status: int, headers: Mapping[str, str], body: Mapping[str, object]) -> Response:
    own, shown = _shown(body, request.headers.get("Accept", ""))
    return Response(shown, status, {**headers, **own})
