"""What a mail says that its reader can do is there behind its link: each is opened as it was sent, in a browser."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.story import Demo
from tests.e2e.test_order_page import OK, REJECTION, a_return, an_unpaid_order
from tests.e2e.test_pages import a_delivered_order, a_short_order
from tests.e2e.test_parts import an_order, bring, send_a_part


class Walk(NamedTuple):
    """play: leads to the mail. says: its sentence. path: where its link goes. control: what must be there."""

    play: Callable[[Demo], object]
    says: str
    path: str
    control: str


def a_declined_payment(demo: Demo) -> None:
    order = an_unpaid_order(demo)
    customer = demo.guest.with_token(order["access_token"])
    begun = customer.post(f"/v1/orders/{order['number']}/payments", {"provider": "sandbox"})
    demo.guest.post("/sandbox/payments", {"client_secret": begun["client_secret"], "outcome": "decline"})


def a_part_on_its_way(demo: Demo) -> None:
    send_a_part(demo, an_order(demo))


def a_part_delivered(demo: Demo) -> None:
    order = an_order(demo)
    bring(demo, order, send_a_part(demo, order))


def a_return_questioned(demo: Demo) -> None:
    number = a_return(demo, a_delivered_order(demo))
    question = {"decision": "info", "question": "Which of the two did you mean?"}
    demo.as_staff("aftersales").post(f"/v1/returns/{number}/review", question)


def a_return_authorized(demo: Demo) -> None:
    number = a_return(demo, a_delivered_order(demo))
    demo.as_staff("aftersales").post(f"/v1/returns/{number}/review", {"decision": "authorize", "parts": OK})


def a_return_arrived(demo: Demo) -> None:
    order = a_delivered_order(demo)
    number, team = a_return(demo, order), demo.as_staff("aftersales")
    team.post(f"/v1/returns/{number}/review", {"decision": "authorize", "parts": OK})
    came = {"sku": order["lines"][0]["sku"], "quantity": 1, "condition": "received_ok"}
    team.post(f"/v1/returns/{number}/receipt", {"lines": [came]})


def a_return_rejected(demo: Demo) -> None:
    number = a_return(demo, a_delivered_order(demo))
    for role in ("aftersales", "lead"):
        demo.as_staff(role).post(f"/v1/returns/{number}/review", REJECTION)


def an_answered_question(demo: Demo) -> None:
    form = {"name": "Ada Lovelace", "email": demo.email, "category": "product", "subject": "A kettle", "message": "Hm?"}
    number = demo.guest.post("/v1/contact", form)["ticket_number"]
    words = {"body": f"It weighs 800 grams, as its box says. {uuid.uuid4().hex}"}
    demo.as_staff("agent").post(f"/v1/tickets/{number}/messages", words)


WALKS = {
    "pay again": Walk(a_declined_payment, "you may try to pay again on the page", "/orders/", "Try again: pay"),
    "choose a change": Walk(a_short_order, "Please decide by", "/orders/", "Accept"),
    "the rest follows": Walk(a_part_on_its_way, "The rest follows.", "/orders/", "The rest of your order leaves us by"),
    "return a part": Walk(a_part_delivered, "on the page of your order to return it", "/orders/", "Return something"),
    "choose a remedy": Walk(Demo.a_lost_parcel, "You may choose", "/orders/", "Do this"),
    "answer about a return": Walk(
        a_return_questioned, "please answer on the page of your order", "/orders/", "Send the answer"
    ),
    "send the goods": Walk(a_return_authorized, "Please keep the receipt", "/orders/", "I have sent the goods"),
    "enter the postage": Walk(a_return_arrived, "has arrived", "/orders/", "Have the postage paid back"),
    "object to a rejection": Walk(
        a_return_rejected, "you may appeal on the page of your order", "/orders/", "Object to the decision"
    ),
    "write on": Walk(an_answered_question, "We have answered you", "/tickets/", "Write more"),
}


@pytest.mark.parametrize("named", WALKS)
def test_a_mail_leads_to_what_it_names(page: Page, demo: Demo, named: str) -> None:
    walk = WALKS[named]
    walk.play(demo)

    page.goto(demo.guest.mail_link(demo.email, walk.path, containing=walk.says))

    expect(page.get_by_text(walk.control).locator("visible=true").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
