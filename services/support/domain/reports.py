"""What reports are made of: facts that are written down as they happen, counted, and put into rows. Pure.

    a fact → counted in the database by what it is about (`Cell`) → rows, each a sum of cells

Times are told apart by hours (`WITHIN`): half of the answers came within so many hours. That is true to the letter, and
a sum of counts gives it for any group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from services.common.basics.shares import reached_by, share_of
from services.support.api.reports import By, DeflectionRow, RejectionRow, SatisfactionRow, TimesRow
from services.support.api.statuses import ResolutionCode

WITHIN = (1, 2, 4, 8, 12, 24, 36, 48, 72, 96, 120, 168, 240, 336, 720, 2160, 8784)
"""Hours; what took longer counts as the last."""
HALF, MOST = 0.5, 0.9
SATISFIED, LOW = (4, 5), (1, 2)
SPAM = "spam"
RATABLE = frozenset({ResolutionCode.ANSWERED.value, ResolutionCode.SOLVED.value})
REJECTED = (ResolutionCode.DECLINED.value, ResolutionCode.DUPLICATE.value, SPAM)


class FactKind(StrEnum):
    """What happened. `ended`: with the resolution's code, or `spam`; `deflected`: with the article's address."""

    OPENED = "opened"
    ANSWERED = "answered"
    ENDED = "ended"
    RATED = "rated"
    DEFLECTED = "deflected"


@dataclass
class Fact:
    """One thing that happened, once for each `mark`. team: the one that was named for the ticket, not that of its
    category. seconds: how long the customer had waited for it. undone_at: since when an ending stands no more. ground:
    why it was declined."""

    mark: str
    kind: FactKind
    happened_at: datetime
    day: date
    category: str | None = None
    team: str | None = None
    person: str | None = None
    code: str | None = None
    score: int | None = None
    seconds: int | None = None
    undone_at: datetime | None = None
    ground: str | None = None


class Cell(NamedTuple):
    """How many facts are alike. within: hours; day: None where days were not told apart."""

    kind: str
    number: int
    undone: int = 0
    category: str | None = None
    team: str | None = None
    person: str | None = None
    code: str | None = None
    score: int | None = None
    within: int | None = None
    day: date | None = None
    ground: str | None = None


Cells = list[Cell]
Groups = Iterator[tuple[By, str | None, Cells]]


def week_of(day: date) -> str:
    """Return the Monday of its week."""
    return (day - timedelta(days=day.weekday())).isoformat()


def satisfaction(cells: Iterable[Cell], days: Iterable[Cell]) -> list[SatisfactionRow]:
    """Return the rows of how what ended was rated. days: the same, counted by day."""
    return [_satisfaction(by, name, found) for by, name, found in _groups(cells, days, _EACH)]


def times(cells: Iterable[Cell], days: Iterable[Cell]) -> list[TimesRow]:
    """Return the rows of how soon customers were answered, and had an end."""
    return [_times(by, name, found) for by, name, found in _groups(cells, days, _EACH)]


def rejections(cells: Iterable[Cell], days: Iterable[Cell]) -> list[RejectionRow]:
    """Return the rows of what was refused."""
    found = list(cells)
    rows = [_rejections(by, name, group, group) for by, name, group in _groups(found, days, _EACH)]
    declined = [cell for cell in found if cell.code == ResolutionCode.DECLINED]
    return rows + [_rejections(by, name, group, found) for by, name, group in _by(By.GROUND, declined, _ground)]


def deflection(cells: Iterable[Cell], days: Iterable[Cell]) -> list[DeflectionRow]:
    """Return the rows of what an article answered before it was sent."""
    found = list(cells)
    rows = [_deflection(by, name, group) for by, name, group in _groups(found, days, {})]
    articles = [cell for cell in found if cell.kind == FactKind.DEFLECTED]
    for by, name, group in _by(By.ARTICLE, articles, _code):
        rows.append({"by": by, "name": name, "deflected": _sum(group), "asked": None, "share": None})
    return rows


def _code(cell: Cell) -> str | None:
    return cell.code


def _ground(cell: Cell) -> str | None:
    return cell.ground


_EACH: Mapping[By, Callable[[Cell], str | None]] = {
    By.CATEGORY: lambda cell: cell.category,
    By.TEAM: lambda cell: cell.team,
    By.PERSON: lambda cell: cell.person,
}


def _groups(cells: Iterable[Cell], days: Iterable[Cell], each: Mapping[By, Callable[[Cell], str | None]]) -> Groups:
    """Group the cells: all of them, by each of these, and by week."""
    found = list(cells)
    yield By.ALL, None, found
    for by, name_of in each.items():
        yield from _by(by, found, name_of)
    yield from _by(By.WEEK, days, lambda cell: week_of(cell.day) if cell.day else None)


def _by(by: By, cells: Iterable[Cell], name_of: Callable[[Cell], str | None]) -> Groups:
    groups: dict[str | None, Cells] = {}
    for cell in cells:
        groups.setdefault(name_of(cell), []).append(cell)
    for name in sorted(groups, key=lambda name: (name is None, name or "")):
        yield by, name, groups[name]


def _satisfaction(by: By, name: str | None, cells: Cells) -> SatisfactionRow:
    rated = [cell for cell in cells if cell.kind == FactKind.RATED]
    number, points = _sum(rated), sum((cell.score or 0) * cell.number for cell in rated)
    return {
        "by": by,
        "name": name,
        "ended": _sum(cell for cell in cells if cell.kind == FactKind.ENDED and cell.code in RATABLE),
        "rated": number,
        "average": round(points / number, 2) if number else None,
        "satisfied": _sum(cell for cell in rated if cell.score in SATISFIED),
        "low": _sum(cell for cell in rated if cell.score in LOW),
    }


def _times(by: By, name: str | None, cells: Cells) -> TimesRow:
    answers = [cell for cell in cells if cell.kind == FactKind.ANSWERED]
    ends = [cell for cell in cells if cell.kind == FactKind.ENDED and cell.code != SPAM]
    return {
        "by": by,
        "name": name,
        "answered": _sum(answers),
        "answer_half": hours_for(HALF, answers),
        "answer_most": hours_for(MOST, answers),
        "ended": _sum(ends),
        "end_half": hours_for(HALF, ends),
        "end_most": hours_for(MOST, ends),
    }


def _rejections(by: By, name: str | None, cells: Cells, of: Cells) -> RejectionRow:
    """Return the row of what was refused among `cells`. of: the endings of which it is a share."""
    ended = [cell for cell in of if cell.kind == FactKind.ENDED]
    rejected = [cell for cell in cells if cell.kind == FactKind.ENDED and cell.code in REJECTED]
    return {
        "by": by,
        "name": name,
        "ended": _sum(ended),
        "rejected": _sum(rejected),
        "share": share_of(_sum(rejected), _sum(ended)),
        "declined": _sum(cell for cell in rejected if cell.code == ResolutionCode.DECLINED),
        "duplicate": _sum(cell for cell in rejected if cell.code == ResolutionCode.DUPLICATE),
        "spam": _sum(cell for cell in rejected if cell.code == SPAM),
        "taken_up": sum(cell.undone for cell in rejected),
    }


def _deflection(by: By, name: str | None, cells: Cells) -> DeflectionRow:
    deflected = _sum(cell for cell in cells if cell.kind == FactKind.DEFLECTED)
    asked = _sum(cell for cell in cells if cell.kind == FactKind.OPENED)
    return {
        "by": by,
        "name": name,
        "deflected": deflected,
        "asked": asked,
        "share": share_of(deflected, deflected + asked),
    }


def hours_for(share: float, cells: Iterable[Cell]) -> int | None:
    """Return within how many hours that share of what is counted came; None where no time is known."""
    return reached_by(share, [(cell.within, cell.number) for cell in cells if cell.within is not None])


def _sum(cells: Iterable[Cell]) -> int:
    return sum(cell.number for cell in cells)
