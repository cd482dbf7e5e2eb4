"""Two desks side by side: who else is there is seen, one of two answers goes out, and each keeps their own draft."""

from __future__ import annotations

import uuid

from playwright.sync_api import Browser, Page, expect

from deploy.demo.scene import browser_state
from deploy.demo.story import Demo
from tests.e2e.desk import desk_of, look, press
from tests.e2e.test_basis import PHONE, seen
from tests.e2e.test_conversations import write_to_us

ANSWER = "The shirt is made of cotton, and so is its label."
MINE = "It is cotton. You can wash it at 40 degrees."
FIELD = "Answer to the customer"


def open_ticket(tab: Page, number: str) -> None:
    tab.goto(f"/desk/inbox/{number}")
    expect(tab.get_by_label(FIELD)).to_be_visible()


def test_of_two_who_write_at_once_one_answers(browser: Browser, platform: str, demo: Demo) -> None:
    number, _ = write_to_us(demo, f"{uuid.uuid4().hex[:8]}@example.com", subject="Is it cotton?")
    grace = desk_of(browser, platform, browser_state(demo.as_staff("agent"), "agent"))
    lena = desk_of(browser, platform, browser_state(demo.as_staff("lead"), "lead"))
    agent, lead = grace.new_page(), lena.new_page()
    try:
        open_ticket(agent, number)
        open_ticket(lead, number)
        expect(agent.get_by_text("lead@pledge.example has this open too.")).to_be_visible()
        expect(lead.get_by_text("agent@pledge.example has this open too.")).to_be_visible()
        lead.get_by_label(FIELD).focus()
        lead.keyboard.type(ANSWER)
        expect(agent.get_by_text("lead@pledge.example writes here now.")).to_be_visible()
        seen(agent, "two-desks")

        agent.get_by_label(FIELD).focus()
        agent.keyboard.type(MINE)
        expect(agent.get_by_text("Kept as your draft. Only you see it.")).to_be_visible()
        press(lead, "Control+Enter")
        expect(lead.get_by_text("The answer is sent.")).to_be_attached()
        expect(lead.get_by_label(FIELD)).to_have_value("")
        expect(agent.get_by_role("listitem").filter(has_text=ANSWER)).to_have_count(1)  # read by itself
        press(agent, "Control+Enter")
        arrived = agent.get_by_role("alert").get_by_role("list", name="What has changed")
        expect(arrived).to_contain_text(f"lead@pledge.example: “{ANSWER}”")
        expect(agent.get_by_label(FIELD)).to_have_value(MINE)
        look(agent, *PHONE)
        seen(agent, "two-desks-refused")

        lead.close()
        expect(agent.locator(".viewers")).to_have_text("")
        agent.reload()
        expect(agent.get_by_label(FIELD)).to_have_value(MINE)
        other = desk_of(browser, platform, browser_state(demo.as_staff("agent"), "agent")).new_page()
        open_ticket(other, number)  # another machine
        expect(other.get_by_label(FIELD)).to_have_value(MINE)
        other.get_by_label(FIELD).press("End")
        other.keyboard.type(" Cold is better.")
        expect(other.get_by_text("Kept as your draft. Only you see it.")).to_be_visible()
        agent.get_by_label(FIELD).fill("It is cotton.")
        expect(agent.get_by_text("You wrote on in another tab, or at another machine:")).to_be_visible()
        agent.get_by_role("button", name="Take that").click()
        expect(agent.get_by_label(FIELD)).to_have_value(f"{MINE} Cold is better.")
        press(agent, "Control+Enter")
        expect(agent.get_by_text("The answer is sent.")).to_be_attached()
        agent.reload()
        expect(agent.get_by_label(FIELD)).to_have_value("")
    finally:
        grace.close()
        lena.close()

    thread = demo.as_staff("agent").get(f"/v1/tickets/{number}")
    answers = [each["body"] for each in thread["messages"] if each["author"] == "agent"]
    assert answers == [ANSWER, f"{MINE} Cold is better."]
    assert [each["body"] for each in thread["drafts"]] == [""]
