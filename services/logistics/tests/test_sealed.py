"""Whom a shipment goes to: staff and the customer read it, and a copy of the database does not tell it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.basics import clock, ids
from services.common.store.chain_keys import OWN
from services.common.store.sealed_rows import UNREADABLE
from services.common.testing import customer, fresh_store, staff
from services.common.testing.rows import seal_rows, tables_that_say
from services.logistics.api.shipments import ListShipments
from services.logistics.domain import NewParcel
from services.logistics.handlers import shipments
from services.logistics.handlers.tracking import may_see_order
from services.logistics.repository import Work
from services.logistics.tests.builders import EMAIL, a_scan
from services.logistics.tests.scene import DISPATCHED, ORDER, Scene
from services.orders.api.events import OrderErased

KEYS, OTHERS = f"2026-11-29-cd34:{'2e' * 32}", f"2026-12-01-ef56:{'3d' * 32}"
ERASURE = {"order_number": ORDER, "request_id": ids.number(ids.PRIVACY, 1)}
NAME, COMPANY = "Ada King-Lovelace", "Engines & Söhne"
ADDRESS = {
    "name": NAME, "company": COMPANY, "line1": "12 Marmalade Row", "line2": "Flat 9", "city": "Quillfield",
    "region": "CO", "postal_code": "80987", "country": "US",
}  # fmt: skip
PERSONAL = (EMAIL, "lovelace", "sohne", "söhne", "marmalade", "flat 9", "quillfield", "80987", "3035550100")
FOUND = ("ada", "LOVEL", "king-lovelace", "Lovelace, Ada", "sohne")
AGENT = staff("agent")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    OWN.use(KEYS)
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)
    OWN.use("")


def sent(scene: Scene) -> None:
    """Send a parcel whose address was changed before the review was told, and once more after it."""
    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=4, delivery={**ADDRESS, "line2": "Flat 9"})
    scene.pass_review(delivery={**ADDRESS, "city": "Elsewhere"})
    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 2}, seq=5, delivery=ADDRESS)
    scene.dispatch(NewParcel("fedex", "1Z1"))
    scene.scan(a_scan())


def hits(scene: Scene, q: str) -> int:
    with scene.work(AGENT) as work:
        return len(shipments.list_shipments(work, ListShipments(q=q))["items"])


def address(scene: Scene) -> dict[str, object]:
    with scene.work(AGENT) as work:
        (found,) = shipments.list_shipments(work, ListShipments(order_number=ORDER))["items"]
    return {**found["destination"]}


def is_seen_by(scene: Scene, email: str) -> bool:
    with scene.work(customer(email)) as work:
        return may_see_order(work, ORDER)


def seen(scene: Scene) -> None:
    """See that all who may see the shipment do, and no copy of the database does."""
    assert tables_that_say(scene.store.engine, *PERSONAL) == {}
    assert {name: address(scene)[name] for name in ADDRESS} == ADDRESS
    assert [q for q in FOUND if hits(scene, q) != 1] == []
    assert [q for q in ("grace", "elace", "%", "~", "erased") if hits(scene, q)] == []
    assert (is_seen_by(scene, EMAIL), is_seen_by(scene, "eve@example.com")) == (True, False)


def erased(scene: Scene) -> None:
    assert {address(scene)[name] for name in ("name", "line1", "city", "postal_code")} == {"erased"}
    assert (address(scene)["country"], address(scene)["time_zone"]) == ("US", "America/Denver")


def test_a_shipment_is_found_and_read_and_stands_sealed(scene: Scene) -> None:
    sent(scene)

    seen(scene)

    scene.hear(OrderErased, ERASURE, seq=20)
    erased(scene)
    assert [q for q in (*FOUND, EMAIL) if hits(scene, q)] == []
    assert not is_seen_by(scene, EMAIL)
    assert seal_rows(scene.store, Work) == 0


def test_without_its_key_an_address_is_erased(scene: Scene) -> None:
    sent(scene)

    with scene.work() as work:
        work.erasures.drop_keys(scene_number := work.shipments.of_order(ORDER)[0].number)

    erased(scene)
    with scene.work() as work:
        assert work.shipments.get(scene_number, lock=True).destination.region == "CO"


def test_a_missing_key_hides_one_address_and_stops_no_erasure(scene: Scene) -> None:
    sent(scene)
    OWN.use(OTHERS)  # of a replica that was not given the new key yet

    assert {address(scene)[name] for name in ("name", "line1", "city", "postal_code")} == {UNREADABLE}
    scene.hear(OrderErased, ERASURE, seq=20)
    erased(scene)

    OWN.use(KEYS)
    erased(scene)
    assert seal_rows(scene.store, Work) == 0


def test_what_is_told_late_brings_no_erased_address_back(scene: Scene) -> None:
    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=4, delivery=ADDRESS)
    scene.hear(OrderErased, ERASURE, seq=20)

    scene.pass_review(delivery=ADDRESS)
    scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 2}, seq=5, delivery=ADDRESS)

    erased(scene)
    assert [q for q in FOUND if hits(scene, q)] == []
    assert not is_seen_by(scene, EMAIL)
    assert tables_that_say(scene.store.engine, *PERSONAL) == {}


def test_rows_of_before_are_sealed_when_a_process_starts(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(OWN, "writes", False)
        sent(scene)
        scene.change({"line_id": 1, "sku": "MUG-1", "quantity": 1}, seq=4, order_number="ORD-2", delivery=ADDRESS)
    plain = tables_that_say(scene.store.engine, *PERSONAL)
    assert {"shipments", "orders"} <= plain.keys()
    assert [q for q in FOUND if hits(scene, q) == 1] != []

    assert seal_rows(scene.store, Work) == 3

    assert tables_that_say(scene.store.engine, *PERSONAL).keys() <= {"journal"}
    assert address(scene)["line1"] == ADDRESS["line1"]
    assert [q for q in FOUND if hits(scene, q) != 1] == []
    assert (is_seen_by(scene, EMAIL), is_seen_by(scene, "eve@example.com")) == (True, False)
    assert seal_rows(scene.store, Work) == 0
