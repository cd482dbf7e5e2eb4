"""The Flask application: resources, pages, documentation, and what holds for every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import IO, Any

import orjson
from flask import Flask, Request, Response, current_app, g, request
from nameko.extensions import DependencyProvider
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from gateway.http import documentation, limits, security
from gateway.http.calls import WORKER
from gateway.http.documentation import Documentation, Names, Plugin
from gateway.http.reader import BODY_LIMIT
from gateway.http.resource import (
    CountryConverter,
    DiscountConverter,
    EmailConverter,
    IdConverter,
    LinkConverter,
    NameConverter,
    NumberConverter,
    PaperConverter,
    ParcelConverter,
    PlaceConverter,
    RatingConverter,
    Resource,
    SessionConverter,
    SkuConverter,
    SlugConverter,
    VersionConverter,
)
from gateway.http.windows import Windows
from gateway.live import desk, streams, viewing
from gateway.live.sharing import SharedWindows
from gateway.resources import (
    addresses,
    api_keys,
    basis,
    batch,
    changes,
    commitments,
    complaints,
    contact,
    costs,
    discounts,
    disputes,
    documents,
    health,
    journal,
    knowledge,
    labels,
    ledger,
    links,
    mailbox,
    operations,
    order_holds,
    orders,
    papers,
    payments,
    privacy,
    products,
    quality,
    ratings,
    remedies,
    replies,
    reports,
    returns,
    reviews,
    rules,
    sandbox,
    sandbox_books,
    sandbox_carrier,
    sandbox_labels,
    service_reports,
    shipments,
    shop,
    shop_sandbox,
    sign_in,
    staff,
    stock_places,
    suggestions,
    teams,
    tickets,
    timeline,
    tracking,
    triage,
    uploads,
    webhook_endpoints,
    webhooks,
    workload,
)
from gateway.settings import GatewaySettings
from gateway.uploads.refusals import unkept
from gateway.web import pages, security_txt
from gateway.web.forms import conversations, edits, forms, help_centre, printed, rating
from services.common.basics import ids
from services.common.basics.shapes import SKU_PATTERN
from services.common.runtime.config import ENVIRON
from services.common.runtime.telemetry import trace_id_of
from services.common.runtime.upload_settings import UploadSettings
from services.logistics.api.papers import PaperKind
from services.support.api.articles import SLUG_PATTERN
from services.support.api.ratings import RATING_EXAMPLE, RATING_LINK
from services.support.api.uploads import MOST_FILES

RESOURCES = (
    sign_in, staff, links, privacy,
    products, stock_places, discounts, addresses, orders, timeline, streams, desk, viewing, changes, remedies, reviews,
    payments, disputes, order_holds, ledger, documents, shipments, batch, papers, labels, costs, tracking, returns,
    contact, uploads, knowledge, basis, replies, quality, tickets, complaints, teams, rules, triage, workload,
    ratings, service_reports,
    suggestions, commitments, reports, journal, operations, webhooks, webhook_endpoints, api_keys,
    health, sandbox, sandbox_books, mailbox, shop,
    shop_sandbox, sandbox_carrier, sandbox_labels, forms, conversations, edits, help_centre, printed, rating,
)  # fmt: skip
DESCRIPTION = """\
Orders, logistics, after-sales and support of one cross-border shop.

Money is `{"amount": "12.34", "currency": "USD"}`, times are RFC 3339 in UTC. Every refusal is a problem document \
(RFC 9457) whose `code` is stable. Lists are pages: `?limit=&cursor=` → `{"items", "next_cursor"}`. POSTs and PUTs \
take an `Idempotency-Key`; edits by staff may send `If-Match` with the ETag they saw. Answers may gain fields.
"""


PARTS: Mapping[type, Callable[[Any], dict[str, object]]] = {
    NumberConverter: lambda converter: documentation.number_schema(converter.prefix),
    EmailConverter: lambda _: {
        "type": "string",
        "pattern": f"^{EmailConverter.regex}$",
        "example": "grace@shop.example",
    },
    SessionConverter: lambda _: {"type": "string", "pattern": f"^{SessionConverter.regex}$", "example": "0" * 32},
    LinkConverter: lambda _: {"type": "string", "pattern": f"^{LinkConverter.regex}$", "example": "1"},
    VersionConverter: lambda _: {"type": "string", "pattern": f"^{VersionConverter.regex}$", "example": "1"},
    CountryConverter: lambda _: {"type": "string", "pattern": f"^{CountryConverter.regex}$", "example": "DE"},
    NameConverter: lambda _: {"type": "string", "pattern": f"^{NameConverter.regex}$", "example": "simulator"},
    PaperConverter: lambda _: {"type": "string", "enum": [*PaperKind], "example": "packing-slip"},
    ParcelConverter: lambda _: {
        "type": "string",
        "pattern": f"^{ParcelConverter.regex}$",
        "example": f"{ids.number(ids.SHIPMENT, 0)}-01",
    },
    IdConverter: lambda _: {
        "type": "string",
        "pattern": f"^{IdConverter.regex}$",
        "example": "01a20754-ee94-760f-a6fc-682105ef84bb",
    },
    SkuConverter: lambda _: {"type": "string", "pattern": f"^{SKU_PATTERN}$", "example": "MUG-CLAY-350"},
    RatingConverter: lambda _: {"type": "string", "pattern": f"^{RATING_LINK}$", "example": RATING_EXAMPLE},
    PlaceConverter: lambda _: {"type": "string", "pattern": f"^{PlaceConverter.regex}$", "example": "berlin"},
    DiscountConverter: lambda _: {"type": "string", "pattern": f"^{DiscountConverter.regex}$", "example": "SPRING-10"},
    SlugConverter: lambda _: {"type": "string", "pattern": f"^{SLUG_PATTERN}$", "example": "free-shipping"},
}
"""How the parts of paths look in the document."""


FORM_PARTS = 40
"""Fields and files of a form that is sent with files."""

_documents: dict[tuple[str, ...], dict[str, object]] = {}
"""The OpenAPI documents of this process, by the resources in them: most of a start's work is to write one."""


class Dropped(BytesIO):
    """What a form has beyond the files that it may have: its view counts it and refuses them, so nothing is kept."""

    def write(self, data: object, /) -> int:
        return 0


class GatewayRequest(Request):
    """A request whose form may have files: they are parsed to the disk that has room for them, not to memory.

    Only as many files are opened as a form may have, whatever comes; a form of more parts than any of ours is 413.
    """

    _opened = 0

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        if not filename or self._opened >= MOST_FILES:
            return Dropped()
        self._opened += 1
        settings: GatewaySettings = current_app.config["PLEDGE"]
        try:
            file = settings.part(UploadSettings).store.scratch()
        except OSError as problem:
            raise unkept(problem) from problem
        self.environ.setdefault("gateway.after_answer", []).append(file.close)
        return file


class Route(Rule):
    """A rule that learns to build its address when one is built: none is here, and learning is half of a start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def build(rule: Rule, **values: object) -> tuple[str, str]:
            return Rule._compile_builder(rule, append_unknown)(rule, **values)

        return build


def create_app(settings: GatewaySettings, windows: Windows | None = None) -> Flask:
    """Build the application for these settings. Resources that are switched off do not exist in it."""
    app = Flask("gateway", static_folder=None, template_folder=None)
    app.request_class = GatewayRequest
    app.url_rule_class = Route
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.url_map.converters.update(
        number=NumberConverter,
        email=EmailConverter,
        session=SessionConverter,
        link=LinkConverter,
        sku=SkuConverter,
        slug=SlugConverter,
        discount=DiscountConverter,
        place=PlaceConverter,
        country=CountryConverter,
        name=NameConverter,
        paper=PaperConverter,
        parcel=ParcelConverter,
        id=IdConverter,
        rating=RatingConverter,
        version=VersionConverter,
    )
    app.config.update(
        PLEDGE=settings, API_TITLE="Pledge", API_VERSION="v1", OPENAPI_VERSION="3.1.0", PROPAGATE_EXCEPTIONS=False,
        TRAP_HTTP_EXCEPTIONS=False, MAX_FORM_PARTS=FORM_PARTS,
    )  # fmt: skip
    app.before_request(_begin)
    security.register(app, settings)
    limits.register(app, settings, windows or Windows())
    app.after_request(_finish)
    plugin = Plugin(schema_name_resolver=Names().name_of)
    about = {"description": DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}}
    servers = [{"url": settings.public_url, "description": "this shop"}]
    api = Documentation(app, spec_kwargs={"info": about, "servers": servers, "marshmallow_plugin": plugin})
    documentation.teach(api, PARTS)
    enabled = [each.blp for each in RESOURCES if getattr(each, "enabled", _always)(settings)]
    # aids for development are not part of the documented API
    documented = [blp for blp in enabled if isinstance(blp, Resource) and blp.url_prefix == "/v1"]
    described = tuple(blp.name for blp in documented)
    for blp in enabled:
        if blp in documented and described not in _documents:
            api.register_blueprint(blp)
        else:
            app.register_blueprint(blp)
    if described not in _documents:
        _documents[described] = api.spec.to_dict()
    app.add_url_rule("/metrics", "metrics", health.metrics)
    security_txt.register(app, settings)
    pages.register(app, orjson.dumps({**_documents[described], "servers": servers}), settings)
    return app


class Application(DependencyProvider):
    """Gives workers the WSGI application, made once when the container is set up."""

    windows = SharedWindows()

    def setup(self) -> None:
        self.app = create_app(GatewaySettings.load(self.container.config[ENVIRON]), self.windows.windows)

    def get_dependency(self, worker_ctx: object) -> object:
        return self.app.wsgi_app

    def body_limit(self, method: str, path: str) -> int:
        """Return the most bytes that a body may have at an address, as its route declares."""
        try:
            found = self.app.url_map.bind("").match(path, method)
        except HTTPException:
            return BODY_LIMIT
        limit: int = getattr(self.app.view_functions[found[0]], "body_limit", BODY_LIMIT)
        return limit


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
