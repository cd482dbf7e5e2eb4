"""The OpenAPI document: what it says beyond what flask-smorest reads off the routes.

Of each operation: its id, who may ask, the headers that it heeds and answers with, an example that works, and every
refusal by status, with its codes. All of it follows from the declaration and from the shape of the operation, so that
the document cannot say anything else than the code does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask_smorest import Api
from flask_smorest.utils import prepare_response
from marshmallow import fields as marshmallow_fields

from gateway.http import errors, limits
from gateway.http.bodies import MAX_KEY, version_field
from gateway.http.errors import PROBLEM, status_of_class
from gateway.http.schemas import Problem
from services.common.addresses import countries
from services.common.basics import ids
from services.common.basics.api import ANYONE, SIGNATURE
from services.common.basics.caller import STAFF
from services.common.basics.errors import ServiceError
from services.common.basics.untyped import JsonDict
from services.common.edge import fields
from services.common.edge.examples import example_of

Doc = JsonDict
Codes = dict[int, set[str]]

IDEMPOTENCY_KEY: Doc = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[ -~]+$"},
    "description": "Makes a repeat harmless: the same key and body give the same answer, another body 409. "
    "Use a random UUID (version 4), a new one for each thing you do: a key that others can guess is no key.",
}
IF_MATCH: Doc = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"?\d{1,18}"?)$'},
    "description": "The ETag of what you saw: 412 `version_moved` when it is another version by now. `*` is any.",
}
REASON: Doc = {
    "in": "header",
    "name": "Reason",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "Why a member of staff looks at this, for the record of reads.",
}
HEADERS: Mapping[str, Doc] = {
    "X-Trace-Id": {"description": "names the request in our logs", "schema": {"type": "string"}},
    "ETag": {"description": "the version, for If-Match", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "what is left of the tightest limit that was counted: r more now, one more in t seconds",
        "schema": {"type": "string", "example": '"orders-address-60";r=59;t=60'},
    },
    "RateLimit-Policy": {
        "description": "the limits that were counted: q in w seconds, by address, network, account or recipient",
        "schema": {"type": "string", "example": '"orders-address-60";q=60;w=60'},
    },
    "Retry-After": {"description": "seconds to wait", "schema": {"type": "integer", "minimum": 0}},
}
MEANINGS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "There is no token, or it is not valid (any more).",
    403: "You may not do this.",
    404: "There is no such thing, or it is not yours.",
    409: "The state of things refuses it.",
    412: "It has another version by now.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is not in a form that is read here.",
    422: "What was asked makes no sense; `errors` names the fields.",
    429: "Too often; come back later.",
    503: "A part that is needed does not answer; try again later.",
    507: "There is no room to keep files just now; everything else works.",
}


class Documentation(Api):
    """flask-smorest with our errors: problem documents instead of its own."""

    DEFAULT_ERROR_RESPONSE_NAME = "Problem"
    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        errors.register(self._app)

    def _register_pagination_header(self) -> None:
        """Register no pagination header: pages are described in the body."""

    def _register_responses(self) -> None:
        meanings = {"Problem": f"The answer is no; `code` says why. {Problem.MEMBERS}"}
        for name, description in {**meanings, "UNPROCESSABLE_ENTITY": MEANINGS[422]}.items():
            response = {"description": description, "schema": Problem}
            prepare_response(response, self.spec, PROBLEM)
            response["headers"] = _headers("X-Trace-Id")
            self.spec.components.response(name, response, lazy=True)


class Converter(OpenAPIConverter):
    """apispec's converter, with the rules between the fields of a request in words (`services.common.edge.rules`)."""

    def schema2jsonschema(self, schema: Any) -> Doc:
        found: Doc = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        rules = getattr(schema, "rules", None)
        told = found.get("description", "")
        return {**found, "description": f"{told}\n\n{rules}".strip()} if rules else found


class Plugin(MarshmallowPlugin):
    """apispec's plugin with this converter."""

    Converter = Converter


class Names:
    """What a schema is called in the document: like its class, with its file's name in front where two are alike."""

    def __init__(self) -> None:
        self._owners: dict[str, type] = {}

    def name_of(self, schema: Any) -> str:
        owner: Any = resolve_schema_cls(schema)
        name = str(owner.__name__)
        if self._owners.setdefault(name, owner) is owner:
            return name
        return f"{owner.__module__.rpartition('.')[2].title().replace('_', '')}{name}"


def teach(api: Documentation, converters: Mapping[type, Callable[[object], Doc]]) -> None:
    """Tell the document how our fields, path parts and headers look."""
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    for name, header in HEADERS.items():
        api.spec.components.header(name, header)
    api.register_field(fields.TimeField, "string", "date-time")
    api.register_field(fields.EmailField, "string", "email")
    api.register_field(fields.MoneyField, marshmallow_fields.Dict)
    api.ma_plugin.converter.add_attribute_function(_bounds)
    for converter, describe in converters.items():
        api.register_converter(converter, describe)


def number_schema(prefix: str) -> Doc:
    """Return the schema of a public number of that kind, as a path parameter or a field."""
    body = ids.CHARACTER
    pattern = f"^{prefix}-{body}{{4}}-{body}{{4}}-{body}$"
    return {"type": "string", "pattern": pattern, "example": ids.number(prefix, 0)}


def _bounds(self: object, field: object, **_: object) -> Doc:
    """Return what our own fields require beyond what marshmallow tells apispec."""
    if isinstance(field, fields.MoneyField):
        amount = {"type": "string", "pattern": r"^\d{1,10}(\.\d{2})?$"}
        properties: Mapping[str, object] = {"amount": amount, "currency": {"const": "USD"}}
        return {"type": ["object", "null"] if field.allow_none else "object", "properties": properties,
                "required": ["amount", "currency"], "additionalProperties": False}  # fmt: skip
    if isinstance(field, fields.CountryField):
        return {"enum": sorted(countries())}
    if isinstance(field, fields.NumberField):
        shown = number_schema(field.prefix)
        del shown["type"]  # apispec says it, and adds null where it may be
        return shown
    return {}


def describe(doc: Doc, info: Doc, *, method: str, rule: str) -> Doc:
    """Say all that there is to say of an operation; called by `Resource` for each."""
    who = info["who"]
    doc["operationId"] = info["operation"]
    doc["x-roles"] = list(who)
    doc["security"] = [{}] if SIGNATURE in who else [{}, {"bearer": []}] if ANYONE in who else [{"bearer": []}]
    lines = [info["docstring"].get("description", ""), f"**Who:** {', '.join(who)}."]
    if info["limited"]:
        lines.append(f"**How often:** {limits.in_words(info['limited'], signed=SIGNATURE in who, mails=info['mails'])}")
    info["docstring"]["description"] = "\n\n".join(line for line in lines if line)
    request = info.get("request")
    versioned = request is not None and version_field(request) is not None
    if info["keyed"]:
        doc.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    if versioned:
        doc.setdefault("parameters", []).append(IF_MATCH)
    if info["personal"] and STAFF & {*who}:
        doc.setdefault("parameters", []).append(REASON)
    _give_examples(doc, request)
    for content in (each["content"] for each in doc.get("responses", {}).values() if "content" in each):
        content.update({each: content[info["media"][0]] for each in info["media"][1:] if info["media"][0] in content})
    codes = dict(_refusals(info, method, rule, versioned=versioned))
    _name_refusals(doc, codes)
    _name_headers(doc, versioned_reply="version" in (info.get("reply_fields") or ()), limited=bool(info["limited"]))
    return doc


def _give_examples(doc: Doc, request: object) -> None:
    media = doc.get("requestBody", {}).get("content", {}).get("application/json")
    if media is None or request is None:
        return
    named = getattr(request, "examples", None) or {"example": example_of(request)}
    media["examples"] = {name: {"value": value} for name, value in named.items()}


def _refusals(info: Doc, method: str, rule: str, *, versioned: bool) -> Iterator[tuple[int, set[str]]]:
    """Return every status with the codes that an operation of this shape and declaration can answer with."""
    found: Codes = {}
    who, request, has_body = info["who"], info.get("request"), method in ("post", "put", "patch", "delete")

    def add(status: int, *codes: str) -> None:
        found.setdefault(status, set()).update(codes)

    add(503, "service_unavailable")
    if SIGNATURE not in who:
        add(401, "token_invalid", *([] if ANYONE in who else ["sign_in_required"]))
        add(429, "too_many_requests")  # for keys that are refused, where nothing else is limited
        if method not in ("get", "head"):
            add(422, "bad_idempotency_key")
        if info["keyed"]:
            add(409, "idempotency_key_reused")
    if ANYONE not in who and SIGNATURE not in who:
        add(403, "role_required")
    if request is not None:
        add(422, "validation_failed")
        if "cursor" in getattr(request, "__dataclass_fields__", ()):
            add(422, "bad_cursor")
        if has_body:
            add(400, "malformed_json", "duplicate_key", "number_out_of_range", "json_too_deep", "json_too_large")
            add(413, "body_too_large")
            add(415, "unsupported_media_type", "unsupported_content_encoding")
    if info["raw_body"] or (request is not None and not has_body):
        add(414, "address_too_long")  # of its query
    if "<" in rule:
        add(404, "not_found")  # a part of the path that has not the form of what it names
    if info["raw_body"]:
        add(413, "body_too_large")
        if SIGNATURE not in who:
            add(415, "unsupported_media_type")
            add(422, "validation_failed")  # of the query, which the view reads itself
    if versioned:
        add(412, "version_moved")
        add(400, "bad_if_match")
    if info["limited"]:
        add(429, "too_many_requests")
    refusals: tuple[type[ServiceError], ...] = info["errors"]
    for refusal in refusals:
        add(status_of_class(refusal), refusal.code)
    yield from sorted(found.items())


def _name_refusals(doc: Doc, codes: Codes) -> None:
    """Say which codes each status has."""
    responses = doc.setdefault("responses", {})
    responses.pop("422", None), responses.pop(422, None)
    for status, named in codes.items():
        code = {"type": "string", "enum": sorted(named)}
        problem = {"$ref": "#/components/schemas/Problem"}
        schema: Doc = {"allOf": [problem, {"type": "object", "properties": {"code": code}}]}
        responses[str(status)] = {"description": MEANINGS[status], "content": {PROBLEM: {"schema": schema}}}


def _name_headers(doc: Doc, *, versioned_reply: bool, limited: bool) -> None:
    for status, response in doc["responses"].items():
        if not isinstance(response, dict):
            continue
        names = ["X-Trace-Id", *(["RateLimit", "RateLimit-Policy"] if limited else [])]
        if str(status) in ("429", "503") and PROBLEM in response.get("content", {}):
            names.append("Retry-After")
        if str(status).startswith("2") and versioned_reply:
            names.append("ETag")
        response["headers"] = _headers(*names)


def _headers(*names: str) -> Doc:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
