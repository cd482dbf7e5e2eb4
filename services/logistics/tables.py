"""Logistics' tables, and how the domain's classes are kept in them.

orders            what we know of an order: whose it is, what it was changed to, whether it is cancelled
holds             changes that wait, or waited, for an answer or for missing goods, and payments that are or were
                  disputed: while one is, nothing leaves
shipments         one row for each part of an order that leaves together; what the customer is charged is 0, always
parcels           its boxes, each with where its scans say it is
tracking_events   every scan ever reported, known parcel or not, once for each meaning it was given; append-only
scan_reports      when the carrier last gave a scan that meaning: the last one holds
unmatched_scans   numbers that were scanned and are no parcel's, until they are found to be one's or are attached
watches           what we do to get news of a parcel: asked its carrier to report it, asked for it
carrier_flaws     what could not be taken as carriers sent it, or was not answered, for 90 days after the last time
wares          where products lie, the codes on them, and what the catalogue told of them last
webhook_receipts  which webhooks were handled, for 90 days: what a carrier sends again has no second effect
raw_…             what carriers sent, as it came (`raw_tables`)
said_of_numbers   what they said beside their scans (`said_tables`)
stock_places      where goods lie, as orders tells (`place_tables`)
label…            labels that are bought of carriers, and what they cost (`label_tables`)
…cost… invoice_…  what shipments cost us, and carriers' invoices (`cost_tables`)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session, composite, object_session, registry, relationship
from sqlalchemy.orm.attributes import get_history

from services.common.basics.events import to_json
from services.common.basics.folding import fold
from services.common.basics.money import Money
from services.common.basics.personal import ERASED, paths_of
from services.common.basics.untyped import JsonDict
from services.common.bus.travel import read_event
from services.common.store.blind import Blind
from services.common.store.chain_keys import OWN
from services.common.store.sealed_rows import KEY, PersonalJson, keep_sealed, key_of
from services.common.store.tables import NAMING, BigId, Cents, Enumerated, Json, UtcDateTime
from services.logistics import (
    cost_tables,
    label_tables,
    lane_tables,
    manifest_tables,
    place_tables,
    raw_tables,
    said_tables,
)  # fmt: skip
from services.logistics.api.parts import Packed, Promise, ShipmentLine
from services.logistics.api.statuses import FlawKind, Missing, ParcelStatus, ShipmentStatus
from services.logistics.domain import Destination, KnownOrder, Parcel, Shipment, Watch
from services.logistics.domain.facts import Facts
from services.logistics.domain.labels import Label, Offer, read_rate
from services.logistics.domain.manifests import Manifest
from services.logistics.domain.wares import Ware
from services.orders.api.parts import Address

_ADDRESS = [("address", *path) for path in paths_of(Address)]
metadata = sa.MetaData(naming_convention=NAMING)

IN_WAREHOUSE = sa.text("status IN ('queued', 'sorting', 'packed')")
_CHECK_PLANNED = sa.text("check_at IS NOT NULL")
_DOUBTED = sa.text("doubted")
_HANDED_OVER = sa.text("dispatched_at IS NOT NULL")
_HELD = sa.text("NOT released")
_GOING_ON = sa.text("NOT pauses")
_UNSETTLED = sa.text("settled_at IS NULL")
_DISMISSED = sa.text("dismissed_at IS NOT NULL")
_TO_REGISTER = sa.text("register_at IS NOT NULL")
_TO_ASK = sa.text("ask_at IS NOT NULL")


class Listed(sa.types.TypeDecorator[tuple[object, ...]]):
    """A tuple of values as a JSON list; `read` makes a value of one item."""

    impl = Json
    cache_ok = True

    def __init__(self, read: Callable[..., object], write: Callable[..., object] = to_json):
        super().__init__()
        self.read, self.write = read, write

    def process_bind_param(self, value: Sequence[object] | None, dialect: Dialect) -> object:
        return None if value is None else [self.write(item) for item in value]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[object, ...] | None:
        return None if value is None else tuple(self.read(item) for item in value)


def read_line(item: JsonDict) -> ShipmentLine:
    """Read the line that `write_line` wrote."""
    price = item.get("unit_price") or {"amount": "0.00"}
    value = Money.parse(price["value"]) if "value" in price else None
    return ShipmentLine(**{**item, "unit_price": Money.parse(price["amount"]), "value": value})


def write_line(line: ShipmentLine) -> JsonDict:
    """Write a line so that the release before reads it: it knows no field `value`."""
    item: JsonDict = to_json(line)
    value = item.pop("value")
    return item if value is None else {**item, "unit_price": {**item["unit_price"], "value": value["amount"]}}


def _packed(item: JsonDict) -> Packed:
    return Packed(item["line_id"], item["quantity"])


class FactsColumn(sa.types.TypeDecorator[Facts]):
    """What carriers tell of a parcel, as a JSON object."""

    impl = Json
    cache_ok = True

    def process_bind_param(self, value: Facts | None, dialect: Dialect) -> object:
        return sa.null() if value is None else to_json(value)

    def process_result_value(self, value: JsonDict | None, dialect: Dialect) -> Facts | None:
        return None if value is None else read_event(Facts, value)


def _one_of(column: str, values: type[ShipmentStatus] | type[ParcelStatus]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"known_{column}")


orders = sa.Table(
    "orders",
    metadata,
    sa.Column("order_number", sa.String(20), primary_key=True),
    sa.Column("email", sa.String(254)),
    sa.Column("time_zone", sa.String(64)),
    sa.Column("changed_seq", sa.Integer, nullable=False),
    sa.Column("changed_lines", Listed(read_line, write_line), nullable=False),
    sa.Column("changed_destination", PersonalJson(Destination, _ADDRESS)),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("recall_asked", sa.Boolean, nullable=False, server_default=sa.false()),
)

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("change_id", sa.String(64), primary_key=True),
    sa.Column("order_number", sa.String(20), nullable=False),
    sa.Column("released", sa.Boolean, nullable=False),
    sa.Column("pauses", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("held_at", UtcDateTime),
    sa.Column("released_at", UtcDateTime),
    sa.Index("ix_holds_open", "order_number", postgresql_where=_HELD, sqlite_where=_HELD),
    sa.Index("ix_holds_going_on", "order_number", postgresql_where=_GOING_ON, sqlite_where=_GOING_ON),
)

shipments = sa.Table(
    "shipments",
    metadata,
    sa.Column("number", sa.String(20), primary_key=True),
    sa.Column("order_number", sa.String(20), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("status", Enumerated(ShipmentStatus), nullable=False),
    sa.Column("lines", Listed(read_line, write_line), nullable=False),
    sa.Column("destination", PersonalJson(Destination, _ADDRESS), nullable=False),
    sa.Column("review_passed_at", UtcDateTime, nullable=False),
    sa.Column("dispatch_due_at", UtcDateTime, nullable=False),
    sa.Column("sorted_at", UtcDateTime),
    sa.Column("packed_at", UtcDateTime),
    sa.Column("dispatched_at", UtcDateTime),
    sa.Column("recalled_at", UtcDateTime),
    sa.Column("delivered_at", UtcDateTime),
    sa.Column("photos", Listed(str)),
    sa.Column("earliest_at", UtcDateTime),
    sa.Column("due_at", UtcDateTime),
    sa.Column("calendar", sa.String(10)),
    sa.Column("calendar_version", sa.String(80)),
    sa.Column("provisional", sa.Boolean),
    sa.Column("check_at", UtcDateTime),
    sa.Column("ask_at", UtcDateTime),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("customer_charged", Cents, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("recorded_at", UtcDateTime),
    sa.Column("first_scan_at", UtcDateTime),
    sa.Column("doubted", sa.Boolean, nullable=False, server_default=sa.false()),
    # what the name is found by (`store.blind`); the name itself, or NULL, in rows that are not sealed yet
    sa.Column("search", sa.Text),
    sa.Column("stated_at", UtcDateTime),
    sa.Column("gross_weight_g", sa.Integer),
    sa.Column("labelled", sa.Boolean, nullable=False, server_default=sa.false()),
    *place_tables.of_shipment(IN_WAREHOUSE),
    sa.UniqueConstraint("order_number", "part"),
    sa.CheckConstraint("customer_charged = 0", name="shipping_is_free"),
    sa.CheckConstraint("(status = 'dispatched') = (due_at IS NOT NULL)", name="dispatched_with_a_promise"),
    _one_of("status", ShipmentStatus),
    sa.Index("ix_shipments_dispatch_due_at_number", "dispatch_due_at", "number"),
    sa.Index("ix_shipments_status_dispatch_due_at_number", "status", "dispatch_due_at", "number"),
    sa.Index(
        "ix_shipments_queue", "dispatch_due_at", "number", postgresql_where=IN_WAREHOUSE, sqlite_where=IN_WAREHOUSE
    ),
    sa.Index("ix_shipments_doubted", "dispatch_due_at", "number", postgresql_where=_DOUBTED, sqlite_where=_DOUBTED),
    sa.Index(
        "ix_shipments_handed_over",
        "dispatched_at",
        "number",
        postgresql_where=_HANDED_OVER,
        sqlite_where=_HANDED_OVER,
    ),
    sa.Index("ix_shipments_check", "check_at", postgresql_where=_CHECK_PLANNED, sqlite_where=_CHECK_PLANNED),
)

parcels = sa.Table(
    "parcels",
    metadata,
    sa.Column("id", sa.String(24), primary_key=True),
    sa.Column("shipment_number", sa.String(20), sa.ForeignKey("shipments.number"), nullable=False, index=True),
    sa.Column("carrier", sa.String(40), nullable=False),
    sa.Column("tracking_number", sa.String(64), nullable=False),
    # carriers use their numbers again, but hardly in the same year
    sa.Column("shipped_year", sa.Integer, nullable=False),
    sa.Column("weight_g", sa.Integer),
    sa.Column("missing", Enumerated(Missing)),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("status", Enumerated(ParcelStatus), nullable=False),
    sa.Column("last_event_at", UtcDateTime),
    sa.Column("delivered_at", UtcDateTime),
    sa.Column("reopened_at", UtcDateTime),
    sa.Column("told", sa.String(100), nullable=False),
    sa.Column("delivery_told", sa.Boolean, nullable=False),
    sa.Column("alerts", Listed(str), nullable=False),
    sa.Column("tracking_key", sa.String(64), index=True),
    sa.Column("taken_back", sa.Integer, nullable=False, server_default="0"),
    sa.Column("silent_until", UtcDateTime),
    sa.Column("attached", Listed(str)),
    sa.Column("first_scan_at", UtcDateTime),
    sa.Column("facts", FactsColumn),
    sa.Column("contents", Listed(_packed)),
    *lane_tables.columns(),
    lane_tables.index(),
    sa.UniqueConstraint("tracking_number", "carrier", "shipped_year"),
    _one_of("status", ParcelStatus),
)

tracking_events = sa.Table(
    "tracking_events",
    metadata,
    sa.Column("id", BigId, primary_key=True, autoincrement=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("carrier", sa.String(40), nullable=False),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("tracking_number", sa.String(64), nullable=False),
    sa.Column("occurred_at", UtcDateTime, nullable=False),
    sa.Column("local_time", sa.String(40), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("code", sa.String(80), nullable=False),
    sa.Column("status", Enumerated(ParcelStatus)),
    sa.Column("unmapped", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String(40)),
    sa.Column("message", sa.String(500), nullable=False),
    sa.Column("location", sa.String(200)),
    sa.Column("reported_at", UtcDateTime),
    sa.Column("calendar", sa.String(10)),
    sa.Column("time_zone", sa.String(64)),
    sa.Index("ix_tracking_events_tracking_number_occurred_at", "tracking_number", "occurred_at"),
)

scan_reports = sa.Table(
    "scan_reports",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("reported_at", UtcDateTime, nullable=False),
)

unmatched_scans = sa.Table(
    "unmatched_scans",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("tracking_number", sa.String(64), nullable=False),
    sa.Column("carrier", sa.String(40), nullable=False),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("status", Enumerated(ParcelStatus)),
    sa.Column("message", sa.String(500), nullable=False),
    sa.Column("location", sa.String(200)),
    sa.Column("occurred_at", UtcDateTime, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.Column("parcel_id", sa.String(24), index=True),
    sa.Column("dismissed_at", UtcDateTime),
    sa.Column("dismissed_by", sa.String(330)),
    sa.Column("dismissed_for", sa.String(500)),
    sa.UniqueConstraint("tracking_number", "carrier"),
    sa.Index("ix_unmatched_scans_open", "received_at", "id", postgresql_where=_UNSETTLED, sqlite_where=_UNSETTLED),
    sa.Index("ix_unmatched_scans_dismissed", "received_at", "id", postgresql_where=_DISMISSED, sqlite_where=_DISMISSED),
)

watches = sa.Table(
    "watches",
    metadata,
    sa.Column("parcel_id", sa.String(24), primary_key=True),
    sa.Column("carrier", sa.String(40), nullable=False),
    sa.Column("tracking_number", sa.String(64), nullable=False),
    sa.Column("register_at", UtcDateTime),
    sa.Column("registered_at", UtcDateTime),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("problem", sa.String(200)),
    sa.Column("ask_at", UtcDateTime),
    sa.Column("asked_at", UtcDateTime),
    sa.Column("asks", sa.Integer, nullable=False),
    sa.Index("ix_watches_register", "register_at", postgresql_where=_TO_REGISTER, sqlite_where=_TO_REGISTER),
    sa.Index("ix_watches_ask", "ask_at", postgresql_where=_TO_ASK, sqlite_where=_TO_ASK),
)

carrier_flaws = sa.Table(
    "carrier_flaws",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("carrier", sa.String(40), nullable=False),
    sa.Column("kind", Enumerated(FlawKind), nullable=False),
    sa.Column("tracking_number", sa.String(64), nullable=False),
    sa.Column("detail", sa.String(300), nullable=False),
    sa.Column("part", sa.String(500), nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Index("ix_carrier_flaws_last_at_digest", "last_at", "digest"),
    sa.Index("ix_carrier_flaws_carrier_last_at_digest", "carrier", "last_at", "digest"),
)

webhook_receipts = sa.Table(
    "webhook_receipts",
    metadata,
    sa.Column("carrier", sa.String(40), primary_key=True),
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
)

wares = sa.Table(
    "wares",
    metadata,
    sa.Column("sku_key", sa.Text, primary_key=True),
    sa.Column("sku", sa.String(64), nullable=False),
    sa.Column("shelf", sa.String(40)),
    sa.Column("gtin", sa.String(14), unique=True),
    sa.Column("weight_g", sa.Integer),
    sa.Column("hs_code", sa.String(14)),
    sa.Column("origin_country", sa.String(2)),
    sa.Column("product_version", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)

raw_webhooks, raw_webhook_numbers = raw_tables.add(metadata)
said_of_numbers = said_tables.add(metadata)
manifests = manifest_tables.add(metadata, Listed(str))
label_offers, labels, label_papers, label_costs = label_tables.add(metadata, Listed(read_rate))

mapping = registry(metadata=metadata)
mapping.map_imperatively(Ware, wares)
mapping.map_imperatively(KnownOrder, orders, properties={KEY: key_of(orders.c.order_number)})
mapping.map_imperatively(Parcel, parcels, properties={"usual": lane_tables.usual(parcels)})
mapping.map_imperatively(Watch, watches)
mapping.map_imperatively(Offer, label_offers)
mapping.map_imperatively(Label, labels)
mapping.map_imperatively(Manifest, manifests)
stock_places = place_tables.add(mapping)
landed_costs, cost_entries, invoice_rows = cost_tables.add(mapping, Listed)
mapping.map_imperatively(
    Shipment,
    shipments,
    properties={
        "promise": composite(
            Promise,
            shipments.c.earliest_at,
            shipments.c.due_at,
            shipments.c.calendar,
            shipments.c.calendar_version,
            shipments.c.provisional,
            return_none_on=lambda earliest_at, *_: earliest_at is None,  # nothing is promised before the dispatch
        ),
        "parcels": relationship(Parcel, lazy="selectin", order_by=parcels.c.id),
        "_search": shipments.c.search,
        KEY: key_of(shipments.c.number),
    },
)


@sa.event.listens_for(Shipment, "before_insert")
@sa.event.listens_for(Shipment, "before_update")
def _keep_search(_mapper: object, _connection: object, shipment: Shipment) -> None:
    """Keep what a shipment is found by: whom it goes to."""
    if get_history(shipment, "destination").has_changes():
        session, address = object_session(shipment), shipment.destination.address
        found = ERASED if vars(shipment).get(KEY) == "" else searched(session, address)
        setattr(shipment, "_search", found)  # noqa: B010 (only the table has it)


def searched(session: Session | None, address: Mapping[str, str | None]) -> str:
    """Return what the name and the company of an address are found by; nothing of one that is erased."""
    names = [address.get("name") or "", address.get("company") or ""]
    if address.get("name") == ERASED:
        return ERASED
    return Blind(session).words(*names) if session and OWN.seals_rows else fold(" ".join(names))


keep_sealed(Shipment, "number", "destination")  # after what it is found by is kept
keep_sealed(KnownOrder, "order_number", "changed_destination")
