"""All services and the gateway in this process, on ports and databases of their own; no server is needed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
import requests
import sqlalchemy as sa

from deploy.lab.people import signed_in
from gateway.service import GatewayService
from gateway.settings import RATES
from services import SERVICES
from services.common.basics import clock
from services.common.basics.clock import now
from services.common.bus.rpc import ServiceClient
from services.common.edge import signatures
from services.common.runtime.timers import Every
from services.common.store import tables
from services.common.store.database import Work
from services.common.testing import Platform, eventually, running, service_class
from services.orders.adapters.payments.sandbox import DEVELOPMENT_SECRET as SANDBOX_SECRET
from tests.openapi.document import Document

UNLIMITED = dict.fromkeys(RATES, "10000/minute")
PATIENCE_SECONDS = 25  # that an answer may take on a machine that does more than this; a request waits for 30
Json = dict[str, Any]


class Shop:
    """The shop as its clients see it."""

    def __init__(self, platform: Platform):
        self.platform = platform
        self._tokens: dict[tuple[str, datetime], str] = {}
        extensions = platform.containers["gateway"].extensions
        server = next(each for each in extensions if hasattr(each, "stop_accepting") and hasattr(each, "run"))
        self.url = f"http://127.0.0.1:{server._sock.getsockname()[1]}"
        for each in extensions:
            if isinstance(each, ServiceClient):
                each.timeout = PATIENCE_SECONDS

    def ask(self, method: str, path: str, *, role: str = "", token: str = "", **how: Any) -> requests.Response:
        """Send a request as a guest, as staff of that role, or with a token. Its answer is one that is documented."""
        headers = {**how.pop("headers", {})}
        bearer = token or (self.staff(role) if role else "")
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        answer = requests.request(method, f"{self.url}/v1{path}", headers=headers, timeout=30, **how)
        operation = self._document.asked(method, f"/v1{path}".partition("?")[0])
        assert not operation or not (what := operation.undocumented(answer)), f"{method} {path}: {what}"
        return answer

    @cached_property
    def _document(self) -> Document:
        return Document(requests.get(f"{self.url}/v1/openapi.json", timeout=30).json())

    def now(self) -> datetime:
        return now()

    def staff(self, role: str) -> str:
        return self._signed_in(f"{role}@pledge.example", [role])

    def customer(self, email: str) -> str:
        return self._signed_in(email, [])

    def _signed_in(self, email: str, roles: list[str]) -> str:
        """Return the access token of a person who is signed in, as staff of these roles if there are any."""
        hour = now().replace(minute=0, second=0, microsecond=0)
        if (email, hour) not in self._tokens:
            self._tokens[email, hour] = signed_in(self.platform.store("support"), email, roles, now())
        return self._tokens[email, hour]

    def stocked(self, sku: str, count: int, price: str = "12.50", **facts: Any) -> None:
        """Have a product with that many pieces on the shelf."""
        product: Json = {"title": f"The {sku}", "price": usd(price), **facts}
        assert self.ask("PUT", f"/products/{quote(sku, safe='')}", role="admin", json=product).status_code == 200
        if count:
            self.adjust(sku, count)

    def adjust(self, sku: str, delta: int) -> requests.Response:
        body = {"delta": delta, "reason": "delivery"}
        return self.ask("POST", f"/products/{quote(sku, safe='')}/stock", role="admin", json=body)

    def stock(self, sku: str) -> Json:
        answer = self.ask("GET", f"/products/{quote(sku, safe='')}/stock", role="warehouse")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def order(self, *lines: tuple[str, int], **how: Any) -> requests.Response:
        """Place an order as a guest; each guest has a mailbox and an address of their own unless they are named."""
        form = order_form(*lines, **{name: how.pop(name) for name in ("email", "line1") if name in how})
        form.update(how.pop("more", {}))
        return self.ask("POST", "/orders", json=form, **how)

    def bank(self, kind: str, payment_id: str, cents: int, **data: Any) -> requests.Response:
        """Report a payment as the bank, by signed webhook."""
        facts = {"payment_id": payment_id, "amount_cents": cents, "currency": "USD", "reference": "pay.1", **data}
        raw = orjson.dumps({"id": f"evt_{uuid.uuid4().hex}", "type": kind, "created": 1, "data": facts})
        signed = {"Content-Type": "application/json", "Sandbox-Signature": signatures.sign(SANDBOX_SECRET, raw, now())}
        answer = requests.post(f"{self.url}/v1/webhooks/payments/sandbox", raw, headers=signed, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer

    def pay(self, placed: Json) -> None:
        """Have the bank report that all of an order was paid."""
        self.bank("payment.captured", placed["payment"]["id"], cents_of(placed["payment"]["amount"]))

    def paid(self, *lines: tuple[str, int]) -> Json:
        """Place and pay an order whose review has passed."""
        placed = dict(self.order(*lines).json())
        self.pay(placed)
        self.until(placed, lambda order: order["review"]["status"] != "pending")
        return placed

    def show(self, placed: Json) -> Json:
        return dict(self.ask("GET", f"/orders/{placed['number']}", token=placed["access_token"]).json())

    def until(self, placed: Json, condition: Callable[[Json], Any]) -> Json:
        """Wait until the order fulfils a condition."""
        return eventually(lambda: (order if condition(order := self.show(placed)) else None) or {})

    @contextmanager
    def later(self, minutes: float) -> Iterator[None]:
        """Let it be that much later."""
        try:
            with clock.frozen(now() + timedelta(minutes=minutes)):
                self.wake_timers()
                yield
        finally:
            self.wake_timers()

    def wake_timers(self) -> None:
        """Let what is done by the clock be due now, whatever the time was when it was last done.

        While it is `later`, time stands still: what is done by the clock is done once each time.
        """
        for service in ("orders", "support"):
            with self.platform.store(service).work(Work) as work:
                work.session.execute(sa.delete(tables.schedule))
        for container in self.platform.containers.values():
            for each in container.entrypoints:
                if isinstance(each, Every):
                    each.look()


def usd(amount: str) -> Json:
    return {"amount": amount, "currency": "USD"}


def cents_of(money: Json) -> int:
    return int(money["amount"].replace(".", ""))


def order_form(*lines: tuple[str, int], email: str = "", line1: str = "") -> Json:
    who = uuid.uuid4().hex[:8]
    return {
        "contact": {"name": "Ada Lovelace", "email": email or f"{who}@example.com", "phone": "+44 20 7946 0018"},
        "delivery": {
            "name": "Ada Lovelace",
            "line1": line1 or f"{int(who, 16)} St James's Square",
            "city": "London",
            "postal_code": "SW1Y 4JH",
            "country": "GB",
        },
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines],
    }


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Run a shop for all tests of a file. Each test brings its own products."""
    with started(tmp_path_factory.mktemp("shop")) as found:
        yield found


@contextmanager
def started(folder: Path, **settings: str) -> Iterator[Shop]:
    """Run a shop with these settings; it is there once all of its services answer."""
    environ = {
        "PLEDGE_HTTP_ADDRESS": "127.0.0.1:0",
        "PLEDGE_DEV": "1",
        **UNLIMITED,
        **settings,
    }
    everything = [*map(service_class, SERVICES), GatewayService]
    with running(*everything, folder=folder, environ=environ) as platform:
        shop = Shop(platform)
        eventually(lambda: requests.get(f"{shop.url}/v1/health", timeout=30).ok)  # each service answers; 503 until then
        yield shop
