"""What could not be taken as a carrier sent it: the rest counts, and staff read what was wrong, and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.basics import clock
from services.common.basics.errors import Forbidden, ServiceError
from services.common.testing import fresh_store, staff
from services.logistics.adapters.carriers import Carriers, easypost, simulator
from services.logistics.api.tracking import ListFlaws
from services.logistics.domain import NewParcel
from services.logistics.handlers import watching, webhooks
from services.logistics.tests.builders import SECRET, encoded
from services.logistics.tests.scene import DISPATCHED, Scene

KEY = "shared with easypost"
NOW = DISPATCHED + timedelta(days=2)
GOOD = {"status": "in_transit", "message": "Left", "datetime": "2026-03-04T09:00:00Z", "carrier_code": "DP"}
EASYPOST = easypost.EasyPost(easypost_webhook_secret=KEY, easypost_api_key="key", easypost_url="http://127.0.0.1:1")
CARRIERS = Carriers({"easypost": EASYPOST, "simulator": simulator.Simulator(simulator_webhook_secret=SECRET)})


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with fresh_store("logistics", tmp_path) as store, clock.frozen(DISPATCHED):
        scene = Scene(store)
        scene.pass_review()
        yield scene


def receive(scene: Scene, raw: bytes, carrier: str = "easypost", at: datetime = NOW) -> Any:
    """Have a signed webhook arrive; the code of the refusal, or the receipt."""
    named = simulator.headers(SECRET, raw, at) if carrier == "simulator" else {easypost.HEADER: easypost.sign(KEY, raw)}
    headers = {name.lower(): value for name, value in named.items()}
    with clock.frozen(at):
        try:
            return webhooks.receive_carrier_webhook(scene.work, CARRIERS, carrier, headers, encoded(raw))
        except ServiceError as refused:
            return refused.code


def tracker(*details: Any, key: str = "evt_1", **more: Any) -> bytes:
    result = {"tracking_code": "1Z1", "carrier": "UPS", "tracking_details": list(details), **more}
    return json.dumps({"id": key, "description": "tracker.updated", "result": result}).encode()


def flaws(scene: Scene, **wanted: Any) -> list[tuple[str, str | None, int]]:
    with scene.work(staff("agent")) as work:
        items = webhooks.list_flaws(work, ListFlaws(**wanted))["items"]
    return [(item["kind"], item["tracking_number"], item["times"]) for item in items]


@pytest.mark.parametrize(
    "bad", [None, 1, [], {}, "x" * 4000, {**GOOD, "datetime": None}, {**GOOD, "datetime": "1970-01-01T00:00:00Z"}]
)
def test_a_bad_part_is_kept_once_with_how_often_it_came(scene: Scene, bad: Any) -> None:
    for place in range(3):
        assert receive(scene, tracker(GOOD, bad, key=str(place)))["accepted"]
    receive(scene, tracker(GOOD, bad, key="2"))

    assert flaws(scene) == [("unreadable", "1Z1", 3)]
    with scene.work(staff("lead")) as work:
        (item,) = webhooks.list_flaws(work, ListFlaws())["items"]
    assert item["part"] == json.dumps(bad)[:500]
    assert (item["first_at"], item["last_at"]) == ("2026-03-05T08:00:00Z", "2026-03-05T08:00:00Z")


def test_what_is_refused_as_a_whole_is_kept(scene: Scene) -> None:
    for raw in (b"", b"\xff\x00", b"[]", b'{"description": "tracker.updated", "result": null}', b"{" * 5000):
        assert receive(scene, raw) == "malformed_webhook"
    assert receive(scene, b"{}", "simulator") == "malformed_webhook"

    assert len(flaws(scene)) == 6
    assert {kind for kind, _, _ in flaws(scene)} == {"refused"}
    assert len(flaws(scene, carrier="simulator")) == 1
    assert len(flaws(scene, carrier="Simu Lator")) == 1


def test_of_an_unsigned_webhook_only_its_arrival_is_kept(scene: Scene) -> None:
    for seconds, secret in ((0, "a"), (1, "b"), (90, "c")):
        headers = {easypost.HEADER: easypost.sign(secret, b"mine")}
        with clock.frozen(NOW + timedelta(seconds=seconds)), pytest.raises(Forbidden):
            webhooks.receive_carrier_webhook(scene.work, CARRIERS, "easypost", headers, encoded(b"mine"))

    with scene.work(staff("warehouse")) as work:
        (item,) = webhooks.list_flaws(work, ListFlaws(kind=None))["items"]
    assert (item["detail"], item["part"], item["times"]) == ("the signature does not fit", None, 2)


def test_unknown_codes_and_failed_look_ups_are_kept(scene: Scene) -> None:
    teleported = {**GOOD, "status": "teleported", "message": "Beamed"}
    lookup = {"status": "error", "source": "ProcessingError", "message": "No such number", "datetime": None}

    receive(scene, tracker(GOOD, teleported, lookup))

    assert sorted(flaws(scene)) == [("lookup_error", "1Z1", 1), ("unknown_code", "1Z1", 1)]


def test_a_carrier_that_does_not_answer_is_kept(scene: Scene) -> None:
    scene.dispatch(NewParcel("ups", "1Z1"))
    watching.register_parcels(scene.work, CARRIERS)

    assert flaws(scene) == [("not_answered", "1Z1", 1)]


def test_flaws_are_listed_in_pages_and_forgotten_in_time(scene: Scene) -> None:
    for place in range(5):
        receive(scene, tracker(GOOD, {**GOOD, "datetime": str(place)}, key=str(place)), at=NOW + timedelta(days=place))

    seen: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        with scene.work(staff("agent")) as work:
            page = webhooks.list_flaws(work, ListFlaws(limit=2, cursor=cursor))
        seen += [item["part"] or "" for item in page["items"]]
        cursor = page["next_cursor"]
    assert [json.loads(part)["datetime"] for part in seen] == ["4", "3", "2", "1", "0"]
    with clock.frozen(NOW + timedelta(days=92)), scene.work() as work:
        work.flaws.forget_old(work.now)
    assert len(flaws(scene)) == 3
