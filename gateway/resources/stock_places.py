"""Stock places over HTTP: where goods lie, and moves between them."""

from __future__ import annotations

from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.basics.shapes import Page
from services.orders.api import OrdersApi
from services.orders.api.places import MoveStock, SaveStockPlace, StockByPlace, StockPlaceView

blp = Resource("stock places", "Where goods lie")


@blp.get("/stock-places", OrdersApi.list_stock_places)
def list_stock_places() -> Page[StockPlaceView]:
    return services().orders.list_stock_places()


@blp.put("/stock-places/<place:code>", OrdersApi.put_stock_place)
def put_stock_place(code: str, place: SaveStockPlace) -> StockPlaceView:
    return services().orders.put_stock_place(code, place)


@blp.post("/stock-moves", OrdersApi.move_stock)
def move_stock(move: MoveStock) -> StockByPlace:
    return services().orders.move_stock(move)
