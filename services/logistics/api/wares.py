"""What the warehouse knows of a product: where it lies, and which code is printed on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import LEAD, WAREHOUSE
from services.common.basics.errors import Conflict, Invalid
from services.common.basics.shapes import Between, Example, Format, Line, Note, Pattern, Seen, Wrong
from services.common.basics.states import VersionMoved
from services.logistics.api.refusals import ShipmentNotFound

WareVersion = Annotated[int, Between(0, 2**31 - 1), Seen(), Note("refuse if it is another one; or send If-Match")]
Gtin = Annotated[
    str, Line(18), Pattern(r"\d([ -]?\d){7}(([ -]?\d){4,6})?", "Not a GTIN."), Example("4006381333931"),
    Note("8, 12, 13 or 14 digits, as below the bars"),
]  # fmt: skip


class GtinTaken(Conflict):
    """Another product has this GTIN. `details`: `{"sku"}`."""

    code = "gtin_taken"
    message = "Another product has this GTIN."


class WrongUnit(Conflict):
    """What was scanned does not belong in this box. `details`: `{"sku", "gtin"}`; sku: what it is, if that is known."""

    code = "wrong_unit"
    message = "This does not belong in the box."


class UnreadableCode(Invalid):
    """What was scanned is neither a SKU of ours nor a code of a product (GS1)."""

    code = "unreadable_code"
    message = "This is no code of a product."


def full_gtin(gtin: str) -> str:
    """Return a GTIN with 14 digits: "4006381333931" is "04006381333931"."""
    return re.sub(r"[ -]", "", gtin).zfill(14)


def is_gtin(digits: str) -> bool:
    """Return whether the last of 14 digits is the check digit of the others (GS1 General Specifications, 7.9)."""
    tripled = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[:-1]))
    return (10 - tripled % 10) % 10 == int(digits[-1])


@dataclass(frozen=True)
class SaveWare:
    """All of it; what is left out is not known any more."""

    shelf: Annotated[str, Line(40), Example("A-03-2")] | None = None
    gtin: Gtin | None = None
    version: WareVersion | None = None

    def __post_init__(self) -> None:
        if self.gtin is not None:
            object.__setattr__(self, "gtin", full_gtin(self.gtin))
            if not is_gtin(self.gtin):
                raise Wrong({"gtin": "Its last digit does not fit the others."})


@dataclass(frozen=True)
class ReadUnit:
    """A code as the scanner typed it: GTIN, GS1 element string or SKU. ~ stands for its separator (FNC1)."""

    code: Annotated[str, Line(200), Example("]C10104006381333931")]


class WareView(TypedDict):
    """What the warehouse knows of a product; version 0: nothing yet."""

    sku: str
    shelf: str | None
    gtin: Annotated[str | None, Note("with 14 digits")]
    version: int


class UnitView(TypedDict):
    """A piece that belongs in the box, as its code tells."""

    sku: str
    title: str
    pieces: Annotated[int, Note("how many the scanned package holds")]
    gtin: str | None
    batch: str | None
    serial: str | None
    best_before: Annotated[str | None, Note("or to be used by"), Format("date"), Example("2027-01-31")]


class Wares(Api):
    """Shelves, and the codes on goods."""

    @query(roles=(WAREHOUSE, LEAD))
    def get_ware(self, sku: str) -> WareView:
        """Tell where a product lies, and which GTIN is printed on it."""

    @command(roles=(WAREHOUSE, LEAD), errors=(GtinTaken, VersionMoved))
    def put_ware(self, sku: str, ware: SaveWare) -> WareView:
        """Say where a product lies and which GTIN is printed on it.

        With If-Match (or `version`) only if it has not changed meanwhile: 412 `version_moved`. 409 `gtin_taken`.
        """

    @query(roles=(WAREHOUSE,), errors=(ShipmentNotFound, WrongUnit, UnreadableCode))
    def read_unit(self, number: str, unit: ReadUnit) -> UnitView:
        """Tell which piece of a shipment was scanned.

        409 `wrong_unit` for what is not in it, or has a GTIN that no product here has; 422 `unreadable_code`.
        """
