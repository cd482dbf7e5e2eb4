"""Stock nameko, as its documentation shows it: what ours is compared with.

    python -m deploy.lab.bench.stock '{"service": "gateway", "AMQP_URI": …, "WEB_SERVER_ADDRESS": …, "DB_URL": …}'

echo      answers an RPC with a reply of ordinary size
gateway   HTTP before the others: /products/<sku> and /echo ask the first; POST /orders places an order as nameko's own
          example shop does: it asks for the products, looks whether those wished are among them, has the order created
orders    an order and its lines in one commit, an event, the order back. No customer, address, payment or reservation
products  lists the products; takes what was ordered off the stock, when it is told. It keeps them in memory, where
          the example asks Redis once for each product: what is compared with is rather too fast than too slow
"""

from __future__ import annotations

import eventlet

if __name__ == "__main__":
    eventlet.monkey_patch()

import json
import sys
from typing import ClassVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from marshmallow import Schema, fields
from nameko.events import EventDispatcher, event_handler
from nameko.extensions import DependencyProvider
from nameko.rpc import RpcProxy, rpc
from nameko.runners import ServiceRunner
from nameko.web.handlers import http
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from werkzeug import Request

from deploy.lab.bench.samples import PRODUCT
from deploy.lab.bench.shop import SKUS
from services.common.basics.untyped import JsonDict

SHOWN = SKUS[:5]  # as many products as the example has


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
        self.sessions: WeakKeyDictionary[object, Session] = WeakKeyDictionary()

    def get_dependency(self, worker_ctx: object) -> Session:
        self.sessions[worker_ctx] = session = Session(self.engine)
        return session

    def worker_teardown(self, worker_ctx: object) -> None:
        self.sessions.pop(worker_ctx).close()


class EchoService:
    name = "stock_echo"

    @rpc
    def get_product(self, sku: str) -> dict[str, object]:
        return {**PRODUCT, "sku": sku}

    @rpc
    def place_order(self, order: dict[str, object]) -> dict[str, object]:
        return {**PRODUCT, "number": "ORD-0000-0000-0"}


class DetailSchema(Schema):
    id = fields.Int()
    product_id = fields.Str(required=True)
    price = fields.Decimal(required=True, as_string=True)
    quantity = fields.Int(required=True)


class OrderSchema(Schema):
    id = fields.Int()
    order_details = fields.Nested(DetailSchema, many=True, required=True, attribute="details")


class WishSchema(Schema):
    order_details = fields.Nested(DetailSchema, many=True, required=True)


class ProductSchema(Schema):
    id = fields.Str(required=True)
    title = fields.Str(required=True)
    in_stock = fields.Int(required=True)


class ProductsService:
    name = "stock_products"
    shelf: ClassVar[dict[str, dict[str, object]]] = {
        sku: {"id": sku, "title": f"Stoneware mug {sku}", "in_stock": 1_000_000} for sku in SHOWN
    }

    @rpc
    def list(self) -> object:
        return ProductSchema(many=True).dump(self.shelf.values())

    @event_handler("stock_orders", "order_created")
    def handle_order_created(self, payload: JsonDict) -> None:
        for each in payload["order"]["order_details"]:
            self.shelf[each["product_id"]]["in_stock"] -= each["quantity"]


class OrdersService:
    name = "stock_orders"
    db = DatabaseSession()
    dispatch = EventDispatcher()

    @rpc
    def create_order(self, lines: list[dict[str, object]]) -> object:
        order = Order(details=[OrderDetail(**line) for line in lines])
        self.db.add(order)
        self.db.commit()
        shown = OrderSchema().dump(order)
        self.dispatch("order_created", {"order": shown})
        return shown


class GatewayService:
    name = "stock_gateway"
    echo = RpcProxy("stock_echo")
    orders = RpcProxy("stock_orders")
    products = RpcProxy("stock_products")

    @http("GET", "/products/<string:sku>")
    def get_product(self, request: object, sku: str) -> str:
        return json.dumps(self.echo.get_product(sku))

    @http("POST", "/echo")
    def echo_order(self, request: Request) -> tuple[int, str]:
        return 201, json.dumps(self.echo.place_order(json.loads(request.get_data(as_text=True))))

    @http("POST", "/orders")
    def create_order(self, request: Request) -> tuple[int, str]:
        wish = WishSchema().loads(request.get_data(as_text=True))
        known = {product["id"] for product in self.products.list()}
        if not known.issuperset(line["product_id"] for line in wish["order_details"]):
            return 404, "no such product"
        return 201, json.dumps({"id": self.orders.create_order(WishSchema().dump(wish)["order_details"])["id"]})


SERVICES = {
    "echo": EchoService,
    "orders": OrdersService,
    "products": ProductsService,
    "gateway": GatewayService,
}


def main(config: JsonDict) -> None:
    if config["service"] == "orders":
        Base.metadata.create_all(sa.create_engine(config["DB_URL"]))
    runner = ServiceRunner(config)
    runner.add_service(SERVICES[config["service"]])
    runner.start()
    print("ready", flush=True)
    runner.wait()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
