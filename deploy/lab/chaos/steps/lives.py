"""What happens to an order's money: captured, refunded, disputed and won, disputed and lost.

A life is a beginning, after which everything rests, and the steps between which orders is killed. Clients ask
again until there is an answer, under the same key, as those of a shop do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from deploy.lab.chaos.customer import Bought, Customer
from deploy.lab.chaos.steps.stripe import CardBank
from services.common.basics.untyped import JsonDict


class Living(NamedTuple):
    """Who lives them: a customer of the shop, and their bank."""

    customer: Customer
    bank: CardBank

    def session_of(self, order: Bought) -> str:
        """Begin to pay by card. Return Stripe's name of the payment."""
        asked = self.customer.http.post(f"/v1/orders/{order.number}/payments", {"provider": "stripe"}, order.token)
        intent = str(asked["client_secret"]).partition("_secret_")[0]
        self.customer.record.note(
            "payment", order=order.number, payment_id=asked["payment_id"], cents=order.cents, session=intent
        )
        return intent

    def pay(self, order: Bought) -> None:
        intent = self.session_of(order)
        paid = self.noted(order)
        self.bank.capture(paid["payment_id"], intent, order.cents)
        self.customer.until(order, lambda shown: shown["payment"]["status"] == "captured")
        self.customer.passed(order)

    def noted(self, order: Bought) -> JsonDict:
        """Return what was noted of the order's last payment."""
        return [each for each in self.customer.record.entries if each.get("session") and each["order"] == order.number][
            -1
        ]

    def cancel(self, order: Bought) -> None:
        self.customer.command(f"/v1/orders/{order.number}/cancellation", {"reason": "I changed my mind"}, order)
        self.customer.until(order, lambda shown: shown["status"] == "cancelled")

    def win_dispute(self, order: Bought) -> None:
        self._dispute(order, "won")

    def lose_dispute(self, order: Bought) -> None:
        self._dispute(order, "lost")

    def _dispute(self, order: Bought, outcome: str) -> None:
        """Have the customer's bank take the money, answer it with the evidence, and have it decide."""
        intent, http, staff = str(self.noted(order)["session"]), self.customer.http, self.customer.staff
        self.bank.dispute(intent, order.cents)
        found = http.wait_for(lambda: self._dispute_of(order, ended=False))
        self.customer.staff_does(f"/v1/disputes/{found['id']}/answer", {"note": "the file"}, "id", found["id"])
        self.bank.decide(intent, order.cents, outcome)
        ended = http.wait_for(lambda: self._dispute_of(order, ended=True))
        http.same(outcome, http.get(f"/v1/disputes/{ended['id']}", staff)["status"])

    def _dispute_of(self, order: Bought, *, ended: bool) -> JsonDict | None:
        items = self.customer.http.get("/v1/disputes", self.customer.staff, ended=str(ended).lower(), limit=100)[
            "items"
        ]
        return next((each for each in items if each["order_number"] == order.number), None)


class Life(NamedTuple):
    """begins: before the kill. goes_on: the steps between which orders is killed. keeps: whether the money stays."""

    name: str
    begins: Callable[[Living, Bought], None]
    goes_on: Callable[[Living, Bought], None]
    keeps: bool


def _nothing(living: Living, order: Bought) -> None:
    pass


CAPTURE = Life("capture", _nothing, Living.pay, keeps=True)
REFUND = Life("refund", Living.pay, Living.cancel, keeps=False)
WON = Life("dispute won", Living.pay, Living.win_dispute, keeps=True)
LOST = Life("dispute lost", Living.pay, Living.lose_dispute, keeps=False)
LIVES = (CAPTURE, REFUND, WON, LOST)
