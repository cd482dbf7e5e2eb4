"""Stock places: warehouses, each with its own counts and address. One is the default: it has what is not elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, NotRequired, TypedDict

from services.common.basics.api import Api, command, query
from services.common.basics.caller import AFTERSALES, AGENT, LEAD, REVIEWER, WAREHOUSE
from services.common.basics.errors import Conflict, NotFound
from services.common.basics.events import Event
from services.common.basics.shapes import (
    DEFAULT_PLACE,
    Between,
    Country,
    Example,
    Line,
    Note,
    Nullable,
    Page,
    PlaceCode,
    Seen,
    Sku,
    Wrong,
)
from services.common.basics.states import VersionMoved
from services.orders.api.product_events import ProductEvent

MOST_PLACES = 100
ADDRESS = ("line1", "city", "postal_code", "country")

WantedPlace = Annotated[PlaceCode, Nullable(), Note("the default place, if it is left out")]
PlaceVersion = Annotated[int, Between(0, 2**31 - 1), Seen(), Note("refuse if it is another one; or send If-Match")]


class StockPlaceNotFound(NotFound):
    """No stock place has this code, or it is closed."""

    code = "stock_place_not_found"
    message = "There is no such stock place, or it is closed."


class StockPlaceNotEmpty(Conflict):
    """A place with pieces, or from which some are promised, cannot be closed; neither can the default place."""

    code = "stock_place_not_empty"
    message = "Move or count off what is there first; the default place stays open."


class TooManyStockPlaces(Conflict):
    """There are as many stock places as are looked through for an order."""

    code = "too_many_stock_places"
    message = "There are 100 stock places, the most that there can be."


class NotEnoughToMove(Conflict):
    """Fewer pieces are free there: the others are promised to orders. details: sku, place, free."""

    code = "not_enough_to_move"
    message = "So many are not free there: what is promised to orders stays where it is."


@dataclass(frozen=True)
class SaveStockPlace:
    """All that is known of a place; what is left out is not known any more.

    The default place needs no address: without one, it is that of the platform's own settings. rank: of two places that
    can send as much, the lower sends; the default place always comes first.
    """

    name: Annotated[str, Line(100), Example("Berlin")]
    line1: Annotated[str, Line(120), Nullable(), Example("Hauptstraße 1")] | None = None
    city: Annotated[str, Line(80), Nullable(), Example("Berlin")] | None = None
    postal_code: Annotated[str, Line(20), Nullable(), Example("10115")] | None = None
    country: Annotated[Country, Nullable(), Example("DE")] | None = None
    rank: Annotated[int, Between(0, 1000)] = 0
    active: bool = True
    version: PlaceVersion | None = None

    def __post_init__(self) -> None:
        missing = [name for name in ADDRESS if getattr(self, name) is None]
        if missing and len(missing) < len(ADDRESS):
            raise Wrong({missing[0]: "Say the whole address, or none of it."})

    @property
    def has_address(self) -> bool:
        return self.country is not None


@dataclass(frozen=True)
class MoveStock:
    """Pieces that are carried from one place to another."""

    sku: Sku
    quantity: Annotated[int, Between(1, 1_000_000), Example(10)]
    from_place: Annotated[PlaceCode, Example(DEFAULT_PLACE)]
    to_place: PlaceCode
    reason: Annotated[str, Line(200), Example("transport 4711")]

    def __post_init__(self) -> None:
        if self.from_place == self.to_place:
            raise Wrong({"to_place": "Must be another place."})


class StockPlaceView(TypedDict):
    """A stock place. rank: lower comes first; the default place is the first of all."""

    code: str
    name: str
    line1: str | None
    city: str | None
    postal_code: str | None
    country: str | None
    rank: int
    is_default: bool
    active: bool
    version: int


class PlaceStockView(TypedDict):
    """What is at one place. lacking: promised from there beyond what is there; to come in, or to be brought."""

    place: str
    name: str
    on_hand: int
    reserved: int
    available: int
    lacking: NotRequired[int]


class StockByPlace(TypedDict):
    """What is at each place of a product, after pieces were moved."""

    sku: str
    places: list[PlaceStockView]


@dataclass(frozen=True, kw_only=True)
class StockPlaceSaved(Event):
    """What is known of a stock place now. An address of None: the platform's own."""

    source: ClassVar[str] = "orders"
    subject_field: ClassVar[str] = "place"
    place: str
    name: str
    line1: str | None
    city: str | None
    postal_code: str | None
    country: str | None
    active: bool
    place_version: int


@dataclass(frozen=True, kw_only=True)
class StockMoved(ProductEvent):
    """Pieces of a product were carried from one place to another; how many there are is as before."""

    followed: ClassVar[bool] = False
    quantity: int
    from_place: str
    to_place: str
    reason: str


class StockPlaces(Api):
    """Where goods lie."""

    @query(roles=(AGENT, REVIEWER, WAREHOUSE, AFTERSALES, LEAD))
    def list_stock_places(self) -> Page[StockPlaceView]:
        """List the stock places in the order in which orders are promised from them; the default place is the first."""

    @command(roles=(LEAD,), errors=(StockPlaceNotEmpty, TooManyStockPlaces, VersionMoved))
    def put_stock_place(self, code: str, place: SaveStockPlace) -> StockPlaceView:
        """Add or replace a stock place.

        One that is not active is closed: it must be empty, and takes in nothing. With If-Match (or `version`) only if
        it has not changed meanwhile: 412 `version_moved`.
        """
