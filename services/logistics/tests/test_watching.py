"""Carriers are told of parcels and asked for them; a refusal of one number affects only that number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import eventlet
import pytest
from eventlet import wsgi

from services.common.basics import clock
from services.common.basics.clock import rfc3339
from services.common.testing import eventually, fresh_store, running
from services.logistics.adapters.carriers import Carriers
from services.logistics.adapters.carriers.calls import Budget
from services.logistics.adapters.carriers.easypost import EasyPost
from services.logistics.domain import NewParcel, Watch
from services.logistics.handlers import tracking, watching
from services.logistics.repository import Work
from services.logistics.service import LogisticsService
from services.logistics.tests.builders import an_order_number, review_passed
from services.logistics.tests.scene import DISPATCHED, ORDER, WAREHOUSE, Scene


class EasyPostServer:
    """Answers like EasyPost's trackers: what it was asked, what it knows, and whom it sends away."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.bodies: list[Any] = []
        self.known: dict[str, list[Any]] = {}
        self.refuses: set[str] = set()
        self.rests: str | None = None
        self._listener = eventlet.listen(("127.0.0.1", 0))
        self._server = eventlet.spawn(wsgi.server, self._listener, self._answer, log_output=False)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._server.kill()
        self._listener.close()

    def asked(self, method: str) -> list[str]:
        return [number for each, number in self.seen if each == method]

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        method = environ["REQUEST_METHOD"]
        if method == "POST":
            body = json.loads(environ["wsgi.input"].read())
            self.bodies.append(body)
            number = body["tracker"]["tracking_code"]
        else:
            number = environ["QUERY_STRING"].partition("tracking_code=")[2]
        self.seen.append((method, number))
        if number in self.refuses:
            start_response("503 Service Unavailable", [("Content-Type", "application/json")])
            return [b"{}"]
        if self.rests is not None:
            start_response("429 Too Many Requests", [("Retry-After", self.rests)])
            return [b"slower, please"]
        tracker = {"tracking_code": number, "carrier": "FedEx", "tracking_details": self.known.get(number, [])}
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(tracker if method == "POST" else {"trackers": [tracker]}).encode()]


@pytest.fixture
def easypost() -> Iterator[EasyPostServer]:
    server = EasyPostServer()
    yield server
    server.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        yield Scene(store)


def carriers_of(server: EasyPostServer) -> Carriers:
    return Carriers({"easypost": EasyPost(easypost_api_key="key", easypost_url=server.url)})


def transaction_of(scene: Scene) -> watching.Transaction:
    return partial(scene.store.work, Work)


def two_parcels(scene: Scene) -> None:
    for n, number in enumerate(("EZ1", "EZ2"), 1):
        scene.pass_review(an_order_number(n))
        scene.dispatch(NewParcel("fedex", number), order_number=an_order_number(n))


def watches(scene: Scene) -> dict[str, Watch]:
    found: dict[str, Watch] = {}
    for n in (1, 2):
        with scene.work() as work:
            parcels = [parcel.id for each in work.shipments.of_order(an_order_number(n)) for parcel in each.parcels]
            found |= {watch.tracking_number: watch for watch in work.watches.of_parcels(parcels).values()}
    return found


def delivered(at: Any) -> dict[str, Any]:
    return {"status": "delivered", "message": "Delivered", "datetime": rfc3339(at), "carrier_code": "DL"}


def test_a_carrier_is_told_of_each_parcel_once(scene: Scene, easypost: EasyPostServer) -> None:
    two_parcels(scene)

    for _ in range(2):
        watching.register_parcels(transaction_of(scene), carriers_of(easypost))

    assert sorted(easypost.asked("POST")) == ["EZ1", "EZ2"]
    assert easypost.bodies[0]["tracker"]["carrier"] == "FedEx"
    assert all(watch.registered_at == DISPATCHED for watch in watches(scene).values())


def test_a_parcel_that_was_not_taken_is_told_again_later(scene: Scene, easypost: EasyPostServer) -> None:
    two_parcels(scene)
    easypost.refuses = {"EZ1"}

    watching.register_parcels(transaction_of(scene), carriers_of(easypost))
    assert watches(scene)["EZ1"].problem == "carrier_unavailable: EasyPost says no: 503"
    assert watches(scene)["EZ2"].registered_at is not None
    for seconds in (5, 16, 20, 60):
        with clock.frozen(DISPATCHED + timedelta(seconds=seconds)):
            watching.register_parcels(transaction_of(scene), carriers_of(easypost))
    easypost.refuses = set()
    with clock.frozen(DISPATCHED + timedelta(hours=1)):
        watching.register_parcels(transaction_of(scene), carriers_of(easypost))

    assert easypost.asked("POST").count("EZ1") == 4
    assert watches(scene)["EZ1"].registered_at == DISPATCHED + timedelta(hours=1)


def test_a_carrier_without_adapter_is_not_registered(scene: Scene, easypost: EasyPostServer) -> None:
    scene.pass_review()

    shown = scene.dispatch(NewParcel("localpost", "LP1"))
    watching.register_parcels(transaction_of(scene), carriers_of(easypost))

    assert [warning["code"] for warning in shown["warnings"]] == ["carrier_without_adapter"]
    assert easypost.seen == []


def test_one_number_that_is_refused_costs_that_number(scene: Scene, easypost: EasyPostServer) -> None:
    two_parcels(scene)
    easypost.refuses = {"EZ1"}
    silent = DISPATCHED + timedelta(days=7, minutes=1)
    easypost.known["EZ2"] = [delivered(DISPATCHED + timedelta(days=6))]
    carriers = carriers_of(easypost)

    with clock.frozen(silent):
        watching.ask_carriers(transaction_of(scene), carriers)
        with scene.work() as work:
            tracking.raise_alerts(work, watching.is_asked(carriers))

    assert sorted(easypost.asked("GET")) == ["EZ1", "EZ2"]
    shown = scene.tracking(order_number=an_order_number(2))["shipments"][0]["parcels"][0]
    assert shown["status"] == "delivered"
    assert scene.told("parcel_stuck") == []


def test_a_carrier_that_wants_no_more_calls_is_let_alone(scene: Scene, easypost: EasyPostServer) -> None:
    two_parcels(scene)
    carriers, easypost.rests = carriers_of(easypost), "600"

    def register(after: int) -> int:
        with clock.frozen(DISPATCHED + timedelta(seconds=after)):
            watching.register_parcels(transaction_of(scene), carriers)
        return len(easypost.asked("POST"))

    assert [register(seconds) for seconds in (0, 60, 599)] == [1, 1, 1]  # the other was not even tried
    assert sorted(watch.tries for watch in watches(scene).values()) == [0, 1]
    easypost.rests = None
    register(601)
    assert all(watch.registered_at is not None for watch in watches(scene).values())


def test_a_carrier_is_called_within_its_budget(scene: Scene, easypost: EasyPostServer) -> None:
    two_parcels(scene)
    carriers = carriers_of(easypost)
    carriers.budgets["easypost"] = Budget(1)  # type: ignore[index]

    def register(after: int) -> int:
        with clock.frozen(DISPATCHED + timedelta(seconds=after)):
            watching.register_parcels(transaction_of(scene), carriers)
        return len(easypost.asked("POST"))

    assert [register(seconds) for seconds in (0, 30, 59, 61)] == [1, 1, 1, 2]


def test_a_silent_parcel_is_asked_for_less_and_less_often(scene: Scene, easypost: EasyPostServer) -> None:
    scene.pass_review(ORDER)
    scene.dispatch(NewParcel("fedex", "EZ1"))
    carriers, asked = carriers_of(easypost), list[int]()

    for hours in range(24 * 7, 24 * 30):
        with clock.frozen(DISPATCHED + timedelta(hours=hours)):
            watching.ask_carriers(transaction_of(scene), carriers)
            with scene.work() as work:
                tracking.raise_alerts(work, watching.is_asked(carriers))
        if len(easypost.asked("GET")) > len(asked):
            asked.append(hours)

    pauses = [after - before for before, after in pairwise(asked)]
    assert pauses[0] == 12
    assert pauses == sorted(pauses)
    assert pauses[-1] == 96
    assert len(scene.told("parcel_stuck")) == 1


def test_an_unanswered_question_is_raised_after_a_day(scene: Scene, easypost: EasyPostServer) -> None:
    scene.pass_review(ORDER)
    scene.dispatch(NewParcel("fedex", "EZ1"))
    easypost.refuses, carriers = {"EZ1"}, carriers_of(easypost)

    def raised(after: timedelta) -> int:
        with clock.frozen(DISPATCHED + timedelta(days=7) + after):
            watching.ask_carriers(transaction_of(scene), carriers)
            with scene.work() as work:
                tracking.raise_alerts(work, watching.is_asked(carriers))
        return len(scene.told("parcel_stuck"))

    assert [raised(timedelta(hours=hours)) for hours in (0, 1, 23, 24)] == [0, 0, 0, 1]


def test_a_carrier_is_asked_before_its_customer(scene: Scene, easypost: EasyPostServer) -> None:
    scene.pass_review(ORDER)
    number = scene.dispatch(NewParcel("fedex", "EZ1"))["number"]
    easypost.refuses, carriers = {"EZ1"}, carriers_of(easypost)
    with scene.work() as work:
        promise = work.shipments.get(number).promise
    assert promise is not None

    def told(after: timedelta) -> list[str]:
        with clock.frozen(promise.due_at + after):
            watching.ask_carriers(transaction_of(scene), carriers)
            with scene.work() as work:
                tracking.raise_alerts(work, watching.is_asked(carriers))
        return [body["reason"] for body in scene.told("parcel_not_arriving")]

    assert [told(timedelta(hours=hours)) for hours in (1, 23, 25)] == [[], [], ["never_scanned"]]


def test_the_service_tells_the_carrier_by_itself(tmp_path: Path, easypost: EasyPostServer) -> None:
    easypost.known["EZ1"] = [{**delivered(clock.now()), "status": "in_transit"}]
    environ = {"PLEDGE_EASYPOST_API_KEY": "key", "PLEDGE_EASYPOST_URL": easypost.url}
    parcels = {"parcels": [{"carrier": "FedEx", "tracking_number": "EZ1"}]}
    with running(LogisticsService, folder=tmp_path, environ=environ) as platform:
        platform.publish("orders", "review_passed", review_passed(ORDER), subject_seq=3)

        def shown() -> dict[str, Any]:
            found = platform.call("logistics", "list_shipments", {"order_number": ORDER}, caller=WAREHOUSE)["items"]
            return dict(found[0]) if found else {}

        number = eventually(shown)["number"]
        for step, body in (("mark_sorted", {}), ("mark_packed", {}), ("mark_dispatched", parcels)):
            platform.call("logistics", step, number, body, caller=WAREHOUSE)

        eventually(lambda: shown()["parcels"][0]["status"] == "in_transit")

    assert easypost.asked("POST") == ["EZ1"]
