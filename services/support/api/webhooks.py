"""Webhooks that we send, by Standard Webhooks: systems of the shop are told what happens to orders, parcels, returns.

    webhook-id: 01a20741-af0f-78bd-abd5-59d22ef0d5df      the event's own id, the same for each attempt
    webhook-timestamp: 1796000000
    webhook-signature: v1,<base64>                        two of them while the secret is being changed
    {"type": "order_placed", "timestamp": "2026-11-30T21:00:00Z", "data": {"order_number": …}}

No personal data leaves: what an event declares as personal is left out of `data`. Who needs it asks the API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import ADMIN
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.shapes import Example, Length, Line, Note, Page, PageQuery, Timestamp, Version
from services.common.basics.states import VersionMoved
from services.support.api.parts import Accepted, OrderNumber
from services.support.api.webhook_events import DisabledReason


class DeliveryState(StrEnum):
    """How far an event is on its way to one address."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookEndpointNotFound(NotFound):
    """There is no such address that events are sent to."""

    code = "webhook_endpoint_not_found"
    message = "There is no such webhook endpoint."


class WebhookDeliveryNotFound(NotFound):
    """There is no such delivery, or no longer: they are kept for 30 days."""

    code = "webhook_delivery_not_found"
    message = "There is no such webhook delivery, or no longer."


class WebhookUrlRefused(Invalid):
    """Events cannot be sent to this address: see `detail`."""

    code = "webhook_url_refused"
    message = "Events cannot be sent to this address."


class UnknownEventType(Invalid):
    """Events of this type are not sent out. details: names."""

    code = "unknown_event_type"
    message = "Events of this type are not sent out; GET /v1/webhook-endpoints lists those that are."


class TooManyEndpoints(Conflict):
    """There are as many addresses as there can be."""

    code = "too_many_webhook_endpoints"
    message = "There are as many webhook endpoints as there can be: remove one first."


class WebhookEndpointOff(Conflict):
    """The address is disabled: nothing is sent to it."""

    code = "webhook_endpoint_disabled"
    message = "This webhook endpoint is disabled: enable it first."


class WebhookEndpointMovedOn(VersionMoved):
    """The address has another version than the one that the caller saw."""

    message = "Somebody else changed this webhook endpoint meanwhile; look again."


EndpointId = Annotated[str, Line(36), Example("01a20741-af0f-78bd-abd5-59d22ef0d5df")]
Url = Annotated[
    str,
    Line(2000),
    Example("https://shop.example/hooks/pledge"),
    Note("https, with a public address; nothing is sent to private, local or link-local ones"),
]
EventType = Annotated[str, Line(64), Example("order_placed")]
EventTypes = Annotated[list[EventType], Length(1, 50)]
Description = Annotated[str, Line(120), Example("The shop's stock system"), Note("for staff: what it is")]


NewDescription = Annotated[str, Line(120, min=0), Example("The shop's stock system"), Note("empty: none")]


@dataclass(frozen=True)
class AddEndpoint:
    """Where events go to, and which."""

    examples: ClassVar[Mapping[str, object]] = {
        "orders and parcels": {
            "url": "https://shop.example/hooks/pledge",
            "event_types": ["order_placed", "parcel_delivered"],
            "description": "The shop's stock system",
        }
    }

    url: Url
    event_types: EventTypes
    description: Description | None = None


@dataclass(frozen=True)
class ChangeEndpoint:
    """What is left out stays. enabled: false stops the sending; version: refuse if it has changed since."""

    url: Url | None = None
    event_types: EventTypes | None = None
    description: NewDescription | None = None
    enabled: bool | None = None
    version: Version | None = None


@dataclass(frozen=True)
class ListDeliveries(PageQuery):
    """Of one address, or in one state."""

    endpoint_id: EndpointId | None = None
    state: DeliveryState | None = None


class EndpointView(TypedDict):
    """An address that events are sent to."""

    id: EndpointId
    url: str
    description: str | None
    event_types: list[str]
    enabled: bool
    disabled_reason: DisabledReason | None
    disabled_at: Timestamp | None
    failing_since: Annotated[Timestamp | None, Note("since then no attempt has succeeded")]
    old_secret_until: Annotated[Timestamp | None, Note("until then the secret before signs too")]
    created_at: Timestamp
    created_by: str
    version: int


class EndpointList(TypedDict):
    """All addresses, and the types of events that can be sent."""

    items: list[EndpointView]
    event_types: list[str]


class NewEndpoint(TypedDict):
    """A new address with its secret, which is shown this once."""

    endpoint: EndpointView
    secret: Annotated[str, Example("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]


class AttemptView(TypedDict):
    """status: of the reply, null if there was none; `problem` says why. reply: its first bytes."""

    at: Timestamp
    status: int | None
    reply: str
    problem: str | None


class DeliveryView(TypedDict):
    """One event on its way to one address."""

    id: str
    endpoint_id: EndpointId
    event_id: Annotated[str, Note("sent as webhook-id")]
    event_type: str
    order_number: OrderNumber | None
    state: DeliveryState
    occurred_at: Timestamp
    next_attempt_at: Timestamp | None
    ended_at: Timestamp | None
    attempts: Annotated[list[AttemptView], Note("the newest last, twenty at most")]


class Webhooks(Api):
    """Addresses that events are sent to, and how that goes."""

    @query(roles=(ADMIN,))
    def list_webhook_endpoints(self) -> EndpointList:
        """List the addresses that events are sent to, and the types that can be sent."""

    @command(roles=(ADMIN,), errors=(WebhookUrlRefused, UnknownEventType, TooManyEndpoints), keyed=False)
    def add_webhook_endpoint(self, wish: AddEndpoint) -> NewEndpoint:
        """Send events of these types to an address from now on. The secret that signs them is shown this once."""

    @command(
        roles=(ADMIN,),
        errors=(WebhookEndpointNotFound, WebhookUrlRefused, UnknownEventType, WebhookEndpointMovedOn),
    )
    def change_webhook_endpoint(self, endpoint_id: EndpointId, wish: ChangeEndpoint) -> EndpointView:
        """Change an address, what is sent to it, or whether anything is. Disabled, what waits for it is given up."""

    @command(roles=(ADMIN,), errors=(WebhookEndpointNotFound,), keyed=False)
    def renew_webhook_secret(self, endpoint_id: EndpointId) -> NewEndpoint:
        """Make another secret, shown this once. The one before signs too for a day, so that nothing is refused."""

    @command(roles=(ADMIN,), errors=(WebhookEndpointNotFound,))
    def remove_webhook_endpoint(self, endpoint_id: EndpointId) -> Accepted:
        """Remove an address, with what was sent to it."""

    @query(roles=(ADMIN,))
    def list_webhook_deliveries(self, query: ListDeliveries) -> Page[DeliveryView]:
        """List what was sent and is to be sent, the newest first, with each attempt. It is kept for 30 days."""

    @command(roles=(ADMIN,), errors=(WebhookDeliveryNotFound, WebhookEndpointOff))
    def replay_webhook_delivery(self, delivery_id: EndpointId) -> DeliveryView:
        """Send an event once more, at once, under the same webhook-id."""
