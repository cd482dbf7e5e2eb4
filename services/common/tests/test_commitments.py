"""The clocks: the standard's promises by example, and what must hold for every clock."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.calendar import BusinessHours, end_of_day, local_date, working_days
from services.common.commitments import (
    Clock,
    Table,
    Terms,
    TimeUnit,
    Verdict,
    fingerprint,
    in_words,
    read_terms,
    start,
    terms_for,
)
from services.common.tests import strategies
from services.common.tests.strategies import FRIDAY, MICROSECOND, SHANGHAI, a_clock, at
from services.members import all_terms

pytestmark = pytest.mark.pure

TERMS = all_terms()


class TestTheStandard:
    def test_dispatch_within_3_working_days_over_national_day(self) -> None:
        clock = a_clock("dispatch", at(SHANGHAI, "2025-09-30 15:00"))

        assert clock.earliest_at == at(SHANGHAI, "2025-10-09 00:00")
        assert clock.due_at == end_of_day(date(2025, 10, 11), SHANGHAI)  # the make-up Saturday is the third day

    def test_delivery_within_6_to_12_working_days_over_thanksgiving(self) -> None:
        clock = a_clock("delivery", at("America/New_York", "2026-11-20 15:00"), "US", "America/New_York")

        assert clock.earliest_at == at("America/New_York", "2026-12-01 00:00")
        assert clock.due_at == end_of_day(date(2026, 12, 9), "America/New_York")

    def test_refund_within_10_working_days_earliest_5(self) -> None:
        clock = a_clock("refund", at(SHANGHAI, "2026-11-20 15:00"))

        assert clock.earliest_at == at(SHANGHAI, "2026-11-27 00:00")
        assert clock.due_at == end_of_day(date(2026, 12, 4), SHANGHAI)

    def test_a_friday_complaint_is_answered_by_monday_morning(self) -> None:
        clock = a_clock("first_response", FRIDAY, category="complaint")

        assert clock.due_at == at(SHANGHAI, "2026-11-23 10:30")
        assert clock.earliest_at is None

    def test_an_answer_at_closing_time_of_its_target_is_in_time(self) -> None:
        clock = a_clock("first_response", at(SHANGHAI, "2026-11-20 15:00"), category="complaint")

        clock.stop(at(SHANGHAI, "2026-11-20 17:00"))

        assert clock.verdict(FRIDAY) is Verdict.KEPT

    def test_the_day_is_the_customers_even_if_ours_is_another(self) -> None:
        late_evening_in_new_york = at("America/New_York", "2026-11-19 23:30")  # the 20th in Shanghai and in UTC

        clock = a_clock("delivery", late_evening_in_new_york, "US", "America/New_York")

        assert clock.due_at == end_of_day(date(2026, 12, 8), "America/New_York")

    def test_a_promise_past_the_announced_calendar_says_so(self) -> None:
        assert not a_clock("refund", at(SHANGHAI, "2026-12-10 12:00")).provisional
        assert a_clock("refund", at(SHANGHAI, "2026-12-20 12:00")).provisional

    def test_each_promise_of_the_product_has_its_terms(self) -> None:
        def shown(terms: Terms) -> tuple[int, int | None]:
            hours = terms.unit is TimeUnit.BUSINESS_SECONDS
            return terms.target // 3600 if hours else terms.target, terms.earliest

        assert {kind: shown(terms) for kind, terms in TERMS.items() if "_response" not in kind} == {
            "review": (1, None),
            "shortage_contact": (4, None),
            "dispatch": (3, 1),
            "delivery": (12, 6),
            "return_review": (2, None),
            "verification": (2, None),
            "send_back": (5, None),
            "refund": (10, 5),
            "complete_answer": (3, None),
            "resolution": (5, None),
            "update": (1, None),
            "lead_answer": (1, None),
            "remedy": (5, None),
            "landed_cost": (5, None),
            "payment_attention": (1, None),
            "dispute_evidence": (5, None),
            "postage": (2, None),
            "privacy_request": (30, None),
            "suggestion_review": (10, None),
            "complaint_acknowledgment": (1, None),
            "complaint_decision": (5, None),
        }
        categories = ("complaint", "aftersales", "order", "product", "logistics", "suggestion")
        for kind in ("first_response", "next_response"):
            assert [shown(terms_for(TERMS, kind, category))[0] for category in categories] == [2, 4, 4, 8, 8, 8]


class TestVerdict:
    def test_the_last_microsecond_is_in_time_and_the_next_is_late(self) -> None:
        kept, late = a_clock("dispatch", FRIDAY), a_clock("dispatch", FRIDAY)

        kept.stop(kept.due_at)
        late.stop(late.due_at + MICROSECOND)

        assert kept.verdict(kept.due_at) is Verdict.KEPT
        assert late.verdict(late.due_at) is Verdict.BREACHED

    def test_a_clock_that_runs_is_breached_once_its_time_is_over(self) -> None:
        clock = a_clock("dispatch", FRIDAY)

        assert clock.verdict(clock.due_at) is Verdict.RUNNING
        assert clock.verdict(clock.due_at + MICROSECOND) is Verdict.BREACHED

    @given(strategies.clocks(), strategies.gaps, strategies.gaps, strategies.gaps, st.integers(1, 50))
    def test_no_cadence_of_the_sweep_changes_it(
        self, clock: Clock, to_pause: timedelta, to_resume: timedelta, to_stop: timedelta, sweeps: int
    ) -> None:
        swept = Clock.from_record(clock.to_record())
        paused = clock.started_at + to_pause
        resumed = paused + to_resume
        stopped = resumed + to_stop
        moves = [(paused, "pause"), (resumed, "resume"), (stopped, "stop")]

        for one in (clock, swept):
            for index, (moment, move) in enumerate(moves):
                one.pause(moment, "the customer's turn") if move == "pause" else getattr(one, move)(moment)
                if one is swept:
                    until = moves[index + 1][0] if index < 2 else stopped + timedelta(days=60)
                    for n in range(sweeps):
                        now = moment + (until - moment) * n / sweeps
                        notice = one.notice(now)
                        if notice is not None:
                            one.told(notice, now)

        for now in (paused, stopped, stopped + timedelta(days=100)):
            assert swept.verdict(now) is clock.verdict(now)
        assert swept.due_at == clock.due_at

    @given(strategies.clocks(), strategies.gaps, st.lists(strategies.gaps, min_size=1, max_size=4))
    def test_stops_may_arrive_in_any_order(self, clock: Clock, first: timedelta, reports: list[timedelta]) -> None:
        record, moments = clock.to_record(), [clock.started_at + first + gap for gap in reports]
        in_order, reverse = Clock.from_record(record), Clock.from_record(record)

        for moment in sorted(moments):
            in_order.stop(moment)
        for moment in sorted(moments, reverse=True):
            reverse.stop(moment)

        assert in_order == reverse
        assert in_order.stopped_at == min(moments)


class TestEveryClock:
    @given(strategies.terms, strategies.calendars, strategies.zones, strategies.business_hours(), strategies.moments)
    def test_who_starts_later_is_never_due_earlier(
        self, terms: Terms, calendar: str, zone: str, hours: BusinessHours, begin: datetime
    ) -> None:
        where: dict[str, Any] = {"calendar": calendar, "zone": zone}
        if terms.unit is TimeUnit.BUSINESS_SECONDS:
            where = {"hours": hours}
        if terms.unit is TimeUnit.CALENDAR_DAYS:
            where = {"zone": zone}
        moments = [begin + timedelta(hours=n * n) for n in range(6)]
        clocks = [start("dispatch", "S", moment, id="1", owner="o", terms=terms, **where) for moment in moments]

        assert [clock.due_at for clock in clocks] == sorted(clock.due_at for clock in clocks)

    @given(strategies.clocks())
    def test_a_clock_in_days_is_due_at_the_end_of_a_working_day(self, clock: Clock) -> None:
        if clock.unit is not TimeUnit.WORKING_DAYS:
            return
        due_day = local_date(clock.due_at, clock.zone)

        assert working_days(clock.calendar).is_working(due_day)
        assert clock.due_at == end_of_day(due_day, clock.zone)
        assert (
            working_days(clock.calendar).count_between(local_date(clock.started_at, clock.zone), due_day)
            == clock.target
        )

    def test_calendar_days_count_every_day_of_the_year(self) -> None:
        asked = at(SHANGHAI, "2026-12-20 12:00")
        terms = Terms(TimeUnit.CALENDAR_DAYS, 30)

        clock = start("privacy_request", "PRV", asked, id="1", owner="support", terms=terms, zone=SHANGHAI)

        assert clock.due_at == end_of_day(date(2027, 1, 19), SHANGHAI)
        assert not clock.provisional
        assert in_words(terms) == "30 calendar days"

    @given(strategies.clocks(), strategies.gaps, strategies.gaps, st.sampled_from(("run", "pause", "resume", "stop")))
    def test_what_is_written_reads_back(self, clock: Clock, first: timedelta, then: timedelta, state: str) -> None:
        if state != "run":
            clock.pause(clock.started_at + first, "the customer's turn")
        if state in ("resume", "stop"):
            clock.resume(clock.started_at + first + then)
        if state == "stop":
            clock.stop(clock.started_at + first + then)

        assert Clock.from_record(json.loads(json.dumps(clock.to_record()))) == clock

    def test_the_api_shows_what_a_customer_may_know(self) -> None:
        clock = a_clock("delivery", at("America/New_York", "2026-11-20 15:00"), "US-CA", "America/Los_Angeles")
        clock.stop(datetime(2026, 12, 3, 18, tzinfo=UTC))

        assert clock.view(FRIDAY) == {
            "kind": "delivery",
            "subject": "SHP-1",
            "started_at": "2026-11-20T20:00:00Z",
            "earliest_at": "2026-12-02T08:00:00Z",
            "due_at": "2026-12-11T07:59:59.999999Z",
            "status": "kept",
            "stopped_at": "2026-12-03T18:00:00Z",
            "provisional": False,
            "calendar": "US-CA",
            "calendar_version": working_days("US-CA").version,
            "zone": "America/Los_Angeles",
            "terms_version": "1",
        }


class TestTerms:
    def test_terms_are_said_as_a_customer_reads_them(self) -> None:
        said = {
            kind: in_words(TERMS[kind]) for kind in ("dispatch", "review", "verification", "first_response.product")
        }

        assert said == {
            "dispatch": "1 to 3 working days",
            "review": "1 working day",
            "verification": "2 working days",
            "first_response.product": "8 business hours",
        }

    def test_minutes_are_said_where_hours_would_not_be_true(self) -> None:
        assert in_words(Terms(TimeUnit.BUSINESS_SECONDS, 5400)) == "90 business minutes"
        assert in_words(Terms(TimeUnit.BUSINESS_SECONDS, 3600)) == "1 business hour"
        assert in_words(Terms(TimeUnit.WORKING_DAYS, 2, 2)) == "2 working days"

    def test_the_next_start_forgets_earlier_changes(self) -> None:
        table = Table(TERMS)
        table.change(read_terms({"version": "2", "terms": {"dispatch": {"working_days": 2}}}, table))
        table.change({})

        assert dict(table) == TERMS

    def test_a_shop_changes_some_and_keeps_the_rest(self) -> None:
        table = Table(TERMS)
        changes = read_terms(
            {
                "version": "2026-12",
                "terms": {
                    "dispatch": {"working_days": 2, "earliest": 1},
                    "first_response.product": {"business_seconds": 3600},
                },
            },
            TERMS,
        )

        table.change(changes)

        assert terms_for(table, "dispatch") == Terms(TimeUnit.WORKING_DAYS, 2, 1, "2026-12")
        assert terms_for(table, "first_response", "product").version == "2026-12"
        assert terms_for(table, "first_response", "suggestion") == TERMS["first_response.suggestion"]
        assert terms_for(table, "delivery") == TERMS["delivery"]

    @pytest.mark.parametrize(
        "data",
        [
            {"terms": {}},
            {"version": "", "terms": {}},
            {"version": "2", "terms": {"dispach": {"working_days": 2}}},
            {"version": "2", "terms": {"dispatch": {}}},
            {"version": "2", "terms": {"dispatch": {"days": 2}}},
            {"version": "2", "terms": {"dispatch": {"working_days": 2, "business_seconds": 2}}},
            {"version": "2", "terms": {"dispatch": {"working_days": 0}}},
            {"version": "2", "terms": {"dispatch": {"working_days": 2, "earliest": 3}}},
            {"version": "2", "terms": {"dispatch": {"working_days": "2"}}},
            {"version": "2", "terms": {"dispatch": {"working_days": True}}},
            {"version": "2", "terms": {"dispatch": {"working_days": 251}}},
            {"version": "2", "terms": {"dispatch": {"business_seconds": 3600}}},
            {"version": "2", "terms": {"dispatch": {"working_days": 2, "earliest": None}}},
            {"version": "2", "terms": {"dispatch": [2]}},
            {"version": "2", "terms": {"first_response": {"business_seconds": 3600}}},
            {"version": "2", "terms": {"first_response.order": {"business_seconds": 90}}},
            {"version": "2", "terms": []},
            {"version": "2", "terms": {}, "from": "2026-12-01"},
            {"version": 2, "terms": {}},
            {"version": "2" * 33, "terms": {}},
            [],
            {"version": "2", "terms": {"next_response.order": {"business_seconds": 60, "earliest": 1}}},
        ],
    )
    def test_terms_that_promise_nothing_sensible_are_refused(self, data: object) -> None:
        with pytest.raises(ValueError, match=r".+"):
            read_terms(data, TERMS)

    def test_a_kind_without_terms_is_an_error(self) -> None:
        with pytest.raises(KeyError):
            terms_for(TERMS, "happiness")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('{"terms": {"refund": {"working_days": 9}}, "version": "1"}', True),
        ('{"version":"1","terms":{"refund":{"working_days":9}}}', True),
        ('{"version": "2", "terms": {"refund": {"working_days": 9}}}', False),
        ('{"version": "1", "terms": {"refund": {"working_days": 8}}}', False),
        ("", False),
    ],
)
def test_terms_have_one_fingerprint_however_they_are_written(text: str, same: bool) -> None:
    known = fingerprint('{"version": "1", "terms": {"refund": {"working_days": 9}}}')

    assert (fingerprint(text) == known) is same
