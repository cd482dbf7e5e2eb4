"""What a carrier picks up on a day is on one manifest, whatever its seller does and however often one presses."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.common.basics import clock, ids
from services.common.testing import fresh_store
from services.logistics.api.labels import LabelStatus
from services.logistics.api.manifests import ManifestList, ManifestNotFound, ManifestNotPrintable
from services.logistics.handlers import manifests
from services.logistics.tests.easypost_server import NUMBER, PDF, easypost
from services.logistics.tests.scene import DISPATCHED, Scene
from services.logistics.tests.test_labels import Station

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FORMS = ("POST", "/v2/scan_forms")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with fresh_store("logistics", tmp_path) as store, easypost() as server, clock.frozen(DISPATCHED):
        station = Station(Scene(store), server)
        station.buy()
        yield station


def made(station: Station) -> ManifestList:
    return manifests.make_manifests(station.work, station.carriers)


def settled(station: Station, after: timedelta = MINUTE) -> ManifestList:
    with clock.frozen(clock.now() + after):
        manifests.settle_manifests(station.work, station.carriers)
        return made(station)


def asked(station: Station) -> int:
    """Return how often a scan form was asked for."""
    return sum((method, path) == FORMS for method, path, _ in station.server.asked)


def test_a_manifest_is_made_once_and_printed_often(station: Station) -> None:
    (first,) = made(station)["items"]
    (again,) = made(station)["items"]
    papers = [manifests.get_manifest_paper(station.work, station.carriers, first["id"]) for _ in range(2)]

    assert (first["status"], first["carrier"], first["labels"], first["day"]) == ("made", "usps", 1, "2026-03-03")
    assert (again, asked(station), len(station.server.forms)) == (first, 1, 1)
    assert {base64.b64decode(each["pdf_base64"]) for each in papers} == {PDF}
    assert papers[0]["name"] == "manifest-usps-2026-03-03.pdf"
    assert [path for _, path, _ in station.server.asked].count("/sf_1.pdf") == 1  # then it is kept


def test_an_answer_that_is_lost_makes_no_second_one(station: Station) -> None:
    station.server.trouble = "lost"

    (wanted,) = made(station)["items"]
    (found,) = settled(station)["items"]

    assert (wanted["status"], wanted["problem"] and wanted["problem"]["code"]) == ("wanted", "carrier_unavailable")
    assert (found["status"], found["problem"], len(station.server.forms)) == ("made", None, 1)


def test_one_that_is_under_way_is_asked_for_until_it_is_made(station: Station) -> None:
    station.server.form_status = "creating"

    (wanted,) = made(station)["items"]
    with pytest.raises(ManifestNotPrintable):
        manifests.get_manifest_paper(station.work, station.carriers, wanted["id"])
    assert settled(station)["items"][0]["status"] == "wanted"
    station.server.form_status = "created"
    (found,) = settled(station, 10 * MINUTE)["items"]

    assert (found["status"], asked(station)) == ("made", 1)


def test_a_refused_one_says_why_and_frees_its_labels(station: Station) -> None:
    station.server.trouble = "refused"
    refused = made(station)
    station.server.trouble = ""
    after = made(station)

    (problem,) = [each["problem"] for each in refused["items"]]
    assert (refused["items"][0]["status"], refused["waiting"]) == ("failed", 1)
    assert problem == {"code": "label_refused", "detail": "They are on a ScanForm"}
    assert sorted(each["status"] for each in after["items"]) == ["failed", "made"]
    assert after["waiting"] == 0


@pytest.mark.parametrize("others", [["1Z1"], ["1Z1", NUMBER], []])
def test_a_form_with_other_labels_is_not_taken_for_ours(station: Station, others: list[str]) -> None:
    (shipment,) = station.server.shipments.values()
    shipment["scan_form"] = {"id": "sf_9", "status": "created", "form_url": "x", "tracking_codes": others}

    answer = made(station)

    (manifest,) = answer["items"]
    assert (manifest["status"], answer["waiting"]) == ("failed", 1)
    words = "shp_1 is on another scan form, sf_9. They are on a ScanForm"
    assert manifest["problem"] == {"code": "label_refused", "detail": words}


@pytest.mark.parametrize("status", [404, 409, 422])
def test_only_a_refusal_to_make_it_frees_its_labels(station: Station, status: int) -> None:
    station.server.trouble = f"forms {status}"

    assert made(station)["items"][0]["status"] == ("failed" if status == 422 else "wanted")


def test_a_refusal_to_read_a_form_says_nothing_of_it(station: Station) -> None:
    station.server.form_status = "creating"
    made(station)
    station.server.trouble = "reads 404"

    assert settled(station)["items"][0]["status"] == "wanted"


def second_kind(station: Station) -> None:
    """Let a label of another carrier wait for a manifest of its own."""
    with station.work() as work:
        (label,) = work.manifests.unlisted(["easypost"], DISPATCHED - DAY)
        more = replace(label, id=ids.new_id(), carrier="ups", reference="shp_2", status=LabelStatus.USED)
        work.session.add(more)
    (first,) = station.server.shipments.values()
    station.server.shipments["shp_2"] = {**first, "id": "shp_2"}


def test_each_is_claimed_just_before_its_call(station: Station) -> None:
    """Otherwise the sweep asks for the second one while the first one takes its time."""
    second_kind(station)

    def sweep() -> None:
        station.server.while_forming = lambda: None
        settled(station)

    station.server.while_forming = sweep
    made(station)

    forms = [body["shipments"] for method, path, body in station.server.asked if (method, path) == FORMS]
    assert forms.count([{"id": "shp_1"}]) == 1  # the second, by its carrier


def test_what_is_made_wins_over_a_refusal(station: Station) -> None:
    """Two ask at once: one of them is refused since the other one got it, and says so first."""

    def refuse() -> None:
        with station.work() as work:
            (found,) = work.manifests.latest()
            found.fail("label_refused", "on a ScanForm", work.manifests.labels_of(found))

    station.server.while_forming = refuse
    answer = made(station)

    assert ([each["status"] for each in answer["items"]], answer["waiting"]) == (["made"], 0)


def test_what_is_made_is_left_where_its_labels_are_on_another(station: Station) -> None:
    def refuse() -> None:
        with station.work() as work:
            (found,) = work.manifests.latest()
            labels = work.manifests.labels_of(found)
            found.fail("label_refused", "on a ScanForm", labels)
            for label in labels:
                label.manifest_id = "another"

    station.server.while_forming = refuse

    assert [each["status"] for each in made(station)["items"]] == ["failed"]


def test_labels_of_another_day_are_on_none(station: Station) -> None:
    """Carriers take a label on the day that it bears alone."""
    with clock.frozen(DISPATCHED + timedelta(days=1)):
        assert made(station) == {"items": [], "waiting": 0}


def test_what_is_not_there_is_not_found(station: Station) -> None:
    with pytest.raises(ManifestNotFound):
        manifests.get_manifest_paper(station.work, station.carriers, "0195f3c0-7a54-7c2e-9d1b-6f0a3e2b4c5d")
