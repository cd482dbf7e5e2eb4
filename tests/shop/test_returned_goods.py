"""Goods that came back are on the shelf again, or counted apart; each piece once, however often it is told."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.testing import eventually
from tests.shop.conftest import Json, Shop

RETURN = "RET-7K3M-9Q2X-C"


def dispose(shop: Shop, *units: tuple[str, int, str], event_id: str | None = None, seq: int = 1) -> str:
    body: dict[str, Any] = {
        "order_number": "ORD-7T57-871Q-M", "number": RETURN,
        "units": [{"sku": sku, "quantity": count, "disposition": what} for sku, count, what in units],
    }  # fmt: skip
    return shop.platform.publish(
        "aftersales", "return_disposed", body, subject=RETURN, subject_seq=seq, event_id=event_id
    )


def handled(shop: Shop, event_id: str) -> bool:
    with shop.platform.store("orders").engine.connect() as connection:
        query = "SELECT count(*) FROM inbox WHERE event_id = ? AND done_at IS NOT NULL"
        return bool(connection.exec_driver_sql(query.replace("?", f"'{event_id}'")).scalar())


def test_restocked_pieces_sell_and_scrapped_ones_are_counted(shop: Shop) -> None:
    shop.stocked("BACK", 1)

    event_id = dispose(shop, ("BACK", 2, "restock"), ("BACK", 1, "scrap"))
    eventually(lambda: handled(shop, event_id))
    dispose(shop, ("BACK", 2, "restock"), ("BACK", 1, "scrap"), event_id=event_id)
    marker = dispose(shop, ("BACK", 1, "scrap"), seq=2)
    eventually(lambda: handled(shop, marker))

    found = shop.stock("BACK")
    assert (found["on_hand"], found["scrapped"], found["available"]) == (3, 2, 3)
    moves = [(move["cause"], move["on_hand_delta"]) for move in found["items"] if move["reference"] == RETURN]
    assert sorted(moves) == [("restocked", 2), *[("returned", 1)] * 2, *[("scrapped", -1)] * 2]
    assert sum(move["on_hand_delta"] for move in found["items"]) == 3


def test_restocked_pieces_end_the_wait_for_missing_ones(shop: Shop) -> None:
    shop.stocked("WAIT", 2)
    placed = shop.paid(("WAIT", 2))
    shop.adjust("WAIT", -1)
    eventually(lambda: asked(shop, placed) == ["awaiting_customer"])

    dispose(shop, ("WAIT", 1, "restock"))

    eventually(lambda: asked(shop, placed) == ["withdrawn"])


def test_what_is_no_disposition_is_parked_for_a_person(shop: Shop) -> None:
    shop.stocked("ODD", 1)

    event_id = dispose(shop, ("NO-SUCH-SKU", 1, "restock"), ("ODD", 1, "restock"))

    eventually(lambda: tried(shop, event_id))
    assert shop.stock("ODD")["on_hand"] == 1


def tried(shop: Shop, event_id: str) -> bool:
    with shop.platform.store("orders").engine.connect() as connection:
        query = f"SELECT attempts FROM inbox WHERE event_id = '{event_id}'"  # noqa: S608
        return bool(connection.exec_driver_sql(query).scalar())


def asked(shop: Shop, placed: Json) -> list[str]:
    return [change["status"] for change in shop.show(placed)["changes"]]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["restock", "scrap"])), min_size=1, max_size=4))
def test_the_ledger_adds_up_whatever_comes_back(shop: Shop, units: list[tuple[int, str]]) -> None:
    sku = "SUMS"
    shop.stocked(sku, 0)
    before = shop.stock(sku)

    event_id = dispose(shop, *((sku, count, what) for count, what in units))
    eventually(lambda: handled(shop, event_id))

    after = shop.stock(sku)
    assert after["on_hand"] - before["on_hand"] == sum(count for count, what in units if what == "restock")
    assert after["scrapped"] - before["scrapped"] == sum(count for count, what in units if what == "scrap")
