"""Carriers: who tells us where parcels are. One adapter each, all of one shape.

    verify(headers, raw, now)   whether the webhook came from them; headers in lower case, the raw bytes as they came
    parse(raw, received_at)     what it says: a key to know it again by, and the scans
    register(number, carrier, now)  tell them of a parcel, so that they tell us of it
    fetch(number, now)          ask them ourselves; both are remote calls, so never in a transaction

An adapter without a secret accepts no webhook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.logistics.adapters.carriers.easypost import EasyPost
from services.logistics.adapters.carriers.reading import Webhook
from services.logistics.adapters.carriers.simulator import Simulator
from services.logistics.api.refusals import MalformedWebhook, UnknownCarrier
from services.logistics.domain import is_heard_of
from services.logistics.settings import LogisticsSettings

__all__ = ["Carrier", "Carriers", "MalformedWebhook", "UnknownCarrier", "Webhook"]


class Carrier(Protocol):
    """The shape of an adapter; `name` is its part of the webhook's address."""

    name: str

    @property
    def can_be_asked(self) -> bool: ...

    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool: ...

    def parse(self, raw: bytes, received_at: datetime) -> Webhook: ...

    def register(self, number: str, carrier: str, now: datetime) -> Webhook: ...

    def fetch(self, number: str, now: datetime) -> Webhook: ...


@dataclass(frozen=True)
class Carriers:
    """The adapters that the settings make."""

    adapters: Mapping[str, Carrier]

    @classmethod
    def of(cls, settings: LogisticsSettings) -> Carriers:
        key, url, tests = settings.easypost_api_key, settings.easypost_url, settings.development
        easypost = EasyPost(settings.easypost_secret, key, url, takes_tests=tests)
        known: list[Carrier] = [easypost, Simulator(settings.simulator_webhook_secret)]
        return cls({carrier.name: carrier for carrier in known})

    def get(self, name: str) -> Carrier:
        """Return the adapter of that name. Raise NotFound `carrier_not_found` if there is none."""
        if name not in self.adapters:
            raise UnknownCarrier
        return self.adapters[name]

    @property
    def can_be_asked(self) -> bool:
        """Whether there is a carrier that can be asked."""
        return any(carrier.can_be_asked for carrier in self.adapters.values())

    def watching(self, carrier: str) -> Carrier | None:
        """Return the adapter that can register this carrier's parcels and ask for them, if there is one."""
        if carrier in self.adapters:
            adapter = self.adapters[carrier]
            return adapter if adapter.can_be_asked else None
        asked = (each for each in self.adapters.values() if each.can_be_asked)
        return next(asked, None) if is_heard_of(carrier) else None
