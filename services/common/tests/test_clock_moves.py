"""How a clock may be moved: pauses, stops in any order, what is refused, what is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.calendar import BusinessHours, Overlay, end_of_day, working_days
from services.common.commitments import (
    Clock,
    ClockRefused,
    Notice,
    Verdict,
    start,
)
from services.common.commitments.terms import days
from services.common.tests import strategies
from services.common.tests.strategies import FRIDAY, MICROSECOND, OFFICE, SHANGHAI, TERMS, a_clock, at

pytestmark = pytest.mark.pure


def refused(code: str) -> Any:
    return pytest.raises(ClockRefused, check=lambda error: error.code == code)


def working_time(clock: Clock, since: datetime) -> float:
    """Return the seconds that are left until the clock is due."""
    time = clock._time
    if isinstance(time, BusinessHours):
        return time.between(since, clock.due_at)
    return time.left_at(since, clock.due_at).total_seconds()


class TestPauses:
    def test_of_a_weekend_of_waiting_only_friday_counts(self) -> None:
        clock = a_clock("return_review", at(SHANGHAI, "2026-11-19 10:00"))
        assert clock.due_at == end_of_day(date(2026, 11, 23), SHANGHAI)

        clock.pause(at(SHANGHAI, "2026-11-20 10:00"), "photos asked for")
        clock.resume(at(SHANGHAI, "2026-11-22 20:00"))

        assert clock.due_at == end_of_day(date(2026, 11, 23), SHANGHAI) + timedelta(hours=14)

    @pytest.mark.parametrize(
        ("begun", "ended", "paused"), [("09 23:59", "10 00:01", 2), ("10 00:01", "10 23:59", 1438)]
    )
    def test_a_pause_counts_to_the_minute_wherever_midnight_is(self, begun: str, ended: str, paused: int) -> None:
        clock = a_clock("resolution", at(SHANGHAI, "2026-11-04 10:00"))
        assert clock.due_at == end_of_day(date(2026, 11, 11), SHANGHAI)

        clock.pause(at(SHANGHAI, f"2026-11-{begun}"), "photos asked for")
        clock.resume(at(SHANGHAI, f"2026-11-{ended}"))

        assert clock.due_at == end_of_day(date(2026, 11, 11), SHANGHAI) + timedelta(minutes=paused)

    @settings(max_examples=40)
    @given(
        st.sampled_from((("CN", SHANGHAI), ("US-NY", "America/New_York"), ("GB", "Europe/London"))),
        st.integers(0, 900),
        st.integers(0, 900),
    )
    def test_a_pause_moves_as_a_walk_in_quarter_hours_says(
        self, place: tuple[str, str], first: int, length: int
    ) -> None:
        calendar, zone = place
        begin = at(zone, "2026-10-22 10:00")
        clock = start("resolution", "T", begin, id="1", owner="support", terms=days(5), calendar=calendar, zone=zone)
        due, quarter = clock.due_at, timedelta(minutes=15)
        begun, ended = begin + first * quarter, begin + (first + length) * quarter

        def works(moment: datetime) -> bool:
            return working_days(calendar).is_working(moment.astimezone(ZoneInfo(zone)).date())

        owed = sum(works(begun + n * quarter) for n in range(length)) if begun <= due else 0
        walked = due + MICROSECOND
        while owed:
            owed -= works(walked)
            walked += quarter

        clock.pause(begun, "photos asked for")
        clock.resume(ended)

        assert clock.due_at == walked - MICROSECOND

    def test_working_days_of_waiting_are_given_back(self) -> None:
        clock = a_clock("return_review", at(SHANGHAI, "2026-11-19 10:00"))

        clock.pause(at(SHANGHAI, "2026-11-20 10:00"), "photos asked for")
        clock.resume(at(SHANGHAI, "2026-11-25 09:00"))

        assert clock.due_at == end_of_day(date(2026, 11, 26), SHANGHAI) - timedelta(hours=1)

    def test_a_pause_ending_at_the_weekend_leaves_the_next_workday(self) -> None:
        clock = a_clock("return_review", at(SHANGHAI, "2026-11-18 10:00"))

        clock.pause(at(SHANGHAI, "2026-11-20 10:00"), "photos asked for")
        clock.resume(at(SHANGHAI, "2026-11-21 10:00"))

        assert clock.verdict(at(SHANGHAI, "2026-11-21 10:00")) is Verdict.RUNNING
        assert clock.due_at == end_of_day(date(2026, 11, 23), SHANGHAI) - timedelta(hours=10)

    def test_business_hours_keep_the_seconds_that_were_left(self) -> None:
        clock = a_clock("first_response", at(SHANGHAI, "2026-11-20 15:00"), category="complaint")

        clock.pause(at(SHANGHAI, "2026-11-20 16:00"), "order number asked for")
        clock.resume(at(SHANGHAI, "2026-11-24 16:30"))

        assert clock.due_at == at(SHANGHAI, "2026-11-25 09:30")

    def test_a_pause_after_the_due_time_changes_nothing(self) -> None:
        clock = a_clock("dispatch", FRIDAY)
        due, later = clock.due_at, clock.due_at + timedelta(days=1)

        clock.pause(later, "too late")
        assert clock.verdict(later) is Verdict.BREACHED
        clock.resume(later + timedelta(days=3))

        assert clock.due_at == due
        assert clock.verdict(later) is Verdict.BREACHED

    def test_what_is_done_while_it_stands_still_is_kept(self) -> None:
        clock = a_clock("return_review", FRIDAY)

        clock.pause(clock.due_at, "at the last moment")
        clock.stop(clock.due_at + timedelta(days=30))

        assert clock.verdict(clock.due_at) is Verdict.KEPT
        assert clock.paused_at is None

    def test_a_pause_dated_into_the_last_one_counts_no_day_twice(self) -> None:
        clock = a_clock("resolution", at(SHANGHAI, "2026-11-19 10:00"))
        clock.pause(at(SHANGHAI, "2026-11-20 10:00"), "photos asked for")
        clock.resume(at(SHANGHAI, "2026-11-24 09:00"))

        clock.pause(at(SHANGHAI, "2026-11-23 10:00"), "more photos asked for")
        clock.resume(at(SHANGHAI, "2026-11-25 09:00"))

        assert clock.due_at == end_of_day(date(2026, 12, 1), SHANGHAI) - timedelta(hours=1)  # 71 hours later
        assert [pause.begun_at for pause in clock.pauses][1] == at(SHANGHAI, "2026-11-24 09:00")

    def test_a_resume_dated_before_its_pause_is_an_empty_pause(self) -> None:
        clock = a_clock("resolution", FRIDAY)
        due, pause = clock.due_at, FRIDAY + timedelta(days=4)

        clock.pause(pause, "photos asked for")
        clock.resume(pause - timedelta(seconds=1))

        assert clock.due_at == due
        assert [(one.begun_at, one.ended_at) for one in clock.pauses] == [(pause, pause)]

    def test_a_holiday_announced_during_the_pause_takes_nothing_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = a_clock("return_review", at(SHANGHAI, "2026-11-19 10:00"))
        due, version = clock.due_at, clock.calendar_version
        typhoon = Overlay.from_data({"CN": {"closed": ["2026-11-23"]}})
        monkeypatch.setattr("services.common.calendar.days._in_force", typhoon)

        clock.pause(at(SHANGHAI, "2026-11-20 10:00"), "photos asked for")
        clock.resume(at(SHANGHAI, "2026-11-20 11:00"))

        assert clock.due_at >= due
        assert clock.calendar_version == version != working_days("CN").version

    def test_a_late_report_of_an_earlier_stop_undoes_later_pauses(self) -> None:
        clock = a_clock("return_review", FRIDAY)
        due = clock.due_at
        clock.pause(due - timedelta(hours=1), "photos asked for")
        clock.resume(due + timedelta(days=2))
        clock.stop(due + timedelta(days=3))

        clock.stop(due - timedelta(hours=2))

        assert clock.due_at == due
        assert clock.pauses == ()
        assert clock.paused_at is None
        assert clock.stopped_at == due - timedelta(hours=2)

    def test_a_late_report_of_a_stop_within_a_pause_ends_it_there(self) -> None:
        clock = a_clock("return_review", FRIDAY)
        began = clock.due_at - timedelta(hours=1)
        clock.pause(began, "photos asked for")
        clock.resume(began + timedelta(days=20))

        clock.stop(began + timedelta(days=5))

        assert [pause.ended_at for pause in clock.pauses] == [began + timedelta(days=5)]
        assert clock.verdict(began) is Verdict.KEPT

    @given(strategies.clocks(), st.lists(st.tuples(strategies.gaps, strategies.gaps), max_size=3))
    def test_no_pause_ever_shortens_and_what_was_left_is_left(
        self, clock: Clock, pauses: list[tuple[timedelta, timedelta]]
    ) -> None:
        moment = clock.started_at
        for running, standing in pauses:
            paused, resumed = moment + running, moment + running + standing
            before, left = clock.due_at, working_time(clock, paused)

            clock.pause(paused, "the customer's turn")
            clock.resume(resumed)

            assert clock.due_at >= before
            if paused <= before:
                assert resumed <= clock.due_at
                assert clock.verdict(resumed) is Verdict.RUNNING
                assert working_time(clock, resumed) == pytest.approx(left, abs=1e-5)
            moment = resumed

    @given(strategies.clocks(), strategies.gaps)
    def test_a_pause_without_length_changes_no_date(self, clock: Clock, gap: timedelta) -> None:
        due, warning, moment = clock.due_at, clock.warn_at, clock.started_at + gap

        clock.pause(moment, "a slip")
        clock.resume(moment)

        assert (clock.due_at, clock.warn_at) == (due, warning)


class TestRefusals:
    def test_it_cannot_go_on_when_it_does_not_stand_still(self) -> None:
        clock = a_clock("dispatch", FRIDAY)

        with refused("clock_not_paused"):
            clock.resume(FRIDAY)

    def test_it_cannot_stand_still_twice(self) -> None:
        clock = a_clock("dispatch", FRIDAY)
        clock.pause(FRIDAY, "once")

        with refused("clock_paused"):
            clock.pause(FRIDAY, "twice")

    def test_nothing_moves_it_after_the_stop(self) -> None:
        clock = a_clock("dispatch", FRIDAY)
        clock.stop(FRIDAY)

        with refused("clock_stopped"):
            clock.pause(FRIDAY, "too late")
        with refused("clock_stopped"):
            clock.resume(FRIDAY)

    def test_nothing_happens_before_it_started(self) -> None:
        clock = a_clock("dispatch", FRIDAY)

        with refused("clock_not_started"):
            clock.pause(FRIDAY - MICROSECOND, "too early")
        with refused("clock_not_started"):
            clock.stop(FRIDAY - MICROSECOND)

    def test_a_refusal_leaves_it_as_it_was(self) -> None:
        clock, same = a_clock("dispatch", FRIDAY), a_clock("dispatch", FRIDAY)

        moves: list[Callable[[], object]] = [lambda: clock.resume(FRIDAY), lambda: clock.stop(FRIDAY - MICROSECOND)]
        for move in moves:
            with pytest.raises(ClockRefused):
                move()
            assert clock == same

    def test_stopping_again_later_is_harmless(self) -> None:
        clock = a_clock("dispatch", FRIDAY)

        assert clock.stop(FRIDAY + timedelta(hours=1))
        assert not clock.stop(FRIDAY + timedelta(hours=1))
        assert not clock.stop(FRIDAY + timedelta(days=30))
        assert clock.stopped_at == FRIDAY + timedelta(hours=1)

    def test_times_without_a_zone_are_refused(self) -> None:
        naive = datetime(2026, 11, 20, 12)  # noqa: DTZ001

        with pytest.raises(ValueError, match="without a zone"):
            a_clock("dispatch", naive)

    @pytest.mark.parametrize(
        ("kind", "given_"),
        [
            ("dispatch", {}),
            ("dispatch", {"calendar": "CN"}),
            ("dispatch", {"hours": OFFICE}),
            ("dispatch", {"calendar": "ZZ", "zone": "UTC"}),
            ("shortage_contact", {}),
            ("shortage_contact", {"calendar": "CN", "zone": "UTC"}),
        ],
    )
    def test_a_clock_without_what_it_counts_in_is_refused(self, kind: str, given_: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=kind if "ZZ" not in given_.values() else "no such calendar"):
            start(kind, "SHP-1", FRIDAY, id="1", owner="logistics", terms=TERMS[kind], **given_)


class TestNotices:
    @pytest.mark.parametrize(
        ("kind", "begin", "warning"),
        [
            ("review", "2026-11-20 15:00", "2026-11-23 18:00"),
            ("return_review", "2026-11-20 15:00", "2026-11-24 12:00"),
            ("dispatch", "2026-11-20 15:00", "2026-11-25 06:00"),
            ("first_response", "2026-11-20 09:00", "2026-11-20 15:00"),
        ],
    )
    def test_the_warning_comes_when_a_quarter_of_the_time_is_left(self, kind: str, begin: str, warning: str) -> None:
        clock = a_clock(kind, at(SHANGHAI, begin))

        assert abs(clock.warn_at - at(SHANGHAI, warning)) <= MICROSECOND

    def test_each_notice_is_due_once(self) -> None:
        clock = a_clock("dispatch", FRIDAY)
        late = clock.due_at + MICROSECOND
        looks = [clock.next_notice_at]

        assert clock.notice(clock.warn_at - MICROSECOND) is None
        assert clock.notice(clock.warn_at) is Notice.WARNING
        clock.told(Notice.WARNING, clock.warn_at)
        looks.append(clock.next_notice_at)
        assert clock.notice(clock.due_at) is None
        assert clock.notice(late) is Notice.BREACH
        clock.told(Notice.BREACH, late)
        looks.append(clock.next_notice_at)

        assert looks == [clock.warn_at, clock.due_at, None]
        assert clock.notice(late + timedelta(days=1)) is None

    def test_a_breach_is_told_even_if_the_clock_has_stopped(self) -> None:
        clock = a_clock("dispatch", FRIDAY)

        clock.stop(clock.due_at + timedelta(seconds=1))

        assert clock.notice(clock.due_at + timedelta(hours=1)) is Notice.BREACH
        assert clock.next_notice_at == clock.due_at

    def test_nothing_is_told_of_a_paused_or_kept_clock(self) -> None:
        standing, kept = a_clock("return_review", FRIDAY), a_clock("return_review", FRIDAY)

        standing.pause(FRIDAY, "photos asked for")
        kept.stop(FRIDAY)

        for clock in (standing, kept):
            assert clock.notice(clock.due_at + timedelta(days=9)) is None
            assert clock.next_notice_at is None

    @given(strategies.clocks(), strategies.gaps, strategies.gaps, strategies.gaps, st.booleans())
    def test_before_the_next_notice_there_is_nothing_to_tell(
        self, clock: Clock, to_pause: timedelta, to_resume: timedelta, look: timedelta, resumes: bool
    ) -> None:
        clock.pause(clock.started_at + to_pause, "the customer's turn")
        if resumes:
            clock.resume(clock.started_at + to_pause + to_resume)
        now = clock.started_at + to_pause + to_resume + look

        assert clock.started_at <= clock.warn_at <= clock.due_at or clock.pauses
        if clock.notice(now) is not None:
            assert clock.next_notice_at is not None
            assert clock.next_notice_at <= now
