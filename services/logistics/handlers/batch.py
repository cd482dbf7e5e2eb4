"""One step for many shipments, each in a transaction of its own, by the rules of the step alone.

A shipment that is refused costs that shipment alone. What is done is done once for the caller's key and the shipment,
however often the whole is sent: what was refused is tried again then. An outage ends the whole at once: Unavailable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial

from services.common.basics.errors import ServiceError, Unavailable
from services.common.bus.travel import write_argument
from services.common.store.database import in_one
from services.logistics.adapters import hand_over_rows
from services.logistics.api.batch import (
    BatchShipments,
    BatchStepOutcome,
    BatchStepResult,
    HandOverOutcome,
    HandOvers,
    StepOfMany,
)
from services.logistics.api.refusals import WrongShipmentStatus
from services.logistics.api.replies import ShipmentView
from services.logistics.api.shipments import MarkDispatched, Step
from services.logistics.domain import NewParcel
from services.logistics.domain.batch import BAD_ROW, Became, Box, ReadHandOver, boxes, left_with, told
from services.logistics.handlers import shipments
from services.logistics.handlers.label_use import parcels_given
from services.logistics.repository import Work

Transaction = Callable[..., AbstractContextManager[Work]]
REFUSED = HandOverOutcome.REFUSED


def batch_shipments(transaction: Transaction, batch: BatchShipments) -> BatchStepResult:
    """Take the step with each shipment, in the order in which they were named.

    Raise IdempotencyKeyReused for a key of another step or of other shipments.
    """
    in_one(transaction, lambda work: work.once("batch_shipments", [batch.step, *batch.numbers], lambda: 0))
    items = [_outcome(transaction, batch.step, number) for number in batch.numbers]
    return {"items": items, "done": sum("shipment" in item for item in items)}


def preview_hand_overs(work: Work, csv_text: str) -> HandOvers:
    """Say what would become of each row."""
    read = hand_over_rows.read(csv_text)
    found: dict[str, Became] = {}
    leaving: list[NewParcel] = []
    for box in boxes(read):
        found[box.number] = _refused_as(box, partial(_foresee, work, box, leaving))
        if found[box.number].outcome is HandOverOutcome.READY:
            leaving += parcels_given(box.parcels)
    return _result(read, found, HandOverOutcome.READY)


def upload_hand_overs(transaction: Transaction, csv_text: str) -> HandOvers:
    """Hand over each shipment of the file that can leave. Raise IdempotencyKeyReused for a key of another file."""
    read = hand_over_rows.read(csv_text)
    in_one(transaction, lambda work: work.once("upload_hand_overs", [csv_text], lambda: len(read)))
    found = {box.number: _refused_as(box, partial(_hand_over, transaction, box)) for box in boxes(read)}
    return _result(read, found, HandOverOutcome.DONE)


def _outcome(transaction: Transaction, step: StepOfMany, number: str) -> BatchStepOutcome:
    try:
        shipment = in_one(transaction, partial(_take_once, step, number))
    except Unavailable:
        raise  # it would be waited for with each of the others
    except ServiceError as refused:  # a ConcurrentUpdate is one too
        return {"number": number, "kind": refused.kind, "code": refused.code, "detail": refused.message}
    return {"number": number, "shipment": shipment}


def _take_once(step: StepOfMany, number: str, work: Work) -> ShipmentView:
    return work.once_for(number, "batch_shipments", [step, number], partial(_take, step, number, work))


def _take(step: StepOfMany, number: str, work: Work) -> ShipmentView:
    match step:
        case StepOfMany.SORTED:
            shipment = shipments.mark_sorted(work, number, Step())
        case StepOfMany.PACKED:
            shipment = shipments.mark_packed(work, number, Step())
        case StepOfMany.DISPATCHED:
            shipment = shipments.mark_dispatched(work, number, MarkDispatched())
    return shipments.show(work, shipment)


def _foresee(work: Work, box: Box, leaving: Sequence[NewParcel]) -> Became:
    shipment = work.shipments.get(box.number)
    if left_with(shipment, box.parcels):
        return Became(HandOverOutcome.KNOWN)
    shipments.require_leaving(work, shipment, parcels_given(box.parcels), work.now, but=leaving)
    return Became(HandOverOutcome.READY)


def _hand_over(transaction: Transaction, box: Box) -> Became:
    return Became(HandOverOutcome(in_one(transaction, partial(_leave_once, box))))


def _leave_once(box: Box, work: Work) -> str:
    asked = [box.number, [write_argument(each) for each in box.parcels]]
    return work.once_for(box.number, "upload_hand_overs", asked, partial(_leave, box, work))


def _leave(box: Box, work: Work) -> str:
    try:
        shipments.mark_dispatched(work, box.number, MarkDispatched(box.parcels))
    except WrongShipmentStatus:
        if left_with(work.shipments.get(box.number), box.parcels):
            return HandOverOutcome.KNOWN.value
        raise
    return HandOverOutcome.DONE.value


def _refused_as(box: Box, act: Callable[[], Became]) -> Became:
    if box.problem is not None:
        return Became(REFUSED, BAD_ROW, box.problem)
    try:
        return act()
    except Unavailable:
        raise
    except ServiceError as refused:  # a ConcurrentUpdate is one too
        return Became(REFUSED, refused.code, refused.message)


def _result(read: Sequence[ReadHandOver], found: Mapping[str, Became], leaves: HandOverOutcome) -> HandOvers:
    rows = told(read, found)
    leaving = sum(each.outcome is leaves for each in found.values())
    return {"rows": rows, "shipments": leaving, "refused": sum(each["outcome"] is REFUSED for each in rows)}
