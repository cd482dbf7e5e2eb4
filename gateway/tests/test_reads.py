"""Reads of personal data by staff: which are recorded, with what, and what happens while support is away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from gateway.http import reads
from gateway.http.reads import PERSONAL, shows_customer, subjects
from gateway.tests.conftest import Running
from gateway.tests.peers import ORDER, PEERS, SupportService
from gateway.tests.tokens import access_token, order_token
from services.aftersales.api import AftersalesApi
from services.common.basics.caller import CUSTOMER
from services.common.basics.clock import now
from services.common.basics.errors import ServiceError, Unavailable
from services.common.bus.rpc import rpc
from services.common.testing import eventually
from services.logistics.api import LogisticsApi
from services.orders.api import OrdersApi
from services.support.api import SupportApi

NOT_OF_CUSTOMERS = {
    "get_staff", "list_staff", "list_reads",
    "get_article", "get_article_at", "get_article_versions", "preview_article", "put_article", "publish_article",
    "withdraw_article",
    "save_draft",  # shows its writer what they wrote
    "list_articles",
    "get_address_form",
}  # fmt: skip


class BusySupport(SupportService):
    """Takes no record of a read until it is told to: it is away, or of an older release."""

    taken: list[dict[str, Any]] = []
    away = True
    refusals: Iterator[ServiceError] = cycle((Unavailable("away"), ServiceError("what?", code="bad_call")))

    @rpc
    def record_read(self, read: dict[str, Any]) -> dict[str, Any]:
        if type(self).away:
            raise next(self.refusals)
        self.taken.append(read)
        return {}


@pytest.fixture
def busy(start: Any) -> Iterator[Running]:
    BusySupport.taken, BusySupport.away = [], True
    yield start(peers=(*PEERS[:3], BusySupport))
    BusySupport.away = False


def fields_of(hint: object, seen: set[object]) -> Iterator[str]:
    """Yield the names of all fields of a reply."""
    kind = get_origin(hint) or hint
    if is_typeddict(kind) and kind not in seen:
        seen.add(kind)
        for name, inner in get_type_hints(kind).items():
            yield name
            yield from fields_of(inner, seen)
    for part in get_args(hint):
        yield from fields_of(part, seen)


@pytest.mark.pure
@pytest.mark.parametrize("api", [OrdersApi, LogisticsApi, AftersalesApi, SupportApi], ids=lambda api: api.service)
def test_what_shows_personal_data_is_declared_so(api: Any) -> None:
    wanted = {
        name
        for name, declared in api.methods.items()
        if PERSONAL & {*fields_of(declared.reply, set())} and name not in NOT_OF_CUSTOMERS
        if {*declared.roles} != {CUSTOMER}
    }

    assert wanted - {name for name, declared in api.methods.items() if declared.personal} == set()


@pytest.mark.pure
@pytest.mark.parametrize(
    ("shown", "shows"),
    [({"current": {"contact": {"name": "Ada"}}}, True), ({"messages": [{"body": "help"}]}, True),
     ({"errors": [{"field": "contact.name", "message": "missing"}]}, False), ({"current": {"customer": None}}, False),
     ({"version": 3, "current": {"name": "The MUG", "stock": 3}}, False), (None, False)],
)  # fmt: skip
def test_a_refusal_that_shows_a_customer_is_known(shown: Any, shows: bool) -> None:
    assert shows_customer(shown) is shows


@pytest.mark.pure
def test_what_is_shown_is_named_by_its_numbers() -> None:
    page = {"items": [{"number": "SHP-1", "order_number": "ORD-1"}, {"number": "TIC-2", "order_number": None}] * 2}

    assert [*subjects({"number": "RET-9", "query": object()}, {"order_number": "ORD-9"})] == ["RET-9", "ORD-9"]
    assert [*subjects({"query": object()}, page)] == ["SHP-1", "ORD-1", "TIC-2"]
    assert [*subjects({}, b"a stream")] == []
    done = {"number": "SHP-1", "status": 200, "shipment": {"number": "SHP-1", "order_number": "ORD-1"}}
    batch = {"items": [done, {"number": "SHP-2", "status": 404, "code": "shipment_not_found", "detail": "None."}]}
    assert [*subjects({"batch": object()}, batch)] == ["SHP-1", "ORD-1"]


def test_staff_read_on_while_support_is_away_and_nothing_is_lost(
    busy: Running, caplog: pytest.LogCaptureFixture
) -> None:
    grace, paths = access_token("grace@pledge.example", ["agent"], now()), (f"/v1/orders/{ORDER}", "/v1/returns")

    for path in paths:
        assert busy.get(path, grace, headers={"Reason": "she rang"}).status_code == 200
    assert BusySupport.taken == []
    assert [line for line in caplog.messages if "waits to be recorded: get_order" in line]
    BusySupport.away = False

    eventually(lambda: len(BusySupport.taken) == 2)
    assert [(read["operation"], read["subjects"], read["reason"]) for read in BusySupport.taken] == [
        ("get_order", [ORDER], "she rang"), ("list_returns", ["RET"], "she rang")
    ]  # fmt: skip
    assert busy.get(paths[0], grace).status_code == 200
    assert len(BusySupport.taken) == 3


def test_no_more_is_shown_than_can_be_recorded(busy: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST", 1)
    grace = access_token("grace@pledge.example", ["agent"], now())

    answers = [busy.get(f"/v1/orders/{ORDER}", grace) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 503]
    assert busy.get(f"/v1/orders/{ORDER}", order_token(ORDER, now())).status_code == 200  # its customer
