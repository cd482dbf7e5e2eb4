"""The story over Vendure's shop API, as a guest's browser asks it: GraphQL, a session for each order."""

from __future__ import annotations

import re
import uuid
from typing import Any

from deploy.lab.bench.samples import ADDRESS
from deploy.lab.bench.shop import SKUS
from deploy.lab.bench.wire import Connection
from services.common.basics.untyped import Fields

PATH = "/shop-api"
READY = 20
_SESSION = re.compile(rb"^vendure-auth-token:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_SHOWN = """{ id code state active totalWithTax currencyCode
  customer { id firstName lastName emailAddress }
  shippingAddress { fullName streetLine1 city province postalCode countryCode phoneNumber }
  lines { id quantity linePriceWithTax productVariant { id sku name } }
  shippingLines { priceWithTax shippingMethod { name } }
  payments { id state amount method transactionId } }"""
_RESULT = "... on Order { id code state totalWithTax } ... on ErrorResult { errorCode message }"
ADD = f"mutation($id: ID!) {{ done: addItemToOrder(productVariantId: $id, quantity: 2) {{ __typename {_RESULT} }} }}"
CUSTOMER = f"mutation($c: CreateCustomerInput!) {{ done: setCustomerForOrder(input: $c) {{ __typename {_RESULT} }} }}"
DELIVERY = (
    f"mutation($a: CreateAddressInput!) {{ done: setOrderShippingAddress(input: $a) {{ __typename {_RESULT} }} }}"
)
METHODS = "{ done: eligibleShippingMethods { __typename id name priceWithTax } }"
METHOD = f"mutation($id: [ID!]!) {{ done: setOrderShippingMethod(shippingMethodId: $id) {{ __typename {_RESULT} }} }}"
ARRANGE = f'mutation {{ done: transitionOrderToState(state: "ArrangingPayment") {{ __typename {_RESULT} }} }}'
PAY = f"mutation($p: PaymentInput!) {{ done: addPaymentToOrder(input: $p) {{ __typename {_RESULT} }} }}"
READ = f"query($code: String!) {{ done: orderByCode(code: $code) {_SHOWN} }}"


class Refused(Exception):
    """An answer of 200 that says no."""


class Guest:
    """One client with its own connection; `session` is that of its order."""

    def __init__(self, url: str):
        self.http, self.session, self._turn = Connection(url), "", 0

    def ask(self, text: str, **variables: object) -> Any:
        """Return what the document calls `done`. Raise Refused for what Vendure calls an error."""
        answer = self.http.post(PATH, {"query": text, "variables": variables}, self.session)
        if found := _SESSION.search(self.http.head):
            self.session = found[1].decode().strip()
        done = (answer.get("data") or {}).get("done")
        if answer.get("errors") or not done or (isinstance(done, dict) and "errorCode" in done):
            raise Refused(str(answer)[:300])
        return done

    def place_and_pay(self) -> str:
        """Order as a new guest, and pay. Return the order's code."""
        self.session, house = "", uuid.uuid4().int % 1_000_000
        self._turn += 1
        self.ask(ADD, id=str((hash(id(self)) + self._turn) % len(SKUS) + 1))
        email = f"ada.{uuid.uuid4().hex[:12]}@example.com"
        self.ask(CUSTOMER, c={"firstName": "Ada", "lastName": "Lovelace", "emailAddress": email})
        self.ask(DELIVERY, a=address(house))
        (method, *_) = self.ask(METHODS)
        self.ask(METHOD, id=[method["id"]])
        self.ask(ARRANGE)
        paid = self.ask(PAY, p={"method": "dummy", "metadata": {}})
        if paid["state"] != "PaymentSettled":
            raise Refused(f"it is {paid['state']}")
        return str(paid["code"])


def address(house: int) -> dict[str, str]:
    """Return the address of our own orders, in Vendure's words."""
    return {
        "fullName": ADDRESS["name"], "streetLine1": f"{house} Analytical Row", "city": ADDRESS["city"],
        "province": ADDRESS["region"], "postalCode": ADDRESS["postal_code"], "countryCode": ADDRESS["country"],
        "phoneNumber": "+1 212 555 0147",
    }  # fmt: skip


class PlaceAndPay:
    """Seven calls: line, customer, address, what shipping there is, shipping, to the payment, payment."""

    def __init__(self, job: Fields):
        self.guests = [Guest(job["url"]) for _ in range(job["clients"])]

    def prepare(self, wanted: int) -> None:
        self.guests[0].place_and_pay()

    def act(self, client: int) -> None:
        self.guests[client].place_and_pay()


class ReadOrder(PlaceAndPay):
    """One call: the order with its customer, lines, shipping and payment, by the guest who placed it."""

    def prepare(self, wanted: int) -> None:
        self.ready = []
        for _ in range(READY):
            code = self.guests[0].place_and_pay()
            self.ready.append((code, self.guests[0].session))

    def act(self, client: int) -> None:
        code, session = self.ready[client % READY]
        guest = self.guests[client]
        guest.session = session
        guest.ask(READ, code=code)
