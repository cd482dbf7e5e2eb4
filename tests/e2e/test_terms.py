"""A shop promises other times than ours (`PLEDGE_TERMS`): its clocks, its mails and its pages agree on them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests

from deploy.demo.client import wait_for
from deploy.demo.story import Demo
from services.common.calendar import working_days
from tests.e2e.conftest import started

ROOT = Path(__file__).parents[2]
TERMS = {
    "version": "2026-12",
    "terms": {
        "dispatch": {"working_days": 2, "earliest": 1},
        "return_review": {"working_days": 1},
        "first_response.product": {"business_seconds": 5400},
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def shop(folder: Path) -> Iterator[str]:
    """Run a platform that is given these terms by a file."""
    (folder / "terms.json").write_text(json.dumps(TERMS))
    with started(folder, PLEDGE_TERMS_FILE=str(folder / "terms.json")) as url:
        yield url


def test_pages_name_the_shops_terms_and_ours_where_it_has_none(shop: str) -> None:
    front = requests.get(f"{shop}/", timeout=60).text
    scripts = requests.get(f"{shop}/web/design/texts.js", timeout=60).text

    assert "leaves within 1 to 2 working days after that" in front
    assert "in 5 to 10 working days" in front
    assert '"return_review": "1 working day"' in scripts  # "We decide within {return_review} and write to you."


def test_without_a_file_pages_name_our_terms(platform: str) -> None:
    front = requests.get(f"{platform}/", timeout=60).text

    assert "checked within 1 working day and leaves within 1 to 3 working days after that" in front
    assert "arrives 6 to 12 working days after" in front
    assert "return everything for 60 days" in front


def test_an_orders_clock_and_mail_keep_the_shops_terms(shop: str, folder: Path) -> None:
    demo = Demo(shop)
    sku = demo.guest.get("/v1/products")["items"][0]["sku"]
    order = demo.guest.post("/v1/orders", demo.wish([{"sku": sku, "quantity": 1}]))
    customer = demo.guest.with_token(order["access_token"])
    payment = customer.post(f"/v1/orders/{order['number']}/payments", {})
    demo.guest.post("/sandbox/payments", {"client_secret": payment["client_secret"]})

    clock = wait_for(lambda: demo.clock(customer, order["number"], "dispatch"))
    mail = wait_for(lambda: _mail_about(folder, "hand it over to the carrier"))

    assert clock["terms_version"] == "2026-12"
    first, due = (_day_in_china(clock[name]) for name in ("earliest_at", "due_at"))
    days = working_days("CN")
    assert sum(days.is_working(date.fromordinal(day)) for day in range(first.toordinal(), due.toordinal() + 1)) == 2
    assert "within 1 to 2 working days" in mail


def _day_in_china(moment: str) -> date:
    """Read the day of a moment where the goods leave from, as the promise counts it."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Shanghai")).date()


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ("{", "PLEDGE_TERMS "),
        ('{"version": "1", "terms": {"dispach": {"working_days": 1}}}', "dispach: no such promise; there are"),
        ('{"version": "1", "terms": {"first_response.prodct": {"business_seconds": 60}}}', "no such promise"),
        ('{"version": "1", "terms": {"dispatch": {"working_days": 1000000000}}}', "whole numbers from 1 to 250"),
        ('{"version": "1", "terms": {"dispatch": [1]}}', "dispatch: expected working_days"),
        ("[" * 100_000, "PLEDGE_TERMS "),
    ],
)
def test_terms_that_promise_nothing_sensible_stop_the_start(tmp_path: Path, terms: str, told: str) -> None:
    (tmp_path / "terms.json").write_text(terms)
    environ = {"PLEDGE_DATA_DIR": str(tmp_path), "PLEDGE_TERMS_FILE": str(tmp_path / "terms.json"), "PATH": ""}

    for module in (["deploy.run.embedded"], ["services", "orders"]):
        ended = subprocess.run(
            [sys.executable, "-m", *module], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60
        )

        assert ended.returncode == 2
        assert told in ended.stderr
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("closures", "told"),
    [
        ("CN: {closed: [2026-13-01]}", "closures.yaml"),
        ("CN: {shut: [2026-12-01]}", "CN: unknown in an overlay: ['shut']; expected closed, open, horizon"),
        ("China: {closed: []}", "no such calendar: 'China'"),
        (None, "No such file"),
    ],
)
def test_closures_that_say_nonsense_stop_the_start(tmp_path: Path, closures: str | None, told: str) -> None:
    path = tmp_path / "closures.yaml"
    if closures is not None:
        path.write_text(closures)
    environ = {"PLEDGE_DATA_DIR": str(tmp_path), "PLEDGE_CLOSURES": str(path), "PATH": ""}

    for module in (["deploy.run.embedded"], ["services", "orders"]):
        ended = subprocess.run(
            [sys.executable, "-m", *module], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60
        )

        assert ended.returncode == 2
        assert "PLEDGE_CLOSURES" in ended.stderr
        assert told in ended.stderr
        assert "Traceback" not in ended.stderr


def _mail_about(folder: Path, what: str) -> str | None:
    """Return the outgoing mail that says so, its lines joined."""
    for path in (folder / "mail").rglob("*.eml"):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body()
        text = " ".join(body.get_content().split()) if body else ""
        if what in text:
            return text
    return None
