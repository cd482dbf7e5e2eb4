"""The warehouse's papers over HTTP: as PDF, one shipment or many at a time, and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from flask import Response, g

from gateway.documents import printing, warehouse
from gateway.documents.warehouse import FactsMissing, FormNotWanted
from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics import ids
from services.common.basics.clock import now
from services.common.basics.shapes import Example, Length, Line, Note, Number
from services.logistics.api import LogisticsApi
from services.logistics.api.papers import (
    MOST_AT_ONCE,
    PaperKind,
    PapersOf,
    PapersOfMany,
    PapersView,
    PickListOf,
    PickListView,
    WeighShipment,
)
from services.logistics.api.replies import ShipmentView
from services.logistics.api.wares import ReadUnit, SaveWare, UnitView, WareView

ITEM = "/shipments/<number(SHP):number>"
REFUSED = (FactsMissing, FormNotWanted)

blp = Resource("papers", "Pick lists, packing slips, labels and customs forms")


@dataclass(frozen=True)
class PrintPapers:
    """Of which shipments to print what; shipments that need no customs form get none."""

    examples: ClassVar[Mapping[str, object]] = {
        "labels": {"numbers": [ids.number(ids.SHIPMENT, 0)], "kind": "address-label"},
    }

    numbers: Annotated[
        tuple[Annotated[str, Number(ids.SHIPMENT), Example(ids.number(ids.SHIPMENT, 0))], ...], Length(1, MOST_AT_ONCE)
    ]
    kind: PaperKind = PaperKind.ALL
    carrier: Annotated[str, Line(40), Note("of those that are not handed over yet"), Example("usps")] | None = None


@blp.get("/pick-list", LogisticsApi.get_pick_list)
def get_pick_list(query: PickListOf) -> PickListView:
    return services().logistics.get_pick_list(query)


@blp.get("/pick-list.pdf", LogisticsApi.get_pick_list, media=printing.PDF, limit=limits.WRITES)
def print_pick_list(query: PickListOf) -> Response:
    """Print what to take from which shelf for the shipments that are to be packed."""
    return printing.pdf("pick-list.pdf", warehouse.pick_list(services().logistics.get_pick_list(query), now()))


@blp.get(f"{ITEM}/papers", LogisticsApi.get_papers)
def get_papers(number: str, query: PapersOf) -> PapersView:
    return services().logistics.get_papers(number, query)


@blp.get(
    f"{ITEM}/documents/<paper:kind>.pdf", LogisticsApi.get_papers, media=printing.PDF, errors=REFUSED,
    limit=limits.WRITES,
)  # fmt: skip
def print_papers(number: str, kind: str, query: PapersOf) -> Response:
    """Print a paper of a shipment: slip, label, a customs form, all that customs wants, or all of them.

    409 `facts_missing` names what a customs form lacks, and of which product: nothing is made up. 409 `form_not_wanted`
    where customs wants another form, or none.
    """
    found = services().logistics.get_papers(number, query)
    return printing.pdf(f"{kind}-{number}.pdf", *warehouse.papers_of(found, PaperKind(kind), now()))


@blp.post(
    "/shipments/documents", LogisticsApi.list_papers, media=printing.PDF, errors=REFUSED, limit=limits.WRITES,
)  # fmt: skip
def print_many_papers(wanted: PrintPapers) -> Response:
    """Print the papers of many shipments as one PDF, or none of them: one that cannot be printed refuses all."""
    found = services().logistics.list_papers(PapersOfMany(wanted.numbers, wanted.carrier))["items"]
    g.also_shown = [each["number"] for each in found]
    return printing.pdf("papers.pdf", *warehouse.papers_of_many(found, wanted.kind, now()))


@blp.post(f"{ITEM}/weight", LogisticsApi.weigh_shipment)
def weigh_shipment(number: str, weighing: WeighShipment) -> ShipmentView:
    return services().logistics.weigh_shipment(number, weighing)


@blp.get(f"{ITEM}/unit", LogisticsApi.read_unit)
def read_unit(number: str, query: ReadUnit) -> UnitView:
    return services().logistics.read_unit(number, query)


@blp.get("/wares/<sku:sku>", LogisticsApi.get_ware)
def get_ware(sku: str) -> WareView:
    return services().logistics.get_ware(sku)


@blp.put("/wares/<sku:sku>", LogisticsApi.put_ware)
def put_ware(sku: str, ware: SaveWare) -> WareView:
    return services().logistics.put_ware(sku, ware)
