"""The fault harness's customers and bank, in front of the composed platform, and the evidence they leave behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.compose.docker import docker
from deploy.compose.stack import Stack
from deploy.lab.chaos.bank import Bank
from deploy.lab.chaos.customer import Customer, Shop
from deploy.lab.chaos.evidence import Evidence
from deploy.lab.chaos.record import Record
from deploy.lab.chaos.run import Courier, Load
from deploy.lab.people import member_of_staff
from services import SERVICES
from services.common.edge.keys import Signing

SEED, CUSTOMERS = 4, 6
FINISH_SECONDS = 120.0  # for stories that are under way when no new ones begin


class Crowd:
    """Customers who play story after story from `open` until `close`, and one who passes by and orders when told."""

    def __init__(self, stack: Stack, shop: Shop, bank: Bank, signing_keys: str):
        self.stack, self.shop, self.bank, self.record = stack, shop, bank, shop.record
        self._signing_keys = signing_keys

    def open(self) -> None:
        """Sign one person of the staff in and let customers in. The platform must run.

        Record what happened until now as it is: who ordered, and what was paid at the gateway's own window.
        """
        before = self.evidence()
        staff = member_of_staff(self._databases()["support"], "chaos@pledge.example", self._signing_keys)
        self.shop = self.shop._replace(staff=staff)
        for row in before.rows("orders", "orders"):
            self.record.note("regular", email=row["email"])
        for row in before.rows("orders", "payments"):
            if row["captured"]:
                self.record.note(
                    "captured", payment_id=row["payment_id"], cents=row["captured"], reference=row["reference"]
                )
        self._load = Load(self.shop, self.bank, SEED, CUSTOMERS)
        self.passer_by = Customer(self.shop, self.bank, "passer-by", SEED)

    def close(self) -> None:
        self._load.finish(FINISH_SECONDS)
        self.passer_by.http.close()

    def evidence(self) -> Evidence:
        """Return every database as it is now, as its superuser sees it, and the record."""
        return Evidence(self._databases(), self.record.entries)

    def _databases(self) -> dict[str, str]:
        password = (Path(self.stack.settings["PLEDGE_SECRETS"]) / "postgres_password").read_text().strip()
        inside = f"postgresql+psycopg2://postgres:{password}@{self.stack.address('postgres')}"
        databases = {service: f"{inside}/{service}" for service in SERVICES}
        apart = self.stack.settings["PLEDGE_AFTERSALES_DATABASE_URL"]
        databases["aftersales"] = apart.replace("@apart/", f"@{self.stack.address('apart', 'outside')}/")
        return databases


@contextmanager
def crowd(stack: Stack, url: str, folder: Path) -> Iterator[Crowd]:
    """Run the crowd. Its bank runs on the machine itself, which the containers' outer network can reach."""
    path = folder / "record.jsonl"
    path.unlink(missing_ok=True)
    record, quit_ = Record(path), threading.Event()
    names = ("secret", "sandbox_secret", "signing_keys", "gateway_keys")
    known = {name: (folder / "secrets" / name).read_text().strip() for name in names}
    links = Signing.parse(known["gateway_keys"])
    carrier = (folder / "secrets" / "easypost_webhook_secret").read_text().strip()
    gateway = docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", f"{stack.project}_outside")
    courier = Courier(url, record, quit_)
    bank = Bank(known["sandbox_secret"], record, SEED, courier.send, host=gateway.strip())
    try:
        shop = Shop(url, known["secret"], "", carrier, record, quit_, links)
        yield Crowd(stack, shop, bank, known["signing_keys"])
    finally:
        quit_.set()
        bank.close()
        courier.close()
        record.close()
