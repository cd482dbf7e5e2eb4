"""A customer asks for their own data, and then that it is erased: over HTTP, on a platform of their own."""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.demo.client import Client, Unexpected, wait_for
from deploy.demo.story import Demo, found
from services import SERVICES
from tests.e2e.conftest import started

NAME, PHONE, STREET = "Ottoline Quillfeather", "+1 212 555 0199", "77 Marmalade Row"
KEPT = {("orders", "kept_records")}
"""Where the record of a sale is: name and address, without mailbox and phone."""

OWNED = {
    *KEPT, ("orders", "orders"), ("orders", "review_checks"), ("orders", "search_words"),
    *(("support", each) for each in (
        "tickets", "messages", "notifications", "search_words", "sessions", "known_browsers", "sign_in_codes",
        "sign_in_limits", "sign_in_requests", "quality_reviews",
    )),
}  # fmt: skip
"""What each service writes in, searches and sorts itself (`docs/privacy.md`)."""


class Customer:
    """A customer of the shop, who signs in with their mailbox."""

    def __init__(self, demo: Demo):
        self.demo, self.guest = demo, demo.guest
        self.email = f"ottoline.{uuid.uuid4().hex[:8]}@example.com"
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = self.guest.sign_in(self.email)
        return self._client

    def orders(self) -> Any:
        """Place an order as a guest. Return it as it was answered."""
        sku = self.guest.get("/v1/products", limit=100)["items"][0]["sku"]
        wish = self.demo.wish([{"sku": sku, "quantity": 1}])
        wish["contact"] |= {"name": NAME, "email": self.email, "phone": PHONE}
        wish["delivery"] |= {"name": NAME, "line1": STREET}
        return self.guest.post("/v1/orders", wish, key=uuid.uuid4().hex)

    def pays(self, order: Any) -> None:
        self.demo.pay(order["number"], self.guest.with_token(order["access_token"]))

    def gets(self, order: Any) -> None:
        """Have the parcel of an order handed over and delivered."""
        warehouse, number = self.demo.as_staff("warehouse"), f"EP{uuid.uuid4().hex[:8].upper()}US"
        (shipment,) = wait_for(lambda: warehouse.get("/v1/shipments", order_number=order["number"])["items"])
        self.demo.hand_over(shipment["number"], number)
        self.demo.report(number, "delivered")
        reader = self.guest.with_token(order["access_token"])
        wait_for(lambda: found(reader.get(f"/v1/orders/{order['number']}"), lambda o: o["status"] == "completed"))

    def writes(self) -> str:
        """Begin a conversation. Return its number."""
        form = {
            "name": NAME, "email": self.email, "category": "product", "subject": f"From {NAME}",
            "message": f"Please send a sample to {STREET}, and call {PHONE}.",
        }  # fmt: skip
        number: str = self.client.post("/v1/contact", form)["ticket_number"]
        return number

    def is_answered(self, ticket: str) -> None:
        """Have a conversation answered and closed."""
        agent, lead = self.demo.as_staff("agent"), self.demo.as_staff("lead")
        agent.post(f"/v1/tickets/{ticket}/messages", {"body": f"We have sent the sample to {STREET}, dear {NAME}."})
        agent.post(f"/v1/tickets/{ticket}/resolution", {"code": "answered"})
        lead.post(f"/v1/tickets/{ticket}/closing", {})

    def asks(self, kind: str) -> Any:
        """Ask for a copy or for the erasure, and confirm it with the code from the mail."""
        client = self.client
        known = self.guest.mails_known(self.email)
        request = client.post(f"/v1/privacy/{kind}", {})
        code = self.guest.mailed_code(self.email, known)
        return client.post(f"/v1/privacy/requests/{request['number']}/confirmation", {"code": code})

    def subjects(self) -> list[str]:
        """Return the subjects of the mails that were sent to the customer."""
        return [mail["subject"] for mail in self.guest.get("/dev/mail")["items"] if self.email in mail["to"]]

    def is_mailed(self, subject: str) -> str:
        """Return the text of a mail with that subject."""

        def text() -> str | None:
            mails = self.guest.get("/dev/mail")["items"]
            ours = (mail for mail in mails if self.email in mail["to"] and mail["subject"] == subject)
            return next((self.guest.get(f"/dev/mail/{mail['id']}")["body"] for mail in ours), None)

        return wait_for(text)


@pytest.fixture
def customer(demo: Demo) -> Customer:
    return Customer(demo)


def refused(act: Any) -> str:
    with pytest.raises(Unexpected) as problem:
        act()
    return str(problem.value)


def test_a_copy_of_ones_data_is_fetched_by_link(customer: Customer) -> None:
    order = customer.orders()
    customer.pays(order)
    ticket = customer.writes()
    known = customer.guest.mails_known(customer.email)
    asked = customer.client.post("/v1/privacy/export", {})
    code = customer.guest.mailed_code(customer.email, known)
    confirmation = f"/v1/privacy/requests/{asked['number']}/confirmation"
    wrong = f"{(int(code) + 1) % 10**8:08}"
    assert "bad_code" in refused(lambda: customer.client.post(confirmation, {"code": wrong}))
    stranger = customer.guest.sign_in(f"eve.{uuid.uuid4().hex[:8]}@example.com")
    assert "privacy_request_not_found" in refused(lambda: stranger.post(confirmation, {"code": code}))
    assert customer.client.post(confirmation, {"code": code})["status"] == "running"

    link = customer.guest.mail_link(customer.email, "/v1/privacy/exports/", containing="copy of the data")

    answer = requests.get(link, timeout=60)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="data-{asked["number"]}.json"'
    copy = answer.json()
    assert [each["service"] for each in copy["services"]] == ["orders", "logistics", "aftersales", "support"]
    data = {each["service"]: each["data"] for each in copy["services"]}
    assert [each["number"] for each in data["orders"]["orders"]] == [order["number"]]
    assert [each["number"] for each in data["support"]["conversations"]] == [ticket]
    text = json.dumps(copy)
    assert all(each in text for each in (NAME, PHONE, STREET, customer.email))
    ended = wait_for(lambda: found(listed(customer, asked["number"]), lambda r: r["status"] == "ended"))
    assert ended["due_at"] > ended["confirmed_at"]
    assert requests.get(link[:-1] + ("0" if link[-1] != "0" else "1"), timeout=60).status_code == 404
    assert requests.get(link.replace("exports", "requests"), timeout=60).status_code == 404


def listed(customer: Customer, number: str) -> Any:
    items = customer.client.get("/v1/privacy/requests")["items"]
    return next((item for item in items if item["number"] == number), None)


def test_who_asks_is_erased_everywhere_once_it_has_ended(tmp_path: Path) -> None:
    with started(tmp_path) as url:
        shop = Demo(url)
        customer = Customer(shop)
        done, open_order = customer.orders(), customer.orders()
        customer.pays(done)
        customer.pays(open_order)
        customer.gets(done)
        closed, open_ticket = customer.writes(), customer.writes()
        customer.is_answered(closed)
        warehouse = shop.as_staff("warehouse")

        def sent_to(words: str) -> set[str]:
            return {each["order_number"] for each in warehouse.get("/v1/shipments", q=words)["items"]}

        wait_for(lambda: sent_to(NAME[:14].upper()) == {done["number"], open_order["number"]})
        copies = traces(tmp_path, customer.email, NAME, PHONE, STREET, but=OWNED)
        assert {copy.partition(":")[0] for copy in copies} == set()
        agent, admin, lead = shop.as_staff("agent"), shop.as_staff("admin"), shop.as_staff("lead")

        asked = customer.asks("erasure")

        mail = customer.is_mailed("Your data is erased")
        assert f"- order {done['number']}\n" in mail
        assert f"- order {open_order['number']}: it is not finished" in mail
        assert f"- conversation {open_ticket}: the conversation is not closed" in mail
        assert f"- your name and address with order {done['number']}: the records of what was sold" in mail
        assert agent.get(f"/v1/orders/{done['number']}")["contact"]["email"] == "erased"
        assert agent.get(f"/v1/orders/{open_order['number']}")["contact"]["email"] == customer.email
        assert sent_to(NAME) == {open_order["number"]}
        shown = agent.get(f"/v1/tickets/{closed}")
        assert {message["body"] for message in shown["messages"]} == {"erased"}
        assert "token_invalid" in refused(lambda: wait_for(lambda: customer.client.get("/v1/sessions") and None))
        (request,) = [r for r in admin.get("/v1/privacy/requests")["items"] if r["number"] == asked["number"]]
        assert (request["status"], request["email"]) == ("ended", "erased")

        customer.gets(open_order)
        customer.is_answered(open_ticket)

        def erased() -> bool:
            order = agent.get(f"/v1/orders/{open_order['number']}")
            ticket = agent.get(f"/v1/tickets/{open_ticket}")
            return (order["contact"]["email"], ticket["customer"]["email"]) == ("erased", "erased")

        wait_for(erased)
        wait_for(lambda: not any(traces(tmp_path, customer.email)))
        story = agent.get(f"/v1/orders/{done['number']}/timeline")["items"]
        (placed,) = [entry["body"] for entry in story if entry["type"] == "order_placed"]
        assert (placed["customer"]["name"], placed["delivery"]["country"]) == ("erased", "US")
        proof = lead.get("/v1/journal/verification")
        assert all(flaws == [] for flaws in proof["services"].values())

    assert traces(tmp_path, customer.email, NAME, PHONE, STREET) == []
    for service in SERVICES:
        kept = (NAME, STREET) if service == "orders" else ()
        for file in tmp_path.glob(f"{service}.db*"):
            raw = file.read_bytes()
            left = [word for word in {customer.email, NAME, PHONE, STREET} - {*kept} if word.encode() in raw]
            assert left == [], file.name


def traces(folder: Path, *words: str, but: Collection[tuple[str, str]] = KEPT) -> list[str]:
    """Return where in the databases one of the words stands, but for what is kept, or is its service's own."""
    found_in = []
    for service in SERVICES:
        with closing(sqlite3.connect(f"file:{folder / service}.db?mode=ro", uri=True)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                if (service, table) not in but:
                    rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (a table's own name)
                    found_in += [f"{service}.{table}: {row}" for row in rows if any(w in str(row) for w in words)]
    return found_in


def test_who_was_erased_and_orders_again_is_a_new_customer(customer: Customer) -> None:
    first = customer.orders()
    customer.pays(first)
    customer.gets(first)
    customer.asks("erasure")
    customer.is_mailed("Your data is erased")

    second = customer.orders()

    again = customer.guest.sign_in(customer.email)
    assert [order["number"] for order in again.get("/v1/orders")["items"]] == [second["number"]]
    customer.pays(second)
    assert any(second["number"] in subject for subject in customer.subjects())


def test_two_erasures_and_an_order_at_once_end_well(demo: Demo, customer: Customer) -> None:
    order = customer.orders()
    customer.pays(order)
    customer.gets(order)
    client = customer.client
    known = customer.guest.mails_known(customer.email)
    asked: list[Any] = []
    placed: list[Any] = []
    together(lambda: asked.append(client.post("/v1/privacy/erasure", {})), times=2)
    assert len({each["number"] for each in asked}) == 1
    code = customer.guest.mailed_code(customer.email, known)
    confirmation = f"/v1/privacy/requests/{asked[0]['number']}/confirmation"

    together(
        lambda: asked.append(client.try_post(confirmation, {"code": code}, until_not="bad_code")),
        lambda: placed.append(customer.orders()),
    )

    customer.is_mailed("Your data is erased")
    agent = demo.as_staff("agent")
    emails = {agent.get(f"/v1/orders/{each['number']}")["contact"]["email"] for each in placed}
    assert emails <= {customer.email}
    assert agent.get(f"/v1/orders/{order['number']}")["contact"]["email"] == "erased"


def together(*acts: Any, times: int = 1) -> None:
    """Do all of it at once, each so often."""
    threads = [threading.Thread(target=act) for act in acts for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
