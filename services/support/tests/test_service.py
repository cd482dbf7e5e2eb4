"""Support over the bus: its calls, the events it follows, the mail that leaves by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyotp
import pytest

from services.common.basics.caller import Caller
from services.common.basics.errors import Conflict, Forbidden, Invalid, NotFound
from services.common.edge.tokens import RatingClaims, rating_token, token_hash
from services.common.testing import Platform, customer, eventually, guest, running, staff
from services.common.testing.authenticator import Authenticator
from services.support.api.sorting import OrderState
from services.support.domain import Staff
from services.support.repository import Work
from services.support.service import SupportService
from services.support.tests.builders import (
    ADA,
    EVE,
    NOW,
    ORDER_NUMBER,
    SETTINGS,
    TICKET_NUMBER,
    add_staff,
    form_json,
    link_in,
    mails_in,
    order_placed_json,
    text_of,
    told,
)
from services.support.tests.letters import a_letter
from services.support.tests.receiver import receiving

EMAIL = "grace@pledge.example"
GRACE = staff("agent", email=EMAIL)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with running(SupportService, folder=tmp_path) as platform:
        yield platform


def mail_about(folder: Path, subject: str) -> Any:
    """Wait for the mail with that beginning of a subject."""
    return eventually(lambda: next((m for m in mails_in(folder / "mail") if m["Subject"].startswith(subject)), None))


def mail_saying(folder: Path, words: str) -> Any:
    """Wait for the mail with these words in its text."""
    return eventually(lambda: next((m for m in mails_in(folder / "mail") if words in text_of(m)), None))


def entered(platform: Platform, link: str) -> Caller:
    """Return the caller of a ticket's link, as the gateway would name them."""
    token = link.partition("#token=")[2]
    found = platform.call("support", "exchange_ticket_token", token)
    return Caller(f"customer:{found['ticket_number']}", grants=frozenset(found["grants"]), trace_id="test")


def test_a_question_is_answered_and_rated_through_mailed_links(platform, tmp_path):
    opened = platform.call("support", "open_ticket", form_json(), caller=guest())
    number = opened["ticket_number"]
    assert opened["answer_by"] > "2026"
    assert link_in(mail_about(tmp_path, "We have received your message"))

    (item,) = platform.call("support", "list_tickets", {}, caller=GRACE)["items"]
    assert (item["number"], item["next_due_at"]) == (number, opened["answer_by"])
    platform.call("support", "post_message", number, {"body": "The shirt is made of cotton."}, caller=GRACE)

    ada = entered(platform, link_in(mail_saying(tmp_path, "We have answered you")))
    thread = platform.call("support", "get_ticket", number, caller=ada)
    assert [message["body"] for message in thread["messages"]] == [
        "What is the shirt made of?",
        "The shirt is made of cotton.",
    ]
    assert {c["kind"]: c["status"] for c in thread["commitments"]} == {
        "first_response": "kept",
        "resolution": "running",
    }

    platform.call("support", "resolve_ticket", number, {"code": "answered"}, caller=GRACE)
    assert platform.call("support", "rate_ticket", number, {"score": 5}, caller=ada)["score"] == 5
    with pytest.raises(Conflict) as refused:
        platform.call("support", "rate_ticket", number, {"score": 1}, caller=ada)
    assert refused.value.code == "already_rated"
    assert platform.call("support", "get_ticket", number, caller=GRACE)["rating"]["score"] == 5


def test_every_step_of_a_ticket_can_be_asked_for_over_the_bus(platform):
    ada, lena = customer(ADA), staff("lead", email="lena@pledge.example")
    add_staff(platform.store("support"), Staff("grace@pledge.example", "Grace", ["agent"]))
    number = platform.call("support", "open_ticket", form_json(), caller=ada)["ticket_number"]

    def does(method: str, body: dict[str, Any], caller: Caller) -> str:
        status: str = platform.call("support", method, number, body, caller=caller)["status"]
        return status

    assert does("mark_spam", {"reason": "advertising"}, lena) == "spam"
    assert does("restore_ticket", {"reason": "a person"}, GRACE) == "new"
    assert does("assign_ticket", {"assignee": "grace@pledge.example"}, GRACE) == "open"
    assert (
        does("post_message", {"body": "Which one of the two do you mean?", "status": "waiting_customer"}, GRACE)
        == "waiting_customer"
    )
    assert does("post_message", {"body": "The blue one."}, ada) == "open"
    assert does("post_message", {"body": "The shirt is made of cotton."}, GRACE) == "open"
    assert does("resolve_ticket", {"code": "answered"}, GRACE) == "resolved"
    assert does("reopen_ticket", {"message": "Is it washable?"}, ada) == "open"
    assert does("post_message", {"body": "Yes, you can wash it at 40 degrees."}, GRACE) == "open"
    assert does("resolve_ticket", {"code": "answered"}, GRACE) == "resolved"
    assert does("close_ticket", {}, lena) == "closed"
    assert platform.call("support", "request_ticket_link", number, {"email": EVE}, caller=guest()) == {}
    assert platform.call("support", "request_order_link", ORDER_NUMBER, {"email": EVE}, caller=guest()) == {}


def about_replies(platform: Platform, number: str) -> None:
    """Have a reply saved, listed, filled, answered with and deleted."""

    def does(method: str, *given: Any) -> Any:
        return platform.call("support", method, *given, caller=GRACE)

    made = does("put_reply", {"name": "A hint", "text": "Dear {customer.name}, please hold the button."})
    assert [each["id"] for each in does("list_replies", {"q": "HINT"})["items"]] == [made["id"]]
    shown = does("preview_reply", {"ticket_number": number, "reply_id": made["id"]})
    assert (shown["text"], shown["missing"]) == ("Dear Ada, please hold the button.", [])
    kept = does("save_draft", number, {"kind": "answer", "body": shown["text"], "version": 0})
    does("post_message", number, {"body": shown["text"], "reply_id": made["id"], "draft": kept["version"]})
    assert does("list_replies", {})["items"][0]["uses"] == 1
    assert does("delete_reply", made["id"], {"version": 1}) == {}


def about_quality(platform: Platform) -> None:
    """Have an answer badly rated, read and reported."""
    ada, lena = customer(ADA), staff("lead", email="lena@pledge.example")
    number = platform.call("support", "open_ticket", form_json(subject="The dye"), caller=ada)["ticket_number"]
    platform.call("support", "post_message", number, {"body": "It is indigo, of Porto."}, caller=GRACE)
    platform.call("support", "resolve_ticket", number, {"code": "answered"}, caller=GRACE)
    platform.call("support", "rate_ticket", number, {"score": 1}, caller=ada)
    drawn = platform.call("support", "list_quality", {"reason": "low_rating"}, caller=lena)["items"]
    (found,) = (each for each in drawn if each["ticket_number"] == number)
    marks = {"polite": 5, "truthful": 4, "complete": 3}
    assert platform.call("support", "review_answer", found["id"], marks, caller=lena)["read_by"] == lena.email
    period = {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    assert platform.call("support", "report_quality", period, caller=lena)["items"][0]["read"] >= 1


def about_articles(platform: Platform) -> None:
    """Have an article written, published, found, rated and taken away."""
    lena = staff("lead", email="lena@pledge.example")
    text = {
        "title": "Which dye is it?",
        "summary": "It is indigo.",
        "body": "It is indigo, of Porto.",
        "topic": "usage",
    }

    def does(method: str, *given: Any, caller: Caller = GRACE) -> Any:
        return platform.call("support", method, *given, caller=caller)

    assert does("preview_article", {"body": "Within {{refund}}, as we promise."})["body"].startswith("Within 5 to 10")
    assert does("put_article", "which-dye", text)["version"] == 1
    assert does("publish_article", "which-dye", {"version": 1}, caller=lena)["published_version"] == 1
    assert [each["slug"] for each in does("list_articles", {"q": "dye"}, caller=guest())["items"]] == ["which-dye"]
    assert does("get_article", "which-dye", caller=guest())["body"] == text["body"]
    assert does("give_feedback", "which-dye", {"helpful": False, "why": "Which maker?"}, caller=guest()) == {}
    assert does("get_article_versions", "which-dye")["opinions"][0]["why"] == "Which maker?"
    assert does("get_article_at", "which-dye", "1", caller=guest())["current_version"] == 1
    assert does("withdraw_article", "which-dye", caller=lena)["published_version"] is None
    number = does("open_ticket", form_json(subject="Another question"), caller=guest())["ticket_number"]
    does("post_message", number, {"body": "It is indigo, of the maker in Porto."})
    assert does("list_without_basis", {}, caller=lena)["items"][0]["body"] == "It is indigo, of the maker in Porto."
    does("resolve_ticket", number, {"code": "answered"})
    assert "indigo" in does("propose_article", number)["body"]


def about_reports(platform: Platform) -> None:
    """Have a link of a mail read and used, and each report asked for."""
    lena = staff("lead", email="lena@pledge.example")
    number = platform.call("support", "open_ticket", form_json(subject="Buttons"), caller=guest())["ticket_number"]
    platform.call("support", "post_message", number, {"body": "They are made of wood."}, caller=GRACE)
    platform.call("support", "resolve_ticket", number, {"code": "solved"}, caller=GRACE)
    token = rating_token(SETTINGS.secret, RatingClaims(number, 1, 4))
    assert platform.call("support", "get_rating_link", token, caller=guest())["state"] == "open"
    assert platform.call("support", "rate_by_link", {"token": token}, caller=guest())["score"] == 4
    period = {"since": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
    for name in ("satisfaction", "times", "rejections", "deflection"):
        platform.call("support", f"report_{name}", period, caller=lena)


def about_files(platform: Platform) -> None:
    """Have a file begun, finished, named and opened."""
    token = platform.call("support", "begin_form", caller=guest())["form_token"]
    begun = {"name": "cup.jpg", "size": 9, "digest": "0" * 64, "form_token": token}
    upload = platform.call("support", "begin_upload", begun, caller=guest())["id"]
    found = {"name": "cup.jpg", "media_type": "image/jpeg", "size": 8, "picture": True}
    assert platform.call("support", "finish_upload", upload, found, caller=guest())["size"] == 8
    platform.call("support", "reserve_uploads", {"uploads": [upload]}, caller=guest())
    number = platform.call("support", "open_ticket", form_json(attachments=[upload]), caller=guest())["ticket_number"]
    assert platform.call("support", "open_upload", upload, caller=GRACE)["ticket_number"] == number


def test_signing_in_takes_the_code_from_the_mail(platform, tmp_path):
    add_staff(platform.store("support"), Staff("grace@pledge.example", "Grace", ["agent"]))
    asked = platform.call("support", "request_sign_in", {"email": "Grace@Pledge.example"}, caller=guest())["request"]

    code = link_in(mail_about(tmp_path, "Your code"))

    given = {"email": "grace@pledge.example", "code": code, "request": asked}
    person = platform.call("support", "verify_sign_in", given, caller=guest())
    assert (person["email"], person["roles"]) == ("grace@pledge.example", ["agent"])
    with pytest.raises(Forbidden) as refused:
        platform.call("support", "verify_sign_in", given, caller=guest())
    assert refused.value.code == "bad_code"


def test_a_wrong_code_costs_a_try_although_the_call_fails(platform, tmp_path):
    asked = platform.call("support", "request_sign_in", {"email": ADA}, caller=guest())["request"]
    code = link_in(mail_about(tmp_path, "Your code"))

    for _ in range(5):
        with pytest.raises(Forbidden):
            platform.call("support", "verify_sign_in", {"email": ADA, "code": "1", "request": asked}, caller=guest())

    with pytest.raises(Forbidden):
        platform.call("support", "verify_sign_in", {"email": ADA, "code": code, "request": asked}, caller=guest())


def test_the_same_form_sent_twice_with_one_key_is_one_ticket(platform):
    caller = Caller("guest", trace_id="test", idempotency_key="k1")

    first = platform.call("support", "open_ticket", form_json(), caller=caller)
    again = platform.call("support", "open_ticket", form_json(), caller=caller)

    assert again == first
    with pytest.raises(Conflict) as refused:
        platform.call("support", "open_ticket", form_json(subject="Something else"), caller=caller)
    assert refused.value.code == "idempotency_key_reused"


def test_a_wrong_form_is_refused_with_the_field_at_fault(platform):
    with pytest.raises(Invalid) as refused:
        platform.call("support", "open_ticket", form_json(category="gossip"), caller=guest())

    assert [error["field"] for error in refused.value.details["errors"]] == ["category"]


def test_news_of_an_order_are_mailed_and_recorded(platform, tmp_path):
    platform.publish("orders", "order_placed", order_placed_json())
    platform.publish("orders", "payment_captured", told("orders", "payment_captured", review_tells=False))

    assert ORDER_NUMBER in text_of(mail_about(tmp_path, "Your payment has arrived"))

    recorded = platform.eventually_recorded("support", "customer_notified", 2)
    assert {entry["body"]["about"] for entry in recorded} == {"order_placed", "payment_captured"}
    assert {entry["order_number"] for entry in recorded} == {ORDER_NUMBER}


def test_a_payment_and_its_review_are_one_mail(platform, tmp_path):
    platform.publish("orders", "order_placed", order_placed_json())
    platform.publish("orders", "payment_captured", told("orders", "payment_captured", review_tells=True))
    platform.publish("orders", "review_passed", told("orders", "review_passed"), subject_seq=3)

    text = text_of(mail_about(tmp_path, "Your order is being prepared"))
    assert "Your payment of 49.90 USD has arrived, thank you. Your order has been checked" in text
    assert "The MUG" in text
    recorded = platform.eventually_recorded("support", "customer_notified", 2)
    assert [entry["body"]["about"] for entry in recorded] == ["order_placed", "review_passed"]
    with platform.store("support").work(Work) as work:
        assert work.sorting.state_of(ORDER_NUMBER) is OrderState.PAID


def test_news_that_come_before_their_order_wait_for_it(platform, tmp_path):
    platform.publish("orders", "payment_captured", told("orders", "payment_captured", review_tells=False))
    platform.publish("orders", "order_placed", order_placed_json())

    assert mail_about(tmp_path, "Your payment has arrived")
    assert platform.dead_letters("support") == []


def test_an_event_that_is_delivered_twice_is_told_once(platform, tmp_path):
    platform.publish("orders", "order_placed", order_placed_json(), event_id="e1")
    platform.publish("orders", "order_placed", order_placed_json(), event_id="e1")
    platform.publish(
        "orders", "payment_captured", told("orders", "payment_captured", review_tells=False), event_id="e2"
    )
    platform.publish(
        "orders", "payment_captured", told("orders", "payment_captured", review_tells=False), event_id="e2"
    )
    platform.publish("orders", "order_expired", told("orders", "order_expired"))

    assert mail_about(tmp_path, "Your order was not paid")
    platform.eventually_recorded("support", "customer_notified", 3)

    assert len(mails_in(tmp_path / "mail")) == 3


def test_only_its_customer_sees_the_timeline_of_an_order(platform, tmp_path):
    platform.publish("orders", "order_placed", order_placed_json())
    platform.eventually_recorded("support", "customer_notified")

    entries = platform.call("support", "get_timeline", ORDER_NUMBER, caller=customer(ADA))["items"]

    assert [entry["type"] for entry in entries] == ["customer_notified"]
    with pytest.raises(NotFound):
        platform.call("support", "get_timeline", ORDER_NUMBER, caller=customer(EVE))


def test_a_broken_promise_reaches_customer_and_lead(platform, tmp_path):
    add_staff(platform.store("support"), Staff("lena@pledge.example", "Lena", ["lead"]))
    platform.publish("orders", "order_placed", order_placed_json())
    platform.publish(
        "logistics",
        "commitment_breached",
        {
            "kind": "dispatch",
            "promised_on": "SHP-0000-0000-0",
            "order_number": ORDER_NUMBER,
            "owner": "logistics",
            "started_at": "2026-03-02T02:00:00Z",
            "due_at": "2026-03-05T15:59:59Z",
            "told_at": "2026-03-05T16:00:00Z",
        },
        subject="SHP-0000-0000-0",
    )

    assert "handing your order over" in text_of(mail_about(tmp_path, "We are late"))
    assert mail_about(tmp_path, "Promise broken: dispatch")["To"] == "lena@pledge.example"


def test_our_own_late_answer_is_noticed_by_itself(platform, tmp_path):
    from services.common.basics import clock

    with clock.frozen(NOW):
        number = platform.call("support", "open_ticket", form_json(), caller=guest())["ticket_number"]

    thread = eventually(
        lambda: [
            entry
            for entry in platform.call("support", "get_ticket", number, caller=GRACE)["messages"]
            if entry["author"] == "system"
        ]
    )

    assert "We are late with answering you" in thread[0]["body"]


def refund_failed(*, manual: bool) -> dict[str, Any]:
    return {
        "order_number": ORDER_NUMBER,
        "refund_id": "REF-1",
        "amount": {"amount": "12.50", "currency": "USD"},
        "cause": "return",
        "reference": "RET-1",
        "reason": "account_closed",
        "manual": manual,
    }


def test_only_leads_are_told_of_money_that_needs_a_person(platform, tmp_path):
    add_staff(platform.store("support"), Staff("lena@pledge.example", "Lena", ["lead"]))
    platform.publish("orders", "order_placed", order_placed_json(), subject=ORDER_NUMBER)
    surplus = {"payment_id": "PAY-1", "amount": {"amount": "70.00", "currency": "EUR"}, "reason": "surplus"}
    platform.publish(
        "orders", "payment_needs_attention", told("orders", "payment_needs_attention", **surplus), subject_seq=2
    )
    platform.publish("orders", "refund_failed", refund_failed(manual=False), subject_seq=3)
    platform.publish("orders", "refund_failed", refund_failed(manual=True), subject_seq=4)

    payment, refund = mail_about(tmp_path, "Payment needs a person"), mail_about(tmp_path, "Refund needs a person")

    assert (payment["To"], refund["To"]) == ("lena@pledge.example",) * 2
    assert "70.00 EUR" in text_of(payment)
    assert "12.50 USD" in text_of(refund)
    assert link_in(refund).endswith("/desk/money")
    assert ORDER_NUMBER in text_of(refund)
    warned = [mail for mail in mails_in(tmp_path / "mail") if mail["Subject"].startswith("Refund needs")]
    assert len(warned) == 1


def about_several(platform: Platform) -> None:
    """Have two tickets merged, taken apart, related, split and answered in one step."""
    asked = [platform.call("support", "open_ticket", form_json(), caller=guest())["ticket_number"] for _ in range(2)]
    one, two = asked

    def does(method: str, *given: Any) -> Any:
        return platform.call("support", method, *given, caller=GRACE)

    assert does("merge_ticket", one, {"into": two, "reason": "the same"})["status"] == "merged"
    assert does("unmerge_ticket", one, {"reason": "not the same"})["status"] == "new"
    assert does("relate_ticket", one, {"other": two})["number"] == one
    assert does("unrelate_ticket", one, two)["number"] == one
    platform.call("support", "post_message", one, {"body": "Where is my parcel?"}, caller=customer(ADA))
    assert does("split_ticket", one, {"positions": [1], "subject": "The shirt"})["split"]["subject"] == "The shirt"
    items = [{"number": each} for each in (*asked, TICKET_NUMBER)]
    found = does("batch_tickets", {"step": "assign", "items": items})
    assert (found["done"], found["items"][2]["code"]) == (2, "ticket_not_found")
    for step, status in (("spam", "spam"), ("restore", "new")):
        why = {"step": step, "reason": "an advertisement, it seems", "items": items[:2]}
        found = platform.call("support", "batch_tickets", why, caller=staff("lead"))
        assert [each["ticket"]["status"] for each in found["items"]] == [status, status]


def about_people(platform: Platform, session: dict[str, Any], number: str) -> None:
    """Have every method about sessions, staff and links answer."""

    def does(method: str, *args: object, caller: Caller = guest()) -> Any:  # noqa: B008 (frozen)
        return platform.call("support", method, *args, caller=caller)

    mine = f"session:{session['session_id']}"
    ada = Caller(f"customer:{ADA}", ADA, frozenset({"customer"}), frozenset({mine}), trace_id="test")
    boss, grace = staff("admin"), "grace@pledge.example"
    assert does("refresh_session", {"refresh_token": session["refresh_token"]})["roles"] == ["customer"]
    assert does("check_session", session["session_id"]) == {"email": ADA, "roles": ["customer"]}
    begun = does("begin_factor", caller=ada)
    password = pyotp.TOTP(begun["secret"]).now()
    assert len(does("confirm_factor", {"one_time_password": password}, caller=ada)["recovery_codes"]) == 10
    device = Authenticator("http://127.0.0.1:8000")
    made = does("confirm_passkey", {"name": "My key", **device.make(does("begin_passkey", caller=ada))}, caller=ada)
    assert [each["id"] for each in does("list_factors", caller=ada)["passkeys"]] == [made["id"]]
    does("remove_passkey", made["id"], caller=ada)
    read = {"id": "1", "operation": "get_ticket", "subjects": [number], "read_at": "2026-03-02T09:30:00Z"}
    for _ in range(2):
        does("record_read", read, caller=boss)
    assert [each["subjects"] for each in does("list_reads", {}, caller=boss)["items"]] == [[number]]
    assert does("put_staff", "boss@pledge.example", {"name": "Boss", "roles": ["admin"]}, caller=boss)["active"]
    assert does("put_staff", grace, {"name": "Grace", "roles": ["agent"]}, caller=boss)["version"] == 1
    assert does("get_staff", grace, caller=boss)["roles"] == ["agent"]
    assert does("reset_factor", grace, caller=boss)["second_factor"] is False
    assert does("deactivate_staff", grace, caller=boss)["active"] is False
    assert [each["email"] for each in does("list_staff", caller=boss)["items"]] == ["boss@pledge.example", grace]
    assert does("check_order_link", ORDER_NUMBER, "checkout") == {"good": True}
    (link, *_) = does("list_ticket_links", number, caller=GRACE)["items"]
    does("end_ticket_link", number, link["id"], caller=GRACE)
    does("end_ticket_links", number, caller=GRACE)
    does("end_order_links", ORDER_NUMBER, caller=GRACE)
    assert does("list_order_links", ORDER_NUMBER, caller=GRACE)["items"] == []
    with pytest.raises(NotFound):
        does("end_order_link", ORDER_NUMBER, "checkout", caller=GRACE)
    platform.answered.add(("support", "end_order_link"))
    (shown,) = does("list_sessions", caller=ada)["items"]
    assert shown["current"]
    does("sign_out", caller=ada)
    does("end_sessions", caller=ada)
    with pytest.raises(NotFound):
        does("end_session", session["session_id"], caller=ada)
    platform.answered.add(("support", "end_session"))


def test_each_method_answers_over_the_bus(platform, tmp_path):
    ada, lena = customer(ADA), staff("lead", email="lena@pledge.example")
    add_staff(platform.store("support"), Staff("grace@pledge.example", "Grace", ["agent"]))
    number = platform.call("support", "open_ticket", form_json(), caller=ada)["ticket_number"]
    entered(platform, link_in(mail_about(tmp_path, "We have received your message")))

    def does(method: str, body: dict[str, Any], caller: Caller) -> None:
        platform.call("support", method, number, body, caller=caller)

    does("mark_spam", {"reason": "advertising"}, lena)
    does("restore_ticket", {"reason": "a person"}, GRACE)
    does("assign_ticket", {"assignee": "grace@pledge.example"}, GRACE)
    does("post_message", {"body": "The shirt is made of cotton."}, GRACE)
    does("resolve_ticket", {"code": "answered"}, GRACE)
    does("amend_ticket", {"category": "complaint"}, GRACE)
    does("rate_ticket", {"score": 5}, ada)
    does("reopen_ticket", {"message": "Is it washable?"}, ada)
    does("escalate_ticket", {"reason": "I have asked that three times by now."}, ada)
    does("post_message", {"body": "Yes, you can wash it at 40 degrees."}, staff("lead"))
    about_several(platform)
    form = form_json(category="suggestion")
    idea = platform.call("support", "open_ticket", form, caller=guest())["ticket_number"]
    listed = platform.call("support", "list_suggestions", {}, caller=lena)["items"]
    found = next(each["id"] for each in listed if each["ticket_number"] == idea)
    words = {"status": "reviewed", "title": "Name the plug", "text": "Pages name the plug.", "public": True}
    platform.call("support", "move_suggestion", found, words, caller=lena)
    platform.call("support", "follow_suggestion", found, {}, caller=ada)
    looked = platform.call(
        "support",
        "verify_ticket",
        number,
        {"question": "Which dye is in the shirt?", "known": "two makers"},
        caller=GRACE,
    )["id"]
    draft = {"draft": "The dye is indigo, of the maker in Porto."}
    platform.call("support", "draft_answer", looked, draft, caller=GRACE)
    platform.call("support", "get_verification", looked, caller=GRACE)
    platform.call("support", "list_verifications", {}, caller=GRACE)
    platform.call("support", "decide_verification", looked, {"decision": "approve"}, caller=lena)
    about_a_complaint(platform, number, lena)
    does("close_ticket", {}, lena)
    platform.call("support", "get_ticket", number, caller=ada)
    platform.call("support", "get_ticket_timeline", number, caller=ada)
    platform.call("support", "list_answer_times", caller=guest())
    begun = {"name": "Ada", "email": ADA, "category": "order", "subject": "Your call"}
    platform.call("support", "begin_ticket", {**begun, "message": "As you asked on the phone."}, caller=GRACE)
    platform.call("support", "list_tickets", {}, caller=GRACE)
    platform.call("support", "request_ticket_link", number, {"email": ADA}, caller=guest())
    platform.call("support", "request_order_link", ORDER_NUMBER, {"email": ADA}, caller=guest())
    asked = platform.call("support", "request_sign_in", {"email": ADA}, caller=guest())["request"]
    code = link_in(mail_about(tmp_path, "Your code"))
    session = platform.call("support", "verify_sign_in", {"email": ADA, "code": code, "request": asked}, caller=guest())
    about_people(platform, session, number)
    with hooked(platform):
        platform.publish("orders", "order_placed", order_placed_json())
        mail_about(tmp_path, "We have received your order")
    platform.call("support", "get_timeline", ORDER_NUMBER, caller=lena)
    platform.call("support", "list_commitments", {}, caller=lena)
    period = {"since": "2026-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    platform.call("support", "report_commitments", period, caller=lena)
    platform.call("support", "list_breaches", {**period, "until": "2026-12-31T00:00:00Z"}, caller=lena)
    platform.call("support", "count_promises")
    platform.call("support", "get_health")
    platform.call("support", "verify_journal", caller=lena)
    about_articles(platform)
    opened = platform.call("support", "open_ticket", form_json(subject="A button"), caller=guest())
    about_replies(platform, opened["ticket_number"])
    about_quality(platform)
    about_reports(platform)
    about_files(platform)
    about_teams(platform)
    about_keys(platform)
    about_their_data(platform, tmp_path)
    chosen = {"assignments": False, "replies": True}
    assert platform.call("support", "choose_mails", chosen, caller=GRACE) == chosen
    assert platform.call("support", "get_mail_choices", caller=GRACE) == chosen
    platform.call("support", "list_upcoming", caller=staff("admin"))
    platform.call("support", "list_dead_letters", {}, caller=staff("admin"))
    platform.call("support", "redrive_letters", {"events": ["none"]}, caller=staff("admin"))

    assert platform.call("support", "list_mail_aside", {}, caller=staff("admin"))["items"] == []
    assert platform.silent("support") == set()


def about_keys(platform: Platform) -> None:
    """Make a key, exchange it, and end it."""
    add_staff(platform.store("support"), Staff("admin@pledge.example", "Ada", ["admin"]))
    boss = staff("admin", email="admin@pledge.example")
    made = platform.call("support", "make_api_key", {"name": "stock-system", "roles": ["warehouse"]}, caller=boss)
    checked = platform.call("support", "check_api_key", token_hash(made["secret"]))
    assert checked["id"] == made["key"]["id"]
    assert [each["name"] for each in platform.call("support", "list_api_keys", caller=boss)["items"]] == [
        "stock-system"
    ]
    platform.call("support", "end_api_key", made["key"]["id"], caller=boss)
    with pytest.raises(Forbidden):
        platform.call("support", "check_api_key", token_hash(made["secret"]))


@contextmanager
def hooked(platform: Platform) -> Iterator[None]:
    """Have what happens sent to an address, and sent again."""

    def does(method: str, *given: Any) -> Any:
        return platform.call("support", method, *given, caller=staff("admin"))

    with receiving() as receiver:
        made = does("add_webhook_endpoint", {"url": receiver.url, "event_types": ["order_placed"]})["endpoint"]
        does("change_webhook_endpoint", made["id"], {"description": "The stock"})
        assert [each["description"] for each in does("list_webhook_endpoints")["items"]] == ["The stock"]
        yield
        receiver.take()
        (sent,) = eventually(lambda: does("list_webhook_deliveries", {"state": "delivered"})["items"])
        does("renew_webhook_secret", made["id"])
        does("replay_webhook_delivery", sent["id"])
        assert receiver.take().headers["webhook-signature"].count("v1,") == 2
        does("remove_webhook_endpoint", made["id"])


def about_teams(platform: Platform) -> None:
    """Set a team up that hands out by itself; its ticket is taken back from who goes off."""
    lena = staff("lead", email="lena@pledge.example")
    grace = {"name": "Grace", "roles": ["agent"]}
    platform.call("support", "put_staff", "grace@pledge.example", grace, caller=staff("admin"))
    wish = {"categories": ["logistics"], "members": ["grace@pledge.example"], "automatic": True}
    made = platform.call("support", "put_team", "parcels", wish, caller=lena)
    number = platform.call("support", "open_ticket", form_json(category="logistics"), caller=guest())["ticket_number"]

    def held_by(email: str | None) -> bool:
        shown = platform.call("support", "get_ticket", number, caller=lena)
        return bool(shown["assignee"] == email and shown["team"] == "parcels")

    eventually(lambda: held_by("grace@pledge.example"))
    assert platform.call("support", "get_own_availability", caller=GRACE)["teams"] == ["agents", "parcels"]
    platform.call("support", "put_own_availability", {"status": "off"}, caller=GRACE)
    assert held_by(None)
    platform.call("support", "put_availability", "grace@pledge.example", {"status": "active"}, caller=lena)
    eventually(lambda: held_by("grace@pledge.example"))
    assert platform.call("support", "list_availability", caller=GRACE)["items"][0]["status"] == "active"
    assert platform.call("support", "get_team", "parcels", caller=GRACE)["version"] == made["version"]
    assert len(platform.call("support", "list_teams", caller=GRACE)["items"]) == 2
    platform.call("support", "delete_team", "parcels", caller=lena)
    period = {"since": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
    assert platform.call("support", "report_workload", period, caller=lena)["teams"][0]["team"] == "agents"
    rule = {"name": "Plugs", "words": ["plug"], "priority": "high"}
    version = platform.call("support", "get_rules", caller=lena)["version"]
    platform.call("support", "put_rules", {"items": [rule], "version": version}, caller=lena)
    assert platform.call("support", "preview_rule", rule, caller=lena)["looked_at"] > 0


def about_a_complaint(platform: Platform, number: str, lena: Caller) -> None:
    """Decide a complaint, object to it, decide again, and report."""
    other, words = staff("lead", email="leo@pledge.example"), "You were right: we answered you too late, and are sorry."
    decided = {"step": "decided", "decision": "upheld", "message": words, "cause": "late_answer", "remedy": "apology"}

    def does(who: Caller, **request: Any) -> None:
        platform.call("support", "step_complaint", number, request, caller=who)

    does(GRACE, step="acknowledged", message="We have read what you wrote and look into it now.")
    does(GRACE, step="investigated", findings="It waited for the maker.")
    does(lena, **decided)
    objection = {"message": "It was late a second time, too."}
    platform.call("support", "object_to_decision", number, objection, caller=customer(ADA))
    does(other, step="investigated", findings="It was late twice.")
    does(other, **decided)
    for listing in ("list_complaints", "list_decided_complaints", "report_complaints"):
        platform.call("support", listing, {}, caller=lena)


def about_their_data(platform: Platform, folder: Path) -> None:
    """Ask for a copy of one's data and for its erasure, each to its end."""
    ada = customer(ADA)
    for kind in ("export", "erasure"):
        asked = platform.call("support", f"request_{kind}", caller=ada)
        code = link_in(mail_saying(folder, f"Your request: {asked['number']}"))
        request = platform.call("support", "confirm_privacy_request", asked["number"], {"code": code}, caller=ada)
        assert request["status"] == "running"
    assert len(platform.call("support", "list_privacy_requests", {}, caller=ada)["items"]) == 2
    admin = staff("admin", "customer")
    assert len(platform.call("support", "list_privacy_requests", {}, caller=admin)["items"]) == 2
    assert platform.call("support", "list_privacy_requests", {"mine": True}, caller=admin)["items"] == []
    assert platform.call("support", "export_person", caller=ada)["data"]["conversations"]
    token = link_in(mail_about(folder, "The copy of your data")).rpartition("/")[2]
    assert platform.call("support", "open_export", token)["email"] == ADA


def test_a_conversation_goes_on_by_mail_alone(tmp_path):
    box = tmp_path / "box"
    settings = {"PLEDGE_MAIL_IN": f"maildir:{box}", "PLEDGE_MAIL_IN_SECONDS": "1"}
    with running(SupportService, folder=tmp_path, environ=settings) as platform:
        eventually((box / "new").exists)

        def arrives(name: str, **mail: Any) -> None:
            (box / "tmp" / name).write_bytes(a_letter(message_id=f"<{name}@mail.example>", **mail))
            (box / "tmp" / name).rename(box / "new" / name)

        arrives("first", subject="A question", text="What is the shirt made of?")
        received = mail_about(tmp_path, "We have received your message")
        (item,) = platform.call("support", "list_tickets", {}, caller=GRACE)["items"]
        assert (item["subject"], item["mailbox_proven"]) == ("A question", False)
        arrives("second", to=received["Reply-To"], text="And is it blue?", quoting=received)
        eventually(lambda: not any((box / "new").iterdir()))
        body = {"body": "It is made of cotton, and it is blue."}
        platform.call("support", "post_message", item["number"], body, caller=GRACE)

        answer = mail_saying(tmp_path, "It is made of cotton, and it is blue.")

        shown = platform.call("support", "get_ticket", item["number"], caller=GRACE)
        assert [each["body"] for each in shown["messages"]][:2] == ["What is the shirt made of?", "And is it blue?"]
        assert answer["References"].split() == [received["Message-ID"], "<second@mail.example>"]
        assert answer["In-Reply-To"] == "<second@mail.example>"
        arrives("broken", sender="nobody at all")
        aside = eventually(lambda: platform.call("support", "list_mail_aside", {}, caller=staff("admin"))["items"])
        assert [each["reason"] for each in aside] == ["it has no sender whom we could answer"]
