"""Adyen: only what it signed is believed, however it comes, and a refund under one key is one refund."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations
from typing import Any

import pytest

from services.common.basics import clock, ids
from services.common.basics.errors import Conflict, Unavailable
from services.common.basics.money import Money
from services.common.basics.untyped import JsonDict
from services.common.runtime.config import ConfigError
from services.common.testing import holder
from services.orders.adapters.payments import FactKind
from services.orders.adapters.payments.adyen import Adyen
from services.orders.api import BadSignature, CancelOrder, RefundCause, RetryRefund, StartPayment, UnreadableWebhook
from services.orders.domain import Refund
from services.orders.handlers import (
    cancellations,
    paying_sessions,
    payments,
    placing,
    refund_queue,
    refunds,
    submissions,
)
from services.orders.repository import Work
from services.orders.settings import OrdersSettings
from services.orders.tests.adyen_server import (
    ACCOUNT,
    API_KEY,
    KEY,
    SIGNED,
    AdyenServer,
    adyen_server,
    paid,
    signed,
    usd,
    webhook,
)
from services.orders.tests.scene import Scene
from services.orders.tests.test_refunds import AtOnce

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
OLD = "74F490DD33F7327BAECC88B2947C011FC02D014A473AAA33A8EC93E4DC069174"
ADAPTER = Adyen(adyen_api_key=API_KEY, adyen_account=ACCOUNT, adyen_hmac_keys=f"{OLD}, {KEY}")
COLON = {
    "additionalData": {"hmacSignature": "2EQYm7YJpKO4EtHSPu55SQTyWf8dkW5u2nD1tJFpViA="},
    "amount": {"currency": "EUR", "value": 1000}, "eventCode": "AUTHORISATION", "success": "true",
    "merchantAccountCode": "AntoniStroinski", "merchantReference": ":slashes are fun",
    "pspReference": "M8NB66SBZSGLNK82",
}  # fmt: skip
PAY, REF = ids.number_after(ids.PAYMENT, "adyen", "1"), ids.number_after(ids.REFUND, "adyen", "1")
REFUND = Refund(
    refund_id=REF, payment_id=PAY, order_number="ORD-1", provider="adyen", amount=Money(1250),
    cause=RefundCause.CANCELLATION, reference="ORD-1", created_at=NOW, next_attempt_at=None, due_at=NOW,
    payment_reference="VK9DRSLLRCQ2WN82", tries=1,
)  # fmt: skip


@pytest.mark.pure
@pytest.mark.parametrize("item", [SIGNED, COLON, signed(), signed(OLD, success="false")], ids=[*"abcd"])
def test_what_adyen_signs_is_believed(item: JsonDict) -> None:
    """The first two are the vectors of Adyen's own library; its keys are both in force here."""
    assert ADAPTER.verify({}, webhook(item), NOW)
    assert ADAPTER.verify({}, webhook(signed(), item), NOW)


@pytest.mark.pure
@pytest.mark.parametrize(
    "change",
    [
        {"pspReference": "7914073381342285"}, {"success": "false"}, {"eventCode": "REFUND"},
        {"amount": {"currency": "EUR", "value": 11300}}, {"amount": {"currency": "JPY", "value": 1130}},
        {"merchantReference": PAY}, {"merchantAccountCode": "Other"}, {"originalReference": "1"},
        {"additionalData": {}}, {"additionalData": {"hmacSignature": ""}}, {"additionalData": "coqCmt"},
        {"additionalData": {"hmacSignature": "é"}}, {"amount": None}, {"additionalData": {"hmacSignature": None}},
    ],
)  # fmt: skip
def test_what_adyen_did_not_sign_is_not_believed(change: JsonDict) -> None:
    forged = webhook({**SIGNED, **change})

    assert not ADAPTER.verify({}, forged, NOW)
    assert not ADAPTER.verify({}, webhook(SIGNED, {**SIGNED, **change}), NOW)
    assert not Adyen().verify({}, webhook(SIGNED), NOW)


@pytest.mark.pure
@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"notificationItems": 5}', b'{"notificationItems": [1]}', b"\xff",
            b'{"notificationItems": [{"NotificationRequestItem": []}]}', webhook()],
)  # fmt: skip
def test_what_is_no_webhook_is_not_believed(raw: bytes) -> None:
    assert not ADAPTER.verify({}, raw, NOW)
    if raw != webhook():
        with pytest.raises(UnreadableWebhook):
            ADAPTER.parse(raw)


OF_PAYMENT = {"merchantReference": PAY, "originalReference": "VK9DRSLLRCQ2WN82", "pspReference": "QFQTPCQ8HXSKGK82"}
EVENTS: list[tuple[JsonDict, JsonDict | None]] = [
    ({"originalReference": ""}, {"kind": FactKind.CAPTURED, "payment_id": PAY, "cents": 1130, "currency": "EUR"}),
    ({"success": "false", "reason": "Refused\0"}, {"kind": FactKind.FAILED, "reason": "Refused", "cents": 0}),
    ({"amount": {"currency": "CLP", "value": 150000}}, {"cents": 1500}),
    ({"amount": {"currency": "IDR", "value": 1500}}, {"cents": 150000}),
    ({"amount": {"currency": "JPY", "value": 1500}}, {"cents": 1500}),
    ({"eventCode": "PENDING"}, {"kind": FactKind.PROCESSING}),
    ({"eventCode": "CAPTURE"}, None),
    ({"eventCode": "CAPTURE", "success": "false"}, {"kind": FactKind.DISPUTE_LOST, "cents": 1130}),
    ({"eventCode": "REPORT_AVAILABLE", "amount": None}, None),
    ({"merchantAccountCode": "Other"}, None),
    (
        {"eventCode": "REFUND", "merchantReference": REF},
        {"kind": FactKind.REFUND_SETTLED, "refund_id": REF, "payment_reference": "VK9DRSLLRCQ2WN82"},
    ),
    ({"eventCode": "REFUND"}, {"kind": FactKind.REFUND_SETTLED, "refund_id": "", "payment_id": PAY}),
    ({"eventCode": "REFUND", "success": "false"}, {"kind": FactKind.REFUND_FAILED}),
    ({"eventCode": "REFUNDED_REVERSED"}, {"kind": FactKind.REFUND_FAILED}),
    ({"eventCode": "CHARGEBACK", "success": "false"}, None),
    (
        {"eventCode": "NOTIFICATION_OF_CHARGEBACK",
         "additionalData": {"defensePeriodEndsAt": "2020-11-30T18:50:01+00:00", "disputeStatus": "Won"}},
        {"kind": FactKind.DISPUTED, "dispute": "QFQTPCQ8HXSKGK82",
         "until": datetime(2020, 11, 30, 18, 50, 1, tzinfo=UTC)},
    ),
    ({"eventCode": "CHARGEBACK", "additionalData": {"defensePeriodEndsAt": "soon"}}, {"until": None}),
    ({"eventCode": "INFORMATION_SUPPLIED"}, {"kind": FactKind.DISPUTE_ANSWERED}),
    ({"eventCode": "CHARGEBACK_REVERSED"}, {"kind": FactKind.DISPUTE_WON, "payment_reference": "VK9DRSLLRCQ2WN82"}),
    ({"eventCode": "SECOND_CHARGEBACK"}, {"kind": FactKind.DISPUTE_LOST}),
]  # fmt: skip


@pytest.mark.pure
@pytest.mark.parametrize(("fields", "wanted"), EVENTS)
def test_an_event_becomes_its_fact(fields: JsonDict, wanted: JsonDict | None) -> None:
    facts = ADAPTER.parse(webhook({**SIGNED, **OF_PAYMENT, **fields}))

    assert [{name: getattr(fact, name) for name in wanted or {}} for fact in facts] == ([wanted] if wanted else [])


@pytest.mark.pure
@pytest.mark.parametrize("fields", [{"amount": {"value": -1, "currency": "USD"}}, {"pspReference": 5}, {"amount": 1}])
def test_nonsense_in_an_event_is_refused(fields: JsonDict) -> None:
    with pytest.raises(UnreadableWebhook):
        ADAPTER.parse(webhook({**SIGNED, **fields}))


@pytest.fixture(scope="module")
def server() -> Iterator[AdyenServer]:
    with adyen_server() as found:
        yield found


@pytest.fixture
def shop(scene: Scene, server: AdyenServer) -> Scene:
    """Have customers pay by Adyen."""
    environ = {
        "PLEDGE_PAYMENT_PROVIDER": "adyen", "PLEDGE_ADYEN_API_KEY": API_KEY, "PLEDGE_ADYEN_ACCOUNT": ACCOUNT,
        "PLEDGE_ADYEN_HMAC_KEYS": f"{OLD},{KEY}", "PLEDGE_ADYEN_URL": server.url,
    }  # fmt: skip
    server.answers.clear()
    server.asked.clear()
    server.links.clear()
    server.outages = server.busy = 0
    scene.store.settings = OrdersSettings.load(environ)
    return scene


def transaction(shop: Scene) -> Any:
    return partial(shop.store.work, Work)


def start(shop: Scene, number: str) -> Any:
    as_customer = partial(shop.store.work, Work, holder(f"order:{number}"))
    return payments.start_payment(as_customer, number, StartPayment())


def hear(shop: Scene, *items: JsonDict) -> bool:
    """Have a webhook come in. Return whether it told anything new."""
    raw = base64.b64encode(webhook(*items)).decode()
    return not shop.do(payments.receive_webhook, "adyen", {}, raw)["duplicate"]


def test_a_customer_pays_on_adyens_page(shop: Scene, server: AdyenServer) -> None:
    number = shop.place(("MUG", 1))
    server.outages = 1
    with pytest.raises(Unavailable):
        start(shop, number)

    started, again = start(shop, number), start(shop, number)
    payment = started["payment_id"]
    for forged in (paid(payment, "P", key="0" * 64), {**paid(payment, "P"), "amount": usd(1)}):
        with pytest.raises(BadSignature):
            hear(shop, forged)
    before = shop.order(number)["status"]
    heard = [hear(shop, paid(payment, "PAID1")) for _ in range(2)]
    hear(shop, paid(payment, "OWN1", eventCode="REFUND", originalReference="PAID1", amount=usd(250)))

    (link,) = server.links.values()
    assert started["url"] == again["url"] == link["url"]
    assert (link["reference"], link["amount"]) == (payment, usd(1250))
    assert server.asked[0][2]["returnUrl"].endswith(f"/orders/{number}")
    assert (before, heard, shop.order(number)["status"]) == ("awaiting_payment", [True, False], "confirmed")
    assert [each["amount"]["amount"] for each in shop.order(number)["refunds"]] == ["2.50"]  # at Adyen's own desk
    shop.holds()


def test_a_link_ends_with_its_order_and_a_new_one_is_made(shop: Scene, server: AdyenServer) -> None:
    first, second = shop.place(("MUG", 1)), shop.place(("MUG", 1))
    start(shop, first)
    failed = start(shop, second)["payment_id"]
    hear(shop, paid(failed, "NO1", success="false", reason="Refused"))
    start(shop, second)
    paying_sessions.end_sessions(transaction(shop), AtOnce())

    with clock.shifted(timedelta(minutes=31)):
        placing.expire_unpaid_orders(transaction(shop))
        for _ in range(2):
            paying_sessions.end_sessions(transaction(shop), AtOnce())

    ended = {each["reference"]: each["status"] for each in server.links.values()}
    assert (len(server.links), set(ended.values())) == (3, {"expired"})
    assert shop.order(first)["status"] == "expired"


def cancelled(shop: Scene) -> tuple[str, str]:
    """Return an order that was paid and cancelled, and its payment's number."""
    number = shop.place(("MUG", 1), passes=False)
    payment = start(shop, number)["payment_id"]
    hear(shop, paid(payment, f"P{payment}"))
    shop.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=holder(f"order:{number}"))
    return number, payment


def drive(shop: Scene, minutes: int = 11) -> None:
    with clock.shifted(timedelta(minutes=minutes)):
        submissions.drive_refunds(transaction(shop), AtOnce())


def test_a_refund_is_made_once_and_settles(shop: Scene, server: AdyenServer) -> None:
    """Its answer is lost and the webhook comes first, or Adyen is at it still; the refund is named, or its payment."""
    for silent, by_refund in (("outages", True), ("outages", False), ("busy", False), ("", False)):
        server.answers.clear()
        number, payment = cancelled(shop)
        if silent:
            setattr(server, silent, 1)
        drive(shop)
        if silent != "outages":
            drive(shop, 13)
        (made,) = server.refunds
        named = made["reference"] if by_refund else payment
        done = paid(named, made["pspReference"], eventCode="REFUND", originalReference=f"P{payment}")

        heard = [hear(shop, done), hear(shop, done)]
        drive(shop, 15)

        (refund,) = shop.order(number)["refunds"]
        assert (refund["id"], refund["status"]) == (made["reference"], "settled")
        assert (made["paymentPspReference"], heard, len(server.refunds)) == (f"P{payment}", [True, False], 1)
    shop.holds()


def test_a_refund_that_failed_is_owed_in_any_order(shop: Scene, server: AdyenServer) -> None:
    for codes in permutations(["REFUND", "REFUND_FAILED"]):
        server.answers.clear()
        number, payment = cancelled(shop)
        drive(shop)
        (made,) = server.refunds

        for code in codes:
            hear(shop, paid(payment, made["pspReference"], eventCode=code, originalReference=f"P{payment}"))

        assert [each["status"] for each in shop.order(number)["refunds"]] == ["failed"]
        drive(shop, 15)
        assert [each["reference"] for each in server.refunds] == [made["reference"]] * 2
    shop.holds()


def test_a_failure_that_may_be_of_another_is_for_a_person(shop: Scene, server: AdyenServer) -> None:
    """Ours may have been paid: it is not sent again under another key."""
    number, payment = cancelled(shop)
    server.outages = 1
    drive(shop)

    hear(shop, paid(payment, "THEIRS", eventCode="REFUND_FAILED", originalReference=f"P{payment}"))
    drive(shop, 15)

    assert [each["status"] for each in shop.order(number)["refunds"]] == ["manual"]
    assert len(server.refunds) == 1
    shop.holds()


def owe_part(work: Work, number: str, reference: str) -> None:
    work.orders.find(number, lock=True)
    (payment,) = work.payments.of_order(number, lock=True)
    refunds.owe_refund(work, payment, Money(1250), RefundCause.GOODWILL, reference)


@pytest.mark.parametrize("codes", [("REFUND", "REFUND"), ("REFUND_FAILED", "REFUND"), ("REFUND", "REFUND_FAILED")])
def test_two_refunds_of_one_amount_are_told_apart(shop: Scene, server: AdyenServer, codes: tuple[str, str]) -> None:
    """The webhooks come before the answers to the calls, and again after them: nothing is booked twice."""
    number = shop.place(("MUG", 4), passes=False)
    payment = start(shop, number)["payment_id"]
    hear(shop, paid(payment, f"P{payment}", amount=usd(5000)))
    for reference in ("first", "second"):
        shop.do(owe_part, number, reference)
    server.outages = 2
    drive(shop)
    pairs = [(made["reference"], made["pspReference"], code) for made, code in zip(server.refunds, codes, strict=True)]
    told = [paid(payment, psp, eventCode=code, originalReference=f"P{payment}") for _, psp, code in pairs]

    for event in told:
        with pytest.raises(Unavailable):
            hear(shop, event)
    drive(shop, 13)
    for event in reversed(told):
        assert hear(shop, event)

    stands = {each["id"]: each["status"] for each in shop.order(number)["refunds"]}
    assert stands == {made: "settled" if code == "REFUND" else "failed" for made, _, code in pairs}
    shop.holds()


def test_a_key_that_adyen_forgets_is_not_used_again(shop: Scene, server: AdyenServer) -> None:
    """A week is a week, however seldom it was tried; a person who has it tried again does not make it younger."""
    number, _payment = cancelled(shop)
    server.outages = 1
    drive(shop)

    drive(shop, 60 * 24 * 8)
    (refund,) = shop.order(number)["refunds"]
    shop.do(refund_queue.retry_refund, refund["id"], RetryRefund())
    drive(shop, 60 * 24 * 8 + 60)

    assert [each["status"] for each in shop.order(number)["refunds"]] == ["manual"]
    assert len([path for _, path, _ in server.asked if path.endswith("/refunds")]) == 1
    shop.holds()


LOST = ["AUTHORISATION", "NOTIFICATION_OF_CHARGEBACK", "CHARGEBACK", "SECOND_CHARGEBACK"]
WON = ["AUTHORISATION", "CHARGEBACK", "INFORMATION_SUPPLIED", "CHARGEBACK_REVERSED"]


def test_a_dispute_holds_the_order_and_is_decided(shop: Scene) -> None:
    plays = [(LOST, "0.00"), ([LOST[0], *LOST[:0:-1]], "0.00"), (WON, "12.50"), ([WON[0], *WON[:0:-1]], "12.50"),
             ([*WON, "SECOND_CHARGEBACK"], "0.00")]  # fmt: skip
    for codes, kept in plays:
        number = shop.place(("MUG", 1))
        payment = start(shop, number)["payment_id"]

        for code in codes:
            of_dispute = {"pspReference": f"D{payment}", "originalReference": f"P{payment}", "eventCode": code}
            hear(shop, paid(payment, f"P{payment}", **(of_dispute if code != "AUTHORISATION" else {})))

        shown = shop.order(number)
        assert (codes, shown["account"]["kept"]["amount"]) == (codes, kept)
        assert shown["payment"]["disputed_at"] is None
        assert shop.journal(number).count("payment_captured") == 1
    shop.holds()


def test_a_dispute_is_about_the_capture_that_it_names(shop: Scene) -> None:
    number = shop.place(("MUG", 1))
    payment = start(shop, number)["payment_id"]
    for psp in ("FIRST", "SECOND"):
        hear(shop, paid(payment, psp))

    hear(shop, paid(payment, "D2", originalReference="SECOND", eventCode="CHARGEBACK"))

    with shop.store.work(Work, reading=True) as work:
        disputed = {each.reference: each.disputed_at is not None for each in work.payments.of_order(number)}
    assert disputed == {"FIRST": False, "SECOND": True}


def test_a_refusal_is_certain_and_silence_is_not(server: AdyenServer) -> None:
    adapter = replace(ADAPTER, adyen_url=server.url)

    with pytest.raises(Conflict) as refused:
        adapter.refund(replace(REFUND, payment_reference="unknown"))
    for silent in (
        replace(adapter, adyen_url="http://127.0.0.1:1"), replace(adapter, adyen_api_key="AQEanother"), Adyen(),
    ):  # fmt: skip
        with pytest.raises(Unavailable):
            silent.refund(REFUND)
    assert refused.value.code == "provider_refused"


@pytest.mark.pure
@pytest.mark.parametrize("given", [{}, {"PLEDGE_ADYEN_API_KEY": API_KEY}, {"PLEDGE_ADYEN_HMAC_KEYS": "abc"}])
def test_what_is_not_set_up_takes_no_money(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"adyen, which is not set up|PLEDGE_ADYEN_HMAC_KEYS"):
        OrdersSettings.load({"PLEDGE_PAYMENT_PROVIDER": "adyen", **given})
