"""A shop in the middle of its day, for pictures of the desk: something of everything that staff have to do.

scene = set_scene(Demo("http://127.0.0.1:8000"))        # {"review": "ORD-…", "pack": "SHP-…", …}
"""

from __future__ import annotations

import json
from typing import Any

from deploy.demo.client import Client, wait_for
from deploy.demo.story import STAFF_DOMAIN, Demo, found
from services.common.basics.untyped import JsonDict

QUESTIONS = (
    ("product", "materials", "Does the glaze hold lead?", "I have small children and would like to know."),
    ("logistics", None, "Where is my parcel?", "The page has said the same for three days."),
    ("complaint", None, "Nobody answered me", "I wrote last week, and heard nothing."),
)


def set_scene(demo: Demo) -> dict[str, str]:
    """Play what leads there. Return the numbers of what can be looked at, by what it is for."""
    scene = {"returns": a_return_asked(demo), "review": an_order_in_doubt(demo)}
    scene["pack"] = a_shipment(demo, 2)
    lost, _customer = demo.a_lost_parcel()
    scene["order"], scene["inbox"] = lost["number"], conversations(demo)[0]
    scene["stock"] = demo.guest.get("/v1/products", limit=1)["items"][0]["sku"]
    return scene


def an_order_in_doubt(demo: Demo) -> str:
    """Return an order whose postal code is of another region: its customer is asked."""
    wish = demo.wish([{"sku": skus(demo)[0], "quantity": 1}])
    wish["delivery"] = {**wish["delivery"], "postal_code": "90210"}
    order = demo.guest.post("/v1/orders", wish)
    customer: Client = demo.guest.with_token(order["access_token"])
    demo.pay(order["number"], customer)
    wait_for(lambda: customer.get(f"/v1/orders/{order['number']}")["review"]["status"] == "needs_contact")
    return str(order["number"])


def a_shipment(demo: Demo, lines: int) -> str:
    """Return the number of a shipment that waits to be packed, of an order with so many lines."""
    wanted: list[JsonDict] = [{"sku": sku, "quantity": 1} for sku in skus(demo)[:lines]]
    order = demo.guest.post("/v1/orders", demo.wish(wanted))
    demo.pay(order["number"], demo.guest.with_token(order["access_token"]))
    listed: Any = wait_for(
        lambda: demo.as_staff("warehouse").get("/v1/shipments", order_number=order["number"])["items"]
    )
    return str(listed[0]["number"])


def a_box(demo: Demo) -> str:
    """Return a shipment whose pieces are in the box, weighed: it lacks a label."""
    number, warehouse = a_shipment(demo, 1), demo.as_staff("warehouse")
    for step in ("sorted", "packed"):
        warehouse.post(f"/v1/shipments/{number}/{step}", {})
    warehouse.post(f"/v1/shipments/{number}/weight", {"gross_weight_g": 900})
    return number


def delivered(demo: Demo, quantity: int = 2) -> tuple[JsonDict, Client]:
    """Return an order that was delivered, and its customer."""
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": skus(demo)[0], "quantity": quantity}]))
    number, customer = order["number"], demo.guest.with_token(order["access_token"])
    demo.pay(number, customer)
    warehouse, tracking = demo.as_staff("warehouse"), f"ED{order['number'].replace('-', '')}"
    shipment = wait_for(lambda: warehouse.get("/v1/shipments", order_number=number)["items"])[0]
    demo.hand_over(shipment["number"], tracking)
    demo.report(tracking, "delivered")
    wait_for(lambda: found(customer.get(f"/v1/orders/{number}"), lambda shown: shown["status"] == "completed"))
    return order, customer


def a_return_asked(demo: Demo, quantity: int = 2) -> str:
    """Return the number of a return that waits to be decided."""
    order, customer = delivered(demo, quantity)
    line = {"sku": order["lines"][0]["sku"], "quantity": quantity, "reason": "defective"}
    wish = {"order_number": order["number"], "lines": [line], "description": "The handle is loose on both."}
    returned = wait_for(lambda: customer.try_post("/v1/returns", wish, until_not="not_delivered_yet"))
    return str(returned["number"])


def conversations(demo: Demo) -> list[str]:
    """Return the numbers of three questions that wait for an answer."""
    numbers = []
    for category, topic, subject, message in QUESTIONS:
        form = {"name": "Noor Haddad", "email": demo.email, "category": category, "subject": subject}
        about = {"topic": topic} if topic else {}
        numbers.append(demo.guest.post("/v1/contact", {**form, **about, "message": message})["ticket_number"])
    return numbers


def browser_state(client: Client, role: str) -> JsonDict:
    """Return what the browser of a member of staff keeps who is signed in as this client, as Playwright takes it."""
    token, refresh = client.tokens
    kept = {"token": token, "roles": [role], "email": f"{role}@{STAFF_DOMAIN}", "until": 4e12}
    store = {"desk:session": json.dumps(kept), f"token:after:{token}": refresh}
    entries = [{"name": name, "value": value} for name, value in store.items()]
    return {"cookies": [], "origins": [{"origin": client.url, "localStorage": entries}]}


def skus(demo: Demo) -> list[str]:
    return [product["sku"] for product in demo.guest.get("/v1/products", limit=100)["items"]]
