"""Reports: what happened is counted once, by category, team, person and week (standard, section 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from services.common.basics.api import Period
from services.common.testing import customer, guest
from services.support.api import Category
from services.support.api.articles import ArticleTopic, GiveFeedback, Place, PublishArticle, SaveArticle
from services.support.api.reports import ReportOf
from services.support.api.teams import ALL_AGENTS
from services.support.domain.reports import Cell, FactKind, hours_for, rejections, satisfaction, times, week_of
from services.support.handlers import articles, rating, reports, splitting, tickets, writing
from services.support.tests.builders import ADA, DAY, HOUR, NOW
from services.support.tests.scene import GRACE, LENA, Scene
from services.support.tests.test_teams import refusal, scene, team

__all__ = ["scene"]
ANSWER = "The shirt is made of cotton, all of it."
WEEK = "2026-03-02"


def report(scene: Scene, which: Any, since: Any = NOW, until: Any = NOW + 9 * DAY, **of: Any) -> dict[Any, Any]:
    """Return the rows of a report by what they are about."""
    wanted = Period(since, until) if which is reports.report_deflection else ReportOf(since, until, **of)
    with scene.work(LENA, reading=True) as work:
        found = which(work, wanted)
    return {(each["by"].value, each["name"]): each for each in found["items"]}


def answered(scene: Scene, hours: int, caller: Any = GRACE, **form: Any) -> str:
    number: str = scene.opened(**form)[0]
    scene.does(caller, writing.post_message, number, NOW + hours * HOUR, body=ANSWER)
    return number


def test_what_was_rated_and_refused_is_reported(scene: Scene) -> None:
    team(scene, "returns", ("bob",), "aftersales")
    for score, category in ((5, Category.PRODUCT), (2, Category.AFTERSALES)):
        number = answered(scene, 3, category=category)
        scene.does(GRACE, tickets.resolve_ticket, number, NOW + 5 * HOUR, code="solved")
        scene.does(customer(ADA), rating.rate_ticket, number, NOW + 6 * HOUR, score=score)
    number = answered(scene, 30)
    declined = {"code": "declined", "ground": "not_offered", "note": "We have none of wool."}
    scene.does(LENA, tickets.resolve_ticket, number, NOW + 31 * HOUR, **declined)
    scene.does(customer(ADA), writing.reopen_ticket, number, NOW + 32 * HOUR)
    spam, _ = scene.opened()
    scene.does(GRACE, tickets.mark_spam, spam, NOW + 8 * DAY, reason="an advertisement")

    found = report(scene, reports.report_satisfaction)
    assert found["all", None] == {
        "by": "all", "name": None, "ended": 2, "rated": 2, "average": 3.5, "satisfied": 1, "low": 1,
    }  # fmt: skip
    assert found["team", "returns"]["average"] == found["category", "aftersales"]["average"] == 2.0
    assert found["person", GRACE.email]["rated"] == 2
    assert report(scene, reports.report_satisfaction, team="returns")["week", WEEK]["average"] == 2.0
    assert report(scene, reports.report_satisfaction, team=ALL_AGENTS)["all", None]["average"] == 5.0
    assert report(scene, reports.report_satisfaction, category=Category.PRODUCT)["all", None]["average"] == 5.0
    assert report(scene, reports.report_satisfaction, since=NOW + 2 * DAY)["all", None]["average"] is None

    refused = report(scene, reports.report_rejections)
    assert refused["all", None] == {
        "by": "all", "name": None, "ended": 4, "rejected": 2, "share": 0.5, "declined": 1, "duplicate": 0, "spam": 1,
        "taken_up": 1,
    }  # fmt: skip
    assert refused["person", LENA.email]["declined"] == refused["person", GRACE.email]["spam"] == 1
    assert refused["week", "2026-03-09"]["spam"] == 1
    assert refused["ground", "not_offered"] == {
        "by": "ground", "name": "not_offered", "ended": 4, "rejected": 1, "share": 0.25, "declined": 1, "duplicate": 0,
        "spam": 0, "taken_up": 1,
    }  # fmt: skip
    assert [name for by, name in refused if by == "ground"] == ["not_offered"]

    soon = report(scene, reports.report_times)["all", None]
    assert (soon["answered"], soon["answer_half"], soon["answer_most"]) == (3, 4, 36)
    assert (soon["ended"], soon["end_half"], soon["end_most"]) == (3, 8, 36)


def test_a_second_end_is_counted_from_when_it_was_taken_up(scene: Scene) -> None:
    number = answered(scene, 1)
    scene.does(GRACE, tickets.resolve_ticket, number, NOW + 2 * HOUR, code="solved")
    scene.does(customer(ADA), writing.reopen_ticket, number, NOW + 2 * DAY)
    scene.does(GRACE, writing.post_message, number, NOW + 2 * DAY + HOUR, body=f"{ANSWER} Truly.")
    scene.does(GRACE, tickets.resolve_ticket, number, NOW + 2 * DAY + 2 * HOUR, code="solved")

    soon = report(scene, reports.report_times)["all", None]

    assert (soon["answered"], soon["ended"], soon["end_most"]) == (1, 2, 2)


def test_spam_that_was_none_is_marked_as_given_back(scene: Scene) -> None:
    number, _ = scene.opened()
    for hour in (1, 3):
        scene.does(GRACE, tickets.mark_spam, number, NOW + hour * HOUR, reason="an advertisement")
        scene.does(GRACE, tickets.restore_ticket, number, NOW + (hour + 1) * HOUR, reason="it is a question")
    assert report(scene, reports.report_rejections)["all", None]["taken_up"] == 1

    scene.does(GRACE, tickets.mark_spam, number, NOW + 5 * HOUR, reason="it is one after all")

    row = report(scene, reports.report_rejections)["all", None]
    assert (row["ended"], row["spam"], row["taken_up"]) == (1, 1, 0)


def test_what_an_article_answered_is_reported(scene: Scene) -> None:
    slug = "washing"
    text = SaveArticle("How do I wash it?", "At 40 degrees.", "Wash it at 40 degrees, inside out.", ArticleTopic.USAGE)
    with scene.work(GRACE) as work:
        articles.put_article(work, slug, text)
    with scene.work(LENA) as work:
        articles.publish_article(work, slug, PublishArticle())
    for helpful, place in ((True, Place.CONTACT), (True, Place.HELP), (False, Place.CONTACT)):
        with scene.work() as work:
            articles.give_feedback(work, slug, GiveFeedback(helpful, place=place))
    for _ in range(3):
        scene.opened()
        with scene.work(replace(guest(), idempotency_key="this visit")) as work:
            articles.give_feedback(work, slug, GiveFeedback(helpful=True, place=Place.CONTACT))

    number, _ = scene.opened()
    scene.does(customer(ADA), writing.post_message, number, body="And how do I dry it?")
    scene.does(GRACE, splitting.split_ticket, number, positions=[2], subject="Drying")  # asked once

    found = report(scene, reports.report_deflection)

    assert found["all", None] == {"by": "all", "name": None, "deflected": 2, "asked": 4, "share": 0.3333}
    assert found["article", slug]["deflected"] == 2


def test_a_report_is_bounded(scene: Scene) -> None:
    for until in (NOW, NOW - DAY, NOW + 400 * DAY):
        assert refusal(partial(report, scene, reports.report_times, until=until)) == "period_not_good"
    assert refusal(partial(report, scene, reports.report_times, team="nobody")) == "unknown_team"
    last = datetime.max.replace(tzinfo=UTC)
    assert report(scene, reports.report_times, last - DAY, last)["all", None]["ended"] == 0


@pytest.mark.pure
def test_hours_are_true_of_the_share_that_they_name() -> None:
    cells = [Cell("answered", 5, within=1), Cell("answered", 4, within=24), Cell("answered", 1, within=8784)]

    assert [hours_for(share, cells) for share in (0.5, 0.51, 0.9, 0.91)] == [1, 24, 24, 8784]
    assert hours_for(0.5, [Cell("ended", 3)]) is None
    assert week_of(NOW.date()) == week_of((NOW + 6 * DAY).date()) == WEEK != week_of((NOW + 7 * DAY).date())


@pytest.mark.pure
def test_reports_of_nothing_have_one_row() -> None:
    for rows in (satisfaction([], []), times([], []), rejections([], [])):
        (row,) = rows
        assert (row["by"], row["name"]) == ("all", None)
    assert {each.value for each in FactKind} == {"opened", "answered", "ended", "rated", "deflected"}
