"""Who broke a promise of logistics, by holds and scans."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.basics import clock
from services.common.basics.shapes import BreachCause
from services.common.commitments import Clock, Verdict
from services.common.commitments.causes import Span, attribute
from services.common.testing import fresh_store
from services.logistics.api.statuses import ParcelStatus as S
from services.logistics.api.statuses import Reason
from services.logistics.domain import NewParcel, TrackingEvent
from services.logistics.domain.breaches import cause_of_dispatch, spans_of
from services.logistics.domain.clocks import dispatch_clock
from services.logistics.handlers import breaches, orders
from services.logistics.tests.builders import a_scan
from services.logistics.tests.scene import DISPATCHED, ORDER, Scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


DAY, HOUR = timedelta(days=1), timedelta(hours=1)
C = BreachCause
HOLDERS = st.sampled_from([C.CARRIER, C.CUSTOMS, C.CUSTOMER])


def test_a_promise_kept_but_for_customs_was_broken_by_customs() -> None:
    spans = [
        Span(DISPATCHED, DISPATCHED + 8 * DAY, C.CARRIER),
        Span(DISPATCHED + 8 * DAY, DISPATCHED + 13 * DAY, C.CUSTOMS),
    ]

    found = attribute(spans, C.CARRIER, DISPATCHED + 10 * DAY, DISPATCHED + 13 * DAY, ended=True)

    assert found.cause is C.CUSTOMS
    assert [(each.cause, each.seconds) for each in found.held] == [(C.CARRIER, 8 * 86400), (C.CUSTOMS, 5 * 86400)]


def test_a_carrier_late_by_itself_is_not_excused_by_customs() -> None:
    spans = [Span(DISPATCHED, DISPATCHED + DAY, C.CUSTOMS), Span(DISPATCHED + DAY, DISPATCHED + 20 * DAY, C.CARRIER)]

    assert attribute(spans, C.CARRIER, DISPATCHED + 10 * DAY, DISPATCHED + 20 * DAY, ended=True).cause is C.CARRIER


def test_an_hour_at_customs_does_not_excuse_what_is_still_awaited() -> None:
    due = DISPATCHED + 10 * DAY
    spans = [Span(DISPATCHED, DISPATCHED + HOUR, C.CUSTOMS), Span(DISPATCHED + HOUR, due, C.CARRIER)]

    assert attribute(spans, C.CARRIER, due, due, ended=False).cause is C.CARRIER


def test_who_has_it_as_the_promise_breaks_broke_it() -> None:
    due = DISPATCHED + 10 * DAY
    spans = [Span(DISPATCHED, due - HOUR, C.CARRIER), Span(due - HOUR, due, C.CUSTOMS)]

    assert attribute(spans, C.CARRIER, due, due, ended=False).cause is C.CUSTOMS


@pytest.mark.pure
@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.sampled_from([C.CARRIER, C.CUSTOMS, C.CUSTOMER])), min_size=1, max_size=9
    )
)
def test_the_usual_holder_broke_it_where_its_own_time_did(parts: list[tuple[int, BreachCause]]) -> None:
    """An independent count: take the time of the others away, and see whether the rest is still late."""
    due, at, spans = DISPATCHED + 300 * HOUR, DISPATCHED, []
    for hours, cause in parts:
        spans.append(Span(at, at + hours * HOUR, cause))
        at += hours * HOUR

    found = attribute(spans, C.CARRIER, due, max(at, due), ended=True)

    own = sum(hours for hours, cause in parts if cause is C.CARRIER)
    if at > due:
        assert (found.cause is C.CARRIER) == (own > 300)
    assert sum(each.seconds for each in found.held) == int((at - DISPATCHED).total_seconds())


def scan(hours: float, status: S, reason: Reason | None = None) -> TrackingEvent:
    return a_scan(status, hours, reason=reason)


def held(*scans: TrackingEvent, doubted: bool = False) -> list[BreachCause]:
    begin = min((each.occurred_at for each in scans), default=DISPATCHED) - HOUR
    return [each.cause for each in spans_of(scans, begin, begin + 90 * DAY, doubted=doubted)]


def test_a_parcel_never_scanned_says_nothing_of_who_had_it() -> None:
    assert held() == [C.UNKNOWN]


def test_a_hand_over_that_is_doubted_says_nothing_until_a_scan() -> None:
    assert held(scan(1, S.IN_TRANSIT), doubted=True) == [C.UNKNOWN, C.CARRIER]
    assert held(scan(1, S.IN_TRANSIT)) == [C.CARRIER, C.CARRIER]


@pytest.mark.parametrize(
    ("status", "reason", "cause"),
    [
        (S.CUSTOMS, None, C.CUSTOMS),
        (S.CUSTOMS_HOLD, Reason.DOCUMENT, C.CUSTOMS),
        (S.AVAILABLE_FOR_PICKUP, None, C.CUSTOMER),
        (S.ATTEMPT_FAILED, Reason.NOBODY, C.CUSTOMER),
        (S.ATTEMPT_FAILED, Reason.INACCESSIBLE, C.CARRIER),
        (S.ATTEMPT_FAILED, None, C.UNKNOWN),
        (S.EXCEPTION, Reason.ADDRESS, C.CUSTOMER),
        (S.EXCEPTION, Reason.WEATHER, C.CARRIER),
        (S.RETURNING, Reason.REFUSED, C.CUSTOMER),
        (S.LOST, None, C.CARRIER),
    ],
)
def test_each_status_says_with_whom_a_parcel_is(status: S, reason: Reason | None, cause: BreachCause) -> None:
    assert held(scan(1, S.IN_TRANSIT), scan(2, status, reason))[-1] is cause


def test_a_parcel_turned_round_stays_with_who_had_it() -> None:
    back = [scan(1, S.IN_TRANSIT), scan(2, S.CUSTOMS_HOLD), scan(3, S.RETURNING), scan(4, S.IN_TRANSIT)]

    assert held(*back)[-1] is C.CUSTOMS


def a_dispatch_clock() -> Clock:
    return dispatch_clock("SHP-1", ORDER, DISPATCHED, "CN", "Asia/Shanghai", "1")


def test_an_order_that_staff_held_is_not_the_warehouses_fault() -> None:
    promise = a_dispatch_clock()
    promise.stop(promise.due_at + DAY)

    assert cause_of_dispatch([], promise, promise.due_at + 2 * DAY).cause is C.WAREHOUSE
    assert cause_of_dispatch([(DISPATCHED, DISPATCHED + HOUR)], promise, promise.due_at).cause is C.WAREHOUSE
    assert cause_of_dispatch([(DISPATCHED, DISPATCHED + 2 * DAY)], promise, promise.due_at).cause is C.PLATFORM


def swept(scene: Scene, at: datetime) -> list[tuple[str, str, bool]]:
    """Tell what is broken by then: (kind, cause, whether it has ended) of what was attributed."""
    with clock.frozen(at), scene.work() as work:
        found = work.commitments.sweep(lambda each: breaches.cause_of(work, each))
        work.journal.record(*found)
    return [(each.kind, each.cause, each.final) for each in found if each.type == "breach_attributed"]  # type: ignore[attr-defined]


def sent(scene: Scene) -> Clock:
    with clock.frozen(DISPATCHED - DAY):
        scene.pass_review()
    with clock.frozen(DISPATCHED):
        number = scene.dispatch(NewParcel("fedex", "1Z1"))["number"]
    with scene.work() as work:
        found = work.commitments.find("delivery", number)
    assert found is not None
    return found


def test_a_breach_is_attributed_and_judged_again_once_it_ended(scene: Scene) -> None:
    promise = sent(scene)
    scene.scan(a_scan(S.IN_TRANSIT, 24, number="1Z1"), key="1")
    assert swept(scene, promise.due_at + HOUR) == [("delivery", C.CARRIER, False)]
    assert swept(scene, promise.due_at + 2 * HOUR) == []

    hours = (promise.due_at - DISPATCHED) / HOUR
    with clock.frozen(promise.due_at + 9 * DAY):
        scene.scan(a_scan(S.CUSTOMS_HOLD, 48, number="1Z1"), key="2")
        scene.scan(a_scan(S.OUT_FOR_DELIVERY, hours + 40, number="1Z1"), key="3")
        scene.scan(a_scan(S.DELIVERED, hours + 42, number="1Z1"), key="4")

    assert swept(scene, promise.due_at + 9 * DAY) == [("delivery", C.CUSTOMS, True)]
    assert swept(scene, promise.due_at + 10 * DAY) == []


def test_a_breach_of_a_parcel_never_scanned_says_so(scene: Scene) -> None:
    promise = sent(scene)

    assert swept(scene, promise.due_at + HOUR) == [("delivery", C.UNKNOWN, False)]


def test_a_hold_of_staff_is_the_platforms_time(scene: Scene) -> None:
    with clock.frozen(DISPATCHED):
        scene.pass_review()
    number = scene.number()
    with clock.frozen(DISPATCHED), scene.work() as work:
        orders.hold_order(work, ORDER, "HLD-1", DISPATCHED, pauses=False)
        promise = work.commitments.find("dispatch", number)
        assert promise is not None

    assert swept(scene, promise.due_at + HOUR) == [("dispatch", C.PLATFORM, False)]
    assert promise.verdict(promise.due_at + HOUR) is Verdict.BREACHED
