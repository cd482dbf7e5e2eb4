"""Conversations over HTTP on a running platform: as customers, guests, agents and leads have them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.client import Client, wait_for
from deploy.demo.story import Demo
from tests.e2e.desk import faults_of_access, tab_of

ANSWER = "The shirt is made of cotton and linen."


@pytest.fixture
def email() -> str:
    return f"ada-{uuid.uuid4().hex[:8]}@example.com"


def write_to_us(demo: Demo, email: str, **form: Any) -> tuple[str, str]:
    """Open a ticket. Return its number and the token that the form gives."""
    body = {"name": "Ada Lovelace", "email": email, "category": "product", "subject": "Is it cotton?"}
    receipt = demo.guest.post("/v1/contact", {**body, "message": "What is the shirt made of?", **form})
    return receipt["ticket_number"], receipt["access_token"]


def refused(platform: str, client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """Return the status and the problem document of a request that is refused."""
    answer = client.send(method, path, json=body, headers=headers)
    return answer.status_code, answer.json()


def reader_by_mail(demo: Demo, email: str, number: str, containing: str) -> Client:
    link = demo.guest.mail_link(email, f"/tickets/{number}", containing=containing)
    return demo.guest.with_token(link.partition("#token=")[2])


def test_one_of_two_answers_goes_out_and_the_other_sees_it(platform: str, demo: Demo, email: str) -> None:
    number, _ = write_to_us(demo, email)
    grace, lena = demo.as_staff("agent"), demo.as_staff("lead")
    seen = {"If-Match": f'"{grace.get(f"/v1/tickets/{number}")["version"]}"'}
    messages = f"/v1/tickets/{number}/messages"

    first = refused(platform, grace, "POST", messages, {"body": ANSWER}, **seen)
    second = refused(platform, lena, "POST", messages, {"body": "No, all of it is plastic."}, **seen)

    assert first[0] == 201
    assert (second[0], second[1]["code"]) == (412, "version_moved")
    assert [each["body"] for each in second[1]["messages"]] == [ANSWER]


def test_a_false_address_lets_no_stranger_read_the_thread(platform: str, demo: Demo, email: str) -> None:
    number, token = write_to_us(demo, email)
    stranger, grace = demo.guest.with_token(token), demo.as_staff("agent")
    grace.post(f"/v1/tickets/{number}/messages", {"body": ANSWER})
    owner = reader_by_mail(demo, email, number, "cotton and linen")

    assert [each["author"] for each in stranger.get(f"/v1/tickets/{number}")["messages"]] == ["customer"]
    owner.post(f"/v1/tickets/{number}/messages", {"body": "Who asked that?"})

    assert len(owner.get(f"/v1/tickets/{number}")["messages"]) == 3
    assert refused(platform, stranger, "GET", f"/v1/tickets/{number}")[0] in (401, 404)


def test_a_refusal_is_read_with_its_reason(platform: str, demo: Demo, email: str) -> None:
    number, _ = write_to_us(demo, email, category="order")
    demo.as_staff("agent").post(f"/v1/tickets/{number}/messages", {"body": ANSWER})
    resolution = {"code": "declined", "note": "We do not make it in wool."}
    assert refused(platform, demo.as_staff("agent"), "POST", f"/v1/tickets/{number}/resolution", resolution)[0] == 403

    demo.as_staff("lead").post(f"/v1/tickets/{number}/resolution", resolution)

    reader = reader_by_mail(demo, email, number, "We do not make it in wool.")
    shown = reader.get(f"/v1/tickets/{number}")
    assert (shown["resolution"]["note"], shown["ratable"]) == ("We do not make it in wool.", False)
    assert reader.post(f"/v1/tickets/{number}/messages", {"body": "But I need wool."})["status"] == "open"


def test_a_lead_declines_on_a_ground_that_is_read(
    page: Page, browser: Browser, platform: str, demo: Demo, email: str
) -> None:
    number, _ = write_to_us(demo, email, category="order")
    lead = demo.as_staff("lead")
    lead.post(f"/v1/tickets/{number}/messages", {"body": ANSWER})

    with tab_of(browser, lead, "lead") as tab:
        tab.goto(f"/desk/inbox/{number}")
        expect(tab.get_by_role("heading", level=1)).to_be_visible()
        tab.keyboard.press("e")
        expect(tab.get_by_label("Ground, for the customer too")).to_have_count(0)
        tab.get_by_label("Declined, with the reason").check()
        tab.get_by_label("The reason, for the customer").fill("We make it of cotton only.")
        tab.get_by_role("button", name="Resolve").click()
        expect(tab.get_by_label("Ground, for the customer too")).to_be_focused()  # it has to be chosen
        assert faults_of_access(tab) == []
        tab.get_by_label("Ground, for the customer too").select_option("Not offered")
        tab.get_by_role("button", name="Resolve").click()
        expect(tab.get_by_text("It is resolved.")).to_be_attached()
        tab.goto("/desk/reports/rejections")
        expect(tab.get_by_role("region", name="Declined, by ground")).to_contain_text("Not offered")
        assert faults_of_access(tab) == []

    link = demo.guest.mail_link(email, f"/tickets/{number}", containing="We do not sell or offer this.")
    page.goto(platform + link[link.index("/tickets/") :])
    expect(page.locator("#facts")).to_contain_text("We do not sell or offer this. We make it of cotton only.")
    assert lead.get(f"/v1/tickets/{number}")["resolution"]["ground"] == "not_offered"


def test_spam_comes_back_when_its_customer_writes(platform: str, demo: Demo, email: str) -> None:
    number, token = write_to_us(demo, email, category="complaint")
    spam = f"/v1/tickets/{number}/spam"
    assert refused(platform, demo.as_staff("agent"), "POST", spam, {"reason": "rude words"})[0] == 403
    demo.as_staff("lead").post(spam, {"reason": "rude words"})
    assert demo.guest.with_token(token).get(f"/v1/tickets/{number}")["answer_by"] is None

    reader_by_mail(demo, email, number, "rude words").post(f"/v1/tickets/{number}/messages", {"body": "I mean it."})

    assert demo.as_staff("agent").get(f"/v1/tickets/{number}")["status"] == "new"


def test_an_agent_corrects_the_category_and_it_is_recorded(platform: str, demo: Demo, email: str) -> None:
    number, token = write_to_us(demo, email)
    grace = demo.as_staff("agent")
    before = grace.get(f"/v1/tickets/{number}")["answer_by"]

    status, amended = refused(platform, grace, "PATCH", f"/v1/tickets/{number}", {"category": "complaint"})

    assert (status, amended["category"]) == (200, "complaint")
    assert grace.get(f"/v1/tickets/{number}")["answer_by"] < before
    entries = grace.get(f"/v1/tickets/{number}/timeline")["items"]
    (entry,) = [each for each in entries if each["type"] == "ticket_amended"]
    assert entry["body"]["changed"]["category"] == {"from": "product", "to": "complaint"}
    assert refused(platform, grace, "PATCH", f"/v1/tickets/{number}", {"category": "product"})[0] == 403
    assert refused(platform, grace, "PATCH", f"/v1/tickets/{number}", {"priority": "soon"})[0] == 422
    urgent = refused(platform, grace, "PATCH", f"/v1/tickets/{number}", {"priority": "urgent"})[1]
    assert (urgent["priority"], urgent["category"]) == ("urgent", "complaint")
    assert "priority" not in demo.guest.with_token(token).get(f"/v1/tickets/{number}")
    assert refused(platform, grace, "PATCH", f"/v1/tickets/{number}", {})[1]["code"] == "nothing_to_amend"


def test_staff_begin_a_conversation_that_the_customer_answers(platform: str, demo: Demo, email: str) -> None:
    grace = demo.as_staff("agent")
    begun = {"name": "Ada Lovelace", "email": email, "category": "order", "subject": "Your call", "asks": True}

    number = grace.post("/v1/tickets", {**begun, "message": "As you asked on the phone: which size?"})["number"]

    reader = reader_by_mail(demo, email, number, "which size?")
    assert [each["author"] for each in reader.get(f"/v1/tickets/{number}")["messages"]] == ["agent"]
    reader.post(f"/v1/tickets/{number}/messages", {"body": "Medium."})
    assert grace.get(f"/v1/tickets/{number}")["status"] == "open"
    form = {**begun, "message": "He called."}
    form.pop("asks")
    assert refused(platform, grace, "POST", "/v1/contact", form)[1]["code"] == "staff_begin_tickets"


def test_the_orders_timeline_shows_which_side_began(page: Page, platform: str, demo: Demo) -> None:
    order, customer = demo.a_guest_orders_and_pays()
    begun = {"name": "Ada", "email": demo.email, "category": "order", "order_number": order["number"]}
    demo.as_staff("agent").post("/v1/tickets", {**begun, "subject": "Your order", "message": "Is the gate code right?"})

    story = f"/v1/orders/{order['number']}/timeline"
    wait_for(lambda: any(entry["type"] == "ticket_opened" for entry in customer.get(story)["items"]))
    page.goto(f"{platform}/orders/{order['number']}#token={order['access_token']}")

    expect(page.locator("[data-type=ticket_opened]")).to_contain_text("We wrote to you.")


@pytest.mark.parametrize("role", ["reviewer", "warehouse", "aftersales"])
def test_a_role_that_reads_no_tickets_is_told_so(platform: str, demo: Demo, role: str) -> None:
    status, problem = refused(platform, demo.as_staff(role), "GET", "/v1/tickets")

    assert (status, problem["code"]) == (403, "role_required")
    assert "sign in" not in problem["detail"]


def test_links_stay_good_until_the_new_one_is_used(platform: str, demo: Demo, email: str) -> None:
    number, _ = write_to_us(demo, email)
    old = reader_by_mail(demo, email, number, "Your message has arrived")
    demo.guest.post(f"/v1/tickets/{number}/link", {"email": email})
    new = wait_for(lambda: reader_by_mail(demo, email, number, "You asked for a new link"))

    assert old.get(f"/v1/tickets/{number}")["number"] == number
    new.post(f"/v1/tickets/{number}/messages", {"body": "Here I am again."})

    assert refused(platform, old, "GET", f"/v1/tickets/{number}")[0] in (401, 404)


@pytest.mark.parametrize("by_staff", [False, True])
def test_who_has_no_link_signs_in_on_the_tickets_page(
    page: Page, platform: str, demo: Demo, email: str, by_staff: bool
) -> None:
    number, _ = write_to_us(demo, email)
    reader = "admin@pledge.example" if by_staff else email
    known = demo.guest.mails_known(reader)
    page.goto(f"{platform}/tickets/{number}")

    page.locator("#sign-in-email").fill(reader)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code from our e-mail").fill(demo.guest.mailed_code(reader, known))
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("#thread")).to_contain_text("What is the shirt made of?")
    expect(page.locator("#trouble")).to_be_empty()


def test_a_lost_link_to_a_ticket_is_renewed_on_its_page(page: Page, platform: str, demo: Demo, email: str) -> None:
    number, _ = write_to_us(demo, email)
    page.goto(f"{platform}/tickets/{number}")

    page.locator("#email").fill(email)
    page.get_by_role("button", name="Send me a new link").click()

    expect(page.locator("#trouble")).to_contain_text("a new link is on its way")
    page.goto(demo.guest.mail_link(email, f"/tickets/{number}", containing="You asked for a new link"))
    expect(page.locator("#thread")).to_contain_text("What is the shirt made of?")
