"""Orders and conversations in every state that the customer's pages know, each made as it comes about.

    states = bring_about(platform, staff)          # {"on its way": "/orders/ORD-…#token=…", …}

NEXT says what the page of an order tells in its first look: the heading, and what comes next with its day. What only
time makes (a parcel that is late) is the same order, looked at LATER days later.
"""

from __future__ import annotations

from typing import Any

from deploy.demo.client import Client, Live, wait_for
from deploy.demo.story import Demo, found
from tests.e2e.test_order_page import OK, REJECTION, a_doubtful_order, a_return, an_unpaid_order
from tests.e2e.test_pages import a_delivered_order, a_short_order

DAY = r"\w+day,? \d+ \w+"
NEXT = {
    "unpaid": ("Please pay 32.00 USD", "when your payment has arrived, we check your order within 1 working day"),
    "at the bank": ("Your bank works on it", "when the bank is done, this page shows it"),
    "doubt": ("We have a question for you", "please answer below"),
    "preparing": (f"Your parcel leaves us by {DAY}", "the carrier brings it to you, 6 to 12 working days"),
    "disputed": ("Your parcel waits here", "your bank asks us for this payment back"),
    "change": ("We need your decision", r"please choose below by \w+,? \d+ \w+"),
    "lost": ("Your parcel does not arrive", "please choose below"),
    "remedied": (f"Your parcel leaves us by {DAY}", "the carrier brings it to you"),
    "on its way": (f"At your door by {DAY}", r"the carrier brings it to you.*We expect it from \w+,? \d+ \w+ on"),
    "late": (f"Your parcel is late: promised by {DAY}", "we look after it, and write to you with news"),
    "delivered": (f"Delivered on {DAY}", f"you can return everything, free of charge, until {DAY}"),
    "question": ("We have a question about your return", "please answer below"),
    "accepted": ("Please send the goods back", f"your return is accepted. Please send it by {DAY}"),
    "returning": ("Your return is on its way to us", "we check it within 2 working days of its arrival"),
    "rejected": ("We cannot accept your return", r"if you see it otherwise, object below until \w+,? \d+ \w+"),
    "refunded": (f"Delivered on {DAY}", f"16.00 USD were paid back on {DAY}. You can return the rest, .*, until {DAY}"),
    "cancelled": ("Your order is cancelled", f"66.00 USD (go|were paid) back .*{DAY}"),
    "asked": ("Weight", r"a person answers by \w+,? \d+ \w+,? \d\d:\d\d"),
    "looked into": ("Weight", r"you have the complete answer by \w+,? \d+ \w+"),
}
LATER = {"late": 40}


def bring_about(platform: str, staff: dict[str, Client]) -> dict[str, str]:
    """Bring orders and conversations into all states. Return the addresses of their pages by name."""

    def demo() -> Demo:
        made = Demo(platform)
        made.staff = staff
        return made

    addresses = {
        "front page": "/", "account": "/account", "promises": "/promises", "contact": "/contact", "nowhere": "/nowhere",
        "link": f"/orders/{an_unpaid_order(demo())['number']}", "plain": "/plain", "mail": "/dev/mail",
        "unpaid": _page(an_unpaid_order(demo())),
        "at the bank": _at_the_bank(demo()),
        "doubt": _page(a_doubtful_order(demo())[0]),
        "change": _page(a_short_order(demo())),
        "lost": _page(demo().a_lost_parcel()[0]),
        "remedied": _remedied(demo()),
        "cancelled": _cancelled(demo()),
        "delivered": _page(a_delivered_order(demo())),
        "refunded": _refunded(demo()),
    }  # fmt: skip
    addresses |= {name: _page(order) for name, order in _paid_orders(demo()).items()}
    order = _on_its_way(demo())
    addresses |= {"on its way": order, "late": order}
    addresses |= {name: _returned(demo(), name) for name in ("question", "accepted", "returning", "rejected")}
    addresses |= {name: a_question(demo(), name) for name in ("asked", "looked into", "resolved", "rated")}
    return addresses


def _page(order: dict[str, Any]) -> str:
    return f"/orders/{order['number']}#token={order['access_token']}"


def _at_the_bank(demo: Demo) -> str:
    """Order, and let the bank take its time."""
    order = an_unpaid_order(demo)
    customer = demo.guest.with_token(order["access_token"])
    secret = customer.post(f"/v1/orders/{order['number']}/payments", {})["client_secret"]
    demo.guest.post("/sandbox/payments", {"client_secret": secret, "outcome": "process"})
    seen = f"/v1/orders/{order['number']}"
    wait_for(lambda: customer.get(seen)["payment"]["underway_until"])
    return _page(order)


def _paid_orders(demo: Demo) -> dict[str, dict[str, Any]]:
    """Return an order that is prepared, and one whose payment the customer's bank asks back."""
    paid, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(paid["number"], customer)
    disputed = an_unpaid_order(demo)
    customer, seen = demo.guest.with_token(disputed["access_token"]), f"/v1/orders/{disputed['number']}"
    secret = customer.post(f"{seen}/payments", {})["client_secret"]
    reference = demo.guest.post("/sandbox/payments", {"client_secret": secret})["reference"]
    demo.the_review_passes_by_itself(disputed["number"], customer)
    demo.guest.post("/sandbox/disputes", {"reference": reference})
    number = disputed["number"]
    wait_for(lambda: found(demo.clock(customer, number, "dispatch"), lambda each: each["status"] == "paused"))
    return {"preparing": paid, "disputed": disputed}


def _on_its_way(demo: Demo) -> str:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    demo.the_warehouse_hands_the_parcel_over(order["number"], customer)
    return _page(order)


def _remedied(demo: Demo) -> str:
    """Have a lost parcel sent again, as its customer chose."""
    order, customer = demo.a_lost_parcel()
    seen = f"/v1/orders/{order['number']}"
    asked = order["remedies"][-1]
    answer = {"option": "resend", "digest": asked["digest"]}
    customer.post(f"{seen}/remedy", answer)
    wait_for(lambda: found(customer.get(seen), lambda each: each["stage"] == "preparing"))
    return _page(order)


def _cancelled(demo: Demo) -> str:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    seen = f"/v1/orders/{order['number']}"
    customer.post(f"{seen}/cancellation", {})
    wait_for(lambda: found(customer.get(seen), lambda each: each["stage"] == "cancelled" and each["refunds"]))
    return _page(order)


def _refunded(demo: Demo) -> str:
    order, customer = demo.a_guest_orders_and_pays()
    demo.the_review_passes_by_itself(order["number"], customer)
    live = Live(customer, f"/v1/orders/{order['number']}/live")
    shipment = demo.the_warehouse_hands_the_parcel_over(order["number"], customer)
    demo.the_carrier_reports(order["number"], customer, live, shipment)
    demo.one_unit_comes_back_and_is_refunded(customer.get(f"/v1/orders/{order['number']}"), customer)
    return _page(order)


def _returned(demo: Demo, name: str) -> str:
    """Ask for a return, and have the team answer it."""
    order = a_delivered_order(demo)
    number = a_return(demo, order)
    authorized = {"decision": "authorize", "parts": OK}
    answers: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "question": [("aftersales", {"decision": "info", "question": "Which of the two did you mean?"})],
        "accepted": [("aftersales", authorized)],
        "returning": [("aftersales", authorized)],
        "rejected": [("aftersales", REJECTION), ("lead", REJECTION)],
    }
    for role, answer in answers[name]:
        demo.as_staff(role).post(f"/v1/returns/{number}/review", answer)
    if name == "returning":
        sent = {"carrier": "fedex", "tracking_number": "794644790138"}
        demo.guest.with_token(order["access_token"]).post(f"/v1/returns/{number}/info", {"sent": True, **sent})
    return _page(order)


def a_question(demo: Demo, until: str = "resolved") -> str:
    """Ask, and have it looked into, answered and resolved, or rated. Return the address in our mail."""
    form = {"name": "Ada", "email": demo.email, "category": "product", "subject": "Weight", "message": "How heavy?"}
    number = demo.guest.post("/v1/contact", form)["ticket_number"]
    agent, containing = demo.as_staff("agent"), number
    if until == "looked into":
        containing = "Is that with its lid?"
        agent.post(f"/v1/tickets/{number}/verification", {"question": containing, "known": "The label."})
    if until in ("resolved", "rated"):
        containing = "900 grams"
        agent.post(f"/v1/tickets/{number}/messages", {"body": "It weighs 900 grams in all."})
        agent.post(f"/v1/tickets/{number}/resolution", {"code": "answered"})
    link = demo.guest.mail_link(demo.email, f"/tickets/{number}", containing=containing).removeprefix(demo.guest.url)
    if until == "rated":
        reader = demo.guest.with_token(link.partition("#token=")[2])
        reader.post(f"/v1/tickets/{number}/rating", {"score": 5, "comment": "Thank you."})
    return link
