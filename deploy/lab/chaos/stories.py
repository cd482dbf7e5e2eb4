"""What clients do, from beginning to end.

A story that gets no further (no answer for too long, goods are out of stock) ends there: what was acknowledged
until then must hold all the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from deploy.lab.chaos.bank import Bank
from deploy.lab.chaos.client import GaveUp, Refused
from deploy.lab.chaos.customer import Bought, Customer, Shop
from services.common.edge import tokens


class Stories(Customer):
    """A customer who plays story after story."""

    def __init__(self, shop: Shop, bank: Bank, name: str, seed: int):
        super().__init__(shop, bank, name, seed)
        self.finished: list[str] = []

    def play(self) -> None:
        """Play the next story, to its end or to where it fails."""
        stories: list[tuple[Callable[[], None], int]] = [
            (self.buys_and_keeps, 3), (self.buys_and_sends_back, 3), (self.asks, 3), (self.cancels, 2),
            (self.is_short_of_something, 2), (self.never_pays, 1), (self.is_declined_first, 1),
        ]  # fmt: skip
        story = self.random.choices([each for each, _ in stories], [weight for _, weight in stories])[0]
        self.tell(story)

    def tell(self, story: Callable[[], None]) -> None:
        try:
            story()
        except GaveUp:
            self.finished.append(f"{story.__name__}, given up")
        except Refused as no:
            self.record.note("refusal", client=self.name, story=story.__name__, code=no.code, text=str(no))
            self.finished.append(f"{story.__name__}, refused")
        else:
            self.finished.append(story.__name__)

    def buys_and_keeps(self) -> None:
        order = self.place()
        self.pay(order)
        self.receive(order)

    def buys_and_sends_back(self) -> None:
        order = self.place()
        self.pay(order)
        self.receive(order)
        self.send_back(order)

    def cancels(self) -> None:
        """Cancel before paying, during the review, or when the warehouse has the order."""
        order = self.place()
        steps: list[Callable[[Bought], None]] = [self.pay, self.passed]
        for step in steps[: self.random.randrange(3)]:
            step(order)
        shown = self.command(f"/v1/orders/{order.number}/cancellation", {"reason": "I changed my mind"}, order)
        self.record.note("cancellation", order=order.number, status=shown["status"])
        self.until(order, lambda shown: shown["status"] == "cancelled")

    def never_pays(self) -> None:
        self.place()

    def is_declined_first(self) -> None:
        order = self.place()
        started = self.http.post(f"/v1/orders/{order.number}/payments", {"provider": "sandbox"}, order.token)
        self.bank.decline(started["payment_id"], order.cents)
        self.until(order, lambda shown: shown["payment"]["status"] == "failed")
        self.pay(order)
        self.passed(order)

    def asks(self) -> None:
        nonce = uuid.uuid4().hex
        email = f"{self.name}.{nonce}@example.com"
        form = {
            "name": "Ada Lovelace", "email": email, "category": "product", "topic": "materials",
            "subject": f"About {nonce}", "message": f"What is {nonce} made of?",
        }  # fmt: skip
        receipt = self.http.post("/v1/contact", form, key=f"ask-{nonce}")
        number = receipt["ticket_number"]
        token = receipt.get("access_token") or tokens.ticket_token(self.shop.secret, number, 1)
        self.record.note("ticket", ticket=number, email=email, subject=form["subject"], body=form["message"])
        shown = self.http.get(f"/v1/tickets/{number}", token)
        self.http.same(f"{number} {form['subject']}", f"{shown['number']} {shown['subject']}")
        self.say(number, self.staff, f"Stoneware, {nonce}.")
        if self.random.random() < 0.5:
            self.say(number, token, f"Thank you, {nonce}!")
            self.say(number, self.staff, f"You are welcome, {nonce}.")
        self.http.post(f"/v1/tickets/{number}/resolution", {"code": "answered"}, self.staff, key=f"done-{nonce}")
        self.record.note("resolution", ticket=number)

    def is_short_of_something(self) -> None:
        """Make the shelf hold one piece less than promised. The customer decides."""
        order = self.place(self.scarce)
        self.pay(order)
        self.passed(order)
        level = self.correct(1)
        self.correct(level["reserved"] - level["on_hand"] - 1 or -1)
        try:
            change = self.http.wait_for(lambda: self.open_change(order))
            self.decide(order, change)
        finally:
            self.correct(self.random.randrange(10, 20))
