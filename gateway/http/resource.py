"""What a resource file is written with: a blueprint whose decorators validate, document and declare who may ask.

See the recipe in `gateway/__init__.py`. The schemas that validate are the ones the OpenAPI document shows; answers are
passed on as the service gave them (its contract examples and the schemathesis tests hold them to the schema), because
dumping each answer through a schema once more would cost more than the rest of the gateway.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import is_dataclass, replace
from functools import wraps
from typing import Any, TypeVar, get_args, get_origin, get_type_hints, is_typeddict

import orjson
from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.routing import BaseConverter, ValidationError

from gateway.http import auth, bodies
from gateway.http.calls import services, settings, speak_as
from gateway.http.documentation import describe
from services.common.basics import ids
from services.common.basics.api import ANYONE, SIGNATURE, declared_by
from services.common.basics.clock import now
from services.common.basics.errors import ServiceError
from services.common.basics.shapes import SKU_PATTERN
from services.common.edge.schemas import Mode, schema_class

V = TypeVar("V", bound=Callable[..., Any])
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

    regex = SKU_PATTERN


class ParcelConverter(BaseConverter):
    """`<parcel:parcel_id>`: the id of a parcel, its shipment's number and its place there; anything else is 404."""

    regex = ids.PATTERN.replace("[A-Z]{3}", ids.SHIPMENT) + "-[0-9]{2}"


class IdConverter(BaseConverter):
    """`<id:unmatched_id>`: an id that is no public number, a UUID; anything else is 404."""

    regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class NameConverter(BaseConverter):
    """`<name:carrier>`: a short name in lower case."""

    regex = r"[a-z][a-z0-9_-]{0,31}"


class Resource(Blueprint):
    """A blueprint under /v1. Order of the decorators: route, allows, takes or filters, answers."""

    def __init__(self, name: str, description: str, prefix: str = "/v1"):
        super().__init__(name, name, url_prefix=prefix, description=description)
        self._prepare_doc_cbks.append(_document)

    def get(self, path: str, command: Callable[..., Any] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("GET", path, command, **more)

    def post(self, path: str, command: Callable[..., Any] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("POST", path, command, **more)

    def put(self, path: str, command: Callable[..., Any] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("PUT", path, command, **more)

    def patch(self, path: str, command: Callable[..., Any] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("PATCH", path, command, **more)

    def delete(self, path: str, command: Callable[..., Any] | None = None, **more: Any) -> Callable[[V], V]:
        return self._serves("DELETE", path, command, **more)

    def _serves(
        self,
        method: str,
        path: str,
        command: Callable[..., Any] | None,
        *,
        status: int = 200,
        roles: Iterable[str] | None = None,
        errors: Iterable[type[ServiceError]] = (),
        also: Mapping[int, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Callable[[V], V]:
        """Serve a view. `status` is that of success; `roles` and `errors` add to or replace what is declared.

        roles: ANYONE, or those for whom the service may say yes (a guest is sent away with 401). SIGNATURE: the body's
        own signature is the proof, and the service verifies it.

        also: further statuses with the same reply, and what they mean. body: the request body in the document, where
        the view reads it itself.
        """
        declared = declared_by(command) if command else None
        who = tuple(roles if roles is not None else declared.roles if declared else ())
        refusals = (*(declared.errors if declared else ()), *errors)

        def decorate(view: V) -> V:
            hints = get_type_hints(view, include_extras=True)
            kind = _reply_kind(hints.pop("return", None))
            asked: tuple[str, Any] | None = next(((n, kind) for n, kind in hints.items() if is_dataclass(kind)), None)
            read = bodies.request_query if method == "GET" else bodies.request_body

            @wraps(view)
            def served(**given: Any) -> Response:
                _admit(who)
                if asked:
                    given[asked[0]] = read(asked[1])
                answer = view(**given)
                return answer if isinstance(answer, Response) else reply(answer, status)

            documented: Any = served
            if asked:
                schema = schema_class(asked[1], Mode.QUERY if method == "GET" else Mode.BODY)
                documented = _unwrap_docs(served, self.arguments(schema, location=_LOCATIONS.get(method, "json")))
            shown = schema_class(kind, Mode.REPLY) if kind else None
            documented = _unwrap_docs(documented, self.alt_response(status, schema=shown, success=True))
            for other, meaning in (also or {}).items():
                response = self.alt_response(other, schema=shown, description=meaning, success=True)
                documented = _unwrap_docs(documented, response)
            if body:
                documented = _unwrap_docs(documented, self.doc(requestBody=body))
            documented.__doc__ = view.__doc__ or (declared.doc if declared else None)
            documented._apidoc = {
                **documented._apidoc,
                "who": who,
                "errors": refusals,
                "declared": declared,
                "request": asked and asked[1],
                "operation": view.__name__,
                "raw_body": body is not None,
                "rule": path,
                "reply_fields": tuple(get_type_hints(get_origin(kind) or kind)) if kind else (),
            }
            self.route(path, methods=[method])(documented)
            return view

        return decorate

    def allows(self, *roles: str) -> Callable[[View], View]:
        """Who may ask: ANYONE, or the roles for which the service may say yes (a guest is sent away with 401).

        SIGNATURE: the body's own signature is the proof, and the service verifies it.
        """

        def decorate(view: View) -> View:
            @wraps(view)
            def identified(*args: Any, **kwargs: Any) -> Any:
                _admit(roles)
                return view(*args, **kwargs)

            identified._apidoc = {**getattr(view, "_apidoc", {}), "who": roles, "operation": view.__name__}  # type: ignore[attr-defined]
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


def _reply_kind(hint: Any) -> Any:
    """The TypedDict that a view returns, if it returns one; a view may also make the Response itself."""
    kinds = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return next((kind for kind in kinds if is_typeddict(get_origin(kind) or kind)), None)


_LOCATIONS = {"GET": "query"}


def _unwrap_docs(view: Any, document: Callable[[Any], Any]) -> Any:
    """The view itself, with what flask-smorest's decorator says of it; our own code does the validation."""
    view._apidoc = document(view)._apidoc
    return view


def reply(answer: Any, status: int = 200) -> Response:
    """A JSON answer, never cached unless it says so itself."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if isinstance(answer, Mapping) and isinstance(answer.get("version"), int):
        headers["ETag"] = f'"{answer["version"]}"'
    return Response(orjson.dumps(answer), status, headers)


def _admit(roles: tuple[str, ...]) -> None:
    """Find out who asks and let the calls of this request carry it. Raises 401 when a guest cannot be meant."""
    if SIGNATURE in roles:
        speak_as(replace(auth.GUEST, trace_id=g.trace_id))
        return
    found = auth.identify(
        request.headers.get("Authorization"),
        settings().secret,
        now(),
        lambda token: services().support.exchange_ticket_token(token),
    )
    key = (bodies.idempotency_key() or ids.new_id()) if request.method in ("POST", "PUT", "PATCH", "DELETE") else None
    speak_as(replace(found, trace_id=g.trace_id, idempotency_key=key))
    if ANYONE not in roles:
        auth.require_somebody(g.caller)


def _keep_docs(documented: View, view: View) -> View:
    view._apidoc = documented._apidoc  # type: ignore[attr-defined]
    return view


def _document(doc: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    return describe(doc, info, method=method, rule=info.get("rule", ""))
