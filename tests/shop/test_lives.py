"""In development, parcels of the simulated carrier live by themselves, told by signed webhook at the front door."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from services.common.testing import eventually
from tests.shop.conftest import Json, Shop, order_form, started

DAY_SECONDS = "1"
ENDS = {
    "delivered": "delivered",
    "customs": "delivered",
    "pick-up": "delivered",
    "returned": "returned",
    "lost": "lost",
    "late": "in_transit",
}


@contextmanager
def living(folder: Path, day: str) -> Iterator[Shop]:
    """Run a shop whose simulated carrier finds it. day: how many seconds one of the carrier's takes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"127.0.0.1:{free.getsockname()[1]}"
    names = {"PLEDGE_HTTP_ADDRESS": url, "PLEDGE_PUBLIC_URL": f"http://{url}", "PLEDGE_SIMULATOR_LIFE": day}
    with started(folder, **names) as found:
        yield found


def sent(shop: Shop, life: str) -> Json:
    """Hand over an order whose address wishes for a life."""
    form = order_form(("LIFE", 1))
    form["delivery"]["line2"] = f"simulate: {life}"
    placed: Json = shop.ask("POST", "/orders", json=form).json()
    shop.pay(placed)
    number = eventually(lambda: shop.show(placed)["shipments"])[0]["number"]
    parcels = {"parcels": [{"carrier": "simulator", "tracking_number": f"SIM-{life}-{placed['number']}"}]}
    for step, told in (("sorted", {}), ("packed", {}), ("dispatched", parcels)):
        assert shop.ask("POST", f"/shipments/{number}/{step}", role="warehouse", json=told).ok
    return placed


def parcel_of(shop: Shop, placed: Json) -> Any:
    path = f"/orders/{placed['number']}/tracking"
    return shop.ask("GET", path, token=placed["access_token"]).json()["shipments"][0]["parcels"][0]


def arrives(shop: Shop, placed: Json, status: str) -> Any:
    """Wait until a parcel has that status. Return it."""
    return eventually(lambda: found if (found := parcel_of(shop, placed))["status"] == status else None, seconds=60)


def test_parcels_live_by_themselves(tmp_path: Path) -> None:
    """Each wish leads where it says."""
    with living(tmp_path, DAY_SECONDS) as shop:
        shop.stocked("LIFE", len(ENDS))
        lives = {name: sent(shop, name) for name in ENDS}
        found = {name: arrives(shop, placed, ENDS[name]) for name, placed in lives.items()}

    said = {name: [event["status"] for event in parcel["events"]] for name, parcel in found.items()}
    assert "customs_hold" in said["customs"]
    assert said["pick-up"][-2:] == ["available_for_pickup", "delivered"]
    assert said["returned"][-3:] == ["attempt_failed", "returning", "returned"]
    usual = ["label_created", "in_transit", "customs", "in_transit", "out_for_delivery", "delivered"]
    assert said["delivered"] == usual


def test_a_parcel_that_was_moved_by_hand_skips(tmp_path: Path) -> None:
    """What it would have said until then is said no more, and nothing follows on an end."""
    with living(tmp_path, DAY_SECONDS) as shop:
        shop.stocked("LIFE", 2)
        placed = sent(shop, "returned")
        by_hand = {"tracking_number": parcel_of(shop, placed)["tracking_number"], "move": "delivered"}
        moved = requests.post(f"{shop.url}/sandbox/carrier/scans", json=by_hand, timeout=30)
        arrives(shop, placed, "delivered")
        arrives(shop, sent(shop, "delivered"), "delivered")  # the first would have been at customs by now

        said = [event["status"] for event in parcel_of(shop, placed)["events"]]

    assert moved.status_code == 202
    assert said[-1] == "delivered"
    assert "customs" not in said
