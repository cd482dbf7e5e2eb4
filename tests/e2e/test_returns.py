"""Returns over HTTP on the whole platform: contested pieces, large payouts, and what the law demands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.demo.client import Client, wait_for
from deploy.demo.story import easypost_secret, found
from tests.openapi.house import FINE, PARTS, Bought, House

PRICE = "12.50"
GERMANY = {
    "name": "Ada Lovelace", "line1": "Unter den Linden 12", "city": "Berlin", "postal_code": "10117", "country": "DE",
}  # fmt: skip
WANTING = {"ground": "used_beyond_trying", "note": "There is coffee in it.", "evidence": ["https://photos.example/1"]}


@pytest.fixture(scope="module")
def house(platform: str, staff: dict[str, Client]) -> House:
    return House(platform, staff)


def delivered(house: House, quantity: int = 2, delivery: dict[str, str] | None = None) -> Bought:
    """Order one product and have it delivered."""
    wish = house._demo.wish([{"sku": house.skus[0], "quantity": quantity}])
    wish["contact"]["email"] = house.email
    order = house.guest.post("/v1/orders", {**wish, "delivery": delivery or wish["delivery"]})
    bought = Bought(order["number"], house.guest.with_token(order["access_token"]), order)
    house._demo.pay(bought.number, bought.customer)
    house.deliver(bought.number)
    return bought


def ask(by: Client, bought: Bought, quantity: int, **more: Any) -> dict[str, Any]:
    lines = [{"sku": bought.skus[0], "quantity": quantity, "reason": "changed_mind"}]
    wish = {"order_number": bought.number, "lines": lines, **more}
    return wait_for(lambda: by.try_post("/v1/returns", wish, until_not="not_delivered_yet"))


def step(by: Client, number: str, name: str, bought: Bought, quantity: int, **said: Any) -> dict[str, Any]:
    lines = [{"sku": bought.skus[0], "quantity": quantity, **said}]
    return by.post(f"/v1/returns/{number}/{name}", {"lines": lines})


def is_refused(by: Client, path: str, body: dict[str, Any], code: str) -> bool:
    return by.try_post(path, body, until_not=code) is None


def authorize(by: Client, number: str) -> None:
    by.post(f"/v1/returns/{number}/review", {"decision": "authorize", "parts": dict.fromkeys(PARTS, FINE)})


def clocks(item: dict[str, Any]) -> dict[str, str]:
    return {clock["kind"]: clock["status"] for clock in item["commitments"]}


def test_a_contested_piece_is_decided_appealed_and_sent_back(house: House) -> None:
    bought, team, lead, admin = delivered(house), *(house.staff(role) for role in ("aftersales", "lead", "admin"))
    number = ask(bought.customer, bought, 2)["number"]
    authorize(team, number)
    step(team, number, "receipt", bought, 2, condition="received_ok")
    step(team, number, "inspection", bought, 1, outcome="accepted")
    contested = step(team, number, "inspection", bought, 1, outcome="disputed", **WANTING)
    assert clocks(contested)["verification"] == "running"

    body = {"lines": [{"sku": bought.skus[0], "quantity": 1, "outcome": "rejected"}]}
    assert is_refused(team, f"/v1/returns/{number}/second-look", body, "second_person_required")
    lead.post(f"/v1/returns/{number}/second-look", body)
    rejection = bought.customer.get(f"/v1/returns/{number}")
    (wanting,) = [unit for unit in rejection["units"] if unit["outcome"] == "rejected"]
    assert (wanting["ground"], wanting["note"]) == (WANTING["ground"], WANTING["note"])
    assert rejection["appeal_by"]
    house.guest.mail_link(house.email, "/orders/", containing="There is coffee in it.")
    settled = wait_for(
        lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["refund"]["settled"]["amount"] == PRICE)
    )
    assert settled["status"] == "inspected"

    bought.customer.post(f"/v1/returns/{number}/appeal", {"statement": "It was there before."})
    assert is_refused(lead, f"/v1/returns/{number}/second-look", body, "second_person_required")
    final = admin.post(f"/v1/returns/{number}/second-look", body)
    assert clocks(final)["send_back"] == "running"
    sent = team.post(f"/v1/returns/{number}/sent-back", {"carrier": "ups", "tracking_number": "1Z"})

    assert sent["status"] == "closed"
    assert set(clocks(sent).values()) == {"kept"}
    house.guest.mail_link(house.email, "/orders/", containing="tracking number 1Z")
    disposed = step(team, number, "disposition", bought, 1, disposition="restock")
    assert {unit.get("disposition") for unit in disposed["units"]} == {"restock", None}


def test_no_person_alone_pays_what_they_asked_for(house: House) -> None:
    bought, team, lead = delivered(house), house.staff("aftersales"), house.staff("lead")
    number = ask(team, bought, 2)["number"]
    review = {"decision": "authorize", "parts": dict.fromkeys(PARTS, FINE)}
    assert is_refused(team, f"/v1/returns/{number}/review", review, "second_person_required")
    authorize(lead, number)
    step(team, number, "receipt", bought, 2, condition="missing")

    waiting = step(team, number, "inspection", bought, 2, outcome="accepted")

    assert waiting["refund"]["claims"] == []
    body = {"lines": [{"sku": bought.skus[0], "quantity": 2, "outcome": "accepted"}]}
    assert is_refused(team, f"/v1/returns/{number}/second-look", body, "second_person_required")
    assert lead.post(f"/v1/returns/{number}/second-look", body)["refund"]["amount"]["amount"] == "25.00"


def test_a_large_payout_takes_two_however_it_is_split(house: House) -> None:
    bought, team = delivered(house, 18), house.staff("aftersales")
    number = ask(bought.customer, bought, 18)["number"]
    authorize(team, number)
    step(team, number, "receipt", bought, 18, condition="received_ok")

    for quantity in (10, 6, 1, 1):
        shown = step(team, number, "inspection", bought, quantity, outcome="accepted")

    assert shown["refund"]["amount"]["amount"] == "200.00"
    assert [unit["outcome"] for unit in shown["units"]].count("unconfirmed") == 2


def test_a_consumer_of_the_union_needs_no_review(house: House) -> None:
    bought, team = delivered(house, delivery=GERMANY), house.staff("aftersales")

    item = ask(bought.customer, bought, 1)

    assert (item["status"], item["law"]["rule"]) == ("authorized", "2011/83/EU (2014-06-13)")
    number = item["number"]
    house.guest.mail_link(house.email, "/orders/", containing="you withdraw from your purchase")
    step(team, number, "receipt", bought, 1, condition="received_ok")
    step(team, number, "inspection", bought, 1, outcome="accepted")
    closed = wait_for(lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["status"] == "closed"))
    (refund,) = [clock for clock in closed["commitments"] if clock["kind"] == "refund"]
    assert (refund["due_at"] <= item["law"]["due_at"], refund["status"]) == (True, "kept")


def test_a_step_on_an_old_version_is_refused_with_what_changed(house: House) -> None:
    bought, team = delivered(house), house.staff("aftersales")
    item = ask(bought.customer, bought, 1)
    authorize(team, item["number"])

    answer = bought.customer.send(
        "POST", f"/v1/returns/{item['number']}/withdrawal", json={}, headers={"If-Match": f'"{item["version"]}"'}
    )

    assert answer.status_code == 412
    told = answer.json()
    assert [change["type"] for change in told["changes"]] == ["return_authorized"]
    assert told["current"]["status"] == "authorized"


def test_a_return_costs_its_customer_nothing(house: House) -> None:
    bought, team = delivered(house), house.staff("aftersales")
    number = ask(bought.customer, bought, 1)["number"]
    authorize(team, number)
    step(team, number, "receipt", bought, 1, condition="received_ok")
    step(team, number, "inspection", bought, 1, outcome="accepted")
    wait_for(lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["status"] == "closed"))

    receipt = {"amount": {"amount": "4.20", "currency": "USD"}, "receipt": "DHL, 3.90 EUR"}
    bought.customer.post(f"/v1/returns/{number}/postage", receipt)
    assert team.get("/v1/returns", waits_for="postage", order_number=bought.number)["items"]
    team.post(f"/v1/returns/{number}/postage/decision", {"postage": 1, "decision": "accept"})
    paid = wait_for(
        lambda: found(bought.customer.get(f"/v1/returns/{number}"), lambda r: r["postage"][0]["status"] == "settled")
    )

    order = bought.customer.get(f"/v1/orders/{bought.number}")
    account = {name: money["amount"] for name, money in order["account"].items()}
    assert (paid["status"], paid["refund"]["settled"]["amount"]) == ("closed", PRICE)
    assert account == {"captured": "25.00", "kept": "8.30", "refunded": "16.70", "attention": "0.00", "missing": "0.00"}
    assert order["totals"]["refunded"]["amount"] == PRICE
    house.guest.mail_link(house.email, "/orders/", containing="4.20 USD for your return")


def test_a_refund_that_the_bank_takes_back_opens_its_return(house: House) -> None:
    bought, team, lead = delivered(house), house.staff("aftersales"), house.staff("lead")
    number = ask(bought.customer, bought, 1)["number"]
    authorize(team, number)
    step(team, number, "receipt", bought, 1, condition="received_ok")
    step(team, number, "inspection", bought, 1, outcome="accepted")
    wait_for(lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["status"] == "closed"))
    (refund,) = [r for r in lead.get("/v1/refunds", limit=100)["items"] if r["order_number"] == bought.number]

    house.guest.post(f"/sandbox/refunds/{refund['provider_reference']}/failure", {})
    owed = wait_for(lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["status"] == "refund_due"))
    again = wait_for(lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["status"] == "closed"))

    assert (owed["refund"]["settled"]["amount"], clocks(owed)["refund"]) == ("0.00", "running")
    assert (again["refund"]["settled"]["amount"], clocks(again)["refund"]) == (PRICE, "kept")
    order = bought.customer.get(f"/v1/orders/{bought.number}")
    assert [clock["kind"] for clock in order["commitments"]].count("refund") == 1


def test_goods_are_exchanged_and_come_back_for_money(house: House) -> None:
    bought, team = delivered(house), house.staff("aftersales")
    number = ask(bought.customer, bought, 1, outcome="exchange")["number"]
    authorize(team, number)
    step(team, number, "receipt", bought, 1, condition="received_ok")

    accepted = step(team, number, "inspection", bought, 1, outcome="accepted")

    again = next(unit for unit in accepted["units"])["exchange"]["shipment_number"]
    assert (accepted["status"], accepted["refund"]["claims"]) == ("exchange_due", [])
    house.guest.mail_link(house.email, "/orders/", containing="Nothing is paid back for it")
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    house._demo.hand_over(again, tracking := f"EX{number[4:8]}{number[9:13]}")
    scans = [("in_transit", "On its way", start), ("delivered", "Delivered", start + timedelta(minutes=1))]
    house.guest.easypost(tracking, f"evt_{tracking}", scans, easypost_secret())
    closed = wait_for(lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["status"] == "closed"))
    order = wait_for(
        lambda: found(bought.customer.get(f"/v1/orders/{bought.number}"), lambda o: o["status"] == "completed")
    )
    assert ([unit["outcome"] for unit in closed["units"]], order["refunds"]) == (["exchanged"], [])
    assert {each["number"]: each["status"] for each in order["shipments"]}[again] == "dispatched"
    assert order["account"]["kept"]["amount"] == "25.00"

    both = ask(bought.customer, bought, 2)["number"]
    authorize(team, both)
    step(team, both, "receipt", bought, 2, condition="received_ok")
    step(team, both, "inspection", bought, 2, outcome="accepted")
    paid = wait_for(lambda: found(team.get(f"/v1/returns/{both}"), lambda r: r["status"] == "closed"))
    assert paid["refund"]["settled"]["amount"] == "25.00"


def test_who_prefers_the_money_gets_it_and_no_parcel(house: House) -> None:
    bought, team = delivered(house), house.staff("aftersales")
    number = ask(bought.customer, bought, 1, outcome="exchange")["number"]
    authorize(team, number)
    step(team, number, "receipt", bought, 1, condition="received_ok")
    accepted = step(team, number, "inspection", bought, 1, outcome="accepted")
    again = accepted["units"][0]["exchange"]["shipment_number"]

    bought.customer.post(f"/v1/returns/{number}/outcome", {"outcome": "refund"})
    closed = wait_for(lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["status"] == "closed"))

    assert (closed["refund"]["settled"]["amount"], closed["units"][0]["exchange"]) == (PRICE, None)
    assert house.staff("warehouse").get(f"/v1/shipments/{again}")["status"] == "recalled"
    house.guest.mail_link(house.email, "/orders/", containing="we do not send the same goods again")


def test_what_the_shelf_does_not_have_is_paid_back(house: House) -> None:
    """Its stock is corrected at the pack station, and that is all that staff have to do."""
    bought, team = delivered(house), house.staff("aftersales")
    number = ask(bought.customer, bought, 1, outcome="exchange")["number"]
    authorize(team, number)
    step(team, number, "receipt", bought, 1, condition="received_ok")
    accepted = step(team, number, "inspection", bought, 1, outcome="accepted")
    again = accepted["units"][0]["exchange"]["shipment_number"]
    order = f"/v1/orders/{bought.number}"
    wait_for(lambda: again in [each["number"] for each in bought.customer.get(order)["shipments"]])
    admin, stock = house.staff("admin"), f"/v1/products/{bought.skus[0]}/stock"

    there = admin.get(stock)["on_hand"]
    admin.post(stock, {"delta": -there, "reason": "not on the shelf"})
    closed = wait_for(lambda: found(team.get(f"/v1/returns/{number}"), lambda r: r["status"] == "closed"))
    admin.post(stock, {"delta": there, "reason": "it was behind the shelf"})

    assert closed["refund"]["settled"]["amount"] == PRICE
    assert house.staff("warehouse").get(f"/v1/shipments/{again}")["status"] == "recalled"
    house.guest.mail_link(house.email, "/orders/", containing="we have none left")
