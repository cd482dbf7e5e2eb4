"""How satisfied customers are, how soon they are answered, what was refused, and what needed no person: for leads
(standard, section 6: improve the service all the time).

A report is a list of rows of one shape: for all, and by category, team, person, week or article. The person is who
answered, ended or refused; a row without a name is what ended by itself. No customer is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypedDict

from services.common.basics.api import Api, Period, PeriodNotGood, query
from services.common.basics.caller import LEAD
from services.common.basics.shapes import Example, Length, Note, Timestamp
from services.support.api.statuses import Category
from services.support.api.teams import UnknownTeam


class By(StrEnum):
    """What a row of a report is about."""

    ALL = "all"
    CATEGORY = "category"
    TEAM = "team"
    PERSON = "person"
    WEEK = "week"
    ARTICLE = "article"
    GROUND = "ground"


@dataclass(frozen=True)
class ReportOf(Period):
    """A period of at most a year, all or one category, all or one team; by the time at which it happened."""

    category: Category | None = None
    team: Annotated[str, Length(1, 32), Note("the team that such tickets belong to now")] | None = None


class Row(TypedDict):
    """`name`: of the category, team, article or ground; the mailbox of the person; the Monday of the week,
    `2026-03-02`."""

    by: By
    name: Annotated[str | None, Example("order"), Note("null for all, and for what no person did")]


class SatisfactionRow(Row):
    """Ratings that were given in the period, of 1 to 5."""

    ended: Annotated[int, Note("endings in the period that can be rated")]
    rated: int
    average: Annotated[float | None, Note("of 1 to 5, null without a rating")]
    satisfied: Annotated[int, Note("ratings of 4 and 5")]
    low: Annotated[int, Note("ratings of 1 and 2")]


class TimesRow(Row):
    """How soon, in hours from the customer's message to ours, day and night."""

    answered: Annotated[int, Note("first answers of a person in the period")]
    answer_half: Annotated[int | None, Note("half of them came within so many hours")]
    answer_most: Annotated[int | None, Note("nine of ten came within so many hours")]
    ended: Annotated[int, Note("endings in the period, spam left out")]
    end_half: Annotated[int | None, Note("half of them came within so many hours")]
    end_most: Annotated[int | None, Note("nine of ten came within so many hours")]


class RejectionRow(Row):
    """What ended without what the customer wanted, and why.

    Of a ground: what was declined for it, and its share of all endings.
    """

    ended: Annotated[int, Note("all endings in the period, spam too")]
    rejected: Annotated[int, Note("declined, duplicate and spam")]
    share: Annotated[float | None, Note("of all, 0 to 1; null where nothing ended")]
    declined: int
    duplicate: int
    spam: int
    taken_up: Annotated[int, Note("of those rejected: taken up again, or given back, since")]


class DeflectionRow(Row):
    """Questions that an article answered beside the contact form, and those that were sent."""

    deflected: Annotated[int, Note("readers who said that it answered their question")]
    asked: Annotated[int | None, Note("messages of customers that opened a ticket; null for an article")]
    share: Annotated[float | None, Note("of both, 0 to 1; null where there was neither, and for an article")]


class SatisfactionReport(TypedDict):
    since: Timestamp
    until: Timestamp
    items: list[SatisfactionRow]


class TimesReport(TypedDict):
    since: Timestamp
    until: Timestamp
    items: list[TimesRow]


class RejectionReport(TypedDict):
    since: Timestamp
    until: Timestamp
    items: list[RejectionRow]


class DeflectionReport(TypedDict):
    since: Timestamp
    until: Timestamp
    items: list[DeflectionRow]


class Reports(Api):
    """What leads read about the whole."""

    @query(roles=(LEAD,), errors=(PeriodNotGood, UnknownTeam))
    def report_satisfaction(self, of: ReportOf) -> SatisfactionReport:
        """Report how customers rated what ended, by category, team, person and week."""

    @query(roles=(LEAD,), errors=(PeriodNotGood, UnknownTeam))
    def report_times(self, of: ReportOf) -> TimesReport:
        """Report how soon customers had a first answer, and an end, by category, team, person and week."""

    @query(roles=(LEAD,), errors=(PeriodNotGood, UnknownTeam))
    def report_rejections(self, of: ReportOf) -> RejectionReport:
        """Report what was refused: how, by whom, and which share of all it is.

        By category, team, person and week; what was declined by its ground too, `null` for what had none.
        """

    @query(roles=(LEAD,), errors=(PeriodNotGood,))
    def report_deflection(self, period: Period) -> DeflectionReport:
        """Report how many questions an article answered before they were sent, by week and article."""
