"""A request to our own API, made within a request of a plain form.

    answer = ask("POST", "/v1/contact", {"name": …}, key=form_key)
    answer.status, answer.document        # what any client would have been told, problem documents included

It passes the application from its door on: the caller, the limits, the validation, the idempotency key and the refusals
are those of the API. The services see the same caller and trace as for any other client.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
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
        return self.status >= 400


def ask(
    method: str, path: str, body: JsonDict | None = None, *, token: str | None = None, key: str | None = None
) -> Answer:
    """Ask the API as the customer who sent this form. The path is quoted where it needs to be."""
    sent = b"" if body is None else orjson.dumps(body)
    path, _, query = path.partition("?")
    environ = {name: value for name, value in request.environ.items() if name not in LEFT_OUT}
    environ |= {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "HTTP_ACCEPT": "application/json",
        "wsgi.input": BytesIO(sent),
    }
    if token:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    if key:
        environ["HTTP_IDEMPOTENCY_KEY"] = key
    answered = Response.from_app(current_app.wsgi_app, environ)
    document = orjson.loads(answered.get_data() or b"{}")
    return Answer(answered.status_code, document)
