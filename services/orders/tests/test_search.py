"""Orders are found by whom and by which parcel they are for, in any spelling, and by nothing once they are erased."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from services.common.basics import clock, ids
from services.common.basics.clock import rfc3339
from services.common.basics.searching import terms
from services.common.basics.shapes import Wrong
from services.common.store.migrations import alembic_config
from services.common.testing import customer, event_like
from services.common.testing.rows import copy_rows, statements
from services.logistics.api.events import ParcelCorrected, ShipmentCreated, ShipmentDispatched
from services.orders import tables, views
from services.orders.api import ListOrders, OrderStage, OrderStatus
from services.orders.handlers import placing, privacy, shipments
from services.orders.repository import Work
from services.orders.repository.search import Found
from services.orders.service import OrdersService
from services.orders.tests.builders import EMAIL
from services.orders.tests.scene import Scene
from services.support.api.events import ErasureConfirmed

SHIPMENT = ids.number(ids.SHIPMENT, 1)


def found(scene: Scene, **asked: object) -> list[str]:
    page = scene.do(placing.list_orders, ListOrders(**asked))  # type: ignore[arg-type]
    return sorted(each["number"] for each in page["items"])


def test_an_order_is_found_by_number_customer_and_parcel(scene: Scene) -> None:
    number = scene.paid(("MUG", 1), name="Zoë Lovelace-O’Hara")
    scene.place(("MUG", 1), email="bo@example.com", name="Bo Smith", caller=customer("bo@example.com"))
    facts = {"order_number": number, "shipment_number": SHIPMENT}
    parcels = [{"parcel_id": "p", "carrier": "ups", "tracking_number": "1Z 999-AA1"}]
    lines = [{"line_id": 1, "sku": "MUG", "quantity": 1}]
    scene.hear(shipments.on_shipment_created, event_like(ShipmentCreated, {**facts, "lines": lines}), 1)
    scene.hear(shipments.on_shipment_dispatched, event_like(ShipmentDispatched, {**facts, "parcels": parcels}), 2)
    corrected = event_like(ParcelCorrected, {**facts, "tracking_number": "2Z888"})
    scene.hear(shipments.on_parcel_corrected, corrected, 3)

    plain = number.replace("-", "").lower()
    for asked in (
        number, plain, plain[3:], number[:8], "zoe ohara", "Zoe\u0308", "o’hara", EMAIL.upper(),
        "1z999aa1", "1Z 999 AA1", "1z-999-aa1", "2z888",
    ):  # fmt: skip
        assert found(scene, q=asked) == [number], asked
    for asked in ("+44 20 7946 0018", "020 7946 0018", "(0)20-79460018", "00442079460018", "79460018", "ada lovelace"):
        assert len(found(scene, q=asked)) == 2, asked
    for asked in ("zoe smith", "%%", "3Z888", "--", "ovelace", plain[4:]):  # the middle of a word is not looked for
        assert found(scene, q=asked) == [], asked
    assert found(scene, q="lovelace", email="bo@example.com", status="awaiting_payment") != []


def test_the_migration_fills_what_was_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in range(3):
        scene.place(("MUG", 1), name=f"Zoë {each}")
    words = tables.search_words
    every = sa.select(*words.c).order_by(*words.c)
    migration = migration_of_search()
    monkeypatch.setattr(migration, "BATCH", 2)

    with scene.store.engine.begin() as connection:
        kept = connection.execute(every).all()
        connection.execute(sa.delete(words))
        with Operations.context(MigrationContext.configure(connection)):
            migration._fill()
        filled = connection.execute(every).all()

    assert filled == kept
    assert len(kept) > 30


def test_many_orders_are_filled_by_few_statements(scene: Scene) -> None:
    scene.place(("MUG", 1))
    words = tables.search_words
    with scene.store.engine.begin() as connection:
        copy_rows(connection, tables.orders, 3000, order_number="substr(order_number, 1, 4) || n")
        with Operations.context(MigrationContext.configure(connection)):
            asked = statements(connection, migration_of_search()._fill)
        filled = connection.scalar(sa.select(sa.func.count(words.c.subject.distinct())))

    assert filled == 3001
    assert len(asked) < 60


def migration_of_search() -> Any:
    versions = ScriptDirectory.from_config(alembic_config("orders")).walk_revisions()
    return next(each.module for each in versions if each.path.endswith("_search.py"))


def test_lists_are_narrowed_by_stage_and_time(scene: Scene) -> None:
    unpaid, confirmed = scene.place(("MUG", 1)), scene.paid(("MUG", 1))
    today, hour = clock.now().date(), timedelta(hours=1)

    assert found(scene, stage=OrderStage.AWAITING_PAYMENT) == [unpaid]
    stages = {stage: found(scene, stage=stage) for stage in OrderStage}
    shown = scene.do(lambda work: views.shown_stage(work.orders.get(confirmed)))
    assert stages.pop(shown) == [confirmed]
    assert {number for numbers in stages.values() for number in numbers} == {unpaid}
    assert len(found(scene, placed_from=str(today), placed_to=str(today))) == 2
    assert len(found(scene, placed_from=rfc3339(clock.now() - hour), placed_to=rfc3339(clock.now()))) == 2
    assert found(scene, placed_from=rfc3339(clock.now() + hour)) == []
    assert found(scene, placed_to=str(today - timedelta(days=1))) == []
    assert found(scene, placed_to="9999-12-31", status=OrderStatus.EXPIRED) == []


@pytest.mark.pure
@pytest.mark.parametrize(
    "moment", ["2026-02-30", "2026-03-02T09:00:00", "2026-03-02T25:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_a_day_that_is_none_is_refused(moment: str) -> None:
    with pytest.raises(Wrong):
        ListOrders(placed_from=moment)


def test_an_erased_order_is_found_by_its_number_alone(scene: Scene) -> None:
    number = scene.place(("MUG", 1))
    with clock.shifted(timedelta(hours=26)):
        scene.do(placing.expire_unpaid, number)
    assert found(scene, q="lovelace") == [number]

    scene.hear(privacy.on_erasure_confirmed, ErasureConfirmed(request_id=ids.number(ids.PRIVACY, 1), email=EMAIL))

    for asked in ("lovelace", EMAIL, "79460018"):
        assert found(scene, q=asked) == [], asked
    assert found(scene, q=number) == [number]
    kept = scene.do(lambda work: set(work.session.scalars(sa.select(tables.search_words.c.word))))
    assert kept == {*terms(number), "erased"}


def test_what_older_code_left_is_mended(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code without a search places one order, and erases another, during an update."""
    placed, erased = scene.place(("MUG", 1)), scene.place(("MUG", 1))
    words = tables.search_words
    with clock.shifted(timedelta(hours=26)):
        scene.do(placing.expire_unpaid, placed)
        scene.do(placing.expire_unpaid, erased)
    before = scene.do(lambda work: work.session.execute(sa.select(words).where(words.c.subject == erased)).all())
    scene.hear(privacy.on_erasure_confirmed, ErasureConfirmed(request_id=ids.number(ids.PRIVACY, 1), email=EMAIL))
    scene.do(lambda work: work.session.execute(sa.delete(words)) and None)
    scene.do(lambda work: work.session.execute(sa.insert(words), [row._asdict() for row in before]) and None)
    assert found(scene, q="lovelace") == [erased], "as older code would leave it"

    monkeypatch.setattr(Found.mend, "__defaults__", (1,))  # a page is one order
    OrdersService.mend_search(cast(Any, SimpleNamespace(transaction=partial(scene.store.work, Work))))

    assert scene.do(lambda work: work.found.mend()) == 0
    assert found(scene, q="lovelace") == []
    assert (found(scene, q=placed), found(scene, q=erased)) == ([placed], [erased])
