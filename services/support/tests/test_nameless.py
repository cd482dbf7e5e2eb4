"""Nothing that is made public of a conversation names a person."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.testing import event_like
from services.orders.api.events import OrderPlaced
from services.support.domain.nameless import LEFT_OUT, without_personal_data
from services.support.handlers import articles, following, tickets, writing
from services.support.tests.builders import ORDER_NUMBER, an_event, message_of
from services.support.tests.scene import GRACE, Scene, a_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


@pytest.mark.pure
@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("王小明", "我是王小明，我要退货", f"我是{LEFT_OUT}，我要退货"),
        ("王小明", "小明要退货", f"{LEFT_OUT}要退货"),
        ("王小明", "王先生要退货，王 小明", f"{LEFT_OUT}要退货，{LEFT_OUT}"),
        ("王 小明", "请寄给王小明。", f"请寄给{LEFT_OUT}。"),
        ("欧阳娜娜", "娜娜，欧阳女士", f"{LEFT_OUT}，{LEFT_OUT}"),
        ("山田 太郎", "太郎さんの荷物", f"{LEFT_OUT}さんの荷物"),
        ("김철수", "철수입니다", f"{LEFT_OUT}입니다"),
        ("สมชาย ใจดี", "พัสดุของสมชาย", f"พัสดุของ{LEFT_OUT}"),
        ("José García", "Jose Garcia asks, JOSÉ asks", f"{LEFT_OUT} {LEFT_OUT} asks, {LEFT_OUT} asks"),
        ("Jose Garcia", "Ask José’s wife", f"Ask {LEFT_OUT}’s wife"),
        ("Jürgen Groß", "Juergen GROSS and Jurgen", f"{LEFT_OUT} {LEFT_OUT} and {LEFT_OUT}"),
        ("Juergen", "Jürgen asks", f"{LEFT_OUT} asks"),
        ("Siobhán O’Brien", "O'Brien and Brien and siobhan", f"{LEFT_OUT} and {LEFT_OUT} and {LEFT_OUT}"),
        ("Anna-Lena Łoś", "Lena Los, Anna-Lena", f"{LEFT_OUT} {LEFT_OUT}, {LEFT_OUT}"),
        ("Дмитрий Сёмин", "Дмитрий СЕМИН", f"{LEFT_OUT} {LEFT_OUT}"),
        ("ada.lovelace99", "Lovelace asks", f"{LEFT_OUT} asks"),
        ("Ana Li", "The analysis of the list is liable", "The analysis of the list is liable"),
        ("王明", "明天发货", "明天发货"),
    ],
)
def test_names_are_left_out_however_they_are_written(name: str, text: str, left: str) -> None:
    for form in ("NFC", "NFD"):
        said, count = without_personal_data(unicodedata.normalize(form, text), name)

        assert said == unicodedata.normalize("NFC", left)
        assert count == left.count(LEFT_OUT)


@pytest.mark.pure
@given(st.text("aeéèöüßłñÅ’-", min_size=2, max_size=8).filter(lambda name: name.strip("’-")), st.booleans())
def test_any_name_is_left_out_in_any_case(name: str, upper: bool) -> None:
    typed = name.upper() if upper else name

    said, _ = without_personal_data(f"We told {typed} today.", name)

    letters = [part for part in name.replace("’", "-").split("-") if len(part) > 1]
    assert not any(part in said.split() or part.upper() in said.split() for part in letters)


def test_who_gets_the_parcel_is_left_out_of_a_proposal(scene: Scene) -> None:
    placed = an_event(OrderPlaced)
    delivery = {**vars(placed.delivery), "name": "Zoë Brontë"}
    event = event_like(OrderPlaced, {"order_number": ORDER_NUMBER, "delivery": delivery})
    with scene.work() as work:
        following.on_order_placed(work, event, message_of(event, source="orders"))
    number, _ = scene.opened(name="José", message="My sister Zoe waits.", order_number=ORDER_NUMBER)
    scene.does(GRACE, writing.post_message, number, body="We send it to Bronte, dear Jose, by post.")
    scene.does(GRACE, tickets.resolve_ticket, number, code="answered")

    with scene.work(GRACE, reading=True) as work:
        body = articles.propose_article(work, number)["body"]

    assert body.startswith(f"> My sister {LEFT_OUT} waits.")
    assert f"to {LEFT_OUT}, dear {LEFT_OUT}, by post." in body
