"""The ladder: assignee, leads, admins, each once, in one mail, within the hours of the team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.calendar import LocalDays
from services.common.commitments import Clock
from services.common.commitments.events import CommitmentAtRisk, CommitmentBreached
from services.common.testing import customer
from services.support import tables as t
from services.support.api import Category
from services.support.domain import Notification, Staff
from services.support.domain.ladder import AT_RISK, FAR_OVER, OVER, SHARES, next_look, reached_at
from services.support.handlers import ladder, promises, tickets, writing
from services.support.handlers.whom import whom_to_tell
from services.support.repository import Work
from services.support.tests.builders import ADA, HOUR, NOW, PROMISES, add_staff, message_of
from services.support.tests.scene import GRACE, LENA, Scene, a_scene
from services.support.tests.test_races import at_once

ANSWER = "The shirt is made of cotton."
AGENT, OTHER, LEAD, BOSS = "grace@pledge.example", "otto@pledge.example", "lena@pledge.example", "boss@pledge.example"
MINUTE = timedelta(minutes=1)
RISK, DUE, FAR = NOW + 90 * MINUTE, NOW + 2 * HOUR, NOW + 3 * HOUR
"""Of the two hours that a complaint has, from ten in the morning on."""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        people = ((AGENT, "agent"), (OTHER, "agent"), (LEAD, "lead"), (BOSS, "admin"))
        add_staff(scene.store, *(Staff(email, email, [role]) for email, role in people))
        yield scene


def complained(scene: Scene, assignee: str | None = AGENT) -> str:
    number, _ = scene.opened(category=Category.COMPLAINT, topic=None)
    if assignee:
        scene.does(GRACE, tickets.assign_ticket, number, assignee=assignee)
    return number


def passes(scene: Scene, at: datetime) -> None:
    """Do at that time what the timers do: sweep the clocks, hear what they tell, climb."""
    with scene.work(at=at) as work:
        sweep(work)
    with scene.work(at=at) as work:
        ladder.climb(work)


def sweep(work: Work) -> None:
    """Find what is at risk or broken, and follow the events."""
    for event in work.commitments.sweep():
        told = message_of(event, source="support")
        if isinstance(event, CommitmentBreached):
            promises.on_commitment_breached(work, event, told)
        elif isinstance(event, CommitmentAtRisk):
            promises.on_commitment_at_risk(work, event, told)


def mails(scene: Scene) -> list[Notification]:
    with scene.work() as work:
        about = t.notifications.c.about == "ladder"
        return list(work.session.scalars(sa.select(Notification).where(about).order_by(t.notifications.c.created_at)))


def told(scene: Scene) -> Counter[str]:
    """Return how many mails of the ladder each person has."""
    return Counter(mail.recipient for mail in mails(scene))


def answered(scene: Scene, number: str, at: datetime) -> None:
    scene.does(GRACE, writing.post_message, number, at, body=ANSWER)


def test_each_rung_tells_its_people_once(scene: Scene) -> None:
    number = complained(scene)
    expected: list[dict[str, int]] = [{}, {AGENT: 1}, {AGENT: 2, LEAD: 1}, {AGENT: 2, LEAD: 1, BOSS: 1}]

    for at, heard in zip((RISK - MINUTE, RISK, DUE + MINUTE, FAR), expected, strict=True):
        passes(scene, at)
        passes(scene, at)
        assert told(scene) == heard

    subjects = {mail.subject for mail in mails(scene)}
    assert subjects == {f"Time runs out · {number}"}
    first, *_, last = mails(scene)
    assert f"First response of {number} is due by Monday 2 March 2026, 12:00 (Asia/Shanghai): a quarter" in first.text
    assert "half as much time again has passed" in last.text
    assert first.link_key == f"desk/inbox/{number}"
    shown = scene.seen(GRACE, number)["ladder"]
    assert [(rung["share"], rung["told"]) for rung in shown] == [(75, [AGENT]), (100, [AGENT, LEAD]), (150, [BOSS])]
    (listed,) = scene.listed()
    assert (listed["rung"]["share"], listed["rung"]["told"]) == (150, [BOSS])
    entries = scene.does(GRACE, tickets.get_ticket_timeline, number)["items"]
    assert [e["body"]["told"] for e in entries if e["type"] == "rung_told"] == [[AGENT], [AGENT, LEAD], [BOSS]]
    assert "ladder" not in scene.seen(customer(ADA), number)


@pytest.mark.parametrize(
    ("staff", "assignee", "risk", "due", "far"),
    [
        ({AGENT: "agent", OTHER: "agent"}, None, {AGENT, OTHER}, set(), set()),
        ({AGENT: "agent", LEAD: "lead"}, None, {AGENT}, {LEAD}, {LEAD}),
        ({LEAD: "lead"}, None, {LEAD}, {LEAD}, {LEAD}),
        ({BOSS: "admin"}, BOSS, {BOSS}, {BOSS}, {BOSS}),
        ({AGENT: "agent", LEAD: "lead", BOSS: "admin"}, LEAD, {LEAD}, {LEAD}, {BOSS}),
        ({}, None, set(), set(), set()),
    ],
)
def test_others_stand_in_for_a_role_that_is_missing(
    tmp_path: Path, staff: dict[str, str], assignee: str | None, risk: set[str], due: set[str], far: set[str]
) -> None:
    with a_scene(tmp_path) as scene:
        add_staff(scene.store, *(Staff(email, email, [role]) for email, role in staff.items()))
        number = complained(scene, assignee)

        with scene.work() as work:
            ticket = work.tickets.get(number)
            heard = [{each.email for each in whom_to_tell(work, ticket, "first_response", share)} for share in SHARES]

    assert heard == [risk, due, far]


def test_what_is_answered_in_time_or_late_is_told_as_it_is(scene: Scene) -> None:
    in_time, late = complained(scene), complained(scene)
    answered(scene, in_time, RISK)
    passes(scene, RISK)
    (mail,) = mails(scene)
    assert (late in mail.text, in_time in mail.text) == (True, False)
    answered(scene, late, DUE + MINUTE)

    for at in (DUE + 2 * MINUTE, FAR, FAR + HOUR):
        passes(scene, at)

    assert told(scene) == {AGENT: 2, LEAD: 1}
    assert "was kept, but late: it was due by Monday 2 March 2026, 12:00" in mails(scene)[-1].text


def test_many_at_once_are_one_mail_for_each_person(scene: Scene) -> None:
    numbers = [complained(scene) for _ in range(35)]

    passes(scene, RISK)
    scene.does(LENA, tickets.assign_ticket, complained(scene, None), RISK, assignee=AGENT)
    passes(scene, RISK + 5 * MINUTE)

    (mail,) = mails(scene)
    assert (mail.subject, mail.link_key) == ("Time runs out · 35 promises", "desk/today")
    assert "And 5 more: the desk shows them all." in mail.text
    assert sum(number in mail.text for number in numbers) == 30


def test_what_comes_soon_after_a_mail_is_in_the_next(scene: Scene) -> None:
    complained(scene)
    later = scene.opened(at=NOW + 3 * MINUTE, category=Category.COMPLAINT, topic=None)[0]
    scene.does(LENA, tickets.assign_ticket, later, assignee=AGENT)

    passes(scene, RISK)
    passes(scene, RISK + 4 * MINUTE)
    assert told(scene) == {AGENT: 1}
    passes(scene, RISK + 10 * MINUTE)

    assert told(scene) == {AGENT: 2}
    assert later in mails(scene)[-1].text


def test_at_night_and_on_days_off_there_is_no_mail(scene: Scene) -> None:
    number = complained(scene)
    answered(scene, number, NOW)
    due = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)  # midnight in Shanghai, when five working days are over

    for at in (due, due + 8 * HOUR):
        passes(scene, at)
        assert LEAD not in told(scene)
    passes(scene, due + 9 * HOUR)

    assert told(scene)[LEAD] == 1
    assert f"Resolution of {number} was due by" in mails(scene)[-1].text


def test_spam_and_what_stands_still_climb_nothing(scene: Scene) -> None:
    number = complained(scene)
    passes(scene, NOW)
    with scene.work(at=RISK) as work:
        sweep(work)
    scene.does(LENA, tickets.mark_spam, number, RISK, reason="advertising")

    for at in (RISK, DUE + HOUR, FAR + HOUR):
        passes(scene, at)
    assert told(scene) == {}
    scene.does(LENA, tickets.restore_ticket, number, FAR + 2 * HOUR, reason="no spam")
    passes(scene, FAR + 2 * HOUR + MINUTE)

    assert told(scene) == {AGENT: 1}


def test_ten_workers_at_once_send_one_mail_to_each(scene: Scene) -> None:
    for _ in range(5):
        complained(scene, None)
    with scene.work(at=RISK) as work:
        sweep(work)

    def work_once(_: int) -> None:
        with scene.store.work(Work) as work:
            ladder.climb(work)

    with clock.frozen(RISK):
        assert at_once(10, work_once) == [None] * 10

    assert told(scene) == {AGENT: 1, OTHER: 1}
    for _ in range(2):  # a crash before the commit leaves all of it to do, one after it leaves nothing
        passes(scene, RISK + HOUR / 4)
    assert told(scene) == {AGENT: 1, OTHER: 1}


minutes = st.integers(0, 60 * 24 * 9)


@pytest.mark.pure
@given(st.sampled_from(("first_response", "resolution", "lead_answer")), minutes, st.lists(minutes, max_size=6))
def test_half_as_much_again_is_working_time_without_pauses(kind: str, begun: int, moves: list[int]) -> None:
    """Count the working minutes between due time and last rung, one by one."""
    clock = PROMISES.start(kind, "TIC-1", Category.PRODUCT, NOW + begun * MINUTE, clock_id="1")
    at, still = clock.due_at + MINUTE, []
    for place, wait in enumerate(sorted(moves)):
        now = at + wait * MINUTE
        if place % 2:
            clock.resume(now)
            still.append((clock.pauses[-1].begun_at, now))
        else:
            clock.pause(now, "spam")
    if clock.paused_at is not None:
        assert next_look(clock, FAR_OVER, clock.paused_at) == clock.paused_at + HOUR
        return

    last = reached_at(clock, FAR_OVER)

    assert [reached_at(clock, share) for share in (AT_RISK, OVER)] == [clock.warn_at, clock.due_at]
    worked, walk = timedelta(), clock.due_at
    while walk < last:
        step = min(walk + 5 * MINUTE, last)
        if not any(begin <= walk < end for begin, end in still):
            worked += working(clock, walk, step)
        walk = step
    target = timedelta(seconds=clock.target / 2) if clock.hours else timedelta(days=clock.target / 2)
    assert abs(worked - target) <= 20 * MINUTE * (1 + len(still))


def working(clock: Clock, begin: datetime, end: datetime) -> timedelta:
    """Return how much of that time is working time of the clock."""
    if clock.hours:
        return timedelta(seconds=PROMISES.hours.between(begin, end))
    return LocalDays(clock.calendar, clock.zone).left_at(begin, end)
