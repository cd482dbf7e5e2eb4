"""The calls that take a step with many shipments."""

from __future__ import annotations

from services.common.runtime.service import opens_its_own
from services.logistics.api.batch import BatchShipments, BatchStepResult, HandOvers
from services.logistics.handlers import batch
from services.logistics.handlers.batch import Transaction
from services.logistics.repository import Work


class Batching:
    """A part of the service (`service`); `work` is a call's transaction, where it does not open its own."""

    work: Work
    transaction: Transaction

    @opens_its_own
    def batch_shipments(self, wanted: BatchShipments) -> BatchStepResult:
        return batch.batch_shipments(self.transaction, wanted)

    def preview_hand_overs(self, csv_text: str) -> HandOvers:
        return batch.preview_hand_overs(self.work, csv_text)

    @opens_its_own
    def upload_hand_overs(self, csv_text: str) -> HandOvers:
        return batch.upload_hand_overs(self.transaction, csv_text)
