"""Many shipments handed over by one file: the rows of each, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.logistics.api.batch import HandOverOutcome, HandOverRow
from services.logistics.api.parts import carrier_code, fold_number
from services.logistics.api.shipments import ParcelGiven
from services.logistics.api.statuses import ShipmentStatus
from services.logistics.domain.carriers import is_same
from services.logistics.domain.shipment import Shipment

BAD_ROW = "bad_row"
MOST_PARCELS = 50


@dataclass(frozen=True)
class ReadHandOver:
    """A row, the header is row 1: what it says, and its parcel or what is wrong with it. number: where it is one."""

    row: int
    said_number: str | None
    carrier: str | None
    tracking_number: str | None
    number: str | None
    parcel: ParcelGiven | None
    problem: str | None = None

    @property
    def key(self) -> tuple[str | None, str, str]:
        """What makes two rows say the same."""
        return self.number, carrier_code(self.carrier or ""), fold_number(self.tracking_number or "")


@dataclass(frozen=True)
class Box:
    """What a file says of one shipment. problem: why it is not handed over by it, whatever its other rows say."""

    number: str
    parcels: tuple[ParcelGiven, ...]
    problem: str | None


@dataclass(frozen=True)
class Became:
    """What became of a shipment of the file, or would."""

    outcome: HandOverOutcome
    code: str | None = None
    detail: str | None = None


def boxes(read: Sequence[ReadHandOver]) -> list[Box]:
    """Return the shipments of a file, as they first appear: each with all its parcels, each parcel once."""
    rows: dict[str, list[ReadHandOver]] = {}
    for each in read:
        if each.number is not None:
            rows.setdefault(each.number, []).append(each)
    return [_box(number, theirs) for number, theirs in rows.items()]


def _box(number: str, rows: Sequence[ReadHandOver]) -> Box:
    parcels = tuple({each.key: each.parcel for each in rows if each.parcel is not None}.values())
    wrong = next((each for each in rows if each.problem), None)
    problem = f"a shipment has at most {MOST_PARCELS} parcels" if len(parcels) > MOST_PARCELS else None
    return Box(number, parcels, f"row {wrong.row} of this shipment cannot be read" if wrong else problem)


def left_with(shipment: Shipment, parcels: Sequence[ParcelGiven]) -> bool:
    """Return whether it has left already, and all these are parcels of it."""
    mine = [(fold_number(each.tracking_number), each.carrier) for each in shipment.parcels]
    return shipment.status is ShipmentStatus.DISPATCHED and all(
        any(fold_number(given.tracking_number) == number and is_same(carrier_code(given.carrier), carrier)
            for number, carrier in mine)
        for given in parcels
    )  # fmt: skip


def told(read: Sequence[ReadHandOver], became: Mapping[str, Became]) -> list[HandOverRow]:
    """Say of each row what became of it."""
    seen: set[tuple[str | None, str, str]] = set()
    rows: list[HandOverRow] = []
    for each in read:
        rows.append(_told(each, became, repeated=each.key in seen))
        if each.problem is None:
            seen.add(each.key)
    return rows


def _told(each: ReadHandOver, became: Mapping[str, Became], *, repeated: bool) -> HandOverRow:
    found = Became(HandOverOutcome.REFUSED, BAD_ROW, each.problem)
    if each.problem is None and each.number is not None:
        found = became[each.number]
        if repeated and found.outcome is not HandOverOutcome.REFUSED:
            found = Became(HandOverOutcome.REPEATED)  # what is refused counts not even once
    return {
        "row": each.row, "number": each.said_number, "carrier": each.carrier, "tracking_number": each.tracking_number,
        "outcome": found.outcome, "code": found.code, "detail": found.detail,
    }  # fmt: skip
