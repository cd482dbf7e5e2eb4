"""A shop of its own: how long and how much unpaid orders hold is for the operator to say."""

from __future__ import annotations

from pathlib import Path

from tests.shop.conftest import started


def test_minutes_and_pieces_are_settings(tmp_path: Path) -> None:
    with started(tmp_path, PLEDGE_HOLD_MINUTES="2", PLEDGE_HOLD_PIECES="1") as shop:
        shop.stocked("MUG", 5)
        assert shop.order(("MUG", 2)).json()["most"] == 1
        placed = shop.order(("MUG", 1)).json()
        with shop.later(3):
            shop.until(placed, lambda order: order["status"] == "expired")
