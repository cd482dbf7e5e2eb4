"""The sample shop is there for those who try it, and its bank and carrier nowhere else."""

from __future__ import annotations

import pytest

from gateway.app import create_app
from gateway.settings import GatewaySettings
from services.common.basics import ids
from services.common.edge.keys import OF_GATEWAY, OF_SUPPORT, private_keys, public_keys

pytestmark = pytest.mark.pure
NUMBER = ids.number(ids.ORDER, 0)
OF_THE_SHOP = ("/shop/basket", "/shop/checkout", "/web/shop/js/basket.js", "/web/shop/js/frame.js")
OF_THE_SANDBOX = (f"/shop/pay/{NUMBER}", "/shop/carrier", "/web/shop/sandbox/pay.js", "/web/shop/sandbox/carrier.js")
NEVER = ("/web/shop/templates/basket.html", "/web/shop/sandbox/")
PRODUCTION = {
    "PLEDGE_AMQP_URI": "amqp://gateway:hunter2@broker",
    "PLEDGE_PUBLIC_KEYS": public_keys(private_keys(OF_SUPPORT, "2026-03-02", b"of support")),
    "PLEDGE_GATEWAY_KEYS": private_keys(OF_GATEWAY, "2026-03-02-gateway", b"of the gateway"),
    "PLEDGE_SANDBOX": "1",
    "PLEDGE_SANDBOX_SECRET": "f1c0a3d9b5e84f7796a2c4d8e0b1f3a5",
}


@pytest.mark.parametrize(
    ("environ", "served", "missing"),
    [
        ({}, OF_THE_SHOP + OF_THE_SANDBOX, NEVER),
        ({"PLEDGE_SHOP": "0"}, (), OF_THE_SHOP + OF_THE_SANDBOX + NEVER),
        (PRODUCTION, (), OF_THE_SHOP + OF_THE_SANDBOX + NEVER),
        ({**PRODUCTION, "PLEDGE_SHOP": "1"}, OF_THE_SHOP, OF_THE_SANDBOX + NEVER),
    ],
    ids=["development", "switched off", "production", "production with a shop"],
)
def test_the_shop_is_where_it_is_wanted(
    environ: dict[str, str], served: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    client = create_app(GatewaySettings.load(environ)).test_client()

    assert {path: client.get(path).status_code for path in served} == dict.fromkeys(served, 200)
    assert {path: client.get(path).status_code for path in missing} == dict.fromkeys(missing, 404)
    assert client.get("/sandbox/carrier/scans").status_code == (405 if OF_THE_SANDBOX[0] in served else 404)
    assert (b'href="/shop"' in client.get("/").data) is bool(served)


def test_outside_development_an_order_is_paid_on_its_page() -> None:
    client = create_app(GatewaySettings.load({**PRODUCTION, "PLEDGE_SHOP": "1"})).test_client()

    assert b'PAYMENT_PAGE = "/orders/"' in client.get("/web/shop/js/checkout.js").data
    assert b"Move parcels" not in client.get("/shop/basket").data


def test_an_order_has_one_address_at_the_bank() -> None:
    client = create_app(GatewaySettings.load({})).test_client()

    typed = client.get(f"/shop/pay/{NUMBER.lower()}")

    assert (typed.status_code, typed.headers["Location"]) == (308, f"/shop/pay/{NUMBER}")
