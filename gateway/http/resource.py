"""What a resource file is written with: a blueprint whose decorators validate, document and declare who may ask.

See the recipe in `gateway/__init__.py`. The schemas that validate are the ones the OpenAPI document shows; answers are
passed on as the service gave them (its contract examples and the schemathesis tests hold them to the schema), because
dumping each answer through a schema once more would cost more than the rest of the gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

import orjson
from flask import Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.routing import BaseConverter, ValidationError

from gateway.http import auth, bodies
from gateway.http.calls import services, speak_as
from services.common.basics import ids
from services.common.basics.clock import now
from services.common.edge.fields import Sku

ANYONE = "anyone"
SIGNATURE = "whoever signed the body"
View = Callable[..., Any]


class NumberConverter(BaseConverter):
    """`<number(ORD):number>`: a well-formed public number of that kind; anything else is 404."""

    regex = ids.PATTERN

    def __init__(self, url_map: Any, prefix: str):
        super().__init__(url_map)
        self.prefix = prefix

    def to_python(self, value: str) -> str:
        if not ids.is_number(value, self.prefix):
            raise ValidationError  # the rule does not match
        return value


class SkuConverter(BaseConverter):
    """`<sku:sku>`: what can be a SKU; anything else is 404."""

    regex = Sku.PATTERN


class NameConverter(BaseConverter):
    """`<name:carrier>`: a short name in lower case."""

    regex = r"[a-z][a-z0-9_-]{0,31}"


class Resource(Blueprint):
    """A blueprint under /v1. Order of the decorators: route, allows, takes or filters, answers."""

    def __init__(self, name: str, description: str, prefix: str = "/v1"):
        super().__init__(name, name, url_prefix=prefix, description=description)
        self._prepare_doc_cbks.append(_document_headers)

    def allows(self, *roles: str) -> Callable[[View], View]:
        """Who may ask: ANYONE, or the roles for which the service may say yes (a guest is sent away with 401).

        SIGNATURE: the body's own signature is the proof, and the service verifies it.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def identified(*args: Any, **kwargs: Any) -> Any:
                if SIGNATURE in roles:
                    speak_as(replace(auth.GUEST, trace_id=g.trace_id))
                else:
                    _identify()
                    if ANYONE not in roles:
                        auth.require_somebody(g.caller)
                return view(*args, **kwargs)

            identified._apidoc = {**getattr(view, "_apidoc", {}), "who": roles}  # type: ignore[attr-defined]
            return identified

        return decorate

    def takes(self, schema: type[Schema], **doc: Any) -> Callable[[View], View]:
        """The JSON body, validated; the view gets it as it was sent, as its first argument."""
        reader, document = schema(), self.arguments(schema, location="json", **doc)

        def decorate(view: View) -> View:
            @wraps(view)
            def with_body(*args: Any, **kwargs: Any) -> Any:
                return view(bodies.json_body(reader), *args, **kwargs)

            return _keep_docs(document(view), with_body)

        return decorate

    def filters(self, schema: type[Schema]) -> Callable[[View], View]:
        """The query string, validated; the view gets the values as its first argument."""
        reader, document = schema(), self.arguments(schema, location="query")

        def decorate(view: View) -> View:
            @wraps(view)
            def with_query(*args: Any, **kwargs: Any) -> Any:
                return view(bodies.query(reader), *args, **kwargs)

            return _keep_docs(document(view), with_query)

        return decorate

    def answers(self, status: int, schema: Any = None, **doc: Any) -> Callable[[View], View]:
        """What comes back when all is well; a `version` in it becomes the ETag that If-Match wants."""
        document = self.alt_response(status, schema=schema, success=True, **doc)

        def decorate(view: View) -> View:
            @wraps(view)
            def answered(*args: Any, **kwargs: Any) -> Response:
                answer = view(*args, **kwargs)
                return answer if isinstance(answer, Response) else reply(answer, status)

            return _keep_docs(document(view), answered)

        return decorate


def reply(answer: Any, status: int = 200) -> Response:
    """A JSON answer, never cached unless it says so itself."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if isinstance(answer, Mapping) and isinstance(answer.get("version"), int):
        headers["ETag"] = f'"{answer["version"]}"'
    return Response(orjson.dumps(answer), status, headers)


def _identify() -> None:
    """Put the caller, with idempotency key and trace id, where the service clients of this worker find them."""
    settings = current_app.config["PLEDGE"]
    found = auth.identify(
        request.headers.get("Authorization"),
        settings.secret,
        now(),
        lambda token: services().support.exchange_ticket_token(token),
    )
    key = (bodies.idempotency_key() or ids.new_id()) if request.method in ("POST", "PUT") else None
    speak_as(replace(found, trace_id=g.trace_id, idempotency_key=key))


def _keep_docs(documented: View, view: View) -> View:
    view._apidoc = documented._apidoc  # type: ignore[attr-defined]
    return view


IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": bodies.MAX_KEY, "pattern": "^[ -~]+$"},
    "example": "7b0f3c1e-5d0a-4c58-9f0e-2f6f7d1c9a34",
    "description": "Makes a repeat harmless: the same key and body give the same answer, another body 409. "
    "Use a random UUID (version 4), a new one for each thing you do: a key that others can guess is no key.",
}


def _document_headers(doc: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """Add to an operation who may ask, and the headers that every POST and PUT understands."""
    who = info["who"]  # a view that does not say who may ask is a mistake, found at start
    doc["x-roles"] = list(who)
    doc["security"] = [{}] if SIGNATURE in who else [{}, {"bearer": []}] if ANYONE in who else [{"bearer": []}]
    lines = [info["docstring"].get("description", ""), f"**Who:** {', '.join(who)}."]
    info["docstring"]["description"] = "\n\n".join(line for line in lines if line)
    if method in ("post", "put") and SIGNATURE not in who:
        doc.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return doc
