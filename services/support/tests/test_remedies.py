"""Mails and conversations about parcels that do not arrive."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.common.basics.money import Money
from services.common.bus.travel import read_event
from services.common.testing import promised
from services.logistics.api.events import ParcelException
from services.logistics.api.statuses import ParcelStatus
from services.orders.api.events import OrderCancelled, RemedyAccepted, RemedyOvertaken, RemedyRequested
from services.support.adapters.mail import logistics, orders, remedies
from services.support.domain import Link
from services.support.tests.builders import an_event

pytestmark = pytest.mark.pure

ORDER = "ORD-7K3M-9Q2X-C"
NEWS_BY = datetime(2026, 3, 5, 16, tzinfo=UTC)


def accepted(option: str) -> RemedyAccepted:
    later = datetime(2026, 3, 13, 10, 0, tzinfo=UTC) if option == "wait" else None
    return an_event(RemedyAccepted, option=option, refund=Money(2500), ask_again_at=later)


def test_the_question_shows_the_customer_every_choice() -> None:
    (example, *_) = promised("orders", "remedy_requested")
    event = read_event(RemedyRequested, example["body"])

    mail = remedies.remedy_requested(event, "Europe/London")

    assert all(option["label"] in mail.what for option in example["body"]["options"])
    assert mail.link is Link.ORDER


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("resend", "within 1 to 3 working days"),
        ("refund", "25.00 USD go back"),
        ("wait", "we ask you again by Friday 13 March 2026, 10:00 (Europe/London)"),
    ],
)
def test_the_answer_says_what_happens_next(option: str, said: str) -> None:
    assert said in remedies.remedy_accepted(accepted(option), "Europe/London").text


@pytest.mark.parametrize(("status", "said"), [("delivered", "has been delivered"), ("in_transit", "has turned up")])
def test_what_turns_up_late_is_given_to_a_person(status: str, said: str) -> None:
    event = an_event(RemedyOvertaken, option="refund", parcel_status=status)

    mail = remedies.remedy_overtaken(event, None, NEWS_BY)

    assert said in mail.what
    assert mail.link is Link.TICKET


def test_an_order_that_is_paid_back_is_not_called_cancelled() -> None:
    event = an_event(OrderCancelled, refund=Money(2500), remedy_id="RMD-1")

    assert "as you asked" not in orders.order_cancelled(event, None).text


@pytest.mark.parametrize(
    ("status", "reason", "asked"),
    [
        (ParcelStatus.LOST, "lost", True),
        (ParcelStatus.RETURNED, "returned", True),
        (ParcelStatus.EXCEPTION, "refused", True),
        (ParcelStatus.EXCEPTION, "damaged", False),
        (ParcelStatus.IN_TRANSIT, "late", False),
    ],
)
def test_a_choice_is_announced_only_where_one_comes(status: ParcelStatus, reason: str, asked: bool) -> None:
    names = {"shipment_number": "SHP-1", "order_number": ORDER, "parcel_id": "SHP-1-01"}
    carried = {"carrier": "fedex", "tracking_number": "1Z1"}

    mail = logistics.parcel_exception(ParcelException(**names, **carried, status=status, reason=reason), None, NEWS_BY)

    assert ("we ask you what we shall do" in mail.next_step) == asked
