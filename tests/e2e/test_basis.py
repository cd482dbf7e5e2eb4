"""What answers rest on, in the browser: chosen at the desk by keys, followed by the customer."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from deploy.demo.scene import skus
from deploy.demo.story import Demo
from tests.e2e.desk import faults_of_access, look, press, tab_of, too_wide
from tests.e2e.test_conversations import write_to_us

PHONE = ("dark", 390)
PICTURES = os.environ.get("PLEDGE_PICTURES")


def seen(tab: Page, name: str) -> None:
    """Hold what axe finds and that nothing is wider than the screen; keep a picture where one is wanted."""
    if PICTURES:
        tab.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    assert [*faults_of_access(tab), *too_wide(tab)] == []


def seen_by_each(tab: Page, name: str) -> None:
    """Hold the same of the page as it is, on a wide screen in light and on a phone in dark, as which it is left."""
    for scheme, width in (("light", 1280), PHONE):
        look(tab, scheme, width)
        seen(tab, f"{name}-{width}")


def an_article(demo: Demo, slug: str, word: str, body: str) -> None:
    text = {"title": f"Does {word} shrink?", "summary": "A little.", "body": body, "topic": "materials"}
    demo.as_staff("agent").put(f"/v1/knowledge/{slug}", text)
    demo.as_staff("lead").post(f"/v1/knowledge/{slug}/publication", {})


def test_an_answer_is_based_on_what_was_chosen(browser: Browser, demo: Demo, platform: str) -> None:
    word = f"velvet{uuid.uuid4().hex[:6]}"
    slug, sku, email = f"shrinks-{word}", skus(demo)[0], f"{word}@example.com"
    an_article(demo, slug, word, "It shrinks by **two** percent.")
    number, _ = write_to_us(demo, email, subject=f"Does {word} shrink?", sku=sku, topic="materials")

    with tab_of(browser, demo.as_staff("agent"), "agent") as tab:
        look(tab, *PHONE)
        tab.goto(f"/desk/inbox/{number}")
        expect(tab.get_by_text("nothing yet")).to_be_visible()
        tab.locator("desk-basis", has_text=sku).wait_for(state="attached")
        press(tab, "b")
        expect(tab.get_by_role("checkbox", name=f"product {sku}, version")).to_be_focused()
        expect(tab.get_by_role("checkbox", name=f"Does {word} shrink? article")).to_be_visible()
        press(tab, "Space", "Tab", "Space")
        expect(tab.get_by_role("checkbox", name=f"Does {word} shrink? article")).to_be_checked()
        expect(tab.get_by_text("2 of at most 5")).to_be_visible()
        seen_by_each(tab, "basis-desk")
        press(tab, "Escape", "a")
        tab.keyboard.type("It shrinks by two percent when it is washed.")
        press(tab, "Control+Enter")
        expect(tab.get_by_text("The answer is sent.")).to_be_attached()
        expect(tab.locator(".message.agent")).to_contain_text("Based on")
        expect(tab.get_by_text("nothing yet")).to_be_visible()

    an_article(demo, slug, word, "It shrinks by **three** percent.")
    context = browser.new_context(base_url=platform)
    page = context.new_page()
    look(page, *PHONE)
    page.goto(demo.guest.mail_link(email, f"/tickets/{number}", containing="Based on:"))
    expect(page.get_by_text("(changed since)")).to_be_visible()
    seen_by_each(page, "basis-ticket")
    page.get_by_role("link", name=f"Does {word} shrink?").click()
    expect(page.get_by_text("two")).to_be_visible()
    expect(page.get_by_text("Changed since.")).to_be_visible()
    seen_by_each(page, "basis-article")
    page.get_by_role("link", name="Read it as it is now").click()
    expect(page.get_by_text("three")).to_be_visible()
    page.goto(f"/help/products/{sku}?version=1")
    expect(page.get_by_text("Changed since.")).to_be_visible()
    seen_by_each(page, "basis-product")
    context.close()
