"""The life of one order, played over HTTP against a running platform, step by step, each checked as it goes.

    make run            # in one terminal
    make demo           # in another: python -m deploy.demo [--url http://127.0.0.1:8000]

The demo is the customer, the staff, the bank's window and the carrier, and uses nothing but the public API and the
mail that the platform sends. It ends with exit code 1 at the first thing that is not as the service standard says.
"""

from __future__ import annotations

import argparse
import os
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.demo.client import Client, Live, Unexpected, expect, wait_for
from deploy.demo.voices import Voices, show, step
from deploy.run.processes import is_locked
from services.common.basics.clock import parse_rfc3339
from services.common.basics.untyped import JsonDict
from services.logistics.adapters.carriers.easypost import DEVELOPMENT_SECRET as EASYPOST_SECRET

EASYPOST = "PLEDGE_EASYPOST_WEBHOOK_SECRET"
STAFF_DOMAIN = "pledge.example"


class Demo(Voices):
    """One run; every run has customers, tracking numbers and keys of its own."""

    def __init__(self, url: str, carrier_secret: str = ""):
        self.carrier_secret = carrier_secret or easypost_secret()
        self.run = uuid.uuid4().hex[:8]
        self.email = f"ada.{self.run}@example.com"
        self.guest = Client(url)
        self.staff: dict[str, Client] = {}
        self.link = ""
        self.tracking_number = f"EZ{self.run.upper()}US"

    # the story

    def play(self) -> None:
        order, customer = self.a_guest_orders_and_pays()
        self.the_review_passes_by_itself(order["number"], customer)
        live = Live(customer, f"/v1/orders/{order['number']}/live")
        shipment = self.the_warehouse_hands_the_parcel_over(order["number"], customer)
        self.the_carrier_reports(order["number"], customer, live, shipment)
        self.the_customer_asks_and_is_answered(order["number"], customer)
        self.one_unit_comes_back_and_is_refunded(order, customer)
        self.a_shortage_is_put_to_the_customer()
        self.a_lost_parcel_is_sent_again()
        self.a_second_charge_goes_back()
        self.a_complex_question_is_verified()
        self.a_complaint_is_decided(order["number"], customer)
        self.a_suggestion_is_announced()
        self.everything_is_on_the_record(order["number"], customer)

    def a_guest_orders_and_pays(self) -> tuple[JsonDict, Client]:
        step(1, "A guest places an order and pays")
        skus = [product["sku"] for product in self.guest.get("/v1/products", limit=100)["items"]]
        lines = [{"sku": skus[0], "quantity": 2}, {"sku": skus[1], "quantity": 1}]
        key = f"demo-{self.run}"
        order = self.guest.post("/v1/orders", self.wish(lines), key=key)
        again = self.guest.post("/v1/orders", self.wish(lines), key=key)
        expect(again["number"] == order["number"], "the same key makes the same order")
        show("order", f"{order['number']} (asked twice with one Idempotency-Key: one order)")
        totals = order["totals"]
        expect(totals["shipping"]["amount"] == totals["duties"]["amount"] == "0.00", "no freight and no duties")
        show("totals", ", ".join(f"{name} {money['amount']}" for name, money in totals.items()) + " USD")
        customer = self.guest.with_token(order["access_token"])
        self.link = f"{self.guest.url}/orders/{order['number']}#token={order['access_token']}"
        show("its page", self.link)
        self.pay(order["number"], customer)
        return order, customer

    def the_review_passes_by_itself(self, number: str, customer: Client) -> None:
        step(2, "The review starts by itself")
        order = wait_for(
            lambda: found(customer.get(f"/v1/orders/{number}"), lambda o: o["review"]["status"] == "passed")
        )
        checks = order["review"]["checks"]
        expect({check["check"] for check in checks} == {"order_info", "payment", "delivery"}, "three checks")
        seen_by_staff = self.as_staff("reviewer").get(f"/v1/orders/{number}")["review"]["checks"]
        for check in seen_by_staff:
            show(check["check"], f"{check['result']} by {check['by']}: {check['evidence']}")
        wait_for(lambda: self.clock(customer, number, "dispatch"))
        expect(self.clock(customer, number, "review")["status"] == "kept", "the review was in time")
        show("dispatch by", self.clock(customer, number, "dispatch")["due_at"])

    def the_warehouse_hands_the_parcel_over(self, number: str, customer: Client) -> str:
        step(3, "The warehouse sorts, packs and hands over")
        warehouse = self.as_staff("warehouse")
        shipment = wait_for(lambda: first(warehouse.get("/v1/shipments", order_number=number)["items"]))
        shipment_number: str = shipment["number"]
        for done in ("sorted", "packed"):
            shown = warehouse.post(f"/v1/shipments/{shipment_number}/{done}", {})
            show(done, f"{shipment_number} is {shown['status']}")
        parcels = {"parcels": [{"carrier": "easypost", "tracking_number": self.tracking_number, "weight_g": 900}]}
        warehouse.post(f"/v1/shipments/{shipment_number}/dispatched", parcels)
        delivery = wait_for(lambda: self.clock(customer, number, "delivery"))
        show("dispatched", f"as {self.tracking_number}")
        show("window", f"{delivery['earliest_at']} to {delivery['due_at']} (calendar {delivery['calendar']})")
        return shipment_number

    def the_carrier_reports(self, number: str, customer: Client, live: Live, shipment: str) -> None:
        step(4, "The carrier's webhooks arrive: out of order, and one of them twice")
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
        story = [
            ("in_transit", "Arrived at facility", start),
            ("out_for_delivery", "Out for delivery", start + timedelta(minutes=2)),
            ("delivered", "Delivered, front door", start + timedelta(minutes=3)),
        ]
        for count in (2, 1, 2, 3):  # the second before the first, then the second once more, word for word
            self.guest.easypost(self.tracking_number, f"evt_{self.run}_{count}", story[:count], self.carrier_secret)
        parcel = wait_for(lambda: found(self.parcel(customer, number), lambda p: p["status"] == "delivered"))
        statuses = [event["status"] for event in parcel["events"]]
        expect(statuses == [status for status, _, _ in story], f"the timeline is in order, each scan once: {statuses}")
        show("timeline", " → ".join(statuses))
        wait_for(lambda: live.saw("parcel_delivered"))
        show("live stream", ", ".join(live.types()))
        order = wait_for(lambda: found(customer.get(f"/v1/orders/{number}"), lambda o: o["status"] == "completed"))
        expect(self.clock(customer, number, "dispatch")["status"] == "kept", "dispatched in time")
        expect(self.clock(customer, number, "delivery")["status"] == "kept", "delivered in time")
        show("order", f"{order['status']}; shipment {shipment} delivered in the window")
        live.close()

    def the_customer_asks_and_is_answered(self, number: str, customer: Client) -> None:
        step(5, "The customer asks about the parcel; an agent answers; the customer rates the answer")
        receipt = customer.post("/v1/contact", {
            "name": "Ada Lovelace", "email": self.email, "category": "logistics", "order_number": number,
            "subject": "Where exactly was it left?", "message": "The tracking says front door. Which one?",
        })  # fmt: skip
        ticket = receipt["ticket_number"]
        show("ticket", f"{ticket}, answer by {receipt['answer_by']}")
        agent = self.as_staff("agent")
        seen = wait_for(
            lambda: first([t for t in agent.get("/v1/tickets", limit=100)["items"] if t["number"] == ticket])
        )
        show("the agent sees", f"{seen['subject']!r}, due {seen['next_due_at']}")
        agent.post(f"/v1/tickets/{ticket}/messages", {"body": "At the door of the garden house, in the blue box."})
        agent.post(f"/v1/tickets/{ticket}/resolution", {"code": "answered"})
        link = self.guest.mail_link(self.email, f"/tickets/{ticket}", containing="garden house")
        reader = self.guest.with_token(link.partition("#token=")[2])
        thread = reader.get(f"/v1/tickets/{ticket}")
        expect("garden house" in thread["messages"][-1]["body"], "the answer is on the ticket's page")
        show("the customer reads", thread["messages"][-1]["body"])
        reader.post(f"/v1/tickets/{ticket}/rating", {"score": 5, "comment": "Found it."})
        show("rated", "5 of 5")

    def one_unit_comes_back_and_is_refunded(self, order: JsonDict, customer: Client) -> None:
        step(6, "One unit is sent back within 60 days and refunded")
        number, line = order["number"], order["lines"][0]
        wish = {
            "order_number": number, "description": "One of the two is not the colour in the picture.",
            "lines": [{"sku": line["sku"], "quantity": 1, "reason": "not_as_described"}],
        }  # fmt: skip
        returned = wait_for(lambda: customer.try_post("/v1/returns", wish, until_not="not_delivered_yet"))
        name = returned["number"]
        show("return", f"{name} is {returned['status']}")
        team = self.as_staff("aftersales")
        part = {"result": "ok", "note": "as the customer says"}
        parts = {"product_status": part, "order_information": part, "return_reason": part}
        reviewed = team.post(f"/v1/returns/{name}/review", {"decision": "authorize", "parts": parts})
        show("reviewed in three parts", f"{reviewed['status']}, send by {reviewed['send_by']}")
        team.post(
            f"/v1/returns/{name}/receipt", {"lines": [{"sku": line["sku"], "quantity": 1, "condition": "received_ok"}]}
        )
        accepted = {"lines": [{"sku": line["sku"], "quantity": 1, "outcome": "accepted", "note": "unused"}]}
        inspected = team.post(f"/v1/returns/{name}/inspection", accepted)
        share = line["paid"][0]["amount"]
        expect(inspected["refund"]["amount"]["amount"] == share, f"the refund is that unit's share, {share}")
        show("received, inspected", f"refund {share} USD, exactly what was paid for that unit")
        settled = wait_for(
            lambda: found(team.get(f"/v1/returns/{name}"), lambda r: r["status"] in ("refunded", "closed"))
        )
        kept = {clock["kind"]: clock["status"] for clock in settled["commitments"]}
        expect(set(kept.values()) == {"kept"}, f"all promises kept: {kept}")
        refund = first([r for r in customer.get(f"/v1/orders/{number}")["refunds"] if r["reference"] == name])
        expect(bool(refund) and refund["status"] == "settled", "settled with the bank")
        show("refund", f"settled, to the original payment; clocks: {', '.join(f'{k} {v}' for k, v in kept.items())}")

    def a_shortage_is_put_to_the_customer(self) -> None:
        step(7, "Stock of a paid order is corrected below what is reserved: the customer decides")
        admin = self.as_staff("admin")
        skus = [f"DEMO-{self.run.upper()}-{letter}" for letter in "AB"]
        for sku, title in zip(skus, ("Travel mug", "Tea tin"), strict=True):
            admin.put(f"/v1/products/{sku}", {"title": title, "price": {"amount": "18.50", "currency": "USD"}})
            admin.post(f"/v1/products/{sku}/stock", {"delta": 3, "reason": "delivered by the maker"})
        order = self.guest.post("/v1/orders", self.wish([{"sku": sku, "quantity": 1} for sku in skus]))
        number, customer = order["number"], self.guest.with_token(order["access_token"])
        self.pay(number, customer)
        wait_for(lambda: self.clock(customer, number, "dispatch"))
        admin.post(f"/v1/products/{skus[0]}/stock", {"delta": -3, "reason": "water in the warehouse"})
        change = wait_for(lambda: first(customer.get(f"/v1/orders/{number}/changes")["items"]))
        show("change request", f"{change['id']}: {', '.join(option['option'] for option in change['options'])}")
        link = self.guest.mail_link(self.email, f"/orders/{number}", containing="Travel mug")
        expect(link.endswith(order["access_token"]) or "#token=" in link, "the mail has a link to the order's page")
        unchanged = customer.get(f"/v1/orders/{number}")
        expect(len(unchanged["lines"]) == 2 and unchanged["status"] == "confirmed", "nothing changes without an answer")
        wait_for(lambda: found(self.clock(customer, number, "shortage_contact"), lambda c: c["status"] == "kept"))
        reader = self.guest.with_token(link.partition("#token=")[2])
        answer = {"decision": "accept", "option": "remove_line", "digest": change["digest"]}
        reader.post(f"/v1/changes/{change['id']}/answer", answer)
        changed = wait_for(lambda: found(customer.get(f"/v1/orders/{number}"), lambda o: len(open_lines(o)) == 1))
        show("accepted", f"remove_line; the order now has {open_lines(changed)[0]['sku']} only")
        wait_for(lambda: any(r["status"] == "settled" for r in customer.get(f"/v1/orders/{number}")["refunds"]))
        show("refund", "18.50 USD settled")

    def a_lost_parcel_is_sent_again(self) -> None:
        step(8, "A parcel is lost: the customer is asked, and has it sent again")
        order, customer = self.a_lost_parcel()
        number = order["number"]
        (question,) = order["remedies"]
        show("the customer may choose", ", ".join(option["option"] for option in question["options"]))
        link = self.guest.mail_link(self.email, f"/orders/{number}", containing="You may choose")
        queue = self.as_staff("agent").get("/v1/remedies", limit=100)["items"]
        expect(question["id"] in [item["id"] for item in queue], "staff see it in their queue")
        reader = self.guest.with_token(link.partition("#token=")[2])
        answer = {"option": "resend", "digest": question["digest"]}
        again = reader.post(f"/v1/orders/{number}/remedy", answer)["replacement"]
        show("sent again", f"as {again}, with a dispatch promise of its own")
        self.hand_over(again, f"EA{self.run.upper()}US")
        lost, new = wait_for(
            lambda: found(customer.get(f"/v1/orders/{number}")["shipments"], lambda s: len(s) == 2 and s[1]["promise"])
        )
        expect(bool(lost["closed_at"]) and not lost["delivered_at"], "nobody waits for the lost parcel any more")
        self.report(f"EA{self.run.upper()}US", "delivered")
        done = wait_for(lambda: found(customer.get(f"/v1/orders/{number}"), lambda o: o["status"] == "completed"))
        clocks = {(clock["kind"], clock["subject"]): clock["status"] for clock in done["commitments"]}
        expect(clocks["delivery", new["number"]] == "kept", f"the new promise was kept: {clocks}")
        show("order", f"{done['status']} with the delivery of what was sent again")

    def a_lost_parcel(self) -> tuple[JsonDict, Client]:
        """Place an order whose parcel the carrier cannot find. Return it as its customer sees it, and the customer."""
        sku = self.guest.get("/v1/products", limit=100)["items"][0]["sku"]
        placed = self.guest.post("/v1/orders", self.wish([{"sku": sku, "quantity": 1}]))
        number, customer = placed["number"], self.guest.with_token(placed["access_token"])
        self.pay(number, customer)
        warehouse, tracking_number = self.as_staff("warehouse"), f"EL{uuid.uuid4().hex[:8].upper()}US"
        shipment = wait_for(lambda: first(warehouse.get("/v1/shipments", order_number=number)["items"]))
        self.hand_over(shipment["number"], tracking_number)
        self.report(tracking_number, "error:lost")
        order = wait_for(lambda: found(customer.get(f"/v1/orders/{number}"), lambda o: o["stage"] == "not_arriving"))
        return {**order, "access_token": placed["access_token"]}, customer

    def hand_over(self, shipment: str, tracking_number: str) -> None:
        """Sort, pack and hand over a shipment, as soon as it is known."""
        warehouse = self.as_staff("warehouse")
        wait_for(lambda: warehouse.try_get(f"/v1/shipments/{shipment}"))
        for step_ in ("sorted", "packed"):
            warehouse.post(f"/v1/shipments/{shipment}/{step_}", {})
        parcels = {"parcels": [{"carrier": "easypost", "tracking_number": tracking_number}]}
        warehouse.post(f"/v1/shipments/{shipment}/dispatched", parcels)

    def report(self, tracking_number: str, status: str) -> None:
        """Have the carrier report that a parcel moved, and then this status."""
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
        scans = [("in_transit", "Arrived at facility", start), (status, "The latest", start + timedelta(minutes=2))]
        self.guest.easypost(tracking_number, f"evt_{tracking_number}_{status}", scans, self.carrier_secret)

    def a_second_charge_goes_back(self) -> None:
        step(9, "The bank charges a card twice: the second charge goes back by itself")
        sku = f"DEMO-{self.run.upper()}-B"
        order = self.guest.post("/v1/orders", self.wish([{"sku": sku, "quantity": 1}]))
        number, customer = order["number"], self.guest.with_token(order["access_token"])
        secret = customer.post(f"/v1/orders/{number}/payments", {"provider": "sandbox"})["client_secret"]
        for charge in (1, 2):
            self.guest.post("/sandbox/payments", {"client_secret": secret, "charge": charge})
        twice = wait_for(lambda: found(customer.get(f"/v1/orders/{number}"), lambda o: bool(o["refunds"])))
        show("account", ", ".join(f"{name} {money['amount']}" for name, money in twice["account"].items()) + " USD")
        expect(twice["account"]["kept"] == order["totals"]["total"], "what the order costs is kept")
        expect(twice["account"]["attention"]["amount"] == "0.00", "nobody has to look into it")
        refund = wait_for(
            lambda: first([r for r in customer.get(f"/v1/orders/{number}")["refunds"] if r["status"] == "settled"])
        )
        expect(self.clock(customer, number, "refund")["status"] == "kept", "the refund was in time")
        show("refund", f"{refund['amount']['amount']} USD settled, to the card that was charged; clock refund kept")

    def a_complex_question_is_verified(self) -> None:
        step(10, "A question that cannot be answered at once is looked into, and two people answer it")
        receipt = self.guest.post("/v1/contact", {
            "name": "Ada Lovelace", "email": self.email, "category": "product", "topic": "usage",
            "subject": "110 V", "message": "Can I use the kettle in Boston?",
        })  # fmt: skip
        ticket, agent, lead = receipt["ticket_number"], self.as_staff("agent"), self.as_staff("lead")
        question = {"question": "Can the kettle be used on 110 V?", "known": "The label says 220 to 240 V."}
        looked = agent.post(f"/v1/tickets/{ticket}/verification", question)["id"]
        link = self.guest.mail_link(self.email, f"/tickets/{ticket}", containing="Can the kettle be used")
        reader = self.guest.with_token(link.partition("#token=")[2])
        told = reader.get(f"/v1/tickets/{ticket}")["looked_into"]
        show("the customer is told", f"news by {told['news_by']}, the complete answer by {told['complete_by']}")
        agent.post(f"/v1/tickets/{ticket}/messages", {"body": "The maker has our question and answers tomorrow."})
        answer = "No: this kettle needs 220 to 240 V. The model KET-110 is made for 110 V."
        agent.put(f"/v1/verifications/{looked}/draft", {"draft": answer})
        lead.post(f"/v1/verifications/{looked}/decision", {"decision": "approve"})
        answered = reader.get(f"/v1/tickets/{ticket}")
        expect(answered["messages"][-1]["verified"], "the answer is marked as checked by a second person")
        clocks = {each["kind"]: each["status"] for each in answered["commitments"]}
        expect(clocks["complete_answer"] == "kept", "the complete answer was in time")
        show("the customer reads", answered["messages"][-1]["body"])
        show("clocks", f"complete_answer {clocks['complete_answer']}, update {clocks['update']}")

    def everything_is_on_the_record(self, number: str, customer: Client) -> None:
        step(13, "Everything is on the record")
        timeline = customer.get(f"/v1/orders/{number}/timeline")
        expect(not timeline.get("missing"), "every service answered")
        services = {entry["service"] for entry in timeline["items"]}
        expect(services == {"orders", "logistics", "aftersales", "support"}, f"all four services: {sorted(services)}")
        for entry in timeline["items"]:
            show(parse_rfc3339(entry["occurred_at"]).strftime("%H:%M:%S"), f"{entry['service']:10} {entry['type']}")
        proof = self.as_staff("lead").get("/v1/journal/verification")
        for service, flaws in proof["services"].items():
            expect(flaws == [], f"the chains of {service} verify: {flaws}")
        show("journals", "every chain of all four services verifies")

    # the parts

    def wish(self, lines: list[JsonDict]) -> JsonDict:
        return {
            "contact": {"name": "Ada Lovelace", "email": self.email, "phone": "+1 212 555 0147", "language": "en"},
            "delivery": {
                "name": "Ada Lovelace", "line1": "12 Analytical Row", "city": "New York", "region": "NY",
                "postal_code": "10001", "country": "US",
            },
            "lines": lines,
        }  # fmt: skip

    def pay(self, number: str, customer: Client) -> None:
        started = customer.post(f"/v1/orders/{number}/payments", {"provider": "sandbox"})
        self.guest.post("/sandbox/payments", {"client_secret": started["client_secret"]})
        order = wait_for(
            lambda: found(customer.get(f"/v1/orders/{number}"), lambda o: o["payment"]["status"] == "captured")
        )
        show("payment", f"{order['payment']['amount']['amount']} USD captured by the bank's signed webhook")

    def clock(self, customer: Client, number: str, kind: str) -> Any:
        return first([each for each in customer.get(f"/v1/orders/{number}")["commitments"] if each["kind"] == kind])

    def parcel(self, customer: Client, number: str) -> Any:
        shipments = customer.get(f"/v1/orders/{number}/tracking")["shipments"]
        return first([parcel for shipment in shipments for parcel in shipment["parcels"]])

    def as_staff(self, role: str) -> Client:
        """Sign in with the code that comes by mail, once per role."""
        if role not in self.staff:
            self.staff[role] = self.guest.sign_in(f"{role}@{STAFF_DOMAIN}")
        return self.staff[role]


def open_lines(order: JsonDict) -> list[JsonDict]:
    return [line for line in order["lines"] if line["quantity"] > 0]


def found(value: Any, condition: Any) -> Any:
    """Return the value if it exists and meets the condition, else None."""
    return value if value and condition(value) else None


def first(items: list[Any]) -> Any:
    return items[0] if items else None


def easypost_secret() -> str:
    """Return the secret that the platform shares with EasyPost: the demo plays the carrier."""
    return os.environ.get(EASYPOST) or EASYPOST_SECRET


def made_secret() -> str:
    """Return the one that the embedded platform on this machine made, "" where none runs."""
    folder = Path(os.environ.get("PLEDGE_DATA_DIR") or "var")
    made = folder / "keys" / "easypost_webhook_secret"
    runs = not os.environ.get(EASYPOST) and is_locked(folder / "lock") and made.exists()
    return made.read_text("utf-8").strip() if runs else ""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description="one order's whole life, over HTTP")
    parser.add_argument("--url", default=os.environ.get("PLEDGE_PUBLIC_URL") or "http://127.0.0.1:8000")
    given = parser.parse_args(arguments)
    demo = Demo(given.url, made_secret())
    try:
        demo.play()
    except Unexpected as problem:
        print(f"\nNot as promised: {problem}", file=sys.stderr)
        return 1
    print("\nEvery step was as promised. Look at the order as its customer does:")
    print(f"  {demo.link}")
    return 0
