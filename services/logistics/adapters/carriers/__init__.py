"""Carriers: who tells us where parcels are. One adapter each, all of one shape.

    verify(headers, raw, now)   whether the webhook came from them; headers in lower case, the raw bytes as they came
    parse(raw, received_at)     what it says: a key to know it again by, and the scans
    fetch(numbers, now)         ask them ourselves, where they can be asked; a remote call, so never in a transaction

An adapter whose secret is not set believes nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.logistics.adapters.carriers.easypost import EasyPost
from services.logistics.adapters.carriers.reading import Webhook
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.refusals import MalformedWebhook, UnknownCarrier
from services.logistics.domain import TrackingEvent
from services.logistics.settings import LogisticsSettings

__all__ = ["Carrier", "Carriers", "MalformedWebhook", "UnknownCarrier", "Webhook"]


class Carrier(Protocol):
    """The shape of an adapter; `name` is its part of the webhook's address."""

    name: str

    @property
    def can_be_asked(self) -> bool: ...

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool: ...

    def parse(self, raw: bytes, received_at: datetime) -> Webhook: ...

    def fetch(self, numbers: Sequence[str], now: datetime) -> list[TrackingEvent]: ...


@dataclass(frozen=True)
class Carriers:
    """The adapters that the settings make."""

    adapters: Mapping[str, Carrier]

    @classmethod
    def of(cls, settings: LogisticsSettings) -> Carriers:
        easypost = EasyPost(settings.easypost_secret, settings.easypost_api_key, settings.easypost_url)
        known: list[Carrier] = [easypost, Simulator(settings.simulator_webhook_secret)]
        return cls({carrier.name: carrier for carrier in known})

    def get(self, name: str) -> Carrier:
        """The adapter of that name; NotFound `carrier_not_found`."""
        if name not in self.adapters:
            raise UnknownCarrier
        return self.adapters[name]

    @property
    def can_be_asked(self) -> bool:
        """Whether there is a carrier that can be asked."""
        return any(carrier.can_be_asked for carrier in self.adapters.values())

    def fetch(self, numbers: Sequence[str], now: datetime) -> list[TrackingEvent]:
        """What all the carriers that can be asked say of these numbers. Unavailable when one does not answer."""
        return [event for carrier in self.adapters.values() for event in carrier.fetch(numbers, now)]
