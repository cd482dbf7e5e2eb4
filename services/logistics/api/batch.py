"""The warehouse's steps for many shipments at once: by their numbers, or by a file of tracking numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, NotRequired, TypedDict

from services.common.basics import ids
from services.common.basics.api import Api, command, query
from services.common.basics.caller import WAREHOUSE
from services.common.basics.errors import Invalid
from services.common.basics.shapes import Length, Note, Number, Wrong
from services.logistics.api.replies import ShipmentView

MOST_STEPS, MOST_HAND_OVERS = 50, 100

ShipmentNumber = Annotated[str, Number(ids.SHIPMENT)]


class BadHandOverCsv(Invalid):
    """The text is no CSV, has no column that it needs, or too many rows."""

    code = "bad_hand_over_csv"
    message = "This is not a CSV of parcels that are handed over."


class StepOfMany(StrEnum):
    """The steps. `dispatched`: each under the label that was bought for it."""

    SORTED = "sorted"
    PACKED = "packed"
    DISPATCHED = "dispatched"


@dataclass(frozen=True)
class BatchShipments:
    """One step for many shipments, each named once."""

    examples: ClassVar[Mapping[str, object]] = {
        "begin to sort": {"step": "sorted", "numbers": [ids.number(ids.SHIPMENT, 0)]},
    }

    step: StepOfMany
    numbers: Annotated[tuple[ShipmentNumber, ...], Length(1, MOST_STEPS)]

    def __post_init__(self) -> None:
        if len({*self.numbers}) < len(self.numbers):
            raise Wrong({"numbers": "Each shipment once."})


class BatchStepOutcome(TypedDict):
    """What came of one shipment: as it is now, or the kind, the code and the words of its refusal."""

    number: ShipmentNumber
    shipment: NotRequired[ShipmentView]
    kind: NotRequired[str]
    code: NotRequired[str]
    detail: NotRequired[str]


class BatchStepResult(TypedDict):
    """One outcome for each shipment, in the order in which they were named. done: for how many it was done."""

    items: list[BatchStepOutcome]
    done: int


class HandOverOutcome(StrEnum):
    """What becomes of a row. `ready`: it would be handed over; `done`: it is.

    `known`: it was handed over before, with this parcel. `repeated`: an earlier row says the same; it counts once.
    """

    READY = "ready"
    DONE = "done"
    KNOWN = "known"
    REPEATED = "repeated"
    REFUSED = "refused"


class HandOverRow(TypedDict):
    """What becomes of a row. row: its number in the file, the header is 1. code, detail: why it is refused."""

    row: int
    number: str | None
    carrier: str | None
    tracking_number: str | None
    outcome: HandOverOutcome
    code: Annotated[str | None, Note("as of the step alone; `bad_row`: it cannot be read, or its mate")]
    detail: str | None


class HandOvers(TypedDict):
    """The rows of a file. shipments: how many leave by it."""

    rows: list[HandOverRow]
    shipments: int
    refused: int


class Batch(Api):
    """One step for many shipments."""

    @command(roles=(WAREHOUSE,), personal=True)
    def batch_shipments(self, batch: BatchShipments) -> BatchStepResult:
        """Take one step with up to 50 shipments, each by itself, by the rules of the step alone.

        Each has its own outcome: one that is refused costs that shipment alone. With an Idempotency-Key each is done at
        most once, also when the request is sent again.
        """

    @query(roles=(WAREHOUSE,), errors=(BadHandOverCsv,))
    def preview_hand_overs(self, csv_text: str) -> HandOvers:
        """Say what would become of each row of a file of tracking numbers. Nothing is kept."""

    @command(roles=(WAREHOUSE,), errors=(BadHandOverCsv,))
    def upload_hand_overs(self, csv_text: str) -> HandOvers:
        """Hand over packed shipments by the rows of a CSV, each shipment by itself, with an outcome for each row.

        Columns: `number` of the shipment, `carrier`, `tracking_number`; at most 100 rows. Rows of one shipment are its
        parcels, and leave together or not at all. The same file again changes nothing.
        """
