"""Webhooks that we send over HTTP: where to, which events, and how that goes; for admins."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.support.api import SupportApi
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

ITEM = "/webhook-endpoints/<id:endpoint_id>"

blp = Resource("webhook-endpoints", "Where events are sent to, and how that goes")


@blp.get("/webhook-endpoints", SupportApi.list_webhook_endpoints)
def list_webhook_endpoints() -> EndpointList:
    return services().support.list_webhook_endpoints()


@blp.post("/webhook-endpoints", SupportApi.add_webhook_endpoint, status=201)
def add_webhook_endpoint(wish: AddEndpoint) -> NewEndpoint:
    return services().support.add_webhook_endpoint(wish)


@blp.patch(ITEM, SupportApi.change_webhook_endpoint)
def change_webhook_endpoint(endpoint_id: str, wish: ChangeEndpoint) -> EndpointView:
    return services().support.change_webhook_endpoint(endpoint_id, wish)


@blp.delete(ITEM, SupportApi.remove_webhook_endpoint)
def remove_webhook_endpoint(endpoint_id: str) -> Accepted:
    return services().support.remove_webhook_endpoint(endpoint_id)


@blp.post(f"{ITEM}/secret", SupportApi.renew_webhook_secret)
def renew_webhook_secret(endpoint_id: str) -> NewEndpoint:
    return services().support.renew_webhook_secret(endpoint_id)


@blp.get("/webhook-deliveries", SupportApi.list_webhook_deliveries)
def list_webhook_deliveries(query: ListDeliveries) -> Page[DeliveryView]:
    return services().support.list_webhook_deliveries(query)


@blp.post("/webhook-deliveries/<id:delivery_id>/replay", SupportApi.replay_webhook_delivery)
def replay_webhook_delivery(delivery_id: str) -> DeliveryView:
    return services().support.replay_webhook_delivery(delivery_id)
