"""Carriers: who tells us where parcels are.

carrier          what an adapter is                       reading    reading what others write
easypost         many carriers at one address             where      the places in their scans
aftership        the same, with their scans' sub-status   words      what the words of a scan tell
seventeen_track  posts, and the lines out of China        scanned    how a scan becomes one of ours
                                                          beside     what is said beside scans
                                                          calls      calling their APIs, within a budget
shippo           the carriers whose labels are sold there
csv_rows         carriers without a connection
simulator        a carrier of our own, to try things      scenarios  what it can send
seller           who sells labels: easypost_labels, simulator_labels

Adding one: write its adapter and name it in `CARRIERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from services.common.runtime.config import Settings
from services.logistics.adapters.carriers.aftership import AfterShip
from services.logistics.adapters.carriers.calls import Budget, TooManyCalls
from services.logistics.adapters.carriers.carrier import Carrier
from services.logistics.adapters.carriers.csv_rows import CsvRows
from services.logistics.adapters.carriers.easypost import EasyPost
from services.logistics.adapters.carriers.reading import Webhook
from services.logistics.adapters.carriers.seller import Quote, Refund, Seller
from services.logistics.adapters.carriers.seventeen_track import SeventeenTrack
from services.logistics.adapters.carriers.shippo import Shippo
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.refusals import MalformedWebhook, UnknownCarrier

__all__ = [
    "CARRIERS",
    "Carrier",
    "Carriers",
    "MalformedWebhook",
    "Quote",
    "Refund",
    "Seller",
    "TooManyCalls",
    "UnknownCarrier",
    "Webhook",
]

CARRIERS: tuple[type[Carrier], ...] = (
    EasyPost,
    AfterShip,
    SeventeenTrack,
    Shippo,
    CsvRows,
    Simulator,
)


@dataclass(frozen=True)
class Carriers:
    """The adapters by name, as they are configured."""

    adapters: Mapping[str, Carrier]

    @classmethod
    def of(cls, settings: Settings) -> Carriers:
        """Return the carriers that these settings have as parts."""
        return cls({kind.name: settings.part(kind) for kind in CARRIERS})

    def get(self, name: str) -> Carrier:
        """Return the adapter of that name. Raise NotFound `carrier_not_found` if there is none."""
        if name not in self.adapters:
            raise UnknownCarrier
        return self.adapters[name]

    @property
    def sellers(self) -> Mapping[str, Seller]:
        """Those who sell labels, by the names of their carriers."""
        found = {name: carrier.seller for name, carrier in self.adapters.items()}
        return {name: seller for name, seller in found.items() if seller is not None}

    @property
    def can_be_asked(self) -> bool:
        """Whether there is a carrier that can be asked."""
        return any(carrier.can_be_asked for carrier in self.adapters.values())

    def watching(self, carrier: str) -> Carrier | None:
        """Return the adapter that can register this carrier's parcels and ask for them, if there is one."""
        if carrier in self.adapters:
            adapter = self.adapters[carrier]
            return adapter if adapter.can_be_asked else None
        return next((each for each in self.adapters.values() if each.watches(carrier)), None)

    @cached_property
    def budgets(self) -> Mapping[str, Budget]:
        """How often each may still be called, by name, in this process."""
        return {name: Budget(each.calls_a_minute) for name, each in self.adapters.items()}
