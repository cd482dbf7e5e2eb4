"""Ratings by the links of a mail, in a browser that runs no scripts, and the reports that leads read at the desk."""

from __future__ import annotations

import csv
import re
import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO

import requests
from playwright.sync_api import Browser, Page, expect

from deploy.demo.story import Demo
from services.common.basics.clock import rfc3339
from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.desk import look, press, tab_of
from tests.e2e.test_basis import PHONE, seen_by_each
from tests.e2e.test_conversations import reader_by_mail, write_to_us

TODAY = datetime.now(UTC)
PERIOD = {"since": rfc3339(TODAY - timedelta(days=30)), "until": rfc3339(TODAY + timedelta(days=2))}

NEXT = {
    "Times": "first answers within", "Rejections": "that ended", "Deflection": "sent",
    "Carriers": "parcels on time|no promise is decided",
}  # fmt: skip


def solved(demo: Demo) -> tuple[str, str, str]:
    """Have a question answered and solved. Return its number, its customer's mailbox, and what was answered."""
    email, words = f"ada-{uuid.uuid4().hex[:8]}@example.com", f"It is cotton {uuid.uuid4().hex[:6]}, all of it."
    number, _ = write_to_us(demo, email)
    agent = demo.as_staff("agent")
    agent.post(f"/v1/tickets/{number}/messages", {"body": words})
    agent.post(f"/v1/tickets/{number}/resolution", {"code": "answered"})
    return number, email, words


def links_of(demo: Demo, number: str, email: str) -> dict[int, str]:
    """Return the links of the mail that asks for a rating, by score."""
    asked = f"/rating/rat_{number}.1."
    return {score: demo.guest.mail_link(email, f"{asked}{score}.", containing=asked) for score in (5, 4, 3, 2, 1)}


def test_a_rating_is_given_by_a_link_without_scripts(browser: Browser, demo: Demo) -> None:
    number, email, words = solved(demo)
    links = links_of(demo, number, email)
    opened = [requests.get(link, timeout=20) for link in links.values()]
    assert {each.status_code for each in opened} == {200}
    reader = reader_by_mail(demo, email, number, words)
    assert reader.get(f"/v1/tickets/{number}")["rating"] is None

    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE_MS)
    tab.goto(links[4])
    expect(tab.get_by_label("4 Good")).to_be_checked()
    tab.get_by_label("What can we do better?").fill("Say it at once.")
    tab.get_by_role("button", name="Send my rating").click()
    expect(tab.get_by_role("heading", name="Thank you")).to_be_visible()
    expect(tab.get_by_role("status")).to_contain_text("4 of 5: Good")
    assert reader.get(f"/v1/tickets/{number}")["rating"]["comment"] == "Say it at once."
    tab.goto(links[1])
    expect(tab.get_by_role("status")).to_contain_text("You rated us 4 of 5: Good. A rating is given once, so it stays.")
    assert tab.goto(f"{links[5]}0").status == 404  # type: ignore[union-attr]
    expect(tab.get_by_text("This link is not one of ours")).to_be_visible()

    other, email, words = solved(demo)
    tab.goto(links_of(demo, other, email)[5])
    reader_by_mail(demo, email, other, words).post(f"/v1/tickets/{other}/reopening", {})
    tab.get_by_role("button", name="Send my rating").click()
    expect(tab.get_by_text("was taken up again after this e-mail")).to_be_visible()
    context.close()


def test_a_lead_reads_the_reports(browser: Browser, demo: Demo) -> None:
    number, email, _ = solved(demo)
    link = links_of(demo, number, email)[5]
    lead = demo.as_staff("lead")

    with tab_of(browser, lead, "lead") as tab:
        look(tab, *PHONE)
        tab.goto(link)
        seen_by_each(tab, "rating")
        demo.guest.post("/v1/ratings", {"token": link.rpartition("/")[2]})
        tab.goto("/desk/reports")
        expect(tab.get_by_role("heading", level=1)).to_contain_text("of 5 from")
        expect(tab.get_by_role("region", name="By person")).to_contain_text("agent@pledge.example")
        seen_by_each(tab, "reports")
        for name, said in NEXT.items():
            press(tab, "n")
            expect(tab.get_by_role("heading", level=1)).to_contain_text(re.compile(said))
            expect(tab.get_by_role("heading", name=name, level=1)).to_be_visible()
        seen_by_each(tab, "reports-last")
        tab.goto("/desk/reports/rejections")
        tab.get_by_label("Category", exact=True).select_option("complaint")
        expect(tab.get_by_role("heading", level=1)).to_contain_text("ended")
        with tab.expect_download() as saved:
            press(tab, "Escape", "x")
        assert saved.value.suggested_filename == "rejections.csv"

    asked = "/v1/reports/satisfaction/export"
    file = lead.send("GET", asked, params=PERIOD)
    rows = {(row["by"], row["name"]): row for row in csv.DictReader(StringIO(file.text))}
    assert int(rows["category", "product"]["rated"]) >= 1
    refused = demo.as_staff("agent").send("GET", asked, params=PERIOD)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")


def test_what_an_article_answers_counts_once_a_visit(page: Page, platform: str, demo: Demo) -> None:
    lead = demo.as_staff("lead")
    before = lead.get("/v1/reports/deflection", **PERIOD)["items"][0]["deflected"]

    page.goto(f"{platform}/contact")
    for label, words in (("Subject", "Who pays for shipping?"), ("Your message", "And how do I send a return?")):
        page.get_by_label(label).fill(words)
        page.get_by_role("button", name="This answered it").first.click()
        expect(page.get_by_text("Good. Nothing was sent")).to_be_visible()

    assert lead.get("/v1/reports/deflection", **PERIOD)["items"][0]["deflected"] == before + 1
