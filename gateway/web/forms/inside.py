"""A request to our own API, made within a request of a plain form.

    answer = ask("POST", "/v1/contact", {"name": …}, key=form_key)
    answer.status, answer.document        # what any client would have been told, problem documents included

It passes the application from its door on: the caller, the limits, the validation, the idempotency key and the refusals
are those of the API. The services see the same caller and trace as for any other client.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import IO
from urllib.parse import unquote_to_bytes

import orjson
from flask import current_app, request
from werkzeug.wrappers import Response

from services.common.basics.untyped import JsonDict

LEFT_OUT = (
    "werkzeug.request", "gateway.connection", "QUERY_STRING", "HTTP_COOKIE", "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH",
    "HTTP_AUTHORIZATION", "HTTP_IDEMPOTENCY_KEY", "HTTP_ORIGIN", "HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING",
    "wsgi.input_terminated",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """The status and the JSON document that the API answered."""

    status: int
    document: JsonDict

    @property
    def refused(self) -> bool:
        return self.status >= HTTPStatus.BAD_REQUEST


def ask(
    method: str, path: str, body: JsonDict | None = None, *, token: str | None = None, key: str | None = None
) -> Answer:
    """Ask the API as the customer who sent this form. The path is quoted where it needs to be."""
    sent = b"" if body is None else orjson.dumps(body)
    told = {"HTTP_AUTHORIZATION": f"Bearer {token}" if token else "", "HTTP_IDEMPOTENCY_KEY": key or ""}
    return _asked(method, path, BytesIO(sent), len(sent), {"CONTENT_TYPE": "application/json", **told})


def send_file(path: str, file: IO[bytes], media_type: str, form_token: str) -> Answer:
    """Send the API a file that came with this form."""
    size = file.seek(0, 2)
    file.seek(0)
    return _asked("POST", path, file, size, {"CONTENT_TYPE": media_type, "HTTP_FORM_TOKEN": form_token})


def ask_for_file(path: str, token: str) -> Response | Answer:
    """Ask the API for a file, as the customer who sent this form. Return what it was refused with as an Answer."""
    answered = _answered("GET", path, BytesIO(b""), 0, {"HTTP_AUTHORIZATION": f"Bearer {token}" if token else ""})
    return answered if answered.status_code < HTTPStatus.BAD_REQUEST else _read(answered)


def _asked(method: str, path: str, sent: IO[bytes], size: int, told: dict[str, str]) -> Answer:
    return _read(_answered(method, path, sent, size, told))


def _answered(method: str, path: str, sent: IO[bytes], size: int, told: dict[str, str]) -> Response:
    path, _, query = path.partition("?")
    environ = {name: value for name, value in request.environ.items() if name not in LEFT_OUT}
    environ |= {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(size),
        "HTTP_ACCEPT": "application/json",
        "wsgi.input": sent,
        **{name: value for name, value in told.items() if value},
    }
    return Response.from_app(current_app.wsgi_app, environ)


def _read(answered: Response) -> Answer:
    document = orjson.loads(answered.get_data() or b"{}")
    return Answer(answered.status_code, document)
