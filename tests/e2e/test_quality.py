"""Quality in the browser: a lead reads an answer that was badly rated, and its author sees what was found."""

from __future__ import annotations

import uuid

from playwright.sync_api import Browser, expect

from deploy.demo.story import Demo
from services.support.domain.quality import is_drawn
from tests.e2e.desk import look, press, tab_of
from tests.e2e.test_basis import PHONE, seen_by_each
from tests.e2e.test_conversations import reader_by_mail, write_to_us


def test_a_lead_reads_and_its_author_sees_it(browser: Browser, demo: Demo) -> None:
    words = f"It is wool {uuid.uuid4().hex[:6]}, I should think."
    email = f"{uuid.uuid4().hex[:8]}@example.com"
    number = next(each for each, _ in iter(lambda: write_to_us(demo, email), None) if not is_drawn(each, 2))
    agent = demo.as_staff("agent")
    agent.post(f"/v1/tickets/{number}/messages", {"body": words})
    agent.post(f"/v1/tickets/{number}/resolution", {"code": "answered"})
    reader_by_mail(demo, email, number, words).post(f"/v1/tickets/{number}/rating", {"score": 1, "comment": "Cotton!"})

    with tab_of(browser, demo.as_staff("lead"), "lead") as tab:
        look(tab, *PHONE)
        tab.goto("/desk/quality")
        row = tab.locator("tbody", has=tab.get_by_role("button", name="Read it")).filter(has_text=words)
        expect(tab.get_by_label("Answers before buying that rest on nothing").get_by_text(words)).to_be_visible()
        row.get_by_role("button", name="Read it").focus()
        press(tab, "s")
        expect(tab.locator("#polite-5")).to_be_focused()
        expect(tab.get_by_text("Cotton!")).to_be_visible()
        seen_by_each(tab, "quality-lead")
        press(tab, "Space", "Tab", "Space", "ArrowDown", "Tab", "Space")
        tab.get_by_label("A word for its author").fill("The label says cotton.")
        press(tab, "Control+Enter")
        expect(tab.get_by_text("Its author sees what you found.")).to_be_attached()
        expect(tab.get_by_role("row").filter(has_text=words)).to_contain_text("Polite 5 Truthful 2 Complete 1")

    with tab_of(browser, agent, "agent") as tab:
        tab.goto("/desk/quality")
        expect(tab.get_by_role("row").filter(has_text=words)).to_contain_text("The label says cotton.")
        expect(tab.get_by_role("button", name="Read it")).to_have_count(0)
        expect(tab.get_by_text("rest on nothing")).to_have_count(0)
        seen_by_each(tab, "quality-agent")
