"""The warehouse over HTTP: what must leave and until when, and the steps on the way out (sections 2 and 3)."""

from __future__ import annotations

from gateway.http.calls import caller, services
from gateway.http.resource import Resource
from gateway.http.sheets import MOST_BYTES, MalformedCsv, csv_body, csv_text
from gateway.resources.uploads import reserve
from services.common.basics.shapes import Page
from services.logistics.api import LogisticsApi
from services.logistics.api.photos import AddPhotos
from services.logistics.api.replies import FlawView, ShipmentView, UnmatchedView
from services.logistics.api.shipments import (
    CorrectHandOver,
    CorrectParcel,
    DenyDelivery,
    ListShipments,
    MarkDispatched,
    RecordDelivery,
    Step,
)
from services.logistics.api.sources import MarkedWebhooks, RereadWebhooks, UploadedScans
from services.logistics.api.tracking import AttachScans, DismissScans, ListFlaws, ListUnmatched
from services.support.api.uploads import UploadMissing

ITEM = "/shipments/<number(SHP):number>"
EXAMPLE = "tracking_number,occurred_at,status,message\nVAN-1,2026-03-10T15:20:00-06:00,delivered,Handed over\n"

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


@blp.post(f"{ITEM}/photos", LogisticsApi.add_photos, errors=(UploadMissing,))
def add_photos(number: str, photos: AddPhotos) -> ShipmentView:
    LogisticsApi.methods["add_photos"].require(caller(), ())  # who may not do it learns nothing of files
    reserve(photos.photos, field="photos")
    return services().logistics.add_photos(number, photos)


@blp.post(f"{ITEM}/dispatched", LogisticsApi.mark_dispatched)
def mark_dispatched(number: str, handed_over: MarkDispatched) -> ShipmentView:
    return services().logistics.mark_dispatched(number, handed_over)


@blp.patch(f"{ITEM}/hand-over", LogisticsApi.correct_hand_over)
def correct_hand_over(number: str, correction: CorrectHandOver) -> ShipmentView:
    return services().logistics.correct_hand_over(number, correction)


@blp.patch(f"{ITEM}/parcels/<parcel:parcel_id>", LogisticsApi.correct_parcel)
def correct_parcel(number: str, parcel_id: str, correction: CorrectParcel) -> ShipmentView:
    return services().logistics.correct_parcel(number, parcel_id, correction)


@blp.post(f"{ITEM}/parcels/<parcel:parcel_id>/delivery", LogisticsApi.record_delivery)
def record_delivery(number: str, parcel_id: str, delivery: RecordDelivery) -> ShipmentView:
    return services().logistics.record_delivery(number, parcel_id, delivery)


@blp.post(f"{ITEM}/parcels/<parcel:parcel_id>/non-delivery", LogisticsApi.deny_delivery)
def deny_delivery(number: str, parcel_id: str, denial: DenyDelivery) -> ShipmentView:
    return services().logistics.deny_delivery(number, parcel_id, denial)


@blp.get("/scans/flaws", LogisticsApi.list_flaws)
def list_flaws(query: ListFlaws) -> Page[FlawView]:
    return services().logistics.list_flaws(query)


@blp.post(
    "/scans/upload", LogisticsApi.upload_scans, errors=(MalformedCsv,), body=csv_body(EXAMPLE), body_limit=MOST_BYTES
)
def upload_scans() -> UploadedScans:
    return services().logistics.upload_scans(csv_text())


@blp.post("/scans/reread", LogisticsApi.reread_webhooks, status=202)
def reread_webhooks(wanted: RereadWebhooks) -> MarkedWebhooks:
    return services().logistics.reread_webhooks(wanted)


@blp.get("/scans/unmatched", LogisticsApi.list_unmatched)
def list_unmatched(query: ListUnmatched) -> Page[UnmatchedView]:
    return services().logistics.list_unmatched(query)


@blp.post("/scans/unmatched/<id:unmatched_id>/attach", LogisticsApi.attach_unmatched)
def attach_unmatched(unmatched_id: str, attachment: AttachScans) -> ShipmentView:
    return services().logistics.attach_unmatched(unmatched_id, attachment)


@blp.post("/scans/unmatched/<id:unmatched_id>/dismiss", LogisticsApi.dismiss_unmatched)
def dismiss_unmatched(unmatched_id: str, dismissal: DismissScans) -> UnmatchedView:
    return services().logistics.dismiss_unmatched(unmatched_id, dismissal)
