"""What a seller of labels is for us: rates for a box, one of them bought, its paper, and our money back.

Each call is a remote one, so never in a transaction. What is said no to is a Conflict (`rate_gone`, `address_refused`,
`label_refused`) or CarrierBusy: then nothing was paid. CarrierUnavailable says that this is not known.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from services.logistics.domain.boxes import ToShip
from services.logistics.domain.labels import Bought, Label, Rate

PATIENCE = (2.0, 3.0)
"""Seconds to connect and to wait: a person waits for it. What comes later is asked for again."""
MOST_BYTES = 1 << 20
"""Of a label as PDF."""


@dataclass(frozen=True)
class Quote:
    """What is offered for a box. reference: the seller's name for it; problems: why some rates are missing."""

    reference: str
    rates: tuple[Rate, ...]
    problems: tuple[str, ...] = ()


class Refund(Enum):
    """What the seller says of a label that is given back."""

    DONE = "done"
    ASKED = "asked"
    REFUSED = "refused"


class Seller(ABC):
    """The shape of a seller; `name` is that of its carrier's adapter."""

    name: ClassVar[str]

    @abstractmethod
    def quote(self, box: ToShip) -> Quote:
        """Return what it would take for the box. Raise AddressRefused, CarrierBusy, CarrierUnavailable."""

    @abstractmethod
    def buy(self, label: Label) -> Bought:
        """Buy it, or return what was bought under its key before. Raise what the module says."""

    @abstractmethod
    def find(self, label: Label) -> Bought | None:
        """Return what was bought under its key, if anything was. Raise CarrierBusy, CarrierUnavailable."""

    @abstractmethod
    def paper(self, label: Label) -> bytes:
        """Return a bought label as PDF. Raise CarrierUnavailable, also if it is not there yet."""

    @abstractmethod
    def void(self, label: Label) -> Refund:
        """Give a bought label back, or return what became of that. Raise CarrierBusy, CarrierUnavailable."""
