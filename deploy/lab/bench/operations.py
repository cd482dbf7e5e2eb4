"""The operations of the load generator. Each prepares what it needs, then `act(client)` is one operation, checked.

An operation that uses something up (a paid order to send back) raises `UsedUp` when nothing is left, which ends the
round early but is no failure.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Protocol

import eventlet

from deploy.lab.bench import callers
from deploy.lab.bench.peers import client as vendure
from deploy.lab.bench.samples import example_wish, order_wish
from deploy.lab.bench.shop import SCANS, SKUS, Order, Shop, Target
from deploy.lab.bench.wire import Connection
from services.common.basics.untyped import Fields

Job = Fields
PREPARING = 8  # clients that prepare at a time


class UsedUp(Exception):
    """What was prepared is used up."""


class Operation(Protocol):
    """One thing that clients do over and over."""

    def prepare(self, wanted: int) -> None:
        """Bring about what is needed for that many operations."""

    def act(self, client: int) -> None:
        """Do it once, on that client's own connection; anything raised is a failure."""


class OfShop:
    """Base of the operations on the platform: a Shop for each client."""

    def __init__(self, job: Job):
        target = Target(**job["target"])
        self.shops = [Shop(target) for _ in range(job["clients"])]

    def prepare(self, wanted: int) -> None:
        """Do nothing: only the products are needed, and they exist."""

    def orders(self, count: int, paid: bool = True) -> list[Order]:
        """Make that many new orders."""

        def make(place: int) -> Order:
            shop = Shop(self.shops[0].target)
            order = shop.place()
            if paid:
                shop.pay(order)
            shop.http.close()
            return order

        return list(eventlet.GreenPool(PREPARING).imap(make, range(count)))


class PlaceOrder(OfShop):
    """One call: POST /v1/orders."""

    def act(self, client: int) -> None:
        self.shops[client].place()


class PlaceAndPay(OfShop):
    """Two calls: the order, whose answer holds what is needed to pay it, and the bank's webhook."""

    def act(self, client: int) -> None:
        shop = self.shops[client]
        shop.pay(shop.place())


class ReadOrder(OfShop):
    """GET /v1/orders/{number} of a paid order, by its customer: composed from three services."""

    def prepare(self, wanted: int) -> None:
        self.ready = self.orders(20)

    def act(self, client: int) -> None:
        order = self.ready[client % len(self.ready)]
        self.shops[client].http.get(f"/v1/orders/{order.number}", order.token)


class ListOrders(OfShop):
    """GET /v1/orders by staff: a page of 20."""

    def prepare(self, wanted: int) -> None:
        self.orders(25, paid=False)

    def act(self, client: int) -> None:
        shop = self.shops[client]
        shop.http.get("/v1/orders", shop.staff)


class ListQueue(OfShop):
    """GET /v1/shipments by status: the warehouse's queue."""

    def prepare(self, wanted: int) -> None:
        self.orders(5)

    def act(self, client: int) -> None:
        shop = self.shops[client]
        shop.http.get("/v1/shipments?status=queued", shop.staff)


class Contact(OfShop):
    """POST /v1/contact: a message from an unknown person."""

    def act(self, client: int) -> None:
        name = uuid.uuid4().hex[:12]
        form = {
            "name": "Ada Lovelace", "email": f"{name}@example.com", "category": "product", "topic": "materials",
            "subject": "What is the glaze made of?", "message": f"My reference is {name}. Is it free of lead?",
        }  # fmt: skip
        self.shops[client].http.post("/v1/contact", form)


class Tracking(OfShop):
    """A carrier's signed webhook with one new scan of a parcel on its way."""

    def prepare(self, wanted: int) -> None:
        orders = self.orders(max(len(self.shops), 20))
        staff = eventlet.GreenPool(PREPARING)
        self.parcels = list(staff.imap(lambda order: Shop(self.shops[0].target).dispatch(order), orders))

    def act(self, client: int) -> None:
        self.shops[client].scan(self.parcels[client % len(self.parcels)])


class ReturnAndRefund(OfShop):
    """The whole chain from a paid order: sorted, packed, dispatched, delivered, sent back, inspected, refunded."""

    def prepare(self, wanted: int) -> None:
        self.ready = self.orders(wanted)

    def act(self, client: int) -> None:
        if not self.ready:
            raise UsedUp
        order, shop = self.ready.pop(), self.shops[client]
        shop.scan(shop.dispatch(order), SCANS)
        shop.send_back(order)


class Request:
    """One HTTP request over and over, the same for ours and theirs."""

    def __init__(self, job: Job):
        self.connections = [Connection(job["url"]) for _ in range(job["clients"])]
        self.method, self.path = job["method"], job["path"]
        self.body = job["body"].encode()

    def prepare(self, wanted: int) -> None:
        self.connections[0].ask(self.method, self.path, self.body)

    def act(self, client: int) -> None:
        self.connections[client].ask(self.method, self.path, self.body)


OPERATIONS: dict[str, Callable[[Job], Operation]] = {
    "place_order": PlaceOrder,
    "place_and_pay": PlaceAndPay,
    "read_order": ReadOrder,
    "list_orders": ListOrders,
    "list_queue": ListQueue,
    "contact": Contact,
    "tracking": Tracking,
    "return_and_refund": ReturnAndRefund,
    "request": Request,
    "vendure_order": vendure.PlaceAndPay,
    "vendure_read": vendure.ReadOrder,
    "rpc_ours": callers.Ours,
    "rpc_burn": callers.Burn,
    "rpc_stock": callers.Stock,
    "amqp_bare": callers.Bare,
}
OF_SHOP = ("place_and_pay", "read_order", "list_orders", "contact", "tracking", "return_and_refund")
EXAMPLE = example_wish(SKUS[:2])
WISH = order_wish([{"sku": SKUS[0], "quantity": 1}])
