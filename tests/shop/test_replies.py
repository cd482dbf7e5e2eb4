"""Canned replies over HTTP: filled with what the services know, refused where one knows nothing."""

from __future__ import annotations

import uuid
from typing import Any

from services.common.testing import eventually
from tests.shop.conftest import Json, Shop

ALL = (
    "Dear {customer.name}, {order.number} of {order.total}: {parcel.tracking_number} with {parcel.carrier} arrives by "
    "{delivery.by}; return {return.number}; {ticket.number}. {agent.name}"
)


def ask(shop: Shop, role: str, method: str, path: str, status: int = 200, **how: Any) -> Any:
    answer = shop.ask(method, path, role=role, **how)
    assert answer.status_code == status, answer.text
    return answer.json()


def sent_order(shop: Shop, sku: str) -> tuple[Json, str]:
    """Have an order paid and handed over. Return it and its tracking number."""
    shop.stocked(sku, 5)
    placed = shop.paid((sku, 1))
    found = eventually(lambda: ask(shop, "warehouse", "GET", f"/shipments?q={placed['number']}")["items"])
    at = f"/shipments/{found[0]['number']}"
    ask(shop, "warehouse", "POST", f"{at}/sorted", json={})
    ask(shop, "warehouse", "POST", f"{at}/packed", json={})
    tracking = f"EZ{uuid.uuid4().hex[:9].upper()}"
    parcels = [{"carrier": "easypost", "tracking_number": tracking, "weight_g": 300}]
    ask(shop, "warehouse", "POST", f"{at}/dispatched", json={"parcels": parcels})
    return placed, tracking


def a_question(shop: Shop, placed: Json | None, *, proven: bool) -> str:
    """Have the customer ask about their order, by its link or as anybody who knows its number."""
    form = {"name": "Ada Lovelace", "email": f"ada.{uuid.uuid4().hex[:6]}@example.com", "category": "order"}
    about = {"order_number": placed["number"]} if placed else {}
    if placed and proven:
        form["email"] = placed["contact"]["email"]
    token = placed["access_token"] if placed and proven else ""
    said = {"subject": "My parcel", "message": "Where is my parcel?"}
    answer = shop.ask("POST", "/contact", token=token, json={**form, **about, **said})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket_number"])


def test_a_reply_is_filled_by_those_who_know(shop: Shop) -> None:
    placed, tracking = sent_order(shop, "KETTLE")
    number = a_question(shop, placed, proven=True)
    reply = ask(shop, "agent", "PUT", "/replies", json={"name": "All", "text": ALL})

    shown = ask(shop, "agent", "POST", "/replies/preview", json={"ticket_number": number, "reply_id": reply["id"]})
    values = shown["values"]
    assert (values["order.total"], values["parcel.tracking_number"]) == ("12.50 USD", tracking)
    assert values["delivery.by"].count(" ") == 3
    assert {each["name"] for each in shown["missing"]} <= {"return.number", "agent.name"}
    assert any("no return under way" in each["why"] for each in shown["missing"])

    at = f"/tickets/{number}/messages"
    refused = ask(shop, "agent", "POST", at, 422, json={"body": shown["text"], "reply_id": reply["id"]})
    assert refused["code"] == "unfilled_variables"
    assert "return.number" in refused["names"]
    words = "Dear {customer.name}, {parcel.tracking_number} arrives by {delivery.by}."
    sent = ask(shop, "agent", "POST", at, 201, json={"body": words, "reply_id": reply["id"]})
    assert sent["message"]["body"] == f"Dear Ada Lovelace, {tracking} arrives by {values['delivery.by']}."
    assert ask(shop, "agent", "GET", "/replies?q=All")["items"][0]["uses"] == 1
    assert ask(shop, "agent", "POST", at, 404, json={"body": words, "reply_id": "none"})["code"] == "reply_not_found"


def test_a_claimed_order_is_not_told_of(shop: Shop) -> None:
    placed, tracking = sent_order(shop, "TEAPOT")
    for number, why in (
        (a_question(shop, placed, proven=False), "only claimed"),
        (a_question(shop, None, proven=False), "names no order"),
    ):
        body = {"body": "Your parcel {parcel.tracking_number} of {order.total} is under way."}
        refused = ask(shop, "agent", "POST", f"/tickets/{number}/messages", 422, json=body)
        assert refused["code"] == "unfilled_variables"
        assert all(why in each for each in refused["why"].values())
        text = ask(shop, "agent", "POST", "/replies/preview", json={"ticket_number": number, "text": body["body"]})
        assert tracking not in str(text)
        assert len(ask(shop, "agent", "GET", f"/tickets/{number}")["messages"]) == 1


WRONG: tuple[tuple[Json, int, str], ...] = (
    ({"name": "x", "text": "Dear {customer.shoe_size}, good day to you."}, 422, "unknown_variable"),
    ({"name": "x", "text": "short"}, 422, "validation_failed"),
    ({"name": "x", "text": ALL, "then": "open", "resolve": "solved"}, 422, "validation_failed"),
    ({"name": "x", "text": ALL, "scope": "shared"}, 403, "role_required"),
    ({"name": "x", "text": ALL, "id": str(uuid.uuid4())}, 404, "reply_not_found"),
    ({"name": "x", "text": ALL, "uses": 7}, 422, "validation_failed"),
    ({"name": "x", "text": ALL, "resolve": "declined"}, 422, "validation_failed"),
)


def test_wrong_replies_are_refused_and_edits_meet(shop: Shop) -> None:
    for reply, status, code in WRONG:
        assert ask(shop, "agent", "PUT", "/replies", status, json=reply)["code"] == code, reply
    made = ask(shop, "lead", "PUT", "/replies", json={"name": "For all", "text": ALL, "scope": "shared"})
    assert "For all" in [each["name"] for each in ask(shop, "agent", "GET", "/replies")["items"]]
    assert shop.ask("GET", "/replies", role="warehouse").status_code == 403
    assert shop.ask("GET", "/replies").status_code == 401

    change = {"id": made["id"], "name": "For everybody", "text": ALL, "scope": "shared"}
    seen = {"If-Match": f'"{made["version"]}"'}
    ask(shop, "lead", "PUT", "/replies", json=change, headers=seen)
    ask(shop, "lead", "PUT", "/replies", 412, json={**change, "name": "Mine"}, headers=seen)
    ask(shop, "agent", "DELETE", f"/replies/{made['id']}", 403, json={})
    ask(shop, "lead", "DELETE", f"/replies/{made['id']}", 412, json={}, headers=seen)
    ask(shop, "lead", "DELETE", f"/replies/{made['id']}", json={})
    ask(shop, "lead", "DELETE", f"/replies/{made['id']}", 404, json={})
