"""Every operation of the API: the name of its command, and what a request of it needs in order to work.

A documented example is sent as it stands, but for the things that it is about: numbers, SKUs, addresses, codes and
digests are replaced by those of things that were made for it.

    "POST /v1/orders/{}/payments": Known("start_payment", lambda house, _: about(house.placed_order()))

A new operation is added here, with its name. The names are those of the functions in generated clients: a name that
changes breaks their users.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyotp
import requests

from deploy.demo.client import Client, wait_for
from deploy.demo.story import easypost_secret
from gateway.settings import SANDBOX_SECRET
from services.common.basics.clock import rfc3339
from services.common.testing.authenticator import Authenticator
from tests.openapi.house import Bought, Case, House

Headers = Callable[[bytes], dict[str, str]]
AGENT, ADMIN = "agent@pledge.example", "admin"
NOWHERE = "http://127.0.0.1:9/hooks"


class Gaps(NamedTuple):
    """What stands in the places of an example: who asks, the thing in the path, values by the names of fields.

    A list of values is used up in order, and begun again at its end. headers: those that a signature needs.
    owner: whose thing it is, where staff ask. personal: the thing is of a person who was made for it.
    """

    who: Client
    thing: str = ""
    values: Mapping[str, Any] = {}
    headers: Headers | None = None
    owner: Client | None = None
    personal: bool = False


class Known(NamedTuple):
    """An operation: the name of its command; what makes, for an example's body, the things that it is about.

    tells: whether it says that there is no such thing.
    ends: whether it ends the token that it is sent with.
    """

    name: str
    prepare: Callable[[House, Any], Gaps]
    tells: bool = True
    ends: bool = False


def filled(example: Any, values: Mapping[str, Any]) -> Any:
    """Return the example with the values in their places. A field that the example does not have is not added."""
    return _filled(example, {name: _endless(value) for name, value in values.items()})


def _filled(example: Any, values: Mapping[str, Iterator[Any]]) -> Any:
    if isinstance(example, Mapping):
        return {
            name: next(values[name]) if name in values and not isinstance(inner, Mapping) else _filled(inner, values)
            for name, inner in example.items()
        }
    return [_filled(inner, values) for inner in example] if isinstance(example, list) else example


def _endless(value: Any) -> Iterator[Any]:
    while True:
        yield from value if isinstance(value, list) else [value]


# the customer of the request, and what it is about


def guest(house: House, _: Any) -> Gaps:
    return Gaps(house.guest)


def staff(role: str, **values: Any) -> Callable[[House, Any], Gaps]:
    return lambda house, _: Gaps(house.staff(role), values=values)


def about(thing: Bought | Case, who: Client | None = None, **values: Any) -> Gaps:
    """Return the gaps of the thing's customer, unless another client is named."""
    return Gaps(who or thing.customer, thing.number, values, owner=thing.customer)


def an_order_kept_back(house: House, _: Any) -> Gaps:
    bought, reviewer = house.confirmed_order(), house.staff("reviewer")
    reviewer.post(f"/v1/orders/{bought.number}/hold", {"reason": "fraud"})
    return about(bought, reviewer)


def a_form(house: House, _: Any) -> Gaps:
    token = house.guest.post("/v1/uploads/form", {})["form_token"]
    return Gaps(house.guest, headers=lambda _: {"Form-Token": token})


def a_file(house: House, _: Any) -> Gaps:
    sending = a_form(house, _)
    assert sending.headers is not None
    told = {**sending.headers(b""), "Content-Type": "text/plain"}
    sent = requests.post(f"{house.url}/v1/uploads", data=b"It is broken.", headers=told, timeout=30).json()["id"]
    asked = house.open_ticket(attachments=[sent])
    return Gaps(asked.customer, sent, owner=asked.customer)


def a_sent_order(house: House, _: Any) -> Gaps:
    bought = house.confirmed_order()
    number = house.shipment(bought.number)
    warehouse = house.staff("warehouse")
    parcels = [{"carrier": "usps", "tracking_number": f"94{uuid.uuid4().int % 10**18}"}]
    for step, body in (("sorted", {}), ("packed", {}), ("dispatched", {"parcels": parcels})):
        warehouse.post(f"/v1/shipments/{number}/{step}", body)
    wait_for(lambda: bought.customer.get(f"/v1/orders/{bought.number}")["shipments"][0]["dispatched_at"])
    return about(bought)


def a_repaid_order(house: House, _: Any) -> Gaps:
    bought = house.paid_order()
    bought.customer.post(f"/v1/orders/{bought.number}/cancellation", {})
    wait_for(lambda: bought.customer.get(f"/v1/orders/{bought.number}")["refunds"])
    return about(bought)


def a_credit_note(house: House, _: Any) -> Gaps:
    bought = a_repaid_order(house, _)
    found = f"/v1/orders/{bought.thing}/documents"
    notes = wait_for(lambda: [each for each in bought.who.get(found)["items"] if each["refund_id"]])
    return bought._replace(thing=f"{bought.thing} {notes[0]['refund_id']}")


def a_code(house: House, _: Any) -> Gaps:
    email = f"ada.{uuid.uuid4().hex[:8]}@example.com"  # how many codes an address is sent is limited
    code, asked = house.sign_in_code(email)
    left_out = {"one_time_password": None, "browser": None, "device": None}
    return Gaps(house.guest, values={"email": email, "code": code, "request": asked, **left_out})


def a_session(house: House, _: Any) -> Gaps:
    who, session = house.somebody()
    return Gaps(who, session["session_id"], {"refresh_token": session["refresh_token"]})


def a_second_factor(house: House, _: Any) -> Gaps:
    who, _session = house.somebody()
    begun = who.post("/v1/second-factor", {})
    return Gaps(who, values={"one_time_password": pyotp.TOTP(begun["secret"]).now()})


def a_begun_passkey(house: House, _: Any) -> Gaps:
    who, _session = house.somebody()
    return Gaps(who, values=Authenticator(house.url).make(who.post("/v1/second-factor/passkeys", {})))


def a_passkey(house: House, _: Any) -> Gaps:
    made = a_begun_passkey(house, _)
    found = made.who.post("/v1/second-factor/passkeys/confirmation", {"name": "My phone", **made.values})
    return Gaps(made.who, found["id"])


def a_privacy_request(house: House, _: Any) -> Gaps:
    who, session = house.somebody()
    known = house.guest.mails_known(session["email"])
    number = who.post("/v1/privacy/export", {})["number"]
    return Gaps(who, number, {"code": house.guest.mailed_code(session["email"], known)}, personal=True)


def a_copy_of_data(house: House, _: Any) -> Gaps:
    asked = a_privacy_request(house, _)
    asked.who.post(f"/v1/privacy/requests/{asked.thing}/confirmation", {"code": asked.values["code"]})
    email = asked.who.get("/v1/privacy/requests")["items"][0]["email"]
    link = house.guest.mail_link(email, "/v1/privacy/exports/", containing="copy of the data")
    return Gaps(house.guest, link.rpartition("/")[2])


def _new_slug() -> str:
    return f"an-article-{uuid.uuid4().hex[:8]}"


def an_article(house: House, role: str) -> Gaps:
    slug = _new_slug()
    text = {
        "title": "Which dye?",
        "summary": "Indigo.",
        "body": "It is indigo, and nothing else.",
        "topic": "materials",
    }
    house.staff("agent").put(f"/v1/knowledge/{slug}", text)
    house.staff("lead").post(f"/v1/knowledge/{slug}/publication", {})
    return Gaps(house.staff(role) if role else house.guest, slug)


def a_reply(house: House, _: Any) -> Gaps:
    made = house.staff("agent").put("/v1/replies", {"name": "A hint", "text": "Please hold the button for a while."})
    return Gaps(house.staff("agent"), made["id"], {"version": made["version"]})


def a_badly_rated_answer(house: House, _: Any) -> Gaps:
    case = house.resolved_ticket()
    case.customer.post(f"/v1/tickets/{case.number}/rating", {"score": 1})
    lead = house.staff("lead")
    found = lead.get("/v1/quality?reason=low_rating&state=open&limit=100")["items"]
    each = next(each for each in found if each["ticket_number"] == case.number)
    return Gaps(lead, each["id"], {"version": each["version"]})


def a_published_text(house: House, _: Any) -> Gaps:
    return Gaps(house.guest, f"{an_article(house, '').thing} 1")


def a_looked_into_question(house: House, _: Any, *, by: str = "agent") -> Gaps:
    """Have a question that cannot be answered at once looked into; its answer is drafted already."""
    wish = {
        "question": "How heavy is it when it is packed?",
        "known": "The maker is asked.",
        "draft": "It weighs half a pound, says its maker.",
    }
    found = house.staff("agent").post(f"/v1/tickets/{house.open_ticket().number}/verification", wish)
    return Gaps(house.staff(by), found["id"], {"version": found["version"]})


def a_suggestion(house: House, _: Any, *, by: str = "lead") -> Gaps:
    """Have a customer suggest something, and a lead show it on the board."""
    form = {"name": "Ada Lovelace", "email": house.email, "category": "suggestion"}
    written = {"subject": "Plugs", "message": "Name the plug, please."}
    number = house.guest.post("/v1/contact", {**form, **written})["ticket_number"]
    lead = house.staff("lead")
    found = next(each for each in lead.get("/v1/suggestions")["items"] if each["ticket_number"] == number)
    if by == "lead":
        return Gaps(lead, found["id"], {"version": found["version"], "status": "reviewed"})
    words = {"status": "reviewed", "title": "Name the plug", "text": "Pages name the plug.", "public": True}
    lead.post(f"/v1/suggestions/{found['id']}/move", words)
    return Gaps(house.customer(), found["id"])


def a_complaint(house: House, _: Any, *, by: str = "agent") -> Gaps:
    """Have a customer complain; and the complaint upheld, where the customer is who asks."""
    form = {"name": "Ada Lovelace", "email": house.email, "category": "complaint"}
    written = {"subject": "Too late", "message": "The parcel came a week too late."}
    number = house.guest.post("/v1/contact", {**form, **written})["ticket_number"]
    if by == "agent":
        return Gaps(house.staff("agent"), number, owner=house.customer())
    said = "The parcel waited in our warehouse. You were right to complain."
    for step in (
        {"step": "acknowledged", "message": "We have read what you wrote and look into it now."},
        {"step": "investigated", "findings": "It waited in the warehouse."},
        {"step": "decided", "decision": "upheld", "message": said, "cause": "late_delivery", "remedy": "apology"},
    ):
        house.staff("agent").post(f"/v1/tickets/{number}/complaint", step)
    return Gaps(house.customer(), number, owner=house.customer())


def a_colleague(house: House, _: Any) -> Gaps:
    return Gaps(house.staff(ADMIN), house.colleague(), {"version": 1})


def an_endpoint(house: House, _: Any) -> Gaps:
    """Have events sent to a port on which no program listens."""
    admin = house.staff(ADMIN)
    for each in admin.get("/v1/webhook-endpoints")["items"]:  # there are not to be too many
        admin.send("DELETE", f"/v1/webhook-endpoints/{each['id']}")
    wish = {"url": NOWHERE, "event_types": ["order_placed"]}
    made = admin.post("/v1/webhook-endpoints", wish)["endpoint"]
    return Gaps(admin, made["id"], {"url": NOWHERE, "version": made["version"]})


def a_key(house: House, _: Any) -> Gaps:
    """Make a key; those of before are ended: there are not to be too many."""
    admin = house.staff(ADMIN)
    for each in admin.get("/v1/api-keys")["items"]:
        if each["name"].startswith("made-"):
            admin.send("DELETE", f"/v1/api-keys/{each['id']}")
    made = admin.post("/v1/api-keys", {"name": f"made-{uuid.uuid4().hex[:8]}", "roles": ["agent"]})["key"]
    return Gaps(admin, made["id"], {"name": f"made-{uuid.uuid4().hex[:8]}"})


def a_delivery(house: House, _: Any) -> Gaps:
    endpoint = an_endpoint(house, _).thing
    house.placed_order()
    admin = house.staff(ADMIN)
    found = wait_for(lambda: admin.get("/v1/webhook-deliveries", endpoint_id=endpoint)["items"])
    return Gaps(admin, found[0]["id"])


def an_agent(house: House, _: Any) -> Gaps:
    return Gaps(house.staff("lead"), AGENT, {"status": "away", "back_at": None})


def a_team(house: House, role: str) -> Gaps:
    """Have a lead set up a team that takes nothing yet."""
    name = _new_slug()
    house.staff("lead").put(f"/v1/teams/{name}", {"categories": [], "members": [AGENT]})
    return Gaps(house.staff(role), name, {"categories": [[]], "version": None})


def a_link_of_an_order(house: House, _: Any) -> Gaps:
    bought = house.placed_order()
    links = wait_for(lambda: bought.customer.get(f"/v1/orders/{bought.number}/links")["items"])
    return Gaps(bought.customer, f"{bought.number} {links[0]['id']}")


def a_link_of_a_ticket(house: House, _: Any) -> Gaps:
    case = house.open_ticket()
    links = house.staff("agent").get(f"/v1/tickets/{case.number}/links")["items"]
    return Gaps(house.staff("agent"), f"{case.number} {links[0]['id']}")


def a_day_of_refunds(house: House, _: Any) -> Gaps:
    version = house.staff("lead").get("/v1/refunds/ceiling")["version"]
    return Gaps(house.staff(ADMIN), values={"version": version})


def a_product(house: House, _: Any) -> Gaps:
    sku = house.new_product()
    version = house.guest.get(f"/v1/products/{sku}")["version"]
    return Gaps(house.staff(ADMIN), sku, {"version": version, "matches": [[house.skus[0]]]})


def save_berlin(house: House) -> None:
    """Save the stock place of the examples, and wait until the warehouse knows it."""
    address = {"line1": "Hauptstraße 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    house.staff("lead").put("/v1/stock-places/berlin", {"name": "Berlin", **address})
    warehouse = house.staff("warehouse")
    wait_for(lambda: warehouse.send("GET", "/v1/pick-list?place=berlin").ok)


def pieces_to_move(house: House, _: Any) -> Gaps:
    save_berlin(house)
    return Gaps(house.staff("lead"), values={"sku": house.new_product()})


def a_place_to_pick_at(house: House, _: Any) -> Gaps:
    save_berlin(house)
    return Gaps(house.staff("warehouse"))


def new_code() -> str:
    return f"CODE-{uuid.uuid4().hex[:12].upper()}"


def a_discount(house: House, _: Any) -> Gaps:
    code = new_code()
    house.staff(ADMIN).put(f"/v1/discounts/{code}", {"percent": 10})
    return Gaps(house.staff("agent"), code)


def a_change(house: House, _: Any) -> Gaps:
    bought, change = house.proposed_change()
    return Gaps(bought.customer, change["id"], {"digest": change["digest"]})


def an_edit(house: House, body: Any) -> Gaps:
    bought = house.confirmed_order()
    wish = {name: value for name, value in filled(body, {"sku": bought.skus}).items() if name != "digest"}
    shown = bought.customer.post(f"/v1/orders/{bought.number}/edits/preview", wish)
    who = house.customer() if wish["kind"] == "address" else None
    return about(bought, who, sku=bought.skus, digest=shown["digest"])


def a_change_of_ours(house: House, _: Any) -> Gaps:
    return Gaps(house.staff("agent"), house.proposed_change()[1]["id"])


def an_order_to_change(house: House, _: Any) -> Gaps:
    bought = house.confirmed_order()
    return about(bought, house.staff("agent"), sku=bought.skus)


def a_lost_parcel(house: House, _: Any) -> Gaps:
    bought, question = house.lost_order()
    return about(bought, digest=question["digest"])


def a_silent_parcel(house: House, _: Any) -> Gaps:
    bought = house.dispatched_order()
    number = house.shipment(bought.number)
    values = {"shipment_number": number, "parcels": [[f"{number}-01"]], "sku": bought.skus}
    return about(bought, house.staff("agent"), **values)


def goods_of_a_lost_parcel(house: House, _: Any) -> Gaps:
    bought, question = house.lost_order()
    return Gaps(house.staff("warehouse"), question["id"], {"sku": bought.skus})


def a_shipment(house: House, number: str, **values: Any) -> Gaps:
    return Gaps(house.staff("warehouse"), number, values)


def a_photographed_box(house: House, _: Any) -> Gaps:
    team = house.staff("warehouse")
    told = {"Authorization": f"Bearer {team._token}", "Content-Type": "text/plain"}
    sent = requests.post(f"{house.url}/v1/uploads", data=b"As good as a photo.", headers=told, timeout=30).json()["id"]
    return a_shipment(house, house.packed_shipment(), photos=[[f"/v1/uploads/{sent}"]])


def a_packing_slip(house: House, _: Any) -> Gaps:
    return a_shipment(house, f"{house.queued_shipment()} packing-slip")


def address_labels(house: House, _: Any) -> Gaps:
    return a_shipment(house, "", numbers=[[house.queued_shipment()]])


def boxes_at_once(house: House, _: Any) -> Gaps:
    return a_shipment(house, "", numbers=[[house.queued_shipment()]])


def a_heavy_box(house: House, _: Any) -> Gaps:
    return a_shipment(house, house.packed_shipment(), gross_weight_g=100_000)


def a_box_with_an_offer(house: House, _: Any) -> Gaps:
    number = house.weighed_shipment()
    return a_shipment(house, number, offer=house.offer(number))


def a_label(house: House, _: Any) -> Gaps:
    return a_shipment(house, " ".join(house.label()))


def a_manifest(house: House, _: Any) -> Gaps:
    return Gaps(house.staff("warehouse"), house.manifest())


def costs_of_a_parcel(house: House, _: Any) -> Gaps:
    return Gaps(house.staff("lead"), house.dispatched_shipment())


def costs_to_decide(house: House, body: Any) -> Gaps:
    entered = isinstance(body, Mapping) and body.get("decision") == "enter"
    return Gaps(house.staff("lead"), house.queued_shipment() if entered else house.disputed_costs())


def a_row_that_waits(house: House, _: Any) -> Gaps:
    return Gaps(house.staff("lead"), house.held_row())


def a_scanned_unit(house: House, _: Any) -> Gaps:
    bought = house.confirmed_order()
    return a_shipment(house, house.shipment(bought.number), code=bought.skus[0])


def a_sent_parcel(house: House, **values: Any) -> Gaps:
    number = house.dispatched_shipment()
    return a_shipment(house, f"{number} {number}-01", **values)


def a_hand_over(house: House, _: Any) -> Gaps:
    return a_shipment(house, house.dispatched_shipment(), handed_over_at=rfc3339(datetime.now(UTC)))


def a_false_delivery(house: House, _: Any) -> Gaps:
    number = house.shipment(house.delivered_order().number)
    return a_shipment(house, f"{number} {number}-01")


def unmatched_scans(house: House, _: Any) -> Gaps:
    number = house.dispatched_shipment()
    return a_shipment(house, house.unmatched(), parcel_id=f"{number}-01")


def goods_to_return(house: House, _: Any) -> Gaps:
    bought = house.delivered_order()
    return Gaps(bought.customer, values={"order_number": bought.number, "sku": bought.skus})


def returned_goods(house: House, case: Case, role: str = "aftersales") -> Gaps:
    team = house.staff(role)
    units = team.get(f"/v1/returns/{case.number}")["units"]
    places = {name: [unit[name] for unit in units] for name in ("line_id", "unit")}
    return about(case, team, sku=house.skus, **places)


def news_for_a_return(house: House, body: Any) -> Gaps:
    is_sent = isinstance(body, Mapping) and "answer" not in body
    return about(house.authorized_return() if is_sent else house.questioned_return())


def a_question(house: House, _: Any) -> Gaps:
    return Gaps(house.guest, values={"order_number": house.placed_order().number, "sku": house.skus[0]})


def begun_conversation(house: House, _: Any) -> Gaps:
    return Gaps(house.staff("agent"), values={"order_number": house.placed_order().number, "sku": house.skus[0]})


def a_ticket(house: House, case: Case, role: str = "", **values: Any) -> Gaps:
    return about(case, house.staff(role) if role else None, **values)


def a_second_ticket(field: str) -> Callable[[House, Any], Gaps]:
    """Return what makes two tickets of one customer; the example names the second one in `field`."""
    return lambda house, _: a_ticket(house, house.open_ticket(), "agent", **{field: house.open_ticket().number})


def two_related_tickets(house: House, _: Any) -> Gaps:
    one, other = house.open_ticket(), house.open_ticket()
    house.staff("agent").post(f"/v1/tickets/{one.number}/related", {"other": other.number})
    return Gaps(house.staff("agent"), f"{one.number} {other.number}", owner=one.customer)


def a_merged_ticket(house: House, _: Any) -> Gaps:
    return a_ticket(house, house.merged_ticket(), "agent")


def a_longer_ticket(house: House, _: Any) -> Gaps:
    return a_ticket(house, house.longer_ticket(), "agent")


def a_ticket_in_a_list(house: House) -> Gaps:
    return Gaps(house.staff("agent"), values={"number": house.open_ticket().number})


def a_rating(house: House, _: Any) -> Gaps:
    number = house.resolved_ticket().number
    token = house.guest.mail_link(house.email, "/rating/", containing=f"/rating/rat_{number}.").rpartition("/")[2]
    return Gaps(house.guest, token, {"token": token})


def a_parcel(house: House, _: Any) -> Gaps:
    number = house.dispatch(house.confirmed_order().number)
    return Gaps(house.guest, "easypost", {"tracking_code": number}, signed_by_easypost)


def a_payment(house: House, _: Any) -> Gaps:
    payment = house.placed_order().order["payment"]
    return Gaps(house.guest, "sandbox", {"payment_id": payment["id"]}, signed_by_the_sandbox)


def a_part_payment(house: House, _: Any) -> Gaps:
    """Report half of an order as paid, so that a lead decides."""
    bought = house.placed_order()
    payment = report_payment(house, bought, "payment.captured", cents_of(bought) // 2)
    lead = house.staff("lead")
    case = wait_for(lambda: first_of(lead.get("/v1/payments/attention", limit=100), "payment_id", payment))
    return Gaps(lead, payment, {"decision": "send_back", "version": case["version"]})


def a_dispute(house: House, _: Any) -> Gaps:
    """Have the customer's bank dispute a payment of a confirmed order."""
    bought = house.confirmed_order()
    payment = report_payment(house, bought, "payment.disputed", cents_of(bought), id=f"dp.{bought.number}")
    lead = house.staff("lead")
    found = wait_for(lambda: first_of(lead.get("/v1/disputes", limit=100), "payment_id", payment))
    return Gaps(lead, found["id"], {"note": "sent by the bank's page", "version": found["version"]})


def a_refused_refund(house: House, _: Any) -> Gaps:
    """Report twice what an order costs as paid. The bank does not know that payment and does not refund it."""
    bought = house.placed_order()
    report_payment(house, bought, "payment.captured", 2 * cents_of(bought))
    refund = wait_for(lambda: bought.customer.get(f"/v1/orders/{bought.number}")["refunds"])[0]
    facts = {"refund_id": refund["id"], "amount_cents": 1, "currency": "USD", "reference": "b", "id": uuid.uuid4().hex}
    lead = house.staff("lead")

    def is_manual() -> Any:
        send_report(house, "refund.settled", facts)
        return first_of(lead.get("/v1/refunds", status="manual", limit=100), "id", refund["id"])

    found = wait_for(is_manual)
    return Gaps(lead, refund["id"], {"version": found["version"], "decision": "paid"})


def cents_of(bought: Bought) -> int:
    return int(bought.order["totals"]["total"]["amount"].replace(".", ""))


def first_of(page: Any, field: str, value: str) -> Any:
    return next((item for item in page["items"] if item[field] == value), None)


def report_payment(house: House, bought: Bought, kind: str, cents: int, **more: str) -> str:
    """Have a bank of our own report a payment of an order. Return the number of the payment."""
    payment = str(bought.order["payment"]["id"])
    facts = {"payment_id": payment, "amount_cents": cents, "currency": "USD", "reference": uuid.uuid4().hex}
    send_report(house, kind, facts | more)
    return payment


def send_report(house: House, kind: str, facts: Mapping[str, Any]) -> None:
    raw = json.dumps({"id": uuid.uuid4().hex, "type": kind, "created": 1, "data": facts}).encode()
    headers = {"Content-Type": "application/json", **signed_by_the_sandbox(raw)}
    requests.post(
        f"{house.guest.url}/v1/webhooks/payments/sandbox", raw, headers=headers, timeout=30
    ).raise_for_status()


def signed_by_easypost(raw: bytes) -> dict[str, str]:
    return {"X-Hmac-Signature": f"hmac-sha256-hex={_mac(unicodedata.normalize('NFKD', easypost_secret()), raw)}"}


def signed_by_the_sandbox(raw: bytes) -> dict[str, str]:
    seconds = int(time.time())
    return {"Sandbox-Signature": f"t={seconds},v1={_mac(SANDBOX_SECRET, f'{seconds}.'.encode() + raw)}"}


def _mac(secret: str, raw: bytes) -> str:
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


OPERATIONS: dict[str, Known] = {
    "POST /v1/sign-in": Known("request_sign_in", guest),
    "POST /v1/sign-in/verify": Known("verify_sign_in", a_code),
    "POST /v1/sign-in/refresh": Known("refresh_session", a_session),
    "POST /v1/sign-out": Known("sign_out", a_session, ends=True),
    "GET /v1/mail-choices": Known("get_mail_choices", staff("agent")),
    "PUT /v1/mail-choices": Known("choose_mails", staff("agent")),
    "GET /v1/sessions": Known("list_sessions", a_session),
    "DELETE /v1/sessions": Known("end_sessions", a_session, ends=True),
    "DELETE /v1/sessions/{}": Known("end_session", a_session, ends=True),
    "GET /v1/second-factor": Known("list_factors", a_session),
    "POST /v1/second-factor/passkeys": Known("begin_passkey", a_session),
    "POST /v1/second-factor/passkeys/confirmation": Known("confirm_passkey", a_begun_passkey),
    "DELETE /v1/second-factor/passkeys/{}": Known("remove_passkey", a_passkey),
    "POST /v1/second-factor": Known("begin_factor", a_session),
    "POST /v1/second-factor/confirmation": Known("confirm_factor", a_second_factor),
    # staff
    "GET /v1/webhook-endpoints": Known("list_webhook_endpoints", staff(ADMIN)),
    "POST /v1/webhook-endpoints": Known("add_webhook_endpoint", an_endpoint, tells=False),
    "PATCH /v1/webhook-endpoints/{}": Known("change_webhook_endpoint", an_endpoint),
    "DELETE /v1/webhook-endpoints/{}": Known("remove_webhook_endpoint", an_endpoint),
    "POST /v1/webhook-endpoints/{}/secret": Known("renew_webhook_secret", an_endpoint),
    "GET /v1/webhook-deliveries": Known("list_webhook_deliveries", staff(ADMIN)),
    "POST /v1/webhook-deliveries/{}/replay": Known("replay_webhook_delivery", a_delivery),
    "GET /v1/api-keys": Known("list_api_keys", staff(ADMIN)),
    "POST /v1/api-keys": Known("make_api_key", a_key, tells=False),
    "DELETE /v1/api-keys/{}": Known("end_api_key", a_key),
    "GET /v1/staff": Known("list_staff", staff(ADMIN)),
    "GET /v1/staff/reads": Known("list_reads", staff(ADMIN)),
    "GET /v1/staff/{}": Known("get_staff", a_colleague),
    "PUT /v1/staff/{}": Known("put_staff", a_colleague, tells=False),
    "DELETE /v1/staff/{}": Known("deactivate_staff", a_colleague),
    "DELETE /v1/staff/{}/second-factor": Known("reset_factor", a_colleague),
    # teams
    "GET /v1/staff/availability": Known("list_availability", staff("agent")),
    "GET /v1/staff/me/availability": Known("get_own_availability", staff("agent")),
    "PUT /v1/staff/me/availability": Known("put_own_availability", staff("lead", back_at=None)),
    "PUT /v1/staff/{}/availability": Known("put_availability", an_agent),
    "GET /v1/teams": Known("list_teams", staff("agent")),
    "GET /v1/teams/{}": Known("get_team", lambda house, _: a_team(house, "agent")),
    "PUT /v1/teams/{}": Known("put_team", lambda house, _: a_team(house, "lead"), tells=False),
    "DELETE /v1/teams/{}": Known("delete_team", lambda house, _: a_team(house, "lead")),
    "GET /v1/rules": Known("get_rules", staff("lead")),
    "PUT /v1/rules": Known("put_rules", lambda house, _: Gaps(house.staff("lead"), values={"version": None})),
    "POST /v1/rules/preview": Known("preview_rule", staff("lead", team=None)),
    "GET /v1/reports/workload": Known("report_workload", staff("lead")),
    "GET /v1/reports/workload/export": Known("export_workload", staff("lead")),
    "GET /v1/reports/carriers": Known("report_carriers", staff("warehouse", carrier=None, country=None)),
    "GET /v1/reports/carriers/export": Known("export_carriers", staff("lead", carrier=None, country=None)),
    "GET /v1/reports/satisfaction": Known("report_satisfaction", staff("lead", team=None)),
    "GET /v1/reports/satisfaction/export": Known("export_satisfaction", staff("lead", team=None)),
    "GET /v1/reports/times": Known("report_times", staff("lead", team=None)),
    "GET /v1/reports/times/export": Known("export_times", staff("lead", team=None)),
    "GET /v1/reports/rejections": Known("report_rejections", staff("lead", team=None)),
    "GET /v1/reports/rejections/export": Known("export_rejections", staff("lead", team=None)),
    "GET /v1/reports/deflection": Known("report_deflection", staff("lead")),
    "GET /v1/reports/deflection/export": Known("export_deflection", staff("lead")),
    "GET /v1/commitments/report/export": Known("export_commitments", staff("lead")),
    # ratings
    "GET /v1/ratings/{}": Known("get_rating_link", a_rating),
    "POST /v1/ratings": Known("rate_by_link", a_rating),
    # links
    "GET /v1/orders/{}/links": Known("list_order_links", lambda house, _: about(house.placed_order())),
    "DELETE /v1/orders/{}/links": Known("end_order_links", lambda house, _: about(house.placed_order()), ends=True),
    "DELETE /v1/orders/{}/links/{}": Known("end_order_link", a_link_of_an_order, ends=True),
    "GET /v1/tickets/{}/links": Known("list_ticket_links", lambda house, _: a_ticket(house, house.open_ticket())),
    "DELETE /v1/tickets/{}/links": Known(
        "end_ticket_links", lambda house, _: a_ticket(house, house.open_ticket()), ends=True
    ),
    "DELETE /v1/tickets/{}/links/{}": Known("end_ticket_link", a_link_of_a_ticket),
    # products
    "GET /v1/products": Known("list_products", guest),
    "GET /v1/products/{}": Known("get_product", lambda house, _: Gaps(house.guest, house.new_product())),
    "GET /v1/products/{}/stock": Known("get_stock", lambda house, _: Gaps(house.staff(ADMIN), house.skus[0])),
    "PUT /v1/products/{}": Known("put_product", a_product, tells=False),
    "POST /v1/products/{}/stock": Known("adjust_stock", a_product),
    "POST /v1/products/import": Known("import_products", staff(ADMIN)),
    "POST /v1/products/import/preview": Known("preview_import", staff(ADMIN)),
    # stock places
    "GET /v1/stock-places": Known("list_stock_places", staff("lead")),
    "PUT /v1/stock-places/{}": Known(
        "put_stock_place", lambda house, _: Gaps(house.staff("lead"), "main"), tells=False
    ),
    "POST /v1/stock-moves": Known("move_stock", pieces_to_move),
    # discounts
    "POST /v1/orders/quote": Known("quote_order", guest),
    "GET /v1/discounts": Known("list_discounts", staff("lead")),
    "GET /v1/discounts/{}": Known("get_discount", a_discount),
    "PUT /v1/discounts/{}": Known("put_discount", lambda house, _: Gaps(house.staff(ADMIN), new_code()), tells=False),
    # addresses
    "GET /v1/addresses": Known("list_destinations", guest),
    "GET /v1/addresses/{}": Known("get_address_form", lambda house, _: Gaps(house.guest, "DE")),
    "GET /v1/addresses/{}/delivery": Known("estimate_delivery", lambda house, _: Gaps(house.guest, "DE")),
    # orders
    "POST /v1/orders": Known("place_order", guest),
    "GET /v1/orders/export": Known("export_orders", staff("lead")),
    "GET /v1/orders": Known("list_orders", lambda house, _: Gaps(house.customer(), values={"email": house.email})),
    "GET /v1/orders/{}": Known("get_order", lambda house, _: about(house.placed_order())),
    "POST /v1/orders/{}/payments": Known("start_payment", lambda house, _: about(house.placed_order())),
    "POST /v1/orders/{}/release": Known(
        "release_hold", lambda house, _: about(house.placed_order(), house.staff("reviewer"))
    ),
    "GET /v1/holds": Known("list_holds", staff("agent")),
    "POST /v1/orders/{}/hold": Known(
        "hold_order", lambda house, _: about(house.confirmed_order(), house.staff("reviewer"))
    ),
    "DELETE /v1/orders/{}/hold": Known("release_order", an_order_kept_back),
    "POST /v1/orders/{}/cancellation": Known("cancel_order", lambda house, _: about(house.placed_order())),
    "GET /v1/orders/{}/timeline": Known("get_timeline", lambda house, _: about(house.placed_order())),
    "GET /v1/orders/{}/live": Known("follow_order", lambda house, _: about(house.placed_order())),
    "POST /v1/orders/{}/live/tickets": Known("open_stream_ticket", lambda house, _: about(house.placed_order())),
    "GET /v1/orders/{}/tracking": Known("get_tracking", lambda house, _: about(house.delivered_order())),
    "GET /v1/orders/{}/changes": Known("list_changes", lambda house, _: about(house.proposed_change()[0])),
    "POST /v1/orders/{}/changes": Known("propose_change", an_order_to_change),
    "POST /v1/orders/{}/edits/preview": Known("preview_edit", an_edit),
    "POST /v1/orders/{}/edits": Known("edit_order", an_edit),
    "DELETE /v1/changes/{}": Known("withdraw_change", a_change_of_ours),
    "POST /v1/changes/{}/answer": Known("answer_change", a_change),
    # parcels that do not arrive
    "GET /v1/remedies": Known("list_remedies", staff("agent")),
    "POST /v1/orders/{}/remedies": Known("open_remedy", a_silent_parcel),
    "POST /v1/orders/{}/remedy": Known("answer_remedy", a_lost_parcel),
    "POST /v1/remedies/{}/goods": Known("receive_goods", goods_of_a_lost_parcel),
    "GET /v1/reviews": Known("list_reviews", staff("reviewer")),
    "POST /v1/orders/{}/review": Known(
        "decide_review", lambda house, _: about(house.doubtful_order(), house.staff("reviewer"))
    ),
    # the ledger
    "GET /v1/orders/{}/payments": Known("get_payments", lambda house, _: about(house.placed_order())),
    "GET /v1/orders/{}/receipt.pdf": Known("print_receipt", lambda house, _: about(house.paid_order())),
    "GET /v1/orders/{}/shipping-confirmation.pdf": Known("print_shipping_confirmation", a_sent_order),
    "GET /v1/orders/{}/refund-confirmation.pdf": Known("print_refund_confirmation", a_repaid_order),
    "GET /v1/orders/{}/documents": Known("list_documents", lambda house, _: about(house.paid_order())),
    "GET /v1/orders/{}/refunds/{}/credit-note.pdf": Known("print_credit_note", a_credit_note),
    "GET /v1/ledger": Known("list_movements", staff("lead")),
    "GET /v1/ledger/export": Known("export_ledger", staff("lead")),
    "GET /v1/reports/ledger": Known("report_ledger", staff("lead")),
    # money that needs a person
    "GET /v1/payments/attention": Known("list_attention", staff("lead")),
    "POST /v1/payments/{}/settle": Known("settle_payment", a_part_payment),
    "GET /v1/disputes": Known("list_disputes", staff("lead")),
    "GET /v1/disputes/{}": Known("get_dispute", a_dispute),
    "POST /v1/disputes/{}/answer": Known("answer_dispute", a_dispute),
    "GET /v1/disputes/{}/evidence": Known("get_evidence", a_dispute),
    "GET /v1/disputes/{}/evidence.pdf": Known("get_evidence_pdf", a_dispute),
    "GET /v1/payments/books": Known("list_books", staff("lead"), tells=False),
    "POST /v1/payments/books/compare": Known("compare_books", staff("lead"), tells=False),
    "GET /v1/refunds": Known("list_refunds", staff("lead")),
    "GET /v1/refunds/ceiling": Known("get_refund_ceiling", staff("lead"), tells=False),
    "POST /v1/refunds/ceiling": Known("raise_refund_ceiling", a_day_of_refunds, tells=False),
    "POST /v1/refunds/{}/retry": Known("retry_refund", a_refused_refund),
    "POST /v1/refunds/{}/paid": Known("record_paid_refund", a_refused_refund),
    # shipments
    "GET /v1/shipments": Known(
        "list_shipments", lambda house, _: a_shipment(house, "", order_number=house.confirmed_order().number)
    ),
    "GET /v1/shipments/{}": Known("get_shipment", lambda house, _: a_shipment(house, house.queued_shipment())),
    "POST /v1/shipments/{}/sorted": Known("mark_sorted", lambda house, _: a_shipment(house, house.queued_shipment())),
    "POST /v1/shipments/{}/packed": Known("mark_packed", lambda house, _: a_shipment(house, house.sorted_shipment())),
    "POST /v1/shipments/{}/photos": Known("add_photos", a_photographed_box),
    "POST /v1/shipments/{}/dispatched": Known(
        "mark_dispatched",
        lambda house, _: a_shipment(house, house.packed_shipment(), tracking_number=house.tracking_number()),
    ),
    "POST /v1/shipments/batch": Known("batch_shipments", boxes_at_once, tells=False),
    "POST /v1/shipments/batch/dispatched/preview": Known("preview_hand_overs", staff("warehouse"), tells=False),
    "POST /v1/shipments/batch/dispatched": Known("upload_hand_overs", staff("warehouse"), tells=False),
    "PATCH /v1/shipments/{}/hand-over": Known("correct_hand_over", a_hand_over),
    "PATCH /v1/shipments/{}/parcels/{}": Known(
        "correct_parcel", lambda house, _: a_sent_parcel(house, tracking_number=house.tracking_number())
    ),
    "POST /v1/shipments/{}/parcels/{}/delivery": Known(
        "record_delivery", lambda house, _: a_sent_parcel(house, delivered_at=rfc3339(datetime.now(UTC)))
    ),
    "POST /v1/shipments/{}/parcels/{}/non-delivery": Known("deny_delivery", a_false_delivery),
    "GET /v1/scans/flaws": Known("list_flaws", lambda house, _: a_shipment(house, "")),
    "POST /v1/scans/upload": Known("upload_scans", lambda house, _: a_shipment(house, "")),
    "POST /v1/scans/reread": Known("reread_webhooks", staff("lead", tracking_number=None), tells=False),
    "GET /v1/scans/unmatched": Known("list_unmatched", lambda house, _: a_shipment(house, "")),
    "POST /v1/scans/unmatched/{}/attach": Known("attach_unmatched", unmatched_scans),
    "POST /v1/scans/unmatched/{}/dismiss": Known("dismiss_unmatched", unmatched_scans),
    # papers
    "GET /v1/pick-list": Known("get_pick_list", a_place_to_pick_at, tells=False),
    "GET /v1/pick-list.pdf": Known("print_pick_list", a_place_to_pick_at, tells=False),
    "GET /v1/shipments/{}/papers": Known("get_papers", lambda house, _: a_shipment(house, house.queued_shipment())),
    "GET /v1/shipments/{}/documents/{}.pdf": Known("print_papers", a_packing_slip),
    "POST /v1/shipments/documents": Known("print_many_papers", address_labels),
    "POST /v1/shipments/{}/weight": Known("weigh_shipment", a_heavy_box),
    "GET /v1/shipments/{}/unit": Known("read_unit", a_scanned_unit),
    "GET /v1/wares/{}": Known("get_ware", lambda house, _: a_shipment(house, house.skus[0]), tells=False),
    "PUT /v1/wares/{}": Known("put_ware", lambda house, _: a_shipment(house, house.skus[0], gtin=None), tells=False),
    # labels
    "POST /v1/shipments/{}/rates": Known("ask_rates", lambda house, _: a_shipment(house, house.weighed_shipment())),
    "POST /v1/shipments/{}/labels": Known("buy_label", a_box_with_an_offer),
    "GET /v1/shipments/{}/labels": Known("list_labels", lambda house, _: a_shipment(house, house.label()[0])),
    "GET /v1/shipments/{}/labels/{}.pdf": Known("print_label", a_label),
    "DELETE /v1/shipments/{}/labels/{}": Known("void_label", a_label),
    "POST /v1/manifests": Known("make_manifests", staff("warehouse"), tells=False),
    "GET /v1/manifests": Known("list_manifests", staff("warehouse"), tells=False),
    "GET /v1/manifests/{}.pdf": Known("print_manifest", a_manifest),
    "GET /v1/label-costs": Known("list_label_costs", staff("lead"), tells=False),
    "GET /v1/label-costs/report": Known("report_label_costs", staff("lead"), tells=False),
    "GET /v1/label-costs/export": Known("export_label_costs", staff("lead"), tells=False),
    # costs
    "GET /v1/shipments/{}/costs": Known("get_costs", costs_of_a_parcel),
    "POST /v1/shipments/{}/costs": Known("decide_costs", costs_to_decide),
    "GET /v1/costs": Known("list_costs", staff("lead"), tells=False),
    "POST /v1/costs/invoices/preview": Known("preview_invoice", staff("lead"), tells=False),
    "POST /v1/costs/invoices": Known("upload_invoice", staff("lead"), tells=False),
    "GET /v1/costs/invoice-rows": Known("list_invoice_rows", staff("lead"), tells=False),
    "POST /v1/costs/invoice-rows/{}": Known("settle_invoice_row", a_row_that_waits),
    "GET /v1/costs/report": Known("report_costs", staff("lead"), tells=False),
    "GET /v1/costs/report/export": Known("export_costs", staff("lead"), tells=False),
    # returns
    "POST /v1/returns": Known("request_return", goods_to_return),
    "GET /v1/returns": Known(
        "list_returns", lambda house, _: Gaps(house.customer(), values={"order_number": house.delivered_order().number})
    ),
    "GET /v1/returns/{}": Known("get_return", lambda house, _: about(house.open_return())),
    "POST /v1/returns/{}/review": Known(
        "review_return", lambda house, _: about(house.open_return(), house.staff("aftersales"))
    ),
    "POST /v1/returns/{}/info": Known("answer_info", news_for_a_return),
    "POST /v1/returns/{}/receipt": Known(
        "receive_return", lambda house, _: returned_goods(house, house.authorized_return())
    ),
    "POST /v1/returns/{}/inspection": Known(
        "inspect_return", lambda house, _: returned_goods(house, house.received_return())
    ),
    "POST /v1/returns/{}/second-look": Known(
        "take_second_look", lambda house, _: returned_goods(house, house.disputed_return(), "lead")
    ),
    "POST /v1/returns/{}/disposition": Known(
        "dispose_return", lambda house, _: returned_goods(house, house.accepted_return())
    ),
    "POST /v1/returns/{}/sent-back": Known(
        "send_back", lambda house, _: returned_goods(house, house.finally_rejected_return())
    ),
    "POST /v1/returns/{}/postage": Known("ask_postage", lambda house, _: about(house.received_return())),
    "POST /v1/returns/{}/postage/decision": Known(
        "decide_postage", lambda house, _: about(house.asked_postage(), house.staff("aftersales"))
    ),
    "POST /v1/returns/{}/appeal": Known("appeal_return", lambda house, _: about(house.rejected_return())),
    "POST /v1/returns/{}/outcome": Known("choose_refund", lambda house, _: about(house.open_return("exchange"))),
    "POST /v1/returns/{}/withdrawal": Known("withdraw_return", lambda house, _: about(house.open_return())),
    # tickets
    "POST /v1/contact": Known("open_ticket", a_question),
    "GET /v1/contact/answer-times": Known("list_answer_times", guest),
    "POST /v1/uploads/form": Known("begin_form", guest),
    "POST /v1/uploads": Known("send_upload", a_form, tells=False),
    "GET /v1/uploads/{}": Known("get_upload", a_file),
    "GET /v1/tickets": Known(
        "list_tickets",
        lambda house, _: Gaps(
            house.staff("agent"), values={"order_number": house.placed_order().number, "assignee": AGENT}
        ),
    ),
    "POST /v1/tickets": Known("begin_ticket", begun_conversation),
    "PATCH /v1/tickets/{}": Known("amend_ticket", lambda house, _: a_ticket(house, house.open_ticket(), "agent")),
    "GET /v1/tickets/{}/timeline": Known(
        "get_ticket_timeline", lambda house, _: a_ticket(house, house.answered_ticket(), "agent")
    ),
    "GET /v1/tickets/{}": Known("get_ticket", lambda house, _: a_ticket(house, house.answered_ticket())),
    "POST /v1/tickets/{}/messages": Known(
        "post_message", lambda house, _: a_ticket(house, house.open_ticket(), "agent")
    ),
    "PUT /v1/tickets/{}/draft": Known(
        "save_draft", lambda house, _: a_ticket(house, house.open_ticket(), "agent", version=None)
    ),
    "POST /v1/tickets/{}/assignment": Known(
        "assign_ticket", lambda house, _: a_ticket(house, house.open_ticket(), "agent", assignee=AGENT)
    ),
    "POST /v1/tickets/{}/resolution": Known(
        "resolve_ticket", lambda house, _: a_ticket(house, house.answered_ticket(), "lead")
    ),
    "POST /v1/tickets/{}/verification": Known(
        "verify_ticket", lambda house, _: a_ticket(house, house.open_ticket(), "agent")
    ),
    "GET /v1/complaints": Known("list_complaints", staff("agent")),
    "POST /v1/tickets/{}/complaint": Known("step_complaint", a_complaint),
    "POST /v1/tickets/{}/complaint/objection": Known(
        "object_to_decision", lambda house, _: a_complaint(house, _, by="customer")
    ),
    "GET /v1/reports/complaints": Known("report_complaints", staff("lead")),
    "GET /v1/reports/complaints/export": Known("export_complaints", staff("lead")),
    "GET /v1/suggestions": Known("list_suggestions", guest),
    "POST /v1/suggestions/{}/move": Known("move_suggestion", a_suggestion),
    "POST /v1/suggestions/{}/follow": Known(
        "follow_suggestion", lambda house, _: a_suggestion(house, _, by="customer")
    ),
    "GET /v1/verifications": Known("list_verifications", staff("agent")),
    "GET /v1/verifications/{}": Known("get_verification", a_looked_into_question),
    "PUT /v1/verifications/{}/draft": Known("draft_answer", a_looked_into_question),
    "POST /v1/verifications/{}/decision": Known(
        "decide_verification", lambda house, _: a_looked_into_question(house, _, by="lead")
    ),
    # canned replies
    "GET /v1/replies": Known("list_replies", staff("agent")),
    "PUT /v1/replies": Known("put_reply", staff("agent"), tells=False),
    "DELETE /v1/replies/{}": Known("delete_reply", a_reply),
    "POST /v1/replies/preview": Known(
        "preview_reply",
        lambda house, _: Gaps(house.staff("agent"), values={"ticket_number": house.open_ticket().number}),
    ),
    "GET /v1/quality": Known("list_quality", staff("lead")),
    "POST /v1/quality/{}": Known("review_answer", a_badly_rated_answer),
    "GET /v1/reports/quality": Known("report_quality", staff("lead")),
    # the help centre
    "GET /v1/knowledge": Known("list_articles", staff("agent")),
    "POST /v1/knowledge/preview": Known("preview_article", staff("agent")),
    "GET /v1/knowledge/{}": Known("get_article", lambda house, _: an_article(house, "")),
    "PUT /v1/knowledge/{}": Known("put_article", lambda house, _: Gaps(house.staff("agent"), _new_slug()), tells=False),
    "GET /v1/knowledge/{}/versions": Known("get_article_versions", lambda house, _: an_article(house, "agent")),
    "GET /v1/knowledge/{}/versions/{}": Known("get_article_at", a_published_text),
    "POST /v1/knowledge/{}/publication": Known("publish_article", lambda house, _: an_article(house, "lead")),
    "DELETE /v1/knowledge/{}/publication": Known("withdraw_article", lambda house, _: an_article(house, "lead")),
    "POST /v1/knowledge/{}/feedback": Known("give_feedback", lambda house, _: an_article(house, "")),
    "GET /v1/tickets/{}/article": Known(
        "propose_article", lambda house, _: a_ticket(house, house.resolved_ticket(), "agent")
    ),
    # a customer's own data
    "POST /v1/privacy/export": Known("request_export", a_session),
    "POST /v1/privacy/erasure": Known("request_erasure", a_session),
    "POST /v1/privacy/requests/{}/confirmation": Known("confirm_privacy_request", a_privacy_request),
    "GET /v1/privacy/requests": Known("list_privacy_requests", a_session),
    "GET /v1/privacy/exports/{}": Known("get_export", a_copy_of_data),
    "POST /v1/tickets/{}/reopening": Known("reopen_ticket", lambda house, _: a_ticket(house, house.resolved_ticket())),
    "POST /v1/tickets/{}/escalation": Known("escalate_ticket", lambda house, _: a_ticket(house, house.open_ticket())),
    "POST /v1/tickets/{}/closing": Known("close_ticket", lambda house, _: a_ticket(house, house.resolved_ticket())),
    "POST /v1/tickets/{}/spam": Known("mark_spam", lambda house, _: a_ticket(house, house.open_ticket(), "agent")),
    "POST /v1/tickets/{}/restoration": Known(
        "restore_ticket", lambda house, _: a_ticket(house, house.spam_ticket(), "agent")
    ),
    "POST /v1/tickets/{}/merge": Known("merge_ticket", a_second_ticket("into")),
    "POST /v1/tickets/{}/unmerge": Known("unmerge_ticket", a_merged_ticket),
    "POST /v1/tickets/{}/split": Known("split_ticket", a_longer_ticket),
    "POST /v1/tickets/{}/related": Known("relate_ticket", a_second_ticket("other")),
    "DELETE /v1/tickets/{}/related/{}": Known("unrelate_ticket", two_related_tickets),
    "POST /v1/tickets/batch": Known("batch_tickets", lambda house, _: a_ticket_in_a_list(house), tells=False),
    "POST /v1/tickets/{}/rating": Known("rate_ticket", lambda house, _: a_ticket(house, house.resolved_ticket())),
    "POST /v1/orders/{}/link": Known(
        "request_order_link", lambda house, _: about(house.placed_order(), house.guest, email=house.email), tells=False
    ),
    "POST /v1/tickets/{}/link": Known(
        "request_ticket_link", lambda house, _: about(house.open_ticket(), house.guest, email=house.email), tells=False
    ),
    # promises, proofs and machines
    "GET /v1/commitments": Known("list_commitments", staff("lead")),
    "GET /v1/commitments/breaches": Known("list_breaches", staff("lead")),
    "GET /v1/commitments/report": Known("report_commitments", staff("lead")),
    "GET /v1/reports/without-basis": Known("list_without_basis", staff("lead")),
    "GET /v1/reports/promises": Known("report_promises", guest),
    "GET /v1/operations/dead-letters": Known("list_dead_letters", staff(ADMIN)),
    "POST /v1/operations/dead-letters/{}": Known(
        "redrive_letters", lambda house, _: Gaps(house.staff(ADMIN), "orders"), tells=False
    ),
    "GET /v1/operations/upcoming": Known("list_upcoming", staff(ADMIN)),
    "GET /v1/operations/keys": Known("list_keys", staff(ADMIN)),
    "GET /v1/operations/mail-aside": Known("list_mail_aside", staff(ADMIN)),
    "GET /v1/operations/terms": Known("list_terms", staff(ADMIN)),
    "GET /v1/desk/stream": Known("follow_desk", staff("agent")),
    "PUT /v1/desk/viewing": Known("view_ticket", staff("agent"), tells=False),
    "GET /v1/journal/verification": Known("verify_journals", staff("lead")),
    "POST /v1/webhooks/carriers/{}": Known("receive_carrier_webhook", a_parcel),
    "POST /v1/webhooks/payments/{}": Known("receive_payment_webhook", a_payment),
    "GET /v1/health": Known("get_health", guest),
}
