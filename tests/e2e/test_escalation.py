"""A customer who is not content asks for a lead, over HTTP and on the pages (standard, section 6)."""

from __future__ import annotations

import uuid

from playwright.sync_api import Browser, Page, expect

from deploy.demo.story import Demo
from tests.e2e.desk import faults_of_access, tab_of
from tests.e2e.test_conversations import reader_by_mail, refused, write_to_us

WHY = "Nobody reads what I write to you."


def test_who_is_not_content_is_answered_by_a_lead(page: Page, platform: str, demo: Demo, browser: Browser) -> None:
    email, subject = f"ada-{uuid.uuid4().hex[:8]}@example.com", f"Kettle {uuid.uuid4().hex[:6]}"
    number, _ = write_to_us(demo, email, subject=subject)
    agent, lead = demo.as_staff("agent"), demo.as_staff("lead")
    here = f"/v1/tickets/{number}"
    agent.post(f"{here}/messages", {"body": "Please read our page about kettles."})
    link = demo.guest.mail_link(email, f"/tickets/{number}", containing="page about kettles")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(platform + link[link.index("/tickets/") :])

    page.get_by_text("Not content with how it goes?").press("Enter")
    expect(page.locator("#escalation")).to_contain_text("A lead of our team reads the whole conversation")
    expect(page.locator("#escalation")).to_contain_text("within 1 working day")
    page.get_by_role("button", name="Ask for a lead").click()
    expect(page.locator("#wish-error")).to_be_visible()
    assert faults_of_access(page) == []
    page.get_by_label("What is wrong?").fill(WHY)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#said")).to_contain_text("You asked for a lead.")
    expect(page.locator("#thread")).to_contain_text(WHY)
    expect(page.locator("#escalated")).to_contain_text("A lead of our team answers you by")
    expect(page.locator("#escalation")).to_have_count(0)
    assert faults_of_access(page) == []
    own = reader_by_mail(demo, email, number, "Our leads have been told")
    assert refused(platform, own, "POST", f"{here}/escalation", {"reason": WHY})[1]["code"] == "already_escalated"
    assert refused(platform, agent, "POST", f"{here}/escalation", {"reason": WHY})[1]["code"] == "role_required"
    agent.post(f"{here}/messages", {"body": "I have asked our lead to answer you."})
    assert refused(platform, agent, "POST", f"{here}/resolution", {"code": "answered"})[1]["code"] == (
        "lead_answers_first"
    )

    with tab_of(browser, lead, "lead") as tab:
        tab.goto("/desk/inbox?view=escalated")
        tab.get_by_role("link", name=subject).click()
        expect(tab.locator("main")).to_contain_text("Your answer is the one that they wait for.")
        assert faults_of_access(tab) == []
        tab.keyboard.press("a")
        tab.keyboard.type("I have read it all, and I am sorry: the kettle does not whistle.")
        tab.keyboard.press("Control+Enter")
        expect(tab.get_by_text("Your answer is the one that they wait for.")).to_have_count(0)

    page.reload()
    expect(page.locator("#escalated")).to_contain_text("A lead answered you")
    clocks = {each["kind"]: each["status"] for each in own.get(here)["commitments"]}
    assert clocks["lead_answer"] == "kept"
    agent.post(f"{here}/resolution", {"code": "answered"})
    again = own.post(f"{here}/escalation", {"reason": "It does whistle after all, all night."})
    assert (again["status"], again["cycle"]) == ("open", 2)
