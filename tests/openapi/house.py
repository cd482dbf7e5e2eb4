"""Play all parties but the document's reader: the shop's staff, the bank and the carrier, and make things to act on.

house = House(url)
bought = house.confirmed_order()           # placed, paid, reviewed; its shipment waits in the warehouse
house.deliver(bought.number)               # sorted, packed, handed over, delivered
number, customer = house.open_return()     # of a delivered order, as its customer asked for it
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo, easypost_secret, first, found
from services.common.basics.untyped import JsonDict

PIECES = 2  # of each product in an order of ours
STOCK = 100_000
REFUSED = {"result": "not_ok", "note": "there are traces of long use"}
FINE = {"result": "ok", "note": "as the customer says"}
PARTS = ("product_status", "order_information", "return_reason")


class Bought(NamedTuple):
    """An order: its number, who it belongs to, and how it was answered when it was placed."""

    number: str
    customer: Client
    order: JsonDict

    @property
    def skus(self) -> list[str]:
        return [line["sku"] for line in self.order["lines"]]


class Case(NamedTuple):
    """A return or a ticket: its number, and whose it is."""

    number: str
    customer: Client


class House:
    """Makes each thing new, so that no example meets what another one has done."""

    def __init__(self, url: str, staff: dict[str, Client] | None = None):
        """Take the clients of staff who have signed in already, by role."""
        self.url = url
        self._demo = Demo(url)
        self._demo.staff = {} if staff is None else staff
        self.guest = self._demo.guest
        self._customer: Client | None = None
        self._skus: list[str] = []

    def staff(self, role: str) -> Client:
        return self._demo.as_staff(role)

    def is_staff(self, who: Client) -> bool:
        """Return whether this is one of the shop's staff."""
        return who._token in {each._token for each in self._demo.staff.values()}

    def has_read(self, trace_id: str) -> bool:
        """Return whether the answer to this request was recorded as a read."""
        reads = self.staff("admin").get("/v1/staff/reads", limit=50)["items"]
        return trace_id in {read["trace_id"] for read in reads}

    @property
    def email(self) -> str:
        """The address of the customer."""
        return self._demo.email

    def customer(self) -> Client:
        """Return the customer, signed in."""
        self._customer = self._customer or self.guest.sign_in(self.email)
        return self._customer

    def for_another(self) -> House:
        """Return a house with the same staff and a customer of its own."""
        return House(self.url, self._demo.staff)

    @property
    def skus(self) -> list[str]:
        """Two products with enough of them."""
        if not self._skus:
            wanted = [f"HOUSE-{self._demo.run.upper()}-{letter}" for letter in "AB"]
            for sku in wanted:
                self._make(sku)
            self._skus = wanted
        return self._skus

    def new_product(self) -> str:
        """Make a product to change: it is in no order, so what an example leaves out of it is missed by no parcel."""
        sku = f"HOUSE-{uuid.uuid4().hex[:8].upper()}"
        self._make(sku)
        return sku

    def _make(self, sku: str) -> None:
        product = {"title": f"Thing {sku[-1]}", "price": {"amount": "12.50", "currency": "USD"}, "hs_code": "6912.00"}
        self.staff("admin").put(f"/v1/products/{sku}", product)
        self.staff("admin").post(f"/v1/products/{sku}/stock", {"delta": STOCK, "reason": "made for the test"})

    # orders

    def placed_order(self, **contact: str) -> Bought:
        """Place an order that is not paid."""
        wish = self._demo.wish([{"sku": sku, "quantity": PIECES} for sku in self.skus])
        order = self.guest.post("/v1/orders", {**wish, "contact": {**wish["contact"], **contact}})
        return Bought(order["number"], self.guest.with_token(order["access_token"]), order)

    def paid_order(self, **contact: str) -> Bought:
        bought = self.placed_order(**contact)
        self._demo.pay(bought.number, bought.customer)
        return bought

    def doubtful_order(self) -> Bought:
        """Place a paid order whose review waits for a person, because no numbering plan has that phone number."""
        bought = self.paid_order(phone="+1 555 000 0000")
        wait_for(lambda: self._order(bought)["review"]["status"] == "needs_contact")
        return bought

    def confirmed_order(self) -> Bought:
        """Place a paid order that has passed its review. The warehouse has it."""
        bought = self.paid_order()
        wait_for(lambda: self._order(bought)["review"]["status"] == "passed")
        self.shipment(bought.number)
        return bought

    def proposed_change(self) -> tuple[Bought, JsonDict]:
        """Place an order with a shortage. Return it and the question that waits for the customer."""
        bought = self.confirmed_order()
        shortage = {"kind": "stock_short", "sku": bought.skus[0], "quantity": 1, "reason": "one is broken"}
        return bought, self.staff("agent").post(f"/v1/orders/{bought.number}/changes", shortage)

    # shipments

    def shipment(self, order_number: str) -> str:
        """Return the number of the shipment of an order, as soon as there is one."""
        warehouse = self.staff("warehouse")
        shipment = wait_for(lambda: first(warehouse.get("/v1/shipments", order_number=order_number)["items"]))
        return str(shipment["number"])

    def queued_shipment(self) -> str:
        return self.shipment(self.confirmed_order().number)

    def sorted_shipment(self) -> str:
        return self._step(self.queued_shipment(), "sorted", {})

    def packed_shipment(self) -> str:
        return self._step(self.sorted_shipment(), "packed", {})

    def weighed_shipment(self) -> str:
        """Pack a box whose weight is known, so that carriers name what they take for it."""
        return self._step(self.packed_shipment(), "weight", {"gross_weight_g": 2_500})

    def offer(self, number: str) -> str:
        """Return the name of what carriers take for a box."""
        rates = self.staff("warehouse").post(f"/v1/shipments/{number}/rates", {})["rates"]
        return str(next(each["offer"] for each in rates if each["rate"] == "standard"))

    def label(self) -> tuple[str, str]:
        """Buy a label. Return the numbers of its shipment and its own."""
        number = self.weighed_shipment()
        bought = {"offer": self.offer(number), "rate": "standard"}
        return number, str(self.staff("warehouse").post(f"/v1/shipments/{number}/labels", bought)["id"])

    def manifest(self) -> str:
        """Make a manifest for a label. Return its id."""
        self.label()
        return str(self.staff("warehouse").post("/v1/manifests", {})["items"][0]["id"])

    def dispatch(self, order_number: str) -> str:
        """Bring a paid order to the carrier, once its review is passed. Return the tracking number."""
        number, tracking_number = self.shipment(order_number), self.tracking_number()
        for step in ("sorted", "packed"):
            self._step(number, step, {})
        self._step(number, "dispatched", {"parcels": [{"carrier": "easypost", "tracking_number": tracking_number}]})
        return tracking_number

    def dispatched_order(self) -> Bought:
        bought = self.confirmed_order()
        self.dispatch(bought.number)
        wait_for(lambda: found(self._order(bought), lambda order: order["stage"] == "dispatched"))
        return bought

    def lost_order(self) -> tuple[Bought, JsonDict]:
        """Place an order whose parcel the carrier cannot find.

        Return it and the question that waits for its customer.
        """
        bought = self.confirmed_order()
        tracking_number, at = self.dispatch(bought.number), datetime.now(UTC) - timedelta(minutes=5)
        scans = [("error:lost", "Lost", at)]
        self.guest.easypost(tracking_number, f"evt_{uuid.uuid4().hex}", scans, easypost_secret())
        return bought, wait_for(lambda: first(self._order(bought)["remedies"]))

    def dispatched_shipment(self) -> str:
        order_number = self.confirmed_order().number
        self.dispatch(order_number)
        return self.shipment(order_number)

    def disputed_costs(self) -> str:
        """Return a shipment for which its carrier bills far too much."""
        order_number = self.confirmed_order().number
        self._bill(self.dispatch(order_number))
        return self.shipment(order_number)

    def held_row(self) -> str:
        """Return the id of a row of an invoice that is about no parcel."""
        number = self.tracking_number()
        self._bill(number)
        rows = self.staff("lead").get("/v1/costs/invoice-rows", limit=100)["items"]
        return next(str(row["id"]) for row in rows if row["tracking_number"] == number)

    def _bill(self, tracking_number: str) -> None:
        row = f"invoice,tracking_number,charge,amount\nINV-1,{tracking_number},storage,900.00\n"
        lead = self.staff("lead")
        lead.send("POST", "/v1/costs/invoices", data=row, headers={"Content-Type": "text/csv"})

    def unmatched(self) -> str:
        """Return the id of a number that is scanned and belongs to no parcel."""
        number = self.tracking_number()
        scan = ("in_transit", "On its way", datetime.now(UTC))
        self.guest.easypost(number, f"evt_{uuid.uuid4().hex}", [scan], easypost_secret())
        listed = self.staff("warehouse").get("/v1/scans/unmatched", limit=100)["items"]
        return next(str(item["id"]) for item in listed if item["tracking_number"] == number)

    def deliver(self, order_number: str) -> None:
        """Bring a paid order to its customer."""
        tracking_number, start = self.dispatch(order_number), datetime.now(UTC) - timedelta(minutes=5)
        scans = [("in_transit", "On its way", start), ("delivered", "Delivered", start + timedelta(minutes=1))]
        self.guest.easypost(tracking_number, f"evt_{uuid.uuid4().hex}", scans, easypost_secret())
        agent = self.staff("agent")
        wait_for(lambda: agent.get(f"/v1/orders/{order_number}")["status"] == "completed")

    def delivered_order(self) -> Bought:
        bought = self.confirmed_order()
        self.deliver(bought.number)
        return bought

    # returns

    def open_return(self, outcome: str = "refund") -> Case:
        """Request a return of everything in an order, as its customer."""
        bought = self.delivered_order()
        lines = [{"sku": sku, "quantity": PIECES, "reason": "changed_mind"} for sku in bought.skus]
        wish = {"order_number": bought.number, "lines": lines, "outcome": outcome}
        returned = wait_for(lambda: bought.customer.try_post("/v1/returns", wish, until_not="not_delivered_yet"))
        return Case(returned["number"], bought.customer)

    def questioned_return(self) -> Case:
        case = self.open_return()
        self._review(case, "aftersales", decision="info", question="Which of them?")
        return case

    def authorized_return(self) -> Case:
        case = self.open_return()
        self._review(case, "aftersales", decision="authorize", parts=dict.fromkeys(PARTS, FINE))
        return case

    def asked_postage(self) -> Case:
        """Make a return that has arrived, and ask for its postage."""
        case = self.received_return()
        asked = {"amount": {"amount": "13.90", "currency": "USD"}, "receipt": "DHL, 12.90 EUR"}
        case.customer.post(f"/v1/returns/{case.number}/postage", asked)
        return case

    def rejected_return(self) -> Case:
        """Make a return that two people have rejected."""
        case = self.open_return()
        parts = {**dict.fromkeys(PARTS, FINE), "product_status": REFUSED}
        for role in ("aftersales", "lead"):
            self._review(
                case, role, decision="reject", parts=parts, ground="used_beyond_trying", explanation="It was used."
            )
        return case

    def received_return(self) -> Case:
        """Make a return of which everything has arrived in good order."""
        case = self.authorized_return()
        self._all_lines(case.number, "receipt", condition="received_ok")
        return case

    def accepted_return(self) -> Case:
        case = self.received_return()
        self._all_lines(case.number, "inspection", outcome="accepted", note="unused")
        return case

    def disputed_return(self) -> Case:
        """Make a return of which one person rejects all that arrived."""
        case = self.received_return()
        found: JsonDict = {
            "ground": "used_beyond_trying",
            "note": "It was used.",
            "evidence": ["https://photos.example/1.jpg"],
        }
        self._all_lines(case.number, "inspection", outcome="disputed", **found)
        return case

    def finally_rejected_return(self) -> Case:
        """Make a return that two people rejected after its inspection, and a third one after the appeal."""
        case = self.disputed_return()
        self._all_lines(case.number, "second-look", by="lead", outcome="rejected")
        case.customer.post(f"/v1/returns/{case.number}/appeal", {"statement": "It was not."})
        self._all_lines(case.number, "second-look", by="admin", outcome="rejected")
        return case

    def settle(self, return_number: str) -> None:
        """Do all that the shop has to do about a return that was asked for, until the money is back."""
        team = self.staff("aftersales")
        self._review(Case(return_number, team), "aftersales", decision="authorize", parts=dict.fromkeys(PARTS, FINE))
        self._all_lines(return_number, "receipt", condition="received_ok")
        self._all_lines(return_number, "inspection", outcome="accepted", note="unused")
        wait_for(lambda: found(team.get(f"/v1/returns/{return_number}"), lambda r: r["status"] == "closed"))

    # tickets

    def open_ticket(self, **more: Any) -> Case:
        question = {
            "name": "Ada Lovelace", "email": self.email, "category": "product", "subject": "A question",
            "message": "How heavy is it?",
        }  # fmt: skip
        receipt = self.guest.post("/v1/contact", {**question, **more})
        return Case(receipt["ticket_number"], self.guest.with_token(receipt["access_token"]))

    def answer(self, ticket_number: str) -> None:
        self.staff("agent").post(f"/v1/tickets/{ticket_number}/messages", {"body": "It weighs half a pound."})

    def answered_ticket(self) -> Case:
        case = self.open_ticket()
        self.answer(case.number)
        return case

    def resolved_ticket(self) -> Case:
        case = self.answered_ticket()
        self.staff("agent").post(f"/v1/tickets/{case.number}/resolution", {"code": "answered"})
        return case

    def spam_ticket(self) -> Case:
        case = self.open_ticket()
        self.staff("agent").post(f"/v1/tickets/{case.number}/spam", {"reason": "an advertisement"})
        return case

    def merged_ticket(self) -> Case:
        case, into = self.open_ticket(), self.open_ticket().number
        self.staff("agent").post(f"/v1/tickets/{case.number}/merge", {"into": into, "reason": "the same question"})
        return case

    def longer_ticket(self) -> Case:
        """Make a ticket with two messages of its customer."""
        case = self.open_ticket()
        case.customer.post(f"/v1/tickets/{case.number}/messages", {"body": "And where is my parcel?"})
        return case

    # signing in

    def sign_in_code(self, email: str) -> tuple[str, str]:
        """Ask for a sign-in code. Return the unused code that was mailed to this address, and its request."""
        known = self.guest.mails_known(email)
        asked = self.guest.post("/v1/sign-in", {"email": email})["request"]
        return self.guest.mailed_code(email, known), asked

    def session(self, email: str) -> JsonDict:
        """Sign in at this address. Return the answer."""
        code, asked = self.sign_in_code(email)
        return self.guest.post("/v1/sign-in/verify", {"email": email, "code": code, "request": asked})

    def somebody(self) -> tuple[Client, JsonDict]:
        """Sign in a customer without orders, for one example."""
        session = self.session(f"eve.{uuid.uuid4().hex[:8]}@example.com")
        return self.guest.with_token(session["access_token"]), session

    def colleague(self) -> str:
        """Add an agent. Return their address."""
        email = f"agent.{uuid.uuid4().hex[:8]}@shop.example"
        self.staff("admin").put(f"/v1/staff/{email}", {"name": "Grace Hopper", "roles": ["agent"]})
        return email

    @staticmethod
    def tracking_number() -> str:
        return f"EZ{uuid.uuid4().hex[:10].upper()}US"

    def _order(self, bought: Bought) -> JsonDict:
        return bought.customer.get(f"/v1/orders/{bought.number}")

    def _step(self, number: str, step: str, body: JsonDict) -> str:
        self.staff("warehouse").post(f"/v1/shipments/{number}/{step}", body)
        return number

    def _review(self, case: Case, role: str, **decided: Any) -> None:
        self.staff(role).post(f"/v1/returns/{case.number}/review", decided)

    def _all_lines(self, return_number: str, step: str, *, by: str = "aftersales", **finding: Any) -> None:
        team = self.staff(by)
        asked = team.get(f"/v1/returns/{return_number}")["lines"]
        lines = [{"sku": line["sku"], "quantity": line["quantity"], **finding} for line in asked]
        team.post(f"/v1/returns/{return_number}/{step}", {"lines": lines})
