"""The sample shop's pages: text of the catalogue, written on the server, so that it can be read without a script.

GET /shop                     the products, ?q= and ?cursor= as in GET /v1/products
GET /shop/products/<sku>      one of them
GET /shop/basket, /checkout   frames; their scripts use the public API as any shop's would

It is for trying and for demonstrations: off unless PLEDGE_SHOP, on in development.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Response, current_app

from gateway.http import frame
from gateway.http.calls import services
from gateway.http.resource import Resource
from gateway.http.words import TEXTS, tongue
from gateway.settings import GatewaySettings
from gateway.web.files import PageFile
from services.common.basics.api import ANYONE
from services.common.basics.errors import NotFound
from services.common.language import language, speaking
from services.orders.api import ListProducts, ProductView

MOST_MATCHES = 6

blp = Resource("shop", "The sample shop", prefix="/shop")


def enabled(known: GatewaySettings) -> bool:
    return known.has_shop


@blp.get("", roles=(ANYONE,))
def show_products(query: ListProducts) -> Response:
    """Show the products, a page at a time."""
    listed = services().orders.list_products(query)
    asked = {"q": query.q, "cursor": listed["next_cursor"]}
    more = f"/shop?{urlencode({name: value for name, value in asked.items() if value})}"
    return page_of("products", products=listed["items"], more=more if listed["next_cursor"] else None, query=query)


@blp.get("/products/<sku:sku>", roles=(ANYONE,))
def show_product(sku: str) -> Response:
    """Show a product with what goes well with it."""
    product = services().orders.get_product(sku)
    found = (_found(match) for match in product["matches"][:MOST_MATCHES])
    return page_of("product", product=product, matches=[match for match in found if match and match["active"]])


@blp.get("/basket", roles=(ANYONE,))
def show_basket() -> Response:
    return page_of("basket")


@blp.get("/checkout", roles=(ANYONE,))
def show_checkout() -> Response:
    return page_of("checkout")


def address_of(sku: str) -> str:
    """Return the address of a product's page."""
    return f"/shop/products/{quote(sku)}"


def _found(sku: str) -> ProductView | None:
    try:
        return services().orders.get_product(sku)
    except NotFound:
        return None


def page_of(name: str, tag: str | None = None, **shown: object) -> Response:
    """Write a page of the shop from its template, in that language or the reader's own."""
    with speaking(tag or tongue()):
        text = frame.write(f"{name}.html", current_app.config[frame.WORDS], address_of=address_of, **shown)
        page = PageFile(text, "text/html")
        page.headers |= {"Content-Language": TEXTS.best(language()), "Vary": "Accept-Encoding, Accept-Language"}
    return page.respond()
