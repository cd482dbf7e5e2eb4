"""What the warehouse knows of a product: where it lies, its GTIN, and what the catalogue told of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.common.basics.events import Event
from services.common.basics.folding import code_key
from services.logistics.api.events import WareSaved
from services.logistics.api.parts import ShipmentLine
from services.logistics.api.wares import SaveWare, WrongUnit


@dataclass(eq=False)
class Ware:
    """shelf, gtin: as the warehouse says. The rest: as orders told last, at `product_version` of the product."""

    sku_key: str
    sku: str
    shelf: str | None = None
    gtin: str | None = None
    weight_g: int | None = None
    hs_code: str | None = None
    origin_country: str | None = None
    product_version: int = 0
    version: int = 0

    def save(self, wanted: SaveWare) -> Event:
        """Take over where it lies and what is printed on it."""
        self.shelf, self.gtin, self.version = wanted.shelf, wanted.gtin, self.version + 1
        return WareSaved(sku=self.sku, shelf=self.shelf, gtin=self.gtin, ware_version=self.version)

    def learn(self, version: int, weight_g: int | None, hs_code: str | None, origin_country: str | None) -> None:
        """Take over what the catalogue tells, unless something newer was told before."""
        if version > self.product_version:
            self.weight_g, self.hs_code, self.origin_country = weight_g, hs_code, origin_country
            self.product_version = version


@dataclass(frozen=True)
class Unit:
    """What a scanned code says of a package."""

    gtin: str
    pieces: int = 1
    batch: str | None = None
    serial: str | None = None
    best_before: date | None = None


def line_of(code: str, unit: Unit | None, lines: Sequence[ShipmentLine], owner: Ware | None) -> ShipmentLine:
    """Return the line that a scanned piece belongs to. Raise WrongUnit for a piece of no line.

    owner: which product has the GTIN that was scanned, if any.
    """
    meant = owner.sku if owner else code  # a SKU may be a GTIN itself
    found = next((line for line in lines if line.quantity and code_key(line.sku) == code_key(meant)), None)
    if found is None:
        sku = owner.sku if owner else code if unit is None else None
        gtin = unit.gtin if unit else None
        said = f"{sku or f'GTIN {gtin}, which no product here has,'} does not belong in this box."
        raise WrongUnit(said, details={"sku": sku, "gtin": gtin})
    return found


@dataclass(frozen=True)
class ToPick:
    """Pieces that lie on one shelf. boxes: how many of them each shipment gets."""

    shelf: str | None
    sku: str
    title: str
    boxes: Mapping[str, int]

    @property
    def pieces(self) -> int:
        return sum(self.boxes.values())


def to_pick(boxes: Iterable[tuple[str, Sequence[ShipmentLine]]], wares: Mapping[str, Ware]) -> tuple[ToPick, ...]:
    """Return what to take from which shelf, in the order in which one walks; what has no shelf comes last.

    boxes: numbers of shipments with their lines. wares: by SKU.
    """
    found: dict[str, ToPick] = {}
    for number, lines in boxes:
        for line in lines:
            if line.quantity <= 0:
                continue
            known = wares.get(line.sku)
            row = found.setdefault(line.sku, ToPick(known.shelf if known else None, line.sku, line.title, {}))
            counts = {**row.boxes, number: row.boxes.get(number, 0) + line.quantity}
            found[line.sku] = ToPick(row.shelf, row.sku, row.title, counts)
    return tuple(sorted(found.values(), key=lambda row: (row.shelf is None, _walked(row.shelf or ""), row.sku)))


def _walked(shelf: str) -> list[tuple[int, int, str]]:
    """Return how a shelf is sorted: A-2 before A-10."""
    parts = re.findall(r"\d+|[^\d]+", shelf.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
