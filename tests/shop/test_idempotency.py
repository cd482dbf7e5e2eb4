"""A key belongs to one caller, and a repeat gives no access to a caller who had none.

Webhooks that we send again bear one id."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from gateway.tests.tokens import read_order
from services import SERVICES
from services.common.basics.api import ANYONE
from services.common.basics.shapes import Asked
from services.common.store.database import Work
from services.common.testing import eventually, service_class
from services.support.tests.receiver import receiving
from tests.shop.conftest import Shop, order_form

KEY = {"Idempotency-Key": "1"}


def place(shop: Shop, form: dict[str, Any], **how: Any) -> Any:
    return shop.ask("POST", "/orders", json=form, headers=how.pop("headers", KEY), **how)


def contact(email: str, message: str = "Is the mug heavy?") -> dict[str, Any]:
    return {"name": "Ada", "email": email, "category": "product", "subject": "A question", "message": message}


@pytest.fixture(autouse=True, scope="module")
def _stock(shop: Shop) -> None:
    shop.stocked("KEY", 1000)


def test_two_guests_may_use_the_same_key(shop: Shop) -> None:
    answers = [place(shop, order_form(("KEY", count), email=f"g{count}@example.com")) for count in (1, 2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json() for answer in answers)
    assert first["number"] != second["number"]
    link = read_order(second["access_token"], shop.now())
    assert link is not None
    assert link.order_number == second["number"]


def test_a_guests_repeat_is_the_same_order_without_a_token(shop: Shop) -> None:
    form = order_form(("KEY", 1))
    first, again = place(shop, form).json(), place(shop, form).json()

    assert again["number"] == first["number"]
    assert "access_token" in first
    assert "access_token" not in again
    assert again["repeated"] is True
    assert again["payment"]["client_secret"] == first["payment"]["client_secret"]
    assert "repeated" not in first


def test_a_guest_who_uses_a_key_for_another_order_is_told(shop: Shop) -> None:
    form = order_form(("KEY", 1))
    place(shop, form)

    answer = place(shop, {**form, "lines": [{"sku": "KEY", "quantity": 2}]})

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_a_signed_in_customer_gets_the_whole_answer_again(shop: Shop) -> None:
    form, token = order_form(("KEY", 1), email="kim@example.com"), shop.customer("kim@example.com")
    first, again = place(shop, form, token=token).json(), place(shop, form, token=token).json()
    other = place(shop, form, token=shop.customer("eve@example.com")).json()

    assert again["number"] == first["number"] != other["number"]
    assert again["access_token"]


def test_the_contact_form_keeps_guests_apart_too(shop: Shop) -> None:
    ask = [
        shop.ask("POST", "/contact", json=contact(email, message), headers=KEY).json()
        for email, message in (
            ("a@example.com", "Hello there"),
            ("b@example.com", "Good day"),
            ("a@example.com", "Hello there"),
        )
    ]

    assert ask[0]["ticket_number"] == ask[2]["ticket_number"] != ask[1]["ticket_number"]
    assert ["access_token" in each for each in ask] == [True, True, False]


@pytest.mark.pure
@pytest.mark.parametrize("service", SERVICES)
def test_a_guests_request_with_an_address_says_who_asks(service: str) -> None:
    silent = [
        declared.name
        for declared in service_class(service).methods.values()
        if ANYONE in declared.roles and declared.keyed and declared.request is not None
        if {"email", "contact"} & {each.name for each in dataclasses.fields(declared.request)}
        and not issubclass(declared.request, Asked)
    ]

    assert silent == []


def knows_all_orders(shop: Shop) -> bool:
    placed = {each["body"]["order_number"] for each in shop.platform.journal("orders", "order_placed")}
    with shop.platform.store("support").work(Work, reading=True) as work:
        known = work.session.scalars(sa.text("SELECT order_number FROM order_contacts")).all()
    return placed <= {*known}


def test_the_shop_is_told_of_an_order_by_signed_webhook(shop):
    def admin(method: str, path: str, **how: Any) -> Any:
        return shop.ask(method, path, role="admin", **how)

    def sent() -> Any:
        return admin("GET", f"/webhook-deliveries?endpoint_id={endpoint}").json()["items"]

    shop.stocked("told", 5)
    eventually(lambda: knows_all_orders(shop))  # what other tests have placed is not what this one is told of
    with receiving(500) as receiver:
        wish = {"url": receiver.url, "event_types": ["order_placed"], "description": "Stock system"}
        for who, status in ({"role": "lead"}, 403), ({"token": shop.customer("ada@example.com")}, 403), ({}, 401):
            assert shop.ask("POST", "/webhook-endpoints", json=wish, **who).status_code == status
        for url in ("http://169.254.169.254/latest", "https://10.0.0.7/", "https://app.internal/"):
            refused = admin("POST", "/webhook-endpoints", json={**wish, "url": url})
            assert (refused.status_code, refused.json()["code"]) == (422, "webhook_url_refused")
        unknown = admin("POST", "/webhook-endpoints", json={**wish, "event_types": ["staff_changed"]})
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_event_type")
        made = admin("POST", "/webhook-endpoints", json=wish)
        assert made.status_code == 201, made.text
        endpoint, secret = made.json()["endpoint"]["id"], made.json()["secret"]

        placed = shop.order(("told", 1), email="ada.byron@example.com").json()
        first = receiver.take()
        told = Webhook(secret).verify(first.body, first.headers)
        assert (told["type"], told["data"]["order_number"]) == ("order_placed", placed["number"])
        assert not re.search("Lovelace|ada.byron|St James", first.body)
        (failed,) = eventually(lambda: [each for each in sent() if each["attempts"]])
        assert (failed["state"], failed["attempts"][0]["status"]) == ("pending", 500)
        with shop.later(minutes=1):
            again = receiver.take()
            assert again.headers["webhook-id"] == first.headers["webhook-id"] == failed["event_id"]
            eventually(lambda: sent()[0]["state"] == "delivered")

        renewed = admin("POST", f"/webhook-endpoints/{endpoint}/secret").json()["secret"]
        assert admin("POST", f"/webhook-deliveries/{failed['id']}/replay").status_code == 200
        replayed = receiver.take()
        for good in (secret, renewed):
            assert Webhook(good).verify(replayed.body, replayed.headers) == told
        eventually(lambda: sent()[0]["state"] == "delivered")

        assert admin("PATCH", f"/webhook-endpoints/{endpoint}", json={"enabled": False}).json()["enabled"] is False
        off = admin("POST", f"/webhook-deliveries/{failed['id']}/replay")
        assert (off.status_code, off.json()["code"]) == (409, "webhook_endpoint_disabled")
        assert secret not in admin("GET", "/webhook-endpoints").text
        assert admin("DELETE", f"/webhook-endpoints/{endpoint}").status_code == 200
        assert (sent(), receiver.came) == ([], [])
        assert admin("POST", f"/webhook-deliveries/{failed['id']}/replay").status_code == 404
