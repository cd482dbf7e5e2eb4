"""Which events the shop's own systems can be told of (`api.webhooks`), and how that is added to the table of what
support follows.

Support sends them, because it has the admins, their mails and what else leaves the house, and follows these events
anyway: no service learns of addresses outside that it does not need, and no event travels once more for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from services.aftersales.api import events as aftersales
from services.common.basics.events import Event
from services.common.basics.message import Message
from services.common.runtime.following import Following
from services.logistics.api import events as logistics
from services.orders.api import events as orders
from services.support.handlers import delivering
from services.support.repository import Work

SENT_OUT: tuple[type[Event], ...] = (
    orders.OrderPlaced,
    orders.PaymentCaptured,
    orders.PaymentFailed,
    orders.OrderChanged,
    orders.OrderCancelled,
    orders.OrderExpired,
    orders.RefundSettled,
    logistics.ShipmentDispatched,
    logistics.ParcelException,
    logistics.ParcelDelivered,
    logistics.DeliveryTakenBack,
    aftersales.ReturnRequested,
    aftersales.ReturnAuthorized,
    aftersales.ReturnRejected,
    aftersales.ReturnReceived,
    aftersales.ReturnRefunded,
)
"""What can be subscribed to: support follows each of them for itself (`follows`)."""


def also_sent_out(follows: tuple[Following, ...]) -> tuple[Following, ...]:
    """Return the table with what is sent out: after what support does with an event itself."""
    return tuple(_also(each) if each.event in SENT_OUT else each for each in follows)


def _also(following: Following) -> Following:
    return replace(following, handler=_both(following.handler, following.when), when=None)


def _both(handler: Callable[..., None], when: Callable[..., bool] | None) -> Callable[..., None]:
    @wraps(handler)
    def handle(work: Work, event: Event, message: Message) -> None:
        if when is None or when(event, message):
            handler(work, event, message)
        delivering.queue_event(work, event, message)

    return handle
