"""The customer's own edit as a fact; part of orders' events (`events`)."""

from __future__ import annotations

from dataclasses import dataclass

from services.common.basics.personal import PersonalText
from services.orders.api.order_event import OrderEvent
from services.orders.api.parts import Consent, OfferedOption
from services.orders.api.statuses import ChangeKind


@dataclass(frozen=True, kw_only=True)
class EditRequested(OrderEvent):
    """The customer changes their own order: this option, which they were shown and agreed to.

    asks_warehouse: it is done when logistics has cleared it; else it is done with this. shipments: which it is about,
    where others of the order have left.
    """

    change_id: str
    kind: ChangeKind
    summary: PersonalText
    option: OfferedOption
    consent: Consent
    asks_warehouse: bool
    shipments: tuple[str, ...] = ()
