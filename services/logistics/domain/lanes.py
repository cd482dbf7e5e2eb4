"""Rows of the report about carriers: parcels that are alike are counted in the database, and summed here. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from services.common.basics.shapes import BreachCause
from services.common.basics.shares import reached_by, share_of
from services.logistics.api.lanes import LaneBy, LaneRow
from services.logistics.api.statuses import Missing
from services.logistics.domain.usual import HALF, MOST

LOST = frozenset({Missing.LOST, Missing.NEVER_SCANNED, Missing.NOT_RECEIVED})
RETURNED = frozenset({Missing.RETURNING, Missing.RETURNED, Missing.REFUSED, Missing.CANCELLED})


class Cell(NamedTuple):
    """So many parcels are alike. kept: None while the promise is not decided; days: None while it is not delivered.

    cause: who broke the promise, where it was broken.
    """

    carrier: str
    country: str
    kept: bool | None
    days: int | None
    missing: Missing | None
    number: int
    origin: str = ""
    cause: BreachCause = BreachCause.UNKNOWN


Key = tuple[str | None, str | None, str | None]
_EACH: tuple[tuple[LaneBy, Callable[[Cell], Key]], ...] = (
    (LaneBy.ALL, lambda cell: (None, None, None)),
    (LaneBy.CARRIER, lambda cell: (cell.carrier, None, None)),
    (LaneBy.COUNTRY, lambda cell: (None, cell.country, None)),
    (LaneBy.LANE, lambda cell: (cell.carrier, cell.country, cell.origin)),
)


def lanes(cells: Iterable[Cell]) -> list[LaneRow]:
    """Return the row of all parcels, which is always there, and those of each carrier, country and lane by name."""
    known = list(cells)
    rows: list[LaneRow] = []
    for by, key_of in _EACH:
        grouped: dict[Key, list[Cell]] = {(None, None, None): []} if by is LaneBy.ALL else {}
        for cell in known:
            grouped.setdefault(key_of(cell), []).append(cell)
        named = sorted(grouped.items(), key=lambda item: tuple(name or "" for name in item[0]))
        rows += [_row(by, key, found) for key, found in named]
    return rows


def _row(by: LaneBy, key: Key, cells: list[Cell]) -> LaneRow:
    def count(which: Callable[[Cell], bool]) -> int:
        return sum(cell.number for cell in cells if which(cell))

    def late_by(cause: BreachCause) -> int:
        return count(lambda cell: cell.kept is False and cell.cause is cause)

    on_time, late = count(lambda cell: cell.kept is True), count(lambda cell: cell.kept is False)
    days = [(cell.days, cell.number) for cell in cells if cell.days is not None]
    return {
        "by": by,
        "carrier": key[0],
        "country": key[1],
        "origin": key[2],
        "parcels": count(lambda cell: True),
        "delivered": sum(number for _, number in days),
        "on_time": on_time,
        "late": late,
        "late_by_carrier": late_by(BreachCause.CARRIER),
        "late_by_customs": late_by(BreachCause.CUSTOMS),
        "late_by_customer": late_by(BreachCause.CUSTOMER),
        "late_by_unknown": late_by(BreachCause.UNKNOWN),
        "on_time_share": share_of(on_time, on_time + late),
        "lost": count(lambda cell: cell.days is None and cell.missing in LOST),
        "returned": count(lambda cell: cell.days is None and cell.missing in RETURNED),
        "days_half": reached_by(HALF, days),
        "days_most": reached_by(MOST, days),
    }
