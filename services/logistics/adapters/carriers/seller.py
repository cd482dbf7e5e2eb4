"""What a seller of labels is for us: rates for a box, one of them bought, its paper, and our money back.

Each call is a remote one, so never in a transaction. What is said no to is a Conflict (`rate_gone`, `address_refused`,
`label_refused`) or CarrierBusy: then nothing was paid. CarrierUnavailable says that this is not known.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from services.common.basics import clock
from services.common.basics.errors import Unavailable
from services.logistics.adapters.carriers.calls import Answer, TooManyCalls, call
from services.logistics.api.labels import CarrierBusy, CarrierUnavailable
from services.logistics.domain.boxes import ToShip
from services.logistics.domain.labels import Bought, Label, Rate
from services.logistics.domain.manifests import Manifest, Manifested

PATIENCE = (2.0, 3.0)
"""Seconds to connect and to wait: a person waits for it. What comes later is asked for again."""
MOST_BYTES = 1 << 20
"""Of a label as PDF."""
OUR_FAULT = frozenset({401, 402, 403})
"""No key, no money there: it is for us to put right, and nothing is known."""
SAYS_NO = frozenset(range(400, 500)) - OUR_FAULT
"""What a seller refuses with, and says why."""


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


def ask(
    who: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    json: object = None,
    data: bytes | None = None,
) -> Answer:
    """Call a seller, as patiently as a person is. Raise CarrierBusy, CarrierUnavailable; a refusal is an answer."""
    try:
        return call(
            who, method, url, clock.now(),
            headers=headers, auth=auth, params=params, json=json, data=data, expected=SAYS_NO, timeout=PATIENCE,
        )  # fmt: skip
    except TooManyCalls as busy:
        raise CarrierBusy from busy
    except Unavailable as silent:
        raise CarrierUnavailable(silent.message) from silent


class Seller(ABC):
    """The shape of a seller; `name` is that of its carrier's adapter."""

    name: ClassVar[str]
    makes_manifests: ClassVar[bool] = False

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

    def manifest(self, manifest: Manifest, numbers: Collection[str]) -> Manifested:
        """Make a manifest, or return what became of it when it was asked for before. Raise what `buy` does.

        numbers: the tracking numbers of its labels.
        """
        raise CarrierUnavailable

    def manifest_paper(self, manifest: Manifest) -> bytes:
        """Return a manifest that is made as PDF. Raise CarrierUnavailable, also if it is not there yet."""
        raise CarrierUnavailable
