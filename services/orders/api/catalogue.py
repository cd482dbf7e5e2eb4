"""The catalogue and its stock: all may read, admins write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, NotRequired, TypedDict

from services.common.basics import states
from services.common.basics.api import ANYONE, Api, command, query
from services.common.basics.caller import ADMIN, AFTERSALES, AGENT, LEAD, REVIEWER, WAREHOUSE
from services.common.basics.errors import Conflict, Invalid, NotFound
from services.common.basics.money import Money
from services.common.basics.shapes import (
    Between,
    Country,
    Example,
    Length,
    Line,
    MoneyView,
    Note,
    Nullable,
    Page,
    PageQuery,
    Pattern,
    Seen,
    Sku,
    Text,
    Timestamp,
    Wrong,
)
from services.orders.api.backorders import (
    NO_DAY,
    AtMost,
    BackorderTermsView,
    Day,
    Threshold,
    WantedDay,
    is_day,
)
from services.orders.api.places import (
    MoveStock,
    NotEnoughToMove,
    PlaceStockView,
    StockByPlace,
    StockPlaceNotFound,
    WantedPlace,
)
from services.orders.api.statuses import OrderStatus

DEFAULT_WEIGHT_G, DEFAULT_ORIGIN = 500, "CN"  # until it is weighed and its label is read

# 0: the caller saw that there was no such product
ProductVersion = Annotated[int, Between(0, 2**31 - 1), Seen(), Note("refuse if it is another one; or send If-Match")]


class ProductNotFound(NotFound):
    """No product of this SKU."""

    code = "product_not_found"
    message = "There is no such product."


class VersionMoved(states.VersionMoved):
    """The product or order has another version than the one that the caller saw.

    details: version, current (the product or the order as it is now).
    """

    message = "Somebody changed it since you read it."


class OutOfStock(Conflict):
    """Not enough of a product is left. Nothing was reserved.

    details: sku, wanted, and where it can be ordered before it is in stock: backorder (until, left).
    """

    code = "out_of_stock"
    message = "Not enough of it is left; nothing was reserved and nothing charged."


class StockTooLow(Conflict):
    """A correction would leave less than nothing.

    details: sku.
    """

    code = "stock_too_low"
    message = "There cannot be less than nothing on the shelf."


class BadCsv(Invalid):
    """The text is no CSV, or one without rows, with too many, or with rows of another length than the header."""

    code = "bad_csv"
    message = "This is not a CSV of products."


@dataclass(frozen=True)
class ListProducts(PageQuery):
    q: Annotated[str, Line(100), Note("part of title, SKU or description"), Example("mug")] | None = None


Title = Annotated[str, Line(200), Example("A mug")]
WeightG = Annotated[int, Between(1, 1_000_000)]
HsCode = Annotated[str, Line(14), Pattern(r"\d([. ]?\d){5,9}", "Not an HS code."), Example("6912.00"), Nullable()]
Parameters = Mapping[Annotated[str, Line(80)], Annotated[str, Line(400)]]


@dataclass(frozen=True)
class SaveProduct:
    """All that is known of a product; what is left out gets its default. An HS code is kept without its dots.

    backorder_until, backorder_at_most: it can be ordered when it is out of stock, so many pieces of it, and is expected
    by that day. A day that is moved is told to all who wait, who may cancel. low_stock: what is little.
    """

    title: Title
    price: Money
    weight_g: WeightG = DEFAULT_WEIGHT_G
    origin_country: Country = DEFAULT_ORIGIN
    hs_code: HsCode | None = None
    description: Annotated[str, Text(10_000, min=0)] = ""
    parameters: Parameters = field(default_factory=dict)
    materials: Annotated[str, Text(4000, min=0)] = ""
    usage: Annotated[str, Text(10_000, min=0)] = ""
    matches: Annotated[tuple[Sku, ...], Length(0, 20), Note("SKUs that match")] = ()
    active: bool = True
    backorder_until: Annotated[WantedDay, Note("to come, within a year; with backorder_at_most")] | None = None
    backorder_at_most: AtMost | None = None
    low_stock: Threshold | None = None
    version: ProductVersion | None = None

    def __post_init__(self) -> None:
        if not self.price:
            raise Wrong({"price": "Must be more than 0.00."})
        if not is_day(self.backorder_until):
            raise Wrong({"backorder_until": NO_DAY})
        if (self.backorder_until is None) != (self.backorder_at_most is None):
            missing = "backorder_until" if self.backorder_until is None else "backorder_at_most"
            raise Wrong({missing: "Say until when and how many, or neither."})
        if self.hs_code is not None:
            object.__setattr__(self, "hs_code", self.hs_code.replace(".", "").replace(" ", ""))


@dataclass(frozen=True)
class AdjustStock:
    """How many pieces came in, or are missing after a count."""

    delta: Annotated[int, Between(-1_000_000, 1_000_000), Note("not 0"), Example(10)]
    reason: Annotated[str, Line(200), Example("delivery 4711")]
    place: WantedPlace | None = None
    version: ProductVersion | None = None

    def __post_init__(self) -> None:
        if self.delta == 0:
            raise Wrong({"delta": "Must not be 0."})


class ProductView(TypedDict):
    """A product with what a customer wants to know before buying it."""

    sku: str
    title: str
    price: MoneyView
    weight_g: int
    origin_country: str
    hs_code: str | None
    description: str
    parameters: Mapping[str, str]
    materials: str
    usage: str
    matches: list[str]
    active: bool
    version: int
    available: NotRequired[Annotated[int, Note("pieces that can be ordered now; where products are read")]]
    backorder: NotRequired[Annotated[BackorderTermsView | None, Note("what can be ordered beyond the stock")]]
    backorder_until: NotRequired[Day | None]
    backorder_at_most: NotRequired[int | None]
    low_stock: NotRequired[int | None]


class StockLevel(TypedDict):
    """What is on the shelf, and how much of it is promised."""

    sku: str
    version: int
    on_hand: int
    reserved: int


class StockMove(TypedDict):
    """One line of the ledger; `reference` is an order, a return or the reason that was given."""

    id: int
    cause: Annotated[str, Example("reserved")]
    on_hand_delta: int
    reserved_delta: int
    reference: str
    actor: str
    at: Timestamp
    place: NotRequired[Annotated[str, Note("the code of the stock place"), Example("main")]]


class StockHold(TypedDict):
    """Pieces promised to an order that has not left. Who the customer is, is shown to those who work with customers."""

    order_number: str
    quantity: int
    status: OrderStatus
    placed_at: Timestamp
    held_until: Annotated[Timestamp | None, Note("unpaid: then they are free again")]
    customer: NotRequired[str]


class StockView(TypedDict):
    """Counts, who holds pieces (at most 100, the unpaid first), and the ledger, the newest first.

    available: on_hand − reserved, at least 0. scrapped: came back and could not be sold again. backordered: promised
    beyond the stock; they go to those who wait, the oldest order first, before anything is for sale.
    """

    sku: str
    version: int
    on_hand: int
    reserved: int
    available: int
    scrapped: int
    backordered: NotRequired[int]
    is_low: NotRequired[Annotated[bool, Note("so little is left that leads were told, and no goods came since")]]
    places: NotRequired[Annotated[list[PlaceStockView], Note("where it is, the default place first")]]
    holds: list[StockHold]
    items: list[StockMove]
    next_cursor: str | None


class LeftOut(TypedDict):
    """A row of a shop's export that is no product here."""

    row: int
    sku: str | None
    reason: Annotated[str, Example("not shipped")]


class ImportedProducts(TypedDict):
    """imported: rows that are products, `unchanged` of them as they were. ignored_columns: not ours, not read."""

    imported: int
    unchanged: int
    format: Annotated[str, Note("pledge, shopify or woocommerce")]
    left_out: list[LeftOut]
    ignored_columns: list[str]


class FieldChange(TypedDict):
    """What a row would change of a product, in words; before is "" where nothing was known."""

    field: Annotated[str, Example("price")]
    before: str
    after: str


class ProductChange(TypedDict):
    """What a row would do: add a product, or change one."""

    sku: str
    title: str
    is_new: bool
    fields: list[FieldChange]


class ImportPreview(ImportedProducts):
    """What an import would do. changes: the first 500 products that it adds or changes; more: how many follow."""

    changes: list[ProductChange]
    more: int


STOCK_READERS = (AGENT, REVIEWER, WAREHOUSE, AFTERSALES, LEAD)


class Catalogue(Api):
    """Products and their stock."""

    @query(roles=(ANYONE,))
    def list_products(self, query: ListProducts) -> Page[ProductView]:
        """List what is for sale, in the order of SKUs."""

    @query(roles=(ANYONE,), errors=(ProductNotFound,))
    def get_product(self, sku: str) -> ProductView:
        """Tell everything about a product."""

    @query(roles=STOCK_READERS, errors=(ProductNotFound,), personal=True)
    def get_stock(self, sku: str, query: PageQuery) -> StockView:
        """Show the counts of a product, who holds pieces of it, and why each count moved."""

    @command(roles=(ADMIN,), errors=(VersionMoved,))
    def put_product(self, sku: str, product: SaveProduct) -> ProductView:
        """Add or replace a product.

        With If-Match (or `version`) only if it has not changed meanwhile: 412 `version_moved`.
        """

    @command(roles=(ADMIN,), errors=(ProductNotFound, StockPlaceNotFound, StockTooLow, VersionMoved))
    def adjust_stock(self, sku: str, adjustment: AdjustStock) -> StockLevel:
        """Book goods in, or correct the count.

        When less is left than was promised, the customers concerned are asked; no order is changed by this.
        The version is that of the product, which each adjustment moves. With If-Match (or `version`) only if it
        has not changed meanwhile: 412 `version_moved`.
        """

    @command(roles=(WAREHOUSE, LEAD), errors=(ProductNotFound, StockPlaceNotFound, NotEnoughToMove))
    def move_stock(self, move: MoveStock) -> StockByPlace:
        """Move pieces that are not promised from one place to another: out and in, in one step of the ledger."""

    @command(roles=(ADMIN,), errors=(BadCsv, StockPlaceNotFound, StockTooLow))
    def import_products(self, csv_text: str) -> ImportedProducts:
        """Import products from CSV, all of them or none.

        Columns: sku, title, price (12.34), weight_g, origin_country, hs_code, description, materials, usage, matches
        (parted by spaces, or by | where SKUs have spaces), active, stock (as counted), backorder_until (2026-12-15),
        backorder_at_most, low_stock, `parameter:` with a name, such as `parameter:Colour`, and `stock:` with the code
        of a place, such as `stock:berlin`; `stock` alone is what was counted at the default place. What a row does
        not name, or leaves empty, stays as it is; a new product needs title and price. Other columns are not read;
        the reply names them. Rows that are wrong are all named, up to 20.

        The product exports of Shopify and WooCommerce are taken as they come: each variant is a product with its own
        SKU, prices count as USD, and `left_out` says which rows are no products here, and why.
        """

    @query(roles=(ADMIN,), errors=(BadCsv, StockPlaceNotFound))
    def preview_import(self, csv_text: str) -> ImportPreview:
        """Say what an import of this CSV would change. Nothing is changed; what an import refuses is refused."""
