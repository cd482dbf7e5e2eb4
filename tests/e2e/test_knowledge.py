"""The help centre in the browser: staff write and publish, a customer reads, and finds the answer while writing."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from deploy.demo.story import Demo
from tests.e2e.desk import look, press, tab_of
from tests.e2e.test_basis import PHONE, seen, seen_by_each

SLUG = "velvet-in-the-rain"


def test_one_person_writes_and_another_publishes(browser: Browser, demo: Demo, page: Page, platform: str) -> None:
    with tab_of(browser, demo.as_staff("agent"), "agent") as tab:
        tab.goto("/desk/knowledge")
        expect(tab.get_by_role("heading", name="Knowledge")).to_be_visible()
        press(tab, "n")
        tab.get_by_label("Address: small letters").fill(SLUG)
        tab.get_by_label("Question, as a customer asks it").fill("Does velvet suffer in the rain?")
        tab.get_by_label("The answer in one sentence").fill("Yes; let it dry by itself.")
        tab.get_by_label("Text, in Markdown").fill(
            "Let it **dry** by itself.\n\n<script>alert(1)</script> Return within {{return_days}} days."
        )
        expect(tab.get_by_label("How it will read").get_by_text("Return within 60 days.")).to_be_visible()
        expect(tab.get_by_label("How it will read").locator("strong")).to_have_text("dry")
        seen(tab, "desk-editor")
        press(tab, "Control+Enter")
        expect(tab.get_by_text("You wrote this version")).to_be_visible()
        expect(tab.get_by_role("button", name="Publish")).to_have_count(0)

    with tab_of(browser, demo.as_staff("lead"), "lead") as tab:
        tab.goto("/desk/knowledge")
        expect(tab.get_by_role("link", name="Does velvet suffer in the rain?")).to_be_visible()
        seen(tab, "desk-list")
        tab.goto(f"/desk/knowledge/{SLUG}")
        expect(tab.get_by_role("button", name="Publish")).to_be_visible()
        press(tab, "p")
        expect(tab.get_by_text("Customers read this version now.")).to_be_attached()
        expect(tab.get_by_text("published", exact=True)).to_be_visible()

    page.goto(f"{platform}/help/{SLUG}")
    expect(page.get_by_role("heading", name="Does velvet suffer in the rain?")).to_be_visible()


def test_the_help_centre_is_read_without_scripts(browser: Browser, platform: str) -> None:
    for scripts in (True, False):  # axe is a script itself
        context = browser.new_context(base_url=platform, java_script_enabled=scripts)
        tab = context.new_page()
        look(tab, *PHONE)
        tab.goto("/help")
        tab.get_by_label("Look for an answer").fill("customs duties")
        if scripts:
            seen_by_each(tab, "help")
        tab.get_by_role("button", name="Find").click()
        tab.get_by_role("link", name="Do I pay customs duties or handling fees?").click()
        expect(tab.get_by_text("Duties and fees 0.00").first).to_be_visible()
        if scripts:
            seen_by_each(tab, "article")
        tab.get_by_label("What is missing?").fill("An example.")
        tab.get_by_role("button", name="It did not help").click()
        expect(tab.get_by_text("Thank you.")).to_be_visible()
        context.close()


def test_answers_are_offered_while_a_customer_writes(page: Page, platform: str, demo: Demo) -> None:
    at = "/v1/knowledge/delivery-time/versions"
    before = demo.as_staff("lead").get(at)["answered"]
    page.goto(f"{platform}/contact")
    page.get_by_label("Subject").fill("How")
    page.get_by_label("Your message").press_sequentially("How long does the delivery take to Norway?")
    offer = page.get_by_role("region", name="This may answer it already")
    expect(offer.get_by_role("link", name="How long does delivery take?")).to_have_attribute(
        "href", "/help/delivery-time"
    )
    seen(page, "contact")

    offer.get_by_role("listitem").filter(has_text="How long does delivery take?").get_by_role("button").click()

    expect(page.get_by_text("Nothing was sent")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("How long does the delivery take to Norway?")
    assert demo.as_staff("lead").get(at)["answered"] == before + 1
