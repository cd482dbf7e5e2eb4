"""What mails say of a return: who decided, what may be done about it until when, and nothing that is not so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from services.aftersales.api.events import (
    NamedUnit,
    ReturnExchangeEnded,
    ReturnInspected,
    ReturnRejected,
    ReturnRequested,
    ReturnSentBack,
)
from services.aftersales.api.statuses import ExchangeEnd, Ground, ReturnOutcome
from services.common.basics.ids import ORDER, RETURN
from services.common.basics.ids import number as number_of
from services.common.basics.money import Money
from services.logistics.api.events import RecallRefused
from services.support.adapters.mail import aftersales, logistics

pytestmark = pytest.mark.pure

IDS: Any = {"return_number": number_of(RETURN, 1), "order_number": number_of(ORDER, 1)}
UNTIL = datetime.fromisoformat("2026-04-09T21:59:59+00:00")
PIECES = (NamedUnit(1, 0, "LAMP-1"), NamedUnit(1, 1, "LAMP-1"))


def rejected(*, final: bool, **more: Any) -> str:
    event = ReturnRejected(**IDS, ground=Ground.INCOMPLETE, explanation="The plug is missing.", final=final, **more)
    return aftersales.return_rejected(event, "Europe/Berlin").text


def test_a_rejection_says_until_when_it_can_be_appealed():
    text = rejected(final=False, units=PIECES, appeal_by=UNTIL)

    assert "2 pieces of your return" in text
    assert "Thursday 9 April 2026, 23:59 (Europe/Berlin)" in text


def test_a_rejection_without_a_limit_names_none():
    text = rejected(final=False)

    assert "appeal on the page of your order; somebody else" in text


@pytest.mark.parametrize(("back", "told"), [(True, True), (False, False)])
def test_a_final_rejection_offers_no_appeal(back, told):
    text = rejected(final=True, units=PIECES[:1], goods_back=back)

    assert "appeal" not in text
    assert ("hand the goods to a carrier within 5 working days" in text) is told


@pytest.mark.parametrize(
    ("accepted", "open_", "says", "not_"),
    [
        (1, 0, "1 accepted.", "second colleague"),
        (1, 2, "1 accepted, 2 looked at once more.", "separately"),
        (0, 1, "1 looked at once more.", "USD"),
    ],
)
def test_an_inspection_tells_what_is_decided_and_what_is_not(accepted, open_, says, not_):
    event = ReturnInspected(**_counts(accepted, open_), refund=Money(1999 * accepted))

    text = aftersales.return_inspected(event, None).text

    assert says in text
    assert not_ not in text
    assert ("second colleague" in text) is bool(open_)


def test_an_exchange_is_no_promise_before_it_is_arranged():
    asked = ReturnRequested(**IDS, lines=(), requested_at=UNTIL, outcome=ReturnOutcome.EXCHANGE)
    checked = ReturnInspected(**_counts(1, 0), refund=Money(0), exchanged=1)
    ended = ReturnExchangeEnded(**IDS, units=PIECES[:1], why=ExchangeEnd.OUT_OF_STOCK, refund=Money(1999))

    assert "get the same again" in aftersales.return_requested(asked, None).text
    assert "we see whether it is there" in aftersales.return_inspected(checked, None).text
    told = aftersales.return_exchange_ended(ended, None).text
    assert "we have none left" in told
    assert "19.99 USD go back to your original means of payment within 5 to 10 working days" in told


def _counts(accepted: int, open_: int) -> Any:
    return {**IDS, "accepted": accepted, "disputed": open_ // 2, "unconfirmed": open_ - open_ // 2}


def test_goods_on_their_way_back_name_their_parcel():
    event = ReturnSentBack(**IDS, units=PIECES, carrier="ups", tracking_number="1Z")

    text = aftersales.return_sent_back(event, None).text

    assert "2 pieces of your return back to you with ups, tracking number 1Z" in text


@pytest.mark.parametrize(("law", "reviewed"), [(None, True), ("2011/83/EU (2014-06-13)", False)])
def test_a_withdrawal_by_law_promises_no_review(law, reviewed):
    event = ReturnRequested(**IDS, lines=(), requested_at=UNTIL, law=law)

    text = aftersales.return_requested(event, "Europe/Berlin").text

    assert ("reviews it" in text) is reviewed
    assert ("9 April 2026, 23:59" in text) is not reviewed


def test_a_parcel_that_had_left_comes_back_for_what_there_is():
    fields: Any = {"shipment_number": "SHP-1", "order_number": IDS["order_number"], "cause": "cancellation"}

    text = logistics.recall_refused(RecallRefused(**fields, reason="dispatched"), None).text

    assert "free" not in text
    assert "60 days" in text
