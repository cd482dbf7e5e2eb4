"""What the mails say: the right words in the right order, and nothing that is not so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aftersales.api.events import ReturnAuthorized, ReturnInfoRequested, ReturnRefunded, ReturnRejected
from services.common.addresses.envelopes import lines
from services.logistics.api.events import ParcelDelivered, ParcelException, ParcelStuck, ShipmentDispatched
from services.orders.api.events import (
    CancellationRequested,
    ChangeAccepted,
    ChangeClosed,
    ChangeRequested,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    PaymentCaptured,
    PaymentFailed,
    RefundFailed,
    RefundSettled,
    RemedyRequested,
    ReviewPassed,
)
from services.support.adapters.mail import aftersales, logistics, orders, remedies, tickets
from services.support.api import ReopenTicket
from services.support.domain import Link
from services.support.handlers import following, writing
from services.support.handlers import promises as promise_handlers
from services.support.tests.builders import ADA, NOW, TICKET_NUMBER, an_event, breached, message_of, told
from services.support.tests.scene import GRACE, Scene, a_scene

ADDRESS = {
    "name": "Pledge Returns",
    "line1": "18 Binhe Road",
    "line2": "Gate 4",
    "city": "Shenzhen",
    "postal_code": "518000",
    "country": "CN",
    "reference": "RET-1",
}
ENVELOPE = ["Pledge Returns", "18 Binhe Road", "Gate 4", "518000 Shenzhen", "CHINA (CN)", "Reference: RET-1"]


@given(st.permutations(sorted(ADDRESS)))
def test_an_address_reads_as_on_an_envelope(keys):
    assert lines({key: ADDRESS[key] for key in keys}) == ENVELOPE


@pytest.mark.parametrize(
    ("country", "region", "shown"),
    [
        ("US", "NY", ["Acme", "City, NY 12345", "UNITED STATES (US)"]),
        ("GB", "", ["Acme", "City, 12345", "UNITED KINGDOM (GB)"]),
        ("DE", "", ["Acme", "12345 City", "GERMANY (DE)"]),
        ("SG", "", ["Acme", "City, 12345", "SINGAPORE (SG)"]),
        ("XK", "", ["Acme", "12345 City", "KOSOVO (XK)"]),
        ("??", "", ["Acme", "12345 City", "??"]),
    ],
)
def test_the_postal_code_stands_where_the_post_has_it(country, region, shown):
    address = {"company": "Acme", "city": "City", "postal_code": "12345", "region": region, "country": country}

    assert lines(address) == shown


def test_the_mail_of_a_return_shows_where_to_send_it():
    """The journal sorts the keys of what it keeps; the mail must not follow that order."""
    sorted_keys = json.loads(json.dumps(ADDRESS, sort_keys=True))

    text = aftersales.return_authorized(an_event(ReturnAuthorized, instructions=sorted_keys), None).text

    assert "\n".join(f"  {line}" for line in ENVELOPE) in text


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with a_scene(tmp_path) as scene:
        yield scene


PRICE = {"amount": "12.50", "currency": "USD"}
PLACED = an_event(
    OrderPlaced,
    # there is no catalogue for that language, so all is written as in English
    customer={"name": "Ada Lovelace", "email": ADA, "time_zone": "Europe/Berlin", "language": "de"},
    lines=[
        {
            "sku": "DEMO-8CC53F7D-B",
            "title": "Blue mug",
            "quantity": 2,
            "unit_price": {"amount": "12.50", "currency": "USD"},
        }
    ],
    totals={"total": {"amount": "25.00", "currency": "USD"}},
    delivery={"name": "Ada Lovelace", "line1": "12 Main St", "city": "Berlin", "postal_code": "10115", "country": "DE"},
)


@pytest.mark.parametrize("event", [PaymentCaptured, PaymentFailed])
def test_mails_of_orders_and_payments_show_what_was_bought(scene, event):
    scene.hears(following.on_order_placed, PLACED)
    scene.hears(getattr(following, f"on_{event.type}"), an_event(event))
    scene.hears(following.on_review_passed, an_event(ReviewPassed, customer={"name": "Ada Lovelace", "email": ADA}))

    mails = {mail.about: mail for mail in scene.owed()}

    for about in ("order_placed", event.type):
        text = mails[about].text
        assert "2 × Blue mug, 12.50 USD each" in text
        assert "In all: 25.00 USD" in text
        assert "  12 Main St\n  10115 Berlin\n  GERMANY (DE)" in text
        assert "DEMO-8CC53F7D-B" not in text
        assert mails[about].greets == "Ada Lovelace"


def test_a_change_names_goods_by_title():
    changed = an_event(OrderChanged, lines=[{"sku": "DEMO-8CC53F7D-B", "title": "Blue mug", "quantity": 1}])

    assert "1 × Blue mug" in orders.order_changed(changed, None).text


def test_an_edit_of_ones_own_is_told_with_where_the_goods_go(scene):
    scene.hears(following.on_order_placed, PLACED)
    about = {"change_id": "CHG-0000-0000-0", "own": True}
    lines, to = [{"sku": "MUG", "title": "Blue mug", "quantity": 1}], {"line1": "1 Other Street"}

    scene.hears(following.on_order_changed, an_event(OrderChanged, lines=lines, delivery=to, **about))
    for because in ("being_packed", "already_dispatched", "change_open", "ended"):
        scene.hears(following.on_change_closed, an_event(ChangeClosed, status="stale", because=because, **about))

    changed, packed, left, overtaken = (mail.text for mail in scene.owed() if mail.about != "order_placed")
    assert all(part in changed for part in ("1 × Blue mug", "1 Other Street", "Was it not you"))
    assert "packed already" in packed
    assert "had left our warehouse already" in left
    assert "free of charge" in left
    assert "Another change of your order came first. So yours was not made" in overtaken
    assert "stays as it was" not in overtaken  # that other change was made


def test_a_source_of_tracking_data_is_no_carrier():
    def parcels(carrier: str) -> list[dict[str, str]]:
        return [{"parcel_id": "P1", "carrier": carrier, "tracking_number": "1Z9"}]

    def told(carrier: str) -> str:
        return logistics.shipment_dispatched(an_event(ShipmentDispatched, parcels=parcels(carrier)), None).text

    assert "  - 1Z9" in told("easypost")
    assert "easypost" not in told("easypost")
    assert "  - FedEx: 1Z9" in told("fedex")


def test_the_last_day_of_a_delivery_is_that_of_the_destination():
    due = {"promise": {**told("logistics", "shipment_dispatched")["promise"], "due_at": "2026-03-20T04:59:59Z"}}

    def said(**more: Any) -> str:
        return logistics.shipment_dispatched(an_event(ShipmentDispatched, **due, **more), "Asia/Shanghai").text

    assert "by Thursday 19 March 2026, 23:59 (America/Chicago)" in said(zone="America/Chicago")
    assert "by Friday 20 March 2026, 12:59 (Asia/Shanghai)" in said(zone=None)  # what an older release told


def test_of_several_parcels_it_is_told_what_is_in_each():
    mugs = {"line_id": 1, "sku": "MUG-1", "title": "A mug", "quantity": 2}
    one = {"parcel_id": "P1", "carrier": "fedex", "tracking_number": "1Z9", "lines": [mugs]}
    other = {**one, "tracking_number": "1Z8", "lines": None}

    def told(*parcels: object) -> str:
        return logistics.shipment_dispatched(an_event(ShipmentDispatched, parcels=[*parcels]), None).text

    assert "  - FedEx: 1Z9 (2 × A mug)\n  - FedEx: 1Z8\n" in told(one, other)
    assert "mug" not in told(one)


def test_what_follows_is_told_with_its_day():
    mugs = {"line_id": 1, "sku": "MUG-1", "title": "A mug", "quantity": 2}
    parcel = {"parcel_id": "P1", "carrier": "fedex", "tracking_number": "1Z9", "lines": [mugs]}

    def told(due_at: str) -> str:
        rest = {"shipment_number": "SHP-2", "lines": [{**mugs, "title": "A pot", "quantity": 1}], "due_at": due_at}
        at = {"dispatched_at": "2026-03-03T08:00:00Z", "parcels": [parcel], "rest": rest}
        return logistics.shipment_dispatched(an_event(ShipmentDispatched, **at), None).text

    assert "(2 × A mug)" in told("2026-03-05T16:00:00Z")
    assert "by Thursday 5 March 2026" in told("2026-03-05T16:00:00Z").split("The rest follows.")[1]
    assert "  - 1 × A pot" in told("2026-03-05T16:00:00Z")
    late = told("2026-03-02T16:00:00Z")
    assert "later than we promised" in late
    assert "2 March" not in late


def test_waiting_and_leaving_as_it_is_are_one_choice():
    wait, cancel = {"option": "wait", "label": "Wait; nothing else changes"}, {"option": "cancel", "label": "Cancel"}

    offered = orders.change_requested(an_event(ChangeRequested, options=[wait, cancel]), None).text
    without = orders.change_requested(an_event(ChangeRequested, options=[cancel]), None).text

    assert "Leave the order as it is" not in offered
    assert "Leave the order as it is" in without


def test_one_moment_is_one_mail(scene):
    scene.hears(following.on_order_placed, PLACED)
    scene.owed()
    change = {"change_id": "CHG-0000-0000-0"}

    scene.hears(following.on_change_accepted, an_event(ChangeAccepted, option="remove_line", **change))
    scene.hears(following.on_order_changed, an_event(OrderChanged, **change))
    settled = an_event(RefundSettled, cause="return")
    assert not following.is_told_here(settled, message_of(settled))
    scene.hears(following.on_return_refunded, an_event(ReturnRefunded))

    assert [mail.about for mail in scene.owed() if mail.about not in ("order_placed",)] == [
        "order_changed",
        "return_refunded",
    ]


def test_a_waiting_customer_is_told_of_their_decision(scene):
    scene.hears(following.on_order_placed, PLACED)

    scene.hears(following.on_change_accepted, an_event(ChangeAccepted, option="wait", change_id="CHG-0000-0000-0"))

    assert "change_accepted" in [mail.about for mail in scene.owed()]


def test_a_final_rejection_offers_no_second_appeal():
    first = aftersales.return_rejected(an_event(ReturnRejected, final=False), None).text
    final = aftersales.return_rejected(an_event(ReturnRejected, final=True), None).text

    assert "you may appeal on the page of your order" in first
    assert "object" not in final


@pytest.mark.parametrize(
    ("handler", "event"),
    [
        (following.on_parcel_stuck, ParcelStuck),
        (following.on_parcel_exception, ParcelException),
        (following.on_refund_failed, RefundFailed),
    ],
)
def test_bad_news_promise_more_with_a_clock(scene, handler, event):
    scene.hears(following.on_order_placed, PLACED)

    scene.hears(handler, an_event(event, reason="lost"))

    (item,) = scene.listed()
    (clock,) = [c for c in scene.seen(GRACE, item["number"])["commitments"] if c["kind"] == "update"]
    mail = scene.owed()[-1]
    assert "we write to you with news by Tuesday 3 March 2026, 16:59 (Europe/Berlin)" in mail.text
    assert clock["due_at"] == "2026-03-03T15:59:59.999999Z"


def test_the_next_mail_about_the_order_is_the_news(scene):
    scene.hears(following.on_order_placed, PLACED)
    scene.hears(following.on_parcel_stuck, an_event(ParcelStuck))

    scene.hears(following.on_parcel_delivered, an_event(ParcelDelivered, parcel_id="P1"))

    (item,) = scene.listed()
    clocks = scene.seen(GRACE, item["number"])["commitments"]
    assert [c["status"] for c in clocks if c["kind"] == "update"] == ["kept"]


def test_a_parcel_that_is_gone_is_one_mail_where_we_ask_at_once(scene):
    """The question says what happened too; where it does not come at once, the first mail goes out by itself."""
    scene.learns_order()
    gone = an_event(ParcelException, status="lost", reason="lost")
    scene.hears(following.on_parcel_exception, gone)
    at_once = [item.about for item in scene.owed()]

    with scene.work(at=NOW + following.ONE_MOMENT) as work:
        later = [item.about for item in work.notifications.claim_due()]

    assert (at_once, later) == ([], ["parcel_exception"])


def test_the_question_about_a_parcel_takes_the_place_of_the_news(scene):
    scene.learns_order()
    scene.hears(following.on_parcel_exception, an_event(ParcelException, status="lost", reason="lost"))

    scene.hears(following.on_remedy_requested, an_event(RemedyRequested))
    with scene.work(at=NOW + following.ONE_MOMENT) as work:
        mails = work.notifications.claim_due()

    assert [(item.about, item.subject.startswith("Please choose")) for item in mails] == [("remedy_requested", True)]


@pytest.mark.parametrize("event", [OrderPlaced, PaymentFailed, ReturnInfoRequested, ParcelStuck, RemedyRequested])
def test_a_mail_leads_to_the_page_that_it_speaks_of(event):
    """What "on the page of your order" can be done, can be done behind the link of that very mail."""
    modules = (orders, logistics, aftersales, remedies)
    (write,) = (found for module in modules if (found := getattr(module, event.type, None)))
    more = {"news_by": NOW} if event is ParcelStuck else {}

    mail = write(an_event(event), None, **more)

    assert ("on the page of your order" not in mail.next_step) or mail.link is Link.ORDER


def test_late_news_about_a_ticket_greet_by_name(scene):
    number = scene.resolved(name="Grace Hopper")
    with scene.work(GRACE) as work:
        writing.reopen_ticket(work, number, ReopenTicket())

    scene.hears(promise_handlers.on_commitment_breached, breached("next_response", number), source="support")

    late = next(item for item in scene.owed() if item.about == "commitment_breached" and item.recipient == ADA)
    assert late.greets == "Grace Hopper"


def test_an_addition_to_what_is_done_promises_no_rating():
    text = tickets.answered(TICKET_NUMBER, "Text.", None, "Subject", your_turn=False, done=True).text

    assert "rated" not in text
    assert "closes" not in text


def test_a_cancellation_at_once_is_one_mail(scene):
    scene.learns_order()
    scene.hears(following.on_cancellation_requested, an_event(CancellationRequested))
    scene.hears(following.on_order_cancelled, an_event(OrderCancelled))

    with scene.work(at=NOW + following.ONE_MOMENT) as work:
        mails = work.notifications.claim_due()

    assert [item.about for item in mails] == ["order_cancelled"]


def test_a_cancellation_that_takes_time_is_confirmed(scene):
    scene.learns_order()
    scene.hears(following.on_cancellation_requested, an_event(CancellationRequested))

    with scene.work(at=NOW + following.ONE_MOMENT) as work:
        assert [item.about for item in work.notifications.claim_due()] == ["cancellation_requested"]
