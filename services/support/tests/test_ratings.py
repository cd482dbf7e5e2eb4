"""Ratings by the links of a mail: asked for once, given once, and never by a look (standard, section 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.common.basics.errors import ServiceError
from services.common.edge.tokens import RatingClaims, rating_token, read_rating
from services.common.testing import customer
from services.support.adapters.mail.html import html
from services.support.adapters.mail.letter import SCORES, letter
from services.support.adapters.mail.tickets import rating_asked
from services.support.api import Category
from services.support.api.ratings import RateByLink
from services.support.domain import Link
from services.support.handlers import mailing, merging, rating, tickets, writing
from services.support.tests.builders import ADA, DAY, HOUR, NOW, SETTINGS, TICKET_NUMBER
from services.support.tests.scene import GRACE, LENA, Scene, a_scene

ANSWER = "The shirt is made of cotton, all of it."


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as made:
        yield made


def link(number: str, score: int = 5, cycle: int = 1) -> str:
    return rating_token(SETTINGS.secret, RatingClaims(number, cycle, score))


def looked(scene: Scene, token: str) -> tuple[str, int | None]:
    with scene.work(reading=True) as work:
        found = rating.get_rating_link(work, token)
    return found["state"].value, found["rated"]


def rated(scene: Scene, token: str, **more: Any) -> Any:
    """Return the score that is kept, or the code of the refusal."""
    try:
        with scene.work() as work:
            return rating.rate_by_link(work, RateByLink(token, **more))["score"]
    except ServiceError as refused:
        return refused.code


def asked(scene: Scene, at: Any) -> list[str]:
    """Return the links of the mail that asks for a rating, if one is due."""
    letters: list[str] = []

    def post(*parts: Any, **more: Any) -> None:
        letters.append(parts[3])

    with scene.work(at=at) as work:
        due = work.notifications.claim_due(limit=100)
        for each in due:
            mailing.send(each, SETTINGS, post, at)
    return re.findall(r"/rating/(\S+)", "".join(letters))


def test_a_link_opened_by_anybody_stores_nothing(scene: Scene) -> None:
    number = scene.resolved()
    for score in SCORES:
        assert looked(scene, link(number, score)) == ("open", None)

    assert rated(scene, link(number, 4), comment="Quick.") == 4

    assert looked(scene, link(number, 1)) == ("rated", 4)
    for again in (link(number, 4), link(number, 1)):
        assert rated(scene, again) == "already_rated"
    assert scene.seen(GRACE, number)["rating"] == {
        "score": 4,
        "comment": "Quick.",
        "rated_at": "2026-03-02T02:00:00Z",
    }


def test_another_score_can_be_chosen_on_the_page(scene: Scene) -> None:
    number = scene.resolved()

    assert rated(scene, link(number, 5), score=2) == 2

    def shown() -> list[int | None]:
        return [each.get("score") for each in scene.listed()]

    assert shown() == [2]
    scene.does(customer(ADA), writing.reopen_ticket, number)
    assert shown() == [2]  # nothing else has ended since
    scene.does(GRACE, writing.post_message, number, body=f"{ANSWER} Truly.")
    scene.does(GRACE, tickets.resolve_ticket, number, code="solved")
    assert shown() == [None]


def test_what_is_taken_up_again_is_not_rated_by_old_links(scene: Scene) -> None:
    number = scene.resolved()
    scene.does(customer(ADA), writing.reopen_ticket, number)
    assert (looked(scene, link(number)), rated(scene, link(number))) == (("over", None), "rating_link_over")
    assert asked(scene, NOW + 2 * HOUR) == []

    scene.does(GRACE, writing.post_message, number, body=f"{ANSWER} Truly.")
    scene.does(GRACE, tickets.resolve_ticket, number, code="solved")

    assert rated(scene, link(number)) == "rating_link_over"
    assert rated(scene, link(number, 3, cycle=2)) == 3


def test_no_rating_is_asked_of_refusals_spam_and_merges(scene: Scene) -> None:
    declined, _ = scene.opened()
    scene.does(GRACE, writing.post_message, declined, body=ANSWER)
    scene.does(LENA, tickets.resolve_ticket, declined, code="declined", note="We do not make it in wool.")
    spam = scene.resolved(subject="Buy now")
    scene.does(LENA, tickets.mark_spam, spam, reason="an advertisement")

    merged, (other, _) = scene.resolved(subject="Is it cotton, please?"), scene.opened(subject="Is it wool?")
    scene.does(GRACE, merging.merge_ticket, merged, into=other, reason="the same question twice")

    assert asked(scene, NOW + 2 * HOUR) == []
    for number in (declined, spam, merged):
        assert (looked(scene, link(number)), rated(scene, link(number))) == (("not_asked", None), "not_ratable")


@pytest.mark.parametrize("category", [Category.PRODUCT, Category.COMPLAINT])
def test_each_score_is_asked_for_an_hour_after_the_end(scene: Scene, category: Category) -> None:
    number = scene.resolved(category=category)
    assert asked(scene, NOW) == []

    links = asked(scene, NOW + HOUR)

    assert [read_rating(SETTINGS.secrets, each) for each in links] == [RatingClaims(number, 1, s) for s in SCORES]


def test_what_was_rated_before_is_not_asked_for(scene: Scene) -> None:
    number = scene.resolved()
    scene.does(customer(ADA), rating.rate_ticket, number, score=5)

    assert asked(scene, NOW + 2 * HOUR) == []


def test_a_later_end_asks_in_its_own_mail(scene: Scene) -> None:
    number, _ = scene.opened()
    scene.does(GRACE, writing.post_message, number, body=ANSWER)
    scene.does(GRACE, tickets.resolve_ticket, number, at=NOW + DAY, code="solved")

    assert len(asked(scene, NOW + DAY)) == len(SCORES)


@pytest.mark.parametrize("how", ["merged", "spam"])
def test_what_comes_back_as_solved_is_asked_for_again(scene: Scene, how: str) -> None:
    number, (other, _) = scene.resolved(subject="Is it cotton, please?"), scene.opened(subject="Is it wool?")
    if how == "merged":
        scene.does(GRACE, merging.merge_ticket, number, into=other, reason="the same question twice")
        scene.does(GRACE, merging.unmerge_ticket, number, at=NOW + HOUR, reason="it is another one")
    else:
        scene.does(LENA, tickets.mark_spam, number, reason="an advertisement")
        scene.does(GRACE, tickets.restore_ticket, number, at=NOW + HOUR, reason="it is none")

    links = asked(scene, NOW + 2 * HOUR)

    assert [rated(scene, each) for each in links[:1]] == [next(iter(SCORES))]


@pytest.mark.pure
def test_a_forged_link_is_read_as_none() -> None:
    good = link(TICKET_NUMBER, 5)

    assert read_rating(SETTINGS.secrets, good) == RatingClaims(TICKET_NUMBER, 1, 5)
    for forged in (good.replace(".1.5.", ".1.4."), good.replace(".1.5.", ".2.5."), good[:-1], f"{good}0", "", "rat_"):
        assert read_rating(SETTINGS.secrets, forged) is None
    assert read_rating(("another secret of this shop",), good) is None


@pytest.mark.pure
def test_the_scores_are_buttons_of_the_letter() -> None:
    links = {score: f"https://shop.example/rating/rat_{score}" for score in SCORES}
    text = letter(rating_asked(TICKET_NUMBER).text, Link.RATING, "https://shop.example/tickets/1", "Ada", links)

    page = html("How did we do?", text)

    assert re.findall(r'class="score" href="([^"]+)"', page) == list(links.values())
    assert page.count('class="go"') == 1


@pytest.mark.parametrize("where", ["no such ticket", "forged"])
def test_an_unknown_link_is_refused(scene: Scene, where: str) -> None:
    token = link(TICKET_NUMBER) if where == "no such ticket" else f"{link(TICKET_NUMBER)[:-1]}!"

    assert rated(scene, token) == "rating_link_unknown"
    with pytest.raises(ServiceError, match="not one of ours"):
        partial(looked, scene, token)()
