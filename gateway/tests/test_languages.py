"""Pages: each sentence comes out of the catalogue, and a page says in which language it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from jinja2 import Environment, nodes

from gateway.app import create_app
from gateway.http.words import TEXTS, TOLD
from gateway.settings import GatewaySettings
from gateway.web.pages import WEB
from services.common.language import speaking
from services.common.testing.pseudo import PSEUDO, marked, spoken

pytestmark = pytest.mark.pure
TEMPLATE = WEB.parent / "locale" / "texts.pot"
TEMPLATES = ("forms/templates/**/*.html", "frame/*.html", "customer/*.html", "shop/templates/*.html", "desk/index.html")
ENGLISH_ALONE = {"docs.html", "carrier.html"}  # the document of the API, and what only developers see
PAGES = sorted(page for each in TEMPLATES for page in WEB.glob(each) if page.name not in ENGLISH_ALONE)
SAME = {"Pledge", "mail", "Desk"}
READ_ALOUD = re.compile(r'\s(?:aria-label|placeholder|title|alt)="([^"]*)"')


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    with spoken(TEXTS, TEMPLATE, tmp_path):
        yield create_app(GatewaySettings.load({})).test_client()


def bare(source: str) -> list[str]:
    """Return the words of a template that readers see and that do not go through the catalogue."""
    tree = Environment().parse(source)  # noqa: S701  # it is read, not written
    text = "\0".join(data.data for data in tree.find_all(nodes.TemplateData))
    seen = [*READ_ALOUD.findall(text), re.sub(r"<[^>]*>", "\0", re.sub(r"<(script|style).*?</\1>", "", text))]
    words = [word for each in seen for word in re.findall(r"[A-Za-z]{2,}", each)]
    ways = (call for call in tree.find_all(nodes.Call) if getattr(call.node, "name", "") in ("way", "field", "ask"))
    given = (each.value for call in ways for each in call.args[1:] if isinstance(each, nodes.Const))
    return words + [each for each in given if isinstance(each, str) and re.search(r"[A-Z][a-z]", each)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_template_has_a_sentence_of_its_own(page: Path) -> None:
    assert {*bare(page.read_text("utf-8"))} - SAME == set()


def test_a_sentence_of_its_own_is_found() -> None:
    planted = (
        """<p class="soft">Write {{ _("to us") }}</p><nav aria-label="Main">{{ way("help", "/help", "Help") }}</nav>"""
    )

    assert bare(planted) == ["Main", "Write", "Help"]


def test_a_page_speaks_the_language_of_its_reader(client: FlaskClient) -> None:
    asked = {"eo-XX, en;q=0.5": PSEUDO, "de, en;q=0.5": "en", "en-GB, eo;q=0.9": "en", "": "en"}
    for tags, told in asked.items():
        answer = client.get("/plain", headers={"Accept-Language": tags} if tags else {})
        with speaking(told):
            assert f"<h2>{TEXTS.say('Something else')}</h2>" in answer.text
        assert f'<html lang="{told}">' in answer.text
        assert answer.headers["Content-Language"] == told


def test_errors_are_said_in_the_readers_language_too(client: FlaskClient) -> None:
    lost = client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": PSEUDO})
    wrong = client.post("/plain/link", data={"order_number": "7"}, headers={"Accept-Language": PSEUDO})

    assert marked("There is no such page") in lost.text
    assert f'<html lang="{PSEUDO}">' in lost.text
    assert marked("There is no such number. Please compare it with our e-mail.") in wrong.text
    assert marked("Order number") in wrong.text


def test_the_api_refuses_in_the_language_that_is_asked_for(client: FlaskClient) -> None:
    """What is for programs stays; English stays as it is declared."""

    def refused(tags: str) -> tuple[list[str], dict[str, str], str | None]:
        answer = client.post("/v1/contact", json={"email": "x", "name": "A" * 201}, headers={"Accept-Language": tags})
        lost = client.get("/v1/nowhere", headers={"Accept-Language": tags})
        problem, other = answer.get_json(), lost.get_json()
        errors = {each["field"]: each["message"] for each in problem["errors"]}
        known = [problem["code"], problem["detail"], other["code"], other["detail"]]
        return known, errors, answer.headers.get("Content-Language")

    english, fields, _ = refused("de")
    known, errors, language = refused(PSEUDO)

    assert english[0::2] == known[0::2] == ["validation_failed", "not_found"]
    assert known[1::2] == [marked(each) for each in english[1::2]]
    assert language == PSEUDO
    assert fields["name"] == "Length must be between 1 and 120."
    assert errors["name"] == marked("Length must be between {min} and {max}.").format(min=1, max=120)
    assert errors["email"] == marked(fields["email"]) == marked("Not a valid e-mail address.")
    assert errors["message"] == marked("Missing data for required field.")
    assert errors.keys() == fields.keys()


def test_what_the_api_says_is_found_with_its_values(tmp_path: Path) -> None:
    with spoken(TEXTS, TEMPLATE, tmp_path), speaking(PSEUDO):
        told = {
            said: TEXTS.retell(TOLD, said)
            for said in ("not enough of MUG is left", "the order is sent", "Hm.", "x" * 2000)
        }

    assert told["not enough of MUG is left"] == f"{marked('not enough of')} MUG {marked('is left')}"
    assert told["the order is sent"] == f"{marked('the order is')} sent"
    assert all(told[said] == said for said in ("Hm.", "x" * 2000))
    assert TEXTS.retell(TOLD, "the order is sent") == "the order is sent"


def test_a_page_with_scripts_names_what_they_say(client: FlaskClient) -> None:
    page = client.get("/promises", headers={"Accept-Language": PSEUDO})
    named = re.findall(r'<link id="texts" [^>]*href="([^"]*)"', page.text)
    texts = client.get(named[0])
    said = json.loads(texts.data)

    assert (page.headers["Content-Language"], page.headers["Vary"]) == (PSEUDO, "Accept-Encoding, Accept-Language")
    assert said["texts"]["Skip to the content"] == marked("Skip to the content")
    assert said["texts"]["With {count} file:"] == [marked("With {count} file:"), marked("With {count} files:")]
    assert said["plural"][:3] == "101"
    assert not any(each.startswith(TOLD) for each in said["texts"])
    assert "immutable" in texts.headers["Cache-Control"]
    assert client.get(named[0].partition("?")[0]).headers["Cache-Control"] == "no-cache"
    assert client.get(named[0].replace(f"/{PSEUDO}.", "/tlh.")).status_code == 404
    assert client.get(named[0].replace("/customer/", "/nobody/")).status_code == 404


def test_english_needs_no_catalogue(client: FlaskClient) -> None:
    for address in ("/promises", "/desk", "/shop/basket"):
        page = client.get(address, headers={"Accept-Language": "en"})
        assert '<html lang="en">' in page.text
        assert "/web/texts/" not in page.text
