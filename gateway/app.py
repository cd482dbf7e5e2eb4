"""The Flask application: resources, pages, documentation, and what holds for every answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from flask import Flask, Response, g, request
from flask_smorest import Api
from flask_smorest.utils import prepare_response
from marshmallow import fields as marshmallow_fields
from nameko.extensions import DependencyProvider

from gateway.http import errors, limits, security
from gateway.http.calls import WORKER
from gateway.http.resource import NameConverter, NumberConverter, Resource, SkuConverter
from gateway.http.schemas import Problem
from gateway.live import streams
from gateway.resources import (
    changes,
    commitments,
    contact,
    health,
    journal,
    mailbox,
    orders,
    products,
    returns,
    reviews,
    sandbox,
    shipments,
    sign_in,
    tickets,
    timeline,
    tracking,
    webhooks,
)
from gateway.settings import GatewaySettings
from gateway.web import pages
from services.common.basics import ids
from services.common.edge import fields
from services.common.runtime.config import ENVIRON
from services.common.runtime.telemetry import trace_id_of

RESOURCES = (
    sign_in, products, orders, timeline, streams, changes, reviews, shipments, tracking, returns, contact, tickets,
    commitments, journal, webhooks, health, sandbox, mailbox,
)  # fmt: skip
DESCRIPTION = """\
Orders, logistics, after-sales and support of one cross-border shop.

Money is `{"amount": "12.34", "currency": "USD"}`, times are RFC 3339 in UTC. Every refusal is a problem document \
(RFC 9457) whose `code` is stable. Lists are pages: `?limit=&cursor=` → `{"items", "next_cursor"}`. POSTs and PUTs \
take an `Idempotency-Key`; edits by staff may send `If-Match` with the ETag they saw. Answers may gain fields.
"""


class Documentation(Api):
    """flask-smorest with our errors: problem documents instead of its own."""

    DEFAULT_ERROR_RESPONSE_NAME = "Problem"
    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        errors.register(self._app)

    def _register_pagination_header(self) -> None:
        """Pages are said in the body here."""

    def _register_responses(self) -> None:
        wrong = "What was asked makes no sense; `errors` names the fields."
        meanings = {"Problem": f"The answer is no; `code` says why. {Problem.MEMBERS}", "UNPROCESSABLE_ENTITY": wrong}
        for name, description in {**meanings, "UNPROCESSABLE_CONTENT": wrong}.items():
            response = {"description": description, "schema": Problem}
            prepare_response(response, self.spec, errors.PROBLEM)
            self.spec.components.response(name, response, lazy=True)


class Site(Flask):
    """Flask, told that no view of ours is a coroutine; it would look for that in each of them, at each request."""

    def ensure_sync(self, func: Any) -> Any:
        return func


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


def create_app(settings: GatewaySettings) -> Flask:
    """The application for these settings; resources that are switched off are not there at all."""
    app = Site("gateway", static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.url_map.converters.update(number=NumberConverter, sku=SkuConverter, name=NameConverter)
    app.config.update(
        PLEDGE=settings, API_TITLE="Pledge", API_VERSION="v1", OPENAPI_VERSION="3.1.0", PROPAGATE_EXCEPTIONS=False,
        TRAP_HTTP_EXCEPTIONS=False,
    )  # fmt: skip
    app.before_request(_begin)
    security.register(app, settings)
    limits.register(app, settings)
    app.after_request(_finish)
    plugin = MarshmallowPlugin(schema_name_resolver=Names().name_of)
    api = Documentation(app, spec_kwargs={"info": {"description": DESCRIPTION}, "marshmallow_plugin": plugin})
    _teach_documentation(api)
    for resource in RESOURCES:
        if not getattr(resource, "enabled", _always)(settings):
            continue
        if isinstance(resource.blp, Resource) and resource.blp.url_prefix == "/v1":
            api.register_blueprint(resource.blp)
        else:
            app.register_blueprint(resource.blp)  # aids for development are not part of the documented API
    app.add_url_rule("/metrics", "metrics", health.metrics)
    pages.register(app, orjson.dumps(api.spec.to_dict()))
    return app


class Application(DependencyProvider):
    """Gives workers the WSGI application, made once when the container is set up."""

    def setup(self) -> None:
        self.app = create_app(GatewaySettings.load(self.container.config[ENVIRON]))

    def get_dependency(self, worker_ctx: object) -> Any:
        return self.app.wsgi_app


def _always(_settings: GatewaySettings) -> bool:
    return True


def _begin() -> None:
    worker = request.environ.get(WORKER)
    g.trace_id = worker.context.data["caller"]["trace_id"] if worker else trace_id_of(request.environ)


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["X-Trace-Id"] = g.trace_id
    headers.setdefault("Cache-Control", "no-store")
    return response


def _teach_documentation(api: Documentation) -> None:
    """How our fields and path parts look in the OpenAPI document."""
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.register_field(fields.Time, "string", "date-time")
    api.register_field(fields.EmailAddress, "string", "email")
    api.register_field(fields.MoneyField, marshmallow_fields.Dict)
    api.ma_plugin.converter.add_attribute_function(_bounds)
    api.register_converter(NumberConverter, _number_schema)
    api.register_converter(NameConverter, lambda _: {"type": "string", "pattern": f"^{NameConverter.regex}$"})
    api.register_converter(SkuConverter, lambda _: {"type": "string", "pattern": f"^{fields.Sku.PATTERN}$"})


def _bounds(self: Any, field: Any, **_: Any) -> dict[str, Any]:
    """What our own fields demand beyond what marshmallow tells apispec."""
    if isinstance(field, fields.MoneyField):
        amount = {"type": "string", "pattern": r"^\d{1,10}(\.\d{2})?$"}
        properties: Mapping[str, Any] = {"amount": amount, "currency": {"const": "USD"}}
        return {"type": "object", "properties": properties, "required": ["amount", "currency"],
                "additionalProperties": False}  # fmt: skip
    if isinstance(field, fields.CountryCode):
        return {"pattern": "^[A-Z]{2}$"}
    return {}


def _number_schema(converter: NumberConverter) -> dict[str, Any]:
    body = ids.CHARACTER
    example = ids.number(converter.prefix, 0)
    return {"type": "string", "pattern": f"^{converter.prefix}-{body}{{4}}-{body}{{4}}-{body}$", "example": example}
