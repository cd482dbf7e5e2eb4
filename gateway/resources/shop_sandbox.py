"""Pages of the sample shop that stand for others in development: the bank's window, the carrier's desk.

GET /shop/pay/<number>   where an order is paid with play money      GET /shop/carrier   where parcels are moved

Neither exists anywhere else: outside of development a payment is made on its provider's page.
"""

from __future__ import annotations

from flask import Response, request

from gateway.http.resource import Resource
from gateway.resources.shop import page_of
from gateway.settings import GatewaySettings
from services.common.basics.api import ANYONE
from services.common.language import ENGLISH

blp = Resource("shop_sandbox", "Play money and play parcels", prefix="/shop")


def enabled(known: GatewaySettings) -> bool:
    return known.has_sample_money


@blp.get("/pay/<number(ORD):number>", roles=(ANYONE,))
def show_payment(number: str) -> Response:
    address = f"/shop/pay/{number}"
    if request.path != address:  # typed in another way; the page and its token have one address
        return Response(b"", 308, {"Location": address})
    return page_of("pay")


@blp.get("/carrier", roles=(ANYONE,))
def show_carrier() -> Response:
    return page_of("carrier", ENGLISH)
