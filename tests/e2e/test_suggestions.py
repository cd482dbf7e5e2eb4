"""A suggestion over HTTP and on the board, from the form until it is announced (standard, sections 5 and 6)."""

from __future__ import annotations

import uuid

from playwright.sync_api import Page, expect

from deploy.demo.story import Demo
from tests.e2e.test_conversations import reader_by_mail, refused, write_to_us
from tests.e2e.test_without_scripts import plain

__all__ = ["plain"]


def test_a_suggestion_is_followed_to_its_announcement(plain: Page, platform: str, demo: Demo) -> None:
    email, follower = (f"{name}-{uuid.uuid4().hex[:8]}@example.com" for name in ("ada", "bob"))
    title = f"Name the plug {uuid.uuid4().hex[:6]}"
    number, _ = write_to_us(demo, email, category="suggestion", subject="Plugs", message="Please name the plug.")
    lena, agent = demo.as_staff("lead"), demo.as_staff("agent")
    found = next(each for each in lena.get("/v1/suggestions?limit=100")["items"] if each["ticket_number"] == number)
    here = f"/v1/suggestions/{found['id']}"
    words = {"title": title, "text": "Each product's page names its plug.", "public": True}

    for who, body, code in (
        (agent, {"status": "reviewed"}, "role_required"),
        (lena, {"status": "done", "link": "/shop"}, "wrong_status"),
        (lena, {"status": "reviewed", "public": True}, "public_words_missing"),
        (lena, {"status": "reviewed", **words, "text": f"As {email} says."}, "names_customer"),
        (lena, {"status": "declined"}, "reason_required"),
        (lena, {"status": "done"}, "link_required"),
        (lena, {"status": "done", "link": "javascript:alert(1)"}, "validation_failed"),
        (lena, {"status": "done", "link": "//elsewhere.example"}, "validation_failed"),
    ):
        assert refused(platform, who, "POST", f"{here}/move", body)[1]["code"] == code, body
    assert all(each["id"] != found["id"] for each in demo.guest.get("/v1/suggestions?limit=100")["items"])

    lena.post(f"{here}/move", {"status": "reviewed", **words})
    reader_by_mail(demo, email, number, "has read")
    known = demo.guest.mails_known(follower)
    plain.goto(f"{platform}/suggestions")
    card = plain.locator("article", has_text=title)
    card.get_by_text("Follow this suggestion").click()
    card.get_by_label("Your e-mail address").fill(follower)
    card.get_by_role("button", name="Tell me of each step").click()
    plain.get_by_label("The code from our e-mail").fill("000000")
    plain.get_by_role("button", name="Follow the suggestion").click()
    expect(plain.get_by_role("alert")).to_be_visible()
    plain.get_by_label("The code from our e-mail").fill(demo.guest.mailed_code(follower, known))
    plain.get_by_role("button", name="Follow the suggestion").click()
    expect(plain.get_by_role("status")).to_contain_text("at each step")

    _stop_following(plain, platform, demo, title, f"eve-{uuid.uuid4().hex[:8]}@example.com")
    lena.post(f"{here}/move", {"status": "planned"})
    lena.post(f"{here}/move", {"status": "done", "link": "/shop"})
    lena.post(f"{here}/move", {"status": "announced"})

    reader = reader_by_mail(demo, email, number, "We have announced it")
    demo.guest.mail_link(follower, "/suggestions", containing="the last mail about it")
    clocks = {each["kind"]: each["status"] for each in reader.get(f"/v1/tickets/{number}")["commitments"]}
    assert clocks["suggestion_review"] == "kept"
    plain.goto(f"{platform}/suggestions")
    expect(plain.locator("article", has_text=title)).to_contain_text("It is done and announced.")
    expect(plain.locator("article", has_text=title).get_by_role("link", name="See what did it")).to_be_visible()
    assert plain.evaluate("() => document.documentElement.scrollWidth") <= 320


def _stop_following(page: Page, platform: str, demo: Demo, title: str, email: str) -> None:
    """Follow as another mailbox, and stop following as its mails say."""
    for choice, button, said in (
        ("Tell me of each step", "Follow the suggestion", "at each step"),
        ("Stop following it", "Stop following it", "no more"),
    ):
        known = demo.guest.mails_known(email)
        page.goto(f"{platform}/suggestions")
        card = page.locator("article", has_text=title)
        card.get_by_text("Follow this suggestion, or stop following it").click()
        card.get_by_label("Your e-mail address").fill(email)
        card.get_by_role("button", name=choice).click()
        page.get_by_label("The code from our e-mail").fill(demo.guest.mailed_code(email, known))
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_contain_text(said)


def test_a_lead_decides_about_a_suggestion_at_the_desk(desk: Page, platform: str, demo: Demo) -> None:
    title = f"Name the voltage {uuid.uuid4().hex[:6]}"
    number, _ = write_to_us(demo, f"cy-{uuid.uuid4().hex[:8]}@example.com", category="suggestion", subject="Volts")
    desk.goto("/desk/suggestions")
    row = desk.locator("tbody", has=desk.get_by_role("link", name=number).first)
    desk.keyboard.press("j")
    desk.keyboard.press("k")
    row.get_by_role("button", name="Decide").focus()
    desk.keyboard.press("s")
    expect(desk.get_by_label("Step")).to_be_focused()
    desk.get_by_label("Title, in our words").fill(title)
    desk.get_by_label("Text for the board").fill("Each product's page names its voltage.")
    desk.get_by_label("The public board shows it").check()
    desk.get_by_role("button", name="Save and tell").click()

    expect(row).to_contain_text(title)
    expect(row).to_contain_text("on the board")
    row.get_by_role("button", name="Decide").click()
    desk.get_by_label("Step").select_option("declined")
    desk.get_by_label("If declined: the reason").fill("Voltages differ from batch to batch.")
    desk.get_by_role("button", name="Save and tell").click()

    expect(row).to_contain_text("declined")
    shown = next(each for each in demo.guest.get("/v1/suggestions?limit=100")["items"] if each["title"] == title)
    assert (shown["status"], shown["reason"]) == ("declined", "Voltages differ from batch to batch.")
