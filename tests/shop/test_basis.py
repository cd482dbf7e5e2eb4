"""What answers rest on, over HTTP: the catalogue's products, articles as they were, and pages that show both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.shop.conftest import Shop, started

SKU = "TS/01?Ä"
DYE = "which-dye"
TEXT = {
    "title": "Which dye is it?", "summary": "Indigo.", "body": "It is **indigo**, nothing else.", "topic": "materials",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with started(tmp_path_factory.mktemp("basis")) as found:
        found.stocked(SKU, 1, materials="indigo <cotton>", parameters={"Size": "M"})
        publish(found, TEXT)
        yield found


def publish(shop: Shop, text: dict[str, str]) -> None:
    ask(shop, "agent", "PUT", f"/knowledge/{DYE}", json=text)
    ask(shop, "lead", "POST", f"/knowledge/{DYE}/publication", json={})


def ask(shop: Shop, role: str, method: str, path: str, status: int = 200, **how: Any) -> Any:
    answer = shop.ask(method, path, role=role, **how)
    assert answer.status_code == status, answer.text
    return answer.json()


def page(shop: Shop, path: str, status: int = 200) -> str:
    answer = requests.get(f"{shop.url}{path}", timeout=30)
    assert answer.status_code == status, answer.text
    return answer.text


def asked(shop: Shop) -> tuple[str, str]:
    """Ask a question before buying. Return the ticket's number and the customer's token."""
    form = {
        "name": "Ada", "email": "ada@example.com", "category": "product", "topic": "materials",
        "subject": "The dye", "message": "Which dye is in the shirt?", "sku": SKU,
    }  # fmt: skip
    token = shop.customer("ada@example.com")
    answer = shop.ask("POST", "/contact", token=token, json=form)
    assert answer.status_code == 201, answer.text
    return answer.json()["ticket_number"], token


def test_a_customer_follows_what_an_answer_rests_on(shop: Shop) -> None:
    number, token = asked(shop)
    version = shop.ask("GET", "/products/TS%2F01%3F%C3%84").json()["version"]
    cited = [{"kind": "product", "sku": SKU.lower()}, {"kind": "article", "slug": DYE}]

    sent = ask(
        shop, "agent", "POST", f"/tickets/{number}/messages", 201,
        json={"body": "It is indigo, of the maker in Porto.", "basis": cited},
    )  # fmt: skip

    assert [(each.get("sku") or each["slug"], each["version"]) for each in sent["message"]["basis"]] == [
        (SKU, version), (DYE, 1),
    ]  # fmt: skip
    there = "/help/products/TS%2F01%3F%C3%84"
    told = page(shop, f"{there}?version={version}")
    assert "indigo &lt;cotton&gt;" in told
    assert "Changed since" not in told
    shop.adjust(SKU, 5)
    assert "Changed since" in page(shop, f"{there}?version={version}")
    assert page(shop, "/help/products/NO-SUCH", 404)

    publish(shop, {**TEXT, "body": "It is indigo, or woad."})
    seen = shop.ask("GET", f"/tickets/{number}", token=token).json()["messages"][-1]["basis"]
    assert [each.get("changed") for each in seen] == [None, True]
    then = page(shop, f"/help/{DYE}?version=1")
    assert "<strong>indigo</strong>, nothing else" in then
    assert "Changed since" in then
    assert "Did this help?" not in then
    assert "woad" in page(shop, f"/help/{DYE}")
    assert "Changed since" not in page(shop, f"/help/{DYE}?version=2")
    for wrong in ("3", "0", "99999999999999999999"):
        page(shop, f"/help/{DYE}?version={wrong}", 404)
    ask(shop, "lead", "DELETE", f"/knowledge/{DYE}/publication")
    assert "We have withdrawn it since" in page(shop, f"/help/{DYE}?version=1", 404)
    assert ask(shop, "", "GET", f"/knowledge/{DYE}/versions/1", 404)["code"] == "article_withdrawn"
    ask(shop, "lead", "POST", f"/knowledge/{DYE}/publication", json={})


REFUSED: tuple[tuple[object, str], ...] = (
    ([{"kind": "product", "sku": "NO-SUCH"}], "unknown_basis"),
    ([{"kind": "product", "sku": SKU, "version": 2**31 - 1}], "unknown_basis"),
    ([{"kind": "article", "slug": "no-such-article"}], "unknown_basis"),
    ([{"kind": "article", "slug": DYE, "version": 77}], "unknown_basis"),
    ([{"kind": "article", "sku": SKU}], "validation_failed"),
    ([{"kind": "product", "sku": SKU, "slug": DYE}], "validation_failed"),
    ([{"kind": "rumour", "slug": DYE}], "validation_failed"),
    ([{"kind": "article", "slug": DYE}] * 6, "validation_failed"),
    (DYE, "validation_failed"),
)


def test_what_cannot_be_cited_is_refused_and_nothing_is_sent(shop: Shop) -> None:
    number, token = asked(shop)
    question = {"question": "Which dye is in the shirt?", "known": "two makers", "draft": "It is indigo, nothing else."}
    found = ask(shop, "agent", "POST", f"/tickets/{number}/verification", 201, json=question)
    at = f"/tickets/{number}/messages"
    before = len(ask(shop, "agent", "GET", f"/tickets/{number}")["messages"])

    for cited, code in REFUSED:
        told = ask(shop, "agent", "POST", at, 422, json={"body": "It is indigo, says the maker.", "basis": cited})
        assert told["code"] == code, (cited, told)
        drafted = {"draft": question["draft"], "basis": cited}
        assert ask(shop, "agent", "PUT", f"/verifications/{found['id']}/draft", 422, json=drafted)["code"] == code
    one = [{"kind": "article", "slug": DYE}]
    ask(shop, "agent", "POST", at, 422, json={"body": "a note", "internal": True, "basis": one})
    refused = shop.ask("POST", at, token=token, json={"body": "I cite it myself.", "basis": one})
    assert (refused.status_code, refused.json()["code"]) == (403, "role_required")

    assert len(ask(shop, "agent", "GET", f"/tickets/{number}")["messages"]) == before
    drafted = {"draft": "It is indigo, and nothing else.", "basis": one}
    assert len(ask(shop, "agent", "PUT", f"/verifications/{found['id']}/draft", json=drafted)["basis"]) == 1


def test_leads_list_answers_that_rest_on_nothing(shop: Shop) -> None:
    number, token = asked(shop)
    ask(shop, "agent", "POST", f"/tickets/{number}/messages", 201, json={"body": "I think that it is indigo."})

    items = ask(shop, "lead", "GET", "/reports/without-basis?limit=100")["items"]

    (listed,) = (each for each in items if each["ticket_number"] == number)
    assert (listed["body"], listed["answered_by"]) == ("I think that it is indigo.", "agent@pledge.example")
    assert listed["topic"] == "materials"
    assert shop.ask("GET", "/reports/without-basis", role="agent").status_code == 403
    assert shop.ask("GET", "/reports/without-basis", token=token).status_code == 403
