"""How many rows the databases read for a round of everything, table by table: a list without an index reads them all.

Counted by PostgreSQL itself: rows of sequential scans and entries of index scans. What timers read meanwhile is in it.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter

from deploy.lab.bench.places import Ground
from deploy.lab.bench.shop import SCANS, Shop
from services import SERVICES

ROUNDS = 5
TOLD_SECONDS = 12.0  # a session at rest tells what it has counted after ten; until then all that was set off is done
_READ = """
    SELECT relname, seq_tup_read + coalesce(
        (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes AS i WHERE i.relid = t.relid), 0)::bigint
    FROM pg_stat_user_tables AS t
"""
LISTS = (
    "/v1/orders", "/v1/orders?status=confirmed", "/v1/orders?email={email}", "/v1/reviews", "/v1/products",
    "/v1/shipments", "/v1/shipments?status=queued", "/v1/shipments?status=dispatched",
    "/v1/shipments?order_number={order}", "/v1/returns", "/v1/returns?status=refunded",
    "/v1/returns?order_number={order}", "/v1/tickets", "/v1/tickets?status=open", "/v1/tickets?category=order",
    "/v1/tickets?assignee=nobody@example.com", "/v1/tickets?order_number={order}", "/v1/commitments",
    "/v1/orders/{order}", "/v1/orders/{order}/changes", "/v1/orders/{order}/timeline", "/v1/orders/{order}/tracking",
)  # fmt: skip
"""Everything that staff can look up but the report, which counts all clocks of a period."""

Read = Counter[str]


def by_everything(ground: Ground, shop: Shop) -> Read:
    """Count the rows read by an order's whole life and by every list, in several rounds."""
    time.sleep(TOLD_SECONDS)
    before = _so_far(ground)
    for _ in range(ROUNDS):
        _everything(shop)
    time.sleep(TOLD_SECONDS)
    return _so_far(ground) - before


def _everything(shop: Shop) -> None:
    email = f"{uuid.uuid4()}@example.com"
    order = shop.place(email)
    shop.pay(order)
    shop.scan(shop.dispatch(order), SCANS)
    shop.send_back(order)
    shop.ask(email, order)
    for path in LISTS:
        shop.http.get(path.format(order=order.number, email=email), shop.staff)


def _so_far(ground: Ground) -> Read:
    found = Read()
    for service in SERVICES:
        for table, count in ground.postgres.ask(_READ, database=service):
            found[f"{service}.{table}"] = count
    return found
