"""Parcels that are handed over, as the rows of a CSV.

number,carrier,tracking_number
SHP-7K2M-9QXT-4,fedex,794644790138

The columns may stand in any order, separated by commas, semicolons or tabs; others are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.common.basics import ids
from services.common.basics.csv_rows import UnusableTable, named_rows
from services.logistics.api.batch import MOST_HAND_OVERS, BadHandOverCsv
from services.logistics.api.parts import carrier_code, fold_number
from services.logistics.api.shipments import NUMBERS_HAVE, ParcelGiven
from services.logistics.domain.batch import ReadHandOver

NEEDED = frozenset({"number", "carrier", "tracking_number"})
_MOST = {"carrier": 40, "tracking_number": 64}
_SHORTENED = re.compile(r"\d+([.,]\d+E\+?|E\+)\d+", re.IGNORECASE)


def read(given: str) -> list[ReadHandOver]:
    """Read a file. Raise BadHandOverCsv for one that cannot be read as a whole."""
    try:
        return [_read(number, row) for number, row in named_rows(given, NEEDED, MOST_HAND_OVERS)]
    except UnusableTable as problem:
        raise BadHandOverCsv(str(problem)) from None


def _read(place: int, row: Mapping[str, str]) -> ReadHandOver:
    cells = {name: " ".join(row.get(name, "").split()) for name in NEEDED}
    number = ids.fold_number(cells["number"], ids.SHIPMENT)
    carrier, tracking_number = (cells[name][:most] or None for name, most in _MOST.items())
    problem = _problem(number, cells)
    parcel = None if problem else ParcelGiven(cells["carrier"], cells["tracking_number"])
    shown = number or cells["number"][:40] or None
    return ReadHandOver(place, shown, carrier, tracking_number, number, parcel, problem)


def _problem(number: str | None, cells: Mapping[str, str]) -> str | None:
    if number is None:
        return "number is none of a shipment"
    if long := [name for name, most in _MOST.items() if len(cells[name]) > most]:
        return f"{' and '.join(long)} is too long"
    if unseen := [name for name in _MOST if not cells[name].isprintable()]:
        return f"{' and '.join(unseen)} has a character that is not seen"
    if _SHORTENED.fullmatch(cells["tracking_number"]):
        return "tracking_number: a spreadsheet has shortened it"
    folded = fold_number(cells["tracking_number"])
    if not (folded.isascii() and folded.isalnum()):
        return f"tracking_number: {NUMBERS_HAVE}"
    return None if carrier_code(cells["carrier"]) else "carrier: A carrier's name has letters or digits."
