"""Shapes that stand in events and replies alike, and in the domain."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from services.common.basics import ids
from services.common.basics.money import ZERO, Money
from services.common.basics.personal import PersonalText


@dataclass(frozen=True)
class ShipmentLine:
    """So many pieces of a product. value: what they cost the customer together; None in what was written before."""

    line_id: int
    sku: str
    title: str = ""
    quantity: int = 0
    weight_g: int = 0
    hs_code: str | None = None
    origin_country: str | None = None
    unit_price: Money = ZERO
    value: Money | None = None

    @property
    def worth(self) -> Money:
        """What was paid for these pieces, as far as it is known."""
        return self.unit_price * self.quantity if self.value is None else self.value

    def pieces(self, quantity: int) -> ShipmentLine:
        """Return so many of its pieces, worth their share of it."""
        value = Money(self.worth.cents * quantity // self.quantity) if self.quantity else None
        return replace(self, quantity=quantity, value=value)


@dataclass(frozen=True)
class Promise:
    """The delivery window, and whose working days in which version of the calendar it was counted in."""

    earliest_at: datetime
    due_at: datetime
    calendar: str
    calendar_version: str
    provisional: bool


@dataclass(frozen=True)
class Packed:
    """So many pieces of a line of the shipment, in one of its parcels."""

    line_id: int
    quantity: int


@dataclass(frozen=True)
class PackedLine:
    """The same, as it is told: with what it is."""

    line_id: int
    sku: str
    title: str
    quantity: int


@dataclass(frozen=True)
class HandedOver:
    """A parcel, as the event of its dispatch names it; `lines` where it is known what is in it."""

    parcel_id: str
    carrier: str
    tracking_number: str
    lines: tuple[PackedLine, ...] | None = None


@dataclass(frozen=True)
class Rest:
    """What a shipment left behind in the warehouse: it follows as that shipment, which leaves by `due_at`."""

    shipment_number: str
    lines: tuple[PackedLine, ...]
    due_at: datetime


@dataclass(frozen=True)
class Eta:
    """When a carrier itself expects to deliver: a day where the parcel goes, or the first and the last of some."""

    first: date
    last: date


@dataclass(frozen=True)
class PickUp:
    """Where a parcel waits for its customer, as far as its carrier says it; `until` is the last day it is kept."""

    name: PersonalText | None = None
    address: PersonalText | None = None
    hours: PersonalText | None = None
    note: PersonalText | None = None
    until: date | None = None


@dataclass(frozen=True)
class HandedOn:
    """The carrier that has it for the last part of the way, and the number it has there, as far as it is told."""

    carrier: str | None = None
    tracking_number: str | None = None


@lru_cache(maxsize=1024)
def fold_number(number: str) -> str:
    """Return one spelling of a tracking number: "1z 999-885b" is "1Z999885B".

    If nothing else is left, return it unchanged.
    """
    folded = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", number).upper())
    return folded[:64] or number.strip()


def fold_parcel(text: str) -> str:
    """Return the id of a parcel as it is kept, however it was typed; what cannot be one is returned unchanged."""
    letters = fold_number(text)
    number = ids.fold_number(letters[:-2], ids.SHIPMENT)
    return f"{number}-{letters[-2:]}" if number and letters[-2:].isdigit() else text


def carrier_code(name: str) -> str:
    """Return one spelling of a carrier's name: "FedEx", "fedex " and "Fed Ex" are "fedex".

    Return "" if nothing is left.
    """
    return re.sub(r"[^a-z0-9]", "", name.casefold())[:40]
