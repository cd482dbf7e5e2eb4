"""What answers rest on: found when they are written, kept with them, told to the customer, missed by leads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.shapes import PageQuery
from services.common.testing import customer
from services.support.api import Category
from services.support.api.articles import ArticleTopic, PublishArticle, SaveArticle
from services.support.api.basis import ArticleWithdrawn, UnknownBasis
from services.support.handlers import articles, basis, tickets, verifying, writing
from services.support.tests.builders import ADA
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

DYE = "which-dye"
ANSWER = "It is indigo, of the maker in Porto."
ASKED: dict[str, Any] = {"question": "Which dye is in the shirt?", "known": "two makers"}
ARTICLE = {"kind": "article", "slug": DYE}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        writes(made, "It is indigo, and nothing else.")
        yield made


def writes(scene: Scene, body: str, *, published: bool = True) -> None:
    """Have Grace write a version of the article, and Lena publish it."""
    with scene.work(GRACE) as work:
        articles.put_article(work, DYE, SaveArticle("Which dye is it?", "Indigo.", body, ArticleTopic.MATERIALS))
    if published:
        with scene.work(LENA) as work:
            articles.publish_article(work, DYE, PublishArticle())


def answers(scene: Scene, number: str, body: str = ANSWER, **more: Any) -> Any:
    return scene.does(GRACE, writing.post_message, number, body=body, **more)


def without_basis(scene: Scene) -> list[str]:
    with scene.work(LENA, reading=True) as work:
        return [each["body"] for each in basis.list_without_basis(work, PageQuery())["items"]]


def test_an_answer_keeps_the_version_that_it_rests_on(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))

    answers(scene, number, basis=[ARTICLE, ARTICLE, {"kind": "product", "sku": "MUG", "version": 7}])
    before = scene.seen(customer(ADA), number)["messages"][-1]["basis"]
    writes(scene, "It is indigo, or woad.")

    cited = {"kind": "article", "slug": DYE, "version": 1, "title": "Which dye is it?"}
    product = {"kind": "product", "sku": "MUG", "version": 7}
    assert before == [{**cited, "changed": False}, product]
    assert scene.seen(customer(ADA), number)["messages"][-1]["basis"] == [{**cited, "changed": True}, product]
    (letter,) = (item.text for item in scene.owed() if ANSWER in item.text)
    for line in (
        "Based on:", f"Which dye is it?: http://127.0.0.1:8000/help/{DYE}?version=1",
        "What we know of the product MUG: http://127.0.0.1:8000/help/products/MUG?version=7",
    ):  # fmt: skip
        assert line in letter.splitlines()
    with scene.work(reading=True) as work:
        told = work.tickets.timeline(number, public_only=True)[-1]["body"]
        assert told["basis"] == [f"article {DYE} 1", "product MUG 7"]
        assert basis.get_article_at(work, DYE, "1")["body"] == "It is indigo, and nothing else."


@pytest.mark.parametrize(
    "cited",
    [
        {"kind": "article", "slug": "no-such-article"},
        {"kind": "article", "slug": DYE, "version": 2},  # a draft that no customer has read
        {"kind": "article", "slug": DYE, "version": 9},
        {"kind": "product", "sku": "MUG"},  # whose version the catalogue did not say
    ],
)
def test_what_customers_cannot_read_is_no_basis(scene: Scene, cited: dict[str, object]) -> None:
    number, _ = scene.opened(customer(ADA))
    writes(scene, "It is woad, perhaps.", published=False)

    with pytest.raises(UnknownBasis):
        answers(scene, number, basis=[cited])
    with pytest.raises(UnknownBasis):
        scene.does(GRACE, verifying.verify_ticket, number, **ASKED, basis=[cited])

    assert len(scene.seen(GRACE, number)["messages"]) == 1


def test_a_withdrawn_article_is_no_basis_and_not_shown(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    answers(scene, number, basis=[ARTICLE])
    with scene.work(LENA) as work:
        articles.withdraw_article(work, DYE)

    with pytest.raises(UnknownBasis):
        answers(scene, number, "It is indigo, as we have said.", basis=[ARTICLE])
    with scene.work(reading=True) as work, pytest.raises(ArticleWithdrawn):
        basis.get_article_at(work, DYE, "1")
    assert scene.seen(customer(ADA), number)["messages"][-1]["basis"][0]["changed"] is True


def test_a_draft_takes_its_basis_along_to_the_customer(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    found = scene.does(
        GRACE, verifying.verify_ticket, number, question="Which dye is in the shirt?", known="two makers"
    )
    drafted = scene.does(GRACE, verifying.draft_answer, found["id"], draft=ANSWER, basis=[ARTICLE])

    scene.does(LENA, verifying.decide_verification, found["id"], decision="approve", text=f"{ANSWER} We are sorry.")

    assert [each["version"] for each in drafted["basis"]] == [1]
    assert [each["slug"] for each in scene.seen(customer(ADA), number)["messages"][-1]["basis"]] == [DYE]
    assert any("Based on:" in item.text for item in scene.owed() if "second person" in item.text)
    assert without_basis(scene) == []


def test_leads_see_answers_before_buying_that_rest_on_nothing(scene: Scene) -> None:
    number, _ = scene.opened(customer(ADA))
    other, _ = scene.opened(customer(ADA), category=Category.COMPLAINT)
    answers(scene, number, "Which one of the two shirts do you mean?", status="waiting_customer")
    scene.does(GRACE, writing.post_message, number, body="ask the maker", internal=True)
    answers(scene, other, "We are sorry, and look for your parcel.")
    answers(scene, number, basis=[ARTICLE])

    assert without_basis(scene) == []
    answers(scene, number, "The shirt is made of cotton, I think.")

    assert without_basis(scene) == ["The shirt is made of cotton, I think."]
    scene.does(GRACE, tickets.amend_ticket, number, category="logistics")
    assert without_basis(scene) == []
