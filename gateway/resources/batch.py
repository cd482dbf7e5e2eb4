"""One step for many shipments over HTTP: by their numbers, or by a file of tracking numbers."""

from __future__ import annotations

from typing import Annotated, NotRequired, TypedDict

from gateway.http.calls import services
from gateway.http.errors import status_of_reply
from gateway.http.resource import Resource
from gateway.http.sheets import MOST_BYTES, MalformedCsv, csv_body, csv_text
from services.common.basics.shapes import Note
from services.logistics.api import LogisticsApi
from services.logistics.api.batch import BatchShipments, BatchStepOutcome, HandOvers, ShipmentNumber
from services.logistics.api.replies import ShipmentView

EXAMPLE = "number,carrier,tracking_number\nSHP-7K2M-9QXT-4,fedex,794644790138\n"
blp = Resource("batch", "One step for many shipments")


class BatchedShipment(TypedDict):
    """What came of one shipment: as it is now, or the code and the words of its refusal."""

    number: ShipmentNumber
    status: Annotated[int, Note("what the step would answer for this shipment alone: 200 if it was done")]
    shipment: NotRequired[ShipmentView]
    code: NotRequired[str]
    detail: NotRequired[str]


class BatchedShipments(TypedDict):
    """One outcome for each shipment, in the order in which they were named. done: for how many it was done."""

    items: list[BatchedShipment]
    done: int


@blp.post("/shipments/batch", LogisticsApi.batch_shipments, status=207)
def batch_shipments(batch: BatchShipments) -> BatchedShipments:
    found = services().logistics.batch_shipments(batch)
    return {"items": [_with_status(each) for each in found["items"]], "done": found["done"]}


@blp.post(
    "/shipments/batch/dispatched/preview", LogisticsApi.preview_hand_overs, errors=(MalformedCsv,),
    body=csv_body(EXAMPLE), body_limit=MOST_BYTES,
)  # fmt: skip
def preview_hand_overs() -> HandOvers:
    return services().logistics.preview_hand_overs(csv_text())


@blp.post(
    "/shipments/batch/dispatched", LogisticsApi.upload_hand_overs, errors=(MalformedCsv,), body=csv_body(EXAMPLE),
    body_limit=MOST_BYTES,
)  # fmt: skip
def upload_hand_overs() -> HandOvers:
    return services().logistics.upload_hand_overs(csv_text())


def _with_status(outcome: BatchStepOutcome) -> BatchedShipment:
    if "shipment" in outcome:
        return {"number": outcome["number"], "status": 200, "shipment": outcome["shipment"]}
    status = status_of_reply(outcome["kind"], outcome["code"])
    return {"number": outcome["number"], "status": status, "code": outcome["code"], "detail": outcome["detail"]}
