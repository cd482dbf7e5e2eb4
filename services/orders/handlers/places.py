"""Stock places: added, changed and closed, and pieces that are moved between them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.common.basics.errors import Invalid
from services.common.basics.shapes import PLACE_PATTERN, Page
from services.common.basics.states import VersionMoved, require_version
from services.orders.api import ProductNotFound
from services.orders.api.places import (
    MOST_PLACES,
    MoveStock,
    NotEnoughToMove,
    PlaceStockView,
    SaveStockPlace,
    StockByPlace,
    StockMoved,
    StockPlaceNotEmpty,
    StockPlaceView,
    TooManyStockPlaces,
)
from services.orders.domain.places import Level, PlaceLevel, StockPlace
from services.orders.repository import Work


def list_stock_places(work: Work) -> Page[StockPlaceView]:
    """List the stock places, the default first."""
    return {"items": [_view(place) for place in work.places.all()], "next_cursor": None}


def put_stock_place(work: Work, code: str, wanted: SaveStockPlace) -> StockPlaceView:
    """Add or replace a place; with `version`, only if it has not changed meanwhile (VersionMoved).

    One that is closed must be empty. Nothing comes in meanwhile: what adds pieces keeps the place open.
    """
    if len(code) > 20 or not re.fullmatch(PLACE_PATTERN, code, re.ASCII):
        raise _wrong("code", "Small letters and digits, parted by -; at most 20.")
    place = work.places.find(code, lock=True) or StockPlace(code)
    require_version(wanted.version, place.version, lambda: _view(place) if place.version else None, VersionMoved)
    if not (wanted.has_address or place.is_default):
        raise _wrong("line1", "A parcel from there needs its address.")
    if not wanted.active and (place.is_default or not work.places.is_empty(code)):
        raise StockPlaceNotEmpty
    is_new = place.version == 0
    if is_new and len(work.places.all()) >= MOST_PLACES:
        raise TooManyStockPlaces
    work.journal.record(place.save(wanted))
    if is_new:
        work.places.add(place)
    return _view(place)


def move_stock(work: Work, move: MoveStock) -> StockByPlace:
    """Move pieces that are not promised from one place to another."""
    product = work.products.find(move.sku, lock=True)
    if product is None:
        raise ProductNotFound
    sku = product.sku
    work.places.require_open([move.from_place, move.to_place])
    levels = work.stock.levels([sku], lock=True)
    there = {level.place: level for level in work.stock.by_place(levels)[sku]}
    free = max(there.get(move.from_place, PlaceLevel(move.from_place, 0, 0)).free, 0)
    if free < move.quantity:
        raise NotEnoughToMove(details={"sku": sku, "place": move.from_place, "free": free})
    work.stock.carry(sku, move.quantity, move.from_place, move.to_place, move.reason)
    product.version += 1
    work.journal.record(
        StockMoved(
            sku=sku,
            quantity=move.quantity,
            from_place=move.from_place,
            to_place=move.to_place,
            reason=move.reason,
        )
    )
    return stock_by_place(work, sku, work.stock.levels([sku]))


def stock_by_place(work: Work, sku: str, levels: Mapping[str, Level]) -> StockByPlace:
    """Show what is at each place of a product."""
    names = {place.code: place.name for place in work.places.all()}
    return {"sku": sku, "places": [_level_view(each, names[each.place]) for each in work.stock.by_place(levels)[sku]]}


def _level_view(level: PlaceLevel, name: str) -> PlaceStockView:
    return {
        "place": level.place,
        "name": name,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "available": max(level.free, 0),
        "lacking": max(-level.free, 0),
    }


def _view(place: StockPlace) -> StockPlaceView:
    return {
        "code": place.code,
        "name": place.name,
        "line1": place.line1,
        "city": place.city,
        "postal_code": place.postal_code,
        "country": place.country,
        "rank": place.rank,
        "is_default": place.is_default,
        "active": place.active,
        "version": place.version,
    }


def _wrong(field: str, message: str) -> Invalid:
    errors = [{"field": field, "message": message}]
    return Invalid("some fields are wrong", code="validation_failed", details={"errors": errors})
