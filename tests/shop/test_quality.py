"""Quality over HTTP: a badly rated answer is read by a lead, and shown to its author."""

from __future__ import annotations

from typing import Any

from services.common.basics.clock import rfc3339
from tests.shop.conftest import Shop

MARKS = {"polite": 5, "truthful": 2, "complete": 3}


def ask(shop: Shop, who: str, method: str, path: str, status: int = 200, **how: Any) -> Any:
    signed = {"token": shop.customer(who)} if "@" in who else {"role": who}
    answer = shop.ask(method, path, **signed, **how)
    assert answer.status_code == status, answer.text
    return answer.json()


def badly_rated(shop: Shop) -> str:
    email = "ada@example.com"
    form = {"name": "Ada", "email": email, "category": "product", "subject": "The dye", "message": "Which dye is it?"}
    number = ask(shop, email, "POST", "/contact", 201, json=form)["ticket_number"]
    ask(shop, "agent", "POST", f"/tickets/{number}/messages", 201, json={"body": "It is indigo, I should think."})
    ask(shop, "agent", "POST", f"/tickets/{number}/resolution", json={"code": "answered"})
    ask(shop, email, "POST", f"/tickets/{number}/rating", 201, json={"score": 1, "comment": "It is woad."})
    return str(number)


def test_a_badly_rated_answer_is_read_and_shown(shop: Shop) -> None:
    number = badly_rated(shop)
    since, until = "2020-01-01T00:00:00Z", rfc3339(shop.now().replace(year=shop.now().year + 1))

    (found,) = ask(shop, "lead", "GET", "/quality?reason=low_rating&state=open")["items"]
    at = f"/quality/{found['id']}"
    assert (found["ticket_number"], found["remark"], found["score"]) == (number, "It is woad.", 1)
    assert ask(shop, "agent", "GET", "/quality")["items"] == []
    assert ask(shop, "agent", "POST", at, 403, json=MARKS)["code"] == "role_required"
    for wrong in ({**MARKS, "polite": 0}, {**MARKS, "complete": 6}, {"polite": 5}, {**MARKS, "truthful": True}, {}):
        assert ask(shop, "lead", "POST", at, 422, json=wrong)["code"] == "validation_failed"
    assert ask(shop, "lead", "POST", "/quality/01a20741-af0f-78bd-abd5-59d22ef0d5df", 404, json=MARKS)
    ask(shop, "lead", "POST", at, 412, json=MARKS, headers={"If-Match": '"7"'})

    ask(shop, "lead", "POST", at, json={**MARKS, "note": "Ask the maker."}, headers={"If-Match": '"1"'})

    assert ask(shop, "lead", "POST", at, 409, json=MARKS)["code"] == "already_read"
    assert ask(shop, "lead", "GET", "/quality?state=open&reason=low_rating")["items"] == []
    (own,) = (each for each in ask(shop, "agent", "GET", "/quality")["items"] if each["id"] == found["id"])
    assert (own["truthful"], own["note"]) == (2, "Ask the maker.")
    report = ask(shop, "lead", "GET", f"/reports/quality?since={since}&until={until}")["items"]
    (row,) = (each for each in report if each["agent"] == "agent@pledge.example")
    assert (row["read"], row["truthful"]) == (1, 2.0)
    assert shop.ask("GET", "/quality", role="warehouse").status_code == 403
    assert shop.ask("GET", f"/reports/quality?since={since}&until={until}", role="agent").status_code == 403
    assert shop.ask("GET", f"/reports/quality?since={until}", role="lead").status_code == 422
