"""Who looks at which ticket, and who writes on it now: known for a little while, and kept nowhere. Pure.

A tab of the desk says what it looks at when that changes, and again every BEAT_SECONDS. It is forgotten LASTS_SECONDS
after the last word of it, and at once when its stream ends. Each word has a number, `beat`: words that come late, by
another gateway, take nothing back. A tab that is gone is remembered as long, with the LAST number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypedDict

BEAT_SECONDS, LASTS_SECONDS = 25.0, 75.0  # a browser wakes a hidden tab once a minute
MOST_TABS = 20  # of one person; the newest count
MOST = 10_000
LAST = 2**31 - 1

Tab = tuple[str, str]
"""Whose it is, and its name."""


class Viewer(TypedDict):
    """A member of staff who has the ticket open; `writing`: they write on it now."""

    email: str
    writing: bool


@dataclass(frozen=True)
class Sight:
    """What a tab looks at: a ticket, or "" for none."""

    person: str
    tab: str
    beat: int
    ticket: str
    writing: bool = False

    @property
    def of(self) -> Tab:
        return self.person, self.tab


class Viewers:
    """What all tabs look at. moved: called with each ticket of which the viewers have changed."""

    def __init__(self, moved: Callable[[str], None]):
        self._moved = moved
        self._sights: dict[Tab, tuple[Sight, float]] = {}  # with its end, the earliest first
        self._tabs: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._at: defaultdict[str, set[Tab]] = defaultdict(set)

    def note(self, sight: Sight, now: float) -> None:
        """Take over what a tab says. What it said before, and is heard later, changes nothing."""
        known = self.sight(sight.of)
        if known and known.beat > sight.beat:
            return
        self._drop(sight.of)
        if len(self._tabs.get(sight.person, ())) >= MOST_TABS:
            self._end((sight.person, next(iter(self._tabs[sight.person]))))
        if len(self._sights) >= MOST:
            self._end(next(iter(self._sights)))
        self._sights[sight.of] = sight, now + LASTS_SECONDS
        self._tabs[sight.person][sight.tab] = None
        if sight.ticket:
            self._at[sight.ticket].add(sight.of)
        before = (known.ticket, known.writing) if known else ("", False)
        if before != (sight.ticket, sight.writing):
            self._tell({before[0], sight.ticket})

    def expire(self, now: float) -> None:
        """Forget the tabs that have said nothing for long."""
        while self._sights:
            tab, (_, ends) = next(iter(self._sights.items()))
            if ends > now:
                return
            self._end(tab)

    def sight(self, tab: Tab) -> Sight | None:
        """Return what that tab looks at, as far as it is known."""
        known = self._sights.get(tab)
        return known[0] if known else None

    def tabs_at(self, ticket: str) -> Iterator[Tab]:
        """Return the tabs that look at a ticket."""
        yield from tuple(self._at.get(ticket, ()))

    def of(self, ticket: str, but: str) -> list[Viewer]:
        """Return who looks at a ticket, but for one person: each once, whatever their tabs, by mailbox."""
        writing: dict[str, bool] = {}
        for person, tab in self.tabs_at(ticket):
            if person != but:
                writing[person] = writing.get(person, False) or self._sights[person, tab][0].writing
        return [{"email": person, "writing": writes} for person, writes in sorted(writing.items())]

    def _end(self, tab: Tab) -> None:
        gone = self._drop(tab)
        if gone:
            self._tell({gone.ticket})

    def _drop(self, tab: Tab) -> Sight | None:
        known = self._sights.pop(tab, None)
        if known is None:
            return None
        person, name = tab
        self._tabs[person].pop(name)
        if not self._tabs[person]:
            del self._tabs[person]
        ticket = known[0].ticket
        if ticket:
            self._at[ticket].discard(tab)
            if not self._at[ticket]:
                del self._at[ticket]
        return known[0]

    def _tell(self, tickets: set[str]) -> None:
        for ticket in sorted(tickets - {""}):
            self._moved(ticket)
