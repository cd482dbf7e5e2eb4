"""The warehouse over HTTP: what must leave and until when, and the steps on the way out (sections 2 and 3)."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.logistics.api import LogisticsApi
from services.logistics.api.replies import ShipmentView
from services.logistics.api.shipments import ListShipments, MarkDispatched, Step

ITEM = "/shipments/<number(SHP):number>"

blp = Resource("shipments", "Sorting, packing and handing over within 3 working days of the review")


@blp.get("/shipments", LogisticsApi.list_shipments)
def list_shipments(query: ListShipments) -> Page[ShipmentView]:
    return services().logistics.list_shipments(query)


@blp.get(ITEM, LogisticsApi.get_shipment)
def get_shipment(number: str) -> ShipmentView:
    return services().logistics.get_shipment(number)


@blp.post(f"{ITEM}/sorted", LogisticsApi.mark_sorted)
def mark_sorted(number: str, step: Step) -> ShipmentView:
    return services().logistics.mark_sorted(number, step)


@blp.post(f"{ITEM}/packed", LogisticsApi.mark_packed)
def mark_packed(number: str, step: Step) -> ShipmentView:
    return services().logistics.mark_packed(number, step)


@blp.post(f"{ITEM}/dispatched", LogisticsApi.mark_dispatched)
def mark_dispatched(number: str, handed_over: MarkDispatched) -> ShipmentView:
    return services().logistics.mark_dispatched(number, handed_over)
