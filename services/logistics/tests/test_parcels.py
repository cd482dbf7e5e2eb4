"""What people put right: numbers, deliveries that no carrier reports, scans without a parcel; and how they find it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.states import VersionMoved
from services.common.commitments import Verdict
from services.common.testing import fresh_store, staff
from services.logistics.api.parts import carrier_code
from services.logistics.api.refusals import (
    AlreadyDelivered,
    AlreadyDismissed,
    ImpossibleTime,
    NotDelivered,
    ParcelNotFound,
    TrackingNumberTaken,
    UnmatchedSettled,
)
from services.logistics.api.shipments import (
    CorrectParcel,
    DenyDelivery,
    ListShipments,
    MarkDispatched,
    ParcelGiven,
    RecordDelivery,
    Step,
)
from services.logistics.api.sources import ScanRow
from services.logistics.api.statuses import Health, ParcelStatus
from services.logistics.api.tracking import AttachScans, DismissScans, ListUnmatched
from services.logistics.domain import NewParcel
from services.logistics.handlers import parcels, shipments, uploads
from services.logistics.repository import tracking
from services.logistics.tests.builders import a_scan, an_order_number, review_passed
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene

S = ParcelStatus
AGENT = staff("agent")
REASON = "two digits were swapped"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def dispatched(scene: Scene, *parcels: NewParcel, n: int = 1, **review: Any) -> str:
    order_number = an_order_number(n)
    scene.pass_review(order_number, **review)
    return scene.dispatch(*parcels, order_number=order_number)["number"]


def parcel_of(scene: Scene, n: int = 1) -> Any:
    return scene.tracking(order_number=an_order_number(n))["shipments"][0]["parcels"][0]


def unmatched(scene: Scene) -> list[Any]:
    with scene.work(AGENT) as work:
        return parcels.list_unmatched(work, ListUnmatched())["items"]


def correct(scene: Scene, number: str, **right: Any) -> None:
    with scene.work(WAREHOUSE) as work:
        parcels.correct_parcel(work, number, f"{number}-01", CorrectParcel(REASON, **right))


def record(scene: Scene, number: str, at: datetime) -> None:
    with scene.work(AGENT) as work:
        parcels.record_delivery(work, number, f"{number}-01", RecordDelivery(at, "Signed for by A. Lovelace."))


def uploaded(scene: Scene, *rows: str) -> list[ScanRow]:
    with scene.work(WAREHOUSE) as work:
        given = uploads.upload_scans(work, "tracking_number,occurred_at,status,carrier,country\n" + "".join(rows))
    return given["rows"]


# correcting


def test_a_corrected_number_takes_only_its_own_scans(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("fedex", "12"))
    scene.scan(a_scan(S.IN_TRANSIT, 7, number="12"), a_scan(S.CUSTOMS, 8, number="21"))

    correct(scene, number, tracking_number="2-1")

    shown = parcel_of(scene)
    assert (shown["tracking_number"], shown["status"], len(shown["events"])) == ("2-1", "customs", 1)
    assert [item["tracking_number"] for item in unmatched(scene)] == ["12"]
    (body,) = scene.told("parcel_corrected")
    assert (body["previous_tracking_number"], body["reason"]) == ("12", REASON)
    with scene.work() as work:
        watch = work.watches.of_parcels([f"{number}-01"])[f"{number}-01"]
    assert (watch.tracking_number, watch.registered_at, watch.register_at) == ("2-1", None, DISPATCHED)


def test_a_correction_takes_back_a_delivery_of_the_wrong_number(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("fedex", "12"))
    with clock.frozen(DISPATCHED + timedelta(days=3)):
        scene.scan(a_scan(S.DELIVERED, 48, number="12"))
        correct(scene, number, tracking_number="21")

    assert len(scene.told("delivery_taken_back")) == 1
    assert scene.verdict("delivery") is Verdict.RUNNING
    assert parcel_of(scene)["status"] == "label_created"


def test_a_wrong_carrier_is_corrected(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("fedex", "77"))
    dispatched(scene, NewParcel("usps", "77"), n=2)
    scene.scan(a_scan(S.IN_TRANSIT, 7, number="77", carrier="dhl"))
    assert len(unmatched(scene)) == 1

    correct(scene, number, carrier="DHL Express")

    assert (parcel_of(scene)["carrier"], parcel_of(scene)["status"]) == ("dhlexpress", "in_transit")
    assert unmatched(scene) == []


def test_a_correction_does_not_take_anothers_number(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("fedex", "12"))
    dispatched(scene, NewParcel("fedex", "21"), n=2)

    with pytest.raises(TrackingNumberTaken):
        correct(scene, number, tracking_number="2 1")
    with pytest.raises(ParcelNotFound), scene.work(WAREHOUSE) as work:
        parcels.correct_parcel(work, number, f"{number}-09", CorrectParcel(REASON, tracking_number="9"))


# recording a delivery


def test_a_delivery_that_no_carrier_tells_is_recorded(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("localpost", "LP1"))
    with clock.frozen(DISPATCHED + timedelta(days=5)):
        record(scene, number, DISPATCHED + timedelta(days=4))

        with pytest.raises(AlreadyDelivered):
            record(scene, number, DISPATCHED + timedelta(days=4))

    assert parcel_of(scene)["delivered_at"] == "2026-03-07T08:00:00Z"
    assert [body["evidence"] for body in scene.told("delivery_recorded")] == ["Signed for by A. Lovelace."]
    assert len(scene.told("shipment_delivered")) == 1
    assert scene.verdict("delivery") is Verdict.KEPT


def test_a_person_may_know_that_what_came_back_was_delivered(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("fedex", "1Z1"))
    with clock.frozen(DISPATCHED + timedelta(days=5)):
        scene.scan(a_scan(S.RETURNING, 24), a_scan(S.DELIVERED, 48))
        record(scene, number, DISPATCHED + timedelta(days=3))

    assert parcel_of(scene)["status"] == "delivered"


@pytest.mark.parametrize("hours", [-1, 49])
def test_a_delivery_at_an_impossible_time_is_not_recorded(scene: Scene, hours: float) -> None:
    number = dispatched(scene, NewParcel("localpost", "LP1"))

    with clock.frozen(DISPATCHED + timedelta(days=2)), pytest.raises(ImpossibleTime):
        record(scene, number, DISPATCHED + timedelta(hours=hours))


# rows that are uploaded


def test_an_upload_takes_back_no_delivery_of_another(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each number the newest scans count, however many there are of others."""
    monkeypatch.setattr(tracking, "MAX_SCANS", 2)
    dispatched(scene, NewParcel("localpost", "LP1"))
    dispatched(scene, NewParcel("localpost", "LP2"), n=2)
    moved = [f"LP2,2026-03-04T0{hour}:00:00Z,in_transit,localpost,\n" for hour in range(3)]
    with clock.frozen(DISPATCHED + timedelta(days=2)):
        uploaded(scene, "LP1,2026-03-03T20:00:00Z,delivered,localpost,\n")
        uploaded(scene, "LP1,2026-03-03T10:00:00Z,in_transit,localpost,\n", *moved)

    assert scene.told("delivery_taken_back") == []
    assert (parcel_of(scene)["status"], len(parcel_of(scene)["events"])) == ("delivered", 2)
    assert [event["occurred_at"] for event in parcel_of(scene, 2)["events"]] == [
        "2026-03-04T01:00:00Z", "2026-03-04T02:00:00Z",
    ]  # fmt: skip


def test_a_row_of_the_future_is_refused_but_not_today(scene: Scene) -> None:
    dispatched(scene, NewParcel("localpost", "LP1"))
    with clock.frozen(DISPATCHED + timedelta(days=2)):  # eight in the morning
        rows = uploaded(
            scene,
            "LP1,2026-03-05,in_transit,localpost,DE\n",
            "LP1,2026-03-06T08:00:00Z,in_transit,localpost,\n",
            "LP1,2026-03-06T08:00:01Z,delivered,localpost,\n",
            "LP1,2062-03-05,delivered,localpost,DE\n",
        )

    future = ("refused", "occurred_at is in the future")
    assert [(row["outcome"], row["detail"]) for row in rows] == [("added", None), ("added", None), future, future]
    assert parcel_of(scene)["status"] == "in_transit"


# scans without a parcel


def test_what_finds_no_parcel_is_listed_until_it_is_attached(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("fedex", "12"))
    scene.scan(a_scan(S.IN_TRANSIT, 7, number="LP-1", carrier="localpost"))
    scene.scan(a_scan(S.CUSTOMS, 8, number="LP1", carrier="localpost"))
    (listed,) = unmatched(scene)
    assert (listed["tracking_number"], listed["status"]) == ("LP1", "customs")

    with scene.work(AGENT) as work:
        typed = f"{number}-01".lower().replace("-", " ")
        parcels.attach_unmatched(work, listed["id"], AttachScans(typed, "its label says so"))
    scene.scan(a_scan(S.OUT_FOR_DELIVERY, 9, number="LP1", carrier="localpost"))

    assert [event["status"] for event in parcel_of(scene)["events"]] == ["in_transit", "customs", "out_for_delivery"]
    assert unmatched(scene) == []
    assert scene.told("scans_attached")[0]["scanned_number"] == "LP1"
    with pytest.raises(UnmatchedSettled), scene.work(AGENT) as work:
        parcels.attach_unmatched(work, listed["id"], AttachScans(f"{number}-01"))


def dismissed(scene: Scene) -> list[Any]:
    with scene.work(AGENT) as work:
        return parcels.list_unmatched(work, ListUnmatched(dismissed=True))["items"]


def dismiss(scene: Scene, listed: Any, caller: Caller = AGENT) -> Any:
    with scene.work(caller) as work:
        return parcels.dismiss_unmatched(work, listed["id"], DismissScans("another shop's parcel"))


def test_a_person_dismisses_scans_that_are_not_ours(scene: Scene) -> None:
    scene.scan(a_scan(S.IN_TRANSIT, 7, number="LP-1", carrier="localpost"))
    (listed,) = unmatched(scene)

    shown = dismiss(scene, listed)
    scene.scan(a_scan(S.CUSTOMS, 8, number="LP1", carrier="localpost"))

    assert listed["dismissed"] is None
    assert (shown["dismissed"]["by"], shown["dismissed"]["reason"]) == (AGENT.actor, "another shop's parcel")
    assert unmatched(scene) == []
    assert [(item["status"], item["dismissed"]["by"]) for item in dismissed(scene)] == [("customs", AGENT.actor)]
    (told,) = scene.told("scans_dismissed")
    assert (told["tracking_number"], told["by"], told["reason"]) == ("LP1", AGENT.actor, "another shop's parcel")
    with pytest.raises(AlreadyDismissed):
        dismiss(scene, listed)


def test_dismissed_scans_are_their_parcels_all_the_same(scene: Scene) -> None:
    scene.scan(a_scan(S.IN_TRANSIT, 7, number="LP-1", carrier="localpost"))
    scene.scan(a_scan(S.IN_TRANSIT, 8, number="1Z9"))
    for listed in unmatched(scene):
        dismiss(scene, listed)
    number = dispatched(scene, NewParcel("fedex", "1Z9"))

    (left,) = dismissed(scene)
    with scene.work(AGENT) as work:
        parcels.attach_unmatched(work, left["id"], AttachScans(f"{number}-01", "it was ours after all"))

    assert left["tracking_number"] == "LP1"
    assert dismissed(scene) == unmatched(scene) == []
    assert len(parcel_of(scene)["events"]) == 2
    with pytest.raises(UnmatchedSettled):
        dismiss(scene, left)


def test_an_early_scan_is_listed_until_its_parcel_is_dispatched(scene: Scene) -> None:
    scene.scan(a_scan(S.IN_TRANSIT, 1, number="1Z1"))
    assert len(unmatched(scene)) == 1

    dispatched(scene, NewParcel("fedex", "1Z-1"))

    assert unmatched(scene) == []


# the hand-over


def handed_over(scene: Scene, at: datetime | None) -> Any:
    number = scene.pack()
    with scene.work(WAREHOUSE) as work:
        given = MarkDispatched((ParcelGiven("fedex", "1Z1"),), handed_over_at=at)
        return shipments.show(work, shipments.mark_dispatched(work, number, given))


def test_the_promise_counts_from_the_hand_over_that_is_stated(scene: Scene) -> None:
    scene.pass_review()
    with clock.frozen(DISPATCHED + timedelta(days=6)):
        shown = handed_over(scene, DISPATCHED)

    assert shown["dispatched_at"] == "2026-03-03T08:00:00Z"
    assert shown["promise"]["due_at"] == "2026-03-20T05:59:59.999999Z"
    assert scene.verdict("dispatch") is Verdict.KEPT
    assert scene.told("shipment_dispatched")[0]["recorded_at"] == "2026-03-09T08:00:00Z"


@pytest.mark.parametrize("days", [-3, 1])
def test_a_hand_over_at_an_impossible_time_is_refused(scene: Scene, days: int) -> None:
    scene.pass_review()

    with pytest.raises(ImpossibleTime):
        handed_over(scene, DISPATCHED + timedelta(days=days))


@pytest.mark.parametrize(("hours", "doubted"), [(-31, True), (0, False), (30, False), (24 * 5, True)])
def test_the_hand_over_is_held_against_the_first_scan(scene: Scene, hours: int, doubted: bool) -> None:
    number = dispatched(scene, NewParcel("fedex", "1Z1"))

    with clock.frozen(DISPATCHED + timedelta(days=6)):
        scene.scan(a_scan(S.IN_TRANSIT, hours + 6))

    assert len(scene.told("hand_over_doubted")) == doubted
    with scene.work(WAREHOUSE) as work:
        shown = shipments.show(work, shipments.get_shipment(work, number))
    assert [warning["code"] for warning in shown["warnings"]] == ["hand_over_doubted"] * doubted


@pytest.mark.parametrize("second", ["ups", "UPSDAP", "UPS Mail Innovations"])
def test_one_box_is_not_handed_over_twice_under_two_names(scene: Scene, second: str) -> None:
    dispatched(scene, NewParcel("ups", "1Z 999"))

    with pytest.raises(TrackingNumberTaken):
        dispatched(scene, NewParcel(carrier_code(second), "1z999"), n=2)
    with pytest.raises(TrackingNumberTaken):
        dispatched(scene, NewParcel("fedex", "3"), NewParcel("fedexdefault", "3"), n=3)


def test_new_year_does_not_free_a_number(scene: Scene) -> None:
    with clock.frozen(DISPATCHED.replace(month=12, day=30)):
        dispatched(scene, NewParcel("fedex", "12"))

    with clock.frozen(DISPATCHED.replace(year=2027, month=1, day=4)), pytest.raises(TrackingNumberTaken):
        dispatched(scene, NewParcel("fedex", "12"), n=2)
    with clock.frozen(DISPATCHED.replace(year=2027, month=6)):
        dispatched(scene, NewParcel("fedex", "12"), n=3)


def test_a_number_that_is_used_again_takes_no_delivery_back(scene: Scene) -> None:
    dispatched(scene, NewParcel("fedex", "12"))
    with clock.frozen(DISPATCHED + timedelta(days=3)):
        scene.scan(a_scan(S.DELIVERED, 48, number="12"))

    with clock.frozen(DISPATCHED + timedelta(days=300)):
        received = scene.scan(a_scan(S.IN_TRANSIT, 24 * 299, number="12"))

    assert (received.unmatched, parcel_of(scene)["status"]) == (0, "delivered")
    assert scene.told("delivery_taken_back") == []


def test_a_recorded_delivery_survives_a_corrected_number(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("localpost", "12"))
    with clock.frozen(DISPATCHED + timedelta(days=3)):
        record(scene, number, DISPATCHED + timedelta(days=2))
        correct(scene, number, tracking_number="21", carrier="otherpost")
        dispatched(scene, NewParcel("localpost", "12"), n=2)

    assert (parcel_of(scene)["status"], parcel_of(scene, 2)["status"]) == ("delivered", "label_created")
    assert scene.told("delivery_taken_back") == []


def deny(scene: Scene, number: str) -> None:
    with scene.work(AGENT) as work:
        parcels.deny_delivery(work, number, f"{number}-01", DenyDelivery("The photo shows another house."))


@pytest.mark.parametrize("by", ["a carrier", "a person"])
def test_a_delivery_that_a_person_knows_to_be_none_is_taken_back(scene: Scene, by: str) -> None:
    number = dispatched(scene, NewParcel("fedex", "12"))
    with pytest.raises(NotDelivered):
        deny(scene, number)
    with clock.frozen(DISPATCHED + timedelta(days=3)):
        if by == "a person":
            record(scene, number, DISPATCHED + timedelta(days=3))
        else:
            scene.scan(a_scan(S.DELIVERED, 78, number="12"))
        deny(scene, number)
        scene.scan(a_scan(S.IN_TRANSIT, 40, number="12"), key="late")
        with pytest.raises(NotDelivered):
            deny(scene, number)

        assert parcel_of(scene)["status"] == "in_transit"
        assert scene.verdict("delivery") is Verdict.RUNNING
        assert (len(scene.told("delivery_denied")), len(scene.told("delivery_taken_back"))) == (1, 1)
    with clock.frozen(DISPATCHED + timedelta(days=5)):
        scene.scan(a_scan(S.DELIVERED, 120, number="12"), key="true")
    assert parcel_of(scene)["status"] == "delivered"


def test_a_delivery_by_a_clock_that_is_fast_is_taken_back_too(scene: Scene) -> None:
    number = dispatched(scene, NewParcel("fedex", "12"))
    with clock.frozen(DISPATCHED + timedelta(hours=1)):
        scene.scan(a_scan(S.DELIVERED, 7 + 5 / 60, number="12", heard_after=7))

        deny(scene, number)

        assert parcel_of(scene)["status"] == "in_transit"


# finding


def search(scene: Scene, **wanted: Any) -> list[str]:
    with scene.work(AGENT) as work:
        return [item["order_number"] for item in shipments.list_shipments(work, ListShipments(**wanted))["items"]]


def test_shipments_are_found_by_what_an_agent_has_in_hand(scene: Scene) -> None:
    delivery = {**review_passed(ORDER)["delivery"], "name": "Grace Hopper"}
    number = dispatched(scene, NewParcel("ups", "1Z 999-885"))
    dispatched(scene, NewParcel("fedex", "77"), n=2, delivery=delivery)
    one, two = an_order_number(1), an_order_number(2)

    for words in (one, one.lower(), number, "1z999885", " 1Z 999 885 ", "lovelace"):
        assert search(scene, q=words) == [one], words
    assert search(scene, q="HOPP") == [two]
    assert search(scene, q="100%") == []
    assert search(scene, carrier="UPSDAP") == [one]
    assert search(scene, carrier="usps") == []


NAMES = [
    ("José Núñez", "jose nunez", "NÚÑEZ", "José"),
    ("Jürgen Groß", "GROSS", "jurgen", "groß"),
    ("Ayşe Işık", "ayse isik", "IŞIK", "AYŞE"),
    ("Γιώργος Παπαδόπουλος", "γιωργος", "ΠΑΠΑΔΟΠΟΥΛΟΣ", "παπαδοπουλοσ"),
    ("Фёдор Толстой", "федор", "ТОЛСТОЙ"),
    ("김민준", "김민준", "민준"),
    ("مُحَمَّد علي", "محمد", "علي"),
    ("Seán O’Brien", "o'brien", "SEAN", "O’BRIEN"),
    ("山田 太郎", "山田", "太郎"),
    ("Łukasz Żółć", "lukasz zolc", "ŻÓŁĆ"),
]


@pytest.mark.parametrize("names", NAMES, ids=[names[0] for names in NAMES])
def test_a_shipment_is_found_by_a_name_in_any_spelling(scene: Scene, names: tuple[str, ...]) -> None:
    name, *typed = names
    scene.pass_review(an_order_number(3), delivery={**review_passed(ORDER)["delivery"], "name": name})
    scene.pass_review(an_order_number(9), delivery={**review_passed(ORDER)["delivery"], "name": "Somebody Else"})

    for words in (name, *typed):
        for asked in (unicodedata.normalize("NFC", words), unicodedata.normalize("NFD", words), f" {words} "):
            assert search(scene, q=asked) == [an_order_number(3)], asked


@pytest.mark.parametrize("form", ["{}", "#{}", "{}.", "({})"])
def test_a_shipment_is_found_by_a_number_as_it_is_typed(scene: Scene, form: str) -> None:
    scene.pass_review(one := an_order_number(1))
    scene.pass_review(an_order_number(2))

    for number in (one, one.lower(), one.replace("-", ""), one.replace("-", " "), one[4:], one.translate(WIDE)):
        assert search(scene, q=form.format(number)) == [one], number


WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def test_late_and_stuck_shipments_can_be_listed(scene: Scene) -> None:
    dispatched(scene, NewParcel("fedex", "1"))
    dispatched(scene, NewParcel("fedex", "2"), n=2)
    scene.pass_review(an_order_number(3))
    with clock.frozen(DISPATCHED + timedelta(days=8)):
        scene.scan(a_scan(S.IN_TRANSIT, 24 * 7, number="2"))

        assert search(scene, health=Health.STUCK) == [an_order_number(1)]
        assert search(scene, health=Health.LATE) == []
        assert search(scene, due_before=DISPATCHED + timedelta(days=8)) == [an_order_number(3)]
    with clock.frozen(DISPATCHED + timedelta(days=30)):
        assert search(scene, health=Health.LATE, limit=1) == [an_order_number(1)]
        assert len(search(scene, due_before=DISPATCHED + timedelta(days=30))) == 3


def test_a_step_on_an_old_version_is_refused(scene: Scene) -> None:
    scene.pass_review()
    number = scene.number()

    for seen in (0, 2):
        with pytest.raises(VersionMoved), scene.work(WAREHOUSE) as work:
            shipments.mark_sorted(work, number, Step(seen))
    with scene.work(WAREHOUSE) as work:
        assert shipments.mark_sorted(work, number, Step(1)).version == 2
