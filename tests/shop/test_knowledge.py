"""The help centre over HTTP: written, published by a second person, found, rated; read without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from services.promised import promised
from services.support.seed import seed
from tests.shop.conftest import Shop, started

DYES = {
    "title": "Which dye is in the shirt?",
    "summary": "Indigo, and nothing else.",
    "body": "It is **indigo**. You have {{return_days}} days to return it.",
    "topic": "materials",
}
HOSTILE = """Read <script>alert(1)</script> [here](javascript:alert(1)) or [there](https://example.com).

![gone](https://spy.example/pixel.png) <img src=x onerror=alert(1)> <a href="//spy.example" onclick="x()">x</a>

# A heading of the first kind
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with started(tmp_path_factory.mktemp("knowledge")) as found:
        for _ in range(2):  # a restart plants nothing again
            seed(found.platform.store("support"))
        yield found


def ask(shop: Shop, role: str, method: str, path: str, status: int = 200, **how: Any) -> Any:
    answer = shop.ask(method, path, role=role, **how)
    assert answer.status_code == status, answer.text
    return answer.json()


def page(shop: Shop, path: str, status: int = 200, **how: Any) -> str:
    answer = requests.request(how.pop("method", "GET"), f"{shop.url}{path}", timeout=30, **how)
    assert answer.status_code == status, answer.text
    return answer.text


def test_an_article_is_read_when_a_second_person_agreed(shop: Shop) -> None:
    at = "/knowledge/which-dye"
    saved = ask(shop, "agent", "PUT", at, json=DYES)
    assert (saved["version"], saved["published_version"]) == (1, None)
    assert ask(shop, "", "GET", at, 404)["code"] == "article_not_found"
    assert page(shop, "/help/which-dye", 404)
    assert ask(shop, "agent", "POST", f"{at}/publication", 403, json={})["code"] == "second_person_required"

    ask(shop, "lead", "POST", f"{at}/publication", json={"version": 1})

    read = ask(shop, "", "GET", at)
    assert "You have 60 days" in read["body"]
    assert "<strong>indigo</strong>" in read["html"]
    changed = ask(shop, "agent", "PUT", at, json={**DYES, "summary": "Indigo alone.", "version": 1})
    assert (changed["version"], changed["published_version"]) == (2, 1)
    assert [each["published_by"] for each in changed["versions"]] == [None, "lead@pledge.example"]
    assert ask(shop, "agent", "PUT", at, json={**DYES, "summary": "Indigo alone."})["version"] == 2
    assert ask(shop, "", "GET", at)["summary"] == "Indigo, and nothing else."
    drafts = ask(shop, "lead", "GET", "/knowledge?state=draft")["items"]
    assert [(each["slug"], each["summary"]) for each in drafts] == [("which-dye", "Indigo alone.")]
    ask(shop, "lead", "DELETE", f"{at}/publication")
    ask(shop, "", "GET", at, 404)


@pytest.mark.parametrize(
    ("role", "method", "path", "sent", "status", "code"),
    [
        ("", "PUT", "/knowledge/x", DYES, 401, "sign_in_required"),
        ("warehouse", "PUT", "/knowledge/x", DYES, 403, "role_required"),
        ("", "GET", "/knowledge?state=draft", None, 403, "role_required"),
        ("agent", "DELETE", "/knowledge/free-shipping/publication", {}, 403, "role_required"),
        (
            "agent",
            "PUT",
            "/knowledge/x",
            {**DYES, "body": "Within {{forever}} we will do it."},
            422,
            "unknown_placeholder",
        ),
        ("agent", "PUT", "/knowledge/free-shipping", {**DYES, "version": 7}, 412, "version_moved"),
        ("agent", "PUT", "/knowledge/Not--a-slug", DYES, 404, "not_found"),
        ("lead", "POST", "/knowledge/no-such/publication", {}, 404, "article_not_found"),
        ("", "POST", "/knowledge/no-such/feedback", {"helpful": True}, 404, "article_not_found"),
        ("", "GET", "/knowledge/no-such", None, 404, "article_not_found"),
        ("", "GET", "/knowledge/free-shipping/versions", None, 401, "sign_in_required"),
        ("", "GET", "/knowledge?cursor=x", None, 422, "bad_cursor"),
    ],
)
def test_what_does_not_fit_is_refused(
    shop: Shop, role: str, method: str, path: str, sent: Any, status: int, code: str
) -> None:
    answer = shop.ask(method, path, role=role, json=sent)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("shipping cost", "free-shipping"),
        ("who PAYS for the shipping?", "free-shipping"),
        ("import duties", "duties-and-fees"),
        ("track parcel", "track-my-parcel"),
        ("refund", "when-do-i-get-my-money"),
        ("how can I return it", "how-to-return"),
        ("cancel", "cancel-my-order"),
        ("voltage", "voltage-and-plugs"),
        ("60 days", "how-to-return"),
        ("complain", "complaints"),
        ("lost", "late-or-lost-parcel"),
    ],
)
def test_an_article_is_found_by_the_words_of_a_question(shop: Shop, question: str, found: str) -> None:
    items = ask(shop, "", "GET", "/knowledge", params={"q": question, "limit": "3"})["items"]

    assert found in [each["slug"] for each in items], items


@pytest.mark.parametrize("question", ["%", "_", "the", "\\", "'", "日本", "x" * 100])
def test_words_that_are_nowhere_find_nothing_and_harm_nothing(shop: Shop, question: str) -> None:
    assert ask(shop, "", "GET", "/knowledge", params={"q": question})["next_cursor"] is None


def test_a_hostile_text_is_shown_as_words_alone(shop: Shop) -> None:
    html = ask(shop, "agent", "POST", "/knowledge/preview", json={"body": HOSTILE})["html"]

    assert not re.search(r"<(script|img|h1|iframe)|<[^>]+(onerror|onclick|javascript:|src=)", html), html
    assert '<a href="https://example.com" rel="noopener noreferrer">there</a>' in html
    assert "<h2>A heading of the first kind</h2>" in html


def test_each_promise_and_topic_has_an_article_that_can_be_read(shop: Shop) -> None:
    """All topics of questions before buying are covered, and all texts show the numbers of the terms."""
    items = ask(shop, "", "GET", "/knowledge?limit=100")["items"]
    topics = {each["topic"] for each in items}
    assert topics >= {"parameters", "materials", "usage", "matching", "order_rules", "logistics_instructions"}
    assert topics >= {"returns", "refunds", "service"}
    assert len(items) >= 25

    pages = {each["slug"]: page(shop, f"/help/{each['slug']}") for each in items}

    start = page(shop, "/help")
    texts = [text.partition("<article")[2].partition("</article>")[0] for text in pages.values()]
    links = {link for text in texts for link in re.findall(r'href="(/[^"#]*)"', text)}
    assert all(f'href="/help/{slug}"' in start for slug in pages)
    assert all("{{" not in text for text in pages.values())
    assert {link for link in links if page(shop, link.replace("&amp;", "&")) == ""} == set()
    said = " ".join(pages.values())
    for kind in ("refund", "dispatch", "delivery", "review", "return_review", "verification", "shortage_contact"):
        assert promised()[kind] in said
    for topic in ("complaint", "order", "aftersales", "product"):
        assert promised()[f"answer_{topic}"] in said


def test_the_help_centre_is_used_without_a_script(shop: Shop) -> None:
    assert "/help/free-shipping" in page(shop, "/help?q=shipping+cost")
    assert "We have no article with these words" in page(shop, "/help?q=zzzz")
    shown = page(shop, "/help/free-shipping")
    key = re.findall(r'name="key" value="([^"]+)"', shown)[0]
    form = {"helpful": "no", "why": "What about <b>islands</b>?", "key": key}

    thanks = [page(shop, "/help/free-shipping", method="POST", data=form) for _ in range(2)]

    assert all("Thank you" in each for each in thanks)
    desk = ask(shop, "agent", "GET", "/knowledge/free-shipping/versions")
    assert (desk["not_helpful"], [each["why"] for each in desk["opinions"]]) == (1, ["What about <b>islands</b>?"])
    other = {"Sec-Fetch-Site": "cross-site"}
    assert page(shop, "/help/free-shipping", 403, method="POST", data=form, headers=other)
    page(shop, "/help/free-shipping", 422, method="POST", data={"helpful": "no", "why": "x" * 1001})


def test_a_reader_who_sent_nothing_counts_as_answered(shop: Shop) -> None:
    before = ask(shop, "lead", "GET", "/knowledge/free-shipping/versions")["answered"]

    ask(shop, "", "POST", "/knowledge/free-shipping/feedback", json={"helpful": True, "place": "contact"})

    assert ask(shop, "lead", "GET", "/knowledge/free-shipping/versions")["answered"] == before + 1


def test_a_draft_of_a_solved_ticket_names_no_person(shop: Shop) -> None:
    sent = {
        "name": "Ada Lovelace", "email": "ada.l@example.com", "category": "product", "subject": "Ada asks: the dye?",
        "message": "Dear team,\nI am Lovelace, +44 20 7946 0000. Which dye is it?\nBest wishes\nAda",
    }  # fmt: skip
    number = ask(shop, "", "POST", "/contact", 201, json=sent)["ticket_number"]
    assert ask(shop, "agent", "GET", f"/tickets/{number}/article", 409)["code"] == "wrong_status"
    said = {"body": "Dear Ada,\nit is indigo, see https://x.example/t?token=1. Yours, Grace of the support team"}
    ask(shop, "agent", "POST", f"/tickets/{number}/messages", 201, json=said)
    ask(shop, "agent", "POST", f"/tickets/{number}/resolution", json={"code": "answered"})

    draft = ask(shop, "agent", "GET", f"/tickets/{number}/article")

    text = f"{draft['title']} {draft['body']}"
    assert "indigo" in text
    assert "Which dye is it?" in text
    assert draft["left_out"] >= 5
    assert not re.search(r"ada|lovelace|7946|token|@", text, re.IGNORECASE), text
    assert shop.ask("GET", f"/tickets/{number}/article").status_code == 401
