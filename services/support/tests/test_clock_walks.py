"""Every clock of support against a walk from second to second, over a spring of holidays that are written down here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from itertools import compress, count, islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.common.basics import ids
from services.common.basics.errors import ServiceError
from services.common.commitments import Clock, start
from services.common.commitments.terms import TimeUnit
from services.support.api import Category, Priority, ResolutionCode, TicketStatus
from services.support.api import events as e
from services.support.api.terms import FIRST_RESPONSE, NEXT_RESPONSE, PRIVACY_REQUEST, TERMS, UPDATE
from services.support.tests.builders import PROMISES, Desk, an_event

pytestmark = pytest.mark.pure

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_DAY, DAYS = date(2026, 4, 20), 70
MORNING = datetime(2026, 4, 20, tzinfo=SHANGHAI)
CLOSED = {date(2026, 5, day) for day in (1, 2, 3, 4, 5)}
MADE_UP = {date(2026, 5, 9)}
DAY, HOUR, SECOND, MICROSECOND = 86_400, 3600, timedelta(seconds=1), timedelta(microseconds=1)
AGENT, LATEST = "grace@pledge.example", 24 * DAY
ANSWERS = (FIRST_RESPONSE, NEXT_RESPONSE)
WAITING = {"resolution", "complete_answer", "complaint_decision"}
"""What stands still while we wait for the customer, besides while it is spam."""
Span = tuple[int, int]


def works(day: date) -> bool:
    return day in MADE_UP or (day.weekday() < 5 and day not in CLOSED)


@cache
def counted(unit: TimeUnit) -> bytes:
    """Return for each second from the first midnight on whether a clock of that unit counts it."""
    open_day = bytes(9 * 3600) + b"\1" * (9 * 3600) + bytes(6 * 3600)
    whole = open_day if unit is TimeUnit.BUSINESS_SECONDS else b"\1" * DAY
    every = unit is TimeUnit.CALENDAR_DAYS
    return b"".join(whole if every or works(FIRST_DAY + timedelta(n)) else bytes(DAY) for n in range(DAYS))


def walked(clock: Clock, began: int, still: Iterable[Span]) -> datetime:
    """Walk from the start, second by second, until the target is used up; what stands still does not count."""
    seconds = bytearray(counted(clock.unit))
    left = clock.target
    if clock.unit is not TimeUnit.BUSINESS_SECONDS:  # the day of the start is given, and whole days after it
        midnight = (began // DAY + 1) * DAY
        left = sum(seconds[began:midnight]) + clock.target * DAY
    for begun, ended in still:
        seconds[begun:ended] = bytes(ended - begun)
    steps = compress(count(began), memoryview(seconds)[began:])
    ends = MORNING + (next(islice(steps, left - 1, None)) + 1) * SECOND
    return ends if clock.unit is TimeUnit.BUSINESS_SECONDS else ends - MICROSECOND


def second_of(moment: datetime) -> int:
    return int((moment - MORNING).total_seconds())


@pytest.mark.parametrize("name", sorted(TERMS))
@settings(max_examples=2)
@given(began=st.integers(0, LATEST))
def test_each_promise_is_due_when_a_walk_says(name: str, began: int) -> None:
    kind, _, of = name.partition(".")
    at = MORNING + began * SECOND
    if kind == PRIVACY_REQUEST:
        clock = start(kind, "P", at, id="1", owner="support", terms=TERMS[kind], zone="Asia/Shanghai")
    else:
        category = Category(of) if of in {*Category} else Category.PRODUCT
        priority = Priority(of) if of in {*Priority} else Priority.NORMAL
        clock = PROMISES.start(kind, "T", category, at, clock_id="1", priority=priority)

    assert clock.due_at == walked(clock, began, ())


class Story:
    """A ticket, what happened to it, and when it stood still: as the test knows it, not as the clocks do."""

    def __init__(self, began: int):
        self.second, self.stands, self.since = began, "", began
        self.still: list[tuple[str, Span]] = []
        self.desk = Desk(self.now, category=Category.PRODUCT)

    @property
    def now(self) -> datetime:
        return MORNING + self.second * SECOND

    def goes_on(self, step: str, later: int) -> None:
        self.second += later
        try:
            self._do(step)
        except ServiceError:
            return
        desk = self.desk
        waits = desk.ticket.status is TicketStatus.WAITING_CUSTOMER
        repeats = waits and (desk.ticket.verifying or desk.clocks.investigating)
        stands = "spam" if desk.ticket.status is TicketStatus.SPAM else f"waiting{' news' * repeats}" * waits
        if stands != self.stands:
            if self.stands:
                self.still.append((self.stands, (self.since, self.second)))
            self.stands, self.since = stands, self.second

    def _do(self, step: str) -> None:
        desk, now, text = self.desk, self.now, f"It is made of cotton, we think. {self.second}"
        match step:
            case "write":
                desk.does("write", text, "ada", now, now=now)
            case "answer":
                desk.does("answer", text, AGENT, now, now=now)
            case "ask":
                desk.does("answer", text, AGENT, now, TicketStatus.WAITING_CUSTOMER, now=now)
            case "spam":
                desk.does("mark_spam", "advertising", by_lead=True, now=now)
            case "restore":
                desk.does("restore", "a person", now=now)
            case "reopen":
                desk.does("reopen", now, now=now)
            case "verify":
                desk.does("verify", ids.new_id(), text, AGENT, now, complete_by=now, now=now)
            case "verified":
                desk.does("give_verified_answer", text, AGENT, "lena", now, edited=False, now=now)
            case "resolve":
                waits = desk.clocks.waits
                desk.does("resolve", ResolutionCode.ANSWERED, None, now, by_lead=False, waits=waits, now=now)
            case "urgent":
                wish = {"category": None, "topic": None, "order_number": None, "sku": None, "order_proven": False}
                desk.does("amend", **wish, by_lead=True, priority=Priority.URGENT, now=now)
            case kind:
                desk.clocks.hear(desk.ticket, [an_event(TOLD[kind])], now)

    def stood_still(self, clock: Clock) -> Iterator[Span]:
        """Yield when this clock stood still, as long as it ran."""
        began = second_of(clock.started_at)
        stopped = second_of(clock.stopped_at) if clock.stopped_at else self.second
        until_now = [(self.stands, (self.since, self.second))] if self.stands else []
        for why, (begun, ended) in [*self.still, *until_now]:
            for_it = why == "spam" or clock.kind in WAITING or (clock.kind == UPDATE and why == "waiting news")
            if for_it and max(begun, began) < min(ended, stopped):
                yield max(begun, began), min(ended, stopped)


TOLD = {
    "suggestion": e.SuggestionReceived,
    "lead wanted": e.TicketEscalated,
    "complaint": e.ComplaintReceived,
    "taken up": e.ComplaintAcknowledged,
    "decided": e.ComplaintDecided,
    "objected": e.ComplaintObjected,
    "lead answered": e.EscalationAnswered,
}
COMPLAINT = [
    ("complaint", 1), ("taken up", HOUR), ("ask", DAY), ("write", 2 * DAY), ("decided", HOUR), ("objected", DAY),
    ("ask", HOUR), ("write", DAY + 1),
]  # fmt: skip
LOOKED_INTO = [("answer", HOUR), ("verify", HOUR), ("ask", DAY), ("write", 2 * DAY), ("answer", HOUR)]
"""What chance seldom tells whole: a clock that stands still and goes on."""
OF_THREAD = ("write", "answer", "ask", "spam", "restore", "reopen", "verify", "verified", "resolve", "urgent")


@settings(max_examples=40)
@example(10 * HOUR, COMPLAINT)
@example(10 * HOUR, LOOKED_INTO)
@given(
    st.integers(0, DAY),
    st.lists(st.tuples(st.sampled_from((*OF_THREAD, *TOLD)), st.integers(1, 2 * DAY)), min_size=4, max_size=10),
)
def test_each_clock_of_a_ticket_is_due_when_a_walk_says(began: int, steps: list[tuple[str, int]]) -> None:
    story = Story(began)

    for step, later in steps:
        story.goes_on(step, later)

    for clock in story.desk.clocks.all:
        if clock.stopped_at is None and clock.paused_at is not None:
            continue  # where it ends is known when it goes on
        still = [*story.stood_still(clock)]
        assert clock.due_at == walked(clock, second_of(clock.started_at), still), (clock.kind, still)
