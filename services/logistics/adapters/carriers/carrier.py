"""What a carrier is for us: where parcels are, told by webhook or when asked. One adapter each, all of one shape.

An adapter is a `Settings`: its fields are the variables that it needs, so it is configured as it is declared. An
adapter without a secret accepts no webhook.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.common.runtime.config import Settings
from services.logistics.adapters.carriers.reading import Webhook
from services.logistics.adapters.carriers.seller import Seller
from services.logistics.domain import is_heard_of


@dataclass(frozen=True)
class Carrier(Settings, ABC):
    """The shape of an adapter; `name` is its part of the webhook's address."""

    name: ClassVar[str]
    calls_a_minute: ClassVar[int] = 120
    """So often we call it, at most, in each process: well below what its API allows."""

    @property
    def can_be_asked(self) -> bool:
        """Whether `register` and `fetch` reach a service."""
        return False

    def watches(self, carrier: str) -> bool:
        """Return whether it can be told of this carrier's parcels, and asked for them."""
        return self.can_be_asked and is_heard_of(carrier)

    @property
    def seller(self) -> Seller | None:
        """Return the seller of its labels, as it is set up. None if its labels are not sold here."""
        return None

    @abstractmethod
    def verify(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """Return whether the webhook came from them. Headers are in lower case, the bytes raw as they came."""

    @abstractmethod
    def parse(self, raw: bytes, received_at: datetime) -> Webhook:
        """Return what it says: a key to know it again by, and the scans. MalformedWebhook for nonsense."""

    def register(self, number: str, carrier: str, now: datetime) -> Webhook:
        """Tell them of a parcel, so that they tell us of it; a remote call, so never in a transaction."""
        return Webhook(number, ())

    def fetch(self, number: str, now: datetime, carrier: str = "") -> Webhook:
        """Ask them about a parcel; a remote call, so never in a transaction."""
        return Webhook(number, ())
