"""The catalogue a fresh shop starts with, from seed.yaml: `python -m services.orders.seed`.

Adds what is missing and changes nothing that is there, so it can run at every start.
"""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from services.common.basics.caller import ADMIN, Caller
from services.common.edge.schemas import load
from services.common.runtime.config import Settings
from services.common.store.database import Store
from services.orders.api import AdjustStock, SaveProduct
from services.orders.handlers import catalogue
from services.orders.repository import Work

PRODUCTS = Path(__file__).with_name("seed.yaml")
SEEDER = Caller("system", roles=frozenset({ADMIN}), trace_id="seed")


def seed(store: Store, path: Path = PRODUCTS) -> int:
    """Add the missing products of that file with their stock. Return how many were added."""
    added = 0
    for entry in yaml.safe_load(path.read_text("utf-8")):
        sku, counted = entry.pop("sku"), entry.pop("stock")
        entry["price"] = {"amount": entry["price"], "currency": "USD"}
        product = load(SaveProduct, entry)
        with store.work(Work, SEEDER) as work:
            if work.products.find(sku) is None:
                catalogue.put_product(work, sku, product)
                catalogue.adjust_stock(work, sku, AdjustStock(counted, "first delivery"))
                added += 1
    return added


if __name__ == "__main__":
    database = Store(Settings.load(os.environ).database_url("orders"), pool_size=1)
    seed(database)
    database.dispose()
