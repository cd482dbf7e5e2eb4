"""Vendure under load: its server and its worker as processes, on a private PostgreSQL that is as durable as ours.

with running(installed, folder) as (url, place):
    Generator({"operation": "vendure_order", "clients": 4, "url": url})
"""

from __future__ import annotations

import csv
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.lab.bench.children import helpers, started, stopped
from deploy.lab.bench.meters import idle_shares, wait_until_quiet
from deploy.lab.bench.peers import npm
from deploy.lab.bench.places import IDLE_SECONDS
from deploy.lab.bench.postgres import Server
from deploy.lab.bench.rounds import Place
from deploy.lab.bench.shop import SHELF, SKUS
from deploy.run import processes
from deploy.run.postgres import create_databases, start_postgres

FILL_SECONDS, START_SECONDS = 180.0, 90.0
_COLUMNS = (
    "name", "slug", "description", "assets", "facets", "optionGroups", "optionValues", "sku", "price", "taxCategory",
    "stockOnHand", "trackInventory", "variantAssets", "variantFacets",
)  # fmt: skip


@contextmanager
def running(installed: Path, folder: Path) -> Iterator[tuple[str, Place]]:
    """Fill a new shop with our products and run it. Yield its address and how it is measured."""
    script, products = installed / "shop.js", folder / "products.csv"
    shutil.copyfile(npm.HERE / "shop.js", script)  # what it requires is found from where it lies
    folder.mkdir(parents=True, exist_ok=True)
    write_products(products)
    database = start_postgres(folder)
    try:
        url = create_databases(database, ("vendure",))["vendure"].replace("+psycopg2", "")
        (port,) = processes.free_ports(1)
        given = {"PORT": str(port), "PG": url, "PRODUCTS": str(products), "SECRET": secrets.token_urlsafe(24)}
        environ = {**npm.environ(), **{f"PEER_{name}": value for name, value in given.items()}}
        command, log = [str(npm.program("node")), str(script)], folder / "vendure.log"
        stopped(started([*command, "fill"], environ, log, FILL_SECONDS))
        with helpers() as start:
            tiers = {role: start([*command, role], environ, log, START_SECONDS) for role in ("server", "worker")}
            tiers["postgres"] = database.pid
            wait_until_quiet(tiers, seconds=10)
            counters = Server(database.uri).counters
            yield f"http://127.0.0.1:{port}", Place(tiers, counters, idle_shares(tiers, IDLE_SECONDS))
    finally:
        database.stop(at_once=True)


def write_products(path: Path) -> None:
    """Write our products as Vendure imports them."""
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, _COLUMNS, restval="")
        rows.writeheader()
        for sku in SKUS:
            name = f"Stoneware mug {sku}"
            row = {"name": name, "slug": sku.lower(), "description": name, "sku": sku, "price": "18.50"}
            rows.writerow({**row, "taxCategory": "standard", "stockOnHand": SHELF, "trackInventory": "true"})
