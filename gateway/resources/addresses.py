"""Where we ship to, how addresses are written there, and by when something would arrive (standard, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.clock import parse_rfc3339
from services.common.basics.shapes import Line, Page
from services.logistics.api import LogisticsApi
from services.logistics.api.replies import DeliveryEstimate
from services.logistics.api.tracking import EstimateDelivery
from services.orders.api import OrdersApi
from services.orders.api.destinations import AddressForm, DestinationNotFound, DestinationView

ITEM = "/addresses/<country:country>"

blp = Resource("addresses", "Where we ship to, and how addresses are written there")


@dataclass(frozen=True)
class Whereabouts:
    """What is known of the address; holidays and time zones can hang on it."""

    region: Annotated[str, Line(120, min=0)] = ""
    postal_code: Annotated[str, Line(20, min=0)] = ""
    city: Annotated[str, Line(120, min=0)] = ""


@blp.get("/addresses", OrdersApi.list_destinations)
def list_destinations() -> Page[DestinationView]:
    return services().orders.list_destinations()


@blp.get(ITEM, OrdersApi.get_address_form)
def get_address_form(country: str) -> AddressForm:
    return services().orders.get_address_form(country)


@blp.get(f"{ITEM}/delivery", LogisticsApi.estimate_delivery, errors=(DestinationNotFound,))
def estimate_delivery(country: str, query: Whereabouts) -> DeliveryEstimate:
    review_by = parse_rfc3339(services().orders.get_address_form(country)["review_by"])
    wanted = EstimateDelivery(country, review_by, query.region, query.postal_code, query.city)
    return services().logistics.estimate_delivery(wanted)
