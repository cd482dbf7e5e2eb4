"""Stripe: what it signed is believed, however it comes, and no cent is paid twice or lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
import stripe

from services.common.basics import clock
from services.common.basics.caller import Caller
from services.common.basics.errors import Conflict, Unavailable
from services.common.basics.money import Money
from services.common.basics.untyped import JsonDict
from services.common.runtime.config import ConfigError
from services.common.testing import holder
from services.orders.adapters.payments import FactKind
from services.orders.adapters.payments.stripe import ENDED, Stripe
from services.orders.api import CancelOrder, ListAttention, RefundCause, StartPayment, UnreadableWebhook
from services.orders.domain import Refund
from services.orders.handlers import (
    attention,
    cancellations,
    paying_sessions,
    payments,
    placing,
    reconciling,
    submissions,
)
from services.orders.repository import Work
from services.orders.settings import OrdersSettings
from services.orders.tests.scene import Scene
from services.orders.tests.stripe_server import DECLINED, KEY, StripeServer, stripe_server
from services.orders.tests.test_refunds import AtOnce

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
OLD, NEW = "whsec_of_before", "whsec_of_now"
ADAPTER = Stripe(stripe_secret_key=KEY, stripe_webhook_secrets=f"{OLD}, {NEW}")
INTENT = {
    "id": "pi_1", "object": "payment_intent", "amount": 1250, "amount_received": 1250, "currency": "usd",
    "status": "succeeded", "metadata": {"payment_id": "PAY-1", "order_number": "ORD-1"}, "last_payment_error": None,
}  # fmt: skip
MOVED = {"id": "re_1", "amount": 1250, "currency": "usd", "status": "succeeded", "payment_intent": "pi_1",
         "metadata": {}, "reason": None}  # fmt: skip
REFUND = Refund(
    refund_id="RFD-1", payment_id="PAY-1", order_number="ORD-1", provider="stripe", amount=Money(1250),
    cause=RefundCause.CANCELLATION, reference="ORD-1", created_at=NOW, next_attempt_at=None, due_at=NOW,
    payment_reference="pi_1", tries=1,
)  # fmt: skip


def event(kind: str, found: JsonDict, id_: str = "evt_1") -> bytes:
    return orjson.dumps({"id": id_, "object": "event", "type": kind, "data": {"object": found}, "created": 0})


def signed(raw: bytes, secret: str = NEW, at: datetime = NOW) -> dict[str, str]:
    sign = stripe.WebhookSignature.generate_signature_header
    return {"stripe-signature": sign(raw.decode(), secret, int(at.timestamp()))}


@pytest.mark.pure
@pytest.mark.parametrize("secret", [OLD, NEW])
def test_each_secret_in_force_is_believed(secret: str) -> None:
    raw = event("payment_intent.succeeded", INTENT)

    assert ADAPTER.verify(signed(raw, secret), raw, NOW)


@pytest.mark.pure
@pytest.mark.parametrize(
    "headers",
    [
        {}, {"stripe-signature": ""}, {"stripe-signature": "t=1"}, {"stripe-signature": "v1=00"},
        {"stripe-signature": "t=é,v1=00"}, signed(b"{}", "whsec_of_another"),
        signed(b"{}", at=NOW - timedelta(minutes=6)), signed(b"{}", at=NOW + timedelta(minutes=6)), signed(b"{ }"),
    ],
    ids=["none", "empty", "no signature", "no time", "no number", "another's", "old", "of tomorrow", "other bytes"],
)  # fmt: skip
def test_what_stripe_did_not_sign_now_is_not_believed(headers: dict[str, str]) -> None:
    assert not ADAPTER.verify(headers, b"{}", NOW)
    assert not Stripe().verify(signed(b"{}", ""), b"{}", NOW)
    assert not ADAPTER.verify(signed(b"{}"), b"\xff", NOW)


FACTS: list[tuple[str, JsonDict, JsonDict | None]] = [
    ("payment_intent.processing", {"status": "processing"}, {"kind": FactKind.PROCESSING, "cents": 0}),
    ("payment_intent.succeeded", {}, {"kind": FactKind.CAPTURED, "cents": 1250, "payment_id": "PAY-1"}),
    ("payment_intent.succeeded", {"metadata": {}}, {"kind": FactKind.CAPTURED, "payment_id": "", "reference": "pi_1"}),
    ("payment_intent.succeeded", {"currency": "jpy"}, {"kind": FactKind.CAPTURED, "currency": "JPY"}),
    (
        "payment_intent.payment_failed",
        {"status": "requires_payment_method", "last_payment_error": {"message": "Your card was declined."}},
        {"kind": FactKind.FAILED, "reason": "Your card was declined."},
    ),
    (f"payment_intent.{ENDED}", {"status": ENDED}, None),
    (
        f"payment_intent.{ENDED}",
        {"status": ENDED, "cancellation_reason": "fraudulent"},
        {"kind": FactKind.FAILED, "reason": "fraudulent"},
    ),
    ("payment_intent.created", {}, None),
    ("customer.created", {}, None),
]  # fmt: skip
MOVEMENTS: list[tuple[str, JsonDict, JsonDict | None]] = [
    ("refund.updated", {}, {"kind": FactKind.REFUND_SETTLED, "payment_reference": "pi_1", "refund_id": ""}),
    ("refund.updated", {"metadata": {"refund_id": "RFD-1"}}, {"kind": FactKind.REFUND_SETTLED, "refund_id": "RFD-1"}),
    ("refund.created", {"status": "pending"}, None),
    ("refund.updated", {"status": "requires_action"}, None),
    (
        "refund.failed",
        {"status": "failed", "failure_reason": "lost_or_stolen_card"},
        {"kind": FactKind.REFUND_FAILED, "reason": "lost_or_stolen_card"},
    ),
    (
        "charge.dispute.created",
        {"id": "dp_1", "status": "needs_response", "reason": "product_not_received"},
        {"kind": FactKind.DISPUTED, "dispute": "dp_1", "reason": "product not received", "payment_reference": "pi_1"},
    ),
    ("charge.dispute.updated", {"id": "dp_1", "status": "won"}, {"kind": FactKind.DISPUTE_WON, "dispute": "dp_1"}),
    ("charge.dispute.closed", {"id": "dp_1", "status": "lost"}, {"kind": FactKind.DISPUTE_LOST, "cents": 1250}),
    ("charge.dispute.closed", {"id": "dp_1", "status": "warning_closed"}, {"kind": FactKind.DISPUTE_WON}),
    ("charge.dispute.funds_reinstated", {"id": "dp_1", "status": "won"}, {"kind": FactKind.DISPUTE_WON}),
    (
        "charge.dispute.updated",
        {"id": "dp_1", "status": "under_review", "evidence_details": {"due_by": 1767225600}},
        {"kind": FactKind.DISPUTE_ANSWERED, "until": datetime(2026, 1, 1, tzinfo=UTC)},
    ),
]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("kind", "found", "wanted"),
    [(kind, {**INTENT, **found}, wanted) for kind, found, wanted in FACTS]
    + [(kind, {**MOVED, **found}, wanted) for kind, found, wanted in MOVEMENTS],
)
def test_an_event_becomes_its_fact(kind: str, found: JsonDict, wanted: JsonDict | None) -> None:
    facts = ADAPTER.parse(event(kind, found))

    assert [{name: getattr(fact, name) for name in wanted or {}} for fact in facts] == ([wanted] if wanted else [])


@pytest.mark.pure
@pytest.mark.parametrize("raw", [b"", b"[]", b'{"id": "evt_1"}', event("payment_intent.succeeded", {"id": "pi_1"}),
    event("payment_intent.succeeded", {**INTENT, "amount_received": -1}), event("refund.updated", {}),
])  # fmt: skip
def test_nonsense_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableWebhook):
        ADAPTER.parse(raw)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeServer]:
    with stripe_server(tmp_path_factory.mktemp("stripe")) as found:
        yield found


@pytest.fixture
def shop(scene: Scene, server: StripeServer) -> Scene:
    """Have customers pay by Stripe."""
    environ = {
        "PLEDGE_PAYMENT_PROVIDER": "stripe", "PLEDGE_STRIPE_SECRET_KEY": KEY, "PLEDGE_STRIPE_URL": server.url,
        "PLEDGE_STRIPE_WEBHOOK_SECRETS": NEW, "PLEDGE_STRIPE_PUBLISHABLE_KEY": "pk_test_1",
    }  # fmt: skip
    server.answers.clear()
    server.outages, server.loses_pages = 0, False
    scene.store.settings = OrdersSettings.load(environ)
    return scene


def transaction(shop: Scene, caller: Caller | None = None) -> Any:
    return partial(shop.store.work, Work, caller) if caller else partial(shop.store.work, Work)


def start(shop: Scene, number: str) -> Any:
    return payments.start_payment(transaction(shop, holder(f"order:{number}")), number, StartPayment())


def intent_of(started: Any) -> str:
    return str(started["client_secret"].partition("_secret_")[0])


def hear(shop: Scene, kind: str, found: JsonDict, id_: str = "evt_1") -> Any:
    """Have a webhook come in, signed."""
    import base64

    raw = event(kind, found, id_)
    headers = signed(raw, at=clock.now())
    return shop.do(payments.receive_webhook, "stripe", headers, base64.b64encode(raw).decode())


def drive(shop: Scene) -> None:
    submissions.drive_refunds(transaction(shop), AtOnce())


def test_a_customer_pays_by_card(shop: Scene, server: StripeServer) -> None:
    number = shop.place(("MUG", 1))

    started = start(shop, number)
    again = start(shop, number)
    paid = server.pay(intent_of(started))
    receipts = [hear(shop, "payment_intent.succeeded", {**paid, "amount_received": 1250}) for _ in range(2)]

    assert (started["publishable_key"], intent_of(again)) == ("pk_test_1", intent_of(started))
    assert paid["metadata"] == {"payment_id": started["payment_id"], "order_number": number}
    assert [receipt["duplicate"] for receipt in receipts] == [False, True]
    assert shop.order(number)["status"] == "confirmed"
    shop.holds()


def test_an_order_is_placed_while_stripe_is_silent(shop: Scene) -> None:
    wanted = {"PLEDGE_STRIPE_URL": "http://127.0.0.1:1", "PLEDGE_PAYMENT_PROVIDER": "stripe"}
    secrets = {"PLEDGE_STRIPE_SECRET_KEY": KEY, "PLEDGE_STRIPE_WEBHOOK_SECRETS": NEW}
    shop.store.settings = OrdersSettings.load(wanted | secrets)
    number = shop.place(("MUG", 1))

    with pytest.raises(Unavailable):
        start(shop, number)

    placed = {"number": number, "payment": {**shop.order(number)["payment"]}}
    assert "client_secret" not in payments.ready_to_pay(placed, shop.store.settings)["payment"]  # type: ignore


def test_the_books_of_stripe_are_read_and_agree(shop: Scene, server: StripeServer) -> None:
    number = shop.place(("MUG", 1))
    intent = intent_of(start(shop, number))
    hear(shop, "payment_intent.succeeded", {**server.pay(intent), "amount_received": 1250}, f"evt_{intent}")
    lost = intent_of(start(shop, shop.place(("MUG", 1))))
    server.pay(lost)
    made = server.ask("POST", "refunds", payment_intent=intent, amount="100")

    with clock.shifted(timedelta(days=2)):
        shop.do(reconciling.compare_books)
        reconciling.compare_due(transaction(shop))

    asked = [each["reason"] for each in shop.do(attention.list_attention, ListAttention(limit=100))["items"]]
    assert any(lost in reason for reason in asked)
    assert any(made["id"] in reason for reason in asked)
    assert not any(f"capture {intent} " in reason for reason in asked)


def test_a_declined_card_is_told_and_tried_again(shop: Scene, server: StripeServer) -> None:
    number = shop.place(("MUG", 1))
    first = start(shop, number)
    server.pay(intent_of(first), DECLINED)
    refused = server.ask("GET", f"payment_intents/{intent_of(first)}")

    hear(shop, "payment_intent.payment_failed", refused)
    second = start(shop, number)
    paying_sessions.end_sessions(transaction(shop), AtOnce())

    assert shop.order(number)["payment"]["status"] == "pending"
    assert intent_of(second) != intent_of(first)
    assert server.ask("GET", f"payment_intents/{intent_of(first)}")["status"] == ENDED
    assert server.ask("GET", f"payment_intents/{intent_of(second)}")["status"] == "requires_payment_method"


def test_another_card_is_tried_in_the_same_session(shop: Scene, server: StripeServer) -> None:
    number = shop.place(("MUG", 1))
    intent = intent_of(start(shop, number))
    server.pay(intent, DECLINED)
    hear(shop, "payment_intent.payment_failed", server.ask("GET", f"payment_intents/{intent}"), f"evt_f{intent}")

    paying_sessions.end_sessions(transaction(shop), AtOnce())
    hear(
        shop, "payment_intent.succeeded", {**INTENT, **server.ask("GET", f"payment_intents/{intent}")}, f"evt_s{intent}"
    )

    assert shop.order(number)["status"] == "confirmed"


def test_an_order_that_expired_is_not_paid(shop: Scene, server: StripeServer) -> None:
    number = shop.place(("MUG", 1))
    started = start(shop, number)

    with clock.shifted(timedelta(minutes=31)):
        placing.expire_unpaid_orders(transaction(shop))
        for _ in range(2):
            paying_sessions.end_sessions(transaction(shop), AtOnce())

    assert shop.order(number)["status"] == "expired"
    assert server.ask("GET", f"payment_intents/{intent_of(started)}")["status"] == ENDED


def test_who_pays_at_the_last_moment_has_paid(shop: Scene, server: StripeServer) -> None:
    number = shop.place(("MUG", 1))
    started = start(shop, number)
    paid = server.pay(intent_of(started))

    with clock.shifted(timedelta(minutes=31)):
        placing.expire_unpaid_orders(transaction(shop))
        paying_sessions.end_sessions(transaction(shop), AtOnce())
        hear(shop, "payment_intent.succeeded", {**paid, "amount_received": 1250}, f"evt_{paid['id']}")

    assert shop.order(number)["status"] == "confirmed"
    shop.holds()


def test_a_lost_webhook_is_asked_for(shop: Scene, server: StripeServer) -> None:
    number = shop.place(("MUG", 1))
    started = start(shop, number)
    server.pay(intent_of(started))

    for _ in range(2):
        paying_sessions.take_missed(transaction(shop))

    assert shop.order(number)["status"] == "confirmed"
    assert shop.journal(number).count("payment_captured") == 1


def paid_order(shop: Scene, server: StripeServer, *, passes: bool = True) -> tuple[str, str]:
    number = shop.place(("MUG", 1), passes=passes)
    intent = intent_of(start(shop, number))
    hear(shop, "payment_intent.succeeded", {**server.pay(intent), "amount_received": 1250}, f"evt_{intent}")
    return number, intent


@pytest.mark.parametrize("outages", [0, 1, 2])
def test_a_refund_is_made_once_however_often_it_is_asked(shop: Scene, server: StripeServer, outages: int) -> None:
    number, intent = paid_order(shop, server, passes=False)
    shop.do(cancellations.cancel_order, number, CancelOrder("changed my mind"), caller=holder(f"order:{number}"))
    server.outages = outages

    for seconds in range(0, 240, 40):
        server.answers.clear()  # as if a day had passed: Stripe knows the keys no more
        with clock.shifted(timedelta(minutes=11, seconds=seconds)):
            drive(shop)

    made = [each for each in server.ask("GET", f"refunds?payment_intent={intent}")["data"]]
    assert [each["amount"] for each in made] == [1250]
    assert shop.order(number)["refunds"][0]["status"] == "settled"
    shop.holds()


def test_a_refund_waits_while_stripe_does_not_say_what_it_made(shop: Scene, server: StripeServer) -> None:
    _, intent = paid_order(shop, server)
    for _ in range(11):  # more than a page
        server.ask("POST", "refunds", payment_intent=intent, amount="1")
    server.loses_pages = True

    with pytest.raises(Unavailable):
        replace(ADAPTER, stripe_url=server.url).refund(replace(REFUND, payment_reference=intent, tries=2))
    assert len(server.ask("GET", f"refunds?payment_intent={intent}&limit=100")["data"]) == 11


def test_a_refund_at_stripes_own_desk_is_in_our_books(shop: Scene, server: StripeServer) -> None:
    number, intent = paid_order(shop, server)

    made = server.ask("POST", "refunds", payment_intent=intent, amount="250")
    hear(shop, "refund.created", made, f"evt_{made['id']}")

    shown = shop.order(number)
    assert [refund["amount"]["amount"] for refund in shown["refunds"]] == ["2.50"]
    assert shown["account"]["refunded"]["amount"] == "2.50"


def test_a_dispute_holds_the_order_of_its_intent(shop: Scene, server: StripeServer) -> None:
    number, intent = paid_order(shop, server)
    dispute = {**MOVED, "id": "dp_1", "status": "needs_response", "payment_intent": intent, "reason": "fraudulent"}

    for kind in ("charge.dispute.created", "charge.dispute.funds_withdrawn"):
        hear(shop, kind, dispute, f"evt_{kind}_{intent}")

    assert shop.order(number)["payment"]["disputed_at"]
    assert shop.journal(number).count("payment_disputed") == 1


def test_a_refusal_is_certain_and_silence_is_not(server: StripeServer) -> None:
    adapter = replace(ADAPTER, stripe_url=server.url)

    with pytest.raises(Conflict) as refused:
        adapter.refund(replace(REFUND, payment_reference="pi_unknown"))
    with pytest.raises(Unavailable):
        replace(ADAPTER, stripe_url="http://127.0.0.1:1").refund(REFUND)
    assert refused.value.code == "provider_refused"


@pytest.mark.pure
@pytest.mark.parametrize("given", [{}, {"PLEDGE_STRIPE_SECRET_KEY": KEY}])
def test_what_is_not_set_up_takes_no_money(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="stripe, which is not set up"):
        OrdersSettings.load({"PLEDGE_PAYMENT_PROVIDER": "stripe", **given})
