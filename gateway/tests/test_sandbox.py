"""The sandbox bank: signed reports, nothing paid twice, nothing paid back that was not paid."""

from __future__ import annotations

import base64
import io
import socket
from typing import Any

import orjson
import pytest
from itsdangerous import URLSafeSerializer
from pypdf import PdfReader

from gateway.settings import CARRIER_SECRET, SANDBOX_SECRET
from services.common.basics.clock import now
from services.common.edge import signatures
from services.common.testing import eventually


@pytest.fixture
def bank(start: Any) -> Any:
    """Start a gateway whose bank reports to the gateway itself."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return start(PLEDGE_HTTP_ADDRESS=address, PLEDGE_PUBLIC_URL=f"http://{address}")


def a_client_secret(cents: int = 4990, secret: str = SANDBOX_SECRET) -> str:
    claims = {"payment_id": "PAY-1", "amount_cents": cents, "currency": "USD", "order_number": "ORD-1"}
    return str(URLSafeSerializer(secret, salt="sandbox-payment").dumps(claims))


def reports(bank: Any) -> list[tuple[dict[str, str], bytes]]:
    """Return (headers, body) of each webhook that arrived at orders."""
    calls = [args for method, args, _ in bank.asked("orders").calls if method == "receive_payment_webhook"]
    return [(headers, base64.b64decode(body)) for _, headers, body in calls]


def refunds(bank: Any) -> list[dict[str, Any]]:
    """Return the refunds that were reported."""
    events = [orjson.loads(body) for _, body in reports(bank)]
    return [event for event in events if event["type"] == "refund.settled"]


def paid(bank: Any) -> str:
    reference: str = bank.post("/sandbox/payments", {"client_secret": a_client_secret()}).json()["reference"]
    return reference


def ask_carrier(bank: Any, act: str, told: dict[str, Any], secret: str = CARRIER_SECRET) -> Any:
    raw = orjson.dumps(told)
    signed = {"Simulator-Signature": signatures.sign(secret, raw, now()), "Content-Type": "application/json"}
    return bank.request("POST", f"/sandbox/carrier/labels/{act}", data=raw, headers=signed)


def test_the_sandbox_carrier_sells_a_label_once(bank: Any) -> None:
    box = {"reference": "SHP-0000-0000-0", "weight_g": 900, "line2": "", "country": "DE"}
    offer = ask_carrier(bank, "rates", box).json()
    wanted = {"id": offer["id"], "rate": "standard", "key": "1"}
    bought = ask_carrier(bank, "buy", wanted).json()

    assert bought["amount_cents"] == offer["rates"][1]["amount_cents"]
    assert ask_carrier(bank, "buy", {**wanted, "rate": "express"}).json() == bought
    assert ask_carrier(bank, "find", {"id": offer["id"]}).json() == bought
    paper = ask_carrier(bank, "paper", {"tracking_number": bought["tracking_number"], "service": "Standard"}).json()
    printed = PdfReader(io.BytesIO(base64.b64decode(paper["pdf"]))).pages[0].extract_text()
    assert bought["tracking_number"] in printed
    assert ask_carrier(bank, "rates", box, secret="another").status_code == 403
    assert ask_carrier(bank, "steal", {}).status_code == 404
    troubles = (("away", "rates", 503), ("address", "rates", 422), ("busy", "buy", 429), ("gone", "buy", 410))
    for trouble, act, status in troubles:
        offered = ask_carrier(bank, "rates", {**box, "line2": f"Simulate: {trouble}"})
        answer = offered if act == "rates" else ask_carrier(bank, "buy", {**wanted, "id": offered.json()["id"]})
        assert answer.status_code == status


def test_a_payment_is_reported_by_a_signed_webhook(bank: Any) -> None:
    answer = bank.post("/sandbox/payments", {"client_secret": a_client_secret()})

    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    (headers, body), *_ = eventually(lambda: reports(bank))
    assert signatures.verify(SANDBOX_SECRET, headers["sandbox-signature"], body, now())
    event = orjson.loads(body)
    assert event["type"] == "payment.captured"
    assert (event["data"]["payment_id"], event["data"]["amount_cents"]) == ("PAY-1", 4990)
    assert bank.get(f"/sandbox/payments/{event['data']['reference']}").json()["status"] == "captured"


def test_a_declined_card_is_reported_with_the_reason(bank: Any) -> None:
    bank.post("/sandbox/payments", {"client_secret": a_client_secret(), "outcome": "decline"})

    (_, body), *_ = eventually(lambda: reports(bank))
    assert orjson.loads(body)["type"] == "payment.failed"
    assert orjson.loads(body)["data"]["reason"] == "card_declined"


@pytest.mark.parametrize(
    "secret", ["nonsense", a_client_secret(secret="of somebody else"), "x" + a_client_secret()[1:]]
)
def test_a_client_secret_that_is_not_ours_pays_nothing(bank: Any, secret: str) -> None:
    answer = bank.post("/sandbox/payments", {"client_secret": secret})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_client_secret")


def test_the_same_refund_asked_twice_is_one_refund(bank: Any) -> None:
    wish = {"refund_id": "REF-1", "reference": paid(bank), "amount_cents": 1000, "currency": "USD"}

    first, second = bank.post("/sandbox/refunds", wish).json(), bank.post("/sandbox/refunds", wish).json()

    assert first == second
    assert first["status"] == "pending"
    eventually(lambda: refunds(bank))
    assert refunds(bank)[0]["data"]["refund_id"] == "REF-1"
    assert bank.get(f"/sandbox/refunds/{first['id']}").json()["status"] == "settled"


def test_both_reports_of_one_refund_have_one_id(bank: Any) -> None:
    wish = {"refund_id": "REF-1", "reference": paid(bank), "amount_cents": 1000, "currency": "USD"}

    bank.post("/sandbox/refunds", wish)
    bank.post("/sandbox/refunds", wish)

    eventually(lambda: len(refunds(bank)) == 2)
    assert len({refund["id"] for refund in refunds(bank)}) == 1


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"amount_cents": 4991}, 409, "amount_too_large"),
        ({"reference": "pay.PAY-1.999999.abc"}, 404, "reference_not_found"),
        ({"reference": "pay"}, 404, "reference_not_found"),
        ({"reference": "pay.PAY-1.٣.abc"}, 404, "reference_not_found"),
    ],
)
def test_a_refund_above_the_payment_or_to_no_one_is_refused(
    bank: Any, changed: dict[str, Any], status: int, code: str
) -> None:
    wish = {"refund_id": "REF-1", "reference": paid(bank), "amount_cents": 1000, "currency": "USD", **changed}

    answer = bank.post("/sandbox/refunds", wish)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_declined_payment_cannot_be_paid_back(bank: Any) -> None:
    body = {"client_secret": a_client_secret(), "outcome": "decline"}
    reference = bank.post("/sandbox/payments", body).json()["reference"]

    wish = {"refund_id": "REF-1", "reference": reference, "amount_cents": 1, "currency": "USD"}
    assert bank.post("/sandbox/refunds", wish).json()["code"] == "not_captured"


def pays(bank: Any, **how: Any) -> Any:
    answer = bank.post("/sandbox/payments", {"client_secret": a_client_secret(), **how})
    assert answer.status_code == 202
    return answer.json()


def told(bank: Any, kind: str) -> Any:
    """Return the data of the last webhook of that type."""

    def found() -> Any:
        events = [orjson.loads(body) for _, body in reports(bank)]
        return next((event["data"] for event in reversed(events) if event["type"] == kind), None)

    return eventually(found)


def test_a_card_can_be_charged_twice(bank: Any) -> None:
    first, second = pays(bank), pays(bank, charge=2)

    assert first["payment_id"] == second["payment_id"] == "PAY-1"
    assert first["reference"] != second["reference"]
    found = bank.get(f"/sandbox/payments/{second['reference']}").json()
    assert (found["payment_id"], found["amount_cents"], found["currency"]) == ("PAY-1", 4990, "USD")


def test_another_amount_and_currency_can_be_paid(bank: Any) -> None:
    paid_in_yen = pays(bank, amount_cents=1500, currency="JPY")

    captured = told(bank, "payment.captured")
    wish = {"refund_id": "REF-1", "reference": paid_in_yen["reference"], "amount_cents": 1, "currency": "USD"}

    assert (captured["amount_cents"], captured["currency"]) == (1500, "JPY")
    assert bank.post("/sandbox/refunds", wish).json()["code"] == "other_currency"


def test_a_payment_can_be_disputed(bank: Any) -> None:
    reference = paid(bank)

    answer = bank.post("/sandbox/disputes", {"reference": reference})

    assert answer.status_code == 202
    disputed = told(bank, "payment.disputed")
    assert (disputed["payment_id"], disputed["reference"]) == ("PAY-1", reference)
    assert (disputed["amount_cents"], disputed["currency"]) == (4990, "USD")


def test_a_part_of_a_payment_can_be_disputed(bank: Any) -> None:
    reference = paid(bank)

    bank.post("/sandbox/disputes", {"reference": reference, "amount_cents": 1000})
    too_much = bank.post("/sandbox/disputes", {"reference": reference, "amount_cents": 4991})

    assert told(bank, "payment.disputed")["amount_cents"] == 1000
    assert (too_much.status_code, too_much.json()["code"]) == (409, "amount_too_large")


def test_the_bank_can_pay_back_by_itself(bank: Any) -> None:
    reference = paid(bank)

    made = bank.post("/sandbox/bank-refunds", {"reference": reference, "amount_cents": 1000}).json()

    assert told(bank, "refund.settled")["id"] == made["id"]
    too_much = bank.post("/sandbox/bank-refunds", {"reference": reference, "amount_cents": 4991})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "amount_too_large")


def test_a_refund_can_fail_after_it_was_settled(bank: Any) -> None:
    wish = {"refund_id": "REF-1", "reference": paid(bank), "amount_cents": 1000, "currency": "USD"}
    settled = bank.post("/sandbox/refunds", wish).json()

    bank.post(f"/sandbox/refunds/{settled['id']}/failure", {})

    failed = told(bank, "refund.failed")
    assert (failed["id"], failed["refund_id"]) == (settled["id"], "REF-1")
    refused = bank.post(f"/sandbox/refunds/{wish['reference']}/failure", {})
    assert (refused.status_code, refused.json()["code"]) == (404, "refund_not_found")


def test_the_mailbox_shows_mail_as_text_with_working_links(gateway: Any) -> None:
    folder = next(each for each in gateway.containers["gateway"].dependencies if each.attr_name == "application")
    mailbox = folder.app.config["PLEDGE"].mailbox
    mailbox.mkdir(parents=True, exist_ok=True)
    mail = "To: ada@example.com\nSubject: <b>Hi</b>\nDate: Mon, 2 Mar 2026 09:30:00 +0000\n\n<script>1</script> http://x/y#token=1\n"
    (mailbox / "0001.eml").write_text(mail)

    listed, shown = gateway.get("/dev/mail").json()["items"], gateway.get("/dev/mail/0001").json()
    page = gateway.get("/dev/mail/0001", headers={"Accept": "text/html"}).text

    assert [item["id"] for item in listed] == ["0001"]
    assert shown["links"] == ["http://x/y#token=1"]
    assert "<script>" not in page
    assert '<a href="http://x/y#token=1">' in page
    assert gateway.get("/dev/mail/..%2f..%2fetc").status_code == 404
    assert gateway.get("/dev/mail/0001/page").json()["code"] == "mail_not_found"  # it has no page
    assert gateway.get("/dev/mail/nothing").json()["code"] == "mail_not_found"
