"""Changes of an order without JavaScript: the customer's own edits, and what they answer to our proposals.

| address          | what is sent                                    | the API's operation              |
|------------------|-------------------------------------------------|----------------------------------|
| POST /plain/edit | token, number, kind, pieces or an address       | POST /v1/orders/{n}/edits/preview|
| POST /plain/edit | the same, with the digest of what was shown     | POST /v1/orders/{n}/edits        |
| POST /plain/edit | the same, with `send`: a code is wanted         | POST /v1/sign-in                 |
| POST /plain/edit | the same, with request and code                 | POST /v1/sign-in/verify, …/edits |
| POST /plain/change | token, number, change, digest, option         | POST /v1/changes/{id}/answer     |
| POST /plain/change | the same, with request and code               | POST /v1/sign-in/verify, …/answer|

A code is for who came by the order's link and wants another address: it goes to the order's mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from gateway.web.forms.forms import (
    admit_form,
    filled_in,
    form_key,
    order_page,
    page_of,
    problem_at,
    read_order,
    this_form,
)
from gateway.web.forms.inside import Answer, ask
from services.common.basics import ids
from services.common.basics.untyped import JsonDict
from services.common.language import N_

ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")
PIECES = "pieces-"
DONE = {
    "applied": N_("Your order is changed."),
    "accepted": N_("Your change is with the warehouse. An e-mail tells you whether it came in time."),
}
SECOND_FACTOR = N_("This address has a second factor: please sign in to your account (/account), and go on there.")
MADE_BEFORE = ("nothing_to_change", "change_open")  # the form was sent twice, and its code is used up since

blp = Blueprint("edits", __name__)
blp.before_request(admit_form)


@blp.post("/plain/edit")
def edit_order() -> Response:
    """Show what the edit means; with the digest of that, make it."""
    given = filled_in("token", "number", "digest", "send", "request", "code")
    token, number = given.get("token", ""), given.get("number", "")
    path = f"/v1/orders/{ids.fold_number(number, ids.ORDER) or '-'}/edits"
    if "digest" not in given:
        return _preview(given, path)
    if "send" in given:
        return _preview(given, path, ask("POST", "/v1/sign-in", {"email": _mailbox(token, number)}))
    made, proof = {**_wish(), "digest": given["digest"]}, ""
    if "request" in given:
        signed = _sign_in(given)
        if signed.refused:
            return _preview(given, path, signed)
        proof = signed.document["access_token"]
    answer = _ask_as(proof, token, path, made)
    return order_page(token, number, answer, DONE.get(answer.document.get("status", ""), ""), _tried(answer))


@blp.post("/plain/change")
def answer_change() -> Response:
    """Take the answer to a proposal. Another address wants the order's mailbox: mail a code, and ask for it."""
    given = filled_in("token", "number", "change", "digest", "option", "decision", "send", "request", "code")
    token, number, accepts = given.get("token", ""), given.get("number", ""), given.get("decision") != "decline"
    body: JsonDict = {"decision": "accept" if accepts else "decline", "digest": given.get("digest", "")}
    if accepts:
        if "option" not in given:
            return order_page(token, number, problem_at("option", N_("Please choose one.")))
        body["option"] = given["option"]
    proof = ""
    if "request" in given and "send" not in given:
        signed = _sign_in(given)
        if signed.refused:
            return _ask_for_code(given, signed)
        proof = signed.document["access_token"]
    path = f"/v1/changes/{ids.fold_number(given.get('change', ''), 'CHG') or '-'}/answer"
    answer = _ask_as(proof, token, path, body)
    if not proof and answer.document.get("code") == "mailbox_not_proven":
        return _ask_for_code(given, ask("POST", "/v1/sign-in", {"email": _mailbox(token, number)}))
    done = N_("We do as you decided.") if accepts else N_("Your order stays as it was.")
    return order_page(token, number, answer, done)


def _ask_for_code(given: Mapping[str, str], code: Answer) -> Response:
    """Ask for the code that was mailed, or again for one that was wrong, unless the change is answered meanwhile."""
    token, number = given.get("token", ""), given.get("number", "")
    order = read_order(token, number)
    changes = () if order.refused else order.document["changes"]
    waits = {each["id"]: each for each in changes if each["status"] == "awaiting_customer"}
    change = waits.get(ids.fold_number(given.get("change", ""), "CHG") or "-")
    if change is None:
        return order_page(token, number)
    asked = given.get("request", "") if code.refused else str(code.document["request"])
    sent = {name: given.get(name, "") for name in ("token", "number", "change", "digest", "option")}
    label = next((each["label"] for each in change["options"] if each["option"] == given.get("option")), "")
    return page_of("change", code, document=order.document, token=token, sent=sent, asked=asked, label=label)


def _sign_in(given: Mapping[str, str]) -> Answer:
    """Sign in as who reads the order's mail, with the code that was mailed there."""
    email = _mailbox(given.get("token", ""), given.get("number", ""))
    code = {"email": email, "request": given.get("request", ""), "code": given.get("code", "")}
    signed = ask("POST", "/v1/sign-in/verify", {**code, "browser": this_form(email)})
    if signed.document.get("code") == "second_factor_required":
        return Answer(signed.status, {**signed.document, "detail": SECOND_FACTOR})
    return signed


def _ask_as(proof: str, token: str, path: str, body: JsonDict) -> Answer:
    """Ask with what was proven by a code, else by the link. Such a sign-in is for this alone."""
    answer = ask("POST", path, body, token=proof or token, key=form_key())
    if proof:
        ask("POST", "/v1/sign-out", {}, token=proof)
    return answer


def _preview(given: Mapping[str, str], path: str, code: Answer | None = None) -> Response:
    """Show what the edit means. code: how a code for it was sent, or what was wrong with the one that was typed."""
    token = given.get("token", "")
    shown = ask("POST", f"{path}/preview", _wish(), token=token)
    if code is not None and code.refused and shown.document.get("code") in MADE_BEFORE:
        return order_page(token, given.get("number", ""))
    if shown.refused:
        return order_page(token, given.get("number", ""), shown, tried=_tried(shown))
    sent = {name: text for name, text in request.form.items() if name == "kind" or name in ADDRESS or _sku(name)}
    asked = given.get("request", "") if code is None or code.refused else str(code.document["request"])
    return page_of("edit", code or shown, document=shown.document, token=token, sent=sent, asked=asked)


def _mailbox(token: str, number: str) -> str:
    """Return the address of the order, for who may see it."""
    order = read_order(token, number)
    return "" if order.refused else str(order.document["contact"]["email"])


def _tried(answer: Answer) -> JsonDict:
    """Return what was typed, and by field what is wrong with it, unless it was taken."""
    if not answer.refused:
        return {}
    wrong = {_field(each["field"]): each["message"] for each in answer.document.get("errors", [])}
    return {"kind": request.form.get("kind", ""), "typed": request.form.to_dict(), "wrong": wrong}


def _field(path: str) -> str:
    """Return the control that a path of the API means: "delivery.city" is city, "lines.1.quantity" the second one's."""
    parts = path.split(".")
    skus = [name for name in request.form if _sku(name)]
    place = int(parts[1]) if parts[0] == "lines" and len(parts) > 1 and parts[1].isdecimal() else -1
    return skus[place] if 0 <= place < len(skus) else parts[-1]


def _wish() -> JsonDict:
    """Return the edit as the API takes it. What is no number goes on as it is, and is refused there."""
    if request.form.get("kind") == "address":
        return {"kind": "address", "delivery": {name: request.form.get(name, "").strip() for name in ADDRESS}}
    typed = {_sku(name): text.strip() for name, text in request.form.items() if _sku(name)}
    return {"kind": "lines", "lines": [{"sku": sku, "quantity": _number(text)} for sku, text in typed.items()]}


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else text


def _sku(name: str) -> str:
    return name.removeprefix(PIECES) if name.startswith(PIECES) else ""
