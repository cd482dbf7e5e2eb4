"""What exists for speed alone is not needed: an order goes its whole way without each piece, and without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.basics import speed
from services.common.basics.caller import ADMIN, WAREHOUSE
from services.common.basics.speed import PIECES, Piece
from services.common.runtime.config import ConfigError, Settings
from services.common.testing import distributed, eventually, guest, holder, running, staff
from services.logistics.service import LogisticsService
from services.orders.service import OrdersService
from services.orders.tests.builders import a_webhook, order_form

MUG = {"title": "A mug", "price": {"amount": "12.50", "currency": "USD"}, "parameters": {"Glaze": "blue"}}
ON_SERVERS = {Piece.FRAMES, Piece.STATEMENTS, Piece.PREPARED, Piece.DIRECT}
"""Pieces that only RabbitMQ or PostgreSQL make a difference to."""


TOGETHER = ([Piece.FRAMES, Piece.PREPARED], [Piece.JOURNAL, Piece.DIRECT])
"""Pieces that stand so far apart that one run can do without both."""
ALONE = [[piece] for piece in Piece if not any(piece in those for those in TOGETHER)]


@pytest.mark.parametrize("without", [*ALONE, *TOGETHER, [*Piece]], ids=" ".join)
def test_an_order_goes_its_way_without_it(without: list[Piece], tmp_path: Path) -> None:
    if not distributed() and {*without} <= ON_SERVERS:
        pytest.skip("makes no difference without servers")
    with speed.without(*without), running(OrdersService, LogisticsService, folder=tmp_path) as platform:
        platform.call("orders", "put_product", "MUG", MUG, caller=staff(ADMIN))
        platform.call("orders", "adjust_stock", "MUG", {"delta": 3, "reason": "counted"}, caller=staff(ADMIN))
        placed = platform.call("orders", "place_order", order_form(("MUG", 2)), caller=guest())
        number, owner = placed["number"], holder(f"order:{placed['number']}")
        payment = platform.call("orders", "start_payment", number, {}, caller=owner)["payment_id"]
        facts = {"payment_id": payment, "amount_cents": 2500, "currency": "USD", "reference": "p.1"}
        webhook = ("sandbox", *a_webhook("payment.captured", **facts))
        for _ in range(2):  # the bank says it twice
            platform.call("orders", "receive_payment_webhook", *webhook, caller=guest())

        def shipments() -> int:
            asked = {"order_number": number}
            return len(platform.call("logistics", "list_shipments", asked, caller=staff(WAREHOUSE))["items"])

        assert eventually(shipments) == 1
        assert platform.call("orders", "get_order", number, caller=owner)["payment"]["status"] == "captured"
        assert not platform.dead_letters("orders") + platform.dead_letters("logistics")


def test_each_piece_says_what_it_gains() -> None:
    assert {*PIECES} == {*Piece}


@pytest.mark.parametrize("plain", ["", *Piece, "frames memory", " ".join(Piece)])
def test_pieces_are_switched_off_by_name(plain: str) -> None:
    with speed.without(*Settings.load({"PLEDGE_PLAIN": plain}).plain.split()):
        assert {piece for piece in Piece if not speed.is_on(piece)} == {*plain.split()}


@pytest.mark.parametrize("plain", ["warp", "frames,memory", "framesmemory", "frames memory ", "FRAMES", " "])
def test_a_name_of_no_piece_is_refused(plain: str) -> None:
    with pytest.raises(ConfigError, match="PLEDGE_PLAIN"):
        Settings.load({"PLEDGE_PLAIN": plain})
