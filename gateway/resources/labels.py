"""Labels over HTTP: rates, the label itself as PDF, manifests for who picks up, and the ledger of what labels cost."""

from __future__ import annotations

import base64
from functools import partial

from flask import Response

from gateway.documents.printing import PDF
from gateway.http import exports, limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.api import Period
from services.common.basics.shapes import Page
from services.logistics.api import LogisticsApi
from services.logistics.api.labels import (
    AskRates,
    BuyLabel,
    CostKind,
    LabelCosts,
    LabelCostView,
    LabelList,
    LabelPaper,
    LabelView,
    ListLabelCosts,
    RatesView,
)
from services.logistics.api.manifests import ManifestList

ITEM = "/shipments/<number(SHP):number>"
LABEL = f"{ITEM}/labels/<id:label_id>"
COLUMNS: exports.Columns[LabelCostView] = {
    "at": lambda moved: moved["at"],
    "kind": lambda moved: moved["kind"],
    "paid": lambda moved: moved["amount"]["amount"] if moved["kind"] == CostKind.BOUGHT else "0.00",
    "back": lambda moved: moved["amount"]["amount"].removeprefix("-") if moved["kind"] != CostKind.BOUGHT else "0.00",
    "currency": lambda moved: moved["amount"]["currency"],
    "seller": lambda moved: moved["seller"],
    "carrier": lambda moved: moved["carrier"],
    "service": lambda moved: moved["service"],
    "shipment": lambda moved: moved["shipment_number"],
    "order": lambda moved: moved["order_number"],
    "label": lambda moved: moved["label_id"],
}

blp = Resource("labels", "Labels, bought of carriers; and what they cost")


@blp.post(f"{ITEM}/rates", LogisticsApi.ask_rates)
def ask_rates(number: str, asked: AskRates) -> RatesView:
    return services().logistics.ask_rates(number, asked)


@blp.post(f"{ITEM}/labels", LogisticsApi.buy_label, status=201)
def buy_label(number: str, wanted: BuyLabel) -> LabelView:
    return services().logistics.buy_label(number, wanted)


@blp.get(f"{ITEM}/labels", LogisticsApi.list_labels)
def list_labels(number: str) -> LabelList:
    return services().logistics.list_labels(number)


@blp.get(f"{LABEL}.pdf", LogisticsApi.get_label_paper, media=PDF, limit=limits.WRITES)
def print_label(number: str, label_id: str) -> Response:
    """Print a label, as often as wanted, while it is bought or used: the PDF of its carrier."""
    return _printed(services().logistics.get_label_paper(number, label_id))


@blp.delete(LABEL, LogisticsApi.void_label)
def void_label(number: str, label_id: str) -> LabelView:
    return services().logistics.void_label(number, label_id)


@blp.post("/manifests", LogisticsApi.make_manifests)
def make_manifests() -> ManifestList:
    return services().logistics.make_manifests()


@blp.get("/manifests", LogisticsApi.list_manifests)
def list_manifests() -> ManifestList:
    return services().logistics.list_manifests()


@blp.get("/manifests/<id:manifest_id>.pdf", LogisticsApi.get_manifest_paper, media=PDF, limit=limits.WRITES)
def print_manifest(manifest_id: str) -> Response:
    """Print a manifest, as often as wanted: the PDF of its carrier."""
    return _printed(services().logistics.get_manifest_paper(manifest_id))


@blp.get("/label-costs", LogisticsApi.list_label_costs)
def list_label_costs(query: ListLabelCosts) -> Page[LabelCostView]:
    return services().logistics.list_label_costs(query)


@blp.get("/label-costs/report", LogisticsApi.report_label_costs)
def report_label_costs(query: Period) -> LabelCosts:
    return services().logistics.report_label_costs(query)


@blp.get("/label-costs/export", LogisticsApi.list_label_costs, media="text/csv")
def export_label_costs(period: Period) -> Response:
    """Export what was paid for labels in a period, and what came back, as CSV in UTF-8, the oldest first.

    What a spreadsheet would take for a formula begins with an apostrophe. A file that cannot be read to its end is
    broken off.
    """
    return exports.stream(
        "label-costs.csv", export_label_costs.__name__, COLUMNS, exports.every_page(partial(_page, period))
    )


def _printed(paper: LabelPaper) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{paper["name"]}"', "Cache-Control": "no-store"}
    return Response(base64.b64decode(paper["pdf_base64"]), headers=headers, content_type=PDF)


def _page(period: Period, cursor: str | None) -> Page[LabelCostView]:
    wanted = ListLabelCosts(since=period.since, until=period.until, cursor=cursor, limit=100)
    return services().logistics.list_label_costs(wanted)
