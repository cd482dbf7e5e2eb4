"""Stock nameko, as its documentation shows it: what ours is compared with.

    python -m deploy.bench.stock '{"service": "gateway", "AMQP_URI": …, "WEB_SERVER_ADDRESS": …, "DB_URL": …}'

echo      answers an RPC with a reply of ordinary size
gateway   HTTP before both: /products/<sku> and /echo ask the first, POST /orders has the second place an order
orders    the heart of nameko's own example shop: an order and its lines in one commit, an event, the order back. No
          customer, address, payment or stock; and one RPC less than the example makes
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import json
import sys
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from nameko.events import EventDispatcher
from nameko.extensions import DependencyProvider
from nameko.rpc import RpcProxy, rpc
from nameko.runners import ServiceRunner
from nameko.web.handlers import http
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from deploy.bench.samples import PRODUCT


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    details: Mapped[list[OrderDetail]] = relationship(back_populates="order")


class OrderDetail(Base):
    __tablename__ = "order_details"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("orders.id"))
    product_id: Mapped[str]
    price: Mapped[str]
    quantity: Mapped[int]
    order: Mapped[Order] = relationship(back_populates="details")


class DatabaseSession(DependencyProvider):
    """A session for each worker, closed after it, as nameko-sqlalchemy gives it."""

    def setup(self) -> None:
        self.engine = sa.create_engine(self.container.config["DB_URL"])
        self.sessions: WeakKeyDictionary[Any, Session] = WeakKeyDictionary()

    def get_dependency(self, worker_ctx: Any) -> Session:
        self.sessions[worker_ctx] = session = Session(self.engine)
        return session

    def worker_teardown(self, worker_ctx: Any) -> None:
        self.sessions.pop(worker_ctx).close()


class EchoService:
    name = "stock_echo"

    @rpc
    def get_product(self, sku: str) -> dict[str, Any]:
        return {**PRODUCT, "sku": sku}

    @rpc
    def place_order(self, order: dict[str, Any]) -> dict[str, Any]:
        return {**PRODUCT, "number": "ORD-0000-0000-0"}


class OrdersService:
    name = "stock_orders"
    db = DatabaseSession()
    dispatch = EventDispatcher()

    @rpc
    def create_order(self, lines: list[dict[str, Any]]) -> dict[str, Any]:
        order = Order(details=[OrderDetail(**line) for line in lines])
        self.db.add(order)
        self.db.commit()
        shown = {
            "id": order.id,
            "order_details": [
                {"id": each.id, "product_id": each.product_id, "price": each.price, "quantity": each.quantity}
                for each in order.details
            ],
        }
        self.dispatch("order_created", {"order": shown})
        return shown


class GatewayService:
    name = "stock_gateway"
    echo = RpcProxy("stock_echo")
    orders = RpcProxy("stock_orders")

    @http("GET", "/products/<string:sku>")
    def get_product(self, request: Any, sku: str) -> str:
        return json.dumps(self.echo.get_product(sku))

    @http("POST", "/echo")
    def echo_order(self, request: Any) -> tuple[int, str]:
        return 201, json.dumps(self.echo.place_order(json.loads(request.get_data(as_text=True))))

    @http("POST", "/orders")
    def create_order(self, request: Any) -> tuple[int, str]:
        wish = json.loads(request.get_data(as_text=True))
        return 201, json.dumps(self.orders.create_order(wish["order_details"]))


SERVICES = {"echo": EchoService, "orders": OrdersService, "gateway": GatewayService}


def main(config: dict[str, Any]) -> None:
    if config["service"] == "orders":
        Base.metadata.create_all(sa.create_engine(config["DB_URL"]))
    runner = ServiceRunner(config)
    runner.add_service(SERVICES[config["service"]])
    runner.start()
    print("ready", flush=True)
    runner.wait()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
