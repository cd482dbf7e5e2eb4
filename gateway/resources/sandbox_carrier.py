"""The sandbox carrier: moves parcels about, and reports it by signed webhook as a real carrier does.

GET  /sandbox/carrier/parcels  ?q=                            → the parcels that were handed over and have not arrived
POST /sandbox/carrier/scans    {tracking_number, move}        → 202, then the webhook of the carrier `simulator`

A scan of it is about a parcel of any carrier, as long as one parcel alone has the number. In development only: it shows
where parcels go to all who ask.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, NamedTuple, TypedDict

import orjson

from gateway.http.calls import services, settings, speak_as
from gateway.http.resource import Resource
from gateway.resources.sandbox import report
from gateway.settings import GatewaySettings
from services.common.basics import clock
from services.common.basics.api import ANYONE
from services.common.basics.caller import WAREHOUSE, Caller
from services.common.basics.errors import NotFound
from services.common.basics.shapes import Line
from services.common.basics.untyped import JsonDict
from services.logistics.api.replies import ShipmentView
from services.logistics.api.shipments import ListShipments
from services.logistics.api.statuses import ParcelStatus, ShipmentStatus

SIGNATURE_HEADER = "Simulator-Signature"
WEBHOOK = "/v1/webhooks/carriers/simulator"
ARRIVED = (ParcelStatus.DELIVERED, ParcelStatus.RETURNED)
AT_A_TIME, MOST_PAGES = 100, 10
MoveName = Literal[
    "picked_up", "in_transit", "customs", "customs_hold", "out_for_delivery", "attempt_failed", "waits", "delivered",
    "lost", "returning", "returned",
]  # fmt: skip

blp = Resource("sandbox_carrier", "Play parcels", prefix="/sandbox/carrier")


class Move(NamedTuple):
    """What happens to a parcel: on the button, as the carrier's code, and in the words of the scan."""

    label: str
    code: ParcelStatus
    message: str


def _soon(days: int) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def _beside(name: MoveName) -> JsonDict:
    """Return what the carrier says beside the scan, as it is on that day."""
    match name:
        case "picked_up":
            return {"expected": {"first": _soon(9), "last": _soon(10)}}
        case "customs":
            return {"expected": {"first": _soon(8), "last": _soon(8)}}
        case "out_for_delivery":
            return {"expected": {"first": _soon(0), "last": _soon(0)}}
        case "waits":
            shop = {"name": "Corner Shop", "address": "4 Play Street", "hours": "Mon to Sat, 8 to 20"}
            return {"pick_up": {**shop, "until": _soon(7)}}
        case "delivered":
            return {"received_by": "The recipient"}
        case _:
            return {}


MOVES: dict[MoveName, Move] = {
    "picked_up": Move("Picked up", ParcelStatus.IN_TRANSIT, "Picked up from the sender"),
    "in_transit": Move("In transit", ParcelStatus.IN_TRANSIT, "Departed from a sorting centre"),
    "customs": Move("Customs", ParcelStatus.CUSTOMS, "Presented to customs"),
    "customs_hold": Move("Held by customs", ParcelStatus.CUSTOMS_HOLD, "Held by customs for inspection"),
    "out_for_delivery": Move("Out for delivery", ParcelStatus.OUT_FOR_DELIVERY, "Out for delivery"),
    "attempt_failed": Move("Nobody at home", ParcelStatus.ATTEMPT_FAILED, "Nobody was at home"),
    "waits": Move("Left at a shop", ParcelStatus.AVAILABLE_FOR_PICKUP, "Waits at a shop to be picked up"),
    "delivered": Move("Delivered", ParcelStatus.DELIVERED, "Delivered, handed to the recipient"),
    "lost": Move("Lost", ParcelStatus.LOST, "Cannot be found"),
    "returning": Move("Sent back", ParcelStatus.RETURNING, "On its way back to the sender"),
    "returned": Move("Returned to sender", ParcelStatus.RETURNED, "Returned to the sender"),
}


@dataclass(frozen=True)
class FindParcels:
    q: Annotated[str, Line(100, min=0)] = ""


@dataclass(frozen=True)
class Scan:
    tracking_number: Annotated[str, Line(64)]
    move: MoveName


class ParcelOnItsWay(TypedDict):
    """A parcel that was handed over and has not arrived, here or at the customer's."""

    id: str
    tracking_number: str
    carrier: str
    order_number: str
    shipment_number: str
    status: ParcelStatus
    last_event_at: str | None
    to: str


class MoveView(TypedDict):
    move: MoveName
    label: str


class ParcelsOnTheirWay(TypedDict):
    items: list[ParcelOnItsWay]
    moves: list[MoveView]


class Sent(TypedDict):
    """It will be reported by webhook."""

    status: Literal["sent"]
    id: str


def enabled(known: GatewaySettings) -> bool:
    return known.has_sample_money


@blp.get("/parcels", roles=(ANYONE,))
def list_parcels(query: FindParcels) -> ParcelsOnTheirWay:
    """List the parcels on their way, the last handed over first."""
    speak_as(Caller("sandbox:carrier", roles=frozenset({WAREHOUSE})))
    sent = sorted(_handed_over(query.q), key=lambda each: each["dispatched_at"] or "", reverse=True)
    moves: list[MoveView] = [{"move": name, "label": move.label} for name, move in MOVES.items()]
    return {"items": [parcel for shipment in sent for parcel in _parcels_of(shipment)], "moves": moves}


@blp.post("/scans", status=202, roles=(ANYONE,))
def scan(scan: Scan) -> Sent:
    """Scan a parcel. The shop is told as by any carrier: it may refuse, and orders scans by their time."""
    speak_as(Caller("sandbox:carrier", roles=frozenset({WAREHOUSE})))
    found = [parcel for shipment in _handed_over(scan.tracking_number) for parcel in _parcels_of(shipment)]
    parcel = next((each for each in found if each["tracking_number"] == scan.tracking_number), None)
    if parcel is None:
        raise NotFound("no parcel on its way has that number", code="parcel_not_found")
    move, scan_id = MOVES[scan.move], uuid.uuid4().hex
    event = {
        "tracking_number": scan.tracking_number,
        "code": move.code,
        "occurred_at": clock.now().isoformat(),
        "message": move.message,
        "beside": _beside(scan.move),
    }
    body = orjson.dumps({"id": scan_id, "events": [event]})
    report(f"{settings().public_url}{WEBHOOK}", settings().carrier_secret, body, SIGNATURE_HEADER)
    return {"status": "sent", "id": scan_id}


def _handed_over(wanted: str) -> Iterator[ShipmentView]:
    cursor = None
    for _ in range(MOST_PAGES):
        query = ListShipments(limit=AT_A_TIME, cursor=cursor, q=wanted or None, status=ShipmentStatus.DISPATCHED)
        page = services().logistics.list_shipments(query)
        yield from (each for each in page["items"] if each["closed_at"] is None)
        cursor = page["next_cursor"]
        if cursor is None:
            return


def _parcels_of(shipment: ShipmentView) -> list[ParcelOnItsWay]:
    to = shipment["destination"]
    return [
        {
            "id": parcel["id"],
            "tracking_number": parcel["tracking_number"],
            "carrier": parcel["carrier"],
            "order_number": shipment["order_number"],
            "shipment_number": shipment["number"],
            "status": parcel["status"],
            "last_event_at": parcel["last_event_at"],
            "to": ", ".join(part for part in (to.get("city"), to.get("country")) if part),
        }
        for parcel in shipment["parcels"]
        if parcel["status"] not in ARRIVED
    ]
