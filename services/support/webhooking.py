"""The calls about webhooks that we send."""

from __future__ import annotations

from services.common.basics.shapes import Page
from services.common.runtime.service import opens_its_own
from services.support.api.parts import Accepted
from services.support.api.webhooks import (
    AddEndpoint,
    ChangeEndpoint,
    DeliveryView,
    EndpointList,
    EndpointView,
    ListDeliveries,
    NewEndpoint,
)
from services.support.handlers import webhooks
from services.support.repository import Transaction, Work
from services.support.sent_out import SENT_OUT

TYPES = tuple(event.type for event in SENT_OUT)


class SupportWebhooks:
    """A part of the service (`service`); each call has its transaction in `work`, unless it opens its own."""

    work: Work
    transaction: Transaction

    def list_webhook_endpoints(self) -> EndpointList:
        return webhooks.list_endpoints(self.work, TYPES)

    @opens_its_own
    def add_webhook_endpoint(self, wish: AddEndpoint) -> NewEndpoint:
        return webhooks.add_endpoint(self.transaction, wish, TYPES)

    @opens_its_own
    def change_webhook_endpoint(self, endpoint_id: str, wish: ChangeEndpoint) -> EndpointView:
        return webhooks.change_endpoint(self.transaction, endpoint_id, wish, TYPES)

    @opens_its_own
    def renew_webhook_secret(self, endpoint_id: str) -> NewEndpoint:
        return webhooks.renew_secret(self.transaction, endpoint_id)

    @opens_its_own
    def remove_webhook_endpoint(self, endpoint_id: str) -> Accepted:
        return webhooks.remove_endpoint(self.transaction, endpoint_id)

    def list_webhook_deliveries(self, query: ListDeliveries) -> Page[DeliveryView]:
        return webhooks.list_deliveries(self.work, query)

    def replay_webhook_delivery(self, delivery_id: str) -> DeliveryView:
        return webhooks.replay_delivery(self.work, delivery_id)
