"""The twelve sentences of the service standard's sections 1, 5 and 6, each played over HTTP by a test of its name."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.demo.client import Client, wait_for
from services.common.basics.clock import parse_rfc3339, rfc3339
from services.support.api import Category, Topic
from services.support.seed import seed
from tests.shop.conftest import Json, Shop, started

STANDARD = Path(__file__).parents[2] / "docs" / "service-standard.md"
BEGINNINGS = {
    "We provide comprehensive pre-sales": "test_all_users_are_consulted_before_they_buy",
    "Users can consult product parameters": "test_users_consult_on_six_topics_through_contact_us",
    "Our professional customer service team will": "test_answers_are_truthful_accurate_and_detailed",
    "All pre-sales consultation services adhere": "test_consultation_is_patient_and_by_one_standard",
    "The customer service team will maintain": "test_answers_are_polite_timely_and_targeted",
    "For complex consultation problems": "test_complex_questions_are_verified_and_answered_in_time",
    "In order to facilitate users": "test_one_channel_is_open_for_all_consultation",
    "All users' demands": "test_every_demand_is_submitted_through_contact_us",
    "Our customer service team will uniformly": "test_messages_are_sorted_answered_and_solved",
    "We always take user satisfaction": "test_satisfaction_is_asked_for_and_improves_the_service",
    "All customer service personnel": "test_nothing_is_perfunctory_late_or_arbitrarily_rejected",
    "We will continuously listen": "test_suggestions_are_heard_and_acted_upon",
}
AGENT, LEAD, ADMIN = (f"{role}@pledge.example" for role in ("agent", "lead", "admin"))
ANSWER = "It is made of cotton from Porto."
MARKS = {"polite": 5, "truthful": 2, "complete": 3}
ROUND_THE_CLOCK = {
    "PLEDGE_SUPPORT_HOURS": "Mon-Sun 00:00-23:59",
    "PLEDGE_SUPPORT_ZONE": "UTC",
    "PLEDGE_SUPPORT_CALENDAR": "",
    "PLEDGE_RATING_WAIT_MINUTES": "0",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("standard")
    with started(folder, PLEDGE_MAIL_DIR=str(folder / "mails"), **ROUND_THE_CLOCK) as found:
        seed(found.platform.store("support"))
        found.stocked("SHIRT", 5, materials="cotton", usage="Wash it cold.", parameters={"Size": "M"})
        for role in ("agent", "lead", "admin"):
            found.staff(role)
        yield found


@pytest.fixture
def ada() -> str:
    return f"ada.{uuid.uuid4().hex[:8]}@example.com"


def ask(shop: Shop, who: str, method: str, path: str, status: int = 200, **how: Any) -> Any:
    """Ask as a customer (their address), as staff (the role), or as a guest (nothing)."""
    signed = {"token": shop.customer(who)} if "@" in who else {"role": who}
    answer = shop.ask(method, path, **signed, **how)
    assert answer.status_code == status, answer.text
    return answer.json()


def form(email: str, **about: Any) -> Json:
    words = {"category": "product", "subject": "The shirt", "message": "What is it made of?"}
    return {"name": "Ada Lovelace", "email": email, **words, **about}


def written(shop: Shop, email: str, **about: Any) -> str:
    """Write to us as the signed-in owner of a mailbox. Return the ticket's number."""
    return str(ask(shop, email, "POST", "/contact", 201, json=form(email, **about))["ticket_number"])


def answer(shop: Shop, number: str, body: str = ANSWER, code: int = 201, **how: Any) -> Any:
    return ask(shop, "agent", "POST", f"/tickets/{number}/messages", code, json={"body": body, **how})


def seen(shop: Shop, who: str, number: str) -> Any:
    return ask(shop, who, "GET", f"/tickets/{number}")


def mailed(shop: Shop, email: str, words: str, *, later: bool = False) -> str:
    """Wait for a mail to that address with those words. Return its text. later: while it is later."""
    client = Client(shop.url)

    def found() -> str | None:
        if later:
            shop.wake_timers()
        ids = [each["id"] for each in client.get("/dev/mail")["items"] if email in each["to"]]
        texts = (" ".join(client.get(f"/dev/mail/{each}")["body"].split()) for each in ids)
        return next((text for text in texts if words in text), None)

    return wait_for(found)


def clocks(ticket: Json) -> dict[str, str]:
    return {each["kind"]: each["status"] for each in ticket["commitments"]}


def a_year(shop: Shop) -> dict[str, str]:
    return {"since": rfc3339(shop.now() - timedelta(days=300)), "until": rfc3339(shop.now() + timedelta(days=60))}


def for_all(shop: Shop, report: str) -> Json:
    """Return a report's line for all."""
    found = ask(shop, "lead", "GET", f"/reports/{report}", params=a_year(shop))["items"]
    return next(each for each in found if each["by"] == "all")


def test_each_sentence_has_a_test_of_its_name() -> None:
    sections = re.split(r"^## ", STANDARD.read_text(), flags=re.MULTILINE)
    said = " ".join(section.partition("\n")[2] for section in sections if section[:1] in ("1", "5", "6"))

    sentences = re.findall(r"[^.]+\.", " ".join(said.split()))

    assert len(sentences) == len(BEGINNINGS) == 12
    for sentence, (beginning, test) in zip(sentences, BEGINNINGS.items(), strict=True):
        assert sentence.strip().startswith(beginning)
        assert callable(globals()[test])


# section 1


def test_all_users_are_consulted_before_they_buy(shop: Shop, ada: str) -> None:
    guest, plain = f"guest-{ada}", f"plain-{ada}"
    written(shop, ada)
    ask(shop, "", "POST", "/contact", 201, json=form(guest))
    sent = requests.post(f"{shop.url}/plain/contact", form(plain), timeout=30)
    assert "has arrived" in sent.text

    for email in (ada, guest, plain):  # with an account, without one, without scripts
        listed = ask(shop, "agent", "GET", "/tickets", params={"q": email})["items"]
        answer(shop, next(each["number"] for each in listed if each["customer"]["email"] == email))

        assert "cotton from Porto" in mailed(shop, email, "We have answered")


def test_users_consult_on_six_topics_through_contact_us(shop: Shop, ada: str) -> None:
    page = requests.get(f"{shop.url}/contact", timeout=30).text

    for topic in Topic:
        number = written(shop, ada, topic=topic)

        assert f'<option value="{topic}">' in page
        assert seen(shop, "agent", number)["topic"] == topic
        assert ask(shop, "", "GET", "/knowledge", params={"topic": topic})["items"]
    product = ask(shop, "", "GET", "/products/SHIRT")
    assert (product["materials"], product["usage"], product["parameters"]) == ("cotton", "Wash it cold.", {"Size": "M"})


def test_answers_are_truthful_accurate_and_detailed(shop: Shop, ada: str) -> None:
    number, other = written(shop, ada, sku="SHIRT", topic="materials"), written(shop, ada)
    version = ask(shop, "", "GET", "/products/SHIRT")["version"]
    cited = [{"kind": "product", "sku": "SHIRT", "version": version}, {"kind": "article", "slug": "free-shipping"}]

    wrong = answer(shop, number, code=422, basis=[{"kind": "product", "sku": "SHIRT", "version": 999}])
    answer(shop, number, basis=cited)
    answer(shop, other, "I should think that it is cotton.")

    assert wrong["code"] == "unknown_basis"
    basis = seen(shop, ada, number)["messages"][-1]["basis"]
    assert [(each.get("sku") or each["slug"], each["version"]) for each in basis] == [
        ("SHIRT", version), ("free-shipping", 1),
    ]  # fmt: skip
    unfounded = ask(shop, "lead", "GET", "/reports/without-basis?limit=100")["items"]
    assert {number, other} & {each["ticket_number"] for each in unfounded} == {other}


def test_consultation_is_patient_and_by_one_standard(shop: Shop, ada: str) -> None:
    number, at = written(shop, ada), "/replies"
    text = {"name": f"Cotton {ada}", "text": "Dear {customer.name}, it is cotton from Porto.", "scope": "shared"}

    assert ask(shop, "agent", "PUT", at, 403, json=text)["code"] == "role_required"
    reply = ask(shop, "lead", "PUT", at, json=text)
    unfilled = answer(shop, number, "Your order {order.number} is on its way.", 422)
    sent = answer(shop, number, reply["text"], reply_id=reply["id"])

    assert unfilled["code"] == "unfilled_variables"
    assert sent["message"]["body"] == "Dear Ada Lovelace, it is cotton from Porto."
    for _ in range(2):  # asked again and again, it is answered again and again
        ask(shop, "agent", "POST", f"/tickets/{number}/resolution", json={"code": "answered"})
        more = ask(shop, ada, "POST", f"/tickets/{number}/messages", 201, json={"body": "And the buttons?"})
        assert more["status"] == "open"
        answer(shop, number, f"They are made of shell. {uuid.uuid4().hex}")
    assert {each["status"] for each in seen(shop, ada, number)["commitments"]} == {"kept", "running"}


def test_answers_are_polite_timely_and_targeted(shop: Shop, ada: str) -> None:
    times = {each["category"]: each["answer_by"] for each in ask(shop, "", "GET", "/contact/answer-times")["items"]}
    offered = ask(shop, "", "GET", "/knowledge", params={"q": "who pays for shipping"})["items"]
    number = written(shop, ada)
    promised = seen(shop, ada, number)["answer_by"]

    ask(shop, "agent", "PATCH", f"/tickets/{number}", json={"priority": "urgent"})
    urgent = seen(shop, ada, number)["answer_by"]
    answer(shop, number)

    assert offered[0]["slug"] == "free-shipping"
    assert abs(parse_rfc3339(promised) - parse_rfc3339(times["product"])) < timedelta(minutes=1)
    assert urgent < promised
    assert clocks(seen(shop, ada, number))["first_response"] == "kept"
    hours = for_all(shop, "times")
    assert hours["answered"] >= 1
    assert hours["answer_most"] <= 8


def test_complex_questions_are_verified_and_answered_in_time(shop: Shop, ada: str) -> None:
    number = written(shop, ada, subject="110 V", message="Can I use the kettle in Boston?")
    question = {"question": "Can the kettle be used on 110 V?", "known": "The label says 220-240 V."}
    draft, news = "No: it needs 220 to 240 V. KET-110 is made for 110 V.", "The maker has our question."

    found = ask(shop, "agent", "POST", f"/tickets/{number}/verification", 201, json=question)
    told = seen(shop, ada, number)
    assert (told["status"], told["looked_into"]["question"]) == ("verifying", question["question"])
    assert told["looked_into"]["news_by"] < told["looked_into"]["complete_by"]
    mailed(shop, ada, "Can the kettle be used")

    answer(shop, number, news)
    assert answer(shop, number, news, 422)["code"] == "answer_repeats"
    mailed(shop, ada, news)
    early = ask(shop, "agent", "POST", f"/tickets/{number}/resolution", 409, json={"code": "answered"})
    assert early["code"] == "still_verifying"

    here = f"/verifications/{found['id']}"
    ask(shop, "agent", "PUT", f"{here}/draft", json={"draft": draft})
    assert found["id"] in [each["id"] for each in ask(shop, "lead", "GET", "/verifications?status=drafted")["items"]]
    own = ask(shop, "agent", "POST", f"{here}/decision", 403, json={"decision": "approve"})
    assert own["code"] == "second_person_required"
    assert ask(shop, ada, "GET", here, 403)["code"] == "role_required"
    back = {"decision": "send_back", "note": "Name the model for 110 V."}
    ask(shop, "lead", "POST", f"{here}/decision", json=back)
    ask(shop, "agent", "PUT", f"{here}/draft", json={"draft": draft})
    ask(shop, "lead", "POST", f"{here}/decision", json={"decision": "approve"})

    mailed(shop, ada, "A second person of")
    ended = seen(shop, ada, number)
    last = ended["messages"][-1]
    assert (last["body"], last["verified"], ended["looked_into"]) == (draft, True, None)
    assert clocks(ended)["complete_answer"] == "kept"


# section 5


def test_one_channel_is_open_for_all_consultation(shop: Shop, ada: str) -> None:
    for path in ("/", "/help", "/promises", "/suggestions"):
        assert 'href="/contact' in requests.get(shop.url + path, timeout=30).text, path
    asked = {written(shop, ada, category=each) for each in ("product", "logistics", "aftersales")}
    begun = form(ada, message="As you asked on the phone: which size?", asks=True)

    asked.add(ask(shop, "agent", "POST", "/tickets", 201, json=begun)["number"])

    assert {each["number"] for each in ask(shop, ada, "GET", "/tickets")["items"]} == asked
    assert {each["number"] for each in ask(shop, "agent", "GET", "/tickets", params={"q": ada})["items"]} == asked


def test_every_demand_is_submitted_through_contact_us(shop: Shop) -> None:
    placed = shop.paid(("SHIRT", 1))
    email, token = placed["contact"]["email"], placed["access_token"]
    numbers = {}

    for category in Category:
        of_order = {} if category is Category.PRODUCT else {"order_number": placed["number"]}
        sent = shop.ask("POST", "/contact", token=token, json=form(email, category=category, **of_order))
        assert sent.status_code == 201, sent.text
        numbers[category] = sent.json()["ticket_number"]

    shown = {category: seen(shop, "agent", number) for category, number in numbers.items()}
    assert all(ticket["category"] == category for category, ticket in shown.items())
    assert {clocks(ticket)["first_response"] for ticket in shown.values()} == {"running"}
    assert shown[Category.AFTERSALES]["order_link"] == "verified"
    assert {"complaint_acknowledgment", "complaint_decision"} <= clocks(shown[Category.COMPLAINT]).keys()
    assert clocks(shown[Category.SUGGESTION])["suggestion_review"] == "running"


def test_messages_are_sorted_answered_and_solved(shop: Shop, ada: str) -> None:
    rules = ask(shop, "lead", "GET", "/rules")
    rule = {"name": f"Torn {ada}", "words": [f"torn{ada[4:12]}"], "category": "aftersales", "priority": "high"}
    ask(shop, "lead", "PUT", "/rules", json={"items": [*rules["items"], rule], "version": rules["version"]})
    later, number = written(shop, ada), written(shop, ada, message=f"It came torn{ada[4:12]}.")

    listed = ask(shop, "agent", "GET", "/tickets", params={"q": ada})["items"]
    assert [(each["number"], each["category"]) for each in listed] == [(number, "aftersales"), (later, "product")]
    at = f"/tickets/{number}"
    assert ask(shop, "agent", "POST", f"{at}/resolution", 409, json={"code": "solved"})["code"] == "not_answered"
    answer(shop, number, "Please send it back: the way is free.")
    ask(shop, "agent", "POST", f"{at}/resolution", json={"code": "solved"})
    assert ask(shop, ada, "POST", f"{at}/reopening", json={"message": "No label came."})["status"] == "open"
    answer(shop, number, "Here is the label, once more.")
    ask(shop, "agent", "POST", f"{at}/resolution", json={"code": "solved"})

    assert ask(shop, ada, "POST", f"{at}/closing", json={})["status"] == "closed"
    ended = seen(shop, ada, number)
    assert {each["status"] for each in ended["commitments"]} == {"kept"}
    ask(shop, "lead", "PUT", "/rules", json={"items": rules["items"]})


# section 6


def test_satisfaction_is_asked_for_and_improves_the_service(shop: Shop, ada: str) -> None:
    number, before = written(shop, ada), for_all(shop, "satisfaction")
    answer(shop, number)
    ask(shop, "agent", "POST", f"/tickets/{number}/resolution", json={"code": "answered"})
    mailed(shop, ada, "how satisfied you are")
    ask(shop, ada, "POST", f"/tickets/{number}/rating", 201, json={"score": 1, "comment": "It is wool."})

    after = for_all(shop, "satisfaction")
    assert (after["rated"], after["low"]) == (before["rated"] + 1, before["low"] + 1)
    low = ask(shop, "lead", "GET", "/quality?reason=low_rating&state=open")["items"]
    (found,) = (each for each in low if each["ticket_number"] == number)
    at = f"/quality/{found['id']}"
    assert (found["remark"], found["score"]) == ("It is wool.", 1)
    assert ask(shop, "agent", "POST", at, 403, json=MARKS)["code"] == "role_required"
    for wrong in ({**MARKS, "polite": 0}, {**MARKS, "complete": 6}, {"polite": 5}, {**MARKS, "truthful": True}, {}):
        assert ask(shop, "lead", "POST", at, 422, json=wrong)["code"] == "validation_failed"
    assert ask(shop, "lead", "POST", "/quality/01a20741-af0f-78bd-abd5-59d22ef0d5df", 404, json=MARKS)
    ask(shop, "lead", "POST", at, 412, json=MARKS, headers={"If-Match": '"7"'})

    ask(shop, "lead", "POST", at, json={**MARKS, "note": "Ask the maker."}, headers={"If-Match": '"1"'})

    assert ask(shop, "lead", "POST", at, 409, json=MARKS)["code"] == "already_read"
    assert all(each["id"] != found["id"] for each in ask(shop, "lead", "GET", "/quality?state=open")["items"])
    (own,) = (each for each in ask(shop, "agent", "GET", "/quality")["items"] if each["id"] == found["id"])
    assert (own["truthful"], own["note"]) == (2, "Ask the maker.")
    report = ask(shop, "lead", "GET", "/reports/quality", params=a_year(shop))["items"]
    assert next(each for each in report if each["agent"] == AGENT)["truthful"] == 2.0
    assert shop.ask("GET", "/quality", role="warehouse").status_code == 403
    assert shop.ask("GET", "/reports/quality", role="agent", params=a_year(shop)).status_code == 403
    assert shop.ask("GET", f"/reports/quality?since={a_year(shop)['until']}", role="lead").status_code == 422
    assert ask(shop, "", "GET", "/reports/promises")["items"], "for all to see"


def test_nothing_is_perfunctory_late_or_arbitrarily_rejected(shop: Shop, ada: str) -> None:
    number = written(shop, ada, category="complaint", subject="A torn shirt")
    at = f"/tickets/{number}"
    ask(shop, "lead", "POST", f"{at}/assignment", json={"assignee": AGENT})

    assert answer(shop, number, ".", 422)["code"] == "answer_too_short"
    assert ask(shop, "agent", "POST", f"{at}/spam", 403, json={"reason": "rude"})["code"] == "role_required"
    for minutes, share, told in ((95, 75, AGENT), (121, 100, LEAD), (200, 150, ADMIN)):
        with shop.later(minutes):
            mailed(shop, told, f"First response of {number}", later=True)
            rungs = {(each["kind"], each["share"]): each["told"] for each in seen(shop, "lead", number)["ladder"]}
            assert told in rungs["first_response", share]
            if share == 100:
                assert "We are sorry" in mailed(shop, ada, "late", later=True)

    other = written(shop, ada, message="Give me the shirt for nothing.")
    answer(shop, other, "I ask our lead about your wish.")
    at, why = f"/tickets/{other}", "We sell it at the price on its page, to all alike."
    refusal = {"code": "declined", "ground": "as_promised", "note": why}
    assert ask(shop, "agent", "POST", f"{at}/resolution", 403, json=refusal)["code"] == "role_required"
    assert ask(shop, "lead", "POST", f"{at}/resolution", 422, json={"code": "declined"})["code"] == "reason_required"
    ask(shop, "lead", "POST", f"{at}/resolution", json=refusal)
    told = mailed(shop, ada, why)
    assert "We have found that it is as we had promised." in told
    assert "satisfied" not in told
    assert seen(shop, ada, other)["ratable"] is False
    rows = ask(shop, "lead", "GET", "/reports/rejections", params=a_year(shop))["items"]
    assert any(each["declined"] for each in rows if (each["by"], each["name"]) == ("ground", "as_promised"))
    objects = {"reason": "Your page said that it was free today."}
    assert ask(shop, ada, "POST", f"{at}/escalation", json=objects)["status"] == "open"
    assert clocks(seen(shop, ada, other))["lead_answer"] == "running"


def test_suggestions_are_heard_and_acted_upon(shop: Shop, ada: str) -> None:
    number, title = written(shop, ada, category="suggestion", subject="Paper tape"), f"Paper tape for {ada[4:12]}"
    listed = ask(shop, "lead", "GET", "/suggestions?limit=100")["items"]
    found = next(each["id"] for each in listed if each["ticket_number"] == number)
    at = f"/suggestions/{found}/move"
    words = {"title": title, "text": "Parcels are closed with paper tape.", "public": True}
    assert ask(shop, "agent", "POST", at, 403, json={"status": "reviewed", **words})["code"] == "role_required"

    ask(shop, "lead", "POST", at, json={"status": "reviewed", **words})
    assert ask(shop, "lead", "POST", at, 422, json={"status": "declined"})["code"] == "reason_required"
    eve = f"eve.{ada}"
    ask(shop, eve, "POST", f"/suggestions/{found}/follow", json={"follow": True})
    for step in ({"status": "planned"}, {"status": "done", "link": "/shop"}, {"status": "announced"}):
        ask(shop, "lead", "POST", at, json=step)

    for email in (ada, eve):
        mailed(shop, email, title)
    board = ask(shop, "", "GET", "/suggestions?limit=100")["items"]
    assert next(each["status"] for each in board if each["id"] == found) == "announced"
    assert clocks(seen(shop, ada, number))["suggestion_review"] == "kept"
